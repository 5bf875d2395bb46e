"""The search of the head: what is suggested, what the page shows, for whom."""

from __future__ import annotations

import pytest

from tests.world import make_company
from voronka.activities.actions import plan_activity
from voronka.clients import actions
from voronka.clients.models import Company
from voronka.core import clock
from voronka.deals.actions import create_deal
from voronka.desk.models import SearchRow
from voronka.playbook.models import ActivityKind


@pytest.fixture
def things(world, funnel):
    company = actions.create_company(
        actor=world.anna, name="ООО «Логист-Центр»", contacts=[("phone", "8 495 1234567")]
    )
    person = actions.create_person(actor=world.anna, name="Игорь Белов", company=company)
    deal = create_deal(actor=world.anna, title="Стеллажи", funnel=funnel, company=company)
    return company, person, deal


def test_clients_people_and_deals_are_suggested(world, things, as_member):
    company, person, deal = things
    browser = as_member(world.anna)
    page = browser.get(browser.w("/search/suggest/?q=логист")).text
    assert "<html" not in page
    assert f"/clients/{company.pk}/" in page
    assert f"/people/{person.pk}/" in page
    assert f"/deals/{deal.number}/" in page
    assert f"/deals/{deal.number}/" in browser.get(browser.w(f"/search/suggest/?q=№ {deal.number}")).text
    whole = browser.get(browser.w("/search/?q=495-123-45")).text
    assert "<html" in whole
    assert f"/clients/{company.pk}/" in whole


def test_nothing_out_of_reach_is_suggested(world, things, as_member, stranger):
    vera = as_member(world.vera)
    assert "Логист" not in vera.get(vera.w("/search/suggest/?q=логист")).text
    assert "Логист" not in vera.get(vera.w("/search/?q=логист")).text
    other = as_member(stranger.admin)
    assert "Логист" not in other.get(other.w("/search/?q=логист")).text


def test_a_row_that_lags_behind_the_rights_is_not_shown(world, as_member):
    company = make_company(world.vera, "Тайная")
    SearchRow.objects.create(
        kind="company", object_id=company.pk, title="Тайная", text="тайная", owner_ids=[world.anna.pk]
    )
    browser = as_member(world.anna)
    assert "Тайная" not in browser.get(browser.w("/search/?q=тайная")).context["groups"].__repr__()
    Company.objects.filter(pk=company.pk).update(owner=world.anna)
    assert browser.get(browser.w("/search/?q=тайная")).context["groups"]


def test_commands_are_found_by_their_words_and_the_right(world, as_member):
    anna, director = as_member(world.anna), as_member(world.marketer)
    assert "/deals/new/" in anna.get(anna.w("/search/suggest/?q=созд сдел")).text
    assert "/deals/new/" not in director.get(director.w("/search/suggest/?q=созд сдел")).text
    assert "/clients/" in anna.get(anna.w("/search/suggest/")).text


@pytest.mark.parametrize("text", ["", "ы", "<script>alert(1)</script>", "\x00", "%", "ы" * 5000, "😀😀😀"])
def test_nasty_questions_are_answered_calmly(world, things, as_member, text):
    browser = as_member(world.anna)
    for path in ("/search/", "/search/suggest/"):
        page = browser.get(browser.w(path), {"q": text})
        assert page.status_code == 200
        assert "<script>alert" not in page.text


def test_who_has_an_activity_with_a_client_finds_it(world, funnel, as_member):
    company = actions.create_company(actor=world.anna, name="ООО «Логист-Центр»")
    browser = as_member(world.vera)
    assert "Логист" not in browser.get(browser.w("/search/?q=логист")).text
    kind = ActivityKind.objects.first()
    plan_activity(
        actor=world.admin,
        owner=world.vera,
        kind=kind,
        subject="Позвонить",
        company=company,
        due_at=clock.now(),
    )
    assert "Логист" in browser.get(browser.w("/search/?q=логист")).text
    assert browser.get(browser.w(f"/clients/{company.pk}/")).status_code == 200
