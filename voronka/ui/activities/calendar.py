"""The calendar: day, week, month and list of days; dragging moves, stretching makes longer, selecting plans.

Hours travel as the reader's own clock shows them, without an offset: the browser draws them and sends them back, and
only here they become moments.
"""

from __future__ import annotations

import datetime as dt
import secrets
from copy import copy
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language, gettext_lazy, pgettext, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from voronka.activities.actions import reschedule_activity
from voronka.activities.calendar import coming_between, entries_between
from voronka.activities.models import Activity
from voronka.activities.today import colleagues
from voronka.core import clock
from voronka.core.calendar import days_off, is_short_day, last_decreed_year
from voronka.core.errors import Refused
from voronka.core.formats import initials
from voronka.core.periods import Period
from voronka.playbook.models import ActivityKind
from voronka.ui.access import get_or_404, require_reach, workspace_view
from voronka.ui.activities.composing import owners_for
from voronka.ui.activities.forms import local_due, moment
from voronka.ui.activities.places import there, undo_of
from voronka.ui.htmx import done, render_page
from voronka.ui.icons import icon_svg
from voronka.ui.middleware import CONTENT_SECURITY_POLICY
from voronka.ui.navigation import workspace_url
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Subject
from voronka.workspaces.working_days import days_away

VIEWS = {
    "day": pgettext_lazy("calendar", "Day"),
    "week": pgettext_lazy("calendar", "Week"),
    "month": pgettext_lazy("calendar", "Month"),
    "list": pgettext_lazy("calendar", "List"),
}
# Columns that still can be read beside each other.
MOST_PEOPLE = 6
LONGEST = dt.timedelta(days=62)
WORKING_HOURS = ("09:00", "18:00")
TOO_MANY = gettext_lazy("Too much for one picture: choose fewer people or a shorter time.")


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text[:10])
    except ValueError:
        return None
    return day if 2000 <= day.year < 2100 else None


def _chosen(request: HttpRequest, people: list[Member]) -> list[Member]:
    """The colleagues named by `who`, within reach; oneself unless somebody is named."""
    named = set(request.GET.getlist("who"))
    found = [person for person in people if str(person.pk) in named]
    me = [person for person in people if person.pk == request.member.pk]  # type: ignore[attr-defined]
    return found[:MOST_PEOPLE] or me or [request.member]  # type: ignore[attr-defined]


@require_GET
@workspace_view(Subject.ACTIVITY)
def calendar(request: HttpRequest) -> HttpResponse:
    """The page; what stands in it is asked for by `entries`."""
    member: Member = request.member  # type: ignore[attr-defined]
    slug = request.workspace.slug  # type: ignore[attr-defined]
    people = colleagues(member)
    chosen = _chosen(request, people)
    kinds = ActivityKind.objects.filter(archived_at=None)
    day = _day(request.GET.get("date", "")) or clock.today()
    view = request.GET.get("view", "")
    around = Period(dt.date(day.year - 1, 12, 1), dt.date(day.year + 1, 1, 31))
    off = days_off(around.first, around.last)
    nonce = secrets.token_urlsafe(16)
    settings = {
        "entries": workspace_url("calendar_entries", slug),
        "create": workspace_url("activity_new", slug) if member.may(Subject.ACTIVITY, Action.CREATE) else "",
        "view": view if view in VIEWS else "",
        "date": day.isoformat(),
        "zone": str(clock.shown_zone()),
        "language": (get_language() or "ru")[:2],
        "me": member.pk,
        "people": [
            {"id": person.pk, "name": person.name, "sign": initials(person.name)} for person in chosen
        ],
        "kinds": request.GET.getlist("kind"),
        "open": request.GET.get("state") == "open",
        "hours": WORKING_HOURS,
        "off": {key.isoformat(): name for key, name in off.items()},
        "short": [key.isoformat() for key in around.each_day() if is_short_day(key)],
        "away": {
            pk: {key.isoformat(): why for key, why in days.items()}
            for pk, days in days_away([person.pk for person in chosen], around.first, around.last).items()
        },
        "words": {
            "late": pgettext("activity", "overdue"),
            "done": pgettext("activity", "done"),
            "there": _("client’s time {time}"),
            "repeats": _("repeats"),
            "coming": _("will be planned once the one before is done"),
            "repeat_icon": icon_svg("repeat"),
            "short": _("An hour shorter"),
        },
    }
    context = {
        "room": "calendar",
        "nonce": nonce,
        "settings": settings,
        "day": day,
        "views": list(VIEWS.items()),
        "view": settings["view"],
        "people": [(person.pk, person.name) for person in people] if len(people) > 1 else [],
        "chosen_people": []
        if [p.pk for p in chosen] == [member.pk]
        else [str(person.pk) for person in chosen],
        "kinds": [(kind.pk, kind.name) for kind in kinds],
        "chosen_kinds": request.GET.getlist("kind"),
        "states": [("open", _("Only what is to be done"))],
        "chosen_states": ["open"] if settings["open"] else [],
        "unknown_year": day.year if day.year > last_decreed_year() else None,
        "may_create": member.may(Subject.ACTIVITY, Action.CREATE),
        "plain_url": f"{workspace_url('activities', slug)}?state=planned&from={day.isoformat()}",
    }
    response = render_page(request, "activities/calendar.html", context)
    # FullCalendar writes its rules into a <style> element of its own: on this page alone, by a number used once.
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.replace(
        "style-src 'self'", f"style-src 'self' 'nonce-{nonce}'"
    )
    return response


