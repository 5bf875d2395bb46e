"""The filter of deals on the board: chips of what is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from voronka.deals.filters import DealFilter
from voronka.ui.navigation import workspace_url
from voronka.workspaces.rights import Action, Reach, Subject

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
