"""Verbs on the stages of a funnel."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import World
from voronka.core.errors import Conflict, Forbidden, Refused
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.journal.registry import get_type, on
from voronka.journal.sentences import tell
from voronka.playbook.actions import (
    add_stage,
    archive_stage,
    create_funnel,
    edit_stage,
    merge_stage,
    reorder_stages,
    restore_stage,
    set_key_stage,
)
from voronka.playbook.models import Funnel, Stage


def last(type_name: str) -> Event:
    return Event.objects.filter(type=type_name).order_by("-id")[0]


def names(funnel: Funnel) -> list[str]:
    """Names of the stages in use, after a look that orders are dense over all of them."""
    rows = list(Stage.objects.filter(funnel=funnel).order_by("order"))
    assert [row.order for row in rows] == list(range(1, len(rows) + 1))
    return [row.name for row in rows if row.archived_at is None]


USUAL = ["Первый контакт", "Потребность", "Презентация", "Предложение", "Договор"]


def test_a_stage_is_added_at_the_end(world: World, funnel: Funnel, stages: list[Stage]) -> None:
    stage = add_stage(funnel, actor=world.head, name="Отгрузка", goal=" Отгрузить\r\nв срок ", limit_days=4)

    assert names(funnel) == [*USUAL, "Отгрузка"]
    assert stage.goal == "Отгрузить\nв срок"
    assert stage.probability == 90
    assert last("stage.added").payload == {
        "funnel": funnel.pk,
        "name": funnel.name,
        "stage": stage.pk,
        "stage_name": "Отгрузка",
        "order": 6,
        "shifted": False,
    }


def test_a_stage_is_added_in_between(world: World, funnel: Funnel, stages: list[Stage]) -> None:
    stage = add_stage(funnel, actor=world.head, name="Замер", after=stages[1])

    assert names(funnel) == [
        "Первый контакт",
        "Потребность",
        "Замер",
        "Презентация",
        "Предложение",
        "Договор",
    ]
    assert 25 <= stage.probability <= 40
    assert last("stage.added").payload["shifted"] is True
    undo(last("stage.added"), actor=world.head)
    assert names(funnel) == USUAL


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "потребность"}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"probability": 101}, "probability"),
        ({"probability": -1}, "probability"),
        ({"limit_days": 0}, "limit_days"),
        ({"limit_days": 366}, "limit_days"),
        ({"color": "red"}, "color"),
        ({"color": "#12345"}, "color"),
        ({"category": "sure"}, "category"),
        ({"goal": "а" * 4001}, "goal"),
    ],
)
def test_what_a_stage_cannot_be_is_refused(
    world: World, funnel: Funnel, stages: list[Stage], values: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as added:
        add_stage(funnel, actor=world.head, **{"name": "Новый", **values})
    with pytest.raises(Refused) as edited:
        edit_stage(stages[0], actor=world.head, changes=values)

    assert added.value.field == edited.value.field == field
    assert names(funnel) == USUAL
    assert not Event.objects.exists()


def test_nasty_text_is_kept_harmless(world: World, funnel: Funnel) -> None:
    name = "<script>alert(1)</script> 🚀 \u202eшон"

    stage = add_stage(funnel, actor=world.head, name=name, goal="a\x00b")

    stage.refresh_from_db()
    assert stage.name == "<script>alert(1)</script> 🚀 шон"
    assert stage.goal == "ab"


def test_only_so_many_stages_fit(world: World) -> None:
    funnel = create_funnel(actor=world.head, name="Длинная", stages=[f"Этап {n}" for n in range(50)])

    with pytest.raises(Refused):
        add_stage(funnel, actor=world.head, name="Лишний")


def test_editing_tells_what_changed_and_can_be_undone(
    world: World, funnel: Funnel, stages: list[Stage]
) -> None:
    edit_stage(
        stages[0],
        actor=world.head,
        changes={"name": "Знакомство", "limit_days": "4", "role": world.roles["head"], "probability": 10},
        was={"name": "Первый контакт", "limit_days": "3", "role": ""},
    )

    stage = Stage.objects.get(pk=stages[0].pk)
    assert (stage.name, stage.limit_days, stage.role, stage.version) == (
        "Знакомство",
        4,
        world.roles["head"],
        2,
    )
    event = last("stage.edited")
    assert set(event.payload["changes"]) == {"name", "limit_days", "role_id"}
    assert "3 → 4" in tell(event).body
    undo(event, actor=world.head)
    stage.refresh_from_db()
    assert (stage.name, stage.limit_days, stage.role) == ("Первый контакт", 3, None)


def test_two_people_editing_different_fields_both_succeed(world: World, stages: list[Stage]) -> None:
    edit_stage(stages[0], actor=world.head, changes={"goal": "Цель"}, was={"goal": ""})
    edit_stage(stages[0], actor=world.admin, changes={"result": "Итог"}, was={"result": ""})

    stage = Stage.objects.get(pk=stages[0].pk)
    assert (stage.goal, stage.result) == ("Цель", "Итог")


def test_two_people_editing_one_field_do_not_overwrite_each_other(world: World, stages: list[Stage]) -> None:
    edit_stage(stages[0], actor=world.head, changes={"goal": "Моя"}, was={"goal": ""})

    with pytest.raises(Conflict):
        edit_stage(
            stages[0],
            actor=world.admin,
            changes={"goal": "Твоя", "result": "Итог"},
            was={"goal": "", "result": ""},
        )

    stage = Stage.objects.get(pk=stages[0].pk)
    assert (stage.goal, stage.result) == ("Моя", "")
    assert Event.objects.filter(type="stage.edited").count() == 1


def test_reordering_keeps_orders_dense_and_tells_both_orders(
    world: World, funnel: Funnel, stages: list[Stage]
) -> None:
    a, b, c, d, e = (stage.pk for stage in stages)

    reorder_stages(funnel, [a, c, b, d, e], actor=world.head)

    assert names(funnel) == ["Первый контакт", "Презентация", "Потребность", "Предложение", "Договор"]
    event = last("funnel.reordered")
    assert (event.payload["before"], event.payload["after"]) == ([a, b, c, d, e], [a, c, b, d, e])
    undo(event, actor=world.head)
    assert names(funnel) == USUAL


def test_archived_stages_keep_their_place_when_others_move(
    world: World, funnel: Funnel, stages: list[Stage], busy: dict[int, int]
) -> None:
    a, b, c, d, e = (stage.pk for stage in stages)
    archive_stage(stages[2], actor=world.head)

    reorder_stages(funnel, [e, b, d, a], actor=world.head)

    rows = list(Stage.objects.filter(funnel=funnel).order_by("order").values_list("pk", flat=True))
    assert rows == [e, b, c, d, a]
    assert names(funnel) == ["Договор", "Потребность", "Предложение", "Первый контакт"]


def test_the_same_order_is_no_event(world: World, funnel: Funnel, stages: list[Stage]) -> None:
    reorder_stages(funnel, [s.pk for s in stages], actor=world.head)

    assert not Event.objects.exists()


def test_stages_of_another_funnel_cannot_be_mixed_in(
    world: World, funnel: Funnel, stages: list[Stage]
) -> None:
    other = create_funnel(actor=world.head, name="Другая")
    foreign = Stage.objects.filter(funnel=other)[0]

    with pytest.raises(Refused):
        reorder_stages(funnel, [stages[0].pk, foreign.pk], actor=world.head)
    with pytest.raises(Refused):
        merge_stage(stages[0], foreign, actor=world.head)
    with pytest.raises(Refused):
        add_stage(funnel, actor=world.head, name="Новый", after=foreign)
    with pytest.raises(Refused):
        set_key_stage(funnel, actor=world.head, stage=foreign)

    assert names(funnel) == USUAL


def test_undoing_an_order_gives_way_to_a_later_one(world: World, funnel: Funnel, stages: list[Stage]) -> None:
    a, b, c, d, e = (stage.pk for stage in stages)
    reorder_stages(funnel, [b, a, c, d, e], actor=world.head)
    event = last("funnel.reordered")
    reorder_stages(funnel, [c, b, a, d, e], actor=world.head)

    with pytest.raises(Refused):
        undo(event, actor=world.head)


def test_there_is_one_key_stage_at_most(world: World, funnel: Funnel, stages: list[Stage]) -> None:
    set_key_stage(funnel, actor=world.head, stage=stages[0])
    assert list(Stage.objects.filter(funnel=funnel, is_key=True)) == [stages[0]]

    undo(last("stage.key_set"), actor=world.head)
    assert list(Stage.objects.filter(funnel=funnel, is_key=True)) == [stages[2]]

    set_key_stage(funnel, actor=world.head, stage=None)
    set_key_stage(funnel, actor=world.head, stage=None)
    assert not Stage.objects.filter(funnel=funnel, is_key=True).exists()
    assert Event.objects.filter(type="stage.key_set").count() == 2


def test_an_empty_stage_is_archived_and_comes_back_to_its_place(
    world: World, funnel: Funnel, stages: list[Stage], busy: dict[int, int]
) -> None:
    archive_stage(stages[2], actor=world.head)

    assert names(funnel) == ["Первый контакт", "Потребность", "Предложение", "Договор"]
    assert not Stage.objects.filter(funnel=funnel, is_key=True).exists()
    assert last("stage.archived").payload["was_key"] is True
    with pytest.raises(Refused):
        set_key_stage(funnel, actor=world.head, stage=stages[2])
    restore_stage(stages[2], actor=world.head)
    assert names(funnel) == USUAL


def test_undoing_the_archiving_brings_the_key_mark_back(
    world: World, funnel: Funnel, stages: list[Stage], busy: dict[int, int]
) -> None:
    archive_stage(stages[2], actor=world.head)

    undo(last("stage.archived"), actor=world.head)

    assert names(funnel) == USUAL
    assert list(Stage.objects.filter(funnel=funnel, is_key=True)) == [stages[2]]


def test_a_stage_with_open_deals_needs_a_target(
    world: World, funnel: Funnel, stages: list[Stage], busy: dict[int, int]
) -> None:
    busy[stages[1].pk] = 2

    with pytest.raises(Refused) as refusal:
        archive_stage(stages[1], actor=world.head)
    with pytest.raises(Refused):
        archive_stage(stages[1], actor=world.head, target=stages[1])

    assert refusal.value.field == "target"
    assert names(funnel) == USUAL
    assert not Event.objects.exists()


@pytest.fixture
def moved(busy: dict[int, int]) -> Any:
    """The deals' room, played: it moves the open deals where the event says."""
    seen: list[tuple[str, int, int]] = []

    def move(event: Event, payload: Any) -> None:
        goal = getattr(payload, "target", None) or getattr(payload, "into", None)
        if goal:
            busy[goal] = busy.get(goal, 0) + busy.pop(payload.stage, 0)
            seen.append((event.type, payload.stage, goal))

    kept = {name: list(get_type(name).consequences) for name in ("stage.archived", "stage.merged")}
    for name in kept:
        get_type(name).consequences.clear()
    on("stage.archived", "stage.merged")(move)
    yield seen
    for name, listeners in kept.items():
        get_type(name).consequences[:] = listeners


