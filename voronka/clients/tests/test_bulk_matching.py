"""All clients that look the same: found in a few statements, remembered, grouped as far as one sees."""

from __future__ import annotations

import pytest

from tests.world import make_company, make_person
from voronka.clients.actions import add_contact, create_company, dismiss_pair, merge_companies
from voronka.clients.jobs import ask_for_duplicates, bring_home, look_for_duplicates
from voronka.clients.matching.bulk import search
from voronka.clients.matching.groups import groups
from voronka.clients.matching.keys import TOLD_APART, weight_of
from voronka.clients.models import Company, DuplicatePair, DuplicateSearch
from voronka.desk.models import Note
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.workspaces.actions import edit_role
from voronka.workspaces.models import Member


def company(world, name, *contacts, **fields):
    return create_company(actor=world.admin, name=name, contacts=contacts, owner=world.anna, **fields)


def pairs(kind="company"):
    rows = DuplicatePair.objects.filter(kind=kind).values_list("first_id", "second_id", "reasons")
    return {(first, second): set(reasons) for first, second, reasons in rows}


@pytest.mark.parametrize(
    ("one", "two", "reasons"),
    [
        ({"inn": "7707083893"}, {"inn": "7707083893"}, {"inn"}),
        (
            {"inn": "7707083893", "kpp": "773601001"},
            {"inn": "7707083893", "kpp": "780101001"},
            {"branch"},
        ),
        ({"phone": "+7 916 123-45-67"}, {"phone": "8 (916) 1234567"}, {"phone"}),
        ({"email": "a@lutik.ru"}, {"email": "b@lutik.ru"}, {"domain"}),
        ({"email": "a@lutik.ru"}, {"site": "https://www.lutik.ru/x"}, {"domain"}),
        ({"name": "ООО «Ромашка»"}, {"name": "АО Ромашка"}, {"name"}),
        ({"name": "Ромашка Трейд"}, {"name": "Рамашка Трейд"}, {"alike"}),
        (
            {"name": "Ромашка", "inn": "7707083893", "email": "a@lutik.ru"},
            {"name": "Ромашка", "inn": "7736050003", "email": "a@lutik.ru"},
            {"name", "email", "other_inn"},
        ),
        ({"name": "Стальконструкция"}, {"name": "Сталь Конструкция"}, {"alike"}),
    ],
)
def test_every_sign_makes_a_pair(world, one, two, reasons):
    made = []
    for number, given in enumerate((one, two)):
        contacts = [(kind, given[kind]) for kind in ("phone", "email") if kind in given]
        fields = {k: v for k, v in given.items() if k in ("inn", "kpp", "site")}
        made.append(company(world, given.get("name", "АБВГД"[number] * 9), *contacts, **fields))
    search()
    assert pairs() == {(made[0].pk, made[1].pk): reasons}


def test_two_with_different_inn_stand_below_all_others(world):
    apart = [
        company(world, "Ромашка", ("email", "a@lutik.ru"), inn=inn) for inn in ("7707083893", "7736050003")
    ]
    alike = [company(world, name) for name in ("Стальконструкция", "Сталь Конструкция")]
    search()
    last, first = ([row.first_id, row.second_id] for row in DuplicatePair.objects.order_by("score"))
    assert (first, last) == ([row.pk for row in alike], [row.pk for row in apart])
    # Less than what the page calls likely.
    assert DuplicatePair.objects.get(first_id=apart[0].pk).score < 50
    assert weight_of(["name", "email", "other_inn"]) == TOLD_APART


def test_what_many_share_and_what_says_nothing_makes_no_pairs(world):
    for number in range(14):
        company(world, "АБВГДЕЖЗИКЛМНО"[number] * 7, ("phone", "+74951234567"))
    company(world, "Первая", ("email", "a@mail.ru"), site="vk.com/a")
    company(world, "Другая", ("email", "b@mail.ru"), site="vk.com/b")
    company(world, "Склад 7")
    company(world, "Склад 8")
    search()
    assert pairs() == {}


def test_the_phone_of_a_person_counts_for_the_company(world):
    one, two = company(world, "Первая"), company(world, "Другая", ("phone", "+79161234567"))
    add_contact(make_person(one), actor=world.admin, kind="phone", value="89161234567")
    search()
    assert pairs() == {(one.pk, two.pk): {"phone"}}


