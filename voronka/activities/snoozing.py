"""Putting a reminder off."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from voronka.activities.models import Activity
from voronka.core import clock
from voronka.core.calendar import add_working_days
from voronka.core.errors import Forbidden, Refused
from voronka.desk.models import Notice
from voronka.desk.notices import react

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

MORNING = dt.time(9, 0)
LONGEST = dt.timedelta(days=90)


def tomorrow_morning(now: dt.datetime) -> dt.datetime:
    """Nine o'clock of the next working day, by the reader's clock."""
    zone = clock.shown_zone()
    day = add_working_days(now.astimezone(zone).date(), 1)
    return dt.datetime.combine(day, MORNING, tzinfo=zone)


@transaction.atomic
def snooze(notice: Notice, *, actor: Member, until: dt.datetime) -> Activity:
    """Be reminded of the same activity again at *until* (aware); the line itself counts as read.

    The activity keeps its time, and what is done or cancelled meanwhile does not come back. No event: it is between
    the member and the bell. Raises `Refused` for a moment that has passed or lies far ahead, and for a line that
    reminds of nothing one could be reminded of again; `Forbidden` for another's.
    """
    if notice.member_id != actor.pk:
        raise Forbidden("snooze another's notice")
    kind, _colon, pk = notice.url.partition(":")
    planned = Activity.objects.planned().select_for_update(of=("self",))
    row = planned.filter(pk=int(pk), owner=actor).first() if kind == "activity" and pk.isdecimal() else None
    if row is None:
        raise Refused(_("This is no longer planned for you: there is nothing to put off."))
    now = clock.now()
    if until <= now:
        raise Refused(_("This moment has passed already."), field="at")
    if until > now + LONGEST:
        raise Refused(_("At most three months ahead: plan the activity itself anew."), field="at")
    row.remind_at = until.replace(second=0, microsecond=0) if until - now > dt.timedelta(minutes=1) else until
    row.save(update_fields=["remind_at"])
    react(actor, notice)
    return row
