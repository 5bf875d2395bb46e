"""A new deal proposes its funnel from what is sold to whom."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import World, make_company
from voronka.catalog.models import Product
from voronka.deals.actions import create_deal
from voronka.playbook.actions import create_funnel
from voronka.playbook.models import Funnel


@pytest.fixture
def other(world: World, funnel: Funnel) -> Funnel:
    """A funnel without a place in the grid; the world's own one stands in the cell."""
    return create_funnel(actor=None, name="Прочее")


def ask(browser: Any, **given: Any) -> Any:
    return browser.get(browser.w("/deals/new/funnel/"), given)


def test_the_product_and_the_clients_group_choose_the_funnel(
    world: World, funnel: Funnel, other: Funnel, as_member: Any
) -> None:
    company = make_company(world.anna, segment=funnel.segment)
    product = Product.objects.get()

    page = ask(
        as_member(world.anna), company=company.pk, product=product.pk, funnel=other.pk, proposed=other.pk
    )

    assert page.context["form"]["funnel"].value() == str(funnel.pk)
    assert funnel.segment.name in page.context["why"]
    part = as_member(world.anna)
    answer = part.get(part.w("/deals/new/funnel/"), {"company": company.pk}, HTTP_HX_REQUEST="true").content
    assert answer.strip().startswith(b'<div id="deal-funnel"')
    assert funnel.name in answer.decode()


def test_what_was_chosen_by_hand_stays_and_the_proposal_is_said(
    world: World, funnel: Funnel, other: Funnel, as_member: Any
) -> None:
    company = make_company(world.anna, segment=funnel.segment)

    page = ask(as_member(world.anna), company=company.pk, funnel=other.pk, proposed=funnel.pk)

    assert page.context["form"]["funnel"].value() == str(other.pk)
    assert funnel.name in page.context["why"]


def test_nothing_is_proposed_where_the_book_names_nothing(
    world: World, funnel: Funnel, other: Funnel, as_member: Any
) -> None:
    company = make_company(world.anna)

    for given in ({"company": company.pk}, {"company": "new:ООО «Новая»"}, {"product": "х"}, {}):
        page = ask(as_member(world.anna), funnel=other.pk, proposed=other.pk, **given)
        assert page.context["form"]["funnel"].value() == str(other.pk)
        assert page.context["why"] == ""


def test_a_client_out_of_reach_tells_nothing(
    world: World, funnel: Funnel, other: Funnel, as_member: Any
) -> None:
    company = make_company(world.vera, segment=funnel.segment)

    page = ask(as_member(world.anna), company=company.pk, funnel=other.pk, proposed=other.pk)

    assert page.context["why"] == ""


def test_the_card_says_when_the_book_sells_it_by_another_funnel(
    world: World, funnel: Funnel, other: Funnel, as_member: Any
) -> None:
    company = make_company(world.anna, segment=funnel.segment)
    product = Product.objects.get()
    right = create_deal(actor=world.anna, title="Так", funnel=funnel, company=company, product=product)
    wrong = create_deal(actor=world.anna, title="Иначе", funnel=other, company=company, product=product)
    browser = as_member(world.anna)

    def better(deal: Any) -> Any:
        return browser.get(browser.w(f"/deals/{deal.number}/stage/")).context["better"]

    assert better(right) is None
    assert better(wrong) == funnel
