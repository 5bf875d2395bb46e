"""Working days by the Russian production calendar: weekends, holidays, days off and weekends moved by decree.

Days are calendar days of the active time zone. Years far ahead, for which no decree exists yet, follow the rule.
Inside a workspace its own days come first (`OwnDays`, read once in a scope); `besides` are the days off of the one
who is to do it.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import holidays
import numpy as np
from django.utils import timezone
from django.utils.translation import get_language
from holidays.countries.russia import RussiaStaticHolidays

from voronka.core.tenancy import current_workspace_id, kept_in_scope

# The holidays package knows the decrees back to about here; nothing of ours is older.
FIRST_YEAR, LAST_YEAR = 2000, 2100
# The holidays of article 112 of the Labour Code; the working day just before one is an hour shorter (article 95).
_HOLIDAYS = frozenset([*((1, day) for day in range(1, 9)), (2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)])


@dataclass(frozen=True)
class OwnDays:
    """What a company has decided otherwise: days off by name, days on which it works, short days."""

    off: dict[dt.date, str]
    working: frozenset[dt.date] = frozenset()
    short: frozenset[dt.date] = frozenset()


NONE_OF_ITS_OWN = OwnDays({})
_readers: list[Callable[[], OwnDays]] = []
_KEPT = "own_days"


def register_own_days(reader: Callable[[], OwnDays]) -> None:
    """Say who knows the own days of the current workspace; the latest word holds."""
    _readers[:] = [reader]


def forget_own_days() -> None:
    """The company has just changed them."""
    kept_in_scope().pop(_KEPT, None)


def _own() -> OwnDays:
    if current_workspace_id() is None or not _readers:
        return NONE_OF_ITS_OWN
    kept = kept_in_scope()
    if _KEPT not in kept:
        kept[_KEPT] = _readers[0]()
    own: OwnDays = kept[_KEPT]
    return own


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
    """How many working days precede *day* by the general calendar."""
    year = min(max(day.year, FIRST_YEAR), LAST_YEAR)
    return _before_year(year) + bisect_left(_working_days(year), day)


def _works_generally(day: dt.date) -> bool:
    days = _working_days(day.year)
    place = bisect_left(days, day)
    return place < len(days) and days[place] == day


@lru_cache(maxsize=16)
def _named(year: int, language: str) -> dict[dt.date, str]:
    """The holidays of *year* by name in the language of people."""
    calendar = holidays.country_holidays("RU", years=year, language="ru" if language == "ru" else "en_US")
    return dict(calendar.items())


def last_decreed_year() -> int:
    """The last year whose moved weekends are known: a decree comes in the autumn before."""
    return max(RussiaStaticHolidays.special_public_holidays)


def days_off(first: dt.date, last: dt.date) -> dict[dt.date, str]:
    """The days from *first* to *last*, both included, on which nobody works; an ordinary weekend has no name."""
    language, own = (get_language() or "")[:2], _own().off
    found = {}
    for shift in range((last - first).days + 1):
        day = first + dt.timedelta(days=shift)
        if not is_working_day(day):
            found[day] = own.get(day) or _named(day.year, language).get(day, "")
    return found


def is_short_day(day: dt.date) -> bool:
    """Whether the working day ends an hour earlier: the one just before a holiday, or one the company shortens."""
    if not is_working_day(day):
        return False
    eve = day + dt.timedelta(days=1)
    return day in _own().short or (eve.month, eve.day) in _HOLIDAYS


def is_working_day(day: dt.date) -> bool:
    """Whether people work on *day*."""
    own = _own()
    return day in own.working or (day not in own.off and _works_generally(day))


def working_days_between(first: dt.date, end: dt.date) -> int:
    """The number of working days in `[first, end)`; negative when *end* comes first."""
    if end < first:
        return -working_days_between(end, first)
    own = _own()
    count = _ordinal(end) - _ordinal(first)
    count -= sum(first <= day < end and _works_generally(day) for day in own.off if day not in own.working)
    return count + sum(first <= day < end and not _works_generally(day) for day in own.working)


def add_working_days(day: dt.date, count: int, *, besides: Collection[dt.date] = ()) -> dt.date:
    """The working day that comes *count* working days after *day* (before it, if negative).

    Zero gives *day* itself, or the next working day when nobody works then. Days in *besides* are off as well.
    """
    step = dt.timedelta(days=1 if count >= 0 else -1)
    left = abs(count)

    def works(day: dt.date) -> bool:
        return day not in besides and is_working_day(day)

    while left or not works(day):
        day += step
        if works(day) and left:
            left -= 1
    return day


def working_days_since(moment: dt.datetime, *, until: dt.date) -> int:
    """Full working days that have passed on *until* since the day of *moment*: 0 on that day, 1 on the next one."""
    return max(0, working_days_between(timezone.localdate(moment), until))


class ManyWorkingDays:
    """The same counts for whole arrays of days (datetime64[D]): the demo company has millions of them.

    Days outside the years given at the start are counted as if nobody worked there.
    """

    def __init__(self, first_year: int, last_year: int) -> None:
        days = [day for year in range(first_year, last_year + 1) for day in _working_days(year)]
        self._days: Final = np.array(days, dtype="datetime64[D]")

    def between(self, first: np.ndarray, end: np.ndarray) -> np.ndarray:
        """The number of working days in each `[first, end)`, as `working_days_between`."""
        return np.searchsorted(self._days, end) - np.searchsorted(self._days, first)

    def add(self, days: np.ndarray, counts: np.ndarray | int) -> np.ndarray:
        """Each day moved by as many working days (zero or more), as `add_working_days`.

        Raises `IndexError` for a day that would leave the years given at the start.
        """
        places = np.searchsorted(self._days, days)
        works = self._days[np.minimum(places, len(self._days) - 1)] == days
        # From a day off, the next working day is already the first step.
        steps = np.where(works, counts, np.maximum(np.asarray(counts) - 1, 0))
        return self._days[places + steps]
