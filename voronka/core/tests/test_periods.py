"""Periods: half-open inside, both days on the screen; the previous one is of the same sort."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from voronka.core.periods import PRESETS, Period, add_months, preset

DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2100, 12, 31))
TODAY = dt.date(2026, 11, 22)


def day(text: Any) -> Any:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("code", "first", "last"),
    [
        ("this_month", "2026-11-01", "2026-11-30"),
        ("last_month", "2026-10-01", "2026-10-31"),
        ("this_quarter", "2026-10-01", "2026-12-31"),
        ("last_quarter", "2026-07-01", "2026-09-30"),
        ("this_year", "2026-01-01", "2026-12-31"),
        ("last_year", "2025-01-01", "2025-12-31"),
        ("last_30", "2026-10-24", "2026-11-22"),
        ("last_90", "2026-08-25", "2026-11-22"),
        ("last_12_months", "2025-11-23", "2026-11-22"),
    ],
)
def test_a_word_names_its_days(code: Any, first: Any, last: Any) -> None:
    assert preset(code, TODAY) == Period(day(first), day(last))


def test_an_unknown_word_names_nothing() -> None:
    assert preset("someday", TODAY) is None


def test_the_period_begins_and_ends_at_midnight_here() -> None:
    with timezone.override(ZoneInfo("Asia/Yekaterinburg")):
        period = Period(TODAY, TODAY)
        assert period.start == dt.datetime(2026, 11, 21, 19, tzinfo=dt.UTC)
        assert period.end - period.start == dt.timedelta(days=1)


@given(st.sampled_from(PRESETS), DAYS)
def test_the_previous_period_ends_where_this_one_begins(known: Any, today: Any) -> None:
    period = known.of(today)
    before = period.previous()
    assert before.last == period.first - dt.timedelta(days=1)
    if period.first.day == 1 and not known.code.startswith("last_3"):
        assert before.first.day == 1 or before.days == period.days


def test_whole_months_are_compared_with_whole_months() -> None:
    assert Period(day("2026-03-01"), day("2026-03-31")).previous() == Period(
        day("2026-02-01"), day("2026-02-28")
    )
    assert Period(day("2024-02-01"), day("2024-02-29")).year_before() == Period(
        day("2023-02-01"), day("2023-02-28")
    )
    assert Period(day("2026-03-02"), day("2026-03-08")).previous() == Period(
        day("2026-02-23"), day("2026-03-01")
    )


def test_a_period_cannot_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="ends before"):
        Period(TODAY, TODAY - dt.timedelta(days=1))


@given(DAYS, st.integers(-200, 200))
def test_moving_by_months_keeps_the_day_or_the_end_of_the_month(start: Any, months: Any) -> None:
    moved = add_months(start, months)
    assert (moved.year * 12 + moved.month) - (start.year * 12 + start.month) == months
    assert moved.day == start.day or (moved.day < start.day and (moved + dt.timedelta(days=1)).day == 1)


def test_both_days_are_shown() -> None:
    with translation.override("ru"):
        assert (
            Period(day("2026-07-01"), day("2026-09-30")).label().replace("\u00a0", " ")
            == "1 июл. – 30 сент. 2026"
        )
        assert (
            Period(day("2025-12-01"), day("2026-01-31")).label().replace("\u00a0", " ")
            == "1 дек. 2025 – 31 янв. 2026"
        )
        assert Period(TODAY, TODAY).label().replace("\u00a0", " ") == "22 нояб. 2026"
