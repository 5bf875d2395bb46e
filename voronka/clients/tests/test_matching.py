"""Who looks the same while one types; asking for access to what is out of reach, and the answers."""

from __future__ import annotations

import pytest

from tests.world import make_company, make_person
from voronka.clients.actions import add_contact, grant_access, refuse_access, request_access
from voronka.clients.matching import find_companies, find_people
from voronka.clients.matching.keys import domain_of, host_of
from voronka.clients.models import AccessRequest, Company, Person
from voronka.clients.search import refresh_companies
from voronka.core.errors import Forbidden, Refused
from voronka.desk.models import Notice
from voronka.desk.search import search
from voronka.journal.actions import undo
from voronka.journal.models import Event


def company(owner, name, **fields):
    made = make_company(owner, name, **fields)
    made.name_key = name.lower().replace("ооо ", "").strip("«»")
    made.save(update_fields=["name_key"])
    refresh_companies([made.pk])
    return made


@pytest.mark.parametrize(
    ("typed", "reasons"),
    [
        ({"inn": "7707 083-893"}, ("inn",)),
        ({"phones": ["8 (916) 123-45-67"]}, ("phone",)),
        ({"emails": ["INFO@romashka.ru"]}, ("domain", "email")),
        ({"emails": ["sales@romashka.ru"]}, ("domain",)),
        ({"site": "https://www.Romashka.ru/about"}, ("domain",)),
        ({"name": "ООО «Ромашка Трейд»"}, ("name",)),
        ({"name": "Рамашка Трейд"}, ("alike",)),
        ({"name": "Ромашка Трейд", "inn": "7707083893"}, ("inn", "name")),
    ],
)
def test_what_is_typed_finds_the_company_that_is_there(world, typed, reasons):
    there = company(world.anna, "ромашка трейд", inn="7707083893", site="romashka.ru")
    add_contact(there, actor=world.anna, kind="phone", value="+79161234567")
    add_contact(there, actor=world.anna, kind="email", value="info@romashka.ru")
    (found,) = find_companies(world.anna, **typed)
    assert (found.pk, found.reasons, found.owner_name) == (there.pk, reasons, "Анна Седова")
    assert find_companies(world.anna, **typed, exclude=there.pk) == []


@pytest.mark.parametrize(
    "typed",
    [
        {"emails": ["somebody@mail.ru"]},
        {"site": "vk.com/lutik"},
        {"name": "склад 8"},
        {"name": "л"},
        {"inn": "77"},
        {"phones": ["позвоните"]},
    ],
)
def test_what_many_have_in_common_is_no_sign(world, typed):
    there = company(world.anna, "склад 7", inn="7707083893", site="vk.com/romashka")
    add_contact(there, actor=world.anna, kind="email", value="sklad@mail.ru")
    assert find_companies(world.anna, **typed) == []


def test_hosts_are_read_from_sites_and_addresses():
    assert [host_of(site) for site in ("WWW.a.ru", "https://a.ru:80/x?y", "a.ru", "нет", "", "t.me/a")] == [
        "a.ru", "a.ru", "a.ru", "", "", "",
    ]  # fmt: skip
    assert [domain_of(mail) for mail in ("x@a.ru", "x@gmail.com", "x")] == ["a.ru", "", ""]


def test_the_phone_of_somebody_there_finds_the_company_and_a_deleted_one_is_not_found(world):
    there = company(world.anna, "лютик")
    person = make_person(there)
    add_contact(person, actor=world.anna, kind="phone", value="+79161234567")
    assert [d.pk for d in find_companies(world.anna, phones=["89161234567"])] == [there.pk]
    Company.objects.filter(pk=there.pk).update(deleted_at="2026-01-01T00:00:00Z")
    assert find_companies(world.anna, phones=["89161234567"]) == []


def test_people_are_found_by_phone_and_by_a_full_name(world):
    there = company(world.anna, "лютик")
    person = make_person(there, "Игорь Белов")
    add_contact(person, actor=world.anna, kind="email", value="belov@lutik.ru")
    assert [d.reasons for d in find_people(world.anna, emails=["Belov@Lutik.ru"])] == [("email",)]
    assert [d.pk for d in find_people(world.anna, name="игорь  белов")] == [person.pk]
    Person.objects.filter(pk=person.pk).update(name="Игорь", name_key="игорь")
    assert find_people(world.anna, name="Игорь") == []
    assert [d.reasons for d in find_people(world.anna, name="Игорь", company=there.pk)] == [
        ("company", "fullname")
    ]


