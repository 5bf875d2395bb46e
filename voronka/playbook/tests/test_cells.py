"""Cells of the grid, and funnels that begin with the work of another one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import World
from voronka.core.errors import Conflict, Forbidden, Refused
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.playbook.actions import add_part, apply_template, create_funnel, write_cell
from voronka.playbook.actions.stages import LONGEST_TEXT
from voronka.playbook.models import (
    ActivityKind,
    BookVersion,
    Cell,
    Criterion,
    Funnel,
    Objection,
    Stage,
    StageTask,
)
from voronka.playbook.queries import book_of, grid_of
from voronka.playbook.snapshot import book_snapshot
from voronka.playbook.templates_data import get_template


def test_a_cell_says_what_they_buy_it_for(world: World, funnel: Funnel) -> None:
    cell = write_cell(
        funnel.product_group,
        funnel.segment,
        actor=world.head,
        changes={"buys_for": "Чтобы склад не стоял", "buying_steps": "Смета\n\nТендер \nДоговор"},
    )

    assert cell is not None
    assert cell.steps == ["Смета", "Тендер", "Договор"]
    event = Event.objects.latest("id")
    assert (event.type, event.payload["group"]) == ("cell.written", funnel.product_group.name)
    assert BookVersion.objects.latest("number").content["cells"][0]["buys_for"] == "Чтобы склад не стоял"
    (row,) = grid_of(book_of()).rows
    assert row.cells[0].said == cell


def test_writing_the_same_twice_happens_once(world: World, funnel: Funnel) -> None:
    for _time in range(2):
        write_cell(funnel.product_group, funnel.segment, actor=world.head, changes={"buys_for": "Пуск"})

    assert Event.objects.filter(type="cell.written").count() == 1
    assert write_cell(funnel.product_group, funnel.segment, actor=world.head, changes={"chooses_by": ""})


def test_what_was_written_can_be_taken_back(world: World, funnel: Funnel) -> None:
    before = book_snapshot()
    write_cell(funnel.product_group, funnel.segment, actor=world.head, changes={"buys_for": "Пуск"})

    undo(Event.objects.latest("id"), actor=world.head)

    assert book_snapshot() == before


@pytest.mark.parametrize(
    ("changes", "was", "error"),
    [
        ({"buys_for": "я" * (LONGEST_TEXT + 1)}, None, Refused),
        ({"buys_for": "Мой текст"}, {"buys_for": "Было другое"}, Conflict),
    ],
)
def test_a_refused_text_changes_nothing(
    world: World, funnel: Funnel, changes: dict[str, str], was: Any, error: type[Exception]
) -> None:
    write_cell(funnel.product_group, funnel.segment, actor=world.head, changes={"buys_for": "Пуск"})
    events = Event.objects.count()

    with pytest.raises(error):
        write_cell(funnel.product_group, funnel.segment, actor=world.head, changes=changes, was=was)

    assert Cell.objects.get().buys_for == "Пуск"
    assert Event.objects.count() == events


def test_sellers_read_it_only(world: World, funnel: Funnel) -> None:
    with pytest.raises(Forbidden):
        write_cell(funnel.product_group, funnel.segment, actor=world.anna, changes={"buys_for": "Пуск"})

    assert not Cell.objects.exists()


def test_a_group_in_the_archive_has_no_cells(world: World, funnel: Funnel) -> None:
    from voronka.core import clock

    segment = funnel.segment
    segment.archived_at = clock.now()
    segment.save()

    with pytest.raises(Refused):
        write_cell(funnel.product_group, segment, actor=world.head, changes={"buys_for": "Пуск"})


def test_a_copied_funnel_has_the_work_of_its_stages(world: World, funnel: Funnel) -> None:
    stages = list(Stage.objects.filter(funnel=funnel).order_by("order"))
    kind = ActivityKind.objects.first()
    first = add_part(StageTask, stages[1], actor=None, kind=kind, text="Позвонить", script="Спросить")
    add_part(StageTask, stages[1], actor=None, kind=kind, text="Написать")
    add_part(Criterion, stages[2], actor=None, kind="checklist", params={"lines": ["Смета"]})
    add_part(Objection, stages[2], actor=None, text="Дорого")

    made = create_funnel(actor=world.head, name="Копия", copy_of=funnel)

    copies = list(Stage.objects.filter(funnel=made).order_by("order"))
    assert [(t.text, t.order) for t in copies[1].stagetask_rows.all()] == [("Позвонить", 1), ("Написать", 2)]
    assert copies[1].stagetask_rows.first().script == "Спросить"
    assert copies[2].criterion_rows.get().params == {"lines": ["Смета"]}
    assert copies[2].objection_rows.get().text == "Дорого"
    first.refresh_from_db()
    assert first.stage == stages[1]


def test_a_copy_can_be_taken_back_with_its_work(world: World, funnel: Funnel) -> None:
    stage = Stage.objects.filter(funnel=funnel).first()
    assert stage is not None
    add_part(Objection, stage, actor=None, text="Дорого")
    made = create_funnel(actor=world.head, name="Копия", copy_of=funnel)

    undo(Event.objects.latest("id"), actor=world.head)

    assert not Funnel.objects.filter(pk=made.pk).exists()
    assert Objection.objects.count() == 1


def test_a_funnel_begins_with_one_of_a_template(world: World, funnel: Funnel) -> None:
    template = get_template("services").funnels[1]

    made = create_funnel(actor=world.head, name="Проекты", template=template, language="en")

    stages = list(Stage.objects.filter(funnel=made).order_by("order"))
    assert [stage.name for stage in stages] == [stage.name.en for stage in template.stages]
    assert StageTask.objects.filter(stage=stages[0]).exists()
    assert Criterion.objects.filter(stage=stages[0]).exists()


def test_a_template_fills_the_cells_that_say_nothing(world: World) -> None:
    apply_template("services", actor=None, language="ru")
    said = Cell.objects.count()
    cell = Cell.objects.first()
    assert cell is not None
    write_cell(cell.product_group, cell.segment, actor=None, changes={"buys_for": "По-своему"})

    apply_template("services", actor=None, language="ru")

    assert said == len(get_template("services").cells)
    assert Cell.objects.get(pk=cell.pk).buys_for == "По-своему"
