"""Working days by the Russian production calendar: weekends, holidays, days off and weekends moved by decree.

Days are calendar days of the active time zone. Years far ahead, for which no decree exists yet, follow the rule.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from functools import lru_cache

import holidays
from django.utils import timezone

# The holidays package knows the decrees back to about here; nothing of ours is older.
FIRST_YEAR, LAST_YEAR = 2000, 2100


@lru_cache(maxsize=256)
def _working_days(year: int) -> list[dt.date]:
    """The working days of *year*, in order."""
    calendar = holidays.country_holidays("RU", years=year)
    first = dt.date(year, 1, 1)
    days = (first + dt.timedelta(days=n) for n in range((dt.date(year + 1, 1, 1) - first).days))
    return [day for day in days if calendar.is_working_day(day)]


@lru_cache(maxsize=256)
def _before_year(year: int) -> int:
    """How many working days precede *year*, counted from `FIRST_YEAR`."""
    return 0 if year <= FIRST_YEAR else _before_year(year - 1) + len(_working_days(year - 1))


def _ordinal(day: dt.date) -> int:
    """How many working days precede *day*."""
    year = min(max(day.year, FIRST_YEAR), LAST_YEAR)
    return _before_year(year) + bisect_left(_working_days(year), day)


def is_working_day(day: dt.date) -> bool:
    """Whether people work on *day*."""
    days = _working_days(day.year)
    place = bisect_left(days, day)
    return place < len(days) and days[place] == day


def working_days_between(first: dt.date, end: dt.date) -> int:
    """The number of working days in `[first, end)`; negative when *end* comes first."""
    return _ordinal(end) - _ordinal(first)


def add_working_days(day: dt.date, count: int) -> dt.date:
    """The working day that comes *count* working days after *day* (before it, if negative).

    Zero gives *day* itself, or the next working day when nobody works then.
    """
    step = dt.timedelta(days=1 if count >= 0 else -1)
    left = abs(count)
    while left or not is_working_day(day):
        day += step
        if is_working_day(day) and left:
            left -= 1
    return day


def working_days_since(moment: dt.datetime, *, until: dt.date) -> int:
    """Full working days that have passed on *until* since the day of *moment*: 0 on that day, 1 on the next one."""
    return max(0, working_days_between(timezone.localdate(moment), until))
