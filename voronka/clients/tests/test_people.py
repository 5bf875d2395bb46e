"""People, posts, contacts and accounts: the rule, the refusal, the event, the undo."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.world import make_company, make_person
from voronka.clients import actions
from voronka.clients.checks import account_warnings, requisite_warnings
from voronka.clients.models import BankAccount, ContactPoint, Person, Position
from voronka.core.errors import Forbidden, Refused
from voronka.desk.models import SearchRow
from voronka.journal.actions import undo
from voronka.journal.models import Event, EventSubject
from voronka.journal.sentences import tell


def last_event(kind: str) -> Event:
    return Event.objects.filter(type=kind).latest("id")


@pytest.fixture
def company(world):
    return actions.create_company(actor=world.anna, name="ООО «Логист-Центр»")


def test_a_person_of_a_client_belongs_to_who_leads_the_client(world, company):
    person = actions.create_person(
        actor=world.head,
        name="Игорь Белов",
        company=company,
        title="Закупки",
        kind="buyer",
        contacts=[("phone", "8 916 123-45-67")],
        birthday="12.03.1980",
    )
    person.refresh_from_db()
    assert person.owner == world.anna
    assert person.birthday == dt.date(1980, 3, 12)
    position = person.positions.get()
    assert (position.company, position.title, position.kind, position.is_main) == (
        company,
        "Закупки",
        "buyer",
        True,
    )
    # Shown on both cards; found by the client's name too.
    assert set(
        EventSubject.objects.filter(event=last_event("person.created")).values_list("kind", flat=True)
    ) == {
        "person",
        "company",
    }
    row = SearchRow.objects.get(kind="person")
    assert "логист" in row.text
    assert "79161234567" in row.text
    assert row.hint == "ООО «Логист-Центр» · Закупки"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "Я" * 201}, "name"),
        ({"name": "Игорь", "birthday": "сорок пятое мартобря"}, "birthday"),
        ({"name": "Игорь", "birthday": "2999-01-01"}, "birthday"),
        ({"name": "Игорь", "about": "ы" * 30_000}, "about"),
        ({"name": "Игорь", "kind": "emperor"}, "kind"),
    ],
)
def test_a_person_who_cannot_be_is_refused(world, fields, field):
    with pytest.raises(Refused) as caught:
        actions.create_person(actor=world.anna, **fields)
    assert caught.value.field == field
    assert not Person.objects.exists()
    assert not Event.objects.exists()


def test_nobody_adds_people_to_a_client_out_of_reach(world):
    with pytest.raises(Forbidden):
        actions.create_person(actor=world.anna, name="Игорь", company=make_company(world.vera))


def test_an_edited_person_is_found_by_the_new_name_and_back(world, company):
    person = actions.create_person(actor=world.anna, name="Игорь Белов", company=company)
    actions.edit_person(
        person, actor=world.anna, changes={"name": "Егор Чернов"}, was={"name": "Игорь Белов"}
    )
    assert "егор чернов" in SearchRow.objects.get(kind="person").text
    undo(last_event("person.edited"), actor=world.anna)
    person.refresh_from_db()
    assert person.name == "Игорь Белов"
    assert "игорь белов" in SearchRow.objects.get(kind="person").text


def test_a_person_works_in_several_companies(world, company):
    person = actions.create_person(actor=world.anna, name="Игорь Белов", company=company)
    other = actions.create_company(actor=world.anna, name="Ромашка")
    position = actions.add_position(person, actor=world.anna, company=other, title="Советник")
    assert actions.add_position(person, actor=world.anna, company=other) == position
    assert not position.is_main
    actions.edit_position(position, actor=world.anna, changes={"kind": "influencer"})
    assert "ЛВР" in tell(last_event("position.edited")).sentence
    actions.remove_position(position, actor=world.anna)
    assert person.positions.count() == 1
    undo(last_event("position.removed"), actor=world.anna)
    back = Position.objects.get(pk=position.pk)
    assert (back.title, back.kind) == ("Советник", "influencer")


def test_one_does_not_open_a_strangers_card_by_giving_a_post(world, company):
    stranger = make_person(make_company(world.vera, "Чужая"), "Тайный Человек")
    with pytest.raises(Forbidden):
        actions.add_position(stranger, actor=world.anna, company=company)
    assert not Position.objects.filter(company=company).exists()


def test_a_deleted_person_comes_back_with_undo(world, company):
    person = actions.create_person(actor=world.anna, name="Игорь Белов", company=company)
    actions.delete_person(person, actor=world.anna)
    assert not SearchRow.objects.filter(kind="person").exists()
    assert ("company", company.pk) in EventSubject.objects.filter(
        event=last_event("person.deleted")
    ).values_list("kind", "object_id")
    undo(last_event("person.deleted"), actor=world.anna)
    person.refresh_from_db()
    assert person.deleted_at is None
    assert SearchRow.objects.filter(kind="person").exists()


def test_handing_a_person_over(world, company):
    person = actions.create_person(actor=world.anna, name="Игорь Белов")
    with pytest.raises(Forbidden):
        actions.assign_person(person, actor=world.anna, owner=world.vera)
    person = actions.assign_person(person, actor=world.head, owner=world.vera)
    assert (person.owner, person.team) == (world.vera, world.vera.team)


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("8 (495) 123-45-67", "+74951234567"),
        ("+7 495 123 45 67", "+74951234567"),
        ("495 1234567", "+74951234567"),
        ("375 29 123-45-67", "+375291234567"),
    ],
)
def test_phones_come_to_one_form(world, company, typed, normal):
    contact = actions.add_contact(company, actor=world.anna, kind="phone", value=typed)
    assert contact.normal == normal
    assert actions.add_contact(company, actor=world.anna, kind="phone", value=normal) == contact
    assert Event.objects.filter(type="contact.added").count() == 1


def test_contacts_change_and_come_back(world, company):
    contact = actions.add_contact(
        company, actor=world.anna, kind="email", value="Info@Example.RU", label="офис"
    )
    assert (contact.value, contact.normal) == ("info@example.ru", "info@example.ru")
    actions.edit_contact(contact, actor=world.anna, changes={"value": "sales@example.ru"})
    contact.refresh_from_db()
    assert contact.normal == "sales@example.ru"
    assert tell(last_event("contact.edited")).sentence.endswith("info@example.ru → sales@example.ru")
    actions.remove_contact(contact, actor=world.anna)
    assert "sales@example.ru" not in SearchRow.objects.get(kind="company").text
    undo(last_event("contact.removed"), actor=world.anna)
    assert ContactPoint.objects.get(pk=contact.pk).label == "офис"
    with pytest.raises(Refused):
        actions.edit_contact(contact, actor=world.anna, changes={"value": "не адрес"})
    with pytest.raises(Forbidden):
        actions.remove_contact(contact, actor=world.vera)


def test_bank_accounts_are_kept_though_suspicious(world, company):
    row = actions.add_account(
        company, actor=world.anna, bic="044525225", account="30101 81040000000 0225", bank="Сбер"
    )
    assert row.account == "30101810400000000225"
    assert (
        actions.add_account(company, actor=world.anna, bic="044525225", account="30101810400000000225") == row
    )
    actions.edit_account(row, actor=world.anna, changes={"account": "40702810900000000001"})
    row.refresh_from_db()
    assert "account" in account_warnings(row)
    actions.remove_account(row, actor=world.anna)
    undo(last_event("account.removed"), actor=world.anna)
    assert BankAccount.objects.get(pk=row.pk).bank == "Сбер"
    for wrong in ({"account": "12"}, {"account": ""}, {"account": "4" * 20, "bic": "1"}):
        with pytest.raises(Refused):
            actions.add_account(company, actor=world.anna, **wrong)


def test_warnings_name_the_number_that_looks_wrong(world, company):
    right = {"inn": "7707083893", "kpp": "773601001", "ogrn": "1027700132195"}
    company = actions.edit_company(company, actor=world.anna, changes=right)
    assert requisite_warnings(company) == {}
    company = actions.edit_company(
        company, actor=world.anna, changes={"inn": "500100732259", "ogrn": "1027700132196"}
    )
    assert set(requisite_warnings(company)) == {"kpp", "ogrn"}


def test_summaries_are_written_without_events(world, company):
    moment = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)
    actions.note_contacts(company.pk, last_contact_at=moment)
    company.refresh_from_db()
    assert (company.last_contact_at, company.next_activity_at) == (moment, None)
    actions.note_contacts(company.pk, next_activity_at=moment)
    actions.note_contacts(company.pk, last_contact_at=None)
    company.refresh_from_db()
    assert (company.last_contact_at, company.next_activity_at) == (None, moment)
