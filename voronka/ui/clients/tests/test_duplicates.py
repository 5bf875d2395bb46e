"""The page «Дубли», two cards side by side, and where old links lead."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.world import make_company, make_person
from voronka.clients.actions import add_contact, create_company, edit_company, merge_companies, merge_people
from voronka.clients.matching.bulk import search
from voronka.clients.models import Company, DuplicatePair, DuplicateSearch
from voronka.journal.models import Event

HTMX = {"HX-Request": "true"}


@pytest.fixture
def twins(world):
    one = create_company(actor=world.boris, name="ООО «Ромашка»", inn="7707083893")
    two = create_company(actor=world.boris, name="ПАО «Ромашка»", site="romashka.ru")
    add_contact(two, actor=world.boris, kind="phone", value="+79161234567")
    return one, two


def test_an_unsearched_company_is_offered_a_search_and_sees_it_run(world, as_member):
    head = as_member(world.north_head)
    url = head.w("/clients/duplicates/")
    assert "duplicates/search/" in head.get(url).text
    head.post(head.w("/clients/duplicates/search/"))
    assert DuplicateSearch.objects.get().queued_at is not None
    page = head.get(url).text
    assert "every 3s" in page
    assert "duplicates/search/" not in page


def test_pairs_are_shown_with_reasons_and_dismissed_for_good(world, twins, as_member):
    one, two = twins
    search()
    head, anna = as_member(world.north_head), as_member(world.anna)
    url = head.w("/clients/duplicates/")
    page = head.get(url).text
    assert "то же название" in page
    assert f"/clients/{one.pk}/merge/?with={two.pk}" in page
    # Anna sees neither of Boris's clients.
    assert "Ромашка" not in anna.get(anna.w("/clients/duplicates/")).text
    dismiss = head.w(f"/clients/duplicates/company/{one.pk}/{two.pk}/dismiss/")
    assert anna.post(anna.w(f"/clients/duplicates/company/{one.pk}/{two.pk}/dismiss/")).status_code == 403
    head.post(dismiss)
    assert DuplicatePair.objects.get().dismissed_by == world.north_head
    search()
    assert "Ромашка" not in head.get(url).text


def test_a_seller_may_say_what_is_no_duplicate_but_not_merge_companies(world, as_member):
    for _n in range(2):
        create_company(actor=world.anna, name="Лютик")
    search()
    anna = as_member(world.anna)
    page = anna.get(anna.w("/clients/duplicates/")).text
    assert "/dismiss/" in page
    assert "/merge/" not in page


def test_the_better_values_are_chosen_beforehand_and_what_is_chosen_is_written(world, twins, as_member):
    one, two = twins
    head = as_member(world.north_head)
    url = head.w(f"/clients/{one.pk}/merge/")
    page = head.get(url, {"with": two.pk}).text
    # The first has no site, the second no INN.
    assert f'name="f-site" value="take-{two.pk}" checked' in page
    assert f'name="f-inn" value="take-{two.pk}" checked' not in page
    data = {
        "with": two.pk,
        "keep": one.pk,
        f"version-{one.pk}": one.version,
        f"version-{two.pk}": two.version,
        "f-site": f"take-{two.pk}",
        "f-name": f"take-{two.pk}",
        "f-inn": "keep",
    }
    answer = head.post(url, data)
    assert answer.headers["Location"].endswith(f"/clients/{one.pk}/")
    one.refresh_from_db()
    assert (one.name, one.inn, one.site) == ("ПАО «Ромашка»", "7707083893", "romashka.ru")
    # The old link, in a panel too, leads to the card that stays; the list of the deleted keeps silent.
    for headers in ({}, HTMX):
        old = head.get(head.w(f"/clients/{two.pk}/"), headers=headers)
        assert old.headers["Location"].endswith(f"/clients/{one.pk}/")
    assert "ПАО" not in head.get(head.w("/clients/deleted/")).text
    event = Event.objects.get(type="company.merged")
    head.post(head.w(f"/undo/{event.pk}/"))
    assert head.get(head.w(f"/clients/{two.pk}/")).status_code == 200


def test_the_other_card_may_be_the_one_that_stays(world, twins, as_member):
    one, two = twins
    head = as_member(world.north_head)
    url = head.w(f"/clients/{one.pk}/merge/")
    page = head.get(url, {"with": two.pk, "keep": two.pk}).text
    assert f'name="f-inn" value="take-{one.pk}" checked' in page
    head.post(url, {"with": two.pk, "keep": two.pk, "f-inn": f"take-{one.pk}"})
    one.refresh_from_db()
    assert one.merged_into == two
    assert Company.objects.get(pk=two.pk).inn == "7707083893"


def test_a_choice_from_old_cards_comes_back_with_a_sentence(world, twins, as_member):
    one, two = twins
    head = as_member(world.north_head)
    data = {"with": two.pk, "keep": one.pk, f"version-{two.pk}": two.version}
    edit_company(two, actor=world.boris, changes={"address": "Тверь"})
    answer = head.post(head.w(f"/clients/{one.pk}/merge/"), data, headers=HTMX)
    assert answer.status_code == 409
    assert Company.objects.present().count() == 2


@pytest.mark.parametrize("other", ["", "x", "999999999", "self", "hidden"])
def test_with_what_cannot_be_one_is_asked_again(world, twins, as_member, other):
    one, _two = twins
    hidden = make_company(world.vera)
    given = {"self": one.pk, "hidden": hidden.pk}.get(other, other)
    head = as_member(world.north_head)
    answer = head.get(head.w(f"/clients/{one.pk}/merge/"), {"with": given})
    assert answer.status_code == (422 if other else 200)
    assert "data-combobox" in answer.text
    assert "Логист" not in answer.text


def test_people_are_compared_and_merged_too(world, twins, as_member):
    one, two = (make_person(twins[0], f"Игорь {n}") for n in "АБ")
    boris = as_member(world.boris)
    assert f"/people/{one.pk}/merge/" in boris.get(boris.w(f"/people/{one.pk}/")).text
    url = boris.w(f"/people/{one.pk}/merge/")
    assert "Игорь Б" in boris.get(url, {"with": two.pk}).text
    boris.post(url, {"with": two.pk, "keep": one.pk})
    assert boris.get(boris.w(f"/people/{two.pk}/")).headers["Location"].endswith(f"/people/{one.pk}/")


def test_a_chain_of_merges_leads_to_its_end(world, as_member):
    three = [create_company(actor=world.anna, name=f"Ромашка {n}") for n in range(3)]
    merge_companies(three[0], three[1], actor=world.admin)
    merge_companies(three[1], three[2], actor=world.admin)
    anna = as_member(world.anna)
    old = anna.get(anna.w(f"/clients/{three[0].pk}/"))
    assert old.headers["Location"].endswith(f"/clients/{three[2].pk}/")
    vera = as_member(world.vera)
    assert vera.get(vera.w(f"/clients/{three[0].pk}/"), follow=True).status_code == 403
    people = [make_person(three[2], f"Лицо {n}") for n in range(2)]
    merge_people(people[0], people[1], actor=world.admin)
    assert anna.get(anna.w(f"/people/{people[0].pk}/")).status_code == 302


def test_the_page_asks_as_much_for_many_pairs_as_for_few(world, as_member):
    head = as_member(world.admin)
    head.get(head.w("/clients/duplicates/"))
    counts = []
    for number in (2, 40):
        for n in range(number):
            make_company(world.anna, f"лютик {n // 2}")
        search()
        with CaptureQueriesContext(connection) as asked:
            head.get(head.w("/clients/duplicates/"))
        counts.append(len(asked))
    assert counts[0] == counts[1]
