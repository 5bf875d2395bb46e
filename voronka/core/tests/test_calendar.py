"""Working days: weekends, New Year, days moved by decree; counts and steps agree."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from voronka.core.calendar import (
    ManyWorkingDays,
    add_working_days,
    days_off,
    is_working_day,
    last_decreed_year,
    working_days_between,
)

DAYS = st.dates(dt.date(2015, 1, 1), dt.date(2035, 12, 31))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (dt.date(2026, 11, 20), True),  # a Friday
        (dt.date(2026, 11, 22), False),  # a Sunday
        (dt.date(2026, 11, 4), False),  # Unity Day
        (dt.date(2026, 1, 9), False),  # moved from a Saturday
        (dt.date(2025, 11, 1), True),  # a working Saturday
    ],
)
def test_it_knows_the_production_calendar(day: dt.date, works: bool) -> None:
    assert is_working_day(day) is works


def test_november_2026_has_twenty_working_days() -> None:
    # 21 days from Monday to Friday, less 4 November.
    assert working_days_between(dt.date(2026, 11, 1), dt.date(2026, 12, 1)) == 20


def test_three_working_days_after_thursday_is_tuesday() -> None:
    assert add_working_days(dt.date(2026, 11, 19), 3) == dt.date(2026, 11, 24)
    assert add_working_days(dt.date(2026, 11, 24), -3) == dt.date(2026, 11, 19)
    assert add_working_days(dt.date(2026, 11, 21), 0) == dt.date(2026, 11, 23)


def test_days_off_are_told_by_name() -> None:
    with translation.override("ru"):
        found = days_off(dt.date(2026, 11, 2), dt.date(2026, 11, 8))
    assert found == {
        dt.date(2026, 11, 4): "День народного единства",
        dt.date(2026, 11, 7): "",
        dt.date(2026, 11, 8): "",
    }
    with translation.override("en"):
        assert days_off(dt.date(2026, 11, 4), dt.date(2026, 11, 4)) == {dt.date(2026, 11, 4): "Unity Day"}
    assert last_decreed_year() >= 2027


@settings(max_examples=60, deadline=None)
@given(DAYS, st.integers(0, 120))
def test_a_step_forward_counts_as_many_days(day: dt.date, count: int) -> None:
    arrived = add_working_days(day, count)

    assert is_working_day(arrived)
    start = day if is_working_day(day) else day + dt.timedelta(days=1)
    # From a day off, the first working day after it is already the first step.
    expected = count if is_working_day(day) or count == 0 else count - 1
    assert working_days_between(start, arrived) == expected


@settings(max_examples=60, deadline=None)
@given(DAYS, DAYS, DAYS)
def test_counts_add_up(a: dt.date, b: dt.date, c: dt.date) -> None:
    assert working_days_between(a, b) + working_days_between(b, c) == working_days_between(a, c)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(DAYS, DAYS, st.integers(0, 60)), min_size=1, max_size=20))
def test_many_days_at_once_count_as_one_by_one(rows: list[tuple[dt.date, dt.date, int]]) -> None:
    many = ManyWorkingDays(2015, 2036)
    first, end = (np.array(column, dtype="datetime64[D]") for column in list(zip(*rows, strict=True))[:2])
    counts = np.array([row[2] for row in rows])

    assert many.between(first, end).tolist() == [working_days_between(a, b) for a, b, _ in rows]
    assert many.add(first, counts).tolist() == [add_working_days(a, n) for a, _, n in rows]
