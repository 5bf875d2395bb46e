"""Set verb for import: many products at once, one event for all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from voronka.catalog.events import ProductsImported
from voronka.catalog.models import Product
from voronka.core.text import fold
from voronka.journal.actions import record
from voronka.workspaces.models import Member

BATCH = 2000


@dataclass(frozen=True)
class ProductRow:
    """A product. Texts are cleaned and fit their columns already; no two rows have one name."""

    name: str
    sku: str = ""
    group_id: int | None = None
    unit: str = ""
    price: Decimal | None = None


@transaction.atomic
def import_products(
    rows: Iterable[ProductRow],
    *,
    actor: Member | None,
    changes: Mapping[int, Mapping[str, Any]] | None = None,
) -> list[Product]:
    """Write new products, return them in the order of *rows*; *changes* (id → values by column) to those there."""
    products = Product.objects.bulk_create(
        (
            Product(
                name=row.name,
                name_key=fold(row.name)[:250],
                sku=row.sku,
                group_id=row.group_id,
                unit=row.unit,
                price=row.price,
            )
            for row in rows
        ),
        batch_size=BATCH,
    )
    changes = changes or {}
    alike: dict[tuple[str, ...], list[Product]] = {}
    for pk, values in changes.items():
        wanted = dict(values)
        if "name" in wanted:
            wanted["name_key"] = fold(wanted["name"])[:250]
        alike.setdefault(tuple(sorted(wanted)), []).append(Product(pk=pk, **wanted))
    for names, changed in alike.items():
        columns = [name.removesuffix("_id") for name in names]
        Product.objects.bulk_update(changed, columns, batch_size=500)
    if products or changes:
        record(ProductsImported(created=len(products), updated=len(changes)), actor=actor, subjects=[])
    return products
