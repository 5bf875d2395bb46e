"""Every change of the book is kept, can be read again and told in words."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils.translation import override

from tests.world import World
from voronka.core import clock
from voronka.core.errors import Forbidden
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.playbook.actions import (
    add_part,
    add_stage,
    create_funnel,
    create_reason,
    edit_stage,
    reorder_stages,
)
from voronka.playbook.comparing import ADDED, CHANGED, MOVED, REMOVED, differences, stage_differences
from voronka.playbook.models import BookVersion, Criterion, Funnel, Objection, Stage
from voronka.playbook.snapshot import book_snapshot
from voronka.playbook.versions import keep_version, together, version_at


@pytest.fixture
def first(world: World, funnel: Funnel) -> BookVersion:
    """The book before anything is changed in it."""
    kept = keep_version()
    assert kept is not None
    return kept


def versions() -> list[BookVersion]:
    return list(BookVersion.objects.order_by("number"))


def test_a_change_makes_a_version_of_its_author(
    world: World, stages: list[Stage], first: BookVersion
) -> None:
    edit_stage(stages[0], actor=world.head, changes={"goal": "Понять задачу"})

    kept = versions()[-1]
    assert (kept.number, kept.actor, kept.event.type) == (2, world.head, "stage.edited")
    assert kept.content == book_snapshot()


def test_what_changes_nothing_makes_no_version(world: World, stages: list[Stage], first: BookVersion) -> None:
    edit_stage(stages[0], actor=world.head, changes={"name": stages[0].name})

    assert keep_version() is None
    assert versions() == [first]


def test_a_refused_change_leaves_no_version(world: World, stages: list[Stage], first: BookVersion) -> None:
    with pytest.raises(Forbidden):
        edit_stage(stages[0], actor=world.anna, changes={"goal": "Своя цель"})

    assert versions() == [first]


def test_lists_of_the_book_count_and_other_lists_do_not(world: World, first: BookVersion) -> None:
    from voronka.clients.dictionaries import create_source

    create_source(actor=world.head, name="Радио")
    assert versions() == [first]

    create_reason(actor=world.head, kind="lost", name="Нет монтажа")
    assert versions()[-1].content["lost_reasons"][-1]["name"] == "Нет монтажа"


def test_taking_back_is_a_change_too(world: World, stages: list[Stage], first: BookVersion) -> None:
    edit_stage(stages[0], actor=world.head, changes={"limit_days": 9})
    undo(Event.objects.latest("id"), actor=world.head)

    kept = versions()
    assert len(kept) == 3
    assert kept[2].digest == first.digest
    assert kept[2].event.type == "event.undone"


def test_many_changes_at_once_are_one_version(world: World, first: BookVersion) -> None:
    with together():
        create_reason(actor=world.head, kind="lost", name="Раз")
        create_reason(actor=world.head, kind="lost", name="Два")

    assert len(versions()) == 2
    assert [r["name"] for r in versions()[1].content["lost_reasons"]][-2:] == ["Раз", "Два"]


def test_the_book_of_any_date_can_be_read(world: World, stages: list[Stage], first: BookVersion) -> None:
    BookVersion.objects.update(at=clock.now() - dt.timedelta(days=10))
    edit_stage(stages[0], actor=world.head, changes={"goal": "Понять задачу"})

    then = version_at(clock.now() - dt.timedelta(days=3))
    now = version_at(clock.now())

    assert [then and then.number, now and now.number] == [1, 2]
    assert version_at(clock.now() - dt.timedelta(days=11)) is None


def test_another_company_keeps_its_own(world: World, stages: list[Stage], stranger: World) -> None:
    from voronka.core.tenancy import scope

    edit_stage(stages[0], actor=world.head, changes={"goal": "Понять задачу"})

    with scope(stranger.workspace):
        assert not BookVersion.objects.exists()


def test_changes_are_told_in_words(world: World, funnel: Funnel, stages: list[Stage]) -> None:
    before = book_snapshot()
    edit_stage(stages[0], actor=None, changes={"limit_days": 9, "name": "Первый разговор"})
    criterion = add_part(
        Criterion, stages[1], actor=None, kind="checklist", params={"lines": ["Смета готова"]}
    )
    add_part(Objection, stages[1], actor=None, text="Дорого")
    add_stage(funnel, actor=None, name="Отгрузка")

    with override("en"):
        told = differences(before, book_snapshot())

    place = (f"Funnel “{funnel.name}”", "Stage “Первый разговор”")
    assert any(c.kind == CHANGED and c.where == place and c.after == "9" for c in told)
    assert any(c.kind == CHANGED and c.after == "Первый разговор" for c in told)
    assert any(c.kind == ADDED and c.where[-1] == "Stage “Отгрузка”" for c in told)
    assert any(c.kind == ADDED and "Смета готова" in c.where[-1] for c in told)
    assert any(c.kind == ADDED and c.where[-1] == "Objection “Дорого”" for c in told)
    assert len(told) == 5
    assert criterion.pk


def test_a_new_order_and_what_is_gone_are_told(world: World, funnel: Funnel, stages: list[Stage]) -> None:
    before = book_snapshot()
    reorder_stages(funnel, [stages[1].pk, stages[0].pk], actor=None)
    after = book_snapshot()

    assert [c.kind for c in differences(before, after)] == [MOVED]
    made = create_funnel(actor=None, name="Сервис")
    assert [c.kind for c in differences(book_snapshot(), after)] == [REMOVED]
    assert made.pk


def test_one_stage_is_compared_by_itself(world: World, stages: list[Stage]) -> None:
    before = book_snapshot()
    edit_stage(stages[0], actor=None, changes={"goal": "Одна"})
    edit_stage(stages[1], actor=None, changes={"goal": "Другая"})

    with override("en"):
        told = stage_differences(before, book_snapshot(), stages[1].pk)

    assert [(c.label, c.after) for c in told] == [("Goal", "Другая")]


def test_a_book_without_ids_is_matched_by_names(world: World, funnel: Funnel, stages: list[Stage]) -> None:
    book = book_snapshot()
    other = book_snapshot()
    for number, stage in enumerate(other["funnels"][0]["stages"], start=1):
        stage["id"] = -number
    other["funnels"][0]["id"] = -1
    other["funnels"][0]["stages"][0]["goal"] = "Новая цель"

    told = differences(book, other)

    assert [(c.kind, c.after) for c in told] == [(CHANGED, "Новая цель")]
