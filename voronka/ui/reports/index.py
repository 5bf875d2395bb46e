"""The room of reports: which ones there are and what each answers."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from voronka.analytics.funnel.query import Form, FunnelQuery
from voronka.analytics.reporting.registry import instruments
from voronka.ui.access import workspace_view
from voronka.ui.htmx import render_page
from voronka.ui.navigation import workspace_url
from voronka.workspaces.rights import Subject


@dataclass(frozen=True)
class Entry:
    """One way to look at a report."""

    icon: str
    title: str
    text: str
    url: str


@require_GET
@workspace_view(Subject.REPORT)
def index(request: HttpRequest) -> HttpResponse:
    """The list of reports."""
    base = workspace_url("report_funnel", request.workspace.slug)  # type: ignore[attr-defined]

    def entry(form: Form, icon: str, text: str) -> Entry:
        query = FunnelQuery(form=form).to_query()
        return Entry(icon, str(form.label), text, f"{base}?{query}" if query else base)

    forms = [
        entry(Form.COHORT, "filter", _("Of the deals opened in a period: how many reached each stage.")),
        entry(
            Form.NOW, "layout-kanban", _("What stands in each stage at this moment, and what it is worth.")
        ),
        entry(Form.ASOF, "calendar", _("The same at the end of any day in the past.")),
        entry(Form.MOVEMENT, "arrow-right", _("What came to each stage and what left it during a period.")),
    ]
    groups: dict[str, list[Entry]] = {}
    for one in instruments(request.member).values():  # type: ignore[attr-defined]
        url = workspace_url("report", request.workspace.slug, one.name)  # type: ignore[attr-defined]
        groups.setdefault(str(one.group), []).append(Entry(one.icon, str(one.title), str(one.about), url))
    context = {"room": "reports", "funnel_url": base, "forms": forms, "groups": list(groups.items())}
    return render_page(request, "reports/index.html", context)
