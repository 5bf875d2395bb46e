"""Verbs of a deal: the rule, the refusal that changes nothing, the event, the undo."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from tests.world import World, make_company
from voronka.core import clock
from voronka.core.errors import Conflict, Forbidden, Refused
from voronka.deals import actions
from voronka.deals.models import Deal, DealState, StageVisit
from voronka.deals.tests.checks import assert_summaries_hold
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.playbook.models import Reason

START = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


def day(number: float) -> Any:
    return clock.frozen(START + dt.timedelta(days=number))


@pytest.fixture
def stages(funnel: Any) -> list[Any]:
    return list(funnel.stages.all())


@pytest.fixture
def deal(world: World, funnel: Any) -> Deal:
    company = make_company(world.anna)
    with day(0):
        return actions.create_deal(
            actor=world.anna, title="Стеллажи", funnel=funnel, company=company, amount=Decimal("640000")
        )


def counts() -> tuple[int, int, int]:
    return Event.objects.count(), DealState.objects.count(), StageVisit.objects.count()


def events_of(deal: Deal) -> list[str]:
    return list(Event.objects.feed_of("deal", deal.pk).order_by("id").values_list("type", flat=True))


def test_a_new_deal_stands_on_the_first_stage_with_one_state_and_one_visit(deal: Deal, stages: list) -> None:
    assert (deal.number, deal.stage, deal.amount_base) == (1, stages[0], Decimal("640000"))
    assert deal.states.count() == 1
    assert deal.visits.get().entered == START
    assert events_of(deal) == ["deal.created"]
    assert Event.objects.feed_of("company", deal.company_id).count() == 1
    assert_summaries_hold(deal)


def test_numbers_count_up_within_the_workspace(world: World, funnel: Any, deal: Deal) -> None:
    assert actions.create_deal(actor=world.anna, title="Ещё", funnel=funnel).number == 2


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": "  "}, "title"),
        ({"title": "я" * 251}, "title"),
        ({"amount": Decimal(-1)}, "amount"),
        ({"amount": Decimal("1e13")}, "amount"),
        ({"amount": Decimal("NaN")}, "amount"),
    ],
)
def test_an_impossible_deal_is_refused_and_nothing_is_written(
    world: World, funnel: Any, fields: dict, field: str
) -> None:
    with pytest.raises(Refused) as refusal:
        actions.create_deal(actor=world.anna, funnel=funnel, **({"title": "Сделка"} | fields))
    assert refusal.value.field == field
    assert counts() == (0, 0, 0)


def test_a_client_out_of_reach_is_as_good_as_absent(world: World, funnel: Any) -> None:
    with pytest.raises(Refused):
        actions.create_deal(actor=world.anna, title="Чужой", funnel=funnel, company=make_company(world.vera))
    assert Deal.objects.count() == 0


def test_moving_writes_a_state_a_visit_and_an_event(world: World, deal: Deal, stages: list) -> None:
    with day(4):
        actions.move_deal(deal, actor=world.anna, stage=stages[2])
    first, second = deal.visits.order_by("entered")
    assert (first.stage, first.end, first.seconds) == (stages[0], "forward", 4 * 86400)
    assert (second.stage, second.left) == (stages[2], None)
    deal.refresh_from_db()
    assert (deal.stage, deal.deepest_stage, deal.deepest_order) == (stages[2], stages[2], 3)
    assert events_of(deal) == ["deal.created", "deal.moved"]
    assert_summaries_hold(deal)


def test_going_back_keeps_the_depth(world: World, deal: Deal, stages: list) -> None:
    with day(1):
        actions.move_deal(deal, actor=world.anna, stage=stages[3])
    with day(2):
        actions.move_deal(deal, actor=world.anna, stage=stages[1])
    assert (deal.stage, deal.deepest_stage) == (stages[1], stages[3])
    assert deal.visits.get(stage=stages[3]).end == "back"
    assert_summaries_hold(deal)


def test_moving_to_where_it_stands_does_nothing(world: World, deal: Deal, stages: list) -> None:
    before = counts()
    assert actions.move_deal(deal, actor=world.anna, stage=stages[0]) is None
    assert counts() == before


def test_the_later_of_two_movers_is_told_where_it_stands(world: World, deal: Deal, stages: list) -> None:
    actions.move_deal(deal, actor=world.anna, stage=stages[1], expected_stage_id=stages[0].pk)
    before = counts()
    with pytest.raises(Conflict, match="Потребность"):
        actions.move_deal(deal, actor=world.head, stage=stages[2], expected_stage_id=stages[0].pk)
    assert counts() == before


def test_winning_closes_the_visit_and_credits_the_owner(world: World, deal: Deal) -> None:
    with day(10):
        actions.win_deal(deal, actor=world.anna, amount=Decimal("600000"))
    deal.refresh_from_db()
    assert (deal.outcome, deal.amount, deal.closed_owner) == ("won", Decimal("600000"), world.anna)
    assert deal.closed_at == START + dt.timedelta(days=10)
    assert deal.visits.get().end == "won"
    assert_summaries_hold(deal)
    before = counts()
    assert actions.win_deal(deal, actor=world.anna) is None
    assert counts() == before


def test_losing_needs_a_reason_of_the_right_kind(world: World, deal: Deal) -> None:
    before = counts()
    for reason in (None, Reason.objects.get(kind="won")):
        with pytest.raises(Refused) as refusal:
            actions.lose_deal(deal, actor=world.anna, reason=reason)
        assert refusal.value.field == "reason"
    assert counts() == before
    deal.refresh_from_db()
    assert deal.is_open


def test_a_lost_deal_keeps_its_stage_and_may_return(world: World, deal: Deal, stages: list) -> None:
    with day(3):
        actions.lose_deal(deal, actor=world.anna, reason=Reason.objects.filter(kind="lost")[0])
    with pytest.raises(Refused):
        actions.move_deal(deal, actor=world.anna, stage=stages[1])
    with day(5):
        actions.reopen_deal(deal, actor=world.anna)
    deal.refresh_from_db()
    assert (deal.outcome, deal.stage, deal.closed_at, deal.closed_owner) == ("open", stages[0], None, None)
    assert deal.visits.count() == 2
    assert_summaries_hold(deal)


def test_only_the_head_corrects_the_sum_of_a_closed_deal(world: World, deal: Deal) -> None:
    actions.win_deal(deal, actor=world.anna)
    with pytest.raises(Refused):
        actions.edit_deal(deal, actor=world.anna, changes={"amount": "1"})
    actions.edit_deal(deal, actor=world.head, changes={"amount": "700000"})
    deal.refresh_from_db()
    assert (deal.amount, deal.outcome) == (Decimal("700000"), "won")
    assert_summaries_hold(deal)


def test_edits_of_different_fields_both_succeed(world: World, deal: Deal) -> None:
    actions.edit_deal(deal, actor=world.anna, changes={"title": "Новое"}, was={"title": "Стеллажи"})
    actions.edit_deal(deal, actor=world.head, changes={"amount": "5"}, was={"amount": "640000"})
    deal.refresh_from_db()
    assert (deal.title, deal.amount) == ("Новое", Decimal(5))


def test_the_later_edit_of_one_field_is_told_and_overwrites_nothing(world: World, deal: Deal) -> None:
    actions.edit_deal(deal, actor=world.anna, changes={"amount": "5"}, was={"amount": "640000"})
    before = counts()
    with pytest.raises(Conflict) as conflict:
        actions.edit_deal(deal, actor=world.head, changes={"amount": "7"}, was={"amount": "640000"})
    assert conflict.value.changes[0].theirs == Decimal(5)
    assert counts() == before


def test_an_edit_of_nothing_is_no_event(world: World, deal: Deal) -> None:
    assert actions.edit_deal(deal, actor=world.anna, changes={"amount": "640000.00"}) is None
    assert events_of(deal) == ["deal.created"]


@pytest.mark.parametrize(
    "changes",
    [
        {"probability": "101"},
        {"kind": "nonsense"},
        {"priority": "9"},
        {"source": 10**9},
        {"company": "x"},
        {"currency": "рубль"},
        {"expected_close": "вчера"},
        {"owner": 1},
    ],
)
def test_impossible_values_are_refused(world: World, deal: Deal, changes: dict) -> None:
    before = counts()
    with pytest.raises(Refused):
        actions.edit_deal(deal, actor=world.anna, changes=changes)
    assert counts() == before


def test_handing_over_takes_the_team_along(world: World, deal: Deal) -> None:
    actions.assign_deal(deal, actor=world.head, owner=world.vera)
    deal.refresh_from_db()
    assert (deal.owner, deal.team) == (world.vera, world.teams["south"])
    with pytest.raises(Forbidden):
        actions.edit_deal(deal, actor=world.anna, changes={"title": "Моё"})


def test_a_seller_may_not_hand_over_nor_delete(world: World, deal: Deal) -> None:
    before = counts()
    with pytest.raises(Forbidden):
        actions.assign_deal(deal, actor=world.anna, owner=world.boris)
    with pytest.raises(Forbidden):
        actions.delete_deal(deal, actor=world.anna)
    assert counts() == before


def test_a_deleted_deal_comes_back_as_it_was(world: World, deal: Deal) -> None:
    with day(1):
        actions.win_deal(deal, actor=world.anna)
    with day(2):
        actions.delete_deal(deal, actor=world.head)
    assert deal.outcome == "deleted"
    assert_summaries_hold(deal)
    with day(3):
        actions.restore_deal(deal, actor=world.head)
    assert (deal.outcome, deal.closed_at) == ("won", START + dt.timedelta(days=1))
    assert_summaries_hold(deal)


@pytest.mark.parametrize("verb", ["move", "win", "lose", "assign", "delete", "edit"])
def test_undo_brings_back_what_was(world: World, deal: Deal, stages: list, verb: str) -> None:
    columns = [f.attname for f in Deal._meta.concrete_fields if f.attname not in ("version",)]
    before = {name: getattr(deal, name) for name in columns}
    with day(2):
        event = {
            "move": lambda: actions.move_deal(deal, actor=world.head, stage=stages[3]),
            "win": lambda: actions.win_deal(deal, actor=world.head),
            "lose": lambda: actions.lose_deal(
                deal, actor=world.head, reason=Reason.objects.filter(kind="lost")[0]
            ),
            "assign": lambda: actions.assign_deal(deal, actor=world.head, owner=world.vera),
            "delete": lambda: actions.delete_deal(deal, actor=world.head),
            "edit": lambda: actions.edit_deal(deal, actor=world.head, changes={"amount": "1", "title": "Х"}),
        }[verb]()
    with day(3):
        undo(event, actor=world.head)
    deal = Deal.objects.get(pk=deal.pk)
    assert {name: getattr(deal, name) for name in columns} == before
    assert deal.states.filter(void=True).count() == 1
    assert_summaries_hold(deal)
    assert undo(event, actor=world.head) == []


def test_undo_is_refused_once_something_was_built_on_it(world: World, deal: Deal, stages: list) -> None:
    with day(1):
        moved = actions.move_deal(deal, actor=world.anna, stage=stages[1])
    with day(2):
        actions.win_deal(deal, actor=world.anna)
    before = counts()
    with pytest.raises(Refused):
        undo(moved, actor=world.anna)
    assert counts() == before


def test_undoing_the_creation_puts_the_deal_into_the_bin(world: World, deal: Deal) -> None:
    created = Event.objects.get(type="deal.created")
    undo(created, actor=world.anna)
    deal.refresh_from_db()
    assert deal.outcome == "deleted"


def test_a_mistaken_move_counts_nowhere_and_what_else_changed_stays(
    world: World, deal: Deal, stages: list
) -> None:
    with day(1):
        moved = actions.move_deal(deal, actor=world.anna, stage=stages[3])
    with day(2):
        actions.edit_deal(deal, actor=world.anna, changes={"amount": "500000"})
    with day(3):
        actions.void_move(deal, actor=world.anna, event=moved)
    deal.refresh_from_db()
    assert (deal.stage, deal.deepest_stage, deal.amount) == (stages[0], stages[0], Decimal("500000"))
    assert deal.visits.get().entered == START
    assert_summaries_hold(deal)
    with pytest.raises(Refused):
        actions.void_move(deal, actor=world.anna, event=moved)


def test_another_funnel_counts_its_own_depth(world: World, deal: Deal, funnel: Any, stages: list) -> None:
    from voronka.playbook.models import Funnel, Stage

    other = Funnel.objects.create(name="Сервис")
    first = Stage.objects.create(funnel=other, name="Заявка", order=1)
    second = Stage.objects.create(funnel=other, name="Работа", order=2)
    with day(1):
        actions.move_deal(deal, actor=world.anna, stage=stages[4])
    with day(2):
        actions.move_deal(deal, actor=world.anna, stage=second)
    assert (deal.funnel, deal.deepest_stage, deal.deepest_order) == (other, second, 2)
    assert deal.visits.get(stage=stages[4]).end == "funnel"
    with day(3):
        actions.move_deal(deal, actor=world.anna, stage=first)
    assert deal.deepest_order == 2
    assert_summaries_hold(deal)
