"""What the book says of endings: closing statuses with their criteria, and rules of funnels."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.world import World
from voronka.core.errors import Conflict, Forbidden, Refused
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.playbook.actions import (
    add_part,
    add_status,
    archive_status,
    drop_rules,
    edit_status,
    put_part_away,
    reorder_parts,
    reorder_statuses,
    restore_status,
    set_rules,
)
from voronka.playbook.closing import criteria_of_status, rules_for, statuses_of
from voronka.playbook.models import ClosingRules, ClosingStatus, Criterion, Funnel


def last(type_name: str) -> Event:
    return Event.objects.filter(type=type_name).order_by("-id")[0]


def names(funnel: Funnel, outcome: str = "won") -> list[str]:
    return [status.name for status in statuses_of(funnel.pk, outcome)]


def test_a_status_is_added_edited_archived_and_each_step_comes_back(world: World, funnel: Funnel) -> None:
    paid = add_status(funnel, "won", actor=world.head, name=" Оплачено ", about="Деньги пришли")
    assert (paid.name, paid.order) == ("Оплачено", 1)
    edit_status(paid, actor=world.head, changes={"name": "Оплачено и отгружено"}, was={"name": "Оплачено"})
    assert names(funnel) == ["Оплачено и отгружено"]
    with pytest.raises(Conflict):
        edit_status(paid, actor=world.head, changes={"name": "Сдано"}, was={"name": "Оплачено"})
    undo(last("book.status_edited"), actor=world.head)
    assert names(funnel) == ["Оплачено"]
    archive_status(paid, actor=world.head)
    assert names(funnel) == []
    undo(last("book.status_archived"), actor=world.head)
    archive_status(paid, actor=world.head)
    restore_status(paid, actor=world.head)
    assert names(funnel) == ["Оплачено"]
    undo(last("book.status_restored"), actor=world.head)
    assert names(funnel) == []
    undo(last("book.status_added"), actor=world.head)
    assert not ClosingStatus.objects.exists()


def test_one_name_stands_once_under_an_outcome(world: World, funnel: Funnel) -> None:
    add_status(funnel, "won", actor=world.head, name="Оплачено")
    with pytest.raises(Refused) as refusal:
        add_status(funnel, "won", actor=world.head, name="оплачено")
    assert refusal.value.field == "name"
    add_status(funnel, "lost", actor=world.head, name="Оплачено")
    with pytest.raises(Refused):
        add_status(funnel, "open", actor=world.head, name="В работе")
    with pytest.raises(Forbidden):
        add_status(funnel, "won", actor=world.anna, name="Своё")
    assert ClosingStatus.objects.count() == 2


def test_the_first_in_order_is_meant_by_itself(world: World, funnel: Funnel) -> None:
    rows = [add_status(funnel, "won", actor=world.head, name=name) for name in ("А", "Б", "В")]
    reorder_statuses(funnel, "won", [rows[2].pk, rows[0].pk, rows[1].pk], actor=world.head)
    assert names(funnel) == ["В", "А", "Б"]
    undo(last("book.statuses_reordered"), actor=world.head)
    assert names(funnel) == ["А", "Б", "В"]


def test_a_status_has_criteria_by_the_verbs_of_a_stage(world: World, funnel: Funnel) -> None:
    paid = add_status(funnel, "won", actor=world.head, name="Оплачено")
    rows = [
        add_part(Criterion, paid, actor=world.head, kind="field_filled", params={"field": f"deal:{field}"})
        for field in ("amount", "source")
    ]
    assert criteria_of_status(paid) == rows
    reorder_parts(Criterion, paid, [rows[1].pk, rows[0].pk], actor=world.head)
    assert [row.pk for row in criteria_of_status(paid)] == [rows[1].pk, rows[0].pk]
    undo(last("stage.parts_reordered"), actor=world.head)
    put_part_away(rows[1], actor=world.head)
    assert criteria_of_status(paid) == rows[:1]
    undo(last("stage.part_put_away"), actor=world.head)
    undo(last("stage.part_added"), actor=world.head)
    assert criteria_of_status(paid) == rows[:1]
    # A status that asks something is no longer as it was added.
    with pytest.raises(Refused):
        undo(last("book.status_added"), actor=world.head)


def test_a_funnel_follows_the_company_until_it_has_rules_of_its_own(world: World, funnel: Funnel) -> None:
    assert (rules_for(funnel.pk).confirm_above, rules_for(funnel.pk).silent_days) == (None, 30)
    set_rules(None, actor=world.head, confirm_above="500000", silent_days="")
    assert rules_for(funnel.pk).confirm_above == Decimal(500_000)
    assert rules_for(funnel.pk).silent_days is None
    set_rules(funnel, actor=world.head, confirm_attempts=5)
    own = rules_for(funnel.pk)
    assert (own.funnel, own.confirm_above, own.confirm_attempts) == (funnel, Decimal(500_000), 5)
    drop_rules(funnel, actor=world.head)
    assert rules_for(funnel.pk).confirm_attempts is None
    undo(last("book.rules_set"), actor=world.head)
    assert rules_for(funnel.pk).confirm_attempts == 5


def test_rules_come_back_by_undo_unless_they_were_changed_since(world: World, funnel: Funnel) -> None:
    set_rules(None, actor=world.head, confirm_above=100)
    first = last("book.rules_set")
    set_rules(None, actor=world.head, confirm_above=200)
    with pytest.raises(Refused):
        undo(first, actor=world.head)
    undo(last("book.rules_set"), actor=world.head)
    assert rules_for(funnel.pk).confirm_above == 100
    undo(first, actor=world.head)
    assert not ClosingRules.objects.exists()


@pytest.mark.parametrize(
    ("values", "field"),
    [({"confirm_attempts": 0}, "confirm_attempts"), ({"silent_days": 4000}, "silent_days")],
)
def test_an_impossible_rule_is_refused(
    world: World, funnel: Funnel, values: dict[str, int], field: str
) -> None:
    with pytest.raises(Refused) as refusal:
        set_rules(None, actor=world.head, **values)
    assert refusal.value.field == field
    with pytest.raises(Forbidden):
        set_rules(None, actor=world.anna, confirm_above=1)
    assert not ClosingRules.objects.exists()


def test_the_same_rules_again_are_no_event(world: World, funnel: Funnel) -> None:
    set_rules(None, actor=world.head, confirm_above=100)
    set_rules(None, actor=world.head, confirm_above="100.00")
    assert Event.objects.filter(type="book.rules_set").count() == 1
