"""Products as a list: found, changed in the cell, changed by many; who may."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.world import World
from voronka.catalog.listing import PRODUCTS
from voronka.catalog.models import Product, ProductGroup
from voronka.core import clock
from voronka.core.errors import Forbidden, Refused
from voronka.desk.lists import bulk, exporting
from voronka.desk.lists.conditions import parse
from voronka.desk.lists.models import ListJob
from voronka.journal.models import Event
from voronka.workspaces.models import Member


@pytest.fixture
def products(world: World, funnel: Any) -> list[Product]:
    return [
        Product.objects.create(name=name, name_key=name.lower(), sku=sku, price=price)
        for name, sku, price in [
            ("Весы платформенные", "VP-3000", Decimal("12450.50")),
            ("Рохля", "R-2", None),
            ("Штабелёр 100%", "S_100", Decimal(300000)),
        ]
    ]


def names(member: Member, where: Any = (), search: str = "") -> set[str]:
    fields = PRODUCTS.fields_for(member)
    rows = exporting.found(PRODUCTS, member, fields, parse(list(where), fields).where, search)
    return set(rows.values_list("name", flat=True))


def carried_out(actor: Member, code: str, rows: list[Product], **params: str) -> ListJob:
    verb = bulk.find_verb(PRODUCTS, actor, code)
    return bulk.run(bulk.ask(PRODUCTS, verb, actor=actor, ids=[row.pk for row in rows], params=params))


def test_products_are_found_by_their_words_and_fields(world: World, products: list[Product]) -> None:
    assert names(world.anna, search="весы плат") == {"Весы платформенные"}
    assert names(world.anna, search="vp-3") == {"Весы платформенные"}
    # Signs of patterns are letters like others.
    assert names(world.anna, search="100%") == {"Штабелёр 100%"}
    assert names(world.anna, [["price", "ge", "100000"]]) == {"Штабелёр 100%"}
    assert names(world.anna, [["price", "empty"]]) == {"Рохля"}
    group = ProductGroup.objects.get()
    assert names(world.anna, [["group", "in", f"{group.pk}"]]) == {"Стеллаж С-12"}


def test_prices_change_by_per_cent_and_go_back_at_once(world: World, products: list[Product]) -> None:
    job = carried_out(world.head, "reprice", products, percent="+5,5 %")

    prices = dict(Product.objects.values_list("name", "price"))
    assert prices["Весы платформенные"] == Decimal("13135.28")
    assert prices["Штабелёр 100%"] == Decimal("316500.00")
    assert prices["Рохля"] is None
    assert job.result["changed"] == 2
    assert job.result["refused"] == 1
    assert Event.objects.filter(cause=job.event, type="entry.edited").count() == 2

    bulk.run(bulk.ask_undo(job, actor=world.head))
    assert Product.objects.get(sku="VP-3000").price == Decimal("12450.50")
    assert Product.objects.get(sku="S_100").price == Decimal(300000)


@pytest.mark.parametrize("percent", ["", "0", "-101", "5000", "много"])
def test_a_change_of_prices_that_makes_no_sense_is_refused(
    world: World, products: list[Product], percent: str
) -> None:
    with pytest.raises(Refused) as refusal:
        carried_out(world.head, "reprice", products, percent=percent)
    assert refusal.value.field == "percent"
    assert not ListJob.objects.exists()


def test_many_move_to_a_group_and_into_the_archive(world: World, products: list[Product]) -> None:
    group = ProductGroup.objects.get()
    carried_out(world.head, "set", products, field="group", value=f"{group.pk}")
    assert Product.objects.filter(group=group).count() == 4

    job = carried_out(world.head, "archive", products)
    assert job.result["changed"] == 3
    assert names(world.head) == {"Стеллаж С-12"}
    assert len(names(world.head, [["archived", "yes"]])) == 3

    carried_out(world.head, "restore", products[:1])
    assert names(world.head) == {"Стеллаж С-12", "Весы платформенные"}


def test_a_product_goes_into_no_group_that_is_not_offered(
    world: World, stranger: World, products: list[Product]
) -> None:
    away = ProductGroup.objects.create(name="Старое", name_key="старое", archived_at=clock.now())
    for group in (away.pk, 10**12, "abc"):
        with pytest.raises(Refused) as refusal:
            PRODUCTS.edit(products[0], actor=world.head, changes={"group": f"{group}"})
        assert refusal.value.field == "group"
    assert Product.objects.get(pk=products[0].pk).group_id is None


def test_sellers_read_the_list_and_change_nothing(
    world: World, products: list[Product], as_member: Callable
) -> None:
    assert not any(field.editable for field in PRODUCTS.fields_for(world.anna).values())
    assert bulk.verbs_for(PRODUCTS, world.anna) == []
    with pytest.raises(Forbidden):
        bulk.find_verb(PRODUCTS, world.anna, "reprice")
    seller, head = as_member(world.anna), as_member(world.head)
    cell, where = f"/lists/product/{products[0].pk}/price/", "/lists/product/export/"
    assert seller.get(seller.w(cell)).status_code == 403
    assert seller.get(seller.w(where)).status_code == 403
    assert head.get(head.w(where)).status_code == 200
    page = seller.get(seller.w("/book/lists/product/")).text
    assert "data-list-bulk" not in page
    assert "is-editable" not in page
