"""What history says to the book: chances of stages, and the stage that decides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.world import World
from voronka.analytics.book.chances import chances_of
from voronka.analytics.book.key_stage import correlation, key_proposal
from voronka.core import clock
from voronka.deals import actions
from voronka.deals.models import Deal
from voronka.playbook.models import Funnel, Reason, Stage

NOW = dt.datetime(2026, 11, 16, 9, 0, tzinfo=dt.UTC)
Lead = Callable[..., Deal]


def ago(days: float) -> Any:
    return clock.frozen(NOW - dt.timedelta(days=days))


@pytest.fixture
def stages(funnel: Funnel) -> list[Stage]:
    return list(funnel.stages.order_by("order"))


@pytest.fixture
def lead(world: World, funnel: Funnel, stages: list[Stage]) -> Lead:
    """`lead(90, 3, "won")`: opened 90 days ago, brought at once to the third stage, closed after ten days."""
    reason = Reason.objects.get(name="Дорого")

    def make(opened: float, depth: int, end: str = "", amount: int = 100, takes: float = 10) -> Deal:
        with ago(opened):
            deal = actions.create_deal(
                actor=world.anna, title="Сделка", funnel=funnel, amount=Decimal(amount)
            )
        if depth > 1:
            with ago(opened - 0.01):
                actions.move_deal(deal, actor=world.anna, stage=stages[depth - 1])
        with ago(opened - takes):
            if end == "won":
                actions.win_deal(deal, actor=world.anna)
            elif end == "lost":
                actions.lose_deal(deal, actor=world.anna, reason=reason)
        return deal

    return make


def test_a_chance_is_the_share_won_of_those_who_came_so_far(
    funnel: Funnel, stages: list[Stage], lead: Lead
) -> None:
    for _number in range(3):
        lead(60, 3, "won")
    lead(60, 1, "lost")
    lead(60, 2, "lost")
    lead(60, 4, "lost")
    lead(60, 4)

    with ago(0):
        chances = chances_of(funnel, stages)

    # Of all six half was won: twenty such deals stand beside each stage's own.
    assert [(chances[s.pk].won, chances[s.pk].closed) for s in stages] == [
        (3, 6),
        (3, 5),
        (3, 4),
        (3, 4),
        (3, 3),
    ]
    assert chances[stages[0].pk].percent == 50
    assert chances[stages[4].pk].percent == round(100 * (3 + 10) / (3 + 20))


def test_two_years_are_read_where_one_has_few_deals(funnel: Funnel, stages: list[Stage], lead: Lead) -> None:
    lead(60, 2, "won")
    lead(500, 2, "lost")
    lead(900, 2, "lost")

    with ago(0):
        chance = chances_of(funnel, stages)[stages[0].pk]

    assert (chance.won, chance.closed, chance.months) == (1, 2, 24)


def test_a_year_is_enough_with_fifty_deals(funnel: Funnel, stages: list[Stage], lead: Lead) -> None:
    first = lead(500, 2, "lost")
    lead(60, 5, "won")
    kept = Deal.objects.exclude(pk=first.pk).get()
    Deal.objects.bulk_create(
        Deal(
            number=1000 + n,
            title="Ещё",
            funnel=funnel,
            stage=stages[0],
            deepest_stage=stages[0],
            deepest_order=1,
            outcome="lost",
            closed_at=kept.closed_at,
            owner=kept.owner,
        )
        for n in range(49)
    )

    with ago(0):
        chances = chances_of(funnel, stages)

    assert (chances[stages[0].pk].closed, chances[stages[0].pk].months) == (50, 12)
    assert (chances[stages[4].pk].closed, chances[stages[4].pk].months) == (1, 24)


def test_nothing_is_said_where_nothing_was_closed(funnel: Funnel, stages: list[Stage], lead: Lead) -> None:
    lead(30, 3)

    with ago(0):
        assert chances_of(funnel, stages) == {}
        assert key_proposal(funnel, stages) is None


def test_the_stage_that_goes_with_the_sums_is_proposed(
    funnel: Funnel, stages: list[Stage], lead: Lead
) -> None:
    # Each month as many come to the fourth stage as are won; everybody comes to the first two alike.
    wins = [1, 3, 2, 4, 1, 4, 2, 3, 1, 4]
    for month, many in enumerate(wins):
        opened = 330 - month * 30.4
        for number in range(5):
            won = number < many
            lead(opened, 4 if won else 2, "won" if won else "lost", takes=2)

    with ago(0):
        found = key_proposal(funnel, stages)

    assert found is not None
    # The third stage was passed over by the same deals: the earlier one of two equals is proposed.
    assert found.stage == stages[2]
    assert found.bond > 0.99
    assert (found.lag, found.months >= 8) == (0, True)


def test_a_short_history_proposes_nothing(funnel: Funnel, stages: list[Stage], lead: Lead) -> None:
    for month in range(3):
        lead(90 - month * 30, 4, "won", amount=100 * (month + 1))

    with ago(0):
        assert key_proposal(funnel, stages) is None


def test_correlation_needs_two_sides_that_vary() -> None:
    assert correlation([(1, 2), (2, 4), (3, 6)]) == pytest.approx(1)
    assert correlation([(1, 3), (2, 2), (3, 1)]) == pytest.approx(-1)
    assert correlation([(1, 2), (1, 4)]) is None
    assert correlation([(1, 2)]) is None


def test_another_companys_history_is_not_counted(
    world: World, funnel: Funnel, stages: list[Stage], lead: Lead, stranger: World
) -> None:
    from voronka.core.tenancy import scope

    lead(60, 3, "won")

    with scope(stranger.workspace), ago(0):
        assert chances_of(funnel, stages) == {}
