"""The audit: everything that was done in the company, who came in and who tried to; as a page and as a file."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from voronka.activities.models import Activity
from voronka.clients.models import Company, Person
from voronka.core import clock, formats
from voronka.core.spreadsheets import Column, Kind, Sheet, write_csv
from voronka.core.text import clip
from voronka.deals.models import Deal
from voronka.desk.audit_events import AuditExported
from voronka.journal.actions import record
from voronka.journal.audit import KINDS, AuditFilter
from voronka.journal.models import Event, EventSubject
from voronka.journal.sentences import Told, tell
from voronka.ui.access import MemberRequest, workspace_view
from voronka.ui.htmx import render_page, target
from voronka.ui.navigation import workspace_url
from voronka.ui.reports.files import workbook
from voronka.ui.settings.tabs import tabs
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Subject

PAGE = 50
MOST_EXPORTED = 20_000


@dataclass(frozen=True)
class Line:
    """One event as the page and the file show it; *about* names what it is about, *url* leads there."""

    event: Event
    told: Told
    who: str
    about: str = ""
    url: str = ""

    @property
    def is_undone(self) -> bool:
        return self.event.undone_by_id is not None


@require_GET
@workspace_view(Subject.WORKSPACE, Action.CONFIGURE)
def audit(request: MemberRequest) -> HttpResponse:
    """The log, newest first, page by page."""
    query = AuditFilter.from_params(request.GET)
    before = request.GET.get("before", "")
    events = query.events()
    if before.isascii() and before.isdigit() and len(before) < 19:
        events = events.filter(pk__lt=int(before))
    found = list(events[: PAGE + 1])
    more = ""
    if len(found) > PAGE:
        found = found[:PAGE]
        address = workspace_url("audit", request.workspace.slug)
        more = f"{address}?{query.to_query(before=found[-1].pk)}"
    files = workspace_url("audit_file", request.workspace.slug)
    context = {
        "room": "settings",
        "tab": "audit",
        "tabs": tabs(request),
        "query": query,
        "lines": _lines(request, found),
        "more_url": more,
        "kinds": [(code, word) for code, (word, _condition) in KINDS.items()],
        "people": Member.objects.order_by("status", "name").values_list("pk", "name"),
        "xlsx_url": f"{files}?{query.to_query(format='xlsx')}",
        "csv_url": f"{files}?{query.to_query(format='csv')}",
    }
    rows = before and target(request)
    return render_page(request, "settings/audit.html", context, fragment="rows" if rows else "list")


@require_GET
@workspace_view(Subject.WORKSPACE, Action.CONFIGURE)
def file(request: MemberRequest) -> HttpResponse:
    """What the filter finds, the newest `MOST_EXPORTED`, as xlsx or csv."""
    query = AuditFilter.from_params(request.GET)
    lines = _lines(request, list(query.events()[:MOST_EXPORTED]))
    columns = [
        Column(_("When"), Kind.DATETIME),
        Column(_("Who"), width=26),
        Column(_("What happened"), width=60),
        Column(_("What it is about"), width=30),
        Column(_("Details"), width=60),
        Column(_("Undone"), width=10),
    ]
    rows: list[list[Any]] = [
        [
            line.event.at,
            line.who,
            line.told.sentence,
            line.about,
            line.told.body,
            _("yes") if line.is_undone else "",
        ]
        for line in lines
    ]
    words = _words(query)
    name = f"{_('Audit')} {formats.numeric_date(clock.now())}"
    if request.GET.get("format") == "csv":
        written = io.BytesIO()
        write_csv(written, columns, rows)
        response = HttpResponse(written.getvalue(), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}.csv"
    else:
        sheet = Sheet(name=_("Audit"), columns=columns, rows=rows, notes=[words] if words else [])
        response = workbook(f"{name}.xlsx", [sheet])
    with transaction.atomic():
        record(AuditExported(len(rows), clip(words, 500)), actor=request.member, subjects=[])
    return response


def _lines(request: MemberRequest, events: list[Event]) -> list[Line]:
    subjects = _subjects(request, events)
    lines = []
    for event in events:
        told = tell(event)
        if told.silent:
            continue
        who = event.actor.name if event.actor else _("nobody signed in")
        about, url = subjects.get(event.pk, ("", ""))
        # «Anna signed in · Anna» says it twice.
        lines.append(Line(event, told, who, *(("", "") if about == who else (about, url))))
    return lines


# Kind of a subject -> its model, the column of its name and of its address. The first that an event has is where
# its line leads.
_CARDS: dict[str, tuple[Any, str, str]] = {
    "deal": (Deal, "title", "number"),
    "company": (Company, "name", "pk"),
    "person": (Person, "name", "pk"),
    "activity": (Activity, "subject", "pk"),
    "member": (Member, "name", "pk"),
}


def _subjects(request: MemberRequest, events: list[Event]) -> dict[int, tuple[str, str]]:
    """The name and the address of what each event is about; a constant number of questions for a page."""
    of: dict[int, dict[str, int]] = {}
    ids: dict[str, set[int]] = {kind: set() for kind in _CARDS}
    found = EventSubject.objects.filter(event__in=events, kind__in=_CARDS)
    for event_id, kind, pk in found.values_list("event_id", "kind", "object_id"):
        of.setdefault(event_id, {})[kind] = pk
        ids[kind].add(pk)
    names: dict[tuple[str, int], tuple[str, str]] = {}
    for kind, (model, name, address) in _CARDS.items():
        rows = model.objects.filter(pk__in=ids[kind]).values_list("pk", name, address) if ids[kind] else ()
        for pk, text, number in rows:
            names[kind, pk] = (text, workspace_url(kind, request.workspace.slug, number))
    return {
        event_id: next(
            (names[kind, kinds[kind]] for kind in _CARDS if (kind, kinds.get(kind)) in names), ("", "")
        )
        for event_id, kinds in of.items()
    }


def _words(query: AuditFilter) -> str:
    """The filter in words."""
    parts = []
    if query.kind:
        parts.append(str(KINDS[query.kind][0]))
    if query.who is not None:
        member = Member.objects.filter(pk=query.who).first()
        parts.append(member.name if member else _("nobody signed in"))
    if query.first:
        parts.append(_("from %(day)s") % {"day": formats.numeric_date(query.first)})
    if query.last:
        parts.append(_("to %(day)s") % {"day": formats.numeric_date(query.last)})
    if query.text:
        parts.append(f"“{query.text}”")
    return ", ".join(parts)
