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


def _bin(seconds: str) -> str:
    """The bin of a length: a tenth of a day, beyond a hundred days a whole one."""
    return f"CASE WHEN {seconds} < 8640000 THEN {seconds} / 8640 ELSE 900 + {seconds} / 86400 END"


def times(ctx: Context) -> dict[int, tuple[Spread, Survival]]:
    """Stage position -> (time in stage of those finished in the period, honest time of those begun in it).

    One pass over the visits, counted in bins of a tenth of a day (of a day beyond a hundred).
    """
    relation = rows.visits(ctx)
    # Counting by small integers first: a year of a million deals is some ten thousand groups.
    measured = relation.select(
        Sql(
            'r.stage_id, r.began, r.finished, r."left" IS NULL AS going,'
            " CASE WHEN r.began THEN date_part('epoch', coalesce(r.\"left\", %s) - r.entered)::bigint END AS length,"
            " CASE WHEN r.finished THEN r.spent END AS spent",
            (ctx.now,),
        ),
        Sql("r.began OR r.finished"),
    )
    found = fetch(
        Sql(
            "SELECT m.stage_id, m.going,"
            f" {_bin('m.length')} AS length_bin, {_bin('m.spent')} AS spent_bin,"
            " count(*), min(m.length), max(m.length), min(m.spent), max(m.spent), sum(m.spent)"
            " FROM ("
        )
        + measured
        + ") m GROUP BY 1, 2, 3, 4"
    )
    finished: dict[int, dict[int, Measured]] = defaultdict(dict)
    begun: dict[int, list[Bin]] = defaultdict(list)
    for stage_id, going, length_bin, spent_bin, n, low, high, least, most, total in found:
        pos = ctx.place.get(stage_id)
        if pos is None:
            continue
        if spent_bin is not None:
            count, small, large, sum_ = finished[pos].get(spent_bin, (0, float("inf"), 0.0, 0.0))
            finished[pos][spent_bin] = (
                count + n,
                min(small, least / DAY),
                max(large, most / DAY),
                sum_ + float(total) / DAY,
            )
        if length_bin is not None:
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
