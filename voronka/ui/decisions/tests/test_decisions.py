"""The inbox of the head, and the decisions made from it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from tests.world import World
from voronka.core import clock
from voronka.core.tenancy import scope
from voronka.deals.actions import create_deal, lose_deal, reopen_deal, win_deal
from voronka.deals.closing.models import LossProposal
from voronka.deals.models import Deal
from voronka.playbook.actions import add_part, add_status, set_rules
from voronka.playbook.models import Criterion, Funnel, Reason

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _no_measure_of_others() -> None:
    cache.clear()


@pytest.fixture
def deal(world: World, funnel: Funnel) -> Deal:
    set_rules(None, actor=world.admin, confirm_above=Decimal(500_000))
    return create_deal(actor=world.anna, title="Упаковочная линия", funnel=funnel, amount=Decimal(900_000))


@pytest.fixture
def dear(funnel: Funnel) -> Reason:
    return Reason.objects.get(name="Дорого")


def at(world: World, path: str) -> str:
    return f"/w/{world.workspace.slug}/{path}"


def dead(world: World, funnel: Funnel, title: str) -> Deal:
    deal = create_deal(actor=world.anna, title=title, funnel=funnel)
    long_ago = clock.now() - dt.timedelta(days=60)
    Deal.objects.filter(pk=deal.pk).update(opened_at=long_ago, stage_since=long_ago)
    return deal


def test_a_seller_proposes_and_the_head_confirms(
    world: World, as_member: Any, deal: Deal, dear: Reason
) -> None:
    seller: Client = as_member(world.anna)
    dialog = seller.get(at(world, f"deals/{deal.number}/lose/"), headers=HTMX).content.decode()
    assert "сумма большая" in dialog
    assert "Предложить отказ" in dialog
    seller.post(
        at(world, f"deals/{deal.number}/lose/"), {"reason": dear.pk, "comment": "Купили"}, headers=HTMX
    )
    row = LossProposal.objects.get()
    card = seller.get(at(world, f"deals/{deal.number}/")).content.decode()
    assert "Анна Седова предлагает закрыть сделку отказом" in card

    head: Client = as_member(world.north_head)
    assert "Упаковочная линия" in head.get(at(world, "decisions/")).content.decode()
    assert head.get(at(world, "decisions/badge/")).content.decode() == "1"
    assert "Упаковочная линия" in head.get(at(world, "decisions/?brief=1"), headers=HTMX).content.decode()
    form = head.get(at(world, f"decisions/losses/{row.pk}/"), headers=HTMX).content.decode()
    assert "Купили" in form
    head.post(at(world, f"decisions/losses/{row.pk}/"), {"verdict": "confirm"}, headers=HTMX)
    assert Deal.objects.get(pk=deal.pk).outcome == "lost"
    assert head.get(at(world, "decisions/badge/")).content.decode() == ""
    # Whoever comes second sees the decision in the place of the buttons.
    late = as_member(world.head).get(at(world, f"decisions/losses/{row.pk}/"), headers=HTMX).content.decode()
    assert "Дина Крамер" in late
    assert 'value="confirm"' not in late


def test_the_head_says_what_else_to_try_or_gives_it_to_another(
    world: World, as_member: Any, deal: Deal, dear: Reason
) -> None:
    lose_deal(deal, actor=world.anna, reason=dear)
    row = LossProposal.objects.get()
    head: Client = as_member(world.north_head)
    address = at(world, f"decisions/losses/{row.pk}/")
    silent = head.post(address, {"verdict": "return"}, headers=HTMX)
    assert silent.status_code == 422
    assert "что ещё попробовать" in silent.content.decode()
    nobody = head.post(address, {"verdict": "hand", "note": "Попробуйте"}, headers=HTMX)
    assert nobody.status_code == 422
    head.post(address, {"verdict": "hand", "note": "Попробуйте", "owner": world.boris.pk}, headers=HTMX)
    assert Deal.objects.get(pk=deal.pk).owner == world.boris
    late = head.post(address, {"verdict": "confirm"}, headers=HTMX)
    assert late.status_code == 422
    assert Deal.objects.get(pk=deal.pk).is_open


def test_a_seller_withdraws_but_does_not_decide(
    world: World, as_member: Any, deal: Deal, dear: Reason
) -> None:
    lose_deal(deal, actor=world.anna, reason=dear)
    row = LossProposal.objects.get()
    seller: Client = as_member(world.anna)
    form = seller.get(at(world, f"decisions/losses/{row.pk}/"), headers=HTMX).content.decode()
    assert 'value="confirm"' not in form
    assert seller.post(at(world, f"decisions/losses/{row.pk}/"), {"verdict": "confirm"}).status_code == 403
    seller.post(at(world, f"decisions/losses/{row.pk}/withdraw/"), headers=HTMX)
    row.refresh_from_db()
    assert row.verdict == "withdrawn"
    assert seller.get(at(world, "decisions/")).status_code == 403


def test_a_proposal_of_another_company_is_not_there(
    world: World, as_member: Any, deal: Deal, dear: Reason, stranger: World
) -> None:
    lose_deal(deal, actor=world.anna, reason=dear)
    row = LossProposal.objects.get()
    with scope(stranger.workspace):
        client: Client = as_member(stranger.head)
    assert client.get(f"/w/{stranger.slug}/decisions/losses/{row.pk}/").status_code == 404
    assert as_member(world.boris).get(at(world, f"decisions/losses/{row.pk}/")).status_code == 403


def test_what_a_status_asks_is_asked_in_the_same_form(
    world: World, as_member: Any, funnel: Funnel, dear: Reason
) -> None:
    deal = create_deal(actor=world.anna, title="Линия", funnel=funnel)
    add_status(funnel, "lost", actor=world.admin, name="Отказ клиента")
    tender = add_status(funnel, "lost", actor=world.admin, name="Тендер проигран")
    add_part(
        Criterion,
        tender,
        actor=world.admin,
        kind="field_filled",
        params={"field": "deal:comment"},
        strictness="refuse",
    )
    seller: Client = as_member(world.anna)
    address = at(world, f"deals/{deal.number}/lose/")
    assert "Тендер проигран" in seller.get(address, headers=HTMX).content.decode()
    values = {"reason": dear.pk, "closing": tender.pk, "comment": "Демпинг"}
    asked = seller.post(address, values, headers=HTMX)
    assert asked.status_code == 422
    page = asked.content.decode()
    assert 'name="fill_comment"' in page
    assert f'name="closing" value="{tender.pk}"' in page
    seller.post(address, {**values, "fill_comment": "Победил «Вектор»"}, headers=HTMX)
    closed = Deal.objects.get(pk=deal.pk)
    assert (closed.outcome, closed.closing, closed.comment) == ("lost", tender, "Победил «Вектор»")


def test_a_lone_status_stands_beside_none_and_is_not_chosen(
    world: World, as_member: Any, funnel: Funnel, dear: Reason
) -> None:
    deal = create_deal(actor=world.anna, title="Линия", funnel=funnel)
    lone = add_status(funnel, "lost", actor=world.admin, name="Отложено")
    seller: Client = as_member(world.anna)
    address = at(world, f"deals/{deal.number}/lose/")
    page = seller.get(address, headers=HTMX).content.decode()
    assert 'name="closing" value="" checked' in page
    assert f'name="closing" value="{lone.pk}">' in page
    assert "Без статуса" in page
    seller.post(address, {"reason": dear.pk, "closing": ""}, headers=HTMX)
    assert Deal.objects.get(pk=deal.pk).closing is None


def test_dead_deals_are_listed_with_one_button_each(world: World, as_member: Any, funnel: Funnel) -> None:
    deal = dead(world, funnel, "Забытая линия")
    head: Client = as_member(world.north_head)
    page = head.get(at(world, "decisions/dead/")).content.decode()
    assert "Забытая линия" in page
    assert "молчание 60 дней" in page
    assert "Закрыть с отказом" in page
    assert "Забытая линия" in head.get(at(world, "decisions/")).content.decode()
    assert head.get(at(world, f"deals/{deal.number}/keep/"), headers=HTMX).status_code == 200
    head.post(at(world, f"deals/{deal.number}/keep/"), {"days": "30", "note": "Ждём бюджет"}, headers=HTMX)
    assert "Забытая линия" not in head.get(at(world, "decisions/dead/")).content.decode()
    wrong = head.post(at(world, f"deals/{deal.number}/keep/"), {"days": "много"}, headers=HTMX)
    assert wrong.status_code == 409
    # A seller decides about the own ones.
    assert as_member(world.anna).get(at(world, "decisions/dead/")).status_code == 200
    assert as_member(world.vera).post(at(world, f"deals/{deal.number}/keep/")).status_code == 403


def test_a_hidden_sum_is_nowhere_in_the_inbox(
    world: World, as_member: Any, funnel: Funnel, dear: Reason
) -> None:
    set_rules(None, actor=world.admin, confirm_above=Decimal(500_000))
    deal = create_deal(actor=world.anna, title="Завод", funnel=funnel, amount=Decimal(7_654_321))
    lose_deal(deal, actor=world.anna, reason=dear)
    old = dead(world, funnel, "Забытая")
    Deal.objects.filter(pk=old.pk).update(amount=Decimal(6_543_210), amount_base=Decimal(6_543_210))
    head: Client = as_member(world.north_head)
    row = LossProposal.objects.get()
    pages = ("decisions/", "decisions/?brief=1", "decisions/dead/", f"decisions/losses/{row.pk}/")
    assert "654" in head.get(at(world, "decisions/")).content.decode()
    world.north_head.role.hidden_fields = {"deal": ["amount"]}
    world.north_head.role.save()
    for path in pages:
        page = head.get(at(world, path), headers=HTMX).content.decode()
        assert "654" not in page
        assert "сумма большая" not in page


def test_the_inbox_asks_as_much_for_many_as_for_few(
    world: World, as_member: Any, funnel: Funnel, dear: Reason, django_assert_max_num_queries: Any
) -> None:
    set_rules(None, actor=world.admin, confirm_above=Decimal(1))
    head: Client = as_member(world.north_head)

    def fill(first: int, last: int) -> None:
        for number in range(first, last):
            deal = create_deal(
                actor=world.anna, title=f"Отказ {number}", funnel=funnel, amount=Decimal(900_000)
            )
            lose_deal(deal, actor=world.anna, reason=dear)
            dead(world, funnel, f"Мёртвая {number}")

    def count() -> int:
        with django_assert_max_num_queries(80) as queries:
            assert head.get(at(world, "decisions/"), headers=HTMX).status_code == 200
        return len(queries)

    fill(0, 2)
    count()
    few = count()
    fill(2, 12)
    assert count() == few


def test_the_list_of_reanimation_tells_who_comes_back_and_what_was_won_back(
    world: World, as_member: Any, funnel: Funnel, dear: Reason, django_assert_max_num_queries: Any
) -> None:
    Reason.objects.filter(pk=dear.pk).update(follow_up="deal", return_days=90)
    Reason.objects.filter(name="Отложили").update(follow_up="marketing")
    seller: Client = as_member(world.anna)

    def lose(title: str, name: str) -> Deal:
        deal = create_deal(actor=world.anna, title=title, funnel=funnel, amount=Decimal(7_654_321))
        lose_deal(deal, actor=world.anna, reason=Reason.objects.get(name=name))
        return Deal.objects.get(pk=deal.pk)

    def count() -> int:
        with django_assert_max_num_queries(60) as queries:
            assert seller.get(at(world, "deals/reanimation/"), headers=HTMX).status_code == 200
        return len(queries)

    lose("Вернётся", "Дорого")
    lose("Рассылке", "Отложили")
    back = lose("Отвоёвана", "Выбрали конкурента")
    reopen_deal(back, actor=world.anna)
    win_deal(Deal.objects.get(pk=back.pk), actor=world.anna)
    page = seller.get(at(world, "deals/reanimation/")).content.decode()
    for words in ("Вернётся", "Рассылке", "1 сделка", "Анна Седова"):
        assert words in page
    few = count()
    for number in range(6):
        lose(f"Ещё {number}", "Дорого")
        lose(f"Ещё письмо {number}", "Отложили")
    assert count() == few
    # Another seller sees none of it, and who may see no sums sees none here.
    assert "Вернётся" not in as_member(world.vera).get(at(world, "deals/reanimation/")).content.decode()
    world.anna.role.hidden_fields = {"deal": ["amount"]}
    world.anna.role.save()
    assert "654" not in seller.get(at(world, "deals/reanimation/")).content.decode()


def test_an_empty_reanimation_says_how_many_reasons_have_a_return(
    world: World, as_member: Any, dear: Reason
) -> None:
    seller: Client = as_member(world.anna)
    Reason.objects.update(return_days=None)
    Reason.objects.filter(pk=dear.pk).update(follow_up="deal", return_days=90)
    page = seller.get(at(world, "deals/reanimation/")).content.decode()
    assert "У 1 причины отказа в книге есть возврат" in page
    assert "?outcome=lost" in page
    Reason.objects.update(return_days=None)
    assert "можно указать" in seller.get(at(world, "deals/reanimation/")).content.decode()
