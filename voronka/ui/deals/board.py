"""The board: columns of stages, cards of open deals, moves by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET

from voronka.core import clock, formats
from voronka.deals import queries
from voronka.deals.asking import conditions_of
from voronka.deals.filters import DealFilter
from voronka.deals.grouping import (
    COLUMNS,
    LANES,
    NONE,
    STAGE,
    Cell,
    Grouping,
    Place,
    cell_page,
    heads,
    key_of,
    layout,
    offered,
    stage_place,
)
from voronka.deals.models import Deal
from voronka.playbook.queries import FunnelInBook, active_funnels
from voronka.targets.queries import month_of, plan_fact, total
from voronka.ui.access import workspace_view
from voronka.ui.deals import shown
from voronka.ui.deals.chips import filter_chips
from voronka.ui.guide.steps import is_new
from voronka.ui.htmx import render_page, target, wants_fragment
from voronka.ui.navigation import workspace_url
from voronka.ui.plans.tones import tone_of
from voronka.workspaces.rights import Action, Reach, Subject

# The funnel last looked at, so that the board opens where one works.
FUNNEL_COOKIE = "funnel"


@dataclass(frozen=True)
class ColumnShown:
    """A column, or a cell of it in a lane, ready for the template."""

    place: Place
    sums: queries.Sums
    cards: list[shown.CardShown]
    more_url: str
    lane: str = ""

    @property
    def key(self) -> str:
        """Unlike any other on the page."""
        return f"{self.lane}-{self.place.key}" if self.lane else self.place.key

    @property
    def load(self) -> shown.Said | None:
        """What is said of the number of deals when the book limits it for the stage."""
        return shown.load(self.sums.count, self.place.stage.wip_limit if self.place.stage else None)


@dataclass(frozen=True)
class LaneShown:
    """A row of cells across the columns."""

    place: Place
    sums: queries.Sums
    cells: list[ColumnShown]


@dataclass(frozen=True)
class Scene:
    """What a board request is about: the funnel, the filter, and the deals of both within reach."""

    funnels: list[FunnelInBook]
    chosen: FunnelInBook
    query: DealFilter
    deals: Any
    by: Grouping = STAGE
    rows: Grouping | None = None

    @property
    def laid(self) -> dict[str, str]:
        """What of the address says how the board is laid out."""
        return layout_params(self.by, self.rows)

    @property
    def page_query(self) -> str:
        """The board's query string: the same for its columns and for the answers to moves."""
        return self.query.to_query(**self.laid)


def layout_params(by: Grouping, rows: Grouping | None) -> dict[str, str]:
    """The parameters of a layout; the usual one has none."""
    return {
        **({"by": by.code} if by is not STAGE else {}),
        **({"rows": rows.code} if rows is not None else {}),
    }


def scene_of(request: HttpRequest) -> Scene | None:
    """The funnel asked for, else the last one looked at, else the first; None when the book is empty."""
    funnels = active_funnels()
    if not funnels:
        return None
    query = DealFilter.from_params(request.GET, request.member)  # type: ignore[attr-defined]
    by_id = {found.funnel.pk: found for found in funnels}
    last = request.COOKIES.get(FUNNEL_COOKIE, "")
    chosen = by_id.get(query.funnel or 0) or by_id.get(int(last) if last.isdecimal() else 0) or funnels[0]
    query = replace(query.without("outcome", "stage"), funnel=chosen.funnel.pk)
    deals = query.apply(Deal.objects.visible_to(request.member, only_open=True))  # type: ignore[attr-defined]
    member = request.member  # type: ignore[attr-defined]
    by = {one.code: one for one in offered(COLUMNS, member)}.get(request.GET.get("by", ""), STAGE)
    rows = {one.code: one for one in offered(LANES, member)}.get(request.GET.get("rows", ""))
    return Scene(funnels, chosen, query, deals, by, rows if rows is not by else None)


