"""Periods of whole days in the active time zone: half-open inside, both days shown.

The active time zone is the workspace's (middleware, job base and command helper set it).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from voronka.core import formats


def start_of(day: dt.date) -> dt.datetime:
    """The first moment of *day* in the active time zone (aware)."""
    return dt.datetime.combine(day, dt.time.min, tzinfo=timezone.get_current_timezone())


def end_of(day: dt.date) -> dt.datetime:
    """The first moment after *day*: what «as of the end of that day» reads, exclusive."""
    return start_of(day + dt.timedelta(days=1))


@dataclass(frozen=True)
class Period:
    """Days from `first` to `last`, both included; `start <= moment < end`."""

    first: dt.date
    last: dt.date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("a period ends before it begins")

    @property
    def start(self) -> dt.datetime:
        return start_of(self.first)

    @property
    def end(self) -> dt.datetime:
        return end_of(self.last)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def each_day(self) -> list[dt.date]:
        """All days, in order."""
        return [self.first + dt.timedelta(days=shift) for shift in range(self.days)]

    def previous(self) -> Period:
        """The period just before, of the same sort: whole months before whole months, else as many days."""
        months = self._whole_months()
        before = self.first - dt.timedelta(days=1)
        if months:
            return Period(add_months(self.first, -months), before)
        return Period(before - dt.timedelta(days=self.days - 1), before)

    def year_before(self) -> Period:
        """The same days a year earlier (29 February becomes the 28th; whole months stay whole)."""
        if months := self._whole_months():
            first = add_months(self.first, -12)
            return Period(first, add_months(first, months) - dt.timedelta(days=1))
        return Period(add_months(self.first, -12), add_months(self.last, -12))

    def _whole_months(self) -> int:
        after = self.last + dt.timedelta(days=1)
        if self.first.day != 1 or after.day != 1:
            return 0
        return (after.year - self.first.year) * 12 + after.month - self.first.month

    def label(self) -> str:
        """«1 июля – 30 сент. 2026»: the year once if it is the same."""
        return period_label(self.first, self.last)


def add_months(day: dt.date, months: int) -> dt.date:
    """*day* moved by calendar months; the 31st becomes the last day of a shorter month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    following = dt.date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return dt.date(year, month + 1, min(day.day, (following - dt.timedelta(days=1)).day))


def period_label(first: dt.date, last: dt.date) -> str:
    """The two days in words, in the active language."""
    if first == last:
        return f"{formats.day_month(first)}{formats.NBSP}{first.year}"
    if first.year == last.year:
        return f"{formats.day_month(first)} – {formats.day_month(last)}{formats.NBSP}{last.year}"
    return (
        f"{formats.day_month(first)}{formats.NBSP}{first.year}"
        f" – {formats.day_month(last)}{formats.NBSP}{last.year}"
    )


def _month(today: dt.date, back: int = 0, months: int = 1) -> Period:
    first = add_months(today.replace(day=1), -back)
    return Period(first, add_months(first, months) - dt.timedelta(days=1))


def _quarter(today: dt.date, back: int = 0) -> Period:
    first = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    return _month(first, 3 * back, 3)


@dataclass(frozen=True)
class Preset:
    """A period by a word; `of(today)` resolves it."""

    code: str
    label: str | Promise
    of: Callable[[dt.date], Period]


PRESETS = [
    Preset("this_month", _("This month"), lambda today: _month(today)),
    Preset("last_month", _("Last month"), lambda today: _month(today, 1)),
    Preset("this_quarter", _("This quarter"), lambda today: _quarter(today)),
    Preset("last_quarter", _("Last quarter"), lambda today: _quarter(today, 1)),
    Preset("this_year", _("This year"), lambda today: _month(today.replace(month=1, day=1), 0, 12)),
    Preset("last_year", _("Last year"), lambda today: _month(today.replace(month=1, day=1), 12, 12)),
    Preset("last_30", _("Last 30 days"), lambda today: Period(today - dt.timedelta(days=29), today)),
    Preset("last_90", _("Last 90 days"), lambda today: Period(today - dt.timedelta(days=89), today)),
    Preset(
        "last_12_months",
        _("Last 12 months"),
        lambda today: Period(add_months(today, -12) + dt.timedelta(days=1), today),
    ),
]


def preset(code: str, today: dt.date) -> Period | None:
    """The period called *code*; None for an unknown word."""
    return next((known.of(today) for known in PRESETS if known.code == code), None)
