"""The lists of the book, in the order of their tabs, with what each is good for."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

TABS: dict[str, Any] = {
    "won_reason": gettext_lazy("Asked when a deal is won. They show what clients value us for."),
    "lost_reason": gettext_lazy(
        "Asked when a deal is lost, always. Few and clear ones make an honest report."
    ),
    "source": gettext_lazy(
        "Where clients learn of us. Reports compare sources by deals, conversion and sums."
    ),
    "activity_kind": gettext_lazy(
        "What sellers plan and do. Reports count by nature, so name them as you like."
    ),
    "segment": gettext_lazy("Whom we sell to. With product groups they make the grid of funnels."),
    "product_group": gettext_lazy("What we sell, by direction. A group may stand inside another one."),
    "product": gettext_lazy("Goods and services with prices, VAT included."),
    "competitor": gettext_lazy(
        "Who else offers our clients the same: named in deals with their prices and our answer."
    ),
    "tag": gettext_lazy("Words that colleagues put on clients and deals. Merge those that mean the same."),
}
