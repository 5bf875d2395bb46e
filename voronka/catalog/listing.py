"""Products as lists know them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from voronka.catalog.models import Product, ProductGroup
from voronka.core import formats
from voronka.core.errors import Refused
from voronka.core.parsing import Unreadable, parse_amount
from voronka.core.text import fold
from voronka.desk.dictionaries import archive_entry, edit_entry, restore_entry
from voronka.desk.lists.conditions import Group
from voronka.desk.lists.fields import Field, Kind, entries_of, names_in
from voronka.desk.lists.reading import chosen_id
from voronka.desk.lists.registry import Listing, Verb, View, register
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Subject

# A price may be lowered to nothing and raised tenfold: more is a slip of the finger.
LOWEST, HIGHEST = Decimal(-100), Decimal(900)


def product_fields() -> list[Field]:
    """All fields of a product, in the order of the column chooser."""
    return [
        Field(
            "name",
            pgettext_lazy("of a thing", "Name"),
            Kind.TEXT,
            "name",
            sort="name_key",
            nullable=False,
            editable=True,
            width=320,
        ),
        Field("sku", gettext_lazy("Article"), Kind.TEXT, "sku", nullable=False, editable=True, width=130),
        Field(
            "group",
            gettext_lazy("Group"),
            Kind.DICTIONARY,
            "group_id",
            sort="group__name",
            options=entries_of(ProductGroup),
            names=names_in(ProductGroup),
            related=("group",),
            editable=True,
            width=200,
        ),
        Field(
            "price",
            gettext_lazy("Price with VAT"),
            Kind.MONEY,
            "price",
            editable=True,
            width=150,
        ),
        Field("unit", gettext_lazy("Unit"), Kind.TEXT, "unit", nullable=False, editable=True, width=100),
        Field(
            "archived",
            gettext_lazy("In the archive"),
            Kind.FLAG,
            condition=lambda asked, member: Q(archived_at__isnull=asked.op == "no"),
            sortable=False,
            listed=False,
        ),
        Field(
            "archived_at",
            gettext_lazy("In the archive since"),
            Kind.MOMENT,
            "archived_at",
            width=140,
        ),
        Field(
            "merged_into",
            gettext_lazy("Merged into"),
            Kind.TEXT,
            F("merged_into__name"),
            show=lambda product: str(product.merged_into or ""),
            related=("merged_into",),
            sortable=False,
            width=220,
        ),
    ]


def product_rows(member: Member, action: Action, where: Group) -> Any:
    """Products are the company's: whoever may see the book sees all of them."""
    asked = action if action == Action.SEE else Action.CONFIGURE
    return Product.objects.all() if member.may(Subject.BOOK, asked) else Product.objects.none()


def products_counted(count: int) -> str:
    """«3 products» in words."""
    return ngettext("%(count)s product", "%(count)s products", count) % {"count": formats.number(count)}


def found(rows: Any, text: str) -> Any:
    """Those of *rows* whose name or article has the words of *text*."""
    for word in text.split():
        rows = rows.filter(Q(name_key__contains=fold(word)) | Q(sku__icontains=word))
    return rows


def edit_product(
    product: Product, *, actor: Member, changes: Mapping[str, Any], was: Mapping[str, Any] | None = None
) -> Any:
    """The verb of a product's cell: values as an editor posts them. Raises `Refused` for a group that is not offered."""
    wanted = dict(changes)
    if wanted.get("group") and not isinstance(wanted["group"], ProductGroup):
        group = ProductGroup.objects.filter(pk=chosen_id(wanted["group"])).first()
        if group is None or (group.archived_at is not None and group.pk != product.group_id):
            raise Refused(_("Choose a group from the list."), field="group")
        wanted["group"] = group
    elif "group" in wanted:
        wanted["group"] = wanted["group"] or None
    return edit_entry(product, actor=actor, changes=wanted, was=was)


def _reprice(product: Product, actor: Member, given: Mapping[str, Any]) -> Any:
    if product.price is None:
        raise Refused(_("It has no price."))
    price = product.price * (100 + given["percent"]) / 100
    return edit_entry(product, actor=actor, changes={"price": round(price, 2)})


def _percent(params: Any, actor: Member) -> dict[str, Any]:
    try:
        percent = parse_amount(str(params.get("percent", "")).strip().rstrip("% "), places=4)
    except Unreadable as problem:
        raise Refused(str(problem), field="percent") from problem
    if not percent:
        raise Refused(_("Say by how many per cent the prices change."), field="percent")
    if not LOWEST <= percent <= HIGHEST:
        raise Refused(
            _("A price can change by %(least)s to +%(most)s per cent.") % {"least": LOWEST, "most": HIGHEST},
            field="percent",
        )
    return {"percent": percent}


PRODUCTS = register(
    Listing(
        code="product",
        subject=Subject.BOOK,
        label=gettext_lazy("Products"),
        counted=products_counted,
        rows=product_rows,
        base=lambda: Product.objects.all(),
        fields=product_fields,
        columns=("name", "sku", "group", "price", "unit", "open_deals", "open_sum"),
        main="name",
        sort="name",
        state="archived",
        present=("archived", "no"),
        # Entries of the book are made, changed and taken out by whoever may configure it.
        rights=dict.fromkeys((Action.CREATE, Action.EDIT, Action.EXPORT), Action.CONFIGURE),
        views=[
            View("all", pgettext_lazy("products", "All"), []),
            View("offered", gettext_lazy("With open deals"), [["has_deals", "yes"]]),
            View("no_price", gettext_lazy("Without a price"), [["price", "empty"]]),
            View("no_group", gettext_lazy("Without a group"), [["group", "empty"]], tucked=True),
            View(
                "archived",
                gettext_lazy("In the archive"),
                [["archived", "yes"]],
                columns=("name", "sku", "group", "price", "archived_at", "merged_into"),
                tucked=True,
            ),
        ],
        quick=("group",),
        search=found,
        edit=edit_product,
        verbs=[
            Verb(
                "reprice",
                gettext_lazy("Change prices by per cent"),
                "percentage",
                Action.CONFIGURE,
                _reprice,
                "percent",
                _percent,
            ),
            Verb(
                "archive",
                gettext_lazy("Put into the archive"),
                "archive",
                Action.CONFIGURE,
                lambda product, actor, given: archive_entry(product, actor=actor),
            ),
            Verb(
                "restore",
                gettext_lazy("Take out"),
                "archive-off",
                Action.CONFIGURE,
                lambda product, actor, given: restore_entry(product, actor=actor),
            ),
        ],
    )
)
