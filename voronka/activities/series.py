"""When a repeated activity comes again: pure counting on days and clocks."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.utils import timezone

from voronka.activities.models import Activity, Series, Unit
from voronka.activities.rules import right_due
from voronka.core.periods import add_months, start_of


def day_of(series: Series, number: int) -> dt.date:
    """The day of occurrence *number*, 0 being the first; the 31st of a shorter month is its last day."""
    steps = series.every * number
    if series.unit == Unit.MONTH:
        return add_months(series.start, steps)
    return series.start + dt.timedelta(days=steps * (7 if series.unit == Unit.WEEK else 1))


def due_of(series: Series, number: int) -> dt.datetime:
    """When occurrence *number* is due: at the same hour by the clock of the series' zone, whatever that zone does.

    An hour that a change of clocks leaves out comes as much later; one that it doubles is the first of the two.
    """
    day = day_of(series, number)
    if series.at is None:
        return right_due(start_of(day), False)
    return dt.datetime.combine(day, series.at, tzinfo=ZoneInfo(series.zone)).astimezone(dt.UTC)


def is_last(series: Series, number: int) -> bool:
    """Whether nothing comes after occurrence *number*."""
    if series.ended_at is not None or (series.times is not None and number + 1 >= series.times):
        return True
    return series.until is not None and day_of(series, number + 1) > series.until


def stands_on(activity: Activity) -> dt.date:
    """The day on which a planned activity of a series stands now, by the clock that the series goes by."""
    series = activity.series
    zone = ZoneInfo(series.zone) if series is not None and activity.has_time else None
    return timezone.localtime(activity.due_at, zone).date()


def next_after(series: Series, number: int, now: dt.datetime, *, after: dt.date | None = None) -> int | None:
    """The number of the first occurrence after *number* that is still ahead of *now*; None where the series ends.

    It comes on a later day than *after*, the day to which the one before was moved: a day is not doubled. What was missed meanwhile (a long holiday, a server that stood) is not made up for.
    """
    while not is_last(series, number):
        number += 1
        if due_of(series, number) >= now and (after is None or day_of(series, number) > after):
            return number
    return None
