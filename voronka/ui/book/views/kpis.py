"""The KPIs of the book: what is watched, how it is counted and judged."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from voronka.core.errors import Refused
from voronka.playbook.actions import add_kpi, edit_kpi, put_kpi_away, reorder_kpis
from voronka.playbook.actions.kpis import MOST_KPIS
from voronka.playbook.kpi_models import Kpi
from voronka.playbook.measures import kpis_in_use, measure_of, measures
from voronka.ui.access import get_or_404, workspace_view
from voronka.ui.book.answers import (
    answer,
    book_url,
    conflict_of,
    ids_of,
    listening,
    put_refusal,
    stepped,
    touched,
    was_of,
)
from voronka.ui.book.kpi_forms import KpiForm
from voronka.ui.htmx import render_page
from voronka.ui.once import once
from voronka.ui.plans.kpis import condition_of, told
from voronka.workspaces.rights import Action, Subject

NEW = {"weight": 20, "good": 100, "fair": 80}


@workspace_view(Subject.BOOK, Action.SEE)
def page(request: HttpRequest) -> HttpResponse:
    """The list."""
    kept = kpis_in_use()
    rows = [
        {
            "row": kpi,
            "kind": kind,
            "target": told(kind, kpi.target) if kind and kpi.target is not None else "",
            "condition": condition_of(kpi),
            "method": kpi.method or (str(kind.method) if kind else ""),
        }
        for kpi in kept
        for kind in [measure_of(kpi.measure)]
    ]
    context = {
        "room": "book",
        "tab": "kpis",
        "rows": rows,
        "is_full": len(rows) >= MOST_KPIS,
        "weights": sum(kpi.weight for kpi in kept),
        "may_configure": request.member.may(Subject.BOOK, Action.CONFIGURE),  # type: ignore[attr-defined]
        "may_see": request.member.may(Subject.PLAN, Action.SEE),  # type: ignore[attr-defined]
    }
    return render_page(request, "book/kpis.html", context, "list")


@once
@workspace_view(Subject.BOOK, Action.CONFIGURE)
def new(request: HttpRequest) -> HttpResponse:
    """One more; `measure` in the address chooses what is counted."""
    url = book_url(request, "book_kpi_new")
    if request.method != "POST":
        kind = measure_of(request.GET.get("measure", "")) or _next_measure()
        initial = {
            **NEW,
            "measure": kind.code,
            "better": kind.better,
            "method": kind.method,
            "name": kind.title,
        }
        return _show(request, KpiForm(initial=initial), url)
    form = KpiForm(request.POST)
    if form.is_valid():
        try:
            with listening(request) as heard:
                add_kpi(actor=request.member, **_named(form.cleaned_data))  # type: ignore[attr-defined]
        except Refused as refusal:
            put_refusal(form, refusal)
        else:
            return answer(request, heard, _("Added"), redirect=book_url(request, "book_kpis"))
    return _show(request, form, url, status=422)


def _next_measure() -> Any:
    """The first measure that is not watched yet: the key stage's before all."""
    used = {kpi.measure for kpi in kpis_in_use()}
    return next((kind for kind in measures() if kind.code not in used), measures()[0])


def _named(values: dict[str, Any]) -> dict[str, Any]:
    """Without a name of its own a KPI is called as its measure."""
    kind = measure_of(values.get("measure", ""))
    if "name" in values and not values["name"] and kind:
        values = {**values, "name": str(kind.title)}
    return values


@workspace_view(Subject.BOOK, Action.CONFIGURE)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """One KPI."""
    row = get_or_404(Kpi.objects.all(), pk)
    url = book_url(request, "book_kpi", pk)
    if request.method != "POST":
        return _show(request, KpiForm(row=row), url, row)
    form = KpiForm(request.POST, row=row)
    if form.is_valid():
        changes, was = touched(request, form)
        try:
            with listening(request) as heard:
                edit_kpi(row, actor=request.member, changes=_named(changes), was=was)  # type: ignore[attr-defined]
        except Refused as refusal:
            if conflict := conflict_of(refusal):
                return _show(request, form, url, get_or_404(Kpi.objects.all(), pk), conflict, status=422)
            put_refusal(form, refusal)
        else:
            return answer(request, heard, _("Saved"), redirect=book_url(request, "book_kpis"))
    return _show(request, form, url, row, status=422)


def _show(
    request: HttpRequest,
    form: KpiForm,
    url: str,
    row: Kpi | None = None,
    conflict: Any = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "room": "book",
        "form": form,
        "row": row,
        "url": url,
        "was": was_of(row, [name for name in form.fields if name != "measure"]),
        "conflict": conflict,
    }
    return render_page(request, "book/kpi_form.html", context, "form", status=status)


@require_POST
@workspace_view(Subject.BOOK, Action.CONFIGURE)
def away(request: HttpRequest, pk: int) -> HttpResponse:
    """Out of the book."""
    row = get_or_404(Kpi.objects.all(), pk)
    with listening(request) as heard:
        put_kpi_away(row, actor=request.member)  # type: ignore[attr-defined]
    return answer(request, heard, _("Taken out of the book"), redirect=book_url(request, "book_kpis"))


@require_POST
@workspace_view(Subject.BOOK, Action.CONFIGURE)
def order(request: HttpRequest) -> HttpResponse:
    """A new order: `ids`, or one KPI `move`d `by` a place."""
    ids = ids_of(request)
    if moved := ids_of(request, "move"):
        ids = stepped([kpi.pk for kpi in kpis_in_use()], moved[0], request.POST.get("by", ""))
    with listening(request) as heard:
        reorder_kpis(ids, actor=request.member)  # type: ignore[attr-defined]
    return answer(request, heard, _("Order saved"), redirect=book_url(request, "book_kpis"))
