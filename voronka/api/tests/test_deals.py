"""Deals over the interface: the same verbs, rights and refusals as on the pages."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.world import World, make_company, make_person
from voronka.api.tests.calling import Program
from voronka.clients.models import Source
from voronka.core import clock
from voronka.deals.actions import create_deal, delete_deal, edit_deal, win_deal
from voronka.deals.models import Deal
from voronka.journal.models import Event
from voronka.playbook.actions import add_part, add_status, set_rules
from voronka.playbook.models import Criterion, Reason, Stage


def new(world: World, funnel: Any, title: str = "Стеллажи", **given: Any) -> Deal:
    return create_deal(actor=given.pop("owner", world.anna), title=title, funnel=funnel, **given)


def stages(funnel: Any) -> list[Stage]:
    return list(Stage.objects.filter(funnel=funnel).order_by("order"))


def test_a_deal_is_opened_with_all_that_was_sent(world: World, funnel: Any) -> None:
    company = make_company(world.anna)
    person = make_person(company)
    body = {
        "title": "Стеллажи для склада",
        "funnel": funnel.pk,
        "stage": stages(funnel)[1].pk,
        "company": company.pk,
        "person": person.pk,
        "amount": "150000.50",
        "source": Source.objects.first().pk,
        "expected_close": "2027-02-01",
        "priority": 3,
        "interest": "hot",
        "comment": "Просили позвонить",
    }

    answer = Program.of(world.anna).post("/deals/", body)

    assert answer.status_code == 201, answer.content
    told = answer.json()
    deal = Deal.objects.get(pk=told["id"])
    assert (deal.title, str(deal.amount), deal.owner, deal.company) == (
        "Стеллажи для склада",
        "150000.50",
        world.anna,
        company,
    )
    assert told["amount"] == told["amount_base"] == "150000.50"
    assert told["company"] == {"id": company.pk, "name": company.name}
    assert told["stage"]["name"] == "Потребность"
    assert answer.headers["ETag"] == f'"{deal.version}"'
    assert Event.objects.filter(type="deal.created", actor=world.anna).count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"funnel": 0}, "funnel"),
        ({"funnel": 999999}, "funnel"),
        ({"title": ""}, "title"),
        ({"title": "   "}, "title"),
        ({"title": "х" * 251}, "title"),
        ({"amount": "-1"}, "amount"),
        ({"amount": "много"}, "amount"),
        ({"amount": "1e40"}, "amount"),
        ({"expected_close": "завтра"}, "expected_close"),
        ({"company": 10**18}, "company"),
        ({"interest": "warmish"}, "interest"),
        ({"unknown": 1}, "unknown"),
        ({"owner": None, "stage": 10**18}, "stage"),
    ],
)
def test_what_cannot_be_is_told_by_field_and_nothing_is_written(
    world: World, funnel: Any, body: dict[str, Any], field: str
) -> None:
    answer = Program.of(world.anna).post("/deals/", {"title": "Сделка", "funnel": funnel.pk, **body})

    assert answer.status_code == 422, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"][0]["field"].split(".")[0] == field
    assert not Deal.objects.exists()


def test_verbs_follow_each_other_to_the_end(world: World, funnel: Any) -> None:
    program = Program.of(world.head)
    deal = new(world, funnel)
    at = f"/deals/{deal.pk}"
    lost = Reason.objects.filter(kind="lost").first()

    assert (
        program.post(f"{at}/move/", {"stage": stages(funnel)[2].pk}).json()["stage"]["name"] == "Презентация"
    )
    assert program.post(f"{at}/lose/", {"reason": lost.pk, "comment": "Дорого"}).json()["outcome"] == "lost"
    assert program.post(f"{at}/reopen/").json()["outcome"] == "open"
    assert program.post(f"{at}/win/", {"amount": "10"}).json()["amount"] == "10.00"
    assert program.post(f"{at}/assign/", {"owner": world.boris.pk}).json()["owner"]["id"] == world.boris.pk
    assert program.delete(f"{at}/").status_code == 204
    assert program.post(f"{at}/restore/").json()["outcome"] == "won"
    types = list(Event.objects.order_by("pk").values_list("type", flat=True))
    assert [name for name in types if name.startswith("deal.")] == [
        "deal.created",
        "deal.moved",
        "deal.lost",
        "deal.reopened",
        "deal.won",
        "deal.assigned",
        "deal.deleted",
        "deal.restored",
    ]


def test_a_refusal_is_the_sentence_of_the_verb_in_the_asked_language(world: World, funnel: Any) -> None:
    deal = new(world, funnel)
    win_deal(deal, actor=world.anna)
    program = Program.of(world.anna)
    body = {"stage": stages(funnel)[1].pk}

    russian = program.post(f"/deals/{deal.pk}/move/", body)
    english = program.post(f"/deals/{deal.pk}/move/", body, Accept_Language="en")

    assert russian.status_code == english.status_code == 422
    assert russian.json()["detail"] == "Сделка закрыта: сначала верните её в работу."
    assert english.json()["detail"] == "The deal is closed: return it to work first."


def test_only_what_is_sent_is_changed(world: World, funnel: Any) -> None:
    deal = new(world, funnel, amount=100, comment="Заметка")

    answer = Program.of(world.anna).patch(f"/deals/{deal.pk}/", {"title": "Другое", "amount": None})

    assert (answer.json()["title"], answer.json()["amount"], answer.json()["comment"]) == (
        "Другое",
        None,
        "Заметка",
    )


def test_a_change_to_another_version_is_not_made(world: World, funnel: Any) -> None:
    deal = new(world, funnel)
    program = Program.of(world.anna)
    tag = program.get(f"/deals/{deal.pk}/").headers["ETag"]
    edit_deal(deal, actor=world.anna, changes={"comment": "Раньше"})

    late = program.patch(f"/deals/{deal.pk}/", {"title": "Поздно"}, If_Match=tag)

    assert late.status_code == 412
    assert Deal.objects.get().title == "Стеллажи"
    assert (
        program.patch(f"/deals/{deal.pk}/", {"title": "Вовремя"}, If_Match=late.headers["ETag"]).status_code
        == 200
    )


def test_a_field_that_somebody_changed_first_is_a_conflict_and_another_is_not(
    world: World, funnel: Any
) -> None:
    deal = new(world, funnel)
    program = Program.of(world.anna)
    edit_deal(deal, actor=world.anna, changes={"title": "Чужое"})

    lost = program.patch(f"/deals/{deal.pk}/", {"title": "Моё", "was": {"title": "Стеллажи"}})
    won = program.patch(f"/deals/{deal.pk}/", {"comment": "Моё", "was": {"comment": ""}})

    assert lost.status_code == 409
    assert lost.json()["changes"] == [
        {"field": "title", "was": "Стеллажи", "theirs": "Чужое", "yours": "Моё"}
    ]
    assert won.status_code == 200
    assert Deal.objects.get().title == "Чужое"


def test_a_deal_seen_in_another_stage_is_a_conflict(world: World, funnel: Any) -> None:
    deal = new(world, funnel)
    first, second, third = stages(funnel)[:3]
    program = Program.of(world.anna)
    program.post(f"/deals/{deal.pk}/move/", {"stage": second.pk})

    answer = program.post(f"/deals/{deal.pk}/move/", {"stage": third.pk, "expected": first.pk})

    assert answer.status_code == 409
    assert Deal.objects.get().stage_id == second.pk


def test_the_list_has_the_filter_of_the_pages(world: World, funnel: Any) -> None:
    cheap = new(world, funnel, "Дешёвая", amount=10)
    dear = new(world, funnel, "Дорогая", amount=1_000_000)
    gone = new(world, funnel, "Удалённая")
    delete_deal(gone, actor=world.admin)
    program = Program.of(world.anna)

    def found(query: str) -> set[int]:
        answer = program.get(f"/deals/?{query}")
        assert answer.status_code == 200, answer.content
        return {item["id"] for item in answer.json()["items"]}

    assert found("") == {cheap.pk, dear.pk}
    assert found("amount_from=1000") == {dear.pk}
    assert found("owner=me") == {cheap.pk, dear.pk}
    assert found(f"owner={world.boris.pk}") == set()
    assert found("q=дорог") == {dear.pk}
    assert found(f"number={cheap.number}") == {cheap.pk}
    assert found('where=[["amount","ge","1000"]]') == {dear.pk}
    assert found('where=["or",["title","contains","Деш"],["amount","ge","1000"]]') == {cheap.pk, dear.pk}


@pytest.mark.parametrize(
    "query",
    [
        "amount_from=много",
        "opened_from=вчера",
        "owner=everybody",
        "limit=0",
        "limit=201",
        "outcome=maybe",
        "sort=secret",
        "sort=title;drop",
        "where=нет",
        'where={"a":1}',
        'where=[["secret","is","1"]]',
        'where=[["amount","near","1"]]',
        "funnel=99999999999999999999",
    ],
)
def test_a_filter_that_makes_no_sense_is_told(world: World, funnel: Any, query: str) -> None:
    answer = Program.of(world.anna).get(f"/deals/?{query}")

    assert answer.status_code == 422, answer.content
    assert answer.json()["errors"]


def test_more_conditions_than_a_filter_may_have_are_refused(world: World, funnel: Any) -> None:
    tree = "[" + ",".join('["amount","ge","1"]' for _number in range(51)) + "]"

    assert Program.of(world.anna).get(f"/deals/?where={tree}").status_code == 422


def test_a_list_walks_on_while_deals_come_and_go(world: World, funnel: Any) -> None:
    made = [new(world, funnel, f"Сделка {number}") for number in range(9)]
    program = Program.of(world.anna)

    first = program.get("/deals/?limit=3&sort=number").json()
    delete_deal(made[1], actor=world.admin)
    later = new(world, funnel, "Поздняя")
    second = program.get(f"/deals/?limit=3&sort=number&cursor={first['next']}").json()
    rest = program.get(f"/deals/?limit=9&sort=number&cursor={second['next']}").json()

    seen = [item["id"] for page in (first, second, rest) for item in page["items"]]
    assert seen == [deal.pk for deal in [*made, later]]
    assert rest["next"] is None


@pytest.mark.parametrize("cursor", ["x", "eyJ", "0" * 3000])
def test_a_cursor_that_is_not_ours_is_told(world: World, funnel: Any, cursor: str) -> None:
    assert Program.of(world.anna).get(f"/deals/?cursor={cursor}").status_code in (400, 422)


def test_a_cursor_of_another_order_is_told(world: World, funnel: Any) -> None:
    for number in range(3):
        new(world, funnel, f"Сделка {number}")
    program = Program.of(world.anna)
    cursor = program.get("/deals/?limit=1&sort=number").json()["next"]

    assert program.get(f"/deals/?limit=1&sort=-number&cursor={cursor}").status_code == 400


def test_a_token_revoked_in_mid_page_opens_nothing_more(world: World, funnel: Any) -> None:
    from voronka.workspaces.actions import revoke_token

    for number in range(3):
        new(world, funnel, f"Сделка {number}")
    program = Program.of(world.anna)
    cursor = program.get("/deals/?limit=1").json()["next"]
    revoke_token(program.token, actor=world.anna)

    answer = program.get(f"/deals/?limit=1&cursor={cursor}")

    assert answer.status_code == 401
    assert "items" not in answer.json()


def test_only_the_wanted_fields_come(world: World, funnel: Any) -> None:
    new(world, funnel)

    item = Program.of(world.anna).get("/deals/?fields=title,stage").json()["items"][0]

    assert set(item) == {"id", "title", "stage"}


def test_hidden_fields_are_nowhere(world: World, funnel: Any) -> None:
    role = world.roles["seller"]
    role.hidden_fields = {"deal": ["amount"]}
    role.save()
    deal = new(world, funnel)
    Deal.objects.filter(pk=deal.pk).update(amount=100, amount_base=100)
    program = Program.of(world.anna)

    one = program.get(f"/deals/{deal.pk}/").json()
    item = program.get("/deals/").json()["items"][0]

    assert not {"amount", "amount_base"} & (set(one) | set(item))
    assert program.get("/deals/?sort=amount").status_code == 422
    assert program.get("/deals/?amount_from=1").status_code == 422
    assert program.get('/deals/?where=[["amount","ge","1"]]').status_code == 422
    assert program.patch(f"/deals/{deal.pk}/", {"amount": "5"}).status_code == 403
    assert program.post("/deals/", {"title": "Х", "funnel": funnel.pk, "amount": "5"}).status_code == 403
    assert program.post(f"/deals/{deal.pk}/win/", {"amount": "5"}).status_code == 403
    assert Deal.objects.get().amount == 100


def test_read_only_fields_are_shown_and_not_changed(world: World, funnel: Any) -> None:
    role = world.roles["seller"]
    role.readonly_fields = {"deal": ["amount"]}
    role.save()
    deal = new(world, funnel)
    program = Program.of(world.anna)

    assert "amount" in program.get(f"/deals/{deal.pk}/").json()
    assert program.patch(f"/deals/{deal.pk}/", {"amount": "5"}).status_code == 403


def test_tags_and_participants_come_and_go(world: World, funnel: Any) -> None:
    company = make_company(world.anna)
    person = make_person(company)
    deal = new(world, funnel, company=company)
    program = Program.of(world.anna)
    at = f"/deals/{deal.pk}"

    tag = program.post(f"{at}/tags/", {"name": "срочно"}).json()
    joined = program.post(
        f"{at}/participants/", {"person": person.pk, "kind": "buyer", "attitude": "supporter"}
    ).json()

    assert joined["tags"] == [tag]
    (row,) = joined["participants"]
    assert row["person"] == {"id": person.pk, "name": person.name}
    assert (row["kind"], row["influence"], row["attitude"]) == ("buyer", "", "supporter")
    assert program.delete(f"{at}/tags/{tag['id']}/").status_code == 204
    assert program.delete(f"{at}/participants/{person.pk}/").status_code == 204
    assert program.delete(f"{at}/participants/{person.pk}/").status_code == 404
    left = program.get(f"{at}/").json()
    assert left["tags"] == left["participants"] == []


def test_the_list_takes_as_many_queries_for_many_deals_as_for_few(world: World, funnel: Any) -> None:
    company = make_company(world.anna)
    program = Program.of(world.anna)

    def queries(count: int) -> int:
        for number in range(count):
            new(world, funnel, f"Сделка {number}", company=company)
        with CaptureQueriesContext(
            connection,
        ) as caught:
            answer = program.get("/deals/?limit=200")
        assert answer.status_code == 200
        return len(caught)

    few = queries(3)
    assert queries(60) == few
    assert few <= 12


def test_what_the_book_asks_for_is_told_and_passed_as_on_the_pages(world: World, funnel: Any) -> None:
    first, second = stages(funnel)[:2]
    for field, strictness in (("deal:amount", "ask"), ("deal:expected_close", "refuse")):
        add_part(
            Criterion,
            first,
            actor=world.admin,
            kind="field_filled",
            params={"field": field},
            strictness=strictness,
        )
    deal = new(world, funnel)
    seller, head = Program.of(world.anna), Program.of(world.north_head)

    answer = seller.post(f"/deals/{deal.pk}/move/", {"stage": second.pk, "acknowledged": True})
    assert answer.status_code == 422, answer.content
    assert answer.json()["type"].endswith("unfinished")
    assert [error["field"] for error in answer.json()["errors"]] == ["amount", "expected_close"]
    assert Deal.objects.get().stage == first

    edit_deal(deal, actor=world.anna, changes={"expected_close": "2027-02-01"})
    answer = seller.post(f"/deals/{deal.pk}/move/", {"stage": second.pk, "acknowledged": True})
    assert answer.status_code == 200, answer.content
    assert Deal.objects.get().stage == second

    edit_deal(Deal.objects.get(), actor=world.anna, changes={"expected_close": None})
    seller.post(f"/deals/{deal.pk}/move/", {"stage": first.pk})
    answer = head.post(f"/deals/{deal.pk}/win/", {"override": "Оплатили раньше"})
    assert answer.status_code == 200, answer.content
    assert Event.objects.get(type="deal.won").payload["override"] == "Оплатили раньше"


def test_a_large_loss_is_proposed_and_decided_by_the_head(world: World, funnel: Any) -> None:
    set_rules(None, actor=world.admin, confirm_above=1000)
    status = add_status(funnel, "lost", actor=world.admin, name="Отказ клиента")
    deal = new(world, funnel, amount="5000")
    seller, head = Program.of(world.anna), Program.of(world.north_head)
    at = f"/deals/{deal.pk}"
    reason = Reason.objects.filter(kind="lost")[0]

    assert seller.post(f"{at}/loss/", {"verdict": "confirm"}).status_code == 422
    proposed = seller.post(f"{at}/lose/", {"reason": reason.pk, "closing": status.pk}).json()
    assert (proposed["outcome"], proposed["loss_proposed"]) == ("open", True)
    assert seller.post(f"{at}/loss/", {"verdict": "confirm"}).status_code == 403
    silent = head.post(f"{at}/loss/", {"verdict": "return"})
    assert silent.status_code in (409, 422)
    handed = head.post(
        f"{at}/loss/", {"verdict": "hand_over", "note": "Попробует Борис", "owner": world.boris.pk}
    ).json()
    assert (handed["owner"]["id"], handed["loss_proposed"]) == (world.boris.pk, False)
    Program.of(world.boris).post(f"{at}/lose/", {"reason": reason.pk, "closing": status.pk})
    lost = head.post(f"{at}/loss/", {"verdict": "confirm"}).json()
    assert (lost["outcome"], lost["closing"]["name"]) == ("lost", "Отказ клиента")
    told = head.get(f"/funnels/{funnel.pk}/").json()["closing_statuses"]
    assert [one["name"] for one in told] == ["Отказ клиента"]


def test_a_deal_is_kept_alive_by_a_program(world: World, funnel: Any) -> None:
    deal = new(world, funnel)
    program = Program.of(world.anna)
    until = clock.today() + dt.timedelta(days=30)
    assert program.post(f"/deals/{deal.pk}/keep/", {"until": until.isoformat()}).status_code == 200
    assert Deal.objects.get(pk=deal.pk).alive_until == until
    past = program.post(f"/deals/{deal.pk}/keep/", {"until": "2020-01-01"})
    assert past.status_code in (409, 422)
