"""The pages of every report made in the common frame: the report, its filter, its file, the lists behind its numbers."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from voronka.analytics.events import ReportExported
from voronka.analytics.frame import Unanswerable
from voronka.analytics.funnel.context import funnels
from voronka.analytics.listing import PAGE, Listing, open_spec
from voronka.analytics.reporting.question import Against, Question
from voronka.analytics.reporting.registry import Instrument, answer, instruments
from voronka.core import clock, formats
from voronka.core.periods import PRESETS
from voronka.core.text import clip
from voronka.journal.actions import record
from voronka.ui.access import workspace_view
from voronka.ui.htmx import render_page, target, trigger, wants_fragment
from voronka.ui.navigation import workspace_url
from voronka.ui.reports.asking import Choice, filter_context
from voronka.ui.reports.drawn import Drawer
from voronka.ui.reports.files import workbook
from voronka.ui.reports.listing import deals_workbook, shown
from voronka.workspaces.rights import Action, Subject


def _asked(request: HttpRequest, name: str) -> tuple[Instrument, Question]:
    """The report of this name and the question in the address. Raises `Http404`."""
    member = request.member  # type: ignore[attr-defined]
    instrument = instruments(member).get(name)
    if instrument is None:
        raise Http404
    return instrument, Question.from_params(instrument.asking, request.GET, member)


class Addresses:
    """Where a report, its lists and its files are, for one question."""

    def __init__(self, request: HttpRequest, instrument: Instrument, question: Question) -> None:
        self._slug = request.workspace.slug  # type: ignore[attr-defined]
        self._name = instrument.name
        self.question = question

    def to(self, question: Question) -> str:
        """The page with another question."""
        return self._at("report", question)

    def list(self, cell: str, **extra: Any) -> str:
        return self._at("report_list", self.question, cell=cell, **extra)

    def here(self, view: str, **extra: Any) -> str:
        return self._at(view, self.question, **extra)

    def leads(self, about: str) -> str:
        """The card of «deal:12» (by number) or «company:3»; "" for what has none."""
        kind, _sep, pk = about.partition(":")
        return workspace_url(kind, self._slug, int(pk)) if pk.isdecimal() else ""

    def _at(self, view: str, question: Question, **extra: Any) -> str:
        text = question.to_query(**extra)
        base = workspace_url(view, self._slug, self._name)
        return f"{base}?{text}" if text else base


@require_GET
@workspace_view(Subject.REPORT)
def report(request: HttpRequest, name: str) -> HttpResponse:
    """One report: its question, sentence, pictures and tables."""
    instrument, question = _asked(request, name)
    at = Addresses(request, instrument, question)
    context: dict[str, Any] = {"room": "reports", "instrument": instrument, **controls(request, at)}
    try:
        found = answer(instrument, question, request.member)  # type: ignore[attr-defined]
    except Unanswerable as problem:
        context["problem"] = problem.message
    else:
        context |= {
            "answer": found,
            "page": Drawer(found, listed=at.list, leads=at.leads).page(),
        }
    response = render_page(request, "reports/report.html", context, fragment="report")
    # The filter and the days are asked in a dialog, which has done its work.
    return trigger(response, "dialog:close") if wants_fragment(request) else response


def controls(request: HttpRequest, at: Addresses) -> dict[str, Any]:
    """Everything above the figures: days, comparison, the report's own choices, funnel, filter."""
    question, asking = at.question, at.question.asking
    member = request.member  # type: ignore[attr-defined]
    try:
        days = question.days() if asking.has_period else None
    except Unanswerable:
        days = None
    rows = []
    for choice in asking.choices:
        picked = question.choice(choice.name)
        links = [
            Choice(str(label), at.to(question.but(**{choice.name: code})), code == picked)
            for code, label in choice.offered(member)
        ]
        rows.append({"choice": choice, "links": links, "picked": choice.label_of(picked, member)})
    params = question.to_params()
    return {
        "question": question,
        "is_dated": asking.has_period,
        "has_day": asking.has_day,
        "day": question.day or clock.today(),
        "days_text": days.label() if days else _("Period"),
        "first": days.first if days else question.first,
        "last": days.last if days else question.last,
        "presets": [
            Choice(
                str(one.label),
                at.to(question.but(period=one.code, first=None, last=None)),
                question.period == one.code,
            )
            for one in PRESETS
        ],
        "kept": [
            (name, value)
            for name, values in params.items()
            if name not in ("from", "to", "period", "date")
            for value in values
        ],
        "compares": [
            Choice(str(one.label), at.to(question.but(against=one)), one == question.against)
            for one in Against
        ]
        if asking.compares
        else [],
        "compared_text": _compared(question) if days else "",
        "choices": rows,
        **(_funnels(question, at) if asking.has_funnel else {}),
        "chip_urls": [
            (chip, at.to(question.but(filter=question.filter.without(chip.field))))
            for chip in question.filter.chips(skip={"funnel"})
        ],
        "filter_url": at.here("report_filter"),
        "page_url": workspace_url("report", request.workspace.slug, at._name),  # type: ignore[attr-defined]
        "file_url": at.here("report_file") if member.may(Subject.REPORT, Action.EXPORT) else "",
    }


