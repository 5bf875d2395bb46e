"""What the values of an activity may be; row verbs and set verbs share these. Each raises `Refused` or puts right."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from django.utils.translation import gettext as _

from voronka.core.errors import Refused
from voronka.core.periods import end_of
from voronka.core.text import clean, length_problem
from voronka.playbook.models import ActivityKind

MAX_SUBJECT = 250
MAX_RESULT = 20_000
MAX_MINUTES = 24 * 60
EARLIEST = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
LATEST = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)


def right_subject(text: str, kind: ActivityKind) -> str:
    subject = clean(text)
    if problem := length_problem(subject, MAX_SUBJECT):
        raise Refused(problem, field="subject")
    return subject or kind.name


def right_result(text: str) -> str:
    result = clean(text, multiline=True)
    if problem := length_problem(result, MAX_RESULT):
        raise Refused(problem, field="result")
    return result


def right_minutes(minutes: int | None, kind: ActivityKind) -> int:
    if minutes is None:
        return kind.minutes
    if not 1 <= minutes <= MAX_MINUTES:
        raise Refused(_("The length must be between a minute and 24 hours."), field="minutes")
    return minutes


def right_moment(value: dt.datetime, field: str) -> dt.datetime:
    """A time one can mean; a typing slip in the year is caught here."""
    if not EARLIEST <= value <= LATEST:
        raise Refused(_("Check the year of the date."), field=field)
    return value


def right_due(value: dt.datetime, has_time: bool) -> dt.datetime:
    """When it is due: without a time of day, the last minute of that day in the workspace's time zone.

    So whoever compares it with the present moment finds it overdue on the next day, and not before.
    """
    # People plan by minutes; what forms cannot show must not look changed in them.
    value = right_moment(value, "due_at").replace(second=0, microsecond=0)
    return value if has_time else end_of(timezone.localdate(value)) - dt.timedelta(minutes=1)


def past(value: dt.datetime | None, now: dt.datetime) -> dt.datetime:
    if value is None:
        return now
    # A form knows minutes only: the present minute is not the future.
    if value > now + dt.timedelta(minutes=1):
        raise Refused(_("What is done cannot lie in the future: plan it instead."), field="done_at")
    return min(right_moment(value, "done_at"), now)


def right_reminder(value: dt.datetime | None, due_at: dt.datetime, has_time: bool) -> dt.datetime | None:
    if value is not None and value > due_at and has_time:
        raise Refused(_("The reminder comes after the activity itself."), field="remind_at")
    return value


def right_reached(kind: ActivityKind, reached: bool | None) -> bool | None:
    """Whether the client was reached; a task reaches nobody, and what was not said about a contact is a yes."""
    if not kind.is_contact:
        return None
    return True if reached is None else reached
