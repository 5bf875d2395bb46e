"""Products and services. Their groups are the dictionary `product_group`."""

from __future__ import annotations

from typing import Annotated, Any, Final

from ninja import Query, Router, Schema
from pydantic import Field

from voronka.api.access import ApiRequest, found, needs, related
from voronka.api.filters import Number
from voronka.api.listed import AskedList, Plain, listed
from voronka.api.shapes import Id, In, Listed, Money, Ref, Sum, given, ref, total, without
from voronka.catalog.models import Product, ProductGroup
from voronka.desk.dictionaries import archive_entry, create_entry, edit_entry, restore_entry
from voronka.workspaces.models import Member

router = Router()
_PLAIN: Final[Plain] = {"group": ("group", "in"), "archived": ("archived", "yes")}


class ProductOut(Schema):
    """A product or a service. Fields that the member's role hides are absent."""

    id: int
    name: str | None = None
    sku: str | None = None
    group: Ref | None = None
    unit: str | None = None
    price: Sum | None = None
    archived: bool | None = None


class ProductPatch(In):
    """Only what is sent is changed; null empties."""

    name: Annotated[str, Field(max_length=250)] | None = None
    sku: Annotated[str, Field(max_length=60)] | None = None
    group: Id | None = None
    unit: Annotated[str, Field(max_length=20)] | None = None
    price: Money | None = None


class NewProduct(ProductPatch):
    name: Annotated[str, Field(min_length=1, max_length=250)]


class ProductsAsked(AskedList):
    group: Number | None = None
    archived: bool = Field(False, description="the archived ones instead of those in use")


def product_out(product: Product, member: Member) -> dict[str, Any]:
    values = {
        "id": product.pk,
        "name": product.name,
        "sku": product.sku,
        "group": ref(product.group),
        "unit": product.unit,
        "price": total(product.price),
        "archived": product.archived_at is not None,
    }
    return without(values, member.hidden_fields("product"), {})


def _changes(member: Member, body: ProductPatch) -> dict[str, Any]:
    member.require("book", "configure")
    sent = given(body)
    member.require_fields("product", sent)
    if "group" in sent:
        sent["group"] = related(ProductGroup.objects.all(), body.group, "group")
    return {name: "" if value is None and name in ("sku", "unit") else value for name, value in sent.items()}


def _see(product_id: int) -> Product:
    return found(Product.objects.select_related("group"), product_id, by="id")


@router.get("/products/", response=Listed[ProductOut], **needs("book:read"))
def list_products(request: ApiRequest, asked: Query[ProductsAsked]) -> dict[str, Any]:
    """Products by name, or as asked; in words of the name and the article."""
    member = request.member
    paged = listed(
        "product",
        member,
        asked,
        full=lambda rows: rows.select_related("group"),
        plain=_PLAIN,
        # 0 among ids means «not given».
        narrow=lambda rows: rows.filter(group=None) if asked.group == 0 else rows,
    )
    return {"items": asked.only(product_out(row, member) for row in paged.rows), "next": paged.next}


@router.post("/products/", response={201: ProductOut}, **needs("book:write"))
def create_product(request: ApiRequest, body: NewProduct) -> dict[str, Any]:
    """Add a product."""
    values = {name: value for name, value in _changes(request.member, body).items() if value is not None}
    return product_out(create_entry("product", actor=request.member, **values), request.member)


@router.get("/products/{product_id}/", response=ProductOut, **needs("book:read"))
def get_product(request: ApiRequest, product_id: Id) -> dict[str, Any]:
    """One product."""
    return product_out(_see(product_id), request.member)


@router.patch("/products/{product_id}/", response=ProductOut, **needs("book:write"))
def edit_product(request: ApiRequest, product_id: Id, body: ProductPatch) -> dict[str, Any]:
    """Change a product."""
    changes = _changes(request.member, body)
    return product_out(edit_entry(_see(product_id), actor=request.member, changes=changes), request.member)


@router.post("/products/{product_id}/archive/", response=ProductOut, **needs("book:write"))
def archive_product(request: ApiRequest, product_id: Id) -> dict[str, Any]:
    """Take a product out of choice; deals keep it."""
    return product_out(archive_entry(_see(product_id), actor=request.member), request.member)


@router.post("/products/{product_id}/restore/", response=ProductOut, **needs("book:write"))
def restore_product(request: ApiRequest, product_id: Id) -> dict[str, Any]:
    """Offer an archived product again."""
    return product_out(restore_entry(_see(product_id), actor=request.member), request.member)