@require_GET
@workspace_view(Subject.ACTIVITY)
def entries(request: HttpRequest) -> JsonResponse:
    """What stands between the days `start` and `end` (the latter not included), for the calendar's own script."""
    member: Member = request.member  # type: ignore[attr-defined]
    first, end = _day(request.GET.get("start", "")), _day(request.GET.get("end", ""))
    if first is None or end is None or not dt.timedelta() < end - first <= LONGEST:
        return JsonResponse({"entries": [], "note": _("Choose a day.")}, status=400)
    kinds = [
        int(pk) for pk in request.GET.getlist("kind") if pk.isascii() and pk.isdecimal() and len(pk) < 19
    ]
    period = Period(first, end - dt.timedelta(days=1))
    owners = [person.pk for person in _chosen(request, colleagues(member))]
    rows, more = entries_between(
        member,
        period,
        owners=owners,
        kinds=kinds,
        with_done=request.GET.get("state") != "open",
    )
    slug = request.workspace.slug  # type: ignore[attr-defined]
    one = workspace_url("activity", slug, 0)
    shown = [_entry(row, member, one.replace("/0/", f"/{row.pk}/")) for row in rows]
    coming = coming_between(member, period, owners=owners, kinds=kinds)
    shown += [_coming(row, due, member) for row, due in coming]
    return JsonResponse({"entries": shown, "note": str(TOO_MANY) if more else ""})


def _entry(row: Activity, member: Member, url: str) -> dict[str, Any]:
    local = local_due(row)
    late = row.is_open and row.due_at < clock.about_now()
    may = row.is_open and member.reaches(
        Subject.ACTIVITY, Action.EDIT, owner_id=row.owner_id, team_id=row.team_id
    )
    start = f"{local:%Y-%m-%dT%H:%M:%S}" if row.has_time else f"{local:%Y-%m-%d}"
    return {
        "id": str(row.pk),
        "title": row.subject,
        "start": start,
        "end": f"{local + dt.timedelta(minutes=row.minutes):%Y-%m-%dT%H:%M:%S}" if row.has_time else None,
        "allDay": not row.has_time,
        "editable": may,
        "url": url,
        "extendedProps": {
            "state": "done" if row.done_at else "late" if late else "open",
            "icon": icon_svg(row.kind.icon or "checkbox"),
            "kind": row.kind.name,
            "about": row.company.name if row.company else row.person.name if row.person else "",
            "deal": _deal_of(row, member),
            "repeats": row.series_id is not None,
            "there": there(row),
            "owner": row.owner_id,
            "due": row.due_at.isoformat(),
            "minutes": row.minutes,
            "move": f"{url}move/",
        },
    }


def _deal_of(row: Activity, member: Member) -> str:
    """The title of the deal it belongs to, for who sees that deal."""
    deal = row.deal
    if deal is None or not member.reaches(
        Subject.DEAL, Action.SEE, owner_id=deal.owner_id, team_id=deal.team_id
    ):
        return ""
    return deal.title


def _coming(row: Activity, due: dt.datetime, member: Member) -> dict[str, Any]:
    """What a repeated activity will be on another day: to look at, it cannot be moved, opened or done."""
    row = copy(row)
    row.due_at = due
    entry = _entry(row, member, "")
    entry |= {"id": f"{row.pk}-{due:%Y%m%d}", "editable": False}
    del entry["url"]
    entry["extendedProps"] |= {"state": "coming", "move": ""}
    return entry


@require_POST
@workspace_view(Subject.ACTIVITY, Action.EDIT)
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Put where it was dropped: `start` by the reader's clock (a day alone for the whole day), `minutes`, `owner`."""
    member: Member = request.member  # type: ignore[attr-defined]
    found = get_or_404(Activity.objects.visible_to(member).select_related("kind", "owner", "deal"), pk)
    require_reach(request, Subject.ACTIVITY, Action.EDIT, found)
    start = request.POST.get("start", "")
    try:
        wanted = dt.datetime.fromisoformat(start)
    except ValueError:
        raise Refused(_("Choose a day.")) from None
    timed = len(start) > len("2026-11-22")
    minutes = request.POST.get("minutes", "")
    owners = {str(owner.pk): owner for owner in owners_for(member)}
    was = parse_datetime(request.POST.get("was_due_at", ""))
    reschedule_activity(
        found,
        actor=member,
        due_at=moment(wanted.date(), wanted.time() if timed else None),
        has_time=timed,
        minutes=int(minutes) if minutes.isascii() and minutes.isdecimal() and len(minutes) < 5 else None,
        owner=owners.get(request.POST.get("owner", "")),
        was_due_at=was if was and was.tzinfo else None,
    )
    return done(
        request,
        _("Moved"),
        redirect=workspace_url("calendar", request.workspace.slug),  # type: ignore[attr-defined]
        undo_url=undo_of(request, found.pk) or None,
    )
