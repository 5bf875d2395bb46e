"""What a stage asks: tasks, criteria, objections."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.world import World
from voronka.core.errors import Conflict, Forbidden, Refused
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.playbook import criteria
from voronka.playbook.actions import add_part, edit_part, put_part_away, reorder_parts
from voronka.playbook.criteria import CriterionKind, Missing, Param, criteria_of, unmet
from voronka.playbook.models import ActivityKind, Criterion, Objection, Stage, StageTask, Strictness


def last(type_name: str) -> Event:
    return Event.objects.filter(type=type_name).order_by("-id")[0]


@pytest.fixture
def call(world: World) -> ActivityKind:
    return ActivityKind.objects.create(name="Звонок", channel="call")


@pytest.fixture
def stage(stages: list[Stage]) -> Stage:
    return stages[0]


def test_a_task_is_added_edited_and_taken_out_and_each_step_comes_back(
    world: World, stage: Stage, call: ActivityKind
) -> None:
    task = add_part(StageTask, stage, actor=world.head, kind=call, text=" Позвонить ", after_days=1)
    assert (task.text, task.order, task.after_days) == ("Позвонить", 1, 1)

    edit_part(task, actor=world.head, changes={"text": "Перезвонить", "required": True})
    assert StageTask.objects.get(pk=task.pk).required
    undo(last("stage.part_edited"), actor=world.head)
    task.refresh_from_db()
    assert (task.text, task.required) == ("Позвонить", False)

    put_part_away(task, actor=world.head)
    assert StageTask.objects.get(pk=task.pk).archived_at is not None
    undo(last("stage.part_put_away"), actor=world.head)
    assert StageTask.objects.get(pk=task.pk).archived_at is None

    undo(last("stage.part_added"), actor=world.head)
    assert not StageTask.objects.filter(pk=task.pk).exists()


def test_rows_are_put_in_order(world: World, stage: Stage) -> None:
    rows = [
        add_part(Objection, stage, actor=world.head, text=text)
        for text in ("Дорого", "Не сейчас", "Подумаем")
    ]
    reorder_parts(Objection, stage, [rows[2].pk, rows[0].pk, rows[1].pk], actor=world.head)
    assert list(stage.objection_rows.values_list("text", flat=True)) == ["Подумаем", "Дорого", "Не сейчас"]
    undo(last("stage.parts_reordered"), actor=world.head)
    assert list(stage.objection_rows.values_list("text", flat=True)) == ["Дорого", "Не сейчас", "Подумаем"]


@pytest.mark.parametrize(
    ("values", "field"),
    [({"text": ""}, "text"), ({"text": "Т", "after_days": 400}, "after_days"), ({"text": "Т" * 300}, "text")],
)
def test_an_impossible_task_is_refused(
    world: World, stage: Stage, call: ActivityKind, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refusal:
        add_part(StageTask, stage, actor=world.head, kind=call, **values)
    assert refusal.value.field == field
    assert not StageTask.objects.exists()
    assert not Event.objects.filter(type="stage.part_added").exists()


def test_a_seller_writes_no_book(world: World, stage: Stage) -> None:
    with pytest.raises(Forbidden):
        add_part(Objection, stage, actor=world.anna, text="Дорого")
    assert not Objection.objects.exists()


def test_two_editors_of_one_field_are_told(world: World, stage: Stage) -> None:
    row = add_part(Objection, stage, actor=world.head, text="Дорого")
    edit_part(row, actor=world.head, changes={"text": "Очень дорого"})
    with pytest.raises(Conflict):
        edit_part(row, actor=world.head, changes={"text": "Дороговато"}, was={"text": "Дорого"})
    assert Objection.objects.get().text == "Очень дорого"


@pytest.fixture
def even(world: World) -> Iterator[CriterionKind]:
    """A kind for tests: the deal's number can be divided by `by`."""
    kind = criteria.declare(
        CriterionKind(
            code="even",
            title="Divisible",
            params=(Param("by", "Divisor", "count"),),
            check=lambda deal, one: (
                None if deal % one.params["by"] == 0 else Missing(f"not by {one.params['by']}")
            ),
            tell=lambda params: f"divisible by {params['by']}",
        )
    )
    yield kind
    del criteria._kinds["even"]


def test_criteria_say_what_is_missing(world: World, stage: Stage, even: CriterionKind) -> None:
    two = add_part(Criterion, stage, actor=world.head, kind="even", params={"by": "2"})
    add_part(Criterion, stage, actor=world.head, kind="even", params={"by": 3}, strictness=Strictness.REFUSE)
    assert two.params == {"by": 2}
    assert [(u.missing.text, u.refuses) for u in unmet(8, criteria_of(stage))] == [("not by 3", True)]
    assert unmet(6, criteria_of(stage)) == []
    put_part_away(two, actor=world.head)
    assert [u.missing.text for u in unmet(7, criteria_of(stage))] == ["not by 3"]


@pytest.mark.parametrize("params", [{}, {"by": "0"}, {"by": "много"}, {"by": "1,5"}])
def test_a_criterion_with_impossible_parameters_is_refused(
    world: World, stage: Stage, even: CriterionKind, params: dict[str, Any]
) -> None:
    with pytest.raises(Refused) as refusal:
        add_part(Criterion, stage, actor=world.head, kind="even", params=params)
    assert refusal.value.field == "by"
    assert not Criterion.objects.exists()


def test_only_declared_kinds_are_offered(world: World, stage: Stage) -> None:
    with pytest.raises(Refused):
        add_part(Criterion, stage, actor=world.head, kind="astrology", params={})
