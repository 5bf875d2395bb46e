"""The answer: what a funnel report says. Every number has a `cell`, the name of the list behind it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

from voronka.analytics.funnel.context import Context, StageLine
from voronka.analytics.funnel.query import By
from voronka.analytics.survival import Spread, Survival

Number = int | Decimal


@dataclass(frozen=True)
class Tally:
    """How many and how much; `unpriced` of them have no sum and add 0."""

    count: int = 0
    sum: Decimal = Decimal(0)
    unpriced: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.count + other.count, self.sum + other.sum, self.unpriced + other.unpriced)

    def by(self, by: By | str) -> Number:
        """The number in the asked unit."""
        return self.sum if by == By.SUM else self.count


def ratio(part: Number | None, whole: Number | None) -> Decimal | None:
    """part / whole; None for an empty denominator."""
    if part is None or not whole:
        return None
    return Decimal(part) / Decimal(whole)


@dataclass
class StageFigures:
    """One stage. What a form does not define stays None."""

    line: StageLine
    # Cohort.
    reached: Tally | None = None
    lost_here: Tally | None = None
    open_here: Tally | None = None
    lost_from: Tally | None = None
    # In the asked unit.
    share: Decimal | None = None
    step_conversion: Decimal | None = None
    # Pipeline: `open_here` and the weighted sum.
    weighted: Decimal | None = None
    beyond: Tally | None = None
    no_next_step: Tally | None = None
    # Movement: what -> tally, and the balances.
    moves: dict[str, Tally] = field(default_factory=dict)
    at_start: Tally | None = None
    at_end: Tally | None = None
    lost_share: Decimal | None = None
    # Durations of the period.
    time: Spread | None = None
    honest: Survival | None = None


@dataclass(frozen=True)
class LossReason:
    """How many were lost from a stage for a reason (None: not given)."""

    stage_id: int | None
    reason_id: int | None
    name: str
    tally: Tally


@dataclass(frozen=True)
class Bottleneck:
    """The stage that costs most: by loss (share, norm, money) or by time (median, limit, what stands beyond)."""

    kind: str
    line: StageLine
    share: Decimal | None = None
    norm: Decimal | None = None
    money: Decimal | None = None
    median: float | None = None
    longer_than: float | None = None
    limit: int | None = None
    limit_calendar: float | None = None
    beyond: Tally | None = None


@dataclass
class Comparison:
    """The other cohort, and how it was read."""

    context: Context
    stages: dict[int, StageFigures]
    won: Tally
    total: Tally
    overall: Decimal | None


@dataclass
class FunnelReport:
    """Everything a funnel page, table, file or program shows."""

    context: Context
    stages: list[StageFigures]
    # Everything counted: the cohort, or the pipeline.
    total: Tally
    won: Tally | None = None
    overall: Decimal | None = None
    weighted: Decimal | None = None
    moved_back: int = 0
    assumed: int = 0
    without_client: int = 0
    ripening: Spread | None = None
    losses: list[LossReason] = field(default_factory=list)
    bottlenecks: list[Bottleneck] = field(default_factory=list)
    previous: Comparison | None = None
    # Durations, bottlenecks and comparison were left for a second answer.
    is_partial: bool = False
    # Days between which deals were opened at all: where to look when the period is empty.
    known: tuple[dt.date, dt.date] | None = None

    @property
    def by(self) -> By:
        return self.context.query.by

    @property
    def is_empty(self) -> bool:
        moved = any(stage.moves or (stage.at_start and stage.at_start.count) for stage in self.stages)
        return not self.total.count and not moved
