"""The fact of a plan: won sums by month and owner at closing; corrections in the month they were made."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.world import World
from voronka.core import clock
from voronka.core.errors import Forbidden
from voronka.core.periods import Period
from voronka.deals.actions import assign_deal, create_deal, delete_deal, edit_deal, reopen_deal, win_deal
from voronka.deals.models import Deal
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.targets.actions import post_back, set_plan
from voronka.targets.facts import Fact, corrections, won_by_member, won_by_month
from voronka.targets.queries import PlanFact, month_of, plan_fact, share_passed, total

OCT, NOV, DEC = (month_of(dt.date(2026, month, 1)) for month in (10, 11, 12))


def at(month: int, day: int = 10) -> Any:
    return clock.frozen(dt.datetime(2026, month, day, 9, tzinfo=dt.UTC))


@pytest.fixture
def sold(world: World, funnel: Any) -> Any:
    """`sold(month, amount)` is a deal of Anna's won in that month."""

    def sell(month: int, amount: int | None, owner: Any = None, day: int = 10) -> Deal:
        owner = owner or world.anna
        with at(month, day):
            deal = create_deal(
                actor=owner, title="Сделка", funnel=funnel, amount=None if amount is None else Decimal(amount)
            )
        with at(month, day + 1):
            win_deal(deal, actor=owner)
        return deal

    return sell


def facts(period: Period) -> dict[Any, Decimal]:
    return {member: fact.total for member, fact in won_by_member(period).items() if fact.total}


def test_it_counts_by_month_and_owner_at_closing(world: World, sold: Any) -> None:
    deal = sold(11, 500)
    sold(11, 300)
    sold(11, None)
    sold(10, 70)
    sold(11, 40, world.boris)
    with at(12):
        assign_deal(deal, actor=world.head, owner=world.boris)

    fact = won_by_member(NOV)[world.anna.pk]
    assert (fact.won, fact.deals, fact.unpriced, fact.corrections) == (800, 3, 1, 0)
    assert facts(NOV) == {world.anna.pk: 800, world.boris.pk: 40}
    assert set(won_by_member(NOV, [world.boris.pk])) == {world.boris.pk}


def test_a_later_correction_belongs_to_its_own_month(world: World, sold: Any) -> None:
    deal = sold(10, 500)
    with at(11):
        edit_deal(deal, actor=world.head, changes={"amount": Decimal(650)}, was=None)

    assert facts(OCT) == {world.anna.pk: 500}
    assert facts(NOV) == {world.anna.pk: 150}
    # The list of October shows the present sum; the correction is told beside it.
    assert won_by_member(OCT)[world.anna.pk].won == 650
    assert [(c.amount, c.reopened) for c in corrections(OCT)] == [(-150, False)]
    assert [(c.amount, c.reopened) for c in corrections(NOV)] == [(150, False)]


def test_a_correction_in_the_same_month_is_no_correction(world: World, sold: Any) -> None:
    deal = sold(11, 500)
    with at(11, 20):
        edit_deal(deal, actor=world.head, changes={"amount": Decimal(650)}, was=None)

    assert facts(NOV) == {world.anna.pk: 650}
    assert corrections(NOV) == []


def test_a_reopened_deal_leaves_on_the_day_of_reopening(world: World, sold: Any) -> None:
    deal = sold(10, 500)
    with at(11):
        reopen_deal(deal, actor=world.anna)
    with at(11, 20):
        edit_deal(deal, actor=world.head, changes={"amount": Decimal(400)}, was=None)
    with at(12):
        win_deal(deal, actor=world.anna)

    assert facts(OCT) == {world.anna.pk: 500}
    assert facts(NOV) == {world.anna.pk: -500}
    assert facts(DEC) == {world.anna.pk: 400}


def test_a_deleted_deal_counts_nowhere(world: World, sold: Any) -> None:
    deal = sold(10, 500)
    with at(11):
        edit_deal(deal, actor=world.head, changes={"amount": Decimal(650)}, was=None)
        delete_deal(deal, actor=world.head)

    assert facts(OCT) == {}
    assert facts(NOV) == {}


