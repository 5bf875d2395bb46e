"""Companies, people, activities, the book and the rest over the interface."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.world import World, make_company, make_person
from voronka.activities.models import Activity
from voronka.api.tests.calling import Program
from voronka.clients.models import Company, ContactPoint, Person, Segment
from voronka.deals.actions import create_deal, edit_deal
from voronka.desk.fields.actions import create_field
from voronka.desk.models import Note
from voronka.journal.models import Event
from voronka.playbook.models import ActivityKind, Reason


def kind(channel: str = "call") -> ActivityKind:
    return ActivityKind.objects.get(channel=channel)


def in_a_day() -> str:
    return (timezone.now() + dt.timedelta(days=1)).isoformat()


def test_a_company_is_added_with_its_contacts(world: World, funnel: Any) -> None:
    body = {
        "name": "ООО «Логист-Центр»",
        "inn": "7701234567",
        "region": "77",
        "segment": Segment.objects.get().pk,
        "contacts": [{"kind": "phone", "value": "8 (495) 123-45-67", "label": "склад"}],
    }

    answer = Program.of(world.anna).post("/companies/", body)

    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert told["owner"]["id"] == world.anna.pk
    assert told["segment"]["name"] == "Розница"
    assert ContactPoint.objects.get().normal == "+74951234567"
    assert told["contacts"][0]["label"] == "склад"
    assert Event.objects.filter(type="company.created", actor=world.anna).exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"inn": "12"}, "inn"),
        ({"region": "zz"}, "region"),
        ({"segment": 999999}, "segment"),
        ({"contacts": [{"kind": "phone", "value": "нет"}]}, "value"),
        ({"contacts": [{"kind": "fax", "value": "1"}]}, "contacts"),
    ],
)
def test_a_company_that_cannot_be_is_told_by_field(world: World, funnel: Any, body: Any, field: str) -> None:
    answer = Program.of(world.anna).post("/companies/", {"name": "Ромашка", **body})

    assert answer.status_code == 422, answer.content
    assert answer.json()["errors"][0]["field"].split(".")[0] == field
    assert not Company.objects.exists()


def test_a_company_is_changed_handed_over_and_deleted(world: World) -> None:
    company = make_company(world.anna)
    program = Program.of(world.head)
    at = f"/companies/{company.pk}"

    changed = program.patch(f"{at}/", {"site": "example.com", "is_key": True})
    assert (changed.json()["site"], changed.json()["is_key"]) == ("example.com", True)
    assert program.post(f"{at}/assign/", {"owner": world.boris.pk}).json()["owner"]["name"] == "Борис Ильин"
    assert program.delete(f"{at}/", If_Match='"1"').status_code == 412
    assert program.delete(f"{at}/").status_code == 204
    assert program.get(f"{at}/").status_code == 404
    assert program.post(f"{at}/restore/").status_code == 200


def test_companies_are_found_by_the_filter_of_the_list(world: World, funnel: Any) -> None:
    segment = Segment.objects.get()
    ours = make_company(world.anna, "ООО «Альфа»", segment=segment, inn="7701234567")
    make_company(world.anna, "ООО «Бета»")
    program = Program.of(world.anna)

    def found(query: str) -> list[int]:
        answer = program.get(f"/companies/?{query}")
        assert answer.status_code == 200, answer.content
        return [item["id"] for item in answer.json()["items"]]

    assert found(f"segment={segment.pk}") == found("inn=7701234567") == [ours.pk]
    assert found('where=[["name","contains","Альфа"]]') == [ours.pk]
    assert len(found("owner=me")) == 2
    assert program.get("/companies/?colour=red").status_code == 422


def test_hidden_phones_are_nowhere(world: World) -> None:
    role = world.roles["seller"]
    role.hidden_fields = {"client": ["phones"]}
    role.save()
    company = make_company(world.anna)
    person = make_person(company)
    phone = ContactPoint.objects.create(person=person, kind="phone", value="+7 495", normal="+7495")
    ContactPoint.objects.create(person=person, kind="email", value="a@b.ru", normal="a@b.ru")
    program = Program.of(world.anna)

    told = program.get(f"/people/{person.pk}/").json()

    assert [row["kind"] for row in told["contacts"]] == ["email"]
    new = {"kind": "phone", "value": "+7 495 123-45-67"}
    assert program.post(f"/people/{person.pk}/contacts/", new).status_code == 403
    assert program.post("/people/", {"name": "Х", "contacts": [new]}).status_code == 403
    assert program.patch(f"/contacts/{phone.pk}/", {"value": "+7 495 765-43-21"}).status_code == 403
    assert program.delete(f"/contacts/{phone.pk}/").status_code == 403
    assert ContactPoint.objects.count() == 2


def test_a_person_has_posts_in_companies_that_one_sees(world: World) -> None:
    ours, theirs = make_company(world.anna), make_company(world.vera, "ООО «Чужая»")
    program, head = Program.of(world.anna), Program.of(world.head)

    person = program.post("/people/", {"name": "Игорь Белов", "company": ours.pk, "title": "Закупки"}).json()
    head.post(f"/people/{person['id']}/positions/", {"company": theirs.pk, "title": "Советник"})

    seen = program.get(f"/people/{person['id']}/").json()["positions"]
    assert [row["company"]["id"] for row in seen] == [ours.pk]
    assert len(head.get(f"/people/{person['id']}/").json()["positions"]) == 2
    assert program.post(f"/people/{person['id']}/positions/", {"company": theirs.pk}).status_code == 422
    post = seen[0]["id"]
    assert program.patch(f"/positions/{post}/", {"title": "Директор"}).json()["title"] == "Директор"
    assert [row["id"] for row in program.get(f"/people/?company={ours.pk}").json()["items"]] == [person["id"]]
    assert program.get(f"/people/?company={theirs.pk}").json()["items"] == []
    assert program.delete(f"/positions/{post}/").status_code == 204


def test_an_activity_is_planned_put_off_and_done_with_what_follows(world: World, funnel: Any) -> None:
    deal = create_deal(actor=world.anna, title="Стеллажи", funnel=funnel)
    program = Program.of(world.anna)
    planned = program.post("/activities/", {"kind": kind().pk, "due_at": in_a_day(), "deal": deal.pk}).json()
    at = f"/activities/{planned['id']}"

    later = (timezone.now() + dt.timedelta(days=2)).replace(second=0, microsecond=0)
    assert program.patch(f"{at}/", {"due_at": later.isoformat()}).status_code == 200
    assert Activity.objects.get().due_at == later
    bare = program.post(f"{at}/complete/", {"result": "Поговорили"})
    assert bare.status_code == 422
    assert bare.json()["errors"][0]["field"] == "next"
    done = program.post(
        f"{at}/complete/",
        {"result": "Поговорили", "next": {"kind": kind("meeting").pk, "due_at": in_a_day()}},
    )
    assert done.json()["state"] == "done"
    states = {
        state: len(program.get(f"/activities/?deal={deal.pk}&state={state}").json()["items"])
        for state in ("planned", "done", "cancelled")
    }
    assert states == {"planned": 1, "done": 1, "cancelled": 0}
    assert program.post(f"{at}/reopen/").json()["state"] == "planned"
    assert program.post(f"{at}/cancel/", {"reason": "Передумали"}).json()["state"] == "cancelled"


def test_what_was_done_is_written_down_and_never_in_the_future(world: World, funnel: Any) -> None:
    program = Program.of(world.anna)
    company = make_company(world.anna)

    logged = program.post("/activities/log/", {"kind": kind().pk, "company": company.pk, "result": "Да"})
    future = program.post("/activities/log/", {"kind": kind().pk, "done_at": in_a_day()})
    bare = program.post("/activities/log/", {"kind": kind().pk, "done_at": "2026-01-01T10:00:00"})

    assert logged.status_code == 201
    assert future.status_code == bare.status_code == 422
    assert bare.json()["errors"][0]["field"] == "done_at"
    assert Activity.objects.count() == 1


def test_notes_are_written_pinned_changed_and_deleted(world: World, funnel: Any) -> None:
    company = make_company(world.anna)
    deal = create_deal(actor=world.anna, title="Стеллажи", funnel=funnel, company=company)
    program = Program.of(world.anna)

    note = program.post(f"/deals/{deal.pk}/notes/", {"text": "Ждут счёт", "pin": True}).json()
    assert (
        program.patch(f"/notes/{note['id']}/", {"text": "Ждут договор", "pinned": False}).json()["pinned"]
        is False
    )
    assert [row["text"] for row in program.get(f"/deals/{deal.pk}/notes/").json()["items"]] == [
        "Ждут договор"
    ]
    assert "note.added" in {
        row["type"] for row in program.get(f"/companies/{company.pk}/events/").json()["items"]
    }
    assert Program.of(world.head).patch(f"/notes/{note['id']}/", {"text": "Чужое"}).status_code == 403
    assert Program.of(world.anna, "clients:write").delete(f"/notes/{note['id']}/").status_code == 403
    assert program.delete(f"/notes/{note['id']}/").status_code == 204
    assert Note.objects.get().deleted_at is not None


def test_the_feed_tells_in_words_and_keeps_back_what_is_hidden(world: World, funnel: Any) -> None:
    deal = create_deal(actor=world.anna, title="Стеллажи", funnel=funnel, amount=100)
    edit_deal(deal, actor=world.anna, changes={"amount": 777_123})
    program = Program.of(world.anna)

    russian = program.get(f"/deals/{deal.pk}/events/").json()["items"]
    english = program.get(f"/deals/{deal.pk}/events/", Accept_Language="en").json()["items"]
    assert [row["type"] for row in russian] == ["deal.edited", "deal.created"]
    assert russian[0]["sentence"] != english[0]["sentence"]
    role = world.roles["seller"]
    role.hidden_fields = {"deal": ["amount"]}
    role.save()
    assert "777" not in program.get(f"/deals/{deal.pk}/events/").content.decode()


def test_a_clients_feed_is_silent_about_deals_out_of_reach(world: World, funnel: Any) -> None:
    company = make_company(world.anna)
    create_deal(actor=world.admin, title="Тайная", funnel=funnel, company=company, owner=world.vera)

    told = Program.of(world.anna).get(f"/companies/{company.pk}/events/").content.decode()

    assert "Тайная" not in told


def test_the_book_is_read_by_all_and_changed_by_managers(world: World, funnel: Any) -> None:
    seller, head = Program.of(world.anna), Program.of(world.head)

    told = seller.get("/funnels/").json()[0]
    assert [stage["name"] for stage in told["stages"]][:2] == ["Первый контакт", "Потребность"]
    assert seller.post("/dictionaries/lost_reason/", {"name": "Нет денег"}).status_code == 403
    made = head.post("/dictionaries/lost_reason/", {"name": "Нет денег"})
    assert made.status_code == 201
    at = f"/dictionaries/lost_reason/{made.json()['id']}"
    assert head.patch(f"{at}/", {"name": "Бюджет"}).json()["name"] == "Бюджет"
    assert head.patch(f"{at}/", {"minutes": 5}).status_code == 422
    assert head.post(f"{at}/archive/").json()["archived"] is True
    assert made.json()["id"] not in {row["id"] for row in seller.all("/dictionaries/lost_reason/?limit=2")}
    assert head.post(f"{at}/restore/").json()["archived"] is False
    assert seller.get("/dictionaries/secrets/").status_code == 422
    assert Reason.objects.filter(name="Бюджет").exists()
    kinds = head.post("/dictionaries/activity_kind/", {"name": "Показ", "channel": "demo", "minutes": 60})
    assert (kinds.json()["fields"]["channel"], kinds.json()["fields"]["minutes"]) == ("demo", 60)


def test_products_are_kept(world: World, funnel: Any) -> None:
    head = Program.of(world.head)

    made = head.post("/products/", {"name": "Стеллаж С-20", "price": "99000.5", "unit": "шт."}).json()
    assert made["price"] == "99000.50"
    at = f"/products/{made['id']}"
    assert head.patch(f"{at}/", {"price": None, "sku": "C20"}).json()["price"] is None
    assert [row["name"] for row in head.get("/products/?q=с-20").json()["items"]] == ["Стеллаж С-20"]
    assert head.post("/products/", {"name": "стеллаж с-20"}).status_code == 422
    free = quote('[["price","empty"]]')
    assert [row["name"] for row in head.get(f"/products/?where={free}").json()["items"]] == ["Стеллаж С-20"]
    by_price = head.get("/products/?sort=-price&fields=name").json()["items"]
    assert [row["name"] for row in by_price] == ["Стеллаж С-12", "Стеллаж С-20"]
    assert [row["name"] for row in head.get("/products/?group=0").json()["items"]] == ["Стеллаж С-20"]
    assert head.get("/products/?sort=nothing").status_code == 422
    assert head.post(f"{at}/archive/").json()["archived"] is True
    assert [row["id"] for row in head.get("/products/?archived=true").json()["items"]] == [made["id"]]


def test_own_fields_are_written_read_filtered_and_hidden(world: World, funnel: Any) -> None:
    field = create_field(actor=world.admin, subject="deal", label="Площадь", kind="number")
    key = field.key
    program = Program.of(world.anna)

    made = program.post("/deals/", {"title": "Склад", "funnel": funnel.pk, "custom": {key: "120.5"}})
    assert made.status_code == 201, made.content
    program.post("/deals/", {"title": "Другой", "funnel": funnel.pk, "custom": {key: 10}})
    at = f"/deals/{made.json()['id']}/"

    assert program.get(at).json()["custom"] == {key: "120.5"}
    assert [row["key"] for row in program.get("/custom-fields/?subject=deal").json()["items"]] == [key]
    found = program.get(f'/deals/?where=[["x_{key}","ge","100"]]&sort=x_{key}').json()["items"]
    assert [row["title"] for row in found] == ["Склад"]
    wrong = program.patch(at, {"custom": {key: "много"}})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, f"custom.{key}")
    assert program.patch(at, {"custom": {"unknown": 1}}).status_code == 422
    lost = program.patch(at, {"custom": {key: 7}, "was": {"custom": {key: 1}}})
    assert (lost.status_code, lost.json()["changes"][0]["field"]) == (409, f"custom.{key}")
    role = world.roles["seller"]
    role.hidden_fields = {"deal": [f"x_{key}"]}
    role.save()
    assert program.get(at).json()["custom"] == {}
    assert program.get("/custom-fields/?subject=deal").json()["items"] == []
    assert program.get(f"/deals/?sort=x_{key}").status_code == 422


def test_colleagues_teams_and_lists_of_codes_are_read(world: World, funnel: Any) -> None:
    program = Program.of(world.anna)

    assert len(program.all("/members/?limit=4")) == 9
    assert program.get(f"/members/{world.head.pk}/").json()["role"] == "head"
    assert {row["name"] for row in program.get("/teams/").json()} == {"Продажи", "Север", "Юг"}
    assert {"code": "77", "name": "Москва"} in program.get("/regions/").json()
    assert program.get("/industries/").json()[0]["code"] == "A"
    assert Program.of(world.anna, "deals:read").get("/members/").status_code == 403


def test_the_funnel_report_is_that_of_the_page(world: World, funnel: Any) -> None:
    for number in range(3):
        create_deal(actor=world.anna, title=f"Сделка {number}", funnel=funnel)

    told = Program.of(world.anna).get("/reports/funnel/?form=cohort")
    assert told.status_code == 200, told.content
    assert "3" in told.content.decode()
    assert Program.of(world.anna).get("/reports/funnel/?form=round").status_code == 422
    tree = quote(json.dumps(["or", ["title", "is", "Сделка 1"], ["title", "is", "Сделка 2"]]))
    narrowed = Program.of(world.anna).get(f"/reports/funnel/?form=cohort&where={tree}")
    assert narrowed.json()["stages"][0]["reached"] == 2
    # What a page would leave out in silence is told to a program.
    for wrong in ('[["stage","in","1"]]', '[["nothing","filled"]]', "{"):
        assert Program.of(world.anna).get(f"/reports/funnel/?where={quote(wrong)}").status_code == 422
    assert Program.of(world.anna, "deals:read").get("/reports/funnel/").status_code == 403


@pytest.mark.parametrize("address", ["/companies/", "/people/", "/activities/"])
def test_lists_take_as_many_queries_for_many_rows_as_for_few(world: World, funnel: Any, address: str) -> None:
    program = Program.of(world.anna)

    def queries(count: int) -> int:
        for number in range(count):
            company = make_company(world.anna, f"ООО «{number}»")
            person = make_person(company)
            ContactPoint.objects.create(
                person=person, kind="email", value="a@b.ru", normal=f"a{person.pk}@b.ru"
            )
            program_body = {"kind": kind().pk, "due_at": in_a_day(), "company": company.pk}
            if number < 20:
                program.post("/activities/", program_body)
        with CaptureQueriesContext(connection) as caught:
            assert program.get(f"{address}?limit=200").status_code == 200
        return len(caught)

    few = queries(2)
    assert queries(40) == few
    assert few <= 15
    assert Person.objects.exists()


def test_a_report_keeps_back_hidden_sums(world: World, funnel: Any) -> None:
    create_deal(actor=world.anna, title="Стеллажи", funnel=funnel, amount=777_123)
    program = Program.of(world.anna)
    assert "777123" in program.get("/reports/funnel/?form=now").content.decode()
    role = world.roles["seller"]
    role.hidden_fields = {"deal": ["amount"]}
    role.save()

    told = program.get("/reports/funnel/?form=now")

    assert told.status_code == 200
    assert "777123" not in told.content.decode()


def test_settlement_accounts_are_kept_and_hidden(world: World) -> None:
    company = make_company(world.anna)
    program = Program.of(world.anna)
    at = f"/companies/{company.pk}/accounts/"

    made = program.post(at, {"account": "40702810900000000001", "bic": "044525225", "bank": "Сбербанк"})
    assert made.status_code == 201, made.content
    one = f"/accounts/{made.json()['id']}/"
    assert program.patch(one, {"bank": "ВТБ"}).json()["bank"] == "ВТБ"
    assert program.post(at, {"account": "12"}).status_code == 422
    assert [row["bank"] for row in program.get(at).json()] == ["ВТБ"]
    role = world.roles["seller"]
    role.hidden_fields = {"client": ["accounts"]}
    role.save()
    assert program.get(at).status_code == program.patch(one, {"bank": "Х"}).status_code == 403
    role.hidden_fields = {}
    role.save()
    assert program.delete(one).status_code == 204


def test_a_client_that_is_there_is_told_before_a_second_is_made(world: World) -> None:
    make_company(world.anna, "ООО «Альфа»", inn="7701234567")
    make_company(world.vera, "ООО «Бета»", inn="7707654321")
    program = Program.of(world.anna)

    ours = program.get("/companies/duplicates/?inn=7701234567").json()
    theirs = program.get("/companies/duplicates/?inn=7707654321").json()

    assert [(row["name"], row["reasons"]) for row in ours] == [("ООО «Альфа»", ["inn"])]
    assert [(row["id"], row["name"], row["owner"]) for row in theirs] == [(None, "", world.vera.name)]
