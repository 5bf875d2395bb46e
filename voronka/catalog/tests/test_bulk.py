"""The set verb stores what the row verbs store: 500 rows both ways."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.world import World
from voronka.catalog.bulk import ProductRow, import_products
from voronka.catalog.dictionaries import create_product, create_product_group
from voronka.catalog.models import Product
from voronka.desk.dictionaries.actions import edit_entry
from voronka.journal.models import Event

COUNT = 500
COLUMNS = ("sku", "unit", "price", "group_id", "archived_at")


def stored(prefix: str) -> list[tuple[Any, ...]]:
    """The products whose names begin so, in the order of their making, without the beginnings."""
    rows = Product.objects.filter(name__startswith=prefix).order_by("pk")
    return [
        (p.name.removeprefix(prefix), p.name_key[len(prefix) :], *(getattr(p, c) for c in COLUMNS))
        for p in rows
    ]


def test_products_by_row_and_by_set_are_the_same(world: World) -> None:
    group = create_product_group(actor=world.admin, name="Склад")
    facts = [
        {
            "sku": f"A-{n}" if n % 3 else "",
            "unit": "шт" if n % 2 else "",
            "price": Decimal(n) / 4 if n % 5 else None,
        }
        for n in range(COUNT)
    ]
    for n, each in enumerate(facts):
        create_product(actor=world.admin, name=f"ряд Стеллаж Ё{n}", group=group if n % 4 else None, **each)
    before = Event.objects.count()
    import_products(
        [
            ProductRow(f"сет Стеллаж Ё{n}", group_id=group.pk if n % 4 else None, **each)
            for n, each in enumerate(facts)
        ],
        actor=world.admin,
    )
    assert Event.objects.count() == before + 1
    assert len(stored("ряд ")) == COUNT
    assert stored("ряд ") == stored("сет ")


def test_changes_by_row_and_by_set_are_the_same(world: World) -> None:
    one, other = (create_product(actor=world.admin, name=name) for name in ("раз Полка", "два Полка"))
    edit_entry(one, actor=world.admin, changes={"name": "раз Балка", "price": Decimal("9.50")})
    import_products(
        (), actor=world.admin, changes={other.pk: {"name": "два Балка", "price": Decimal("9.50")}}
    )
    assert stored("раз ") == stored("два ")
