"""What others ask of the book."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import World, make_book
from voronka.catalog.models import ProductGroup
from voronka.clients.models import Segment
from voronka.core import clock
from voronka.core.tenancy import scope
from voronka.core.text import fold
from voronka.playbook.actions import add_stage, archive_funnel, create_funnel, edit_stage
from voronka.playbook.dictionaries import create_reason
from voronka.playbook.models import Funnel, ReasonKind, Stage
from voronka.playbook.queries import (
    active_funnels,
    activity_kinds,
    book_of,
    funnel_for,
    funnel_options,
    grid_of,
    in_tree,
    options,
    reasons,
    stages_of,
)


def group(name: str, parent: ProductGroup | None = None) -> ProductGroup:
    return ProductGroup.objects.create(name=name, name_key=fold(name), parent=parent)


def segment(name: str) -> Segment:
    return Segment.objects.create(name=name, name_key=fold(name))


def test_boards_get_funnels_with_the_stages_in_use(
    world: World, funnel: Funnel, stages: list[Stage], django_assert_num_queries: Any
) -> None:
    create_funnel(actor=world.admin, name="Вторая")
    gone = create_funnel(actor=world.admin, name="Третья")
    archive_funnel(gone, actor=world.admin)
    Stage.objects.filter(pk=stages[1].pk).update(archived_at=clock.now())

    with django_assert_num_queries(2):
        found = active_funnels()

    assert [f.funnel.name for f in found] == [funnel.name, "Вторая"]
    assert [s.name for s in found[0].stages] == ["Первый контакт", "Презентация", "Предложение", "Договор"]
    assert len(found[0].all_stages) == 5
    assert found[0].key_stage == stages[2]
    assert found[0].working_days == 3 + 7 + 5 + 4
    assert stages_of(funnel) == found[0].stages
    assert stages_of(funnel.pk, archived=True) == stages
    assert [option.text for option in funnel_options()] == [funnel.name, "Вторая"]


def test_the_book_finds_a_funnel_by_id_and_by_name(world: World, funnel: Funnel) -> None:
    gone = create_funnel(actor=world.admin, name="Ёлки")
    archive_funnel(gone, actor=world.admin)
    book = book_of()

    assert book.get(funnel.pk) == book.active[0]
    assert book.get(None) is None
    assert [f.funnel for f in book.archived] == [gone]
    by_name = book.named(" ЕЛКИ ")
    assert by_name is not None
    assert by_name.funnel == gone
    assert book.named("Нет такой") is None


def test_a_fall_of_the_chances_is_noticed(world: World, funnel: Funnel, stages: list[Stage]) -> None:
    assert active_funnels()[0].falls_at is None

    edit_stage(stages[3], actor=world.admin, changes={"probability": 30})

    assert active_funnels()[0].falls_at == stages[3]


def test_a_deal_gets_the_nearest_funnel(world: World) -> None:
    machines = group("Оборудование")
    scales = group("Весы", machines)
    other = group("Прочее")
    retail, plants = segment("Розница"), segment("Заводы")
    assert funnel_for(machines, retail) is None

    general = create_funnel(actor=world.admin, name="Общая")
    cell = create_funnel(actor=world.admin, name="Ячейка", product_group=machines, segment=retail)
    wide = create_funnel(actor=world.admin, name="Вся группа", product_group=machines)
    to_plants = create_funnel(actor=world.admin, name="Заводам", segment=plants)

    assert funnel_for(machines, retail) == cell
    assert funnel_for(scales, retail) == cell, "a group inside another is sold like it"
    assert funnel_for(scales, plants) == wide
    assert funnel_for(machines, None) == wide
    assert funnel_for(other, plants) == to_plants
    assert funnel_for(other, retail) == general
    assert funnel_for(None, None) == general


def test_the_grid_has_a_place_for_every_funnel(world: World) -> None:
    machines = group("Оборудование")
    scales = group("Весы", machines)
    retail, plants = segment("Розница"), segment("Заводы")
    cell = create_funnel(actor=world.admin, name="Ячейка", product_group=scales, segment=retail)
    lost = create_funnel(actor=world.admin, name="Без места", product_group=machines)
    gone = create_funnel(actor=world.admin, name="В архиве", product_group=machines, segment=plants)
    archive_funnel(gone, actor=world.admin)

    grid = grid_of(book_of())

    assert {s.name for s in grid.segments} == {"Розница", "Заводы"}
    assert [(row.group, row.depth) for row in grid.rows] == [(machines, 0), (scales, 1)]
    places = {
        (row.group.pk, s.pk): [f.funnel for f in funnels]
        for row in grid.rows
        for s, funnels, _said in row.cells
    }
    assert places == {
        (machines.pk, retail.pk): [],
        (machines.pk, plants.pk): [],
        (scales.pk, retail.pk): [cell],
        (scales.pk, plants.pk): [],
    }
    assert [f.funnel for f in grid.elsewhere] == [lost]


def test_trees_bear_missing_parents() -> None:
    top, child, orphan = ProductGroup(pk=1), ProductGroup(pk=2, parent_id=1), ProductGroup(pk=3, parent_id=99)

    assert in_tree([child, top, orphan]) == [(top, 0), (child, 1), (orphan, 0)]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("source", ["Выставка", "Сайт"]),
        ("segment", ["Розница"]),
        ("product_group", ["Оборудование"]),
        ("product", ["Стеллаж С-12"]),
        ("won_reason", ["Срок поставки"]),
        ("activity_kind", ["Звонок", "Встреча", "Письмо", "Задача"]),
    ],
)
def test_choices_are_the_active_entries(world: World, funnel: Funnel, code: str, expected: list[str]) -> None:
    assert [option.text for option in options(code)] == expected


def test_choices_tell_the_group_and_the_depth(world: World, funnel: Funnel) -> None:
    assert funnel.product_group
    group("Весы", funnel.product_group)

    assert [option.text for option in options("product_group")] == ["Оборудование", "— Весы"]
    assert options("product")[0].hint == "Оборудование"


def test_reasons_and_kinds_are_those_offered(world: World, funnel: Funnel) -> None:
    create_reason(actor=world.admin, kind=ReasonKind.LOST, name="Пропали")

    assert [r.name for r in reasons(ReasonKind.LOST)][-1] == "Пропали"
    assert [k.icon for k in activity_kinds()] == ["phone", "users", "mail", "checkbox"]


def test_nothing_of_another_company_shows(world: World, funnel: Funnel, stranger: World) -> None:
    with scope(stranger.workspace):
        theirs = make_book(stranger)
        add_stage(theirs, actor=stranger.admin, name="Чужой")

    assert [f.funnel for f in book_of().funnels] == [funnel]
    assert stages_of(theirs, archived=True) == []
