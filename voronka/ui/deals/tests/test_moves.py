"""What one does to a deal in the browser: the answer, the refusal, nothing half-done."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.world import World, make_company, make_person
from voronka.clients.models import Company, Person, Source
from voronka.core.tenancy import scope
from voronka.deals import actions
from voronka.deals.models import Deal
from voronka.journal.models import Event
from voronka.playbook.models import Reason, Stage

HTMX = {"HTTP_HX_REQUEST": "true"}
ON_BOARD = {**HTMX, "HTTP_HX_TARGET": "board-answer"}


@pytest.fixture
def deal(world: World, funnel: Any) -> Deal:
    return actions.create_deal(
        actor=world.anna,
        title="Стеллажи",
        funnel=funnel,
        company=make_company(world.anna),
        amount=Decimal(640000),
    )


@pytest.fixture
def anna(world: World, as_member: Callable) -> Any:
    return as_member(world.anna)


def fresh(deal: Deal) -> Deal:
    return Deal.objects.get(pk=deal.pk)


def toast_of(response: Any) -> dict[str, Any]:
    return json.loads(response["HX-Trigger"])["toast"]


def test_a_drop_on_the_board_answers_with_all_that_changed(deal: Deal, anna: Any, funnel: Any) -> None:
    first, second = funnel.stages.all()[:2]
    response = anna.post(
        anna.w(f"/deals/{deal.number}/move/"), {"stage": second.pk, "expected": first.pk}, **ON_BOARD
    )
    html = response.content.decode()
    for part in (f"col-head-{first.pk}", f"col-head-{second.pk}", f"deal-{deal.pk}", "board-stats"):
        assert f'id="{part}"' in html
    assert toast_of(response)["undo"].endswith(f"/undo/{Event.objects.get(type='deal.moved').pk}/")
    assert fresh(deal).stage == second


def test_the_second_of_two_drops_is_told_and_moves_nothing(
    world: World, deal: Deal, anna: Any, funnel: Any
) -> None:
    first, second, third = funnel.stages.all()[:3]
    actions.move_deal(deal, actor=world.head, stage=second)
    response = anna.post(
        anna.w(f"/deals/{deal.number}/move/"), {"stage": third.pk, "expected": first.pk}, **ON_BOARD
    )
    assert response.status_code == 409
    assert second.name in response.content.decode()
    assert fresh(deal).stage == second


def test_the_form_of_a_move_proposes_the_pressed_stage_or_else_the_next(
    deal: Deal, anna: Any, funnel: Any
) -> None:
    _first, second, third, *_rest, last = funnel.stages.all()
    url = anna.w(f"/deals/{deal.number}/move/")

    assert f'<option value="{second.pk}" selected>' in anna.get(url, **HTMX).content.decode()
    for stage, given in ((third, third.pk), (second, "1" * 30), (second, "x")):
        form = anna.get(url, {"stage": given}, **HTMX).content.decode()
        assert form.count(" selected") == 1
        assert f'<option value="{stage.pk}" selected>' in form
    card = anna.get(anna.w(f"/deals/{deal.number}/"), **HTMX).content.decode()
    assert f'hx-get="{url}?stage={third.pk}"' in card

    actions.move_deal(deal, actor=deal.owner, stage=last, acknowledged=True)
    assert f'<option value="{last.pk}" selected>' in anna.get(url, **HTMX).content.decode()


def test_undo_in_the_browser_takes_the_move_back(deal: Deal, anna: Any, funnel: Any) -> None:
    first, second = funnel.stages.all()[:2]
    response = anna.post(anna.w(f"/deals/{deal.number}/move/"), {"stage": second.pk}, **HTMX)
    undone = anna.post(toast_of(response)["undo"], **HTMX)
    assert undone.status_code == 204
    assert fresh(deal).stage == first


def test_nobody_undoes_a_strangers_deed(world: World, deal: Deal, as_member: Callable, funnel: Any) -> None:
    event = actions.move_deal(deal, actor=world.anna, stage=funnel.stages.all()[1])
    assert event is not None
    boris = as_member(world.boris)
    assert boris.post(boris.w(f"/undo/{event.pk}/"), **HTMX).status_code == 403
    assert fresh(deal).stage == funnel.stages.all()[1]


def test_losing_without_a_reason_keeps_the_form_and_says_why(deal: Deal, anna: Any) -> None:
    response = anna.post(anna.w(f"/deals/{deal.number}/lose/"), {"comment": "дорого"}, **HTMX)
    assert response.status_code == 409
    assert response["X-Refused"] == "1"
    assert fresh(deal).is_open


def test_a_win_without_a_reason_is_refused_where_the_book_asks_for_one(
    world: World, deal: Deal, anna: Any, as_member: Callable
) -> None:
    admin = as_member(world.admin)
    rules = admin.w(f"/book/funnels/{deal.funnel_id}/closing/rules/")
    assert 'name="asks_won_reason"' in admin.get(rules, **HTMX).content.decode()
    admin.post(rules, {"asks_won_reason": "on"}, **HTMX)
    address = anna.w(f"/deals/{deal.number}/win/")
    page = anna.get(address, **HTMX).content.decode()
    assert "Не указано" not in page
    answer = anna.post(address, {"reason": ""}, **HTMX)
    assert answer.status_code == 409
    assert "почему сделка выиграна" in answer.content.decode()
    assert fresh(deal).is_open
    anna.post(address, {"reason": Reason.objects.filter(kind="won")[0].pk}, **HTMX)
    assert fresh(deal).outcome == "won"


def test_won_and_lost_close_the_deal(deal: Deal, anna: Any) -> None:
    reason = Reason.objects.filter(kind="lost").first()
    anna.post(anna.w(f"/deals/{deal.number}/lose/"), {"reason": reason.pk, "comment": "дорого"}, **HTMX)
    assert fresh(deal).reason == reason
    anna.post(anna.w(f"/deals/{deal.number}/reopen/"), **HTMX)
    assert fresh(deal).is_open
    anna.post(anna.w(f"/deals/{deal.number}/win/"), {"amount": "600 000,50"}, **HTMX)
    assert (fresh(deal).outcome, fresh(deal).amount) == ("won", Decimal("600000.50"))


@pytest.mark.parametrize(
    ("path", "field", "model"),
    [("move", "stage", "stage"), ("lose", "reason", "reason"), ("assign", "owner", "member")],
)
def test_ids_of_another_workspace_are_as_good_as_absent(
    world: World, stranger: World, deal: Deal, as_member: Callable, path: str, field: str, model: str
) -> None:
    from tests.world import make_book

    with scope(stranger.workspace):
        make_book(stranger)
        foreign = {
            "stage": Stage.objects.first(),
            "reason": Reason.objects.filter(kind="lost").first(),
            "member": stranger.anna,
        }[model]
    head = as_member(world.head)
    before = Event.objects.count()
    response = head.post(head.w(f"/deals/{deal.number}/{path}/"), {field: foreign.pk}, **HTMX)
    assert response.status_code == 409
    assert Event.objects.count() == before


@pytest.mark.parametrize(
    "path", ["move", "win", "lose", "reopen", "assign", "delete", "restore", "edit", "dates"]
)
def test_out_of_reach_nothing_can_be_done(world: World, deal: Deal, as_member: Callable, path: str) -> None:
    before = Event.objects.count()
    vera = as_member(world.vera)
    assert vera.post(vera.w(f"/deals/{deal.number}/{path}/"), **HTMX).status_code == 403
    assert Event.objects.count() == before


def test_a_value_is_edited_in_place(deal: Deal, anna: Any) -> None:
    response = anna.post(
        anna.w(f"/deals/{deal.number}/edit/"),
        {"field": "amount", "value": "1,2 млн", "was": "640000.00"},
        **HTMX,
    )
    assert response.status_code == 200
    assert fresh(deal).amount == Decimal(1200000)
    assert toast_of(response)["undo"]


def test_an_edit_made_from_an_old_value_is_told_what_changed(world: World, deal: Deal, anna: Any) -> None:
    actions.edit_deal(deal, actor=world.head, changes={"amount": 5})
    response = anna.post(
        anna.w(f"/deals/{deal.number}/edit/"), {"field": "amount", "value": "7", "was": "640000.00"}, **HTMX
    )
    assert response.status_code == 409
    assert fresh(deal).amount == 5


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", "много"),
        ("expected_close", "31.02.2026"),
        ("probability", "150"),
        ("owner", "1"),
        ("title", ""),
    ],
)
def test_a_bad_value_gets_a_sentence_and_changes_nothing(
    deal: Deal, anna: Any, field: str, value: str
) -> None:
    before = Event.objects.count()
    response = anna.post(anna.w(f"/deals/{deal.number}/edit/"), {"field": field, "value": value}, **HTMX)
    assert response.status_code == 409
    assert len(response.content.decode().strip()) > 20
    assert Event.objects.count() == before


NEW = {
    "title": "Погрузчики",
    "company": "new:ООО «Терминал»",
    "person": "new:Ольга Крамер",
    "amount": "2 115 000",
}


def test_a_deal_is_created_with_its_client_and_person_in_one_step(
    world: World, funnel: Any, anna: Any
) -> None:
    response = anna.post(anna.w("/deals/new/"), {**NEW, "funnel": funnel.pk}, **HTMX)
    assert response.status_code == 204
    deal = Deal.objects.get()
    assert (deal.company.name, deal.person.name, deal.amount) == (
        "ООО «Терминал»",
        "Ольга Крамер",
        Decimal(2115000),
    )
    assert deal.owner == world.anna


def test_the_same_form_sent_twice_makes_one_deal(funnel: Any, anna: Any) -> None:
    form = {**NEW, "funnel": funnel.pk, "once": "a" * 32}
    for _ in range(2):
        assert anna.post(anna.w("/deals/new/"), form, **HTMX).status_code == 204
    assert Deal.objects.count() == Company.objects.count() == Person.objects.count() == 1


def test_a_refused_deal_leaves_no_client_behind_and_keeps_what_was_typed(funnel: Any, anna: Any) -> None:
    response = anna.post(anna.w("/deals/new/"), {**NEW, "funnel": funnel.pk, "amount": "-5"}, **HTMX)
    assert response.status_code == 422
    assert "Погрузчики" in response.content.decode()
    assert "ООО «Терминал»" in response.content.decode()
    assert Company.objects.count() == Deal.objects.count() == 0


def test_what_is_typed_is_shown_as_text(funnel: Any, anna: Any) -> None:
    title = "<script>alert(1)</script> 🚚 \u202eабв"
    anna.post(anna.w("/deals/new/"), {"title": title, "funnel": funnel.pk}, **HTMX)
    html = anna.get(anna.w("/deals/")).content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; 🚚" in html


def test_a_megabyte_of_title_is_refused_in_a_sentence(funnel: Any, anna: Any) -> None:
    response = anna.post(anna.w("/deals/new/"), {"title": "я" * 1_000_000, "funnel": funnel.pk}, **HTMX)
    assert response.status_code == 422
    assert Deal.objects.count() == 0


def test_foreign_source_and_owner_are_refused(
    world: World, stranger: World, funnel: Any, as_member: Callable
) -> None:
    with scope(stranger.workspace):
        source = Source.objects.create(name="Сайт", name_key="сайт")
    head = as_member(world.head)
    form = {"title": "Сделка", "funnel": funnel.pk}
    for bad in (
        {"source": source.pk},
        {"owner": stranger.anna.pk},
        {"company": "999999"},
        {"funnel": "999999"},
    ):
        assert head.post(head.w("/deals/new/"), {**form, **bad}, **HTMX).status_code == 422
    assert Deal.objects.count() == 0


def test_people_and_tags_come_and_go(world: World, deal: Deal, anna: Any) -> None:
    person = make_person(deal.company, "Игорь Белов")
    anna.post(anna.w(f"/deals/{deal.number}/people/"), {"person": person.pk, "kind": "decision"}, **HTMX)
    assert deal.participants.get().kind == "decision"
    anna.post(anna.w(f"/deals/{deal.number}/people/{person.pk}/remove/"), **HTMX)
    assert not deal.participants.exists()
    anna.post(anna.w(f"/deals/{deal.number}/tags/"), {"name": "Срочно"}, **HTMX)
    tag = deal.tag_links.get().tag
    anna.post(anna.w(f"/deals/{deal.number}/tags/{tag.pk}/remove/"), **HTMX)
    assert not deal.tag_links.exists()


def test_a_mistaken_move_is_marked_from_the_card(world: World, deal: Deal, anna: Any, funnel: Any) -> None:
    first, second = funnel.stages.all()[:2]
    event = actions.move_deal(deal, actor=world.anna, stage=second)
    assert event is not None
    assert anna.post(anna.w(f"/deals/{deal.number}/moves/{event.pk}/void/"), **HTMX).status_code == 204
    assert fresh(deal).stage == first


def test_dialogs_open_whole_and_in_part(deal: Deal, anna: Any, world: World, as_member: Callable) -> None:
    head = as_member(world.head)
    for path in ("move", "win", "lose", "assign", "dates", "people"):
        url = head.w(f"/deals/{deal.number}/{path}/")
        assert "<html" in head.get(url).content.decode()
        part = head.get(url, **HTMX).content.decode()
        assert "<html" not in part
        assert "<form" in part
    assert anna.get(anna.w("/deals/new/"), **HTMX).status_code == 200


def test_a_closed_deal_shows_the_day_of_closing_instead_of_the_expected_one(deal: Deal, anna: Any) -> None:
    Deal.objects.filter(pk=deal.pk).update(expected_close="2031-05-17")
    card = anna.w(f"/deals/{deal.number}/")
    stats = anna.get(card).content.decode().split("v-deal-stats")[1].split("</dl>")[0]
    assert "2031" in stats
    anna.post(anna.w(f"/deals/{deal.number}/win/"), {"amount": "640000"}, **HTMX)
    stats = anna.get(card).content.decode().split("v-deal-stats")[1].split("</dl>")[0]
    assert "Закрыта" in stats
    assert "2031" not in stats
