"""What the morning letter says of calls, meetings and tasks."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from voronka.activities.jobs import reminder_text
from voronka.activities.models import Activity
from voronka.core.periods import end_of, start_of
from voronka.desk.delivery.digest import MOST_LINES, DigestLine, Part, part
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Subject


@part("overdue", order=10)
def overdue(member: Member, day: dt.date) -> Part | None:
    """What should have been done before *day*, the oldest first."""
    return _part(member, _("Overdue"), {"due_at__lt": start_of(day)})


@part("today", order=20)
def of_today(member: Member, day: dt.date) -> Part | None:
    """What *day* holds, by the hour."""
    return _part(member, _("Today"), {"due_at__gte": start_of(day), "due_at__lt": end_of(day)})


def _part(member: Member, title: str, when: dict[str, dt.datetime]) -> Part | None:
    if not member.may(Subject.ACTIVITY, Action.SEE):
        return None
    own = Activity.objects.planned().filter(owner=member, **when)
    rows = own.select_related("kind", "company").order_by("due_at", "id")[:MOST_LINES]
    lines = [DigestLine(reminder_text(row), f"activity:{row.pk}") for row in rows]
    return Part(title, lines, own.count(), "today")
