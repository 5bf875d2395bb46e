"""Periods by a word, counted from today: «this week», «next month»."""

from __future__ import annotations

import datetime as dt

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from voronka.core.periods import add_months

Span = tuple[dt.date | None, dt.date | None]

PERIODS: dict[str, str | Promise] = {
    "today": _("today"),
    "yesterday": _("yesterday"),
    "tomorrow": _("tomorrow"),
    "past": _("before today"),
    "future": _("after today"),
    "this_week": _("this week"),
    "last_week": _("last week"),
    "next_week": _("next week"),
    "this_month": _("this month"),
    "last_month": _("last month"),
    "next_month": _("next month"),
    "this_quarter": _("this quarter"),
    "last_quarter": _("last quarter"),
    "next_quarter": _("next quarter"),
    "this_year": _("this year"),
    "last_year": _("last year"),
}


def period(code: str, today: dt.date) -> Span:
    """The first and the last day of the period *code*; None where it is open. `KeyError` for an unknown word."""
    one = dt.timedelta(days=1)
    if code in ("today", "yesterday", "tomorrow"):
        day = today + one * {"today": 0, "yesterday": -1, "tomorrow": 1}[code]
        return day, day
    if code == "past":
        return None, today - one
    if code == "future":
        return today + one, None
    which, _sep, unit = code.partition("_")
    shift = {"this": 0, "last": -1, "next": 1}[which]
    if unit == "week":
        monday = today - one * today.weekday() + one * 7 * shift
        return monday, monday + one * 6
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    first = today.replace(day=1, month=(today.month - 1) // months * months + 1)
    first = add_months(first, months * shift)
    return first, add_months(first, months) - one
