"""The morning letter: once a working day, at the member's hour, with what was held back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core import mail

from tests.world import World, make_company
from voronka.activities.actions import plan_activity
from voronka.core import clock
from voronka.desk.delivery.channels import BELL
from voronka.desk.delivery.digest import send_digests
from voronka.desk.delivery.models import Delivery, DeliveryState
from voronka.desk.delivery.sending import deliver
from voronka.desk.delivery.wishes import choose_notices
from voronka.desk.notices import notify
from voronka.playbook.models import ActivityKind
from voronka.workspaces.models import Member, User, Workspace

# Friday, nine in Moscow.
NINE = dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def only_anna(world: World) -> None:
    """The others wish no letter."""
    for member in Member.objects.exclude(pk=world.anna.pk):
        wish(member, None)


def wish(member: Member, at: dt.time | None, letters: int = 10) -> None:
    choose_notices(
        actor=member,
        wanted={BELL: ["deal"], "mail": ["deal"]},
        quiet=None,
        digest_at=at,
        most_letters=letters,
    )


@pytest.fixture
def call(world: World, funnel: Any) -> Any:
    with clock.frozen(NINE - 2 * DAY):
        return plan_activity(
            actor=world.anna,
            kind=ActivityKind.objects.get(channel="call"),
            subject="Обсудить КП",
            company=make_company(world.anna, "ООО «Вкус & Цвет»"),
            due_at=NINE + dt.timedelta(hours=3),
        )


def sent(moment: dt.datetime) -> int:
    with clock.frozen(moment):
        return send_digests()


def test_it_comes_once_after_its_hour_with_links(world: World, call: Any, settings: Any) -> None:
    settings.BASE_URL = "https://crm.example"
    wish(world.anna, dt.time(9, 0))

    assert [sent(NINE + dt.timedelta(minutes=m)) for m in (-1, 0, 1, 60)] == [0, 1, 0, 0]

    (letter,) = mail.outbox
    assert letter.to == [world.anna.user.email]
    assert letter.subject == "Ваш день, 20 ноября 2026 г."
    assert "12:00 Звонок: Обсудить КП · ООО «Вкус & Цвет»" in letter.body.replace(": З", " З")
    assert f"https://crm.example/w/{world.slug}/activities/{call.pk}/" in letter.body
    (html, kind) = letter.alternatives[0]
    assert (kind, "Вкус &amp; Цвет" in html) == ("text/html", True)
    assert Delivery.objects.get(kind="digest").state == DeliveryState.SENT


def test_it_speaks_the_members_language_and_keeps_the_members_clock(world: World, call: Any) -> None:
    User.objects.filter(pk=world.anna.user_id).update(language="en", time_zone="Asia/Vladivostok")
    world.anna.refresh_from_db()
    wish(world.anna, dt.time(16, 0))

    # 16:00 in Vladivostok is nine in Moscow.
    assert (sent(NINE - dt.timedelta(minutes=1)), sent(NINE)) == (0, 1)
    assert mail.outbox[0].subject.startswith("Your day")
    assert "Overdue" not in mail.outbox[0].body


@pytest.mark.parametrize(
    "moment",
    [NINE + DAY, dt.datetime(2026, 11, 4, 6, tzinfo=dt.UTC), NINE + dt.timedelta(hours=6)],
    ids=["saturday", "holiday", "too late"],
)
def test_no_letter_on_days_off_nor_in_the_evening(world: World, call: Any, moment: dt.datetime) -> None:
    wish(world.anna, dt.time(9, 0))
    call.due_at = moment
    call.save(update_fields=["due_at"])

    assert (sent(moment), mail.outbox) == (0, [])


def test_nothing_to_say_is_no_letter(world: World, funnel: Any) -> None:
    wish(world.anna, dt.time(9, 0))

    assert (sent(NINE), mail.outbox) == (0, [])


def test_what_was_above_the_cap_comes_with_it(world: World, funnel: Any) -> None:
    wish(world.anna, dt.time(9, 0), letters=1)
    for number in range(3):
        with clock.frozen(NINE - DAY + dt.timedelta(minutes=number)):
            notify(world.anna, kind="deal", text=f"Сделка {number} ваша", key=f"{number}")
            deliver()
    assert len(mail.outbox) == 1
    assert sent(NINE) == 1

    body = mail.outbox[1].body
    assert ("Сделка 0" in body, "Сделка 1" in body, "Сделка 2" in body) == (False, True, True)
    assert not Delivery.objects.filter(state=DeliveryState.HELD).exists()


def test_a_demo_company_writes_to_nobody(world: World, call: Any) -> None:
    wish(world.anna, dt.time(9, 0))
    Workspace.objects.filter(pk=world.workspace.pk).update(is_demo=True)

    assert (sent(NINE), mail.outbox) == (0, [])


def test_a_dead_mail_is_in_the_log_and_not_tried_all_morning(
    world: World, call: Any, monkeypatch: Any
) -> None:
    wish(world.anna, dt.time(9, 0))

    def broken(*_args: Any, **_more: Any) -> None:
        raise OSError("no disk")

    with monkeypatch.context() as patch:
        patch.setattr("voronka.ui.notices.letters.EmailMultiAlternatives.send", broken)
        assert sent(NINE) == 0
    assert (Delivery.objects.get(kind="digest").state, sent(NINE + dt.timedelta(minutes=5))) == ("failed", 0)