def test_open_deals_go_to_the_target(
    world: World, funnel: Funnel, stages: list[Stage], busy: dict[int, int], moved: Any
) -> None:
    busy[stages[1].pk] = 2

    archive_stage(stages[1], actor=world.head, target=stages[0])

    assert moved == [("stage.archived", stages[1].pk, stages[0].pk)]
    assert busy == {stages[0].pk: 2}
    assert last("stage.archived").payload["target_name"] == "Первый контакт"


def test_nobody_is_left_behind_in_a_closed_stage(
    world: World, funnel: Funnel, stages: list[Stage], busy: dict[int, int]
) -> None:
    busy[stages[1].pk] = 2
    kept = {name: list(get_type(name).consequences) for name in ("stage.archived", "stage.merged")}
    for name in kept:
        get_type(name).consequences.clear()

    # Nobody moves the deals: then the stage stays too.
    try:
        with pytest.raises(Refused):
            archive_stage(stages[1], actor=world.head, target=stages[0])
        with pytest.raises(Refused):
            merge_stage(stages[1], stages[0], actor=world.head)
    finally:
        for name, listeners in kept.items():
            get_type(name).consequences[:] = listeners

    assert names(funnel) == USUAL
    assert not Event.objects.exists()


def test_the_last_stage_stays(world: World, busy: dict[int, int]) -> None:
    funnel = create_funnel(actor=world.head, name="Короткая", stages=["Один", "Два"])
    one, two = Stage.objects.filter(funnel=funnel)
    archive_stage(one, actor=world.head)

    with pytest.raises(Refused):
        archive_stage(two, actor=world.head)
    with pytest.raises(Refused):
        merge_stage(two, one, actor=world.head)

    assert names(funnel) == ["Два"]


