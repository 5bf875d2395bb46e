"""The page «Воронка продаж», its filter and its file."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from voronka.analytics.events import ReportExported
from voronka.analytics.frame import Unanswerable
from voronka.analytics.funnel import output
from voronka.analytics.funnel.context import default_funnel, funnels
from voronka.analytics.funnel.query import CUSTOM, Age, By, Compare, Form, FunnelQuery, View
from voronka.analytics.funnel.report import run
from voronka.analytics.funnel.results import FunnelReport
from voronka.core import clock, formats
from voronka.core.periods import PRESETS
from voronka.core.text import clip
from voronka.journal.actions import record
from voronka.ui.access import workspace_view
from voronka.ui.htmx import render_page, trigger, wants_fragment
from voronka.ui.navigation import workspace_url
from voronka.ui.reports.asking import Choice, filter_context
from voronka.ui.reports.files import workbook
from voronka.ui.reports.shown import Drawer
from voronka.workspaces.rights import Action, Subject


class Addresses:
    """Where the report, its lists and its files are, for one question."""

    def __init__(self, request: HttpRequest, query: FunnelQuery, loss: int | None) -> None:
        self._slug = request.workspace.slug  # type: ignore[attr-defined]
        self.query = query
        self.loss = loss

    def to(self, query: FunnelQuery, **extra: Any) -> str:
        """The page with another question."""
        return self._at("report_funnel", query, **{"loss": self.loss, **extra})

    def list(self, cell: str, *, prev: bool = False) -> str:
        return self._at("report_funnel_deals", self.query, cell=cell, prev="1" if prev else "")

    def here(self, name: str, **extra: Any) -> str:
        return self._at(name, self.query, **extra)

    def _at(self, name: str, query: FunnelQuery, **extra: Any) -> str:
        text = query.to_query(**extra)
        base = workspace_url(name, self._slug)
        return f"{base}?{text}" if text else base


@require_GET
@workspace_view(Subject.REPORT)
def funnel(request: HttpRequest) -> HttpResponse:
    """The report. A large one comes in two steps: counts at once, durations and comparison right after."""
    member = request.member  # type: ignore[attr-defined]
    query = FunnelQuery.from_params(request.GET, member)
    loss = request.GET.get("loss", "")
    at = Addresses(request, query, int(loss) if loss.isdecimal() and len(loss) < 19 else None)
    context: dict[str, Any] = {"room": "reports", **controls(request, at)}
    try:
        report = run(query, member, quick="all" not in request.GET)
    except Unanswerable as problem:
        context["problem"] = problem.message
        return _answer(request, context)
    drawer = Drawer(
        report,
        currency=request.workspace.currency,  # type: ignore[attr-defined]
        listed=at.list,
        loss_of=lambda stage: at.to(query, loss=stage),
        chosen_loss=at.loss,
    )
    context |= {
        "report": report,
        "page": drawer.page(),
        "picked_funnel": report.context.funnel.name,
        "days_text": output.asked_days(report),
        "compared_text": output.compared_words(report),
        "older": query.form == Form.COHORT and query.age == Age.NOW and report.previous is not None,
        "rest_url": at.to(query, all="1") if report.is_partial else "",
        "known_url": _known(at, report),
        "recounted_at": report.context.funnel.recounted_at,
    }
    return _answer(request, context)


def _answer(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    response = render_page(request, "reports/funnel.html", context, fragment="report")
    # The filter and the days are asked in a dialog, which has done its work.
    return trigger(response, "dialog:close") if wants_fragment(request) else response


def controls(request: HttpRequest, at: Addresses) -> dict[str, Any]:
    """Everything above the figures: forms, days, comparison, filter, unit."""
    query = at.query
    today = clock.today()
    period = query.resolved_period(today)
    member = request.member  # type: ignore[attr-defined]
    known = list(funnels())
    picked = next((f for f in known if f.pk == query.filter.funnel), None) or default_funnel()
    dated = query.form in (Form.COHORT, Form.MOVEMENT)
    return {
        "query": query,
        "forms": [Choice(str(f.label), at.to(query.but(form=f)), f == query.form) for f in Form],
        "units": [Choice(str(b.label), at.to(query.but(by=b)), b == query.by) for b in By],
        "views": [Choice(str(v.label), at.to(query.but(view=v)), v == query.view) for v in View],
        "is_diagram": query.view == View.DIAGRAM,
        "funnels": [
            Choice(
                f.name,
                at.to(query.but(filter=_with_funnel(query, f.pk)), loss=None),
                picked is not None and f == picked,
            )
            for f in known
            if f.archived_at is None or f == picked
        ],
        "picked_funnel": picked.name if picked else "",
        "presets": [
            Choice(
                str(p.label),
                at.to(query.but(period=p.code, first=None, last=None)),
                query.period == p.code,
            )
            for p in PRESETS
        ]
        if dated
        else [],
        "is_dated": dated,
        "is_asof": query.form == Form.ASOF,
        "first": period.first if period else query.first,
        "last": period.last if period else query.last,
        "date": query.date or today,
        "days_text": (period.label() if period else _("Period")) if dated else "",
        "compares": _compares(at) if query.form == Form.COHORT else [],
        "compared_text": "",
        "chips": query.filter.chips(),
        "chip_urls": [
            (chip, at.to(query.but(filter=query.filter.without(chip.field)))) for chip in query.filter.chips()
        ],
        "kept": _kept(query, "from", "to", "period", "date"),
        "filter_url": at.here("report_funnel_filter"),
        "page_url": workspace_url("report_funnel", request.workspace.slug),  # type: ignore[attr-defined]
        "file_url": at.here("report_funnel_file") if member.may(Subject.REPORT, Action.EXPORT) else "",
        "this_url": at.to(query, loss=at.loss),
    }


def _with_funnel(query: FunnelQuery, pk: int) -> Any:
    return type(query.filter).from_params({**query.filter.to_params(), "funnel": [str(pk)]})


def _compares(at: Addresses) -> list[Choice]:
    query = at.query
    pairs = [
        (Compare.PREVIOUS, Age.SAME, _("The previous period, at the same age")),
        (Compare.YEAR, Age.SAME, _("A year ago, at the same age")),
        (Compare.PREVIOUS, Age.NOW, _("The previous period, as it stands now")),
        (Compare.YEAR, Age.NOW, _("A year ago, as it stands now")),
    ]
    choices = [
        Choice(
            label,
            at.to(query.but(compare=compare, age=age)),
            (query.compare, query.age) == (compare, age),
        )
        for compare, age, label in pairs
    ]
    none = at.to(query.but(compare=Compare.NONE, age=Age.SAME))
    return [*choices, Choice(_("Do not compare"), none, query.compare == Compare.NONE)]


def _kept(query: FunnelQuery, *without: str) -> list[tuple[str, str]]:
    """The rest of the question as hidden fields of a form."""
    return [
        (name, value) for name, values in query.to_params().items() if name not in without for value in values
    ]


def _known(at: Addresses, report: FunnelReport) -> str:
    """The same report over all days on which deals were opened, when the asked ones are empty."""
    if report.known is None or at.query.form not in (Form.COHORT, Form.MOVEMENT):
        return ""
    return at.to(at.query.but(period=CUSTOM, first=report.known[0], last=report.known[1]))


@require_GET
@workspace_view(Subject.REPORT)
def filter_dialog(request: HttpRequest) -> HttpResponse:
    """The dialog in which the conditions of the report are chosen."""
    query = FunnelQuery.from_params(request.GET, request.member)  # type: ignore[attr-defined]
    action = workspace_url("report_funnel", request.workspace.slug)  # type: ignore[attr-defined]
    context = filter_context(request, query.filter, query.to_params(), action)
    return render_page(request, "reports/filter.html", context, fragment="form")


@require_GET
@workspace_view(Subject.REPORT, Action.EXPORT)
def file(request: HttpRequest) -> HttpResponse:
    """The table of the report as a workbook: exactly what is shown."""
    member = request.member  # type: ignore[attr-defined]
    query = FunnelQuery.from_params(request.GET, member)
    report = run(query, member)
    name = f"{_('Sales funnel')} {formats.numeric_date(report.context.now)}.xlsx"
    response = workbook(name, [output.sheet(report)])
    asked = [report.context.funnel.name, output.asked_days(report)]
    asked += [f"{chip.label}: {chip.text}" for chip in query.filter.chips(skip={"funnel"})]
    with transaction.atomic():
        record(
            ReportExported(_("Sales funnel"), clip("; ".join(asked), 500), len(report.stages)),
            actor=member,
            subjects=[("member", member.pk)],
        )
    return response
