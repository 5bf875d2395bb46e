"""Time in stage: of those who left it in the period, and honestly, with those who still stand there."""

from __future__ import annotations

from collections import defaultdict

from voronka.analytics.frame import Sql, fetch, fetch_one
from voronka.analytics.funnel import rows
from voronka.analytics.funnel.context import Context
from voronka.analytics.survival import Bin, Measured, Spread, Survival, kaplan_meier, spread

DAY = 86400
# An interval for the honest median makes sense from so many finished visits on (metrics.md#durations).
ENOUGH = 10


def times(ctx: Context) -> dict[int, tuple[Spread, Survival]]:
    """Stage position -> (time in stage of those finished in the period, honest time of those begun in it).

    One pass over the visits, counted in bins of a tenth of a day (of a day beyond a hundred).
    """
    relation = rows.visits(ctx)
    lengths = Sql(
        'r.stage_id, r.began, r.finished, r."left" IS NULL AS going, r.spent,'
        " date_part('epoch', coalesce(r.\"left\", %s) - r.entered) AS length",
        (ctx.now,),
    )
    measured = Sql("SELECT * FROM (") + relation.select(lengths) + ") m WHERE m.began OR m.finished"
    bins = (
        "CASE WHEN {0} < 8640000 THEN ({0} / 8640)::int ELSE 1000 + ({0} / 86400)::int END"
    )  # fmt: skip
    found = fetch(
        "SELECT m.stage_id, m.began, m.finished, m.going,"
        f" {bins.format('m.length')} AS length_bin, CASE WHEN m.finished THEN {bins.format('m.spent')} END"
        " AS spent_bin, count(*), min(m.length), max(m.length), min(m.spent), max(m.spent), sum(m.spent)"
        " FROM (" + measured + ") m GROUP BY 1, 2, 3, 4, 5, 6"
    )
    finished: dict[int, dict[int, Measured]] = defaultdict(dict)
    begun: dict[int, list[Bin]] = defaultdict(list)
    for stage_id, began, is_finished, going, _, spent_bin, n, low, high, least, most, total in found:
        pos = ctx.place.get(stage_id)
        if pos is None:
            continue
        if is_finished:
            count, small, large, sum_ = finished[pos].get(spent_bin, (0, float("inf"), 0.0, 0.0))
            finished[pos][spent_bin] = (
                count + n,
                min(small, least / DAY),
                max(large, most / DAY),
                sum_ + float(total) / DAY,
            )
        if began:
            length = (low + high) / 2 / DAY
            begun[pos].append((length, 0, n) if going else (length, n, 0))
    return {
        line.pos: (spread(list(finished[line.pos].values())), kaplan_meier(begun[line.pos]))
        for line in ctx.stages
    }


def ripening(ctx: Context) -> Spread:
    """Days from opening to winning of deals won in the period."""
    n, mean, quantiles = fetch_one(
        rows.ripened(ctx).select(
            "count(*), avg(r.spent), percentile_cont(ARRAY[0.25, 0.5, 0.75, 0.9]) WITHIN GROUP (ORDER BY r.spent)"
        )
    )
    if not n:
        return Spread(0, None, None, None, None, None)
    low, median, high, p90 = (value / DAY for value in quantiles)
    return Spread(n, float(mean) / DAY, median, low, high, p90)