STEPS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(["sell", "correct", "reopen", "win"]), st.integers(0, 1000)),
    min_size=1,
    max_size=9,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_the_fact_is_the_sum_of_the_two_lists_it_opens(world: World, funnel: Any, steps: Any) -> None:
    """And over all months together it is what the won deals are worth now."""
    Deal.objects.all().delete()
    moment = dt.datetime(2026, 9, 1, 9, tzinfo=dt.UTC)
    deals: list[Deal] = []
    for number, (which, step, amount) in enumerate(steps):
        moment += dt.timedelta(days=11)
        with clock.frozen(moment):
            if step == "sell" or not deals:
                deal = create_deal(actor=world.anna, title=str(number), funnel=funnel, amount=Decimal(amount))
                win_deal(deal, actor=world.anna)
                deals.append(deal)
                continue
            deal = deals[which % len(deals)]
            if step == "correct":
                edit_deal(deal, actor=world.head, changes={"amount": Decimal(amount)}, was=None)
            elif step == "reopen" and deal.outcome == "won":
                reopen_deal(deal, actor=world.anna)
            elif step == "win" and deal.is_open:
                win_deal(deal, actor=world.anna)

    months = [month_of(dt.date(2026, month, 1)) for month in range(9, 13)]
    in_all = Decimal(0)
    by_month = won_by_month(Period(months[0].first, months[-1].last))
    for month in months:
        listed = Deal.objects.filter(outcome="won", closed_at__gte=month.start, closed_at__lt=month.end)
        fact = won_by_member(month).get(world.anna.pk)
        won = fact.total if fact else Decimal(0)
        assert won == sum(d.amount for d in listed) + sum(c.amount for c in corrections(month))
        assert by_month.get((world.anna.pk, month.first), Fact()).total == won
        in_all += won
    assert in_all == sum(d.amount for d in Deal.objects.filter(outcome="won"))


def test_plan_gap_and_pace(world: World, sold: Any) -> None:
    sold(11, 500)
    set_plan(world.anna, NOV.first, Decimal(1000), actor=world.head)
    set_plan(world.boris, NOV.first, Decimal(200), actor=world.head)
    # November 2026 has 20 working days; 13 of them have passed on Thursday the 19th (2–3, 5–6, 9–13, 16–19).
    today = dt.date(2026, 11, 19)
    assert share_passed(NOV, today) == Decimal(13) / 20

    rows = plan_fact(NOV, today=today)

    anna = rows[world.anna.pk]
    assert (anna.plan, anna.gap, anna.done, anna.expected) == (1000, 500, Decimal("0.5"), 650)
    assert anna.pace == Decimal(500) / 650
    together = total(rows.values(), period=NOV, today=today)
    assert (together.plan, together.fact.total, together.gap) == (1200, 500, 700)


def test_without_a_plan_there_is_nothing_to_divide_by() -> None:
    row = PlanFact()

    assert (row.gap, row.done, row.expected, row.pace) == (None, None, None, None)
    assert PlanFact(plan=Decimal(0)).done is None


def test_before_the_month_nothing_is_expected_after_it_all() -> None:
    assert share_passed(NOV, dt.date(2026, 10, 31)) == 0
    assert share_passed(NOV, dt.date(2026, 11, 1)) == 0
    assert share_passed(NOV, dt.date(2027, 1, 1)) == 1


def test_a_head_lets_a_correction_count_in_the_month_of_closing(world: World, sold: Any) -> None:
    deal = sold(10, 500)
    with at(11):
        edit_deal(deal, actor=world.head, changes={"amount": Decimal(650)})
    assert (facts(OCT), facts(NOV)) == ({world.anna.pk: 500}, {world.anna.pk: 150})

    with at(11, 20):
        event = post_back(corrections(NOV)[0], actor=world.head)
    assert event is not None
    assert (facts(OCT), facts(NOV)) == ({world.anna.pk: 650}, {})
    assert [(c.amount, c.posted_back) for c in corrections(NOV)] == [(0, True)]
    assert post_back(corrections(NOV)[0], actor=world.head) is None

    undo(event, actor=world.head)
    assert (facts(OCT), facts(NOV)) == ({world.anna.pk: 500}, {world.anna.pk: 150})


def test_a_seller_may_not_post_a_correction_back(world: World, sold: Any) -> None:
    deal = sold(10, 500)
    with at(11):
        edit_deal(deal, actor=world.head, changes={"amount": Decimal(650)})
    correction = corrections(NOV)[0]
    with pytest.raises(Forbidden):
        post_back(correction, actor=world.anna)
    assert facts(NOV) == {world.anna.pk: 150}
    assert not Event.objects.filter(type="plans.posted_back").exists()
