"""Verbs on whole funnels."""

from __future__ import annotations

import pytest

from tests.world import World
from voronka.catalog.models import ProductGroup
from voronka.clients.models import Segment
from voronka.core import clock
from voronka.core.errors import Conflict, Forbidden, Refused
from voronka.core.tenancy import scope
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.journal.sentences import tell
from voronka.playbook.actions import (
    archive_funnel,
    create_funnel,
    edit_funnel,
    mark_recounted,
    reorder_funnels,
    restore_funnel,
)
from voronka.playbook.models import Funnel, Stage


def last(type_name: str) -> Event:
    return Event.objects.filter(type=type_name).order_by("-id")[0]


def test_a_new_funnel_starts_with_stages_one_can_work_with(world: World) -> None:
    funnel = create_funnel(actor=world.admin, name="  Опт  ")

    stages = list(Stage.objects.filter(funnel=funnel))
    assert funnel.name == "Опт"
    assert [s.order for s in stages] == [1, 2, 3, 4, 5]
    assert [s.probability for s in stages] == sorted(s.probability for s in stages)
    assert len({s.color for s in stages}) == 5
    assert last("funnel.created").payload["stages"] == [s.pk for s in stages]


def test_stages_can_be_named_alone_as_imports_do(world: World) -> None:
    funnel = create_funnel(actor=world.admin, name="Из таблицы", stages=["Заявка", "Счёт", "Оплата"])

    assert list(Stage.objects.filter(funnel=funnel).values_list("name", "probability")) == [
        ("Заявка", 25),
        ("Счёт", 50),
        ("Оплата", 75),
    ]


def test_a_copy_takes_the_active_stages_with_everything_said_of_them(
    world: World, funnel: Funnel, stages: list[Stage]
) -> None:
    Stage.objects.filter(pk=stages[1].pk).update(archived_at=clock.now())
    Stage.objects.filter(pk=stages[0].pk).update(goal="Познакомиться", role=world.roles["head"])

    copy = create_funnel(actor=world.admin, name="Вторая", copy_of=funnel)

    copied = list(Stage.objects.filter(funnel=copy))
    assert [s.name for s in copied] == ["Первый контакт", "Презентация", "Предложение", "Договор"]
    assert [s.order for s in copied] == [1, 2, 3, 4]
    assert copied[0].goal == "Познакомиться"
    assert copied[0].role == world.roles["head"]
    assert [s.is_key for s in copied] == [False, True, False, False]


@pytest.mark.parametrize("name", ["", "   ", "\u200b", "оборудование · розница", "x" * 151])
def test_a_name_that_is_empty_taken_or_too_long_is_refused(world: World, funnel: Funnel, name: str) -> None:
    with pytest.raises(Refused) as refusal:
        create_funnel(actor=world.admin, name=name)

    assert refusal.value.field == "name"
    assert Funnel.objects.count() == 1
    assert not Event.objects.filter(type="funnel.created").exists()


def test_a_funnel_without_stages_is_refused_whole(world: World) -> None:
    with pytest.raises(Refused):
        create_funnel(actor=world.admin, name="Пустая", stages=[])

    assert not Funnel.objects.exists()


def test_two_stages_of_one_name_are_refused_whole(world: World) -> None:
    with pytest.raises(Refused):
        create_funnel(actor=world.admin, name="Двойник", stages=["Счёт", "СЧЁТ"])

    assert not Funnel.objects.exists()
    assert not Stage.objects.exists()


def test_creating_can_be_undone_until_the_funnel_is_changed(world: World) -> None:
    create_funnel(actor=world.admin, name="Первая")
    kept = create_funnel(actor=world.admin, name="Вторая")
    first, second = Event.objects.filter(type="funnel.created").order_by("id")
    Stage.objects.create(funnel=kept, name="Ещё", order=6)

    undo(first, actor=world.admin)
    with pytest.raises(Refused):
        undo(second, actor=world.admin)

    assert list(Funnel.objects.all()) == [kept]


def test_editing_tells_what_changed_and_can_be_undone(world: World, funnel: Funnel) -> None:
    segment = Segment.objects.create(name="Опт", name_key="опт")

    edit_funnel(funnel, actor=world.head, changes={"name": "Опт", "segment": segment})

    event = last("funnel.edited")
    assert tell(event).body.splitlines()[-1].endswith("Розница → Опт")
    undo(event, actor=world.head)
    funnel.refresh_from_db()
    assert (funnel.name, funnel.segment.name) == ("Оборудование · Розница", "Розница")


def test_editing_to_the_same_does_nothing(world: World, funnel: Funnel) -> None:
    edit_funnel(funnel, actor=world.head, changes={"name": funnel.name})

    assert not Event.objects.filter(type="funnel.edited").exists()
    funnel.refresh_from_db()
    assert funnel.version == 1