def test_out_of_reach_only_the_responsible_is_told(world):
    hidden = company(world.vera, "ромашка", inn="7707083893")
    (found,) = find_companies(world.anna, inn="7707083893")
    assert (found.is_reachable, found.pk, found.name, found.owner_name) == (False, None, "", "Вера Морозова")
    assert found.hidden_id == hidden.pk


def test_access_is_asked_once_and_told_to_the_responsible_and_the_head(world):
    hidden = company(world.vera, "ромашка")
    request = request_access(hidden, actor=world.anna)
    assert request_access(hidden, actor=world.anna) == request
    assert Event.objects.filter(type="access.requested").count() == 1
    told = Notice.objects.filter(kind="access").order_by("member__name").values_list("member", "url")
    # Vera's team has no head of its own: the one above is asked.
    assert set(told) == {
        (world.vera.pk, f"access_request:{request.pk}"),
        (world.head.pk, f"access_request:{request.pk}"),
    }
    assert find_companies(world.anna, name="ромашка")[0].asked
    with pytest.raises(Refused):
        request_access(company(world.anna, "своя"), actor=world.anna)
    assert AccessRequest.objects.count() == 1


def test_whoever_is_let_in_sees_and_finds_the_client_until_it_is_undone(world):
    hidden = company(world.vera, "ромашка")
    request = request_access(hidden, actor=world.anna)
    grant_access(request, actor=world.vera)
    mine = Company.objects.visible_to(world.anna).filter(pk=hidden.pk)
    assert mine.exists()
    assert [hit.object_id for hit in search(world.anna, "ромашка").hits] == [hidden.pk]
    # The head of Anna's team sees what Anna works with; Boris does not.
    assert Company.objects.visible_to(world.north_head).filter(pk=hidden.pk).exists()
    assert not Company.objects.visible_to(world.boris).filter(pk=hidden.pk).exists()
    assert Notice.objects.get(member=world.anna).url == f"company:{hidden.pk}"
    undo(Event.objects.get(type="access.granted"), actor=world.vera)
    assert not mine.exists()
    assert not search(world.anna, "ромашка").hits


def test_a_head_hands_the_client_over_and_undo_takes_both_back(world):
    hidden = company(world.vera, "ромашка")
    request = request_access(hidden, actor=world.anna)
    with pytest.raises(Forbidden):
        grant_access(request, actor=world.vera, hand_over=True)
    request.refresh_from_db()
    assert request.status == "open"
    grant_access(request, actor=world.head, hand_over=True)
    hidden.refresh_from_db()
    assert hidden.owner == world.anna
    undo(Event.objects.get(type="access.granted"), actor=world.head)
    hidden.refresh_from_db()
    request.refresh_from_db()
    assert (hidden.owner, request.status) == (world.vera, "open")


def test_a_person_out_of_reach_can_be_opened_too(world):
    hidden = make_person(company(world.vera, "ромашка"))
    request = request_access(hidden, actor=world.anna)
    grant_access(request, actor=world.vera)
    assert Person.objects.visible_to(world.anna).filter(pk=hidden.pk).exists()
    assert not Company.objects.visible_to(world.anna).exists()
    assert [hit.kind for hit in search(world.anna, "белов").hits] == ["person"]


def test_a_refusal_is_told_without_a_name_and_holds_for_a_day(world):
    hidden = company(world.vera, "ромашка")
    request = request_access(hidden, actor=world.anna)
    with pytest.raises(Forbidden):
        refuse_access(request, actor=world.boris)
    refuse_access(request, actor=world.vera)
    assert "ромашка" not in Notice.objects.get(member=world.anna).text.lower()
    with pytest.raises(Refused):
        request_access(hidden, actor=world.anna)
    with pytest.raises(Refused):
        grant_access(request, actor=world.head)
    assert not Company.objects.visible_to(world.anna).filter(pk=hidden.pk).exists()
