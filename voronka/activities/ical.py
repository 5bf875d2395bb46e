"""A member's activities as an iCalendar text (RFC 5545), the same bytes for the same activities."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event, vDuration

from voronka.activities.models import Activity
from voronka.core import clock
from voronka.workspaces.models import Member

BEFORE, AFTER = dt.timedelta(days=31), dt.timedelta(days=366)
MOST = 3000
ASK_EVERY = dt.timedelta(minutes=30)


def feed_of(member: Member, *, address: Callable[[Activity], str], name: str) -> bytes:
    """The member's own planned and done activities from a month ago to a year ahead; *name* is the calendar's.

    *address* gives the link of a card. Nothing that can be hidden from a role stands in it: the client's and the
    deal's names alone, as on the card. Two statements.
    """
    now = clock.about_now()
    rows = (
        Activity.objects.visible_to(member)
        .filter(owner=member, cancelled_at=None, due_at__gte=now - BEFORE, due_at__lt=now + AFTER)
        .select_related("kind", "company", "person", "deal")
        .order_by("due_at", "pk")[:MOST]
    )
    calendar = Calendar()
    calendar.add("prodid", "-//Voronka//Voronka CRM//RU")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("x-published-ttl", vDuration(ASK_EVERY))
    calendar.add("refresh-interval", vDuration(ASK_EVERY), parameters={"VALUE": "DURATION"})
    for row in rows:
        calendar.add_component(_event(row, address(row), now))
    return bytes(calendar.to_ical())


def _event(row: Activity, url: str, now: dt.datetime) -> Event:
    event = Event()
    event.add("uid", f"activity-{row.pk}@voronka")
    event.add("sequence", row.version - 1)
    # Not the present moment: the text must stay the same until something changes.
    event.add("dtstamp", row.created_at)
    if row.has_time:
        event.add("dtstart", row.due_at.astimezone(dt.UTC))
        event.add("dtend", (row.due_at + dt.timedelta(minutes=row.minutes)).astimezone(dt.UTC))
    else:
        day = timezone.localdate(row.due_at)
        event.add("dtstart", day)
        event.add("dtend", day + dt.timedelta(days=1))
        event.add("transp", "TRANSPARENT")
    what = row.kind.name if row.subject == row.kind.name else f"{row.kind.name}: {row.subject}"
    about = [row.company.name if row.company else "", row.person.name if row.person else ""]
    summary = " · ".join([what, *filter(None, about[:1])])
    event.add("summary", f"✓ {summary}" if row.done_at else summary)
    told = [*filter(None, about), _("Deal: %(title)s") % {"title": row.deal.title} if row.deal else "", url]
    event.add("description", "\n".join(filter(None, told)))
    event.add("url", url)
    event.add("categories", [row.kind.name])
    if row.is_open and row.remind_at and row.remind_at > now:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", summary)
        alarm.add("trigger", row.remind_at.astimezone(dt.UTC))
        event.add_component(alarm)
    return event