def _compared(question: Question) -> str:
    """With what the days are compared, in words and days; "" for nothing."""
    other = question.other()
    return f"{question.against.label}: {other.days().label()}" if other else ""


def _funnels(question: Question, at: Addresses) -> dict[str, Any]:
    known = [one for one in funnels() if one.archived_at is None or one.pk == question.filter.funnel]
    picked = next((one for one in known if one.pk == question.filter.funnel), None)

    def of(pk: int | None) -> str:
        params = {**question.filter.to_params(), "funnel": [str(pk)] if pk else []}
        return at.to(question.but(filter=type(question.filter).from_params(params, question.filter.asker)))

    if len(known) < 2 and picked is None:
        return {}
    return {
        "funnels": [
            Choice(_("All funnels"), of(None), picked is None),
            *(Choice(one.name, of(one.pk), one == picked) for one in known),
        ],
        "picked_funnel": picked.name if picked else _("All funnels"),
    }


@require_GET
@workspace_view(Subject.REPORT)
def filter_dialog(request: HttpRequest, name: str) -> HttpResponse:
    """The dialog in which the conditions of the report are chosen."""
    instrument, question = _asked(request, name)
    action = workspace_url("report", request.workspace.slug, instrument.name)  # type: ignore[attr-defined]
    context = filter_context(request, question.filter, question.to_params(), action)
    return render_page(request, "reports/filter.html", context, fragment="form")


@require_GET
@workspace_view(Subject.REPORT, Action.EXPORT)
def file(request: HttpRequest, name: str) -> HttpResponse:
    """The tables of the report as a workbook: exactly what is shown, numbers as numbers."""
    instrument, question = _asked(request, name)
    member = request.member  # type: ignore[attr-defined]
    found = answer(instrument, question, member)
    response = workbook(f"{found.title} {formats.numeric_date(clock.now())}.xlsx", found.sheets())
    asked = [*found.asked, *(f"{chip.label}: {chip.text}" for chip in question.filter.chips())]
    with transaction.atomic():
        record(
            ReportExported(
                found.title, clip("; ".join(asked), 500), sum(len(table.rows) for table in found.tables)
            ),
            actor=member,
            subjects=[("member", member.pk)],
        )
    return response


def _listing(request: HttpRequest, name: str, limit: int | None) -> tuple[Addresses, Listing]:
    instrument, question = _asked(request, name)
    member = request.member  # type: ignore[attr-defined]
    cell = request.GET.get("cell", "")
    listing = open_spec(
        instrument.spec(question, member, cell),
        cell=cell,
        after=request.GET.get("after", ""),
        limit=limit,
        asked=(str(instrument.title), *([question.days().label()] if question.asking.has_period else [])),
    )
    return Addresses(request, instrument, question), listing


@require_GET
@workspace_view(Subject.REPORT)
def deals(request: HttpRequest, name: str) -> HttpResponse:
    """The deals that a number counts, with their count and sum in the foot."""
    slug = request.workspace.slug  # type: ignore[attr-defined]
    member = request.member  # type: ignore[attr-defined]
    instrument, question = _asked(request, name)
    context: dict[str, Any] = {
        "room": "reports",
        "report_url": Addresses(request, instrument, question).to(question),
        "report_title": instrument.title,
    }
    try:
        at, listing = _listing(request, name, PAGE)
    except Unanswerable as problem:
        context["problem"] = problem.message
        return render_page(request, "reports/deals.html", context, fragment="content", status=404)
    context |= {
        "listing": listing,
        "lines": [shown(line, slug) for line in listing.lines],
        "asked": " · ".join(listing.asked),
        "columns": 7 + bool(listing.has_spent) + (listing.marked is not None),
        "more_url": at.list(listing.cell, after=listing.following) if listing.following else "",
        "file_url": (
            at.here("report_list_file", cell=listing.cell)
            if member.may(Subject.DEAL, Action.EXPORT) and not listing.of_activities
            else ""
        ),
    }
    more = request.GET.get("after") and target(request)
    return render_page(request, "reports/deals.html", context, fragment="rows" if more else "content")


@require_GET
@workspace_view(Subject.DEAL, Action.EXPORT)
def deals_file(request: HttpRequest, name: str) -> HttpResponse:
    """The whole list as a workbook. Raises `Refused` for one too long to wait for."""
    _at, counted = _listing(request, name, 1)
    return deals_workbook(request, counted, lambda: _listing(request, name, None)[1])
