"""The two bottlenecks in words and money (metrics.md#durations): where deals are lost, where they stand too long."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from voronka.analytics.frame import Rows, Sql, fetch_one
from voronka.analytics.funnel import cohort, rows
from voronka.analytics.funnel.cohort import Cohort
from voronka.analytics.funnel.context import Context
from voronka.analytics.funnel.durations import ENOUGH
from voronka.analytics.funnel.pipeline import overdue_since
from voronka.analytics.funnel.query import By, Form
from voronka.analytics.funnel.results import Bottleneck, StageFigures, Tally, ratio
from voronka.core.periods import Period, add_months

# A limit is in working days, a length in calendar days: five of seven.
CALENDAR = 7 / 5
# Below so many deals a share says nothing.
FEW = 10
# Nor is it worth a word when a stage is this near to its norm: the share lost beyond it, in how many deals, how many
# times the limit.
LEAST_SHARE, LEAST_DEALS, LEAST_TIMES = Decimal("0.05"), 2, 1.2


@dataclass(frozen=True)
class LossLine:
    """What the loss of one stage is reckoned from."""

    pos: int
    reached: int
    passed: int
    lost: int


def loss(
    lines: list[LossLine], norms: dict[int, Decimal], winning: dict[int, Decimal], average: Decimal | None
) -> tuple[int, Decimal, Decimal | None, Decimal | None] | None:
    """The stage that loses most: (position, share lost, its norm or None, money or None).

    Cost of a stage = reached × (share lost − norm)⁺ × P(won | passed it) × average deal; without a norm, all that
    is lost. None when no stage with enough deals loses noticeably more than its norm.

    >>> from decimal import Decimal as D
    >>> loss([LossLine(1, 100, 60, 40), LossLine(2, 60, 40, 20)], {1: D("0.3"), 2: D("0.1")},
    ...      {1: D("0.2"), 2: D("0.5")}, D(1000))  # 100·0.1·0.2·1000 = 2000; 60·(1/3−0.1)·0.5·1000 = 7000
    (2, Decimal('0.3333333333333333333333333333'), Decimal('0.1'), Decimal('7000'))
    """
    best: tuple[int, Decimal, Decimal | None, Decimal] | None = None
    for line in lines:
        if line.reached < FEW or not line.lost:
            continue
        share = Decimal(line.lost) / line.reached
        norm = norms.get(line.pos)
        excess = share - (norm or Decimal(0))
        if excess < LEAST_SHARE or line.reached * excess < LEAST_DEALS:
            continue
        cost = line.reached * excess * winning.get(line.pos, Decimal(0)) * (average or Decimal(1))
        if best is None or cost > best[3]:
            best = (line.pos, share, norm, cost)
    if best is None:
        return None
    pos, share, norm, cost = best
    return pos, share, norm, cost.quantize(Decimal(1)) if average and cost else None


def of_cohort(ctx: Context, present: Cohort, stages: list[StageFigures]) -> list[Bottleneck]:
    """The bottlenecks of a cohort; the norm is the same funnel's twelve months before the period."""
    found = [_loss(ctx, present), _time(ctx, stages)]
    return [bottleneck for bottleneck in found if bottleneck]


def _loss(ctx: Context, present: Cohort) -> Bottleneck | None:
    before = replace(
        ctx,
        query=ctx.query.but(by=By.DEALS),
        period=Period(add_months(ctx.period.first, -12), ctx.period.previous().last),
        read_at=None,
    )
    past = cohort.fold(before, cohort.count(before))
    now = present
    if ctx.query.by != By.DEALS:
        same = replace(ctx, query=ctx.query.but(by=By.DEALS))
        now = cohort.fold(same, cohort.count(same))
    norms = {line.pos: Decimal(line.lost) / line.reached for line in _lines(past) if line.reached >= FEW}
    # What follows a passed stage is known from deals that have had the time to end.
    source = past if past.won.count else now
    winning = {line.pos: ratio(source.won.count, line.passed) or Decimal(0) for line in _lines(source)}
    priced = source.won.count - source.won.unpriced
    found = loss(_lines(now), norms, winning, ratio(source.won.sum, priced))
    if found is None:
        return None
    pos, share, norm, money = found
    return Bottleneck("loss", ctx.stages[pos - 1], share=share, norm=norm, money=money)


def _lines(found: Cohort) -> list[LossLine]:
    following = [*(s.reached for s in found.stages[1:]), found.won]
    return [
        LossLine(
            stage.line.pos,
            stage.reached.count if stage.reached else 0,
            after.count if after else 0,
            stage.lost_here.count if stage.lost_here else 0,
        )
        for stage, after in zip(found.stages, following, strict=True)
    ]


def _time(ctx: Context, stages: list[StageFigures]) -> Bottleneck | None:
    best: tuple[float, StageFigures] | None = None
    for stage in stages:
        limit, honest = stage.line.limit_days, stage.honest
        if not limit or honest is None or honest.n < ENOUGH:
            continue
        length = honest.median if honest.median is not None else honest.longest
        by_limit = length / (limit * CALENDAR)
        if by_limit >= LEAST_TIMES and (best is None or by_limit > best[0]):
            best = (by_limit, stage)
    if best is None:
        return None
    line, honest = best[1].line, best[1].honest
    assert honest is not None
    assert line.limit_days is not None
    return Bottleneck(
        "time",
        line,
        median=honest.median,
        longer_than=None if honest.median is not None else honest.longest,
        limit=line.limit_days,
        limit_calendar=line.limit_days * CALENDAR,
        beyond=standing_beyond(ctx, line.id),
    )


def now_form(ctx: Context) -> Context:
    """The same question about the pipeline of this moment."""
    return replace(ctx, query=ctx.query.but(form=Form.NOW, by=By.DEALS), read_at=None)


def standing_beyond(ctx: Context, stage_id: int) -> Tally:
    """Open deals that stand in the stage beyond its limit now, with their sum."""
    line = ctx.stage(stage_id)
    moment = overdue_since(line, ctx.today) if line else None
    if line is None or moment is None:
        return Tally()
    relation: Rows = rows.standing(now_form(ctx))
    n, amount, priced = fetch_one(
        relation.select(
            "count(*), sum(r.amount), count(r.amount)",
            Sql("r.stage_id = ANY(%s) AND r.at < %s", (list(line.ids), moment)),
        )
    )
    return Tally(n, amount or Decimal(0), n - priced)
