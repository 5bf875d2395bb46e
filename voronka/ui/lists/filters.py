"""The filter builder: a dialog in which conditions are put together, row by row and group by group."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from voronka.analytics.filters import report_fields
from voronka.deals.models import Deal
from voronka.desk.lists import relative
from voronka.desk.lists.conditions import (
    DEEPEST,
    IN_DAYS,
    MANY_VALUES,
    MOST_CONDITIONS,
    NUMBER_PATTERN,
    WITHOUT_VALUE,
    Condition,
    Group,
    ops_of,
)
from voronka.desk.lists.fields import NUMBERS, TIMES, Field, Kind
from voronka.desk.lists.words import OPS
from voronka.desk.search import search
from voronka.ui.access import workspace_view
from voronka.ui.htmx import render_page
from voronka.ui.lists.editing import source_url
from voronka.ui.lists.screens import get_screen
from voronka.ui.lists.state import ListState, read
from voronka.ui.lists.table import choices_of
from voronka.ui.navigation import workspace_url
from voronka.workspaces.rights import Action, Subject

MOST_FOUND = 20
LAID = ("funnel", "by", "rows")


@dataclass(frozen=True)
class ConditionShown:
    """A row of the builder: the field, its operators, and how its value is picked."""

    field: Field
    op: str
    ops: list[tuple[str, str]]
    picker: str
    values: list[str]
    options: list[tuple[str, str]]
    source: str
    number_pattern: str = NUMBER_PATTERN


@dataclass(frozen=True)
class GroupShown:
    """A group of the builder; `may_nest` while another level is allowed."""

    joined: str
    items: list[Any]
    depth: int
    may_nest: bool
    is_group: bool = True


@require_GET
@workspace_view()
def filter_dialog(request: HttpRequest, code: str) -> HttpResponse:
    """The builder with the present conditions; it sends itself to the list."""
    screen = get_screen(code)
    screen.listing.require(request.member, Action.SEE)  # type: ignore[attr-defined]
    state = read(request, screen)
    slug = request.workspace.slug  # type: ignore[attr-defined]
    address = request.GET.get("to", "")
    board = address == "board" and code == "deal"
    context = {
        "room": screen.room,
        "screen": screen,
        "state": state,
        "group": group_shown(state, state.where, 1, slug),
        "fields": field_groups(state),
        "row_url": workspace_url("list_condition", slug, code),
        "address": workspace_url("deals_board", slug) if board else screen.url(slug),
        # The board is a page of its own; what of its address is no condition stays as it is.
        "target": "" if board else "#list",
        "carried": [
            *(
                [(name, value) for name in LAID if (value := request.GET.get(name))]
                if board
                else [("view", state.view_code), ("sort", state.sort)]
            ),
            *([("q", state.search)] if state.search else []),
        ],
        "most": MOST_CONDITIONS,
        "blank": condition_shown(state, first_condition(state), slug),
    }
    return render_page(request, "lists/filter.html", context, fragment="form")


def first_condition(state: ListState) -> Condition:
    """What a new row begins with."""
    name = next((name for name in state.listing.quick if name in state.fields), state.listing.main)
    return Condition(name, ops_of(state.fields[name])[0])


def group_shown(state: ListState, group: Group, depth: int, slug: str) -> GroupShown:
    """A group with everything in it."""
    return GroupShown(
        group.joined,
        [
            group_shown(state, item, depth + 1, slug)
            if isinstance(item, Group)
            else condition_shown(state, item, slug)
            for item in group.items
            if isinstance(item, Group) or item.field in state.fields
        ],
        depth,
        depth < DEEPEST,
    )


def condition_shown(state: ListState, condition: Condition, slug: str) -> ConditionShown:
    """A condition as a row of the builder."""
    field = state.fields[condition.field]
    ops = ops_of(field)
    op = condition.op if condition.op in ops else ops[0]
    picker = picker_of(field, op)
    values = list(condition.values)
    options: list[tuple[str, str]] = []
    if picker == "choices":
        options = choices_of(field, state, values)
    elif picker == "period":
        options = [(code, str(label)) for code, label in relative.PERIODS.items()]
    return ConditionShown(
        field, op, [(code, str(OPS[code])) for code in ops], picker, values, options, source_url(field, slug)
    )


def picker_of(field: Field, op: str) -> str:
    """The control for the value: none, choices, period, days, number(s), day(s), text."""
    if op in WITHOUT_VALUE:
        return "none"
    if op in MANY_VALUES:
        return "choices"
    if op == "period":
        return "period"
    if op in IN_DAYS or field.kind == Kind.DAYS:
        return "days"
    two = "2" if op == "between" else ""
    if field.kind in NUMBERS:
        return f"number{two}"
    return f"day{two}" if field.kind in TIMES else "text"


def field_groups(state: ListState) -> list[tuple[str, list[Field]]]:
    """Fields that can be asked about, by the groups of the column chooser; those of the subject itself first."""
    asked = [field for field in state.fields.values() if field.filterable]
    order = list(dict.fromkeys(str(field.group) for field in asked))
    asked.sort(key=lambda field: order.index(str(field.group)) if field.group else -1)
    return [
        (name or str(state.listing.label), list(found))
        for name, found in groupby(asked, key=lambda field: str(field.group))
    ]


@require_GET
@workspace_view()
def condition_row(request: HttpRequest, code: str) -> HttpResponse:
    """One row of the builder for the field and operator that were chosen."""
    screen = get_screen(code)
    screen.listing.require(request.member, Action.SEE)  # type: ignore[attr-defined]
    state = read(request, screen, request.GET.copy())
    only = request.GET.get("only", "") == "report"
    if only:
        known = report_fields(state.member)
        state = replace(state, fields={name: one for name, one in state.fields.items() if name in known})
    field = state.fields.get(request.GET.get("field", ""))
    if field is None or not field.filterable:
        raise Http404
    slug = request.workspace.slug  # type: ignore[attr-defined]
    values = tuple(value for value in request.GET.getlist("value") if value)
    op = request.GET.get("op", "")
    before, now = picker_of(field, request.GET.get("before", "") or op), picker_of(field, op)
    # A value that was picked stays while the control stays.
    shown = condition_shown(state, Condition(field.name, op, values if before == now else ()), slug)
    context = {
        "room": screen.room,
        "screen": screen,
        "state": state,
        "item": shown,
        "fields": field_groups(state),
        "row_url": workspace_url("list_condition", slug, code) + ("?only=report" if only else ""),
    }
    return render_page(request, "lists/filter.html", context, fragment="row")


@require_GET
@workspace_view(Subject.DEAL)
def deals_options(request: HttpRequest) -> JsonResponse:
    """Deals that the member may see, by part of a name or a number; one's newest open ones for an empty question."""
    member = request.member  # type: ignore[attr-defined]
    text = request.GET.get("q", "").strip()
    visible = Deal.objects.present().visible_to(member).select_related("company")
    if text:
        found = [hit.object_id for hit in search(member, text, MOST_FOUND, ["deal"]).hits]
        deals = list(visible.filter(pk__in=found))
    else:
        deals = list(visible.open().filter(owner=member).order_by("-pk")[:MOST_FOUND])
    return JsonResponse(
        {
            "items": [
                {"value": str(deal.pk), "text": deal.title, "hint": deal.company.name if deal.company else ""}
                for deal in deals
            ]
        }
    )
