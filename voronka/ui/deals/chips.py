"""The filter of deals on the screen: chips of what is asked, and the dialog in which one asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from voronka.deals.filter_words import options
from voronka.deals.filters import FIELDS, LABELS, DealFilter, unasked
from voronka.ui.access import workspace_view
from voronka.ui.htmx import render_page
from voronka.ui.navigation import workspace_url
from voronka.workspaces.rights import Action, Reach, Subject

LISTS = (
    "owner",
    "team",
    "segment",
    "product_group",
    "source",
    "region",
    "industry",
    "kind",
    "priority",
    "interest",
)
RANGES = ("amount", "expected", "opened", "closed")
FLAGS = ("no_next_step", "overdue_step", "no_amount", "no_expected", "overdue_close")
VIEWS = {"board": "deals_board", "table": "deals_table"}


@dataclass(frozen=True)
class Chip:
    """A condition in words with the address that lacks it; a switch is on or off and toggles."""

    text: str
    url: str
    is_on: bool = True
    is_switch: bool = False


def filter_chips(request: HttpRequest, query: DealFilter, view: str = "board", **extra: Any) -> list[Chip]:
    """Switches «mine» and «my team» first, then every other condition with its ✕."""
    member = request.member  # type: ignore[attr-defined]
    base = workspace_url(VIEWS[view], request.workspace.slug)  # type: ignore[attr-defined]
    reach = member.reach(Subject.DEAL, Action.SEE)
    chips = []
    shown_elsewhere = {"funnel"} if view == "board" else set()
    mine = query.owner == (member.pk,)
    if reach > Reach.OWN:
        other = query.without("owner")
        if not mine:
            other = DealFilter.from_params({**other.to_params(), "owner": [str(member.pk)]})
        chips.append(Chip(_("Mine"), f"{base}?{other.to_query(**extra)}", is_on=mine, is_switch=True))
        if mine:
            shown_elsewhere.add("owner")
    for chip in query.chips(skip=shown_elsewhere, **extra):
        text = f"{chip.label}: {chip.text}" if chip.text else chip.label
        chips.append(Chip(text, f"{base}?{chip.without}"))
    return chips


@dataclass(frozen=True)
class ChoiceField:
    """A field of the dialog with several choices."""

    name: str
    label: str
    options: list[Any]
    chosen: list[str]


@dataclass(frozen=True)
class RangeField:
    """A field of the dialog with two ends."""

    name: str
    label: str
    kind: str
    first: str
    last: str


@dataclass
class FlagField:
    """A yes-or-no field of the dialog."""

    name: str
    label: str
    is_on: bool
    extra: dict[str, Any] = field(default_factory=dict)


@require_GET
@workspace_view(Subject.DEAL)
def filter_dialog(request: HttpRequest) -> HttpResponse:
    """The form in which every condition can be set; it sends itself to the board or the table."""
    view = request.GET.get("view", "board")
    view = view if view in VIEWS else "board"
    query = DealFilter.from_params(request.GET, request.member)  # type: ignore[attr-defined]
    asked = query.to_params()
    names = [*LISTS, "outcome", "reason"] if view == "table" else list(LISTS)
    kept = unasked(request.member.hidden_fields("deal"))  # type: ignore[attr-defined]
    context = {
        "room": "deals",
        "action": workspace_url(VIEWS[view], request.workspace.slug),  # type: ignore[attr-defined]
        "kept": [(name, value) for name in ("funnel", "stage") for value in asked.get(name, [])]
        + [("sort", sort) for sort in request.GET.getlist("sort")],
        "q": query.q,
        "lists": [
            ChoiceField(name, str(LABELS[name]), options(name, funnel=query.funnel), asked.get(name, []))
            for name in names
            if name not in kept
        ],
        "ranges": [
            RangeField(
                name,
                str(LABELS[f"{name}_from"]),
                "money" if FIELDS[f"{name}_from"] == "sum" else "date",
                *(next(iter(asked.get(f"{name}_{end}", [])), "") for end in ("from", "to")),
            )
            for name in RANGES
            if (view == "table" or name != "closed") and f"{name}_from" not in kept
        ],
        "flags": [
            FlagField(name, str(LABELS[name]), getattr(query, name)) for name in FLAGS if name not in kept
        ],
    }
    return render_page(request, "deals/filter.html", context, fragment="form")
