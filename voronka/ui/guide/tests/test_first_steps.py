"""The dialogue, the first deal and the checklist."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.world import World
from voronka.activities.models import Activity
from voronka.clients.models import Company
from voronka.deals.actions import create_deal
from voronka.deals.models import Deal
from voronka.desk.models import Seen
from voronka.playbook.models import Funnel

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def admin(world: World, as_member: Any) -> Any:
    return as_member(world.admin)


def text(response: Any) -> str:
    assert response.status_code == 200
    return response.content.decode()


def test_three_questions_make_the_book_and_lead_to_the_first_deal(world: World, admin: Any) -> None:
    start = admin.get(admin.w("/first-steps/"))
    assert start.headers["Location"] == admin.w("/first-steps/book/")
    assert "Что вы продаёте?" in text(admin.get(admin.w("/first-steps/book/")))
    whom = admin.get(admin.w("/first-steps/book/?step=whom&code=equipment&own_group=Кофемашины"))
    assert "Кому вы продаёте?" in text(whom)
    answers = "code=equipment&own_group=Кофемашины&segment=retail&group=machines"
    last = text(admin.get(admin.w(f"/first-steps/book/?step=how_many&{answers}")))
    assert "Кофемашины · Торговля и склады" in last
    assert not Funnel.objects.exists(), "nothing is written before the last answer"

    done = admin.post(
        admin.w("/first-steps/template/"),
        {
            "code": "equipment",
            "own_group": "Кофемашины",
            "segment": ["retail"],
            "group": ["machines"],
            "sellers": "2",
        },
    )

    assert done.headers["Location"] == admin.w("/first-steps/deal/")
    assert [funnel.name for funnel in Funnel.objects.order_by("order")] == [
        "Кофемашины · Торговля и склады",
        "Оборудование · Торговля",
    ]


@pytest.mark.parametrize(
    "query", ["", "?step=whom", "?step=how_many&code=nonsense", "?step=x&code=equipment"]
)
def test_whoever_jumps_into_the_dialogue_begins_at_its_beginning(
    world: World, admin: Any, query: str
) -> None:
    assert admin.get(admin.w(f"/first-steps/book/{query}")).context["step"] == "what"


def test_an_unknown_template_is_refused(world: World, admin: Any) -> None:
    response = admin.post(admin.w("/first-steps/template/"), {"code": "../etc"}, **HTMX)

    assert response.status_code == 409
    assert not Funnel.objects.exists()


def test_the_dialogue_can_be_skipped(world: World, admin: Any) -> None:
    admin.post(admin.w("/first-steps/template/"), {"code": "blank"})

    assert Funnel.objects.count() == 1
    assert admin.get(admin.w("/first-steps/book/")).headers["Location"] == admin.w("/first-steps/")


def test_the_first_deal_comes_with_its_client_and_a_call(world: World, funnel: Any, admin: Any) -> None:
    given = {
        "client": "ООО «Ромашка»",
        "phone": "+7 912 345-67-89",
        "title": "Стеллажи",
        "amount": "150 000",
        "funnel": funnel.pk,
        "call": "on",
    }
    wrong = admin.post(admin.w("/first-steps/deal/"), {**given, "phone": "не телефон"}, **HTMX)
    assert (wrong.status_code, Company.objects.count(), Deal.objects.count()) == (422, 0, 0)

    response = admin.post(admin.w("/first-steps/deal/"), given)

    deal = Deal.objects.get()
    assert response.headers["Location"] == admin.w(f"/deals/{deal.number}/")
    assert (deal.company.name, deal.amount, deal.owner) == ("ООО «Ромашка»", 150000, world.admin)
    call = Activity.objects.get(stage_task=None)
    assert (call.deal, call.owner, call.remind_at is not None) == (deal, world.admin, True)


def test_the_checklist_follows_what_is_done(world: World, funnel: Any, admin: Any) -> None:
    def done() -> dict[str, bool]:
        return {step.icon: step.is_done for step in admin.get(admin.w("/first-steps/")).context["steps"]}

    assert (done()["book-2"], done()["plus"]) == (True, False)
    create_deal(actor=world.admin, title="x", funnel=funnel)
    assert done()["plus"] is True


def test_a_seller_has_a_list_of_ones_own_work(world: World, funnel: Any, as_member: Any) -> None:
    seller = as_member(world.anna)
    icons = [step.icon for step in seller.get(seller.w("/first-steps/")).context["steps"]]
    assert icons == ["plus", "calendar-plus", "circle-check"]
    assert 'id="guide"' in text(seller.get(seller.w("/first-steps/"), **HTMX))
    assert seller.get(seller.w("/first-steps/book/")).status_code == 403


def test_hidden_it_stays_away_from_the_work_and_keeps_its_page(
    world: World, funnel: Any, admin: Any, as_member: Any
) -> None:
    for _twice in range(2):
        admin.post(admin.w("/first-steps/hide/"), **HTMX)

    assert Seen.objects.count() == 1
    assert text(admin.get(admin.w("/first-steps/"), **HTMX)) == ""
    assert 'id="guide"' in text(admin.get(admin.w("/first-steps/")))
    seller = as_member(world.anna)
    assert 'id="guide"' in text(seller.get(seller.w("/first-steps/"), **HTMX))


def test_today_and_the_board_bring_it_to_the_new_only(world: World, funnel: Any, as_member: Any) -> None:
    seller = as_member(world.anna)
    mark = seller.w("/first-steps/")
    assert mark in text(seller.get(seller.w("/today/")))
    assert mark in text(seller.get(seller.w("/deals/")))
    world.workspace.is_demo = True
    world.workspace.save(update_fields=["is_demo"])
    assert mark + "?folded" not in text(seller.get(seller.w("/today/")))


def test_own_words_stand_instead_of_the_templates_products(world: World, admin: Any) -> None:
    page = admin.get(admin.w("/first-steps/book/"), {"step": "whom", "code": "equipment"}).content.decode()
    told = {"step": "whom", "code": "equipment", "own_group": "Кофемашины"}
    own = admin.get(admin.w("/first-steps/book/"), told).content.decode()
    ticked = re.compile(r'name="group"[^>]* checked')
    assert ticked.search(page)
    assert 'name="group"' in own
    assert not ticked.search(own)


def test_today_leads_back_into_the_dialogue_that_was_left(world: World, admin: Any, as_member: Any) -> None:
    link = f'href="{admin.w("/first-steps/book/")}"'
    block = f'hx-get="{admin.w("/first-steps/")}?folded=1"'
    assert block in text(admin.get(admin.w("/today/")))
    admin.post(admin.w("/first-steps/hide/"))
    assert link in text(admin.get(admin.w("/first-steps/?folded=1"), **HTMX))
    assert link not in text(as_member(world.anna).get(admin.w("/first-steps/?folded=1"), **HTMX))
    Funnel.objects.create(name="Продажи", order=1)
    assert link not in text(admin.get(admin.w("/first-steps/?folded=1"), **HTMX))
