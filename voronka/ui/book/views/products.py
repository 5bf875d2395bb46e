"""Products on the list machine, and a product's card: what it is, who is buying it, what happened to it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from voronka.catalog.models import Product
from voronka.deals.models import Deal
from voronka.desk.dictionaries import get_dictionary
from voronka.desk.lists.conditions import Condition, Group
from voronka.journal.models import Event
from voronka.journal.sentences import tell
from voronka.ui.access import get_or_404, workspace_view
from voronka.ui.book.answers import book_url
from voronka.ui.book.tabs import TABS
from voronka.ui.htmx import render_page
from voronka.ui.lists.screens import Screen, register
from voronka.ui.navigation import workspace_url
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Subject

MOST_DEALS = 10


def _tabs(slug: str, state: Any) -> list[tuple[str, str, bool]]:
    return [
        (workspace_url("book_list", slug, code), str(get_dictionary(code).title), code == "product")
        for code in TABS
    ]


register(
    Screen(
        code="product",
        room="book",
        url_name="book_products",
        row_url=lambda product, slug: workspace_url("book_product", slug, product.pk),
        title=gettext_lazy("Sales book"),
        find=gettext_lazy("Name or article"),
        icon="package",
        create="book_product_new",
        create_label=gettext_lazy("Product"),
        empty_title=gettext_lazy("The list is empty"),
        empty_text=gettext_lazy("Goods and services with prices, VAT included."),
        head="book/_list_head.html",
        tabs=_tabs,
        tabs_label=gettext_lazy("Lists of the book"),
    )
)


@workspace_view(Subject.BOOK, Action.SEE)
def product(request: HttpRequest, pk: int) -> HttpResponse:
    """One product, in the panel or as a page."""
    member: Member = request.member  # type: ignore[attr-defined]
    found: Product = get_or_404(Product.objects.select_related("group", "merged_into"), pk)
    deals, more = _deals(member, found)
    events = Event.objects.feed_of("product", found.pk)[:50]
    asked = Group("and", (Condition("product", "in", (f"{found.pk}",)),))
    context = {
        "room": "book",
        "product": found,
        "may_configure": member.may(Subject.BOOK, Action.CONFIGURE),
        "sees_deals": member.may(Subject.DEAL, Action.SEE) and member.sees("deal", "product"),
        "deals": deals,
        "more_deals": more,
        "deals_url": f"{book_url(request, 'deals_table')}?where={asked.to_text()}",
        "feed": [
            told for event in events if event.type != "event.undone" and not (told := tell(event)).silent
        ],
    }
    return render_page(request, "book/product.html", context, "card")


def _deals(member: Member, product: Product) -> tuple[list[Deal], bool]:
    """The newest open deals in which it is sold, as far as *member* sees any; whether there are more."""
    if not member.may(Subject.DEAL, Action.SEE) or not member.sees("deal", "product"):
        return [], False
    rows = Deal.objects.visible_to(member, only_open=True).filter(product=product, outcome="open")
    found = list(rows.select_related("stage", "owner", "company").order_by("-pk")[: MOST_DEALS + 1])
    return found[:MOST_DEALS], len(found) > MOST_DEALS
