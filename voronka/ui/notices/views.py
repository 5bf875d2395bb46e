"""The bell: what concerns me, newest first."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from voronka.activities.snoozing import snooze, tomorrow_morning
from voronka.core import clock, formats
from voronka.core.errors import Refused
from voronka.desk.delivery.kinds import KINDS
from voronka.desk.delivery.wishes import settings_of
from voronka.desk.models import Notice
from voronka.desk.notices import MOST_COUNTED, mark_read, newest, react, unread_count
from voronka.ui.access import get_or_404, workspace_view
from voronka.ui.htmx import done, render_page
from voronka.ui.navigation import workspace_url
from voronka.ui.notices.places import place_of
from voronka.workspaces.models import Member

PAGE = 30
ICONS = {
    "approval": "hand-stop",
    "loss": "thumb-down",
    "limit": "clock-exclamation",
    "reminder": "alarm",
    "deal": "layout-kanban",
    "activity": "calendar-plus",
    "member": "user-plus",
    "mention": "at",
    "access": "lock-question",
    "import": "database-import",
    "export": "file-export",
}


@workspace_view()
def notices(request: HttpRequest) -> HttpResponse:
    """The lines of the bell, a page at a time."""
    before = request.GET.get("before", "")
    is_next = before.isascii() and before.isdecimal() and len(before) < 19
    found = newest(request.member, before=int(before) if is_next else None, limit=PAGE + 1)  # type: ignore[attr-defined]
    more = len(found) > PAGE
    found = found[:PAGE]
    url = workspace_url("notices", request.workspace.slug)  # type: ignore[attr-defined]
    now = clock.now()
    context = {
        "rows": [(notice, ICONS.get(notice.kind, "bell")) for notice in found],
        "in_vain": [] if is_next else _in_vain(request.member),  # type: ignore[attr-defined]
        "snoozes": _snoozes(now),
        "soonest": f"{now.astimezone(clock.shown_zone()) + dt.timedelta(minutes=5):%Y-%m-%dT%H:%M}",
        "has_unread": any(notice.read_at is None for notice in found),
        "more_url": f"{url}?before={found[-1].pk}" if more else "",
    }
    return render_page(request, "notices/notices.html", context, "rows" if is_next else "list")


@workspace_view()
def badge(request: HttpRequest) -> HttpResponse:
    """The number on the bell; nothing when all is read."""
    count = unread_count(request.member)  # type: ignore[attr-defined]
    text = "" if not count else f"{MOST_COUNTED - 1}+" if count >= MOST_COUNTED else str(count)
    return HttpResponse(format_html("{}", text), headers={"Cache-Control": "no-store"})


def _in_vain(member: Member) -> list[tuple[str, Any, int]]:
    """Kinds that the member might do without: code, name, how many came."""
    return [
        (kind, KINDS[kind], count) for kind, count in settings_of(member).in_vain.items() if kind in KINDS
    ]


def _snoozes(now: dt.datetime) -> list[tuple[str, str]]:
    """For how long a reminder can be put off with one press."""
    morning = formats.short_datetime(tomorrow_morning(now))
    return [
        ("10m", _("in 10 minutes")),
        ("1h", _("in an hour")),
        ("morning", _("in the morning: %(when)s") % {"when": morning}),
    ]


@require_POST
@workspace_view()
def snooze_line(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a reminder off: `for` is one of the ready terms, else `at` is a moment of the reader's clock."""
    notice = get_or_404(Notice.objects.filter(member=request.member), pk)  # type: ignore[attr-defined]
    now = clock.now()
    match request.POST.get("for", ""):
        case "10m":
            until = now + dt.timedelta(minutes=10)
        case "1h":
            until = now + dt.timedelta(hours=1)
        case "morning":
            until = tomorrow_morning(now)
        case _:
            until = _moment(request.POST.get("at", ""))
    row = snooze(notice, actor=request.member, until=until)  # type: ignore[attr-defined]
    said = _("You will be reminded: %(when)s") % {"when": formats.short_datetime(row.remind_at)}
    return done(request, said, redirect=workspace_url("notices", request.workspace.slug))  # type: ignore[attr-defined]


def _moment(text: str) -> dt.datetime:
    """What a browser's field of a moment gives. Raises `Refused` when it is none."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise Refused(_("Say when to remind you."), field="at") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=clock.shown_zone())


@require_POST
@workspace_view()
def read(request: HttpRequest) -> HttpResponse:
    """All of it has been seen."""
    mark_read(request.member)  # type: ignore[attr-defined]
    return done(request, redirect=workspace_url("notices", request.workspace.slug))  # type: ignore[attr-defined]


@workspace_view()
def follow(request: HttpRequest, pk: int) -> HttpResponse:
    """Go where a line leads; it counts as read then."""
    notice = get_or_404(Notice.objects.filter(member=request.member), pk)  # type: ignore[attr-defined]
    react(request.member, notice)  # type: ignore[attr-defined]
    slug = request.workspace.slug  # type: ignore[attr-defined]
    return HttpResponseRedirect(place_of(slug, notice.url) or workspace_url("notices", slug))
