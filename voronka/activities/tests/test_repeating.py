"""Repeated activities: when they come again, how the rule is changed and ends."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.world import World, make_company
from voronka.activities.actions import (
    cancel_activity,
    complete_activity,
    edit_activity,
    plan_activity,
    reopen_activity,
)
from voronka.activities.models import Activity, Series, Unit
from voronka.activities.repeating import (
    edit_with_following,
    make_next_of_past,
    repeat_activity,
    stop_repeating,
)
from voronka.activities.series import day_of, due_of, next_after
from voronka.core import clock
from voronka.core.errors import Forbidden, Refused
from voronka.deals.actions import create_deal, delete_deal
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.playbook.models import ActivityKind

# A Friday, noon in Moscow.
NOW = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
HOUR, DAY, WEEK = dt.timedelta(hours=1), dt.timedelta(days=1), dt.timedelta(weeks=1)


@pytest.fixture(autouse=True)
def _on_one_day() -> Any:
    with clock.frozen(NOW):
        yield


def kind(channel: str = "call") -> ActivityKind:
    return ActivityKind.objects.get(channel=channel)


def planned(world: World, **fields: Any) -> Activity:
    values = {"due_at": NOW + HOUR, "subject": "Узнать об оплате", **fields}
    return plan_activity(actor=world.anna, kind=kind(), **values)


def open_ones() -> list[Activity]:
    return list(Activity.objects.planned().order_by("due_at"))


def series(start: dt.date, unit: str, every: int = 1, **fields: Any) -> Series:
    given = {"at": dt.time(10), "zone": "Europe/Moscow", **fields}
    return Series(start=start, unit=unit, every=every, **given)


def test_the_next_is_made_when_the_former_is_done(world: World, funnel: Any) -> None:
    company = make_company(world.anna)
    row = planned(world, company=company, minutes=40, remind_at=NOW + HOUR / 2)
    repeat_activity(row, actor=world.anna, unit=Unit.WEEK, every=2)

    complete_activity(row, actor=world.anna, result="Оплатят")

    (following,) = open_ones()
    assert following.due_at == row.due_at + 2 * WEEK
    assert (following.subject, following.minutes, following.company) == ("Узнать об оплате", 40, company)
    assert following.remind_at == following.due_at - HOUR / 2
    company.refresh_from_db()
    assert company.next_activity_at == following.due_at
    events = Event.objects.filter(type="activity.planned", payload__activity=following.pk)
    assert events.get().cause.type == "activity.done"


def test_taking_back_the_result_takes_back_the_next(world: World, funnel: Any) -> None:
    row = planned(world)
    repeat_activity(row, actor=world.anna, unit=Unit.DAY)
    complete_activity(row, actor=world.anna)

    undo(Event.objects.get(type="activity.done"), actor=world.anna)

    assert open_ones() == [row]
    complete_activity(row, actor=world.anna)
    assert len(open_ones()) == 1


def test_done_again_does_not_come_twice(world: World, funnel: Any) -> None:
    row = planned(world)
    repeat_activity(row, actor=world.anna, unit=Unit.DAY)
    complete_activity(row, actor=world.anna)
    reopen_activity(row, actor=world.anna)
    complete_activity(row, actor=world.anna)

    assert len(open_ones()) == 1


def test_the_next_comes_when_the_time_of_the_former_has_passed(world: World, funnel: Any) -> None:
    row = planned(world)
    repeat_activity(row, actor=world.anna, unit=Unit.WEEK)
    assert make_next_of_past() == 0

    with clock.frozen(NOW + 2 * HOUR):
        assert make_next_of_past() == 1
        assert make_next_of_past() == 0
    assert [one.due_at for one in open_ones()] == [row.due_at, row.due_at + WEEK]


def test_what_was_missed_is_not_made_up_for(world: World, funnel: Any) -> None:
    row = planned(world)
    repeat_activity(row, actor=world.anna, unit=Unit.DAY)

    with clock.frozen(NOW + 10 * DAY):
        complete_activity(row, actor=world.anna)

    assert [one.due_at for one in open_ones()] == [row.due_at + 10 * DAY]


def test_it_ends_after_so_many_times_or_by_its_day(world: World, funnel: Any) -> None:
    for rule in ({"times": 3}, {"until": dt.date(2026, 11, 22)}):
        row = planned(world)
        repeat_activity(row, actor=world.anna, unit=Unit.DAY, **rule)
        for _time in range(3):
            (row,) = open_ones()
            with clock.frozen(row.due_at):
                complete_activity(row, actor=world.anna)
        assert open_ones() == []


def test_called_off_alone_it_comes_the_next_time(world: World, funnel: Any) -> None:
    row = planned(world)
    repeat_activity(row, actor=world.anna, unit=Unit.DAY)

    cancel_activity(row, actor=world.anna)

    assert [one.due_at for one in open_ones()] == [row.due_at + DAY]


def test_with_its_deal_gone_it_comes_no_more(world: World, funnel: Any) -> None:
    deal = create_deal(actor=world.anna, title="Стеллажи", funnel=funnel)
    row = planned(world, deal=deal)
    repeat_activity(row, actor=world.anna, unit=Unit.DAY)

    delete_deal(deal, actor=world.head)

    assert open_ones() == []
    assert Series.objects.get().ended_at is not None


def test_a_repeated_call_is_itself_the_next_step(world: World, funnel: Any) -> None:
    deal = create_deal(actor=world.anna, title="Стеллажи", funnel=funnel)
    row = planned(world, deal=deal)
    repeat_activity(row, actor=world.anna, unit=Unit.DAY, times=2)

    complete_activity(row, actor=world.anna)

    (last,) = open_ones()
    with clock.frozen(last.due_at), pytest.raises(Refused, match=r"следующий шаг|next step"):
        complete_activity(last, actor=world.anna)


def test_one_is_changed_alone_or_with_those_that_follow(world: World, funnel: Any) -> None:
    row = planned(world)
    repeat_activity(row, actor=world.anna, unit=Unit.WEEK)
    edit_activity(row, actor=world.anna, changes={"subject": "Только сейчас", "due_at": NOW + 2 * HOUR})
    complete_activity(row, actor=world.anna)
    (following,) = open_ones()
    assert following.subject == "Узнать об оплате"
    assert following.due_at == NOW + HOUR + WEEK

    changes = {"subject": "Сверка", "due_at": following.due_at + DAY, "minutes": 50}
    edit_with_following(following, actor=world.anna, changes=changes)
    complete_activity(following, actor=world.anna)

    (third,) = open_ones()
    assert (third.subject, third.minutes) == ("Сверка", 50)
    assert third.due_at == NOW + HOUR + 2 * WEEK + DAY


def test_a_new_rule_takes_the_place_of_the_former(world: World, funnel: Any) -> None:
    row = planned(world)
    repeat_activity(row, actor=world.anna, unit=Unit.DAY)
    with clock.frozen(NOW + 2 * HOUR):
        make_next_of_past()
        repeat_activity(row, actor=world.anna, unit=Unit.MONTH)
        assert [one.pk for one in open_ones()] == [row.pk]
        make_next_of_past()
    assert [one.due_at for one in open_ones()] == [row.due_at, NOW.replace(month=12) + HOUR]


def test_stopping_is_told_and_taken_back(world: World, funnel: Any) -> None:
    row = planned(world)
    repeat_activity(row, actor=world.anna, unit=Unit.DAY)
    assert stop_repeating(row, actor=world.anna)
    assert not stop_repeating(row, actor=world.anna)
    undo(Event.objects.latest("id"), actor=world.anna)
    row.refresh_from_db()
    assert row.series.ended_at is None
    undo(Event.objects.get(type="activity.repeats"), actor=world.anna)

    row.refresh_from_db()
    assert row.series is None
    complete_activity(row, actor=world.anna)
    assert open_ones() == []


@pytest.mark.parametrize(
    "rule",
    [
        {"unit": "year"},
        {"unit": "day", "every": 0},
        {"unit": "month", "every": 37},
        {"unit": "day", "times": 1},
        {"unit": "day", "until": dt.date(2026, 11, 20)},
    ],
)
def test_an_impossible_rule_is_refused(world: World, funnel: Any, rule: dict[str, Any]) -> None:
    row = planned(world)
    count = Event.objects.count()

    with pytest.raises(Refused):
        repeat_activity(row, actor=world.anna, **rule)

    assert Event.objects.count() == count
    assert not Series.objects.exists()


def test_what_is_done_and_what_is_others_does_not_repeat(world: World, funnel: Any) -> None:
    row = planned(world)
    with pytest.raises(Forbidden):
        repeat_activity(row, actor=world.boris, unit=Unit.DAY)
    complete_activity(row, actor=world.anna)
    with pytest.raises(Refused):
        repeat_activity(row, actor=world.anna, unit=Unit.DAY)
    assert not Series.objects.exists()


def test_the_hour_stands_on_both_sides_of_a_change_of_clocks() -> None:
    """Berlin leaves 02:30 of 29 March 2026 out and has 02:30 of 25 October twice."""
    berlin = ZoneInfo("Europe/Berlin")
    rule = series(dt.date(2026, 3, 28), Unit.DAY, at=dt.time(10), zone="Europe/Berlin")
    assert [due_of(rule, n).astimezone(berlin).hour for n in range(3)] == [10, 10, 10]
    assert due_of(rule, 1) - due_of(rule, 0) == 23 * HOUR

    night = series(dt.date(2026, 3, 28), Unit.DAY, at=dt.time(2, 30), zone="Europe/Berlin")
    assert [f"{due_of(night, n).astimezone(berlin):%H:%M}" for n in range(3)] == ["02:30", "03:30", "02:30"]
    autumn = series(dt.date(2026, 10, 24), Unit.DAY, at=dt.time(2, 30), zone="Europe/Berlin")
    moments = [due_of(autumn, n) for n in range(3)]
    assert [moment.hour for moment in moments] == [0, 0, 1]
    assert len(set(moments)) == 3


def test_the_31st_comes_back_after_a_short_month() -> None:
    rule = series(dt.date(2027, 1, 31), Unit.MONTH)

    assert [day_of(rule, n).day for n in range(4)] == [31, 28, 31, 30]


@settings(max_examples=60, deadline=None)
@given(
    st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)),
    st.sampled_from(Unit.values),
    st.integers(1, 36),
    st.integers(0, 400),
)
def test_the_next_is_always_ahead_and_never_skips_one_ahead(
    start: dt.date, unit: str, every: int, days: int
) -> None:
    rule = series(start, unit, every)
    now = due_of(rule, 0) + days * DAY

    number = next_after(rule, 0, now)

    assert number is not None
    assert due_of(rule, number) >= now
    assert number == 1 or due_of(rule, number - 1) < now


def test_one_moved_to_the_day_of_the_next_is_followed_on_a_later_day(world: World, funnel: Any) -> None:
    row = planned(world)
    repeat_activity(row, actor=world.anna, unit=Unit.WEEK)
    edit_activity(row, actor=world.anna, changes={"due_at": row.due_at + WEEK - HOUR})

    complete_activity(row, actor=world.anna, result="Оплатят")

    assert [one.due_at for one in open_ones()] == [NOW + HOUR + 2 * WEEK]
