"""Dead deals are found by rule, stay until somebody decides, and the head's inbox counts what waits."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache

from tests.world import World
from voronka.core import clock
from voronka.core.errors import Forbidden, Refused
from voronka.deals.actions import create_deal, keep_deal, lose_deal
from voronka.deals.closing import waiting
from voronka.deals.closing.dead import FEWEST_WON, KEEP, LOSE, PLAN, Terms, dead_deals, proposed, told
from voronka.deals.leaving.models import Approval
from voronka.deals.models import Deal
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.playbook.actions import set_rules
from voronka.playbook.models import Criterion, Funnel, Reason, Stage


@pytest.fixture(autouse=True)
def _no_measure_of_others() -> None:
    cache.clear()


def ago(days: int) -> dt.datetime:
    return clock.now() - dt.timedelta(days=days)


def make(world: World, funnel: Funnel, **columns: Any) -> Deal:
    """An open deal of Anna's whose summaries are as given."""
    deal = create_deal(actor=world.anna, title="Линия", funnel=funnel, amount=Decimal(900_000))
    Deal.objects.filter(pk=deal.pk).update(**columns)
    return Deal.objects.get(pk=deal.pk)


def why(deal: Deal) -> list[str]:
    return [code for code, _days in Terms.now().why(Deal.objects.get(pk=deal.pk))]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (dict, []),
        (lambda: {"opened_at": ago(40), "stage_since": ago(40)}, ["silent", "planless"]),
        (lambda: {"opened_at": ago(40), "stage_since": ago(3)}, ["silent"]),
        (lambda: {"opened_at": ago(20), "stage_since": ago(20)}, ["planless"]),
        (lambda: {"opened_at": ago(40), "stage_since": ago(40), "next_activity_at": ago(-3)}, []),
        (lambda: {"opened_at": ago(40), "stage_since": ago(40), "next_activity_at": ago(5)}, ["silent"]),
        (lambda: {"opened_at": ago(40), "stage_since": ago(40), "last_contact_at": ago(5)}, []),
    ],
)
def test_rules_of_silence_and_of_plans(
    world: World, funnel: Funnel, columns: Any, expected: list[str]
) -> None:
    deal = make(world, funnel, **columns())
    assert why(deal) == expected
    assert list(dead_deals(world.anna)) == ([deal] if expected else [])


def test_a_deal_that_outlasts_almost_all_won_ones_is_dead(world: World, funnel: Funnel) -> None:
    deal = make(world, funnel, opened_at=ago(50), next_activity_at=ago(-1))
    assert why(deal) == []
    for _n in range(FEWEST_WON):
        won = create_deal(actor=world.boris, title="Была", funnel=funnel)
        Deal.objects.filter(pk=won.pk).update(outcome="won", opened_at=ago(60), closed_at=ago(40))
    # The measure is kept for half a day.
    assert why(deal) == []
    cache.clear()
    assert why(deal) == ["outlasts"]
    assert list(dead_deals(world.anna)) == [deal]
    set_rules(funnel, actor=world.admin, outlasts=False)
    assert why(deal) == []
    assert list(dead_deals(world.anna)) == []


def test_a_funnel_of_its_own_mind_has_other_terms(world: World, funnel: Funnel) -> None:
    deal = make(world, funnel, opened_at=ago(40), stage_since=ago(40))
    set_rules(funnel, actor=world.admin, silent_days=90, planless_days=60)
    assert why(deal) == []
    assert not dead_deals(world.anna).exists()


def test_one_decision_is_proposed_for_each_case() -> None:
    assert proposed([("silent", 40), ("planless", 40)]) == LOSE
    assert proposed([("silent", 40), ("planless", 40)], near=True) == PLAN
    assert proposed([("silent", 40)]) == PLAN
    assert proposed([("planless", 20)]) == PLAN
    assert proposed([("outlasts", 300)]) == KEEP
    assert all(told(code, 2) for code in ("silent", "planless", "outlasts"))


def test_money_is_near_by_the_chance_or_beyond_the_key_stage(world: World, funnel: Funnel) -> None:
    funnel.stages.update(is_key=False, probability=20)
    first, second, third = funnel.stages.order_by("order")[:3]
    Stage.objects.filter(pk=second.pk).update(is_key=True)
    terms = Terms.now()
    near = [terms.is_near(make(world, funnel, stage=stage)) for stage in (first, second, third)]
    assert near == [False, False, True]
    assert terms.is_near(make(world, funnel, probability=70))
    assert not terms.is_near(make(world, funnel, probability=69))


def test_a_deal_is_kept_alive_for_a_time_and_undo_takes_it_back(world: World, funnel: Funnel) -> None:
    deal = make(world, funnel, opened_at=ago(40), stage_since=ago(40))
    until = clock.today() + dt.timedelta(days=30)
    event = keep_deal(deal, actor=world.north_head, until=until, note="Ждём тендер")
    assert event is not None
    assert not dead_deals(world.anna).exists()
    assert keep_deal(deal, actor=world.north_head, until=until) is None
    undo(event, actor=world.north_head)
    assert dead_deals(world.anna).exists()
    Deal.objects.filter(pk=deal.pk).update(alive_until=clock.today() - dt.timedelta(days=1))
    assert dead_deals(world.anna).exists()


def test_a_deal_is_not_kept_by_strangers_nor_into_the_past(world: World, funnel: Funnel) -> None:
    deal = make(world, funnel)
    with pytest.raises(Forbidden):
        keep_deal(deal, actor=world.vera, until=clock.today())
    for until in (clock.today() - dt.timedelta(days=1), clock.today() + dt.timedelta(days=400)):
        with pytest.raises(Refused):
            keep_deal(deal, actor=world.anna, until=until)
    assert not Event.objects.filter(type="deal.kept_alive").exists()


def test_the_head_is_asked_about_his_own_people_only(world: World, funnel: Funnel) -> None:
    deal = make(world, funnel, opened_at=ago(40), stage_since=ago(40))
    assert waiting.counted(world.north_head) == 1
    assert waiting.counted(world.anna) == 0
    set_rules(None, actor=world.admin, confirm_above=1)
    lose_deal(deal, actor=world.anna, reason=Reason.objects.get(name="Дорого"))
    # It waits for one word, not for two.
    assert not dead_deals(world.north_head).exists()
    assert [row.deal for row in waiting.losses(world.north_head)] == [deal]
    criterion = Criterion.objects.create(stage=deal.stage, kind="amount_limit", params={"limit": "1"})
    Approval.objects.create(deal=deal, criterion=criterion, asked_by=world.anna, amount_base=1)
    assert waiting.counted(world.north_head) == 2
    assert waiting.counted(world.head) == 2
    make(world, funnel, owner=world.vera, team=world.vera.team, opened_at=ago(40), stage_since=ago(40))
    assert waiting.counted(world.north_head) == 2
    assert waiting.counted(world.head) == 3


def test_who_is_stuck_is_told_with_what(world: World, funnel: Funnel) -> None:
    make(world, funnel, opened_at=ago(40), stage_since=ago(40))
    make(world, funnel, next_activity_at=ago(2))
    [row] = waiting.stuck(world.north_head)
    assert (row.member, row.open, row.no_next, row.overdue, row.late, row.dead) == (world.anna, 2, 1, 1, 1, 1)
    assert [deal.title for deal in waiting.late_deals(world.north_head)] == ["Линия"]