@require_GET
@workspace_view(Subject.DEAL)
def board(request: HttpRequest) -> HttpResponse:
    """The board of one funnel."""
    scene = scene_of(request)
    if scene is None:
        return render_page(request, "deals/no_funnel.html", {"room": "deals"})
    context = board_context(request, scene) | head_context(request, scene)
    response = render_page(request, "deals/board.html", context, fragment="board")
    response.set_cookie(FUNNEL_COOKIE, str(scene.chosen.funnel.pk), max_age=31_536_000, samesite="Lax")
    return response


def head_context(request: HttpRequest, scene: Scene) -> dict[str, Any]:
    """The head of the board: funnels to choose from, views, conditions."""
    slug = _slug(request)
    address = workspace_url("deals_board", slug)
    return {
        "picker": [
            (
                f"{address}?{replace(scene.query, funnel=found.funnel.pk).to_query(**scene.laid)}",
                found.funnel.name,
                found is scene.chosen,
            )
            for found in scene.funnels
        ],
        "picker_label": scene.chosen.funnel.name,
        "views": views(slug, scene.query, "board"),
        "views_label": _("View"),
        "layouts": layouts(request, scene, address),
        "chips": filter_chips(request, scene.query, **scene.laid),
        "filter_url": filter_url(slug, scene),
        "all_url": f"{address}?{scene.query.only(['funnel']).to_query(**scene.laid)}",
    }


def layouts(
    request: HttpRequest, scene: Scene, address: str
) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """The menu of layouts: what columns and lanes can be made of."""
    member = request.member  # type: ignore[attr-defined]

    def link(by: Grouping, rows: Grouping | None) -> str:
        return f"{address}?{scene.query.to_query(**layout_params(by, rows))}"

    columns = [
        (link(one, scene.rows if scene.rows is not one else None), str(one.label), one is scene.by)
        for one in offered(COLUMNS, member)
    ]
    lanes = [(link(scene.by, None), _("No rows"), scene.rows is None)]
    lanes += [
        (link(scene.by, one), str(one.label), one is scene.rows)
        for one in offered(LANES, member)
        if one is not scene.by
    ]
    return [(_("Columns"), columns), (_("Rows"), lanes)]


def filter_url(slug: str, scene: Scene) -> str:
    """The filter builder with the board's conditions in it; it comes back to the board as it is laid out."""
    query = scene.query
    where = conditions_of(query.without("funnel")).also(query.tree())
    params = {"to": "board", "funnel": query.funnel or "", "where": where.to_text() or "[]", "q": query.q}
    params |= scene.laid
    return workspace_url("list_filter", slug, "deal") + "?" + urlencode(params)


def views(slug: str, query: DealFilter, current: str) -> list[tuple[str, str, bool]]:
    """The ways to look at the same deals, with the same filter."""
    named = {"board": ("deals_board", _("Board")), "table": ("deals_table", _("Table"))}
    return [
        (f"{workspace_url(url_name, slug)}?{query.to_query()}", label, key == current)
        for key, (url_name, label) in named.items()
    ]


def board_context(request: HttpRequest, scene: Scene) -> dict[str, Any]:
    """Columns and stat line; shared by the page and by the answer to a move."""
    made = laid_out(request, scene)
    return {
        "room": "deals",
        "scene": scene,
        "query": scene.query,
        "columns": made.columns,
        "lanes": made.lanes,
        "sums": made.sums,
        "stats": stats(request, scene, made.sums),
        "may_edit": request.member.may(Subject.DEAL, Action.EDIT),  # type: ignore[attr-defined]
        "may_move": may_move(request, scene.by),
        "board_url": workspace_url("deals_board", _slug(request)) + "?" + scene.page_query,
        "first_steps": is_new(request),
    }


@dataclass(frozen=True)
class Shown:
    """Columns with their cards; or, with lanes, the heads of columns and the lanes."""

    columns: list[ColumnShown]
    lanes: list[LaneShown]
    sums: queries.Sums


