"""Durations without a database, with the arithmetic in view."""

from __future__ import annotations

import statistics
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voronka.analytics.funnel.bottlenecks import LossLine, loss
from voronka.analytics.survival import kaplan_meier, spread


def test_without_censoring_the_curve_crosses_one_half_at_the_median() -> None:
    # 4 at risk: after 1 day 3/4, after 2 days 2/4 = one half.
    assert kaplan_meier([(1, 1, 0), (2, 1, 0), (3, 1, 0), (4, 1, 0)]).median == 2


def test_those_still_going_on_push_the_median_up() -> None:
    # 5 at risk: day 1 → 4/5; two go on beyond 2; at day 3 of 2 at risk one ends → 4/5·1/2 = 0.4 ≤ 1/2.
    found = kaplan_meier([(1, 1, 0), (2, 0, 2), (3, 1, 0), (9, 0, 1)])
    assert (found.median, found.n, found.ended, found.longest) == (3, 5, 2, 9)


def test_a_curve_that_stays_above_one_half_has_no_median_but_a_longest_time() -> None:
    # 4 at risk: day 1 → 3/4, and nobody else ends.
    found = kaplan_meier([(1, 1, 0), (30, 0, 3)])
    assert (found.median, found.longest) == (None, 30)


def test_nothing_measured_is_not_a_zero() -> None:
    assert kaplan_meier([]).median is None
    assert spread([]).median is None


@given(st.lists(st.integers(1, 400), min_size=1, max_size=60))
def test_the_interval_holds_the_median(days: list[int]) -> None:
    found = kaplan_meier([(day, 1, 0) for day in days])
    assert found.median is not None
    assert found.low is None or found.low <= found.median
    assert found.high is None or found.high >= found.median


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=80, unique=True))
def test_of_single_lengths_the_spread_is_exact(values: list[int]) -> None:
    found = spread([(1, value, value, value) for value in values])
    assert found.n == len(values)
    assert found.median == pytest.approx(statistics.median(values))
    assert found.mean == pytest.approx(statistics.mean(values))


def test_two_lengths_in_one_bin_keep_their_middle() -> None:
    # 2.00 and 2.08 days fell into one bin of a tenth: the median is between them.
    assert spread([(2, 2.0, 2.08, 4.08)]).median == pytest.approx(2.04)


def test_the_loss_that_costs_most_is_not_the_largest_share() -> None:
    lines = [LossLine(1, 1000, 600, 400), LossLine(2, 600, 360, 240), LossLine(3, 50, 10, 40)]
    # 1: 1000·(0.40−0.35)·0.1·1000 = 5000; 2: 600·(0.40−0.25)·0.2·1000 = 18000; 3: 50·(0.8−0.75)·0.5·1000 = 1250.
    found = loss(
        lines, {1: D("0.35"), 2: D("0.25"), 3: D("0.75")}, {1: D("0.1"), 2: D("0.2"), 3: D("0.5")}, D(1000)
    )
    assert found == (2, D("0.4"), D("0.25"), D(18000))


def test_losses_within_their_norms_are_no_bottleneck() -> None:
    assert loss([LossLine(1, 100, 70, 30)], {1: D("0.3")}, {1: D("0.5")}, D(1000)) is None


def test_a_loss_hardly_above_its_norm_is_not_worth_a_word() -> None:
    # Four points above the norm; then seven points, which are one deal of fourteen.
    assert loss([LossLine(1, 100, 66, 34)], {1: D("0.3")}, {1: D("0.5")}, D(1000)) is None
    assert loss([LossLine(1, 14, 13, 1)], {}, {1: D("0.5")}, D(1000)) is None
    assert loss([LossLine(1, 100, 64, 36)], {1: D("0.3")}, {1: D("0.5")}, D(1000)) is not None


def test_a_handful_of_deals_names_no_bottleneck() -> None:
    assert loss([LossLine(1, 9, 0, 9)], {}, {1: D("0.5")}, D(1000)) is None
