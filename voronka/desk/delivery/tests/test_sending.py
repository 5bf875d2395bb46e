"""Notices on their way: once, by the ways that are wished, not at night, and none forgotten after a failure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.world import World
from voronka.core import clock
from voronka.core.errors import Refused
from voronka.core.tenancy import scope
from voronka.desk.delivery import channels as ways
from voronka.desk.delivery.channels import BELL, Channel, register
from voronka.desk.delivery.kinds import ASKING, KINDS
from voronka.desk.delivery.models import Delivery, DeliveryState
from voronka.desk.delivery.sending import Line, deliver, forget_old, tell
from voronka.desk.delivery.wishes import choose_notices, settings_of, switch_off
from voronka.desk.models import Notice
from voronka.desk.notices import mark_read, newest, notify, unread_count
from voronka.workspaces.models import Member

# A Friday, 14:00 in Moscow.
NOW = dt.datetime(2026, 11, 20, 11, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


class Pigeon(Channel):
    """Another way, as a room above would add it."""

    code = "pigeon"
    label = "Pigeons"

    def __init__(self) -> None:
        self.flown: list[tuple[Member, list[str], str]] = []
        self.is_ill = False

    def deliver(self, member: Member, deliveries: Sequence[Delivery], *, letter: str) -> DeliveryState:
        if self.is_ill:
            raise OSError("the pigeon is ill")
        self.flown.append((member, [row.notice.text for row in deliveries], letter))
        return DeliveryState.SENT


@pytest.fixture
def pigeon(monkeypatch: Any) -> Pigeon:
    monkeypatch.setattr(ways, "_channels", {BELL: ways.Bell()})
    bird = Pigeon()
    register(bird)
    return bird


def wish(member: Member, **other: Any) -> None:
    choose_notices(
        actor=member,
        **{
            "wanted": {BELL: [*KINDS, *ASKING], "pigeon": ["deal", "mention"]},
            "quiet": None,
            "digest_at": None,
            "most_letters": 3,
            **other,
        },
    )


def states() -> list[tuple[str, str]]:
    return list(Delivery.objects.order_by("id").values_list("channel", "state"))


def test_a_notice_goes_by_every_way_that_is_wished_and_once(world: World, pigeon: Pigeon) -> None:
    wish(world.anna)
    for _again in range(2):
        notify(world.anna, kind="deal", text="Сделка ваша", key="event:1")
        notify(world.anna, kind="limit", text="Стоит", key="event:2")
        notify(world.boris, kind="deal", text="Сделка ваша", key="event:1")
        deliver()

    assert [(member.pk, texts) for member, texts, _letter in pigeon.flown] == [
        (world.anna.pk, ["Сделка ваша"])
    ]
    assert sorted(states()) == [(BELL, "sent")] * 3 + [("pigeon", "sent")]
    assert Notice.objects.count() == 3


def test_what_is_wished_by_letter_only_does_not_ring(world: World, pigeon: Pigeon) -> None:
    wish(world.anna, wanted={BELL: [], "pigeon": ["deal"]})
    notify(world.anna, kind="deal", text="Сделка", key="1")
    notify(world.anna, kind="list", text="Готово", key="2")
    notify(world.anna, kind="mention", text="Вас упомянули", key="3")
    deliver()

    assert (unread_count(world.anna), [line.text for line in newest(world.anna)]) == (1, ["Вас упомянули"])
    assert [texts for _member, texts, _letter in pigeon.flown] == [["Сделка"]]


def test_a_hundred_lines_of_one_moment_are_one_letter_and_few_statements(
    world: World, pigeon: Pigeon
) -> None:
    wish(world.anna)

    def statements(count: int, start: int) -> int:
        lines = [Line(world.anna, "deal", f"Сделка {n}", f"{n}") for n in range(start, start + count)]
        with CaptureQueriesContext(
            connection,
        ) as asked:
            tell(lines)
            deliver()
        return len(asked)

    statements(1, 1000)
    assert statements(5, 0) == statements(100, 5)
    assert [len(texts) for _member, texts, _letter in pigeon.flown] == [1, 5, 100]


def test_quiet_hours_hold_letters_and_not_the_bell(world: World, pigeon: Pigeon) -> None:
    wish(world.anna, quiet=(dt.time(13, 0), dt.time(9, 0)))
    with clock.frozen(NOW):
        notify(world.anna, kind="deal", text="Ночью", key="1")
        assert deliver() == 0
        assert unread_count(world.anna) == 1
    # The next day at nine in Moscow.
    assert Delivery.objects.get(channel="pigeon").due_at == dt.datetime(2026, 11, 21, 6, tzinfo=dt.UTC)
    with clock.frozen(dt.datetime(2026, 11, 21, 5, 59, tzinfo=dt.UTC)):
        assert deliver() == 0
    with clock.frozen(dt.datetime(2026, 11, 21, 6, tzinfo=dt.UTC)):
        assert deliver() == 1
    assert len(pigeon.flown) == 1


def test_hours_made_quiet_later_hold_what_waits_already(world: World, pigeon: Pigeon) -> None:
    wish(world.anna)
    with clock.frozen(NOW):
        notify(world.anna, kind="deal", text="x", key="1")
        wish(world.anna, quiet=(dt.time(13, 0), dt.time(15, 0)))
        deliver()
        assert (pigeon.flown, states()[-1]) == ([], ("pigeon", "waiting"))
    with clock.frozen(NOW + HOUR):
        deliver()
    assert len(pigeon.flown) == 1


def test_what_was_read_in_the_bell_needs_no_letter(world: World, pigeon: Pigeon) -> None:
    wish(world.anna)
    notify(world.anna, kind="deal", text="x", key="1")
    mark_read(world.anna)
    deliver()

    assert (pigeon.flown, states()[-1]) == ([], ("pigeon", "needless"))


def test_above_the_daily_cap_the_rest_is_held_till_tomorrow(world: World, pigeon: Pigeon) -> None:
    wish(world.anna, most_letters=2)
    for number in range(4):
        with clock.frozen(NOW + number * dt.timedelta(minutes=1)):
            notify(world.anna, kind="deal", text=f"{number}", key=f"{number}")
            deliver()

    assert len(pigeon.flown) == 2
    assert [state for channel, state in states() if channel == "pigeon"] == ["sent", "sent", "held", "held"]
    with clock.frozen(NOW + 24 * HOUR):
        notify(world.anna, kind="deal", text="завтра", key="tomorrow")
        deliver()
    assert pigeon.flown[-1][1] == ["завтра"]


def test_a_failure_is_logged_tried_again_and_given_up_at_last(world: World, pigeon: Pigeon) -> None:
    wish(world.anna)
    pigeon.is_ill = True
    with clock.frozen(NOW):
        notify(world.anna, kind="deal", text="x", key="1")
        deliver()
        assert deliver() == 0, "not before the pause is over"
    row = Delivery.objects.get(channel="pigeon")
    assert (row.state, row.attempts, row.error) == ("waiting", 1, "the pigeon is ill")

    for hours in range(1, 8):
        with clock.frozen(NOW + 3 * hours * HOUR):
            deliver()
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("failed", 5)
    assert unread_count(world.anna) == 1


def test_one_failing_member_does_not_hold_up_another(world: World, pigeon: Pigeon, monkeypatch: Any) -> None:
    for member in (world.anna, world.boris):
        wish(member)
        notify(member, kind="deal", text=member.name, key="1")
    deliver_well = pigeon.deliver

    def deliver_some(member: Member, rows: Any, *, letter: str) -> DeliveryState:
        if member == world.anna:
            raise OSError("no such roof")
        return deliver_well(member, rows, letter=letter)

    monkeypatch.setattr(pigeon, "deliver", deliver_some)
    deliver()

    assert [member for member, _texts, _letter in pigeon.flown] == [world.boris]


def test_a_former_member_gets_what_waited_no_more(world: World, pigeon: Pigeon) -> None:
    wish(world.anna)
    notify(world.anna, kind="deal", text="x", key="1")
    Member.objects.filter(pk=world.anna.pk).update(status="former")
    deliver()

    assert (pigeon.flown, states()[-1]) == ([], ("pigeon", "needless"))


def test_another_company_is_told_in_its_own_turn(world: World, stranger: World, pigeon: Pigeon) -> None:
    with scope(stranger.workspace):
        wish(stranger.anna)
        notify(stranger.anna, kind="deal", text="чужое", key="1")
    assert deliver() == 0
    with scope(stranger.workspace):
        assert deliver() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"most_letters": 101},
        {"most_letters": -1},
        {"quiet": (dt.time(9, 0), dt.time(9, 0))},
    ],
)
def test_wishes_that_cannot_be_are_refused(world: World, wrong: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        wish(world.anna, **wrong)
    assert settings_of(world.anna).pk is None


def test_what_asks_for_an_answer_is_not_switched_off(world: World) -> None:
    with pytest.raises(Refused):
        switch_off("approval", actor=world.anna)


def test_a_code_belongs_to_one_channel(pigeon: Pigeon) -> None:
    class Impostor(Pigeon):
        pass

    with pytest.raises(ValueError, match="Pigeon"):
        register(Impostor())


def test_the_log_is_kept_for_three_months(world: World) -> None:
    for days in (0, 91):
        with clock.frozen(NOW - dt.timedelta(days=days)):
            notify(world.anna, kind="deal", text="x", key=f"{days}")
    with clock.frozen(NOW):
        assert forget_old() == 1
    assert [row.key for row in Delivery.objects.all()] == ["0"]
