"""The computed probability of stages (metrics.md): of those who came so far, what share was won.

Deals of the whole company: the book is one for all, and no deal can be told from a share.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Count

from voronka.core import clock
from voronka.deals.choices import Outcome
from voronka.deals.models import Deal
from voronka.playbook.models import Funnel, Stage

YEAR: Final = dt.timedelta(days=365)
# With fewer closed deals than this in a year, two years are read.
ENOUGH: Final = 50
# How many deals of the funnel's own share stand beside those of the stage.
PRIOR: Final = 20


@dataclass(frozen=True)
class Chance:
    """`percent` computed for a stage from *closed* deals that reached it, *won* of them, in so many *months*."""

    percent: int
    won: int
    closed: int
    months: int


@dataclass
class _Counts:
    won: int = 0
    lost: int = 0

    @property
    def closed(self) -> int:
        return self.won + self.lost


def chances_of(funnel: Funnel, stages: Sequence[Stage]) -> dict[int, Chance]:
    """Stage id -> its chance; stages that no closed deal has reached are left out. Two queries."""
    now = clock.now()
    year, both = _closed(funnel, now - YEAR, now), _closed(funnel, now - 2 * YEAR, now)
    found = {}
    for stage in stages:
        reached, months = _reached(year, stage.order), 12
        whole = year
        if reached.closed < ENOUGH:
            reached, whole, months = _reached(both, stage.order), both, 24
        if not reached.closed:
            continue
        everything = _reached(whole, 0)
        share = everything.won / everything.closed
        smoothed = (reached.won + PRIOR * share) / (reached.closed + PRIOR)
        found[stage.pk] = Chance(round(100 * smoothed), reached.won, reached.closed, months)
    return found


def _closed(funnel: Funnel, since: dt.datetime, till: dt.datetime) -> list[tuple[int, str, int]]:
    """(depth, outcome, how many) of the funnel's deals closed in the time."""
    rows = (
        Deal.objects.filter(
            funnel=funnel,
            outcome__in=[Outcome.WON, Outcome.LOST],
            closed_at__gte=since,
            closed_at__lt=till,
        )
        .order_by()
        .values_list("deepest_order", "outcome")
        .annotate(many=Count("pk"))
    )
    return list(rows)


def _reached(rows: Sequence[tuple[int, str, int]], order: int) -> _Counts:
    """What was won has reached every stage, whichever it passed over."""
    counts = _Counts()
    for depth, outcome, many in rows:
        if outcome == Outcome.WON:
            counts.won += many
        elif depth >= order:
            counts.lost += many
    return counts