def test_merging_moves_deals_and_the_key_mark_and_keeps_the_row(
    world: World, funnel: Funnel, stages: list[Stage], busy: dict[int, int], moved: Any
) -> None:
    busy[stages[2].pk] = 1

    merge_stage(stages[2], stages[1], actor=world.head)

    stage = Stage.objects.get(pk=stages[2].pk)
    assert stage.merged_into == stages[1]
    assert stage.archived_at is not None
    assert names(funnel) == ["Первый контакт", "Потребность", "Предложение", "Договор"]
    assert list(Stage.objects.filter(funnel=funnel, is_key=True)) == [stages[1]]
    assert busy == {stages[1].pk: 1}
    with pytest.raises(Refused):
        restore_stage(stage, actor=world.head)

    undo(last("stage.merged"), actor=world.head)
    assert names(funnel) == USUAL
    assert list(Stage.objects.filter(funnel=funnel, is_key=True)) == [stages[2]]


def test_chains_of_merges_stay_one_step_long(
    world: World, funnel: Funnel, stages: list[Stage], busy: dict[int, int]
) -> None:
    merge_stage(stages[0], stages[1], actor=world.head)
    merge_stage(stages[1], stages[3], actor=world.head)

    goals = dict(Stage.objects.filter(funnel=funnel).values_list("pk", "merged_into"))
    assert goals[stages[0].pk] == goals[stages[1].pk] == stages[3].pk

    undo(last("stage.merged"), actor=world.head)
    goals = dict(Stage.objects.filter(funnel=funnel).values_list("pk", "merged_into"))
    assert goals[stages[0].pk] == stages[1].pk
    assert goals[stages[1].pk] is None


