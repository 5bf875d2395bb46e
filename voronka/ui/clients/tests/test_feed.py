"""The feed: everything that happened, newest first, within reach; notes in it."""

from __future__ import annotations

import pytest
from django.utils import translation

from voronka.activities.bulk import ActivityRow, import_activities, reserve_activity_ids
from voronka.clients import actions
from voronka.core import clock
from voronka.deals.actions import create_deal
from voronka.desk.actions import add_note, delete_note, edit_note
from voronka.desk.bulk import NoteRow, import_notes
from voronka.desk.models import Note
from voronka.journal.models import Event
from voronka.playbook.models import ActivityKind

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def company(world):
    return actions.create_company(actor=world.anna, name="ООО «Логист-Центр»")


def feed(browser, company, **params):
    return browser.get(browser.w(f"/feed/company/{company.pk}/"), params, **HTMX)


def test_the_feed_tells_what_a_note_says_now(world, company, as_member):
    browser = as_member(world.anna)
    note = add_note(actor=world.anna, subject=("company", company.pk), text="Сначала так")
    edit_note(note, actor=world.anna, text="Теперь иначе")
    page = feed(browser, company).text
    assert "Теперь иначе" in page
    assert "Сначала так" not in page
    delete_note(note, actor=world.anna)
    page = feed(browser, company).text
    assert "Теперь иначе" not in page


def test_deals_out_of_reach_are_left_out(world, funnel, company, as_member):
    create_deal(actor=world.anna, title="Видимая сделка", funnel=funnel, company=company)
    create_deal(actor=world.admin, owner=world.vera, title="Чужая сделка", funnel=funnel, company=company)
    anna = feed(as_member(world.anna), company).text
    assert "Видимая сделка" in anna
    assert "Чужая сделка" not in anna
    assert "Чужая сделка" in feed(as_member(world.head), company).text
    vera = feed(as_member(world.vera), company).text
    assert "Чужая сделка" in vera
    assert "Видимая сделка" not in vera


def test_pages_filters_and_search(world, funnel, company, as_member):
    browser = as_member(world.anna)
    for i in range(30):
        add_note(actor=world.anna, subject=("company", company.pk), text=f"Заметка про ёлку {i}")
    create_deal(actor=world.anna, title="Погрузчик", funnel=funnel, company=company)
    first = feed(browser, company).context["feed"]
    assert len(first.items) == 25
    second = feed(browser, company, before=first.before).context["feed"]
    assert not second.is_first
    shown = [item.event.pk for item in first.items + second.items]
    assert shown == sorted(shown, reverse=True)
    assert len(set(shown)) == len(shown) == 32
    kinds = {item.event.type for item in feed(browser, company, show="deals").context["feed"].items}
    assert kinds == {"deal.created"}
    found = feed(browser, company, words="елку 7").context["feed"].items
    assert [item.note.body for item in found] == ["Заметка про ёлку 7"]
    assert [i.event.type for i in feed(browser, company, words="погрузчик").context["feed"].items] == [
        "deal.created"
    ]
    assert "Заметка про" not in feed(browser, company, words="100%").text
    for nonsense in ({"before": "abc"}, {"before": "9" * 40}, {"show": "no"}, {"words": "\x00'%_\\"}):
        assert feed(browser, company, **nonsense).status_code == 200


def test_a_pinned_note_stands_above_and_only_there(world, company, as_member):
    browser = as_member(world.anna)
    note = add_note(actor=world.anna, subject=("company", company.pk), text="Главное")
    url = browser.w(f"/notes/{note.pk}/pin/")
    assert browser.post(url, {"pinned": "1"}, **HTMX).status_code == 204
    found = feed(browser, company).context["feed"]
    assert [item.note.body for item in found.pinned] == ["Главное"]
    assert all(item.note is None for item in found.items)
    browser.post(url, {"pinned": "0"}, **HTMX)
    assert feed(browser, company).context["feed"].pinned == []


def test_one_undoes_ones_own_deeds_from_the_feed(world, company, as_member):
    actions.edit_company(company, actor=world.anna, changes={"site": "example.ru"})
    event = Event.objects.filter(type="company.edited").get()
    anna, admin = as_member(world.anna), as_member(world.admin)
    assert f"/undo/{event.pk}/" in feed(anna, company).text
    assert f"/undo/{event.pk}/" not in feed(admin, company).text
    assert anna.post(anna.w(f"/undo/{event.pk}/"), **HTMX).status_code == 204
    company.refresh_from_db()
    assert company.site == ""
    page = feed(anna, company).text
    assert f"/undo/{event.pk}/" not in page
    assert "is-undone" in page


def test_a_note_on_a_deal_shows_on_the_client_too(world, funnel, company, as_member):
    deal = create_deal(actor=world.anna, title="Погрузчик", funnel=funnel, company=company)
    browser = as_member(world.anna)
    answer = browser.post(browser.w(f"/notes/deal/{deal.pk}/"), {"text": "С карточки сделки"}, **HTMX)
    assert answer.status_code == 200
    assert 'name="text"' in answer.text  # an empty form for the next one
    assert "С карточки сделки" in feed(browser, company).text
    assert Note.objects.get().subject_kind == "deal"


def test_only_the_author_gets_the_form(world, company, as_member):
    note = add_note(actor=world.head, subject=("company", company.pk), text="Главного")
    browser = as_member(world.anna)
    assert browser.get(browser.w(f"/notes/{note.pk}/edit/"), **HTMX).status_code == 403
    assert browser.post(browser.w(f"/notes/{note.pk}/edit/"), {"text": "Моё"}, **HTMX).status_code == 403
    assert browser.post(browser.w(f"/notes/{note.pk}/delete/"), **HTMX).status_code == 403
    author = as_member(world.head)
    assert "Главного" in author.get(author.w(f"/notes/{note.pk}/edit/"), **HTMX).text
    assert author.post(author.w(f"/notes/{note.pk}/edit/"), {"text": " "}, **HTMX).status_code == 409
    author.post(author.w(f"/notes/{note.pk}/edit/"), {"text": "Новое"}, **HTMX)
    note.refresh_from_db()
    assert note.body == "Новое"


def test_an_unknown_kind_of_card_is_not_found(world, as_member):
    browser = as_member(world.admin)
    assert browser.get(browser.w("/feed/invoice/1/")).status_code == 404
    assert browser.post(browser.w("/notes/invoice/1/"), {"text": "x"}).status_code == 404
    assert browser.get(browser.w("/feed/company/999999/")).status_code == 404


def test_changes_are_told_in_words(world, company, as_member):
    actions.edit_company(company, actor=world.anna, changes={"region": "66", "is_key": True, "size": "large"})
    with translation.override("ru"):
        page = feed(as_member(world.anna), company).text
    assert "Свердловская область" in page
    assert "крупное" in page


def test_notes_and_activities_of_an_import_stand_in_the_feed(world, company, as_member):
    import_notes([NoteRow(("company", company.pk), "Из старой базы", world.anna.pk)], actor=world.admin)
    kind = ActivityKind.objects.create(name="Звонок", channel="call", icon="phone")
    (pk,) = reserve_activity_ids(1)
    at = clock.now()
    row = ActivityRow(
        kind.pk, world.anna.pk, None, at, company_id=company.pk, done_at=at, result="Ждут КП", id=pk
    )
    import_activities([row], actor=world.admin, told=True)
    browser = as_member(world.anna)
    page = feed(browser, company).text
    assert "Из старой базы" in page
    assert "Ждут КП" in page
    notes = feed(browser, company, show="notes").text
    assert "Из старой базы" in notes
    assert "Ждут КП" not in notes
