"""The list behind a number of the funnel: a panel over the report, a page of its own, a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from voronka.analytics.frame import Unanswerable
from voronka.analytics.funnel.drill import open_cell
from voronka.analytics.funnel.query import FunnelQuery
from voronka.analytics.listing import PAGE, Line, Listing
from voronka.core import clock, formats
from voronka.core.errors import Refused
from voronka.core.spreadsheets import Column, Kind, Sheet
from voronka.deals.choices import Outcome
from voronka.deals.events import DealsExported
from voronka.journal.actions import record
from voronka.ui.access import workspace_view
from voronka.ui.htmx import render_page, target
from voronka.ui.navigation import workspace_url
from voronka.ui.reports.files import workbook
from voronka.workspaces.rights import Action, Subject

MOST_EXPORTED = 20_000
_TONES = {Outcome.WON: "good", Outcome.LOST: "bad", Outcome.OPEN: "accent"}
_ICONS = {Outcome.WON: "trophy", Outcome.LOST: "x", Outcome.OPEN: "player-play", Outcome.DELETED: "trash"}


def _open(request: HttpRequest, limit: int | None) -> tuple[FunnelQuery, Listing]:
    member = request.member  # type: ignore[attr-defined]
    query = FunnelQuery.from_params(request.GET, member)
    listing = open_cell(
        query,
        member,
        request.GET.get("cell", ""),
        prev=request.GET.get("prev") == "1",
        after=request.GET.get("after", ""),
        limit=limit,
    )
    return query, listing


@require_GET
@workspace_view(Subject.REPORT)
def deals(request: HttpRequest) -> HttpResponse:
    """The deals (or clients, or moves) that a number counts, with their count and sum in the foot."""
    slug = request.workspace.slug  # type: ignore[attr-defined]
    member = request.member  # type: ignore[attr-defined]
    back = FunnelQuery.from_params(request.GET, member).to_query()
    report_url = workspace_url("report_funnel", slug)
    context: dict[str, Any] = {
        "room": "reports",
        "report_url": f"{report_url}?{back}" if back else report_url,
        "report_title": _("Sales funnel"),
    }
    try:
        query, listing = _open(request, PAGE)
    except Unanswerable as problem:
        context["problem"] = problem.message
        return render_page(request, "reports/deals.html", context, fragment="content", status=404)
    here = {"cell": listing.cell, "prev": request.GET.get("prev", "")}
    base = workspace_url("report_funnel_deals", slug)
    context |= {
        "listing": listing,
        "lines": [shown(line, slug) for line in listing.lines],
        "asked": " · ".join(listing.asked),
        "columns": 7 + bool(listing.has_spent) + (listing.marked is not None),
        "more_url": f"{base}?{query.to_query(**here, after=listing.following)}" if listing.following else "",
        "file_url": (
            f"{workspace_url('report_funnel_deals_file', slug)}?{query.to_query(**here)}"
            if member.may(Subject.DEAL, Action.EXPORT) and not listing.by_clients
            else ""
        ),
    }
    more = request.GET.get("after") and target(request)
    return render_page(request, "reports/deals.html", context, fragment="rows" if more else "content")


def shown(line: Line, slug: str) -> dict[str, Any]:
    """A row as the template draws it."""
    outcome = Outcome(line.outcome) if line.outcome else None
    url = ""
    if line.number is not None and outcome != Outcome.DELETED:
        url = workspace_url("deal", slug, line.number)
    elif line.client_id is not None and line.number is None:
        kind, pk = ("company", line.client_id) if line.client_id > 0 else ("person", -line.client_id)
        url = workspace_url(kind, slug, pk)
    elif line.client_id is None and line.number is None:
        url = workspace_url("activity", slug, line.id)
    return {
        "line": line,
        "url": url,
        "outcome": str(outcome.label) if outcome else "",
        "tone": _TONES.get(outcome, "") if outcome else "",
        "icon": _ICONS.get(outcome, "") if outcome else "",
        "spent": formats.number(line.spent / 86400, 1) if line.spent is not None else "",
    }


@require_GET
@workspace_view(Subject.DEAL, Action.EXPORT)
def deals_file(request: HttpRequest) -> HttpResponse:
    """The whole list as a workbook. Raises `Refused` for one too long to wait for."""
    _query, counted = _open(request, 1)
    return deals_workbook(request, counted, lambda: _open(request, None)[1])


def deals_workbook(request: HttpRequest, counted: Listing, whole: Callable[[], Listing]) -> HttpResponse:
    """The list of *whole()* as a file, noted in the log; *counted* tells first whether it is too long to wait for."""
    if counted.count > MOST_EXPORTED:
        raise Refused(
            _("%(count)s deals are too many for one workbook: narrow the filter to %(most)s.")
            % {"count": formats.number(counted.count), "most": formats.number(MOST_EXPORTED)}
        )
    listing = whole()
    columns = [
        Column("№", Kind.INT),
        Column(_("Deal"), width=40),
        Column(_("Client"), width=32),
        Column(_("Stage"), width=20),
        Column(_("Outcome")),
        Column(_("Sum"), Kind.MONEY, currency=request.workspace.currency),  # type: ignore[attr-defined]
        Column(_("Responsible"), width=24),
        Column(_("Opened"), Kind.DATETIME),
        Column(_("Closed"), Kind.DATETIME),
    ]
    if listing.has_spent:
        columns.append(Column(_("Days"), Kind.NUMBER))
    if listing.marked is not None:
        columns.append(Column(listing.mark_title))
    sheet = Sheet(
        name=_("Deals"),
        columns=columns,
        rows=(_values(line, listing) for line in listing.lines),
        notes=[listing.title, *listing.asked],
        total=[listing.count, None, None, None, None, listing.sum, *[None] * (len(columns) - 6)],
    )
    name = f"{_('Deals')} {formats.numeric_date(clock.now())}.xlsx"
    response = workbook(name, [sheet])
    with transaction.atomic():
        record(
            DealsExported(deals=listing.count, query=request.GET.urlencode()[:500]),
            actor=request.member,  # type: ignore[attr-defined]
            subjects=[],
        )
    return response


def _values(line: Line, listing: Listing) -> list[Any]:
    values: list[Any] = [
        line.number,
        line.title,
        line.client,
        line.stage,
        str(Outcome(line.outcome).label) if line.outcome else "",
        line.amount,
        line.owner,
        line.opened_at,
        line.closed_at,
    ]
    if listing.has_spent:
        values.append(round(line.spent / 86400, 1) if line.spent is not None else None)
    if listing.marked is not None:
        values.append(_("yes") if line.marked else "")
    return values
