"""The table of deals: the list machine with the head of the room, and cells that only deals have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from voronka.core import formats
from voronka.deals.asking import conditions_of, with_open_ones
from voronka.deals.filters import FIELDS, DealFilter
from voronka.deals.models import Deal
from voronka.desk.lists.conditions import Group
from voronka.ui.access import workspace_view
from voronka.ui.deals import shown
from voronka.ui.icons import icon_svg
from voronka.ui.lists.screens import Screen, register
from voronka.ui.lists.table import show_list
from voronka.ui.navigation import workspace_url
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Subject

PLAIN = frozenset(FIELDS) - {"where", "q"}


def kept(params: Mapping[str, Any], member: Member) -> Group | None:
    """The plain parameters that reports, chips and the board write; open deals when no outcome is asked."""
    if not any(name in params for name in PLAIN):
        return None
    query = DealFilter.from_params(params, member).without("q", "where")
    return with_open_ones(conditions_of(query))


def stage_cell(deal: Deal) -> SafeString:
    """Where an open deal stands, how a closed one ended."""
    if not deal.is_open:
        css = {"won": "v-b-good", "lost": "v-b-bad"}.get(deal.outcome, "")
        return format_html('<span class="v-badge {}">{}</span>', css, str(deal.get_outcome_display()))
    return format_html(
        '<span class="v-dotted"><span class="v-dot" style="--tone: {}"></span>{}</span>',
        deal.stage.color,
        deal.stage.name,
    )


def next_cell(deal: Deal) -> SafeString:
    """The next step with its tone; nothing for a closed deal."""
    if not deal.is_open:
        return SafeString("")
    step = shown.next_step(deal)
    return format_html(
        '<span class="v-next {}" title="{}">{} {}</span>',
        step.tone,
        step.text,
        icon_svg(step.icon or "arrow-right"),
        step.text,
    )


def close_cell(deal: Deal) -> SafeString:
    """The expected date; red when an open deal's has passed."""
    said = shown.close_date(deal)
    return format_html('<span class="{}">{}</span>', said.tone, said.text)


def amount_cell(deal: Deal) -> SafeString:
    """The sum in the deal's own currency."""
    return format_html("{}", formats.money(deal.amount, deal.currency))


def tabs(slug: str, state: Any) -> list[tuple[str, str, bool]]:
    """Board and table of the same deals, with the same conditions."""
    where = state.where.to_text()
    query = urlencode({name: value for name, value in (("where", where), ("q", state.search)) if value})
    return [
        (f"{workspace_url('deals_board', slug)}?{query}", _("Board"), False),
        (f"{workspace_url('deals_table', slug)}?{state.query()}", _("Table"), True),
    ]


SCREEN = register(
    Screen(
        code="deal",
        room="deals",
        url_name="deals_table",
        row_url=lambda deal, slug: workspace_url("deal", slug, deal.number),
        title=gettext_lazy("Deals"),
        find=gettext_lazy("Deal, client or number"),
        icon="layout-kanban",
        create="deal_new",
        create_in_head=False,
        create_label=gettext_lazy("Deal"),
        empty_title=gettext_lazy("No deals yet"),
        empty_text=gettext_lazy(
            "Every sale under way stands here: with whom, for how much, what comes next."
        ),
        tabs=tabs,
        tabs_label=gettext_lazy("View"),
        kept=kept,
        cells={
            "number": lambda deal: format_html("{}", str(deal.number)),
            "stage": stage_cell,
            "next_activity_at": next_cell,
            "expected_close": close_cell,
            "amount": amount_cell,
        },
    )
)


@require_GET
@workspace_view(Subject.DEAL)
def table(request: HttpRequest) -> HttpResponse:
    """The list of deals."""
    return show_list(request, "deal")
