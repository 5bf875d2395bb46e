"""Verbs that all lists of names share."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.world import World
from voronka.catalog.dictionaries import create_product, create_product_group, ensure_product
from voronka.catalog.models import Product, ProductGroup
from voronka.clients.dictionaries import create_segment, create_source, ensure_source
from voronka.clients.models import Segment, Source
from voronka.core.errors import Conflict, Forbidden, Refused
from voronka.core.tenancy import scope
from voronka.desk.dictionaries import (
    all_dictionaries,
    archive_entry,
    create_entry,
    dictionary_of,
    edit_entry,
    ensure_entry,
    get_dictionary,
    merge_entry,
    reorder_entries,
    restore_entry,
)
from voronka.desk.dictionaries.actions import rearranged
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.journal.sentences import tell
from voronka.playbook.actions import create_kind, create_reason, ensure_reason, merge_reason
from voronka.playbook.models import ActivityKind, Channel, Funnel, Reason, ReasonKind


def last(type_name: str) -> Event:
    return Event.objects.filter(type=type_name).order_by("-id")[0]


def names(code: str) -> list[str]:
    return [entry.name for entry in get_dictionary(code).active()]


NEW: dict[str, dict[str, Any]] = {
    "activity_kind": {"channel": Channel.VISIT, "icon": "car", "minutes": 90},
    "product": {"sku": "A-1", "price": Decimal("10.50"), "unit": "шт."},
    "segment": {"description": "Две\r\nстроки"},
}


@pytest.mark.parametrize("code", [d.code for d in all_dictionaries()])
def test_every_list_can_be_kept(world: World, funnel: Funnel, code: str) -> None:
    entry = create_entry(code, actor=world.head, name="  Ёлка ", **NEW.get(code, {}))
    assert entry.name == "Ёлка"
    assert getattr(entry, "name_key", "елка") == "елка"
    assert tell(last("entry.created")).sentence

    edit_entry(entry, actor=world.head, changes={"name": "Сосна"})
    assert "Сосна" in names(code)
    undo(last("entry.edited"), actor=world.head)
    entry.refresh_from_db()
    assert (entry.name, getattr(entry, "name_key", "елка")) == ("Ёлка", "елка")

    archive_entry(entry, actor=world.head)
    archive_entry(entry, actor=world.head)
    assert "Ёлка" not in names(code)
    restore_entry(entry, actor=world.head)
    restore_entry(entry, actor=world.head)
    assert "Ёлка" in names(code)
    assert Event.objects.filter(type__in=["entry.archived", "entry.restored"]).count() == 2
    undo(last("entry.restored"), actor=world.head)
    undo(last("entry.archived"), actor=world.head)
    assert "Ёлка" in names(code)

    undo(last("entry.created"), actor=world.head)
    assert not get_dictionary(code).entries().filter(pk=entry.pk).exists()


@pytest.mark.parametrize("code", [d.code for d in all_dictionaries()])
@pytest.mark.parametrize("name", ["", " \u200b ", "ЁЛКА", "x" * 251])
def test_an_empty_taken_or_endless_name_is_refused(
    world: World, funnel: Funnel, code: str, name: str
) -> None:
    create_entry(code, actor=world.head, name="елка", **NEW.get(code, {}))
    before = names(code)

    with pytest.raises(Refused) as refusal:
        create_entry(code, actor=world.head, name=name, **NEW.get(code, {}))

    assert refusal.value.field == "name"
    assert names(code) == before
    assert Event.objects.count() == 1


@pytest.mark.parametrize("code", [d.code for d in all_dictionaries()])
def test_readers_change_nothing(world: World, funnel: Funnel, code: str) -> None:
    entry = create_entry(code, actor=world.head, name="Ёлка", **NEW.get(code, {}))

    for attempt in (
        lambda: create_entry(code, actor=world.anna, name="Моё"),
        lambda: edit_entry(entry, actor=world.anna, changes={"name": "Моё"}),
        lambda: archive_entry(entry, actor=world.anna),
        lambda: restore_entry(entry, actor=world.anna),
        lambda: undo(last("entry.created"), actor=world.anna),
    ):
        with pytest.raises(Forbidden):
            attempt()

    assert Event.objects.count() == 1


def test_a_name_in_the_archive_is_pointed_out(world: World) -> None:
    archive_entry(create_source(actor=world.head, name="Выставка"), actor=world.head)

    with pytest.raises(Refused) as refusal:
        create_source(actor=world.head, name="выставка")

    assert "архив" in refusal.value.message


def test_imports_find_or_make(world: World) -> None:
    source = create_source(actor=world.head, name="Ёлки")

    assert ensure_source(actor=world.head, name="ЕЛКИ ") == source
    assert ensure_source(actor=None, name="Новый").name == "Новый"
    product = ensure_product(actor=None, name="Весы", price=Decimal(5))
    assert ensure_product(actor=None, name="весы", price=Decimal(7)).price == product.price
    kind = create_kind(actor=world.head, name="Звонок", channel=Channel.CALL)
    assert ensure_entry("activity_kind", actor=None, name="ЗВОНОК") == kind
    assert kind.icon == "phone"


def test_what_two_people_change_at_once_is_not_lost(world: World) -> None:
    segment = create_segment(actor=world.head, name="Опт", description="")
    edit_entry(segment, actor=world.head, changes={"description": "Первый"}, was={"description": ""})

    with pytest.raises(Conflict):
        edit_entry(segment, actor=world.admin, changes={"description": "Второй"}, was={"description": ""})

    assert Segment.objects.get().description == "Первый"


def test_entries_are_put_in_order_and_back(world: World) -> None:
    a, b, c = (create_source(actor=world.head, name=name) for name in "абв")

    reorder_entries("source", [c.pk, a.pk, b.pk], actor=world.head)
    reorder_entries("source", [c.pk, a.pk, b.pk], actor=world.head)

    assert names("source") == ["в", "а", "б"]
    assert Event.objects.filter(type="entry.reordered").count() == 1
    undo(last("entry.reordered"), actor=world.head)
    assert names("source") == ["а", "б", "в"]
    with pytest.raises(Refused):
        reorder_entries("source", [a.pk, 987_654], actor=world.head)
    with pytest.raises(Forbidden):
        reorder_entries("source", [b.pk, a.pk], actor=world.anna)


def test_rearranging_leaves_others_in_place() -> None:
    assert rearranged([1, 2, 3, 4], [4, 2]) == [1, 4, 3, 2]
    assert rearranged([1, 2], []) == [1, 2]


def test_merged_reasons_follow_in_one_step_and_come_back(world: World) -> None:
    a, b, c = (create_reason(actor=world.head, kind=ReasonKind.LOST, name=name) for name in "абв")

    merge_reason(a, b, actor=world.head)
    merge_reason(b, c, actor=world.head)

    assert set(Reason.objects.exclude(merged_into=None).values_list("name", "merged_into")) == {
        ("а", c.pk),
        ("б", c.pk),
    }
    assert names("lost_reason") == ["в"]
    assert ensure_reason(actor=None, kind=ReasonKind.LOST, name="а") == c
    undo(last("entry.merged"), actor=world.head)
    a.refresh_from_db()
    b.refresh_from_db()
    assert (a.merged_into, b.merged_into, b.archived_at) == (b, None, None)


def test_reasons_merge_only_with_their_like(world: World) -> None:
    lost = create_reason(actor=world.head, kind=ReasonKind.LOST, name="Дорого")
    won = create_reason(actor=world.head, kind=ReasonKind.WON, name="Дёшево")
    source = create_source(actor=world.head, name="Сайт")

    for entry, into in ((lost, won), (lost, lost), (source, source)):
        with pytest.raises(Refused):
            merge_entry(entry, into, actor=world.head)
    with pytest.raises(Forbidden):
        merge_entry(lost, create_reason(actor=world.head, kind="lost", name="Долго"), actor=world.anna)


def test_a_merged_reason_is_not_simply_restored(world: World) -> None:
    a, b = (create_reason(actor=world.head, kind=ReasonKind.LOST, name=name) for name in "аб")
    merge_reason(a, b, actor=world.head)

    with pytest.raises(Refused):
        restore_entry(a, actor=world.head)


def test_the_last_reason_for_losing_stays(world: World) -> None:
    only = create_reason(actor=world.head, kind=ReasonKind.LOST, name="Дорого")
    won = create_reason(actor=world.head, kind=ReasonKind.WON, name="Срок")

    with pytest.raises(Refused):
        archive_entry(only, actor=world.head)
    archive_entry(won, actor=world.head)

    assert names("lost_reason") == ["Дорого"]


def test_reasons_of_both_kinds_may_share_a_name(world: World) -> None:
    lost = create_reason(actor=world.head, kind=ReasonKind.LOST, name="Цена")
    won = create_reason(actor=world.head, kind=ReasonKind.WON, name="Цена")

    assert dictionary_of(lost).code == "lost_reason"
    assert dictionary_of(won).code == "won_reason"


def test_a_group_cannot_stand_inside_itself(world: World) -> None:
    top = create_product_group(actor=world.head, name="Верх")
    middle = create_product_group(actor=world.head, name="Середина", parent=top)
    low = create_product_group(actor=world.head, name="Низ", parent=middle)

    for parent in (top, low):
        with pytest.raises(Refused) as refusal:
            edit_entry(top, actor=world.head, changes={"parent": parent})
        assert refusal.value.field == "parent"

    assert ProductGroup.objects.get(pk=top.pk).parent is None


def test_a_group_that_is_needed_is_not_archived(world: World, funnel: Funnel) -> None:
    group = funnel.product_group
    assert group
    with pytest.raises(Refused, match=funnel.name):
        archive_entry(group, actor=world.head)
    assert funnel.segment
    with pytest.raises(Refused, match=funnel.name):
        archive_entry(funnel.segment, actor=world.head)
    top = create_product_group(actor=world.head, name="Верх")
    create_product_group(actor=world.head, name="Низ", parent=top)
    with pytest.raises(Refused, match="Низ"):
        archive_entry(top, actor=world.head)


@pytest.mark.parametrize(
    ("code", "values", "field"),
    [
        ("product", {"price": Decimal(-1)}, "price"),
        ("product", {"price": Decimal(10) ** 15}, "price"),
        ("product", {"sku": "x" * 61}, "sku"),
        ("activity_kind", {"channel": "pigeon"}, "channel"),
        ("activity_kind", {"channel": "call", "minutes": 0}, "minutes"),
        ("activity_kind", {"channel": "call", "icon": '"><script>'}, "icon"),
    ],
)
def test_values_that_make_no_sense_are_refused(
    world: World, code: str, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refusal:
        create_entry(code, actor=world.head, name="Новое", **values)

    assert refusal.value.field == field
    assert not get_dictionary(code).entries().exists()
    assert not Event.objects.exists()


def test_undoing_a_creation_gives_way_when_it_is_used(world: World) -> None:
    group = create_product_group(actor=world.head, name="Группа")
    event = last("entry.created")
    create_product(actor=world.head, name="Товар", group=group)

    with pytest.raises(Refused):
        undo(event, actor=world.head)

    assert ProductGroup.objects.filter(pk=group.pk).exists()
    assert Product.objects.get().group == group


def test_undoing_a_renaming_gives_way_when_the_old_name_is_taken(world: World) -> None:
    source = create_source(actor=world.head, name="Сайт")
    edit_entry(source, actor=world.head, changes={"name": "Портал"})
    event = last("entry.edited")
    create_source(actor=world.head, name="Сайт")

    with pytest.raises(Refused):
        undo(event, actor=world.head)

    assert sorted(Source.objects.values_list("name", flat=True)) == ["Портал", "Сайт"]


def test_lists_of_two_companies_do_not_meet(world: World, stranger: World) -> None:
    create_source(actor=world.head, name="Сайт")

    with scope(stranger.workspace):
        create_source(actor=stranger.head, name="Сайт")
        assert Source.objects.count() == 1
    assert Source.objects.count() == 1


def test_kinds_have_no_key_in_the_database_but_no_doubles_either(world: World) -> None:
    kind = create_kind(actor=world.head, name="Звонок", channel=Channel.CALL)
    other = create_kind(actor=world.head, name="Встреча", channel=Channel.MEETING)

    with pytest.raises(Refused):
        edit_entry(other, actor=world.head, changes={"name": "ЗВОНОК"})
    edit_entry(kind, actor=world.head, changes={"name": "ЗВОНОК"})

    assert sorted(ActivityKind.objects.values_list("name", flat=True)) == ["Встреча", "ЗВОНОК"]
