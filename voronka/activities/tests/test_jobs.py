"""Reminders and notices: each comes once, to the right person, in that person's language."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.world import World, make_company
from voronka.activities.actions import cancel_activity, complete_activity, plan_activity, reschedule_activity
from voronka.activities.jobs import check_summaries, remind
from voronka.core import clock
from voronka.core.jobs import in_every_workspace
from voronka.core.tenancy import scope
from voronka.deals.actions import assign_deal, create_deal
from voronka.deals.models import Deal
from voronka.desk.models import Notice
from voronka.playbook.models import ActivityKind

NOW = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def call(world: World, funnel: Any) -> Any:
    with clock.frozen(NOW):
        return plan_activity(
            actor=world.anna,
            kind=ActivityKind.objects.get(channel="call"),
            subject="Обсудить КП",
            company=make_company(world.anna),
            due_at=NOW + 2 * HOUR,
            remind_at=NOW + HOUR,
        )


def texts() -> list[str]:
    return list(Notice.objects.order_by("id").values_list("text", flat=True))


def test_a_reminder_comes_once_at_its_time(world: World, call: Any) -> None:
    with clock.frozen(NOW):
        assert remind() == 0
    for minute in range(3):
        with clock.frozen(NOW + HOUR + dt.timedelta(minutes=minute)):
            remind()

    notice = Notice.objects.get()
    assert (notice.member, notice.kind, notice.url) == (world.anna, "reminder", f"activity:{call.pk}")
    assert "14:00" in notice.text
    assert "Звонок: Обсудить КП · ООО «Логист-Центр»" in notice.text


def test_put_off_it_comes_again_done_or_cancelled_never(world: World, call: Any, funnel: Any) -> None:
    with clock.frozen(NOW + HOUR):
        remind()
        reschedule_activity(call, actor=world.anna, due_at=NOW + 5 * HOUR)
        done, cancelled = (
            plan_activity(
                actor=world.anna,
                kind=call.kind,
                due_at=NOW + 5 * HOUR,
                remind_at=NOW + 4 * HOUR,
            )
            for _each in range(2)
        )
        complete_activity(done, actor=world.anna)
        cancel_activity(cancelled, actor=world.anna)
    with clock.frozen(NOW + 4 * HOUR):
        assert remind() == 1
    assert len(texts()) == 2
    with clock.frozen(NOW + 40 * HOUR):
        assert remind() == 0


def test_every_workspace_is_served_and_none_sees_another(world: World, stranger: World, call: Any) -> None:
    with clock.frozen(NOW + HOUR):
        assert in_every_workspace(remind) == 0

    assert len(texts()) == 1
    with scope(stranger.workspace):
        assert texts() == []


def test_one_failing_workspace_does_not_stop_the_others(world: World, stranger: World) -> None:
    seen: list[int] = []

    def work() -> None:
        from voronka.core.tenancy import require_workspace_id

        seen.append(require_workspace_id())
        if len(seen) == 1:
            raise ValueError("broken")

    assert in_every_workspace(work) == 1
    assert sorted(seen) == sorted([world.workspace.pk, stranger.workspace.pk])


def test_the_nightly_check_says_what_it_mended(world: World, call: Any, caplog: Any) -> None:
    assert check_summaries() == {"deal": 0, "company": 0, "person": 0}
    assert not caplog.records
    type(call.company).objects.update(next_activity_at=None)

    assert check_summaries()["company"] == 1
    assert "mended" in caplog.text


def test_what_others_give_to_me_rings_and_what_i_do_myself_does_not(world: World, funnel: Any) -> None:
    own = create_deal(actor=world.anna, title="Моя", funnel=funnel)
    given = create_deal(actor=world.north_head, title="Подарок", funnel=funnel, owner=world.anna)
    assign_deal(own, actor=world.north_head, owner=world.boris)
    plan_activity(
        actor=world.north_head,
        kind=ActivityKind.objects.get(channel="call"),
        due_at=NOW,
        deal=Deal.objects.get(pk=given.pk),
        owner=world.anna,
    )

    rows = Notice.objects.order_by("id").values_list("member_id", "url")
    assert [(member, url.split(":")[0]) for member, url in rows] == [
        (world.anna.pk, "deal"),
        (world.boris.pk, "deal"),
        (world.anna.pk, "activity"),
    ]
    assert "Подарок" in texts()[0]
    assert "Моя" in texts()[1]
