"""What lists of companies and of products show of deals: how many are open, for how much."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.utils.translation import gettext_lazy as _

from voronka.deals.models import Deal
from voronka.desk.lists.conditions import Condition
from voronka.desk.lists.fields import Field, Kind
from voronka.desk.lists.registry import complete_custom_fields, provide_custom_fields
from voronka.workspaces.models import Member

DEALS = _("Deals")
# The subject of a list -> how a deal points at its rows.
POINTS: Final = {"company": "company", "product": "product"}


@provide_custom_fields
def deals_elsewhere(code: str) -> list[Field]:
    """The fields that deals add to companies and products."""
    if code not in POINTS:
        return []
    return [
        Field(
            "open_deals",
            _("Open deals"),
            Kind.NUMBER,
            show=lambda row: getattr(row, "open_deals", None),
            sortable=False,
            filterable=False,
            group=DEALS,
            width=150,
        ),
        Field(
            "open_sum",
            _("Sum of open deals"),
            Kind.MONEY,
            show=lambda row: getattr(row, "open_sum", None),
            sortable=False,
            filterable=False,
            group=DEALS,
            width=190,
        ),
        Field(
            "has_deals",
            _("Has open deals"),
            Kind.FLAG,
            condition=_with_open_deals(POINTS[code]),
            sortable=False,
            listed=False,
            group=DEALS,
        ),
    ]


def _with_open_deals(name: str) -> Callable[[Condition, Member | None], Q]:
    def condition(asked: Condition, member: Member | None) -> Q:
        deals = Deal.objects.all() if member is None else Deal.objects.visible_to(member, only_open=True)
        there = Q(Exists(deals.filter(outcome="open", **{name: OuterRef("pk")}).order_by()))
        return there if asked.op == "yes" else ~there

    return condition


@complete_custom_fields
def with_deals(code: str, rows: list[Any], member: Member) -> None:
    """Write onto each row how many open deals the member sees with it, and their sum."""
    if code not in POINTS:
        return
    name = POINTS[code]
    hidden = "amount" in member.hidden_fields("deal")
    found = (
        Deal.objects.visible_to(member, only_open=True)
        .filter(**{f"{name}__in": [row.pk for row in rows]})
        .order_by()
        .values(name)
        .annotate(count=Count("pk"), sum=Sum("amount_base"))
    )
    sums = {line[name]: line for line in found}
    for row in rows:
        line = sums.get(row.pk, {})
        row.open_deals = line.get("count")
        row.open_sum = None if hidden else line.get("sum")