def laid_out(request: HttpRequest, scene: Scene) -> Shown:
    """The board as it was asked for. By stages without lanes the indexes answer alone."""
    stages = scene.chosen.all_stages
    if scene.by is STAGE and scene.rows is None:
        made = queries.board(scene.deals, stages)
        return Shown([column_shown(request, scene, column) for column in made.columns], [], made.sums)
    laid = layout(scene.deals, stages, scene.by, scene.rows)
    if scene.rows is None:
        return Shown([cell_shown(request, scene, cell) for cell in laid.lanes[0].cells], [], laid.sums)
    lanes = [
        LaneShown(lane.place, lane.sums, [cell_shown(request, scene, cell) for cell in lane.cells])
        for lane in laid.lanes
        if lane.place is not None
    ]
    return Shown([ColumnShown(place, sums, [], "") for place, sums in laid.columns], lanes, laid.sums)


def may_move(request: HttpRequest, by: Grouping) -> bool:
    """Whether cards can be carried to other columns: the right to what that changes."""
    member = request.member  # type: ignore[attr-defined]
    action = Action.HAND_OVER if by.code == "owner" else Action.EDIT
    return bool(member.may(Subject.DEAL, action)) and by.field not in member.readonly_fields("deal")


def column_shown(request: HttpRequest, scene: Scene, column: queries.Column) -> ColumnShown:
    """Cards in words and the address of the next ones."""
    slug = _slug(request)
    more = ""
    if column.more:
        more = workspace_url("deals_column", slug, column.stage.pk)
        more += "?" + scene.query.to_query(after=column.more)
    place = stage_place(column.stage)
    return ColumnShown(place, column.sums, [shown.card(deal, slug) for deal in column.deals], more)


def cell_shown(request: HttpRequest, scene: Scene, cell: Cell) -> ColumnShown:
    """Cards of a cell in words and the address of the next ones."""
    slug = _slug(request)
    lane = cell.lane.key if cell.lane else ""
    more = ""
    if cell.more:
        asked = scene.query.to_query(**scene.laid, column=cell.column.key, lane=lane, after=cell.more)
        more = f"{workspace_url('deals_cell', slug)}?{asked}"
    return ColumnShown(cell.column, cell.sums, [shown.card(deal, slug) for deal in cell.deals], more, lane)


@require_GET
@workspace_view(Subject.DEAL)
def cell(request: HttpRequest) -> HttpResponse:
    """The next cards of a cell, as one scrolls."""
    scene = scene_of(request)
    if scene is None:
        raise Http404
    if not wants_fragment(request):
        return board(request)
    spot = request.GET.get("column", ""), request.GET.get("lane", "") or NONE
    page = cell_page(
        scene.deals, scene.chosen.all_stages, scene.by, scene.rows, spot, request.GET.get("after", "")
    )
    if page is None:
        raise Http404
    context = {
        "column": cell_shown(request, scene, page),
        "may_edit": request.member.may(Subject.DEAL, Action.EDIT),  # type: ignore[attr-defined]
        "room": "deals",
    }
    return render_page(request, "deals/board.html", context, fragment="cards")


@require_GET
@workspace_view(Subject.DEAL)
def column(request: HttpRequest, stage_id: int) -> HttpResponse:
    """The next cards of a column, as one scrolls."""
    scene = scene_of(request)
    stage = next((s for s in scene.chosen.all_stages if s.pk == stage_id), None) if scene else None
    if scene is None or stage is None:
        raise Http404
    page = queries.column_page(scene.deals, stage, request.GET.get("after", ""))
    context = {"column": column_shown(request, scene, page), "may_edit": True, "room": "deals"}
    if not wants_fragment(request):
        return board(request)
    return render_page(request, "deals/board.html", context, fragment="cards")


