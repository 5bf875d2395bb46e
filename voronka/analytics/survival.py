"""Durations when some have not ended yet. Pure functions over counted bins; no database.

A *bin* is `(length in days, how many ended, how many still go on)`: an open deal is neither a zero nor a loss.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Bin = tuple[float, int, int]


@dataclass(frozen=True)
class Survival:
    """The Kaplan–Meier median with its 95 % interval.

    `median` None means that the curve stays above one half: «more than `longest` days». `n` visits stand behind
    it, `ended` of them finished. `low`, `high` None where the interval is open on that side.
    """

    median: float | None
    low: float | None
    high: float | None
    n: int
    ended: int
    longest: float


def kaplan_meier(bins: Iterable[Bin]) -> Survival:
    """The median of lengths, those still going on counted as at least that long.

    >>> kaplan_meier([(2, 1, 0), (4, 1, 0), (6, 0, 1), (8, 1, 0)]).median
    4
    """
    ordered = sorted(bins)
    at_risk = n = sum(ended + going for _, ended, going in ordered)
    finished = sum(ended for _, ended, _ in ordered)
    survival, variance = 1.0, 0.0
    median = low = high = None
    for length, ended, going in ordered:
        if ended:
            survival *= 1 - ended / at_risk
            if at_risk > ended:
                variance += ended / (at_risk * (at_risk - ended))
            lower, upper = _interval(survival, variance)
            # The bounds of the curve cross one half where the bounds of the median lie.
            if low is None and lower <= 0.5:
                low = length
            if median is None and survival <= 0.5:
                median = length
            if high is None and upper <= 0.5:
                high = length
        at_risk -= ended + going
    longest = ordered[-1][0] if ordered else 0.0
    return Survival(median, low, high, n, finished, longest)


def _interval(survival: float, variance: float) -> tuple[float, float]:
    """The 95 % interval of the curve on the log-log scale, which stays between 0 and 1."""
    if survival <= 0 or survival >= 1 or variance <= 0:
        return survival, survival
    spread = 1.96 * math.sqrt(variance) / abs(math.log(survival))
    return survival ** math.exp(spread), survival ** math.exp(-spread)


@dataclass(frozen=True)
class Spread:
    """Quantiles of measured lengths, with how many were measured."""

    n: int
    mean: float | None
    median: float | None
    low: float | None
    high: float | None
    p90: float | None


# One bin of measured lengths: count, smallest, largest, sum.
Measured = tuple[int, float, float, float]


def spread(bins: Sequence[Measured]) -> Spread:
    """Median, quartiles, 90th percentile and mean of lengths counted in bins that do not overlap.

    Exact where a bin holds at most two lengths; inside fuller (narrow) bins the lengths are taken as evenly spread
    between the smallest and the largest.
    """
    ordered = sorted((b for b in bins if b[0]), key=lambda b: b[1])
    n = sum(count for count, *_ in ordered)
    if not n:
        return Spread(0, None, None, None, None, None)
    mean = sum(total for *_, total in ordered) / n
    return Spread(
        n, mean, _quantile(ordered, n, 0.5), _quantile(ordered, n, 0.25), _quantile(ordered, n, 0.75),
        _quantile(ordered, n, 0.9),
    )  # fmt: skip


def _quantile(ordered: Sequence[Measured], n: int, share: float) -> float:
    """The quantile between the two neighbouring lengths, as PostgreSQL's `percentile_cont`."""
    place = share * (n - 1)
    below, above = _nth(ordered, math.floor(place)), _nth(ordered, math.ceil(place))
    return below + (above - below) * (place - math.floor(place))


def _nth(ordered: Sequence[Measured], index: int) -> float:
    for count, smallest, largest, _ in ordered:
        if index < count:
            return smallest if count == 1 else smallest + (largest - smallest) * index / (count - 1)
        index -= count
    return ordered[-1][2]
