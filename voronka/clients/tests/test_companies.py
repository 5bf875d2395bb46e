"""Companies: added, edited, handed over, deleted, tagged; each with its event, its refusal and its undo."""

from __future__ import annotations

import pytest

from tests.world import make_company
from voronka.clients.actions import (
    assign_company,
    create_company,
    delete_company,
    edit_company,
    restore_company,
    tag_company,
    untag_company,
)
from voronka.clients.models import Company, CompanyTag, ContactPoint, Segment
from voronka.clients.objections import _objections
from voronka.core.errors import Conflict, Forbidden, Refused
from voronka.core.tenancy import scope
from voronka.desk.models import SearchRow, Tag
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.journal.sentences import tell


def last_event(kind: str) -> Event:
    return Event.objects.filter(type=kind).latest("id")


def test_a_new_client_belongs_to_who_added_it_and_is_found(world):
    company = create_company(
        actor=world.anna,
        name="  ООО «Ёлки   и щит» ",
        inn="7707083893",
        contacts=[
            ("phone", "8 (916) 123-45-67", "склад"),
            ("email", "Info@Elki.RU"),
            ("phone", "+79161234567"),
        ],
    )
    company.refresh_from_db()
    assert (company.name, company.name_key) == ("ООО «Ёлки и щит»", "елки и щит")
    assert (company.owner, company.team) == (world.anna, world.anna.team)
    # The same phone twice is one phone.
    assert sorted(company.contacts.values_list("kind", "normal")) == [
        ("email", "info@elki.ru"),
        ("phone", "+79161234567"),
    ]
    assert last_event("company.created").payload == {"company": company.pk, "name": "ООО «Ёлки и щит»"}
    row = SearchRow.objects.get(kind="company", object_id=company.pk)
    assert "елки" in row.text
    assert "79161234567" in row.text
    assert "7707083893" in row.text
    assert row.owner_ids == [world.anna.pk]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " \u200b "}, "name"),
        ({"name": "я" * 251}, "name"),
        ({"name": "Ромашка", "inn": "77070838"}, "inn"),
        ({"name": "Ромашка", "inn": "77070838АБ"}, "inn"),
        ({"name": "Ромашка", "kpp": "7736050"}, "kpp"),
        ({"name": "Ромашка", "ogrn": "1" * 14}, "ogrn"),
        ({"name": "Ромашка", "region": "ZZ"}, "region"),
        ({"name": "Ромашка", "industry": "Я"}, "industry"),
        ({"name": "Ромашка", "okved": "46.690000"}, "okved"),
        ({"name": "Ромашка", "size": "gigantic"}, "size"),
        ({"name": "Ромашка", "segment": 999999}, "segment"),
        ({"name": "Ромашка", "segment": "1; drop table"}, "segment"),
        ({"name": "Ромашка", "contacts": [("phone", "позвоните Ивану")]}, "value"),
        ({"name": "Ромашка", "contacts": [("email", "не адрес")]}, "value"),
        ({"name": "Ромашка", "contacts": [("pigeon", "сизый")]}, "kind"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_saved(world, fields, field):
    with pytest.raises(Refused) as caught:
        create_company(actor=world.anna, **fields)
    assert caught.value.field == field
    assert not Company.objects.exists()
    assert not Event.objects.exists()
    assert not SearchRow.objects.exists()


def test_a_segment_of_another_company_does_not_exist_here(world, stranger):
    with scope(stranger.workspace):
        foreign = Segment.objects.create(name="Чужие", name_key="чужие")
    with pytest.raises(Refused) as caught:
        create_company(actor=world.anna, name="Ромашка", segment=foreign.pk)
    assert caught.value.field == "segment"
    assert not Company.objects.exists()


def test_a_seller_adds_clients_only_for_oneself(world):
    with pytest.raises(Forbidden):
        create_company(actor=world.anna, name="Ромашка", owner=world.boris)
    assert create_company(actor=world.head, name="Ромашка", owner=world.boris).team == world.boris.team
    with pytest.raises(Refused):
        create_company(actor=world.head, name="Лютик", owner=type(world.boris)(pk=99999))


def test_a_suspicious_number_is_saved_and_an_edit_tells_what_changed(world):
    company = create_company(actor=world.anna, name="Ромашка")
    edited = edit_company(company, actor=world.anna, changes={"inn": "7707083894", "okved": "46.69.5"})
    assert (edited.inn, edited.okved, edited.industry) == ("7707083894", "46.69.5", "G")
    assert edited.version == 2
    told = tell(last_event("company.edited"))
    assert "7707083894" in told.body
    # The same values again are no change and no event.
    edit_company(company, actor=world.anna, changes={"inn": "7707083894"})
    assert Event.objects.filter(type="company.edited").count() == 1


def test_the_second_of_two_edits_is_told_what_changed(world):
    company = create_company(actor=world.anna, name="Ромашка", address="Тверь")
    edit_company(company, actor=world.anna, changes={"address": "Псков"}, was={"address": "Тверь"})
    with pytest.raises(Conflict) as caught:
        edit_company(company, actor=world.anna, changes={"address": "Орёл"}, was={"address": "Тверь"})
    assert caught.value.changes[0].theirs == "Псков"
    company.refresh_from_db()
    assert company.address == "Псков"


def test_an_edit_is_undone_unless_it_was_changed_again(world, funnel):
    segment = Segment.objects.get()
    company = create_company(actor=world.anna, name="Ромашка")
    edit_company(company, actor=world.anna, changes={"name": "Лютик", "segment": segment})
    event = last_event("company.edited")
    undo(event, actor=world.anna)
    company.refresh_from_db()
    assert (company.name, company.name_key, company.segment) == ("Ромашка", "ромашка", None)
    assert "лютик" not in SearchRow.objects.get(kind="company").text

    edit_company(company, actor=world.anna, changes={"name": "Лютик"})
    event = last_event("company.edited")
    edit_company(company, actor=world.anna, changes={"name": "Пион"})
    with pytest.raises(Refused):
        undo(event, actor=world.anna)
    company.refresh_from_db()
    assert company.name == "Пион"


def test_one_may_not_edit_a_client_out_of_reach(world):
    company = make_company(world.vera)
    with pytest.raises(Forbidden):
        edit_company(company, actor=world.anna, changes={"name": "Моя"})
    company.refresh_from_db()
    assert company.name == "ООО «Логист-Центр»"


def test_handing_over_takes_the_team_along(world):
    company = create_company(actor=world.anna, name="Ромашка")
    with pytest.raises(Forbidden):
        assign_company(company, actor=world.anna, owner=world.vera)
    company = assign_company(company, actor=world.head, owner=world.vera)
    assert (company.owner, company.team) == (world.vera, world.vera.team)
    assert SearchRow.objects.get(kind="company").owner_ids == [world.vera.pk]
    event = last_event("company.assigned")
    assert tell(event).sentence.endswith("Анна Седова → Вера Морозова")
    undo(event, actor=world.head)
    company.refresh_from_db()
    assert (company.owner, company.team) == (world.anna, world.anna.team)


def test_deleting_hides_and_restoring_brings_back(world):
    company = create_company(actor=world.head, name="Ромашка")
    delete_company(company, actor=world.head)
    company.refresh_from_db()
    assert company.deleted_at is not None
    assert not SearchRow.objects.exists()
    with pytest.raises(Refused):
        edit_company(company, actor=world.head, changes={"name": "Лютик"})
    restore_company(company, actor=world.head)
    assert SearchRow.objects.filter(kind="company", object_id=company.pk).exists()
    delete_company(company, actor=world.head)
    undo(last_event("company.deleted"), actor=world.head)
    company.refresh_from_db()
    assert company.deleted_at is None


def test_a_client_that_somebody_works_with_stays(world):
    company = create_company(actor=world.head, name="Ромашка")
    _objections.append(lambda client: "С клиентом есть открытая сделка.")
    try:
        with pytest.raises(Refused, match="открытая сделка"):
            delete_company(company, actor=world.head)
        with pytest.raises(Refused, match="открытая сделка"):
            undo(last_event("company.created"), actor=world.head)
    finally:
        _objections.pop()
    company.refresh_from_db()
    assert company.deleted_at is None


def test_a_seller_may_not_delete(world):
    company = create_company(actor=world.anna, name="Ромашка")
    with pytest.raises(Forbidden):
        delete_company(company, actor=world.anna)


def test_tags_are_made_on_the_way_and_come_off(world):
    company = create_company(actor=world.anna, name="Ромашка")
    tag = tag_company(company, actor=world.anna, name=" #Дилер ")
    assert tag_company(company, actor=world.anna, name="дилер") == tag
    assert Tag.objects.count() == CompanyTag.objects.count() == 1
    assert Event.objects.filter(type="company.tagged").count() == 1
    untag_company(company, actor=world.anna, tag=tag)
    assert not CompanyTag.objects.exists()
    undo(last_event("company.untagged"), actor=world.anna)
    assert CompanyTag.objects.get().tag == tag
    with pytest.raises(Refused):
        tag_company(company, actor=world.anna, name="  # ")


@pytest.mark.parametrize(
    "name", ["🏭 Завод", "\u202eтсоТ", "<script>alert(1)</script>", "Нуль\x00байт", "ё" * 250]
)
def test_strange_names_are_kept_whole_or_cleaned(world, name):
    company = create_company(actor=world.anna, name=name)
    company.refresh_from_db()
    assert "\x00" not in company.name
    assert "\u202e" not in company.name
    assert company.name
    assert ContactPoint.objects.count() == 0
