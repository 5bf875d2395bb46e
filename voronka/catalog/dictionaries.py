"""What we sell, as lists: product groups (a tree), products, and who else sells it.

Editing, archiving and ordering of entries: `voronka.desk.dictionaries`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from voronka.catalog.models import Competitor, Product, ProductGroup
from voronka.core.errors import Refused
from voronka.desk.dictionaries import create_entry, ensure_entry
from voronka.desk.dictionaries.registry import Dictionary, guard, register

if TYPE_CHECKING:
    from voronka.workspaces.models import Member


def _no_circle(group: ProductGroup) -> None:
    parents = dict(ProductGroup.objects.values_list("pk", "parent_id"))
    parents[group.pk] = group.parent_id
    seen, pk = {group.pk}, group.parent_id
    while pk is not None:
        if pk in seen:
            raise Refused(_("A group cannot stand inside itself."), field="parent")
        seen.add(pk)
        pk = parents.get(pk)


def _not_below(group: ProductGroup, goal: ProductGroup) -> None:
    parents = dict(ProductGroup.objects.values_list("pk", "parent_id"))
    pk: int | None = goal.pk
    while pk is not None:
        if pk == group.pk:
            raise Refused(_("A group cannot be merged into one that stands inside it."), field="into")
        pk = parents.get(pk)


def _price_not_negative(product: Product) -> None:
    if product.price is not None and product.price < 0:
        raise Refused(_("A price cannot be below zero."), field="price")


GROUPS = register(
    Dictionary(
        "product_group",
        ProductGroup,
        title=gettext_lazy("Product groups"),
        fields=("parent",),
        mergeable=True,
        moves=True,
        check_merge=_not_below,
        check=_no_circle,
    )
)
PRODUCTS = register(
    Dictionary(
        "product",
        Product,
        title=gettext_lazy("Products"),
        fields=("sku", "group", "unit", "price"),
        mergeable=True,
        moves=True,
        check=_price_not_negative,
    )
)
COMPETITORS = register(
    Dictionary(
        "competitor",
        Competitor,
        title=gettext_lazy("Competitors"),
        fields=("site", "description"),
        mergeable=True,
        moves=True,
    )
)


@guard("product_group")
def _no_active_children(group: ProductGroup) -> None:
    child = ProductGroup.objects.filter(parent=group, archived_at=None).first()
    if child is not None:
        raise Refused(
            _("“%(group)s” contains the group “%(child)s”. Move or archive that one first.")
            % {"group": group.name, "child": child.name}
        )


def create_product_group(
    *, actor: Member | None, name: str, parent: ProductGroup | None = None
) -> ProductGroup:
    """Add a product group. Raises `Refused` for a name that is taken, `Forbidden`."""
    return create_entry("product_group", actor=actor, name=name, parent=parent)


def ensure_product_group(*, actor: Member | None, name: str) -> ProductGroup:
    """The product group of this name, made if there is none (imports)."""
    return ensure_entry("product_group", actor=actor, name=name)


def create_product(
    *,
    actor: Member | None,
    name: str,
    sku: str = "",
    group: ProductGroup | None = None,
    unit: str = "",
    price: Decimal | None = None,
) -> Product:
    """Add a product; the price is in the workspace's currency, VAT included. Raises `Refused`, `Forbidden`."""
    return create_entry("product", actor=actor, name=name, sku=sku, group=group, unit=unit, price=price)


def ensure_product(*, actor: Member | None, name: str, **values: Any) -> Product:
    """The product of this name, made (with *values*) if there is none (imports)."""
    return ensure_entry("product", actor=actor, name=name, **values)


def ensure_competitor(*, actor: Member | None, name: str) -> Competitor:
    """The competitor of this name, made if there is none: a seller names a new one in the deal."""
    return ensure_entry("competitor", actor=actor, name=name)
