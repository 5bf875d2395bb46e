"""The condition builder of lists, for the filter of a report."""

from __future__ import annotations

from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from voronka.analytics.filters import report_fields, report_filter
from voronka.core.edits import PREFIX
from voronka.desk.lists.conditions import MOST_CONDITIONS
from voronka.ui.access import workspace_view
from voronka.ui.htmx import render_page
from voronka.ui.lists.filters import condition_shown, field_groups, first_condition, group_shown
from voronka.ui.lists.screens import get_screen
from voronka.ui.lists.state import read
from voronka.ui.navigation import workspace_url
from voronka.workspaces.rights import Action, Subject


@require_GET
@workspace_view(Subject.REPORT)
def conditions(request: HttpRequest) -> HttpResponse:
    """Conditions joined as one likes, about what holds of a deal whatever the moment; they go back to `to`."""
    member = request.member  # type: ignore[attr-defined]
    slug = request.workspace.slug  # type: ignore[attr-defined]
    screen = get_screen("deal")
    screen.listing.require(member, Action.SEE)
    address = request.GET.get("to") or workspace_url("report_funnel", slug)
    if not address.startswith(workspace_url("reports", slug)):
        raise Http404
    state = replace(read(request, screen, QueryDict("where=[]")), fields=report_fields(member))
    tree = report_filter(request.GET, member).tree()
    context = {
        "room": "reports",
        "screen": screen,
        "title": _("Filter of the report"),
        "state": replace(state, where=tree),
        "group": group_shown(state, tree, 1, slug),
        "fields": field_groups(state),
        "row_url": workspace_url("list_condition", slug, "deal") + "?only=report",
        "address": address,
        "target": "#report",
        "carried": [
            (name, value)
            for name, values in request.GET.lists()
            if name not in ("to", "where") and not name.startswith(PREFIX)
            for value in values
        ],
        "most": MOST_CONDITIONS,
        "blank": condition_shown(state, first_condition(state), slug),
    }
    return render_page(request, "lists/filter.html", context, fragment="form")
