"""Figures of a cohort: reached, lost, open, reasons, by deals, clients and sums, from one scan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from voronka.analytics.frame import Rows, Sql, fetch, fetch_one
from voronka.analytics.funnel import rows
from voronka.analytics.funnel.context import Context, placing
from voronka.analytics.funnel.query import By
from voronka.analytics.funnel.results import StageFigures, Tally, ratio
from voronka.deals.choices import Outcome
from voronka.playbook.models import Reason

Key = tuple[int, str, int, int | None]


@dataclass
class Counts:
    """A cohort counted: `groups` by (depth position, outcome, stage, reason), of deals.

    The two dictionaries of clients are filled only when clients are asked.
    """

    groups: dict[Key, Tally] = field(default_factory=dict)
    assumed: int = 0
    without_client: int = 0
    # (position, is open at it) -> clients with all their deals; position n + 1 is won.
    clients: dict[tuple[int, bool], Tally] = field(default_factory=dict)
    # (stage position or None, reason or None) -> clients, and by the stage alone.
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
            " count(*) AS deals, sum(r.amount) AS amount, count(r.amount) AS priced",
            tail="GROUP BY r.client",
        )
    )
    for pos, is_open, clients, amount, unpriced in fetch(
        furthest.select(
            "r.pos, coalesce(r.open_pos = r.pos, FALSE), count(*), sum(r.amount), sum(r.deals - r.priced)::bigint",
            tail="GROUP BY 1, 2",
        )
    ):
        counts.clients[pos, is_open] = Tally(clients, amount or Decimal(0), unpriced)
    (counts.without_client,) = fetch_one(
        rows.cohort(ctx, everybody=True).select("count(*)", Sql("r.client IS NULL"))
    )
    lost = relation.filter(Sql("r.outcome = 'lost'"))
    placed = Rows(
        lost.select(
            "r.client, "
            + placing(ctx.stages)
            + " AS stood, "
            + _final_reason(Reason.objects.all())
            + " AS why"
        )
    )
    for stood, why, subtotal, clients in fetch(
        placed.select(
            "r.stood, r.why, grouping(r.why), count(DISTINCT r.client)",
            tail="GROUP BY GROUPING SETS ((r.stood, r.why), (r.stood))",
        )
    ):
        if subtotal:
            counts.client_stage_losses[stood] = clients
        else:
            counts.client_losses[stood, why] = clients


def _final_reason(reasons: Iterable[Reason]) -> Sql:
    """The reason of a row, merged ones as what they were merged into."""
    known = {reason.pk: reason.merged_into_id for reason in reasons}
    merged = [pk for pk, into in known.items() if into]
    if not merged:
        return Sql("r.reason_id")
    final = [final_reason(known, pk) for pk in merged]
    return Sql(
        "coalesce((%s::bigint[])[array_position(%s::bigint[], r.reason_id)], r.reason_id)", (final, merged)
    )


def final_reason(merged_into: Mapping[int, int | None], pk: int | None) -> int | None:
    """What the reason *pk* counts as: a merged one counts as the one it was merged into."""
    seen: set[int] = set()
    while pk is not None and pk not in seen and (following := merged_into.get(pk)):
        seen.add(pk)
        pk = following
    return pk


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
        nobody = Tally()
        clients = _cumulated(
            {
                pos: counts.clients.get((pos, True), nobody) + counts.clients.get((pos, False), nobody)
                for pos in reached
            },
            n,
        )
        # The sums stay those of the deals that reached the stage.
        reached = {pos: Tally(clients[pos].count, t.sum, t.unpriced) for pos, t in reached.items()}
        lost = {pos: counts.clients.get((pos, False), nobody) for pos in lost}
        still = {pos: counts.clients.get((pos, True), nobody) for pos in still}
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
    for stage in stages:
        # To the next stage in use: an archived one that still holds old deals is no step of the way.
        further = (s.reached for s in stages if s.line.pos > stage.line.pos and not s.line.is_archived)
        following = next(further, won)
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
