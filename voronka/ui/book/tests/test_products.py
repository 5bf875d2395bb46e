"""The list of products on the screen, a product's card."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.world import World
from voronka.catalog.models import Product
from voronka.core.tenancy import scope
from voronka.deals.actions import create_deal
from voronka.desk.dictionaries import archive_entry, edit_entry

HTMX = {"HTTP_HX_REQUEST": "true"}
URL = "/book/lists/product/"


@pytest.fixture
def product(world: World, funnel: Any) -> Product:
    return Product.objects.get(name="Стеллаж С-12")


@pytest.fixture
def head(world: World, as_member: Callable) -> Any:
    return as_member(world.head)


def test_the_list_opens_whole_and_in_part(head: Any, product: Product) -> None:
    page, part = head.get(head.w(URL)), head.get(head.w(URL), **HTMX)
    assert page.context["found"] == part.context["found"] == [product]
    assert "<html" in page.text
    assert "<html" not in part.text
    assert "98\u00a0000\u00a0₽" in part.text
    for name in ("filter", "columns", "views", "views/new", "export", f"bulk/reprice/?ids={product.pk}"):
        assert head.get(head.w(f"/lists/product/{name}")).status_code in (200, 301), name


def test_a_price_is_changed_in_its_cell_or_refused(head: Any, product: Product) -> None:
    url = head.w(f"/lists/product/{product.pk}/price/")
    assert head.get(url, **HTMX).status_code == 200
    saved = head.post(url, {"value": "1,2 млн", "was": "98000.00"}, **HTMX)
    assert saved.status_code == 200
    assert "1\u00a0200\u00a0000\u00a0₽" in saved.text
    for wrong in ("дорого", "-5"):
        refused = head.post(url, {"value": wrong, "was": "1200000.00"}, **HTMX)
        assert refused.status_code == 409, wrong
    # Somebody changed it meanwhile.
    assert head.post(url, {"value": "5", "was": "98000.00"}, **HTMX).status_code == 409
    product.refresh_from_db()
    assert product.price == Decimal(1200000)


def test_put_away_products_are_behind_their_view(world: World, head: Any, product: Product) -> None:
    archive_entry(product, actor=world.head)
    assert head.get(head.w(URL)).context["found"] == []
    page = head.get(head.w(URL), {"view": "archived"})
    assert page.context["found"] == [product]
    assert {verb.code for verb in page.context["verbs"]} >= {"restore"}
    assert "archive" not in {verb.code for verb in page.context["verbs"]}


def test_the_card_tells_what_it_is_who_buys_it_and_what_was_changed(
    world: World, head: Any, product: Product, funnel: Any, as_member: Callable
) -> None:
    create_deal(actor=world.anna, title="Склад Анны", funnel=funnel, product=product)
    create_deal(actor=world.boris, title="Склад Бориса", funnel=funnel, product=product)
    edit_entry(product, actor=world.head, changes={"sku": "С-12"})
    card = head.get(head.w(f"/book/products/{product.pk}/"), **HTMX).text
    for word in ("Стеллаж С-12", "98\u00a0000\u00a0₽", "Оборудование", "Склад Анны", "Склад Бориса", "С-12"):
        assert word in card, word
    anna = as_member(world.anna)
    own = anna.get(anna.w(f"/book/products/{product.pk}/")).text
    assert "Склад Анны" in own
    assert "Склад Бориса" not in own
    assert f"/book/lists/product/{product.pk}/merge/" in card
    assert f"/book/lists/product/{product.pk}/merge/" not in own
    listed = head.get(head.w(URL)).context["found"][0]
    assert listed.open_deals == 2


def test_a_product_of_another_company_is_nowhere(
    head: Any, product: Product, stranger: World, as_member: Callable
) -> None:
    theirs = as_member(stranger.head)
    assert theirs.get(theirs.w(f"/book/products/{product.pk}/")).status_code == 404
    assert theirs.get(theirs.w(URL)).context["found"] == []


def test_the_list_asks_as_much_for_many_as_for_few(world: World, head: Any, product: Product) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as heard:
            assert head.get(head.w(URL), **HTMX).status_code == 200
        return len(heard)

    head.get(head.w(URL), **HTMX)
    few = asked()
    with scope(world.workspace):
        Product.objects.bulk_create(
            Product(name=f"Т{n}", name_key=f"т{n}", group=product.group) for n in range(48)
        )
    assert asked() == few