def test_merging_twice_is_no_second_event_and_elsewhere_is_refused(
    world: World, stages: list[Stage], busy: dict[int, int]
) -> None:
    merge_stage(stages[0], stages[1], actor=world.head)
    merge_stage(stages[0], stages[1], actor=world.head)

    assert Event.objects.filter(type="stage.merged").count() == 1
    with pytest.raises(Refused):
        merge_stage(stages[0], stages[2], actor=world.head)
    with pytest.raises(Refused):
        merge_stage(stages[2], stages[0], actor=world.head)
    with pytest.raises(Refused):
        merge_stage(stages[2], stages[2], actor=world.head)


def test_sellers_change_nothing(world: World, funnel: Funnel, stages: list[Stage]) -> None:
    for attempt in (
        lambda: add_stage(funnel, actor=world.anna, name="Мой"),
        lambda: edit_stage(stages[0], actor=world.anna, changes={"name": "Мой"}),
        lambda: reorder_stages(funnel, [stages[1].pk, stages[0].pk], actor=world.anna),
        lambda: set_key_stage(funnel, actor=world.anna, stage=stages[0]),
        lambda: archive_stage(stages[0], actor=world.anna),
        lambda: merge_stage(stages[0], stages[1], actor=world.anna),
    ):
        with pytest.raises(Forbidden):
            attempt()

    assert names(funnel) == USUAL
    assert not Event.objects.exists()


def test_undoing_needs_the_right_too(world: World, funnel: Funnel) -> None:
    add_stage(funnel, actor=world.head, name="Отгрузка")

    with pytest.raises(Forbidden):
        undo(last("stage.added"), actor=world.anna)

    assert names(funnel) == [*USUAL, "Отгрузка"]
