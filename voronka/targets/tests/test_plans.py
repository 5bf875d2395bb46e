"""Plans: set in bulk, whole or not at all, never over somebody else's."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from tests.world import World
from voronka.core.errors import Conflict, Forbidden, Refused
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.journal.sentences import tell
from voronka.targets.actions import PlanCell, set_plan, set_plans
from voronka.targets.models import SalesPlan

NOV, DEC = dt.date(2026, 11, 1), dt.date(2026, 12, 1)


def plans() -> dict[Any, Decimal]:
    return {(p.member.email.split("@")[0], p.month): p.amount for p in SalesPlan.objects.all()}


def test_a_grid_is_one_event_and_says_what_changed(world: World) -> None:
    event = set_plans(
        [
            PlanCell(world.anna.pk, NOV, Decimal(1000), was=None),
            PlanCell(world.boris.pk, dt.date(2026, 12, 24), Decimal("2000.5"), was=None),
        ],
        actor=world.north_head,
    )

    assert plans() == {("anna", NOV): 1000, ("boris", DEC): Decimal("2000.50")}
    assert event is not None
    assert "Анна Седова" in tell(event).body
    assert set_plans([PlanCell(world.anna.pk, NOV, Decimal(1000), was=None)], actor=world.head) is None
    assert Event.objects.filter(type="plans.set").count() == 1


def test_an_empty_cell_takes_the_plan_away_and_zero_keeps_it(world: World) -> None:
    set_plan(world.anna, NOV, Decimal(5), actor=world.head)
    set_plan(world.boris, NOV, Decimal(0), actor=world.head)
    set_plan(world.anna, NOV, None, actor=world.head)

    assert plans() == {("boris", NOV): 0}


def test_one_cell_that_somebody_else_changed_stops_the_whole_grid(world: World) -> None:
    set_plan(world.anna, NOV, Decimal(700), actor=world.head)

    with pytest.raises(Conflict, match="Анна Седова") as conflict:
        set_plans(
            [
                PlanCell(world.anna.pk, NOV, Decimal(900), was=Decimal(500)),
                PlanCell(world.boris.pk, NOV, Decimal(100), was=None),
            ],
            actor=world.north_head,
        )

    assert [change.theirs for change in conflict.value.changes] == [Decimal(700)]
    assert plans() == {("anna", NOV): 700}


@pytest.mark.parametrize("amount", [Decimal(-1), Decimal(10) ** 13, Decimal("NaN"), Decimal("Infinity")])
def test_an_impossible_sum_is_refused(world: World, amount: Decimal) -> None:
    with pytest.raises(Refused):
        set_plans(
            [PlanCell(world.boris.pk, NOV, Decimal(5)), PlanCell(world.anna.pk, NOV, amount)],
            actor=world.head,
        )

    assert plans() == {}
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("actor", "target", "allowed"),
    [
        ("anna", "anna", False),
        ("marketer", "anna", False),
        ("north_head", "anna", True),
        ("north_head", "vera", False),
        ("head", "vera", True),
        ("director", "anna", True),
        ("admin", "vera", True),
    ],
)
def test_heads_plan_their_teams_directors_everybody(
    world: World, actor: str, target: str, allowed: bool
) -> None:
    member = getattr(world, target)
    if allowed:
        set_plan(member, NOV, Decimal(1), actor=getattr(world, actor))
    else:
        with pytest.raises(Forbidden):
            set_plan(member, NOV, Decimal(1), actor=getattr(world, actor))

    assert SalesPlan.objects.exists() is allowed


def test_another_companys_member_cannot_be_planned(world: World, stranger: World) -> None:
    with pytest.raises(Forbidden):
        set_plans([PlanCell(stranger.anna.pk, NOV, Decimal(1))], actor=world.admin)


def test_who_sees_whose_plan(world: World) -> None:
    for name in ("anna", "boris", "vera"):
        set_plan(getattr(world, name), NOV, Decimal(1), actor=world.admin)

    seen = {
        name: {p.member.name.split()[0] for p in SalesPlan.objects.visible_to(getattr(world, name))}
        for name in ("anna", "north_head", "head", "director", "marketer")
    }
    everybody = {"Анна", "Борис", "Вера"}
    assert seen == {
        "anna": {"Анна"},
        "north_head": {"Анна", "Борис"},
        "head": everybody,
        "director": everybody,
        "marketer": set(),
    }


def test_undo_puts_the_former_values_back_unless_one_was_set_again(world: World) -> None:
    set_plan(world.anna, NOV, Decimal(100), actor=world.head)
    grid = [PlanCell(world.anna.pk, NOV, Decimal(200)), PlanCell(world.boris.pk, NOV, Decimal(300))]
    event = set_plans(grid, actor=world.head)
    assert event is not None
    with pytest.raises(Forbidden):
        undo(event, actor=world.anna)

    undo(event, actor=world.head)
    assert plans() == {("anna", NOV): 100}

    again = set_plans(grid, actor=world.head)
    set_plan(world.boris, NOV, Decimal(1), actor=world.head)
    assert again is not None
    with pytest.raises(Refused, match="Борис"):
        undo(again, actor=world.head)
    assert plans() == {("anna", NOV): 200, ("boris", NOV): 1}
