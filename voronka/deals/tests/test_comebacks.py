"""After a loss: the deal or a call comes back by itself, marketing gets its list, and who won back is counted."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from tests.world import World
from voronka.activities.models import Activity
from voronka.core import clock
from voronka.core.errors import Refused
from voronka.deals.actions import assign_deal, create_deal, lose_deal, reopen_deal, win_deal
from voronka.deals.closing import comebacks
from voronka.deals.closing.models import Comeback
from voronka.deals.models import Deal, DealState
from voronka.desk.dictionaries import edit_entry
from voronka.desk.models import Notice
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.playbook.models import Funnel, Reason


@pytest.fixture
def dear(funnel: Funnel) -> Reason:
    return Reason.objects.get(name="Дорого")


@pytest.fixture
def deal(world: World, funnel: Funnel) -> Deal:
    return create_deal(actor=world.anna, title="Линия", funnel=funnel, amount=Decimal(900_000))


def follow(world: World, reason: Reason, **changes: Any) -> None:
    edit_entry(reason, actor=world.admin, changes=changes)


def fresh(deal: Deal) -> Deal:
    return Deal.objects.get(pk=deal.pk)


def test_the_deal_comes_back_on_its_day_to_the_member_of_the_book(
    world: World, deal: Deal, dear: Reason
) -> None:
    follow(world, dear, follow_up="deal", return_days=90, return_to=world.boris)
    lose_deal(deal, actor=world.anna, reason=Reason.objects.get(pk=dear.pk))
    row = Comeback.objects.get()
    assert row.due_on >= clock.today() + dt.timedelta(days=90)
    # The deal comes back itself: no call is planned beside it.
    assert not Activity.objects.planned().filter(deal=deal).exists()
    assert list(comebacks.to_come_back(world.anna)) == [fresh(deal)]
    assert comebacks.come_back_due() == 0
    Comeback.objects.update(due_on=clock.today())
    assert comebacks.come_back_due() == 1
    assert comebacks.come_back_due() == 0
    back = fresh(deal)
    assert (back.outcome, back.owner, back.reason, back.stage) == ("open", world.boris, None, deal.stage)
    # With its whole history.
    outcomes = DealState.objects.filter(deal=deal, void=False).order_by("valid_from")
    assert list(outcomes.values_list("outcome", flat=True)) == ["open", "lost", "open"]
    assert Notice.objects.filter(member=world.boris, text__contains="Линия").exists()
    event = Event.objects.get(type="deal.came_back")
    assert (event.actor, event.payload["reason"]) == (None, "Дорого")
    assert list(comebacks.in_work_again(world.boris)) == [back]


def test_a_deal_that_was_reopened_or_undone_does_not_come_back_twice(
    world: World, deal: Deal, dear: Reason
) -> None:
    follow(world, dear, follow_up="deal", return_days=90)
    reason = Reason.objects.get(pk=dear.pk)
    event = lose_deal(deal, actor=world.anna, reason=reason)
    assert event is not None
    undo(event, actor=world.anna)
    assert not Comeback.objects.exists()
    lose_deal(fresh(deal), actor=world.anna, reason=reason)
    reopen_deal(fresh(deal), actor=world.anna)
    assert not Comeback.objects.exists()


def test_a_call_comes_back_to_another_member(world: World, deal: Deal, dear: Reason) -> None:
    follow(world, dear, follow_up="contact", return_days=60, return_to=world.boris)
    lose_deal(deal, actor=world.anna, reason=Reason.objects.get(pk=dear.pk))
    call = Activity.objects.planned().get(deal=deal)
    assert (call.owner, call.channel) == (world.boris, "call")
    assert list(comebacks.to_come_back(world.anna)) == [fresh(deal)]


@pytest.mark.parametrize("what", ["marketing", "never"])
def test_nobody_calls_where_the_book_says_so(world: World, deal: Deal, dear: Reason, what: str) -> None:
    follow(world, dear, follow_up=what, return_days=60)
    lose_deal(deal, actor=world.anna, reason=Reason.objects.get(pk=dear.pk))
    assert not Activity.objects.planned().filter(deal=deal).exists()
    assert not Comeback.objects.exists()
    assert comebacks.for_marketing(world.marketer).exists() == (what == "marketing")


def test_what_was_won_back_is_counted_by_who_won_it(
    world: World, funnel: Funnel, deal: Deal, dear: Reason
) -> None:
    lose_deal(deal, actor=world.anna, reason=dear)
    reopen_deal(fresh(deal), actor=world.anna)
    assign_deal(fresh(deal), actor=world.north_head, owner=world.boris)
    win_deal(fresh(deal), actor=world.boris)
    straight = create_deal(actor=world.anna, title="Сразу", funnel=funnel, amount=Decimal(5))
    win_deal(straight, actor=world.anna)
    [row] = comebacks.won_back(world.head)
    assert (row.member, row.deals, row.amount) == (world.boris, 1, Decimal(900_000))


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"follow_up": "deal", "return_days": None}, "return_days"), ({"follow_up": "later"}, "follow_up")],
)
def test_an_impossible_follow_up_is_refused(
    world: World, dear: Reason, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refusal:
        follow(world, dear, **changes)
    assert refusal.value.field == field
    dear.refresh_from_db()
    assert dear.follow_up == "contact"