def stats(request: HttpRequest, scene: Scene, sums: queries.Sums) -> list[dict[str, Any]]:
    """The stat line over the board; figures open their lists."""
    currency = request.workspace.currency  # type: ignore[attr-defined]
    priced = request.member.sees("deal", "amount")  # type: ignore[attr-defined]
    table = workspace_url("deals_table", _slug(request))

    def listed(**more: str) -> str:
        return f"{table}?{scene.query.to_query(outcome='open', **more)}"

    line = [
        {
            "label": pgettext("deals", "Open"),
            "value": f"{_deals(sums.count)} · {formats.money(sums.total, currency)}"
            if priced
            else _deals(sums.count),
            "url": listed(),
        },
    ]
    if priced and request.member.sees("deal", "probability"):  # type: ignore[attr-defined]
        weighted = formats.money(round(sums.weighted), currency)
        line.append({"label": _("Weighted"), "value": weighted, "url": listed()})
    if priced and (plan := plan_stat(request)):
        line.append(plan)
    if sums.no_next_step:
        line.append(
            {
                "label": _("No next step"),
                "value": formats.number(sums.no_next_step),
                "tone": shown.BAD,
                "url": listed(no_next_step="1"),
            }
        )
    if priced and sums.no_amount:
        line.append(
            {"label": _("No sum"), "value": formats.number(sums.no_amount), "url": listed(no_amount="1")}
        )
    if sums.no_rate:
        line.append({"label": _("No rate"), "value": formats.number(sums.no_rate), "tone": shown.SOON})
    return line


def _deals(count: int) -> str:
    return ngettext("%(count)s deal", "%(count)s deals", count) % {"count": formats.number(count)}


def plan_stat(request: HttpRequest) -> dict[str, Any] | None:
    """Plan of the month within the member's reach, with its pace; nothing where no plan is set."""
    member = request.member  # type: ignore[attr-defined]
    reach = member.reach(Subject.PLAN, Action.SEE)
    if reach == Reach.NONE:
        return None
    today = clock.today()
    period = month_of(today)
    rows = plan_fact(period, today=today, member_ids=[member.pk] if reach == Reach.OWN else None)
    if reach == Reach.TEAM:
        from voronka.workspaces.models import Member

        mine = set(Member.objects.filter(team__in=member.team_ids).values_list("pk", flat=True)) | {member.pk}
        rows = {pk: row for pk, row in rows.items() if pk in mine}
    sum_of = total(rows.values(), period=period, today=today)
    if sum_of.plan is None:
        return None
    pace = sum_of.pace
    currency = request.workspace.currency  # type: ignore[attr-defined]
    return {
        "label": _("Plan of the month"),
        "value": _("%(fact)s of %(plan)s")
        % {
            "fact": formats.short_money(sum_of.fact.total, currency),
            "plan": formats.short_money(sum_of.plan, currency),
        },
        "note": _("%(done)s, pace %(pace)s")
        % {"done": formats.percent(sum_of.done), "pace": formats.percent(pace)}
        if pace is not None
        else formats.percent(sum_of.done),
        "note_tone": tone_of(sum_of),
    }


def moved(request: HttpRequest, deal: Deal, left: str) -> HttpResponse:
    """What changed on the board when *deal* left a column: both heads, the card, the stat line."""
    scene = scene_of(request)
    if scene is None:
        raise Http404
    stages = scene.chosen.all_stages
    if scene.by is STAGE:
        by_stage = queries.stage_sums(scene.deals, stages)
        all_sums = sum(by_stage.values(), queries.Sums())
        told = [
            (stage_place(stage), by_stage.get(stage.pk, queries.Sums()))
            for stage in stages
            if str(stage.pk) in (left, str(deal.stage_id))
        ]
    else:
        told, all_sums = heads(scene.deals, stages, scene.by, (left, key_of(deal, scene.by)))
    # Read anew: what the stage has planned by itself is on the card at once.
    fresh = scene.deals.filter(pk=deal.pk).select_related("stage", "company", "owner").first()
    context = {
        "heads": [ColumnShown(place, sums, [], "") for place, sums in told],
        "card": shown.card(fresh, _slug(request)) if fresh else None,
        "deal": deal,
        "stats": stats(request, scene, all_sums),
        "may_edit": True,
    }
    return render_page(request, "deals/board.html", context, fragment="moved")


def is_from_board(request: HttpRequest) -> bool:
    """Whether a move was made on the board (by drag or key), which wants only what changed on it."""
    return target(request) == "board-answer"


def _slug(request: HttpRequest) -> str:
    return request.workspace.slug  # type: ignore[attr-defined]
