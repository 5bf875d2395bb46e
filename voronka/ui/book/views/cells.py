"""A cell of the grid: what this group buys it for, how it chooses and buys, and by which funnel we sell it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from voronka.catalog.models import ProductGroup
from voronka.clients.models import Segment
from voronka.core.errors import Refused
from voronka.playbook.actions import write_cell
from voronka.playbook.actions.cells import CELL_FIELDS
from voronka.playbook.models import Cell
from voronka.playbook.queries import FunnelInBook, active_funnels
from voronka.ui.access import get_or_404, workspace_view
from voronka.ui.book.answers import (
    answer,
    book_url,
    conflict_of,
    feed_of,
    listening,
    put_refusal,
    touched,
    was_of,
)
from voronka.ui.htmx import render_page
from voronka.workspaces.rights import Action, Subject


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "data-autosize": "1"})


class CellForm(forms.Form):
    """What the book says of a pair."""

    buys_for = forms.CharField(
        label=gettext_lazy("What they buy it for"),
        required=False,
        widget=_area(3),
        help_text=gettext_lazy("The task they solve, in their own words: not what it is but what it does."),
    )
    chooses_by = forms.CharField(
        label=gettext_lazy("By what they choose"),
        required=False,
        widget=_area(3),
        help_text=gettext_lazy("What they compare suppliers by, the most important first."),
    )
    buying_steps = forms.CharField(
        label=gettext_lazy("Their own steps of buying"),
        required=False,
        widget=_area(4),
        help_text=gettext_lazy("One in a line: what happens on their side. Our stages follow these steps."),
    )


@workspace_view(Subject.BOOK, Action.SEE)
def cell(request: HttpRequest, group: int, segment: int) -> HttpResponse:
    """The cell: to read, or (POST, with the right) to write."""
    product_group = get_or_404(ProductGroup.objects.all(), group)
    target = get_or_404(Segment.objects.all(), segment)
    row = Cell.objects.filter(product_group=product_group, segment=target).first()
    may = request.member.may(Subject.BOOK, Action.CONFIGURE)  # type: ignore[attr-defined]
    if request.method != "POST":
        return _show(request, product_group, target, row, _form_of(row) if may else None)
    request.member.require(Subject.BOOK, Action.CONFIGURE)  # type: ignore[attr-defined]
    form = CellForm(request.POST)
    if form.is_valid():
        changes, was = touched(request, form)
        try:
            with listening(request) as heard:
                write_cell(product_group, target, actor=request.member, changes=changes, was=was)  # type: ignore[attr-defined]
        except Refused as refusal:
            if conflict := conflict_of(refusal):
                fresh = Cell.objects.filter(product_group=product_group, segment=target).first()
                return _show(request, product_group, target, fresh, form, conflict, status=422)
            put_refusal(form, refusal)
        else:
            return answer(request, heard, _("Saved"), redirect=book_url(request, "book"))
    return _show(request, product_group, target, row, form, status=422)


def _form_of(row: Cell | None) -> CellForm:
    return CellForm(initial={name: getattr(row, name) for name in CELL_FIELDS} if row else None)


def _show(
    request: HttpRequest,
    group: ProductGroup,
    segment: Segment,
    row: Cell | None,
    form: CellForm | None,
    conflict: Any = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "room": "book",
        "group": group,
        "segment": segment,
        "cell": row,
        "form": form,
        "was": was_of(row or Cell(), CELL_FIELDS),
        "conflict": conflict,
        "funnels": _funnels_of(group, segment),
        "url": book_url(request, "book_cell", group.pk, segment.pk),
        "changes": feed_of("cell", row.pk, 4) if row else [],
    }
    return render_page(request, "book/cell.html", context, status=status)


def _funnels_of(group: ProductGroup, segment: Segment) -> list[FunnelInBook]:
    return [
        found
        for found in active_funnels()
        if (found.funnel.product_group_id, found.funnel.segment_id) == (group.pk, segment.pk)
    ]