def test_namesakes_need_one_more_sign(world):
    here, there = company(world, "Первая"), company(world, "Другая")
    one, _other = make_person(here, "Игорь Белов"), make_person(there, "Игорь Белов")
    search()
    assert pairs("person") == {}
    twin = make_person(here, "Игорь Белов")
    search()
    assert pairs("person") == {(one.pk, twin.pk): {"fullname", "company"}}


def test_colleagues_of_one_mailbox_are_two(world):
    here = company(world, "Первая")
    two = [make_person(here, name) for name in ("Волкова Людмила Борисовна", "Волкова Наталья Алексеевна")]
    for person in two:
        add_contact(person, actor=world.admin, kind="email", value="office@pervaya.ru")
    search()
    assert pairs("person") == {}
    same = make_person(here, "Волкова Людмила")
    add_contact(same, actor=world.admin, kind="email", value="office@pervaya.ru")
    search()
    assert set(pairs("person")) == {(two[0].pk, same.pk)}


def test_a_search_forgets_what_is_no_more_and_keeps_what_was_said(world):
    one, two, three = (company(world, "Ромашка") for _n in range(3))
    search()
    assert len(pairs()) == 3
    dismiss_pair("company", one.pk, two.pk, actor=world.anna)
    Company.objects.filter(pk=three.pk).update(name_key="лютик")
    search()
    assert set(pairs()) == {(one.pk, two.pk)}
    assert groups(world.anna, "company") == ([], 0)
    undo(Event.objects.get(type="pair.dismissed"), actor=world.anna)
    ((group,), total) = groups(world.anna, "company")
    assert (set(group.cards), total) == ({one.pk, two.pk}, 1)


def test_three_cards_of_one_client_are_one_group_and_strangers_are_not_shown(world):
    mine = [company(world, "Ромашка") for _n in range(2)]
    hidden = make_company(world.vera, "ромашка")
    search()
    (whole,), _total = groups(world.admin, "company")
    assert set(whole.cards) == {*(card.pk for card in mine), hidden.pk}
    (part,), _total = groups(world.anna, "company")
    assert set(part.cards) == {card.pk for card in mine}
    assert groups(world.vera, "company") == ([], 0)
    merge_companies(mine[1], mine[0], actor=world.admin)
    assert groups(world.anna, "company") == ([], 0)


def test_the_search_asks_as_much_of_the_database_for_many_as_for_few(world, django_assert_max_num_queries):
    company(world, "Ромашка")
    company(world, "Ромашка")
    for number in range(60):
        make_company(world.anna, f"лютик {number // 2}")
    with django_assert_max_num_queries(14):
        assert search() == 31
    with django_assert_max_num_queries(6):
        assert groups(world.anna, "company")[1] == 31


def test_a_search_is_asked_for_once_at_a_time(world):
    ask_for_duplicates()
    first = DuplicateSearch.objects.get().queued_at
    assert ask_for_duplicates().queued_at == first
    look_for_duplicates.func(workspace_id=world.workspace.pk)
    state = DuplicateSearch.objects.get()
    assert (state.queued_at, state.found) == (None, 0)
    assert state.finished_at is not None


def test_what_was_written_to_a_card_while_it_was_merged_is_brought_home(world):
    one, two, three = (company(world, f"Ромашка {n}") for n in "абв")
    merge_companies(two, one, actor=world.admin)
    merge_companies(one, three, actor=world.admin)
    late = Note.objects.create(subject_kind="company", subject_id=two.pk, author=world.anna, body="Поздно")
    assert bring_home() == 1
    late.refresh_from_db()
    assert late.subject_id == three.pk
    assert bring_home() == 0


def test_a_pair_does_not_confirm_a_phone_that_is_hidden(world):
    for name, more in (("Ромашка", {"inn": "7707083893"}), ("Лютик", {"inn": "7707083893"})):
        company(world, name, ("phone", "+7 916 123-45-67"), **more)
    company(world, "Астра", ("phone", "+7 916 123-45-67"))
    search()
    before, count = groups(world.anna, "company")
    assert count == 1
    assert len(before[0].cards) == 3

    edit_role(world.roles["seller"], actor=world.admin, changes={"hidden_fields": {"client": ["phones"]}})
    anna = Member.objects.select_related("role").get(pk=world.anna.pk)
    after, count = groups(anna, "company")
    assert [sorted(card.name for card in group.cards.values()) for group in after] == [["Лютик", "Ромашка"]]
    assert after[0].pairs[0].why == "тот же ИНН"
