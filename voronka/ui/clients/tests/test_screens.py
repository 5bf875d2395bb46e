"""Lists, cards, dialogs of clients: whole and in parts, for whom they are, quick with many rows."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.world import make_company, make_person
from voronka.clients import actions
from voronka.clients.models import Company, ContactPoint, Person, Segment
from voronka.core import clock
from voronka.core.tenancy import scope
from voronka.deals.actions import create_deal
from voronka.desk.models import Note
from voronka.journal.models import Event

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def company(world):
    return actions.create_company(
        actor=world.anna, name="ООО «Логист-Центр»", inn="7707083893", contacts=[("phone", "+74951234567")]
    )


def queries(browser, url, **headers) -> int:
    browser.get(url, **headers)  # warms what is read once
    with CaptureQueriesContext(
        connection,
    ) as caught:
        response = browser.get(url, **headers)
    assert response.status_code == 200
    return len(caught)


# --- whole pages, fragments, panels


def test_every_screen_opens_whole_and_as_a_fragment(world, funnel, company, as_member):
    person = actions.create_person(actor=world.anna, name="Игорь Белов", company=company)
    browser = as_member(world.anna)
    for path in (
        "/clients/",
        "/people/",
        f"/clients/{company.pk}/",
        f"/people/{person.pk}/",
        "/clients/new/",
        "/people/new/",
        f"/people/{person.pk}/posts/",
        f"/clients/{company.pk}/accounts/",
        f"/feed/company/{company.pk}/",
    ):
        whole = browser.get(browser.w(path))
        part = browser.get(browser.w(path), **HTMX)
        assert whole.status_code == part.status_code == 200, path
        assert "<html" in whole.text
        assert "<html" not in part.text
        assert part.text.strip()
    card = browser.get(browser.w(f"/clients/{company.pk}/"), HTTP_HX_TARGET="panel", **HTMX).text
    assert "Логист-Центр" in card
    assert "7707083893" in card


def test_another_workspace_has_no_such_client(world, stranger, company, as_member):
    person = make_person(company)
    with scope(stranger.workspace):
        browser = as_member(stranger.admin)
        for path in (f"/clients/{company.pk}/", f"/people/{person.pk}/", f"/feed/company/{company.pk}/"):
            assert browser.get(browser.w(path)).status_code == 404, path
        for path in (
            f"/clients/{company.pk}/edit/",
            f"/clients/{company.pk}/delete/",
            f"/clients/{company.pk}/tags/",
            f"/clients/{company.pk}/contacts/",
            f"/notes/company/{company.pk}/",
            f"/people/{person.pk}/edit/",
            f"/clients/contacts/{ContactPoint.objects.for_workspace(world.workspace).first().pk}/remove/",
        ):
            assert (
                browser.post(browser.w(path), {"field": "name", "value": "x", "text": "x"}).status_code == 404
            ), path


def test_out_of_reach_is_forbidden(world, company, as_member):
    browser = as_member(world.vera)
    assert browser.get(browser.w(f"/clients/{company.pk}/")).status_code == 403
    assert browser.get(browser.w(f"/feed/company/{company.pk}/")).status_code == 403
    assert browser.post(browser.w(f"/notes/company/{company.pk}/"), {"text": "x"}).status_code == 403
    assert (
        browser.post(browser.w(f"/clients/{company.pk}/edit/"), {"field": "name", "value": "x"}).status_code
        == 403
    )
    assert "Логист" not in browser.get(browser.w("/clients/")).text
    # A seller neither hands over nor deletes.
    anna = as_member(world.anna)
    assert anna.post(anna.w(f"/clients/{company.pk}/delete/")).status_code == 403
    assert anna.get(anna.w(f"/clients/{company.pk}/assign/")).status_code == 403
    company.refresh_from_db()
    assert (company.name, company.deleted_at) == ("ООО «Логист-Центр»", None)
    assert not Note.objects.exists()


def test_who_has_a_deal_with_a_client_sees_it(world, funnel, company, as_member):
    create_deal(actor=world.admin, owner=world.vera, title="Погрузчик", funnel=funnel, company=company)
    browser = as_member(world.vera)
    assert browser.get(browser.w(f"/clients/{company.pk}/")).status_code == 200


# --- lists


def test_the_list_is_searched_filtered_and_sorted(world, funnel, as_member):
    segment = Segment.objects.get()
    now = clock.now()
    for name, fields in {
        "ООО «Ёлки и щит»": {"segment": segment, "region": "77", "is_key": True},
        "Ромашка": {"region": "66", "okved": "46.69"},
        "Якорь": {},
    }.items():
        actions.create_company(actor=world.anna, name=name, **fields)
    Company.objects.filter(name="Ромашка").update(last_contact_at=now - dt.timedelta(days=50))
    Company.objects.filter(name="Якорь").update(last_contact_at=now)
    browser = as_member(world.anna)

    def names(query: str) -> list[str]:
        return [company.name for company in browser.get(browser.w(f"/clients/?{query}")).context["found"]]

    assert names("") == ["ООО «Ёлки и щит»", "Ромашка", "Якорь"]
    assert names("q=елки") == ["ООО «Ёлки и щит»"]
    assert names("q=я") == ["Якорь"]
    assert names("q=zrjhm") == ["Якорь"]
    assert names(f"segment={segment.pk}") == ["ООО «Ёлки и щит»"]
    assert names("segment=0") == ["Ромашка", "Якорь"]
    assert names("region=66&region=77") == ["ООО «Ёлки и щит»", "Ромашка"]
    assert names("industry=G") == ["Ромашка"]
    assert names("industry=-") == ["ООО «Ёлки и щит»", "Якорь"]
    assert names("key=1") == ["ООО «Ёлки и щит»"]
    assert names("silent=30") == ["Ромашка"]
    assert names(f"owner={world.boris.pk}") == []
    assert names("sort=-name") == ["Якорь", "Ромашка", "ООО «Ёлки и щит»"]
    # The longest silent first; the never reached last, whichever way one sorts.
    assert names("sort=contact") == ["Ромашка", "Якорь", "ООО «Ёлки и щит»"]
    assert names("sort=-contact") == ["Якорь", "Ромашка", "ООО «Ёлки и щит»"]


@pytest.mark.parametrize(
    "query",
    [
        "segment=abc&segment=99999999999999999999",
        "silent=-5",
        "silent=9999999",
        "after=zzz",
        "after=1~2026-13-45",
        "sort=contact&after=5~нет",
        "sort=drop",
        "q=%00%F0%9F%98%80%3Cscript%3E",
        "region=ZZ&industry=%3Cscript%3E",
        "q=" + "ы" * 3000,
    ],
)
def test_a_broken_address_still_opens(world, company, as_member, query):
    browser = as_member(world.anna)
    response = browser.get(browser.w(f"/clients/?{query}"))
    assert response.status_code == 200
    assert "<script>alert" not in response.text


@pytest.mark.parametrize("sort", ["name", "-name", "contact", "-contact", "created", "-created"])
def test_pages_follow_one_another_without_gaps(world, as_member, sort):
    now = clock.now()
    for i in range(103):
        company = make_company(world.anna, f"Клиент {i % 4}")
        moment = now - dt.timedelta(days=i % 3)
        Company.objects.filter(pk=company.pk).update(
            last_contact_at=moment if i % 2 else None, created_at=moment
        )
    browser = as_member(world.anna)
    seen, address = [], browser.w(f"/clients/?sort={sort}")
    while address:
        context = browser.get(address).context
        seen += [company.pk for company in context["found"]]
        address = context["more_url"]
    assert len(seen) == len(set(seen)) == 103


def _fill(world, funnel, count: int) -> None:
    for i in range(count):
        company = actions.create_company(
            actor=world.anna, name=f"Клиент {i:03}", contacts=[("email", f"a{i}@b.ru")]
        )
        actions.create_person(actor=world.anna, name=f"Человек {i:03}", company=company)
        if i < 40:
            create_deal(actor=world.anna, title=f"Сделка {i}", funnel=funnel, company=company, amount=1000)


def test_lists_ask_as_much_for_many_rows_as_for_few(world, funnel, as_member):
    browser = as_member(world.anna)
    _fill(world, funnel, 5)
    few = [queries(browser, browser.w(path)) for path in ("/clients/", "/people/", "/clients/?sort=contact")]
    _fill(world, funnel, 60)
    many = [queries(browser, browser.w(path)) for path in ("/clients/", "/people/", "/clients/?sort=contact")]
    # A short list is summed at once, a long one by a request of its own.
    assert [after - before for before, after in zip(few, many, strict=True)] == [-1, -1, -1]
    assert max(many) <= 16


def test_the_card_asks_as_much_for_a_long_history_as_for_a_short_one(world, funnel, company, as_member):
    browser = as_member(world.anna)
    url = browser.w(f"/clients/{company.pk}/")

    def live(times: int) -> None:
        for i in range(times):
            actions.create_person(
                actor=world.anna, name=f"Человек {i}", company=company, contacts=[("email", f"p{i}@b.ru")]
            )
            browser.post(browser.w(f"/notes/company/{company.pk}/"), {"text": f"Заметка {i}"})
            create_deal(actor=world.anna, title=f"Сделка {i}", funnel=funnel, company=company)
            actions.tag_company(company, actor=world.anna, name=f"метка {i}")

    live(2)
    few = queries(browser, url), queries(browser, browser.w(f"/feed/company/{company.pk}/"))
    live(25)
    assert (queries(browser, url), queries(browser, browser.w(f"/feed/company/{company.pk}/"))) == few


# --- changes


def test_a_value_is_edited_in_place(world, company, as_member):
    browser = as_member(world.anna)
    url = browser.w(f"/clients/{company.pk}/edit/")
    answer = browser.post(url, {"field": "inn", "value": "7707083894", "was": "7707083893"}, **HTMX)
    assert answer.status_code == 200
    assert "7707083894" in answer.text
    assert 'id="warning-inn"' in answer.text
    assert "feed:refresh" in answer.headers["HX-Trigger"]
    assert "/undo/" in answer.headers["HX-Trigger"]
    # The one who still has the old value is told, and nothing is overwritten.
    late = browser.post(url, {"field": "inn", "value": "500100732259", "was": "7707083893"}, **HTMX)
    assert late.status_code == 409
    company.refresh_from_db()
    assert company.inn == "7707083894"
    # Without scripts it is a redirect to the card.
    assert browser.post(url, {"field": "site", "value": "example.ru"}).status_code == 302


def test_what_belongs_to_another_workspace_is_refused_in_every_field(world, stranger, company, as_member):
    with scope(stranger.workspace):
        segment = Segment.objects.create(name="Чужие", name_key="чужие")
        foreign = make_company(stranger.anna, "Чужая")
        foreign_person = make_person(foreign)
    browser = as_member(world.head)
    before = Event.objects.count()
    edit = browser.w(f"/clients/{company.pk}/edit/")
    for field, value in (
        ("segment", segment.pk),
        ("source", 1),
        ("owner", stranger.anna.pk),
        ("version", 99),
    ):
        answer = browser.post(edit, {"field": field, "value": value}, **HTMX)
        assert answer.status_code == 409, field
    answer = browser.post(browser.w(f"/clients/{company.pk}/assign/"), {"owner": stranger.anna.pk}, **HTMX)
    assert answer.status_code == 422
    person = actions.create_person(actor=world.head, name="Свой")
    before += 1
    answer = browser.post(browser.w(f"/people/{person.pk}/posts/"), {"company": foreign.pk}, **HTMX)
    assert answer.status_code == 422
    answer = browser.post(browser.w("/people/new/"), {"name": "Новый", "company": foreign.pk}, **HTMX)
    assert answer.status_code == 422
    assert (
        browser.post(browser.w(f"/people/{foreign_person.pk}/contacts/"), {"value": "a@b.ru"}).status_code
        == 404
    )
    company.refresh_from_db()
    assert (company.segment_id, company.owner) == (None, world.anna)
    assert Event.objects.count() == before
    assert not Person.objects.filter(name="Новый").exists()


def test_the_quick_dialog_adds_everything_or_nothing(world, as_member):
    browser = as_member(world.anna)
    url = browser.w("/clients/new/")
    bad = browser.post(url, {"name": "Ромашка", "person": "Игорь", "person_phone": "не телефон"}, **HTMX)
    assert bad.status_code == 422
    assert "Игорь" in bad.text
    assert not Company.objects.exists()
    assert not Event.objects.exists()
    good = browser.post(
        url,
        {
            "name": "Ромашка",
            "inn": "7707083893",
            "phone": "8 495 123-45-67",
            "person": "Игорь",
            "person_phone": "8 916 1234567",
        },
        **HTMX,
    )
    company = Company.objects.get()
    assert good.headers["HX-Redirect"].endswith(f"/clients/{company.pk}/")
    assert company.positions.get().person.contacts.get().normal == "+79161234567"


def test_the_same_form_sent_twice_adds_one_client(world, as_member):
    browser = as_member(world.anna)
    for _time in range(2):
        browser.post(browser.w("/clients/new/"), {"name": "Ромашка", "once": "a" * 32})
    assert Company.objects.count() == 1


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", "😀" * 50, "\u202eанмор", "a\x00b", "ё" * 1_000_000],
    ids=["script", "emoji", "rtl", "nul", "megabyte"],
)
def test_nasty_texts_are_kept_safe_or_refused_in_words(world, company, as_member, text):
    browser = as_member(world.anna)
    for path, data in (
        ("/clients/new/", {"name": text}),
        ("/people/new/", {"name": text}),
        (f"/clients/{company.pk}/edit/", {"field": "address", "value": text}),
        (f"/clients/{company.pk}/tags/", {"name": text}),
        (f"/clients/{company.pk}/contacts/", {"value": text}),
        (f"/notes/company/{company.pk}/", {"text": text}),
    ):
        answer = browser.post(browser.w(path), data, **HTMX)
        assert answer.status_code in (200, 204, 409, 422), path
        assert "<script>alert" not in answer.text
    for path in ("/clients/", "/people/", f"/clients/{company.pk}/"):
        page = browser.get(browser.w(path))
        assert page.status_code == 200
        assert "<script>alert" not in page.text


def test_duplicates_are_told_while_typing(world, company, as_member):
    near, far = as_member(world.anna), as_member(world.vera)
    url = near.w("/clients/same/")
    for query in ("name=логист центр ооо", "inn=7707083893", "phone=8 495 123-45-67"):
        assert f"/clients/{company.pk}/" in near.get(f"{url}?{query}").text, query
        told = far.get(f"{url}?{query}").text
        # Out of reach: that it is there and who leads it, nothing more.
        assert "Анна Седова" in told
        assert "Логист" not in told
        assert f"/clients/{company.pk}/" not in told
    assert near.get(f"{url}?name=Совсем другой&inn=12&phone=5").text.strip() == ""


def test_comboboxes_offer_only_what_one_sees(world, company, as_member):
    person = actions.create_person(actor=world.anna, name="Игорь Белов", company=company)
    anna, vera = as_member(world.anna), as_member(world.vera)
    for query in ("?q=логист", "?q=123-45-67", ""):
        assert [i["value"] for i in anna.get(anna.w(f"/clients/options/{query}")).json()["items"]] == [
            str(company.pk)
        ]
        assert vera.get(vera.w(f"/clients/options/{query}")).json()["items"] == []
    for query in ("?q=белов", f"?company={company.pk}", ""):
        items = anna.get(anna.w(f"/people/options/{query}")).json()["items"]
        assert items == [{"value": str(person.pk), "text": "Игорь Белов", "hint": "ООО «Логист-Центр»"}]
        assert vera.get(vera.w(f"/people/options/{query}")).json()["items"] == []
    made = anna.post(anna.w("/clients/create/"), {"name": "С ходу"}).json()
    assert Company.objects.get(pk=made["value"]).owner == world.anna


def test_handing_over_out_of_sight_leads_back_to_the_list(world, company, as_member):
    browser = as_member(world.north_head)
    answer = browser.post(browser.w(f"/clients/{company.pk}/assign/"), {"owner": world.vera.pk}, **HTMX)
    assert answer.headers["HX-Redirect"].endswith("/clients/")
    company.refresh_from_db()
    assert company.owner == world.vera


def test_a_client_with_an_open_deal_is_not_deleted(world, funnel, company, as_member):
    create_deal(actor=world.anna, title="Погрузчик", funnel=funnel, company=company)
    browser = as_member(world.head)
    answer = browser.post(browser.w(f"/clients/{company.pk}/delete/"), **HTMX)
    assert answer.status_code == 409
    company.refresh_from_db()
    assert company.deleted_at is None


def test_what_was_deleted_is_brought_back_from_its_list(world, company, as_member):
    person = actions.create_person(actor=world.anna, name="Игорь Белов", company=company)
    actions.delete_person(person, actor=world.head)
    actions.delete_company(company, actor=world.head)
    head, other = as_member(world.head), as_member(world.anna)
    page = head.get(head.w("/clients/deleted/")).text
    assert "Логист-Центр" in page
    assert "Игорь Белов" in page
    assert other.get(other.w("/clients/deleted/")).status_code == 403
    for path in (f"/clients/{company.pk}/restore/", f"/people/{person.pk}/restore/"):
        assert other.post(other.w(path)).status_code == 403
        assert head.post(head.w(path), **HTMX).status_code == 204
    company.refresh_from_db()
    person.refresh_from_db()
    assert (company.deleted_at, person.deleted_at) == (None, None)
    assert "Логист-Центр" not in head.get(head.w("/clients/deleted/")).text


def test_a_deal_begun_on_a_clients_card_is_with_that_client(world, funnel, as_member):
    anna = as_member(world.anna)
    company = make_company(world.anna, "ООО «Заря»")
    address = anna.w("/deals/new/")
    card = anna.get(anna.w(f"/clients/{company.pk}/")).content.decode()
    # The button of the head as well as the card's own.
    assert card.count(f'href="{address}?company={company.pk}"') >= 2
    assert f'href="{address}"' in anna.get(anna.w("/clients/")).content.decode()
