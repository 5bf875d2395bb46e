"""Fields of one's own: made, filled in, turned into another kind; nothing that was said is lost."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection, transaction

from tests.world import World, make_world
from voronka.clients.actions import create_company, create_person, edit_company, edit_person
from voronka.core.errors import Conflict, Forbidden, Refused
from voronka.core.tenancy import scope
from voronka.deals.actions import create_deal, edit_deal
from voronka.desk.fields.actions import (
    archive_field,
    create_field,
    edit_field,
    reorder_fields,
    restore_field,
)
from voronka.desk.fields.kinds import change_kind
from voronka.desk.fields.models import CardLayout, CustomField, FieldOption
from voronka.desk.fields.options import add_options, merge_option, rename_option, set_option_archived
from voronka.desk.fields.values import told
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.journal.sentences import tell


def make(
    world: World, label: str = "Склад", kind: str = "text", subject: str = "company", **more: Any
) -> Any:
    return create_field(actor=world.admin, subject=subject, label=label, kind=kind, **more)


def last() -> Event:
    return Event.objects.order_by("-id")[0]


def test_a_field_gets_a_key_that_outlives_its_label(world: World) -> None:
    field = make(world, "Срок оплаты")
    twin = make(world, "Срок-оплаты")
    edit_field(field, actor=world.admin, changes={"label": "Отсрочка"})

    field.refresh_from_db()
    assert (field.label, field.name) == ("Отсрочка", "x_srok_oplaty")
    assert twin.key == "srok_oplaty_2"
    undo(last(), actor=world.admin)
    field.refresh_from_db()
    assert field.label == "Срок оплаты"


def test_only_who_configures_the_company_makes_fields(world: World) -> None:
    with pytest.raises(Forbidden):
        create_field(actor=world.anna, subject="company", label="Склад", kind="text")
    assert not CustomField.objects.exists()


def test_two_fields_of_one_name_are_refused_also_when_one_is_archived(world: World) -> None:
    field = archive_field(make(world), actor=world.admin)
    with pytest.raises(Refused, match="Склад"):
        make(world, "склад")
    restore_field(field, actor=world.admin)
    assert CustomField.objects.filter(archived_at=None).count() == 1


@pytest.mark.parametrize(
    ("kind", "given", "kept", "shown"),
    [
        ("text", "  два   слова ", "два слова", "два слова"),
        ("number", "1 234,50", "1234.5", "1\u00a0234,5"),
        ("money", "1200", "1200.00", "1\u00a0200\u00a0₽"),
        ("date", "22.11.2026", "2026-11-22", "22.11.2026"),
        ("flag", "да", True, "да"),
        ("link", "example.com/a", "https://example.com/a", "https://example.com/a"),
        ("longtext", "а\r\nб", "а\nб", "а\nб"),
    ],
)
def test_each_kind_is_stored_in_its_form_and_told_in_words(
    world: World, kind: str, given: Any, kept: Any, shown: str
) -> None:
    field = make(world, kind=kind)
    company = create_company(actor=world.anna, name="Заря", x_sklad=given)
    company.refresh_from_db()
    assert company.custom == {"sklad": kept}
    assert told([(field, kept)], world.anna) == [shown]


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("number", "много"),
        ("date", "32.13.2026"),
        ("flag", "может быть"),
        ("link", "javascript:alert(1)"),
        ("text", "а" * 501),
        ("choice", "7"),
        ("member", "999999"),
        ("company", "999999"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(world: World, kind: str, given: str) -> None:
    make(world, kind=kind)
    company = create_company(actor=world.anna, name="Заря")
    with pytest.raises(Refused) as refusal:
        edit_company(company, actor=world.anna, changes={"x_sklad": given})
    assert refusal.value.field == "x_sklad"
    company.refresh_from_db()
    assert company.custom == {}


def test_an_edit_is_told_with_label_and_words_and_can_be_undone(world: World) -> None:
    field = make(world, "Категория", kind="choice", options=["Опт", "Розница"])
    first, second = FieldOption.objects.filter(field=field)
    company = create_company(actor=world.anna, name="Заря", x_kategoriya=first.pk)

    edit_company(company, actor=world.anna, changes={"x_kategoriya": str(second.pk)})

    event = last()
    assert "Категория" in tell(event).sentence.title()
    assert tell(event).body == "Категория: Опт → Розница"
    undo(event, actor=world.anna)
    company.refresh_from_db()
    assert company.custom == {"kategoriya": first.pk}


def test_two_people_who_change_different_fields_both_succeed(world: World) -> None:
    make(world, "Склад")
    make(world, "Рампа")
    company = create_company(actor=world.anna, name="Заря")
    edit_company(company, actor=world.anna, changes={"x_sklad": "север"}, was={"x_sklad": ""})
    edit_company(company, actor=world.admin, changes={"x_rampa": "есть"}, was={"x_rampa": ""})
    with pytest.raises(Conflict):
        edit_company(company, actor=world.admin, changes={"x_sklad": "юг"}, was={"x_sklad": ""})
    company.refresh_from_db()
    assert company.custom == {"sklad": "север", "rampa": "есть"}


def test_people_and_deals_carry_fields_too(world: World, funnel: Any) -> None:
    make(world, "Хобби", subject="person")
    make(world, "Отсрочка, дней", kind="number", subject="deal")
    person = create_person(actor=world.anna, name="Пётр", x_khobbi="рыбалка")
    edit_person(person, actor=world.anna, changes={"x_khobbi": "шахматы"})
    assert tell(last()).body == "Хобби: рыбалка → шахматы"
    undo(last(), actor=world.anna)
    person.refresh_from_db()
    assert person.custom == {"khobbi": "рыбалка"}

    deal = create_deal(actor=world.anna, title="Стеллажи", funnel=funnel, x_otsrochka_dney=30)
    event = edit_deal(
        deal, actor=world.anna, changes={"x_otsrochka_dney": "45"}, was={"x_otsrochka_dney": "30"}
    )
    assert event is not None
    assert tell(event).sentence.endswith("Отсрочка, дней: 30 → 45")
    undo(event, actor=world.anna)
    deal.refresh_from_db()
    assert deal.custom == {"otsrochka_dney": "30"}


def test_required_fields_are_asked_for_at_creation_but_not_in_passing(world: World) -> None:
    make(world, "Склад", required_at_creation=True)
    with pytest.raises(Refused) as refusal:
        create_company(actor=world.anna, name="Заря")
    assert refusal.value.field == "x_sklad"
    assert create_company(actor=world.anna, name="Заря", in_passing=True).pk
    assert create_company(actor=world.anna, name="Восход", x_sklad="юг").pk


def test_a_field_of_one_funnel_is_asked_for_only_there(world: World, funnel: Any) -> None:
    field = make(world, "Паллет", kind="number", subject="deal", required_at_creation=True)
    edit_field(field, actor=world.admin, changes={"funnel_ids": [funnel.pk + 1]})
    assert create_deal(actor=world.anna, title="Стеллажи", funnel=funnel).pk
    edit_field(field, actor=world.admin, changes={"funnel_ids": [funnel.pk]})
    with pytest.raises(Refused):
        create_deal(actor=world.anna, title="Стеллажи", funnel=funnel)


def test_a_layout_may_require_built_in_fields(world: World, funnel: Any) -> None:
    CardLayout.objects.create(subject="deal", required=["amount"])
    with pytest.raises(Refused) as refusal:
        create_deal(actor=world.anna, title="Стеллажи", funnel=funnel)
    assert refusal.value.field == "amount"


def test_an_archived_field_takes_no_values_and_keeps_those_it_has(world: World) -> None:
    field = make(world)
    company = create_company(actor=world.anna, name="Заря", x_sklad="юг")
    archive_field(field, actor=world.admin)
    with pytest.raises(Refused):
        edit_company(company, actor=world.anna, changes={"x_sklad": "север"})
    undo(last(), actor=world.admin)
    company.refresh_from_db()
    assert company.custom == {"sklad": "юг"}


def test_numbers_in_a_text_field_become_numbers_and_undo_brings_the_texts_back(world: World) -> None:
    field = make(world)
    companies = [create_company(actor=world.anna, name=f"К{n}", x_sklad=f"{n} 000,0") for n in (1, 2)]
    change_kind(field, "number", actor=world.admin)
    for company, kept in zip(companies, ("1000", "2000"), strict=True):
        company.refresh_from_db()
        assert company.custom == {"sklad": kept}
    undo(last(), actor=world.admin)
    companies[0].refresh_from_db()
    field.refresh_from_db()
    assert (field.kind, companies[0].custom) == ("text", {"sklad": "1 000,0"})


def test_values_in_the_way_of_another_kind_are_counted_and_put_aside_only_on_demand(world: World) -> None:
    field = make(world)
    good = create_company(actor=world.anna, name="А", x_sklad="12")
    bad = create_company(actor=world.anna, name="Б", x_sklad="много")
    with pytest.raises(Refused, match=r"1.*«много»"):
        change_kind(field, "number", actor=world.admin)
    field.refresh_from_db()
    assert field.kind == "text"

    change_kind(field, "number", actor=world.admin, drop=True)
    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.custom, bad.custom) == ({"sklad": "12"}, {})
    undo(last(), actor=world.admin)
    bad.refresh_from_db()
    assert bad.custom == {"sklad": "много"}


def test_an_undo_never_brings_back_a_value_of_another_kind(world: World) -> None:
    field = make(world)
    company = create_company(actor=world.anna, name="А", x_sklad="много")
    edit_company(company, actor=world.anna, changes={"x_sklad": "12"})
    edited = last()
    change_kind(field, "number", actor=world.admin)
    with pytest.raises(Refused):
        undo(edited, actor=world.anna)
    company.refresh_from_db()
    assert company.custom == {"sklad": "12"}


def test_texts_become_a_list_of_choices(world: World) -> None:
    field = make(world)
    for name, text in (("А", "Юг"), ("Б", "юг"), ("В", "Север")):
        create_company(actor=world.anna, name=name, x_sklad=text)
    change_kind(field, "choice", actor=world.admin)
    assert set(FieldOption.objects.values_list("name", flat=True)) == {"Юг", "Север"}
    undo(last(), actor=world.admin)
    assert not FieldOption.objects.exists()


def test_ten_thousand_choices_are_added_at_once(world: World) -> None:
    field = make(world, kind="choice")
    made = add_options(field, (f"Вариант {n}" for n in range(10_000)), actor=world.admin)
    assert len(made) == 10_000
    assert add_options(field, ["вариант 5", ""], actor=world.admin) == []
    assert len(tell(last()).sentence) < 300


def test_merged_choices_move_their_values_and_come_back(world: World) -> None:
    field = make(world, kind="choices", options=["Опт", "Оптом", "Розница"])
    one, other, third = FieldOption.objects.filter(field=field)
    company = create_company(actor=world.anna, name="А", x_sklad=[other.pk, third.pk])
    merge_option(other, one, actor=world.admin)
    company.refresh_from_db()
    assert company.custom == {"sklad": sorted([one.pk, third.pk])}
    undo(last(), actor=world.admin)
    company.refresh_from_db()
    other.refresh_from_db()
    assert company.custom == {"sklad": sorted([other.pk, third.pk])}
    assert (other.archived_at, other.merged_into_id) == (None, None)


def test_two_merges_crosswise_leave_one_choice(world: World) -> None:
    field = make(world, kind="choice", options=["Опт", "Оптом"])
    one, other = FieldOption.objects.filter(field=field)
    merge_option(one, other, actor=world.admin)
    with pytest.raises(Refused):
        merge_option(other, one, actor=world.admin)


def test_an_archived_choice_stays_where_it_was_chosen(world: World) -> None:
    field = make(world, kind="choices", options=["Опт", "Розница"])
    one, other = FieldOption.objects.filter(field=field)
    company = create_company(actor=world.anna, name="А", x_sklad=[one.pk])
    set_option_archived(one, True, actor=world.admin)
    edit_company(company, actor=world.anna, changes={"x_sklad": [one.pk, other.pk]})
    with pytest.raises(Refused):
        create_company(actor=world.anna, name="Б", x_sklad=[one.pk])
    rename_option(other, "В розницу", actor=world.admin)
    company.refresh_from_db()
    assert told([(field, company.custom["sklad"])]) == ["Опт, В розницу"]


def test_the_order_of_fields_is_chosen_and_undone(world: World) -> None:
    ids = [make(world, label).pk for label in ("А", "Б", "В")]
    reorder_fields("company", [ids[2], ids[0], ids[1]], actor=world.admin)
    assert list(CustomField.objects.values_list("pk", flat=True)) == [ids[2], ids[0], ids[1]]
    undo(last(), actor=world.admin)
    assert list(CustomField.objects.values_list("pk", flat=True)) == ids


def test_a_company_field_names_only_whom_the_reader_sees(world: World) -> None:
    field = make(world, kind="company")
    hidden = create_company(actor=world.admin, name="Тайная")
    with pytest.raises(Refused):
        create_company(actor=world.anna, name="А", x_sklad=hidden.pk)
    assert told([(field, hidden.pk)], world.anna) == ["…"]
    assert told([(field, hidden.pk)], world.admin) == ["Тайная"]


@pytest.mark.django_db(transaction=True)
def test_a_change_of_kind_waits_for_values_that_are_being_written(transactional_db: None) -> None:
    made = make_world()
    with scope(made.workspace):
        field = make(made)
        company = create_company(actor=made.admin, name="А")
    written, may_end = threading.Event(), threading.Event()

    def write() -> None:
        with scope(made.workspace), transaction.atomic():
            edit_company(company, actor=made.admin, changes={"x_sklad": "12"})
            written.set()
            may_end.wait(10)
        connection.close()

    def turn() -> None:
        with scope(made.workspace):
            change_kind(field, "number", actor=made.admin)
        connection.close()

    writer, turner = threading.Thread(target=write), threading.Thread(target=turn)
    writer.start()
    assert written.wait(10)
    turner.start()
    turner.join(0.3)
    assert turner.is_alive()
    may_end.set()
    writer.join(10)
    turner.join(10)
    with scope(made.workspace):
        company.refresh_from_db()
        assert Event.objects.get(type="field.kind_changed").payload["converted"] == 1
        assert company.custom == {"sklad": "12"}
