"""Figures of the pipeline: what stands in each stage now, or stood there at the end of a day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from voronka.analytics.frame import Sql, fetch, fetch_one
from voronka.analytics.funnel import rows
from voronka.analytics.funnel.context import Context, StageLine, placing
from voronka.analytics.funnel.query import By, Form
from voronka.analytics.funnel.results import StageFigures, Tally
from voronka.core.calendar import working_days_between
from voronka.core.periods import end_of


@dataclass
class Pipeline:
    """The pipeline counted."""

    stages: list[StageFigures]
    total: Tally
    weighted: Decimal
    without_client: int


def overdue_since(line: StageLine, today: dt.date) -> dt.datetime | None:
    """Deals that entered the stage before this moment stand beyond its limit on *today*; None without a limit."""
    if line.limit_days is None:
        return None
    # A first guess by the calendar, then to the day: there are never more working days than days.
    day = today - dt.timedelta(days=line.limit_days)
    while working_days_between(day, today) <= line.limit_days:
        day -= dt.timedelta(days=1)
    return end_of(day)


def beyond(ctx: Context) -> Sql:
    """The condition on `rows.standing`: it stands beyond the limit of its stage."""
    parts = [
        Sql("r.stage_id = ANY(%s) AND r.at < %s", (list(line.ids), moment))
        for line in ctx.stages
        if (moment := overdue_since(line, ctx.today))
    ]
    joined = Sql("FALSE")
    for part in parts:
        joined = joined + " OR (" + part + ")"
    return joined


def count(ctx: Context) -> Pipeline:
    """Count the open deals of *ctx* by stage."""
    relation = rows.standing(ctx)
    is_now = ctx.query.form == Form.NOW
    counted = "count(DISTINCT r.client)" if ctx.query.by == By.CLIENTS else "count(*)"
    late = beyond(ctx) if is_now else Sql("FALSE")
    placed = rows.Rows(
        relation.select(
            "r.*, "
            + placing(ctx.stages)
            + " AS pos, coalesce(r.probability, "
            + placing(ctx.stages, "probability")
            + ") AS chance, ("
            + late
            + ") AS late"
        )
    )
    stages = {line.pos: StageFigures(line, open_here=Tally(), weighted=Decimal(0)) for line in ctx.stages}
    total, weighted = Tally(), Decimal(0)
    for (
        pos,
        whole,
        n,
        amount,
        priced,
        deals,
        expected,
        n_late,
        sum_late,
        n_stepless,
        sum_stepless,
    ) in fetch(
        placed.select(
            f"r.pos, grouping(r.pos), {counted}, sum(r.amount), count(r.amount), count(*),"
            " sum(r.amount * r.chance) / 100,"
            f" {counted} FILTER (WHERE r.late), sum(r.amount) FILTER (WHERE r.late),"
            f" {counted} FILTER (WHERE r.next_activity_at IS NULL),"
            " sum(r.amount) FILTER (WHERE r.next_activity_at IS NULL)",
            tail="GROUP BY GROUPING SETS ((r.pos), ())",
        )
    ):
        tally = Tally(n, amount or Decimal(0), deals - priced)
        expected = (expected or Decimal(0)).quantize(Decimal("0.01"))
        if whole:
            total, weighted = tally, expected
            continue
        figures = stages[pos]
        figures.open_here, figures.weighted = tally, expected
        if is_now:
            figures.beyond = Tally(n_late, sum_late or Decimal(0))
            figures.no_next_step = Tally(n_stepless, sum_stepless or Decimal(0))
    shown = [figures for figures in stages.values() if _shown(figures)]
    if is_now:
        for figures in shown:
            figures.beyond = figures.beyond or Tally()
            figures.no_next_step = figures.no_next_step or Tally()
    without_client = 0
    if ctx.query.by == By.CLIENTS:
        everybody = rows.standing(ctx, everybody=True)
        (without_client,) = fetch_one(everybody.select("count(*)", Sql("r.client IS NULL")))
    return Pipeline(shown, total, weighted, without_client)


def _shown(figures: StageFigures) -> bool:
    return not figures.line.is_archived or bool(figures.open_here and figures.open_here.count)
