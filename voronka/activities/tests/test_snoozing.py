"""A reminder is put off: it comes again, once, unless there is nothing left to be reminded of."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.world import World
from voronka.activities.actions import complete_activity, plan_activity
from voronka.activities.jobs import remind
from voronka.activities.snoozing import snooze, tomorrow_morning
from voronka.core import clock
from voronka.core.errors import Forbidden, Refused
from voronka.desk.models import Notice
from voronka.desk.notices import notify, unread_count
from voronka.playbook.models import ActivityKind

# Friday, 15:00 in Moscow.
NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def reminded(world: World, funnel: Any) -> Any:
    """A call of which Anna has just been reminded."""
    with clock.frozen(NOW):
        call = plan_activity(
            actor=world.anna,
            kind=ActivityKind.objects.get(channel="call"),
            due_at=NOW + 30 * MINUTE,
            remind_at=NOW,
        )
        remind()
    return call


def test_it_comes_again_at_the_new_time_and_only_once(world: World, reminded: Any) -> None:
    line = Notice.objects.get()
    due = reminded.due_at
    with clock.frozen(NOW + MINUTE):
        snooze(line, actor=world.anna, until=NOW + 61 * MINUTE)
        assert (remind(), unread_count(world.anna)) == (0, 0)
    with clock.frozen(NOW + 60 * MINUTE):
        assert remind() == 0
    for minutes in (61, 62, 63):
        with clock.frozen(NOW + minutes * MINUTE):
            remind()

    assert (Notice.objects.count(), unread_count(world.anna)) == (2, 1)
    reminded.refresh_from_db()
    assert reminded.due_at == due, "the call itself stays where it was planned"
    line.refresh_from_db()
    assert line.reacted_at is not None


def test_what_is_done_meanwhile_does_not_come_back(world: World, reminded: Any) -> None:
    with clock.frozen(NOW + MINUTE):
        snooze(Notice.objects.get(), actor=world.anna, until=NOW + 20 * MINUTE)
        complete_activity(reminded, actor=world.anna)
    with clock.frozen(NOW + 21 * MINUTE):
        assert remind() == 0
    with clock.frozen(NOW + 22 * MINUTE), pytest.raises(Refused):
        snooze(Notice.objects.get(), actor=world.anna, until=NOW + 40 * MINUTE)


@pytest.mark.parametrize("minutes", [-1, 0, 60 * 24 * 91])
def test_a_moment_past_or_far_ahead_is_refused(world: World, reminded: Any, minutes: int) -> None:
    with clock.frozen(NOW), pytest.raises(Refused):
        snooze(Notice.objects.get(), actor=world.anna, until=NOW + minutes * MINUTE)
    reminded.refresh_from_db()
    assert (reminded.remind_at, Notice.objects.get().read_at) == (NOW, None)


def test_only_ones_own_reminders_of_activities_are_put_off(world: World, reminded: Any) -> None:
    notify(world.anna, kind="deal", text="x", key="deal", url="deal:1")
    with clock.frozen(NOW):
        with pytest.raises(Forbidden):
            snooze(Notice.objects.get(kind="reminder"), actor=world.boris, until=NOW + MINUTE)
        with pytest.raises(Refused):
            snooze(Notice.objects.get(kind="deal"), actor=world.anna, until=NOW + MINUTE)


def test_the_morning_is_that_of_the_next_working_day(world: World) -> None:
    with clock.frozen(NOW):
        assert tomorrow_morning(NOW) == dt.datetime(2026, 11, 23, 6, tzinfo=dt.UTC)
