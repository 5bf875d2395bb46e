"""Figures of a cohort: reached, lost, open, reasons, by deals, clients and sums, from one scan."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from voronka.analytics.frame import Rows, Sql, fetch
from voronka.analytics.funnel import rows
from voronka.analytics.funnel.context import Context
from voronka.analytics.funnel.query import By
from voronka.analytics.funnel.results import StageFigures, Tally, ratio
from voronka.deals.choices import Outcome

Key = tuple[int, str, int, int | None]


@dataclass
class Counts:
    """A cohort counted: `groups` by (depth position, outcome, stage, reason), of deals.

    The two dictionaries of clients are filled only when clients are asked.
    """

    groups: dict[Key, Tally] = field(default_factory=dict)
    assumed: int = 0
    without_client: int = 0
    # (position, is open at it) -> clients; position n + 1 is won.
    clients: dict[tuple[int, bool], int] = field(default_factory=dict)
    # (stage position or None, reason or None, is the subtotal of the stage) -> clients.
    client_losses: dict[tuple[int | None, int | None], int] = field(default_factory=dict)
    client_stage_losses: dict[int | None, int] = field(default_factory=dict)


def count(ctx: Context) -> Counts:
    """Count the cohort of *ctx*."""
    relation = rows.cohort(ctx)
    counts = Counts()
    for pos, outcome, stage_id, reason_id, assumed, deals, total, priced in fetch(
        relation.select(
            "r.pos, r.outcome, r.stage_id, r.reason_id, r.assumed, count(*), sum(r.amount), count(r.amount)",
            tail="GROUP BY 1, 2, 3, 4, 5",
        )
    ):
        key = (pos, outcome, stage_id, reason_id)
        tally = Tally(deals, total or Decimal(0), deals - priced)
        counts.groups[key] = counts.groups.get(key, Tally()) + tally
        counts.assumed += deals if assumed else 0
    if ctx.query.by == By.CLIENTS:
        _count_clients(ctx, relation, counts)
    return counts


def _count_clients(ctx: Context, relation: Rows, counts: Counts) -> None:
    """A client stands as deep as its deepest deal; it is open there if one of its deals is, else lost."""
    furthest = Rows(
        relation.select(
            "r.client, max(r.pos) AS pos, max(r.pos) FILTER (WHERE r.outcome = 'open') AS open_pos,"
            " count(*) AS deals",
            tail="GROUP BY r.client",
        )
    )
    for pos, is_open, clients, deals, known in fetch(
        furthest.select(
            "r.pos, coalesce(r.open_pos = r.pos, FALSE), count(*), sum(r.deals), r.client IS NOT NULL",
            tail="GROUP BY 1, 2, 5",
        )
    ):
        if known:
            counts.clients[pos, is_open] = clients
        else:
            counts.without_client += int(deals)
    place = Sql("CASE")
    for stage in ctx.stages:
        place = place + Sql(" WHEN r.stage_id = ANY(%s) THEN %s", (list(stage.ids), stage.pos))
    lost = relation.filter(Sql("r.outcome = 'lost' AND r.client IS NOT NULL"))
    placed = Rows(lost.select("r.client, r.reason_id, " + place + " END AS stood"))
    for stood, reason_id, subtotal, clients in fetch(
        placed.select(
            "r.stood, r.reason_id, grouping(r.reason_id), count(DISTINCT r.client)",
            tail="GROUP BY GROUPING SETS ((r.stood, r.reason_id), (r.stood))",
        )
    ):
        if subtotal:
            counts.client_stage_losses[stood] = clients
        else:
            counts.client_losses[stood, reason_id] = clients


@dataclass
class Cohort:
    """Counts folded into stages."""

    stages: list[StageFigures]
    total: Tally
    won: Tally
    overall: Decimal | None
    moved_back: int


def fold(ctx: Context, counts: Counts) -> Cohort:
    """Figures by stage from *counts*: reached(k) is everything of depth k and deeper."""
    n = ctx.won_pos
    by_deals = {pos: {outcome: Tally() for outcome in Outcome.values} for pos in range(1, n + 1)}
    lost_from: dict[int | None, Tally] = {}
    moved_back = 0
    for (pos, outcome, stage_id, _), tally in counts.groups.items():
        by_deals[pos][outcome] += tally
        stood = ctx.place.get(stage_id)
        if outcome == Outcome.LOST:
            lost_from[stood] = lost_from.get(stood, Tally()) + tally
        if outcome != Outcome.WON and stood is not None and stood < pos:
            moved_back += tally.count
    reached = _cumulated({pos: sum(tallies.values(), Tally()) for pos, tallies in by_deals.items()}, n)
    lost = {pos: tallies[Outcome.LOST] for pos, tallies in by_deals.items()}
    still = {pos: tallies[Outcome.OPEN] for pos, tallies in by_deals.items()}
    if ctx.query.by == By.CLIENTS:
        clients = _cumulated(
            {
                pos: Tally(sum(counts.clients.get((pos, flag), 0) for flag in (True, False)))
                for pos in reached
            },
            n,
        )
        # The sums stay those of the deals that reached the stage.
        reached = {pos: Tally(clients[pos].count, t.sum, t.unpriced) for pos, t in reached.items()}
        lost = {pos: Tally(counts.clients.get((pos, False), 0)) for pos in lost}
        still = {pos: Tally(counts.clients.get((pos, True), 0)) for pos in still}
        lost_from = {
            pos: Tally(counts.client_stage_losses.get(pos, 0), t.sum, t.unpriced)
            for pos, t in lost_from.items()
        }
    stages = [
        StageFigures(
            line=line,
            reached=reached[line.pos],
            lost_here=lost[line.pos],
            open_here=still[line.pos],
            lost_from=lost_from.get(line.pos, Tally()),
        )
        for line in ctx.stages
    ]
    won = reached[n]
    stages = [stage for stage in stages if not stage.line.is_archived or _lives(stage)]
    by = ctx.query.by
    first = reached[1]
    for stage, following in zip(stages, [*(s.reached for s in stages[1:]), won], strict=True):
        assert stage.reached is not None
        assert following is not None
        stage.share = ratio(stage.reached.by(by), first.by(by))
        stage.step_conversion = ratio(following.by(by), stage.reached.by(by))
    return Cohort(stages, first, won, ratio(won.by(by), first.by(by)), moved_back)


def _cumulated(by_pos: dict[int, Tally], n: int) -> dict[int, Tally]:
    total, reached = Tally(), {}
    for pos in range(n, 0, -1):
        total += by_pos.get(pos, Tally())
        reached[pos] = total
    return reached


def _lives(stage: StageFigures) -> bool:
    """Whether an archived stage still holds something; the others are left out of the page."""
    return any(t and t.count for t in (stage.lost_here, stage.open_here, stage.lost_from))