def test_the_later_of_two_renamings_is_told(world: World, funnel: Funnel) -> None:
    edit_funnel(funnel, actor=world.head, changes={"name": "Первое"}, was={"name": funnel.name})

    with pytest.raises(Conflict) as conflict:
        edit_funnel(funnel, actor=world.admin, changes={"name": "Второе"}, was={"name": funnel.name})

    assert "Первое" in conflict.value.message
    funnel.refresh_from_db()
    assert funnel.name == "Первое"


def test_undoing_a_renaming_gives_way_to_a_later_one(world: World, funnel: Funnel) -> None:
    edit_funnel(funnel, actor=world.head, changes={"name": "Первое"})
    event = last("funnel.edited")
    edit_funnel(funnel, actor=world.head, changes={"name": "Второе"})

    with pytest.raises(Refused):
        undo(event, actor=world.head)


def test_the_last_funnel_stays(world: World, funnel: Funnel) -> None:
    with pytest.raises(Refused):
        archive_funnel(funnel, actor=world.admin)

    funnel.refresh_from_db()
    assert funnel.archived_at is None


def test_a_funnel_with_open_deals_stays(
    world: World, funnel: Funnel, stages: list[Stage], busy: dict[int, int]
) -> None:
    create_funnel(actor=world.admin, name="Другая")
    busy[stages[2].pk] = 3

    with pytest.raises(Refused, match="3"):
        archive_funnel(funnel, actor=world.admin)

    funnel.refresh_from_db()
    assert funnel.archived_at is None
    assert not Event.objects.filter(type="funnel.archived").exists()


def test_archiving_and_restoring_and_their_undo(world: World, funnel: Funnel) -> None:
    create_funnel(actor=world.admin, name="Другая")

    archive_funnel(funnel, actor=world.admin)
    archive_funnel(funnel, actor=world.admin)
    assert Event.objects.filter(type="funnel.archived").count() == 1
    undo(last("funnel.archived"), actor=world.admin)
    funnel.refresh_from_db()
    assert funnel.archived_at is None

    archive_funnel(funnel, actor=world.admin)
    restore_funnel(funnel, actor=world.admin)
    undo(last("funnel.restored"), actor=world.admin)
    funnel.refresh_from_db()
    assert funnel.archived_at is not None


def test_restoring_is_refused_when_the_name_is_taken_meanwhile(world: World, funnel: Funnel) -> None:
    create_funnel(actor=world.admin, name="Другая")
    archive_funnel(funnel, actor=world.admin)
    create_funnel(actor=world.admin, name=funnel.name)

    with pytest.raises(Refused):
        restore_funnel(funnel, actor=world.admin)


def test_funnels_are_listed_in_the_chosen_order(world: World, funnel: Funnel) -> None:
    second = create_funnel(actor=world.admin, name="Вторая")
    third = create_funnel(actor=world.admin, name="Третья")

    reorder_funnels([third.pk, funnel.pk, second.pk], actor=world.admin)

    assert list(Funnel.objects.order_by("order").values_list("name", flat=True)) == [
        "Третья",
        funnel.name,
        "Вторая",
    ]
    undo(last("funnel.listed"), actor=world.admin)
    assert list(Funnel.objects.order_by("order")) == [funnel, second, third]


def test_an_order_of_unknown_funnels_is_refused(world: World, funnel: Funnel) -> None:
    for ids in ([funnel.pk, 999_999], [funnel.pk, funnel.pk]):
        with pytest.raises(Refused):
            reorder_funnels(ids, actor=world.admin)


def test_sellers_change_nothing(world: World, funnel: Funnel) -> None:
    for attempt in (
        lambda: create_funnel(actor=world.anna, name="Моя"),
        lambda: edit_funnel(funnel, actor=world.anna, changes={"name": "Моя"}),
        lambda: archive_funnel(funnel, actor=world.anna),
        lambda: reorder_funnels([funnel.pk], actor=world.anna),
    ):
        with pytest.raises(Forbidden):
            attempt()

    assert Funnel.objects.get().name == funnel.name


def test_another_companys_group_cannot_be_given(world: World, funnel: Funnel, stranger: World) -> None:
    with scope(stranger.workspace):
        theirs = ProductGroup.objects.create(name="Чужая", name_key="чужая")

    with pytest.raises(Exception, match="ws_playbook_funnel_product_group"):
        edit_funnel(funnel, actor=world.admin, changes={"product_group": theirs})


def test_the_day_of_the_recount_is_noted_quietly(world: World, funnel: Funnel) -> None:
    moment = clock.now()

    mark_recounted(funnel, at=moment)

    funnel.refresh_from_db()
    assert funnel.recounted_at == moment
    assert not Event.objects.exists()
