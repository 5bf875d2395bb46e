"""Figures of movement: entries and exits of a period, and what stood at its two ends."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from voronka.analytics.frame import Rows, Sql, fetch, fetch_one
from voronka.analytics.funnel import rows
from voronka.analytics.funnel.context import Context, placing
from voronka.analytics.funnel.query import By
from voronka.analytics.funnel.results import StageFigures, Tally, ratio
from voronka.deals.choices import VisitEnd

ENTRY = "entry"


@dataclass
class Movement:
    """Movement counted; `total` is everything that entered or left, `assumed` the deals left out."""

    stages: list[StageFigures]
    total: Tally
    assumed: int


def _counted(ctx: Context) -> str:
    return "count(DISTINCT r.client)" if ctx.query.by == By.CLIENTS else "count(*)"


def _by_place(ctx: Context, relation: Rows, more: str) -> list[tuple[int, str, Tally]]:
    """Tallies by (position, `more`): a merged stage counts where it was merged to."""
    placed = Rows(relation.select("r.*, " + placing(ctx.stages) + " AS pos"))
    return [
        (pos, what, Tally(n, amount or Decimal(0), deals - priced))
        for pos, what, n, amount, priced, deals in fetch(
            placed.select(
                f"r.pos, {more}, {_counted(ctx)}, sum(r.amount), count(r.amount), count(*)",
                tail="GROUP BY 1, 2",
            )
        )
        if pos is not None
    ]


def count(ctx: Context) -> Movement:
    """Count the movement of *ctx*."""
    stages = {line.pos: StageFigures(line, at_start=Tally(), at_end=Tally()) for line in ctx.stages}
    total = Tally()
    for pos, what, tally in _by_place(ctx, rows.movement(ctx), "r.what"):
        stages[pos].moves[what] = tally
        total += tally
    for pos, _, tally in _by_place(ctx, rows.balance(ctx, at_end=False), "''"):
        stages[pos].at_start = tally
    for pos, _, tally in _by_place(ctx, rows.balance(ctx, at_end=True), "''"):
        stages[pos].at_end = tally
    by = ctx.query.by
    for figures in stages.values():
        lost, forward, won = (
            figures.moves.get(end.value, Tally()) for end in (VisitEnd.LOST, VisitEnd.FORWARD, VisitEnd.WON)
        )
        # Clients who left in two ways are one client: their share is not a quotient of these counts.
        if by != By.CLIENTS:
            figures.lost_share = ratio(lost.by(by), (lost + forward + won).by(by))
    shown = [
        figures
        for figures in stages.values()
        if not figures.line.is_archived
        or figures.moves
        or (figures.at_start and figures.at_start.count)
        or (figures.at_end and figures.at_end.count)
    ]
    return Movement(shown, total, _left_out(ctx))


def _left_out(ctx: Context) -> int:
    """Deals with a visit in the period that rests on an assumption: they are not in the figures."""
    (n,) = fetch_one(
        Sql(
            "SELECT count(DISTINCT v.deal_id) FROM deals_stagevisit v WHERE v.workspace_id = %s"
            " AND v.funnel_id = %s AND v.basis = 'assumed' AND v.entered < %s"
            ' AND (v."left" >= %s OR v."left" IS NULL)',
            (ctx.workspace_id, ctx.funnel.pk, ctx.end, ctx.start),
        )
    )
    return n
