"""Which stage decides (metrics.md, KPI): the one whose monthly count goes best with won sums one ripening later."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt
from statistics import median
from typing import Final

from django.db import connection
from django.db.models import DurationField, ExpressionWrapper, F, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from voronka.core import clock
from voronka.core.tenancy import require_workspace_id
from voronka.deals.choices import Basis, Outcome
from voronka.deals.models import Deal
from voronka.playbook.models import Funnel, Stage

MONTHS: Final = 24
# Fewer pairs of months than this say nothing; a weaker bond than this is no bond.
LEAST_MONTHS: Final = 8
LEAST_BOND: Final = 0.4
MONTH_DAYS: Final = 30.4

Month = int  # year * 12 + month - 1

_FIRST_VISITS: Final = """
    SELECT date_trunc('month', came.first AT TIME ZONE %s), count(*)
    FROM (
        SELECT min(visit.entered) AS first
        FROM deals_stagevisit visit
        WHERE visit.workspace_id = %s AND visit.funnel_id = %s AND visit.stage_id = ANY(%s)
            AND visit.entered >= %s AND visit.basis <> %s
        GROUP BY visit.deal_id
    ) came
    GROUP BY 1
"""


@dataclass(frozen=True)
class KeyProposal:
    """*stage* with its *bond* (correlation, 0…1) to won sums *lag* months later, over so many *months*."""

    stage: Stage
    bond: float
    lag: int
    months: int


def key_proposal(funnel: Funnel, stages: Sequence[Stage]) -> KeyProposal | None:
    """The stage that the method proposes, None where history is too short or nothing goes with the sums."""
    now = clock.now()
    this = _month(timezone.localtime(now))
    first = this - MONTHS
    won = _won_by_month(funnel, now)
    lag = _ripening(funnel, now)
    if lag is None or not won:
        return None
    counts = _reached_by_month(funnel, stages, now)
    best: KeyProposal | None = None
    for stage in stages:
        reached = counts.get(stage.pk, {})
        if not reached:
            continue
        # Months before the first visit are not empty: nothing was written down then.
        begin = max(first, min(reached))
        pairs = [
            (float(reached.get(month, 0)), float(won.get(month + lag, Decimal(0))))
            for month in range(begin, this - lag)
        ]
        bond = correlation(pairs)
        if len(pairs) >= LEAST_MONTHS and bond is not None and bond >= LEAST_BOND:
            found = KeyProposal(stage, bond, lag, len(pairs))
            best = found if best is None or found.bond > best.bond else best
    return best


def correlation(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Pearson's; None where one side does not vary."""
    n = len(pairs)
    if n < 2:
        return None
    mean_x, mean_y = sum(x for x, _y in pairs) / n, sum(y for _x, y in pairs) / n
    spread_x = sum((x - mean_x) ** 2 for x, _y in pairs)
    spread_y = sum((y - mean_y) ** 2 for _x, y in pairs)
    if not spread_x or not spread_y:
        return None
    return sum((x - mean_x) * (y - mean_y) for x, y in pairs) / sqrt(spread_x * spread_y)


def _month(moment: dt.datetime) -> Month:
    return moment.year * 12 + moment.month - 1


def _won_by_month(funnel: Funnel, now: dt.datetime) -> dict[Month, Decimal]:
    rows = (
        Deal.objects.filter(funnel=funnel, outcome=Outcome.WON, closed_at__gte=_since(now))
        .order_by()
        .annotate(month=TruncMonth("closed_at"))
        .values_list("month")
        .annotate(total=Sum("amount_base"))
    )
    return {_month(month): total or Decimal(0) for month, total in rows}


def _ripening(funnel: Funnel, now: dt.datetime) -> int | None:
    """The median of opened → won in months, None where nothing was won."""
    length = ExpressionWrapper(F("closed_at") - F("opened_at"), output_field=DurationField())
    rows = (
        Deal.objects.filter(funnel=funnel, outcome=Outcome.WON, closed_at__gte=_since(now))
        .exclude(basis=Basis.ASSUMED)
        .order_by("-closed_at")
        .annotate(length=length)
        .values_list("length", flat=True)[:5000]
    )
    lengths = [one.total_seconds() / 86400 for one in rows]
    return round(median(lengths) / MONTH_DAYS) if lengths else None


def _reached_by_month(
    funnel: Funnel, stages: Sequence[Stage], now: dt.datetime
) -> Mapping[int, Mapping[Month, int]]:
    """Stage id -> month -> deals that came to it, or past it, for the first time in that month."""
    orders = dict(Stage.objects.filter(funnel=funnel).values_list("pk", "order"))
    counts: dict[int, dict[Month, int]] = {}
    for stage in stages:
        beyond = [pk for pk, order in orders.items() if order >= stage.order]
        with connection.cursor() as cursor:
            cursor.execute(
                _FIRST_VISITS,
                [
                    timezone.get_current_timezone_name(),
                    require_workspace_id(),
                    funnel.pk,
                    beyond,
                    _since(now),
                    Basis.ASSUMED,
                ],
            )
            counts[stage.pk] = {_month(month): many for month, many in cursor.fetchall()}
    return counts


def _since(now: dt.datetime) -> dt.datetime:
    return now - dt.timedelta(days=MONTHS * 31)
