"""The palette: what is found, where one can go, what can be done with the open card, what is at hand."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.world import make_company
from voronka.clients import actions
from voronka.clients.actions import merge_companies
from voronka.deals.actions import create_deal, win_deal
from voronka.desk.at_hand import KEPT, favourites, recent
from voronka.desk.models import Favourite, OpenedCard
from voronka.ui.icons import icon_svg
from voronka.ui.palette.commands import places
from voronka.ui.palette.registry import all_commands


@pytest.fixture
def things(world, funnel):
    company = actions.create_company(
        actor=world.anna, name="ООО «Логист-Центр»", contacts=[("phone", "8 495 1234567")]
    )
    person = actions.create_person(actor=world.anna, name="Игорь Белов", company=company)
    deal = create_deal(actor=world.anna, title="Стеллажи", funnel=funnel, company=company)
    return company, person, deal


def ask(browser, text="", at=""):
    answer = browser.get(browser.w("/palette/"), {"q": text, "at": browser.w(at) if at else ""})
    assert answer.status_code == 200
    return answer.text


def labels(page):
    return re.findall(r"<span[^>]*>([^<]+)</span>", page)


@pytest.mark.parametrize("text", ["логист", "kjubcn", "495-123"])
def test_anything_is_found_with_either_keyboard(world, things, as_member, text):
    company, _person, _deal = things
    page = ask(as_member(world.anna), text)
    assert f"/clients/{company.pk}/" in page
    assert "Логист" not in ask(as_member(world.vera), text)


@pytest.mark.parametrize("text", ["созд сдел", "cjpl cltk", "create deal", "новая сделка"])
def test_commands_are_found_with_either_keyboard_and_in_either_language(world, as_member, text):
    assert "/deals/new/" in ask(as_member(world.anna), text)
    # The search of the head forgives the same.
    anna, marketer = as_member(world.anna), as_member(world.marketer)
    assert "/deals/new/" in anna.get(anna.w("/search/suggest/"), {"q": text}).text
    assert "/deals/new/" not in ask(marketer, text)


@pytest.mark.parametrize(
    ("text", "address", "seller", "admin"),
    [
        ("воронка", "/reports/funnel/", True, True),
        ("настройки", "/settings/", True, True),
        ("роли", "/settings/roles/", False, True),
        ("импорт", "/imports/", False, True),
        ("дубли", "/clients/duplicates/", True, True),
        ("пригласить", "/settings/invitations/new/", False, True),
    ],
)
def test_one_goes_anywhere_where_one_may(world, as_member, text, address, seller, admin):
    assert (address in ask(as_member(world.anna), text)) is seller
    assert (address in ask(as_member(world.admin), text)) is admin


def test_every_place_and_command_has_an_icon_and_leads_somewhere(world, as_member):
    admin = as_member(world.admin)
    for command in [*places(), *all_commands()]:
        icon_svg(command.icon)
        if command.code.startswith("go_"):
            page = ask(admin, str(command.label))
            assert str(command.label) in page, command.code


@pytest.mark.parametrize("text", ["выиграть", "проиграть", "передвинуть"])
def test_what_needs_a_deal_leads_to_the_open_ones_when_none_is_open(world, things, as_member, text):
    _company, _person, deal = things
    anna = as_member(world.anna)
    assert "/deals/table/?view=open" in ask(anna, text)
    assert "/deals/table/?view=open" not in ask(anna, text, at=f"/deals/{deal.number}/")
    assert "/deals/table/?view=open" not in ask(as_member(world.marketer), text)


def test_the_open_deal_brings_its_own_commands(world, things, as_member):
    _company, _person, deal = things
    anna = as_member(world.anna)
    page = ask(anna, at=f"/deals/{deal.number}/")
    for name in ("win", "lose", "move"):
        assert f"/deals/{deal.number}/{name}/" in page
    assert f"/activities/new/?deal={deal.pk}&amp;mode=done&amp;channel=call" in page
    assert 'href="tel:+74951234567"' in page
    # First what concerns the card, then the rest.
    assert page.index("/win/") < page.index("/deals/new/")
    assert f"/deals/{deal.number}/win/" in ask(anna, "выигр", at=f"/deals/{deal.number}/")
    assert "/win/" not in ask(anna, "выигр")
    # Who only reads the deal is offered nothing that changes it.
    assert "/win/" not in ask(as_member(world.marketer), at=f"/deals/{deal.number}/")
    win_deal(deal, actor=world.anna)
    page = ask(anna, at=f"/deals/{deal.number}/")
    assert "/win/" not in page
    assert f"/deals/{deal.number}/reopen/" in page


def test_the_open_client_brings_its_own(world, things, as_member):
    company, person, _deal = things
    anna, boris, head = as_member(world.anna), as_member(world.boris), as_member(world.north_head)
    page = ask(anna, at=f"/clients/{company.pk}/")
    assert f"/deals/new/?company={company.pk}" in page
    assert "tel:+74951234567" in page
    assert f"/people/new/?company={company.pk}" in ask(anna, "контакт", at=f"/clients/{company.pk}/")
    assert f"/activities/new/?person={person.pk}" in ask(anna, at=f"/people/{person.pk}/")
    # Out of reach the address tells nothing.
    assert f"company={company.pk}" not in ask(boris, at=f"/clients/{company.pk}/")
    assert "/assign/" not in ask(anna, "передать", at=f"/clients/{company.pk}/")
    assert f"/clients/{company.pk}/assign/" in ask(head, "передать", at=f"/clients/{company.pk}/")


@pytest.mark.parametrize("at", ["/nowhere/", "/deals/999999/", "//evil", "http://[", "\x00", "я" * 3000])
def test_a_broken_place_is_no_place(world, as_member, at):
    anna = as_member(world.anna)
    answer = anna.get(anna.w("/palette/"), {"q": "", "at": at})
    assert answer.status_code == 200
    assert "/deals/new/" in answer.text


def test_cards_of_another_company_are_not_opened_by_their_address(world, things, stranger, as_member):
    company, _person, _deal = things
    other = as_member(stranger.admin)
    page = other.get(other.w("/palette/"), {"at": f"/w/romashka/clients/{company.pk}/"}).text
    assert f"company={company.pk}" not in page


def test_the_last_opened_cards_stand_first_and_only_once(world, things, as_member):
    company, person, deal = things
    anna = as_member(world.anna)
    for path in (f"/clients/{company.pk}/", f"/deals/{deal.number}/", f"/people/{person.pk}/"):
        anna.get(anna.w(path))
    anna.get(anna.w(f"/clients/{company.pk}/"), headers={"HX-Request": "true", "HX-Target": "panel"})
    assert recent(world.anna) == [("company", company.pk), ("person", person.pk), ("deal", deal.pk)]
    # A card that refreshes itself was not opened.
    anna.get(anna.w(f"/deals/{deal.number}/"), headers={"HX-Request": "true"})
    assert recent(world.anna)[0] == ("company", company.pk)
    page = ask(anna)
    assert page.index(f"/clients/{company.pk}/") < page.index(f"/people/{person.pk}/")
    # The card one looks at is not offered.
    assert f'href="{anna.w(f"/clients/{company.pk}/")}"' not in ask(anna, at=f"/clients/{company.pk}/")
    assert recent(world.boris) == []


def test_only_the_latest_are_kept(world, as_member):
    anna = as_member(world.anna)
    for n in range(KEPT + 5):
        anna.get(anna.w(f"/clients/{make_company(world.anna, f'Клиент {n}').pk}/"))
    assert OpenedCard.objects.filter(member=world.anna).count() <= KEPT + 2


def test_what_went_out_of_reach_is_no_longer_at_hand(world, things, as_member):
    company, _person, deal = things
    anna = as_member(world.anna)
    anna.get(anna.w(f"/clients/{company.pk}/"))
    anna.post(anna.w(f"/favourites/company/{company.pk}/add/"))
    assert "Логист" in ask(anna)
    actions.assign_company(company, actor=world.admin, owner=world.vera)
    type(deal).objects.filter(pk=deal.pk).update(owner=world.vera, team=world.vera.team)
    assert "Логист" not in ask(anna)
    assert "Логист" not in anna.get(anna.w("/at-hand/")).text


def test_a_star_is_put_on_and_taken_off(world, things, as_member):
    company, _person, deal = things
    anna, boris = as_member(world.anna), as_member(world.boris)
    card = anna.w(f"/deals/{deal.number}/")
    assert 'aria-pressed="false"' in anna.get(card).text
    headers = {"HX-Request": "true", "HX-Target": f"star-deal-{deal.pk}"}
    star = anna.post(anna.w(f"/favourites/deal/{deal.pk}/add/"), headers=headers).text
    assert 'aria-pressed="true"' in star
    anna.post(anna.w(f"/favourites/deal/{deal.pk}/add/"))
    assert favourites(world.anna) == [("deal", deal.pk)]
    assert "is-on" in anna.get(card).text
    assert "Стеллажи" in anna.get(anna.w("/at-hand/")).text
    assert "Убрать из избранного" in ask(anna, "избран", at=f"/deals/{deal.number}/")
    anna.post(anna.w(f"/favourites/deal/{deal.pk}/remove/"))
    assert favourites(world.anna) == []
    assert boris.post(boris.w(f"/favourites/company/{company.pk}/add/")).status_code == 403
    assert boris.post(boris.w("/favourites/planet/1/add/")).status_code == 404


def test_a_merge_keeps_the_star(world, things, as_member):
    company, _person, _deal = things
    other = make_company(world.anna, "Логист")
    Favourite.objects.create(member=world.anna, kind="company", object_id=other.pk)
    merge_companies(other, company, actor=world.admin)
    assert favourites(world.anna) == [("company", company.pk)]


def test_it_asks_as_much_for_a_long_list_as_for_a_short_one(world, things, as_member):
    anna = as_member(world.anna)
    anna.get(anna.w("/palette/"))
    counts = []
    for number in (2, 15):
        for n in range(number):
            made = actions.create_company(actor=world.anna, name=f"Склад {n}")
            anna.get(anna.w(f"/clients/{made.pk}/"))
            Favourite.objects.create(member=world.anna, kind="company", object_id=made.pk)
        for text in ("", "склад"):
            with CaptureQueriesContext(connection) as asked:
                ask(anna, text)
            counts.append(len(asked))
    assert counts[:2] == counts[2:]


def test_nasty_texts_are_answered_calmly(world, as_member):
    for text in ("<script>alert(1)</script>", "\x00", "%", "ы" * 5000, "😀😀😀"):
        assert "<script>alert" not in ask(as_member(world.anna), text)
