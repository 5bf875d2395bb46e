"""The table of deals: the same filter as the board, any outcome, sorted, with totals; and its spreadsheet."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from voronka.core import clock, formats
from voronka.core.errors import Refused
from voronka.core.spreadsheets import Column, Sheet, write_xlsx
from voronka.deals import events
from voronka.deals import paging as listing
from voronka.deals.filters import DealFilter
from voronka.deals.models import Deal
from voronka.journal.actions import record
from voronka.ui.access import workspace_view
from voronka.ui.deals import shown
from voronka.ui.deals.board import views
from voronka.ui.deals.chips import filter_chips
from voronka.ui.htmx import render_page, target
from voronka.ui.navigation import workspace_url
from voronka.workspaces.rights import Action, Subject

# A larger list is a job of its own (next to come); this much is written while one waits.
MOST_EXPORTED = 20_000


def asked(request: HttpRequest) -> DealFilter:
    """The filter in the address; open deals when no outcome is asked."""
    query = DealFilter.from_params(request.GET, request.member)  # type: ignore[attr-defined]
    if not query.outcome and not (query.closed_from or query.closed_to):
        query = DealFilter.from_params({**query.to_params(), "outcome": ["open"]})
    return query


@require_GET
@workspace_view(Subject.DEAL)
def table(request: HttpRequest) -> HttpResponse:
    """The list of deals."""
    member = request.member  # type: ignore[attr-defined]
    slug = request.workspace.slug  # type: ignore[attr-defined]
    query = asked(request)
    sort = listing.sort_of(request.GET.get("sort", ""))
    deals = query.apply(_within_reach(request, query))
    rows, after = listing.page(deals, sort, request.GET.get("after", ""))
    address = workspace_url("deals_table", slug)
    context: dict[str, Any] = {
        "room": "deals",
        "rows": [row(deal, slug) for deal in rows],
        "more_url": f"{address}?{query.to_query(sort=sort, after=after)}" if after else "",
        "sort": sort,
        "address": address,
    }
    if request.GET.get("after") and target(request):
        return render_page(request, "deals/table.html", context, fragment="rows")
    context |= {
        "query": query,
        "totals": listing.totals(deals),
        "columns": columns(address, query, sort),
        "views": views(slug, query.without("outcome"), "table"),
        "views_label": _("View"),
        "chips": filter_chips(request, query, "table", sort=sort),
        "filter_url": workspace_url("deals_filter", slug) + f"?{query.to_query(view='table', sort=sort)}",
        "list_url": f"{address}?{query.to_query(sort=sort)}",
        "all_url": address,
        "export_url": workspace_url("deals_export", slug) + f"?{query.to_query(sort=sort)}"
        if member.may(Subject.DEAL, Action.EXPORT)
        else "",
    }
    return render_page(request, "deals/table.html", context, fragment="list")


def _within_reach(request: HttpRequest, query: DealFilter) -> Any:
    """What the member sees; the bin only for those who may empty it."""
    member = request.member  # type: ignore[attr-defined]
    action = Action.DELETE if "deleted" in query.outcome else Action.SEE
    return Deal.objects.visible_to(member, action, only_open=set(query.outcome) == {"open"})


def columns(address: str, query: DealFilter, sort: str) -> list[dict[str, Any]]:
    """Heads of the table with the address that sorts by them."""
    named = [
        ("number", "№", True),
        ("title", _("Deal"), False),
        ("client", _("Client"), False),
        ("stage", _("Stage"), False),
        ("amount", _("Sum"), True),
        ("expected", pgettext("deal", "Close"), False),
        ("next", _("Next step"), False),
        ("owner", _("Responsible"), False),
        ("opened", _("Opened"), False),
        ("closed", _("Closed"), False),
    ]
    made = []
    for name, label, is_number in named:
        direction = {name: "ascending", f"-{name}": "descending"}.get(sort, "")
        # Sums and dates are first asked for from the top.
        first = f"-{name}" if name in ("amount", "opened", "closed", "number") else name
        following = first if not direction else (name if sort.startswith("-") else f"-{name}")
        made.append(
            {
                "name": name,
                "label": label,
                "num": is_number,
                "direction": direction,
                "href": f"{address}?{query.to_query(sort=following)}",
            }
        )
    return made


def row(deal: Deal, slug: str) -> dict[str, Any]:
    """One line in words."""
    return {
        "deal": deal,
        "url": workspace_url("deal", slug, deal.number),
        "next": shown.next_step(deal) if deal.is_open else None,
        "close": shown.close_date(deal),
        "outcome": str(deal.get_outcome_display()),
    }


@require_GET
@workspace_view(Subject.DEAL, Action.EXPORT)
def export(request: HttpRequest) -> HttpResponse | FileResponse:
    """Exactly what the table shows, as a workbook; the export is an event."""
    member = request.member  # type: ignore[attr-defined]
    query = asked(request)
    visible = Deal.objects.visible_to(member, Action.EXPORT)
    deals = query.apply(visible)
    count = deals.count()
    if count > MOST_EXPORTED:
        raise Refused(
            _("%(count)s deals are too many for one workbook: narrow the filter to %(most)s.")
            % {"count": formats.number(count), "most": formats.number(MOST_EXPORTED)}
        )
    target_file = io.BytesIO()
    sort = listing.sort_of(request.GET.get("sort", ""))
    write_xlsx(target_file, [Sheet(_("Deals"), _export_columns(), _export_rows(deals, sort))])
    with transaction.atomic():
        record(events.DealsExported(deals=count, query=query.to_query()), actor=member, subjects=[])
    target_file.seek(0)
    name = f"{_('Deals')} {timezone.localdate(clock.now()):%Y-%m-%d}.xlsx"
    return FileResponse(target_file, as_attachment=True, filename=name)


def _export_columns() -> list[Column]:
    return [
        Column("№", "int"),
        Column(_("Deal"), width=40),
        Column(_("Client"), width=32),
        Column(_("Funnel"), width=24),
        Column(_("Stage"), width=20),
        Column(_("Outcome")),
        Column(_("Sum"), "money"),
        Column(_("Currency")),
        Column(_("Probability"), "percent"),
        Column(_("Expected close"), "date"),
        Column(_("Responsible"), width=24),
        Column(_("Opened"), "datetime"),
        Column(_("Closed"), "datetime"),
        Column(_("Reason"), width=24),
    ]


def _export_rows(deals: Any, sort: str) -> Iterator[list[Any]]:
    rows = deals.select_related("funnel", "reason")
    after = ""
    while True:
        found, after = listing.page(rows, sort, after, size=1000)
        for deal in found:
            yield [
                deal.number,
                deal.title,
                deal.company.name if deal.company else "",
                deal.funnel.name,
                deal.stage.name,
                str(deal.get_outcome_display()),
                deal.amount,
                deal.currency,
                deal.chance / 100,
                deal.expected_close,
                deal.owner.name if deal.owner else "",
                timezone.localtime(deal.opened_at),
                timezone.localtime(deal.closed_at) if deal.closed_at else None,
                deal.reason.name if deal.reason else "",
            ]
        if not after:
            return
