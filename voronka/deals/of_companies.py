"""What lists of companies show of deals: how many are open, for how much."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.utils.translation import gettext_lazy as _

from voronka.deals.models import Deal
from voronka.desk.lists.conditions import Condition
from voronka.desk.lists.fields import Field, Kind
from voronka.desk.lists.registry import complete_custom_fields, provide_custom_fields
from voronka.workspaces.models import Member

DEALS = _("Deals")


@provide_custom_fields
def deals_of_companies(code: str) -> list[Field]:
    """The fields that deals add to companies."""
    if code != "company":
        return []
    return [
        Field(
            "open_deals",
            _("Open deals"),
            Kind.NUMBER,
            show=lambda company: getattr(company, "open_deals", None),
            sortable=False,
            filterable=False,
            group=DEALS,
            width=110,
        ),
        Field(
            "open_sum",
            _("Sum of open deals"),
            Kind.MONEY,
            show=lambda company: getattr(company, "open_sum", None),
            sortable=False,
            filterable=False,
            group=DEALS,
            width=140,
        ),
        Field(
            "has_deals",
            _("Has open deals"),
            Kind.FLAG,
            condition=_with_open_deals,
            sortable=False,
            listed=False,
            group=DEALS,
        ),
    ]


def _with_open_deals(asked: Condition, member: Member | None) -> Q:
    deals = Deal.objects.all() if member is None else Deal.objects.visible_to(member, only_open=True)
    there = Q(Exists(deals.filter(outcome="open", company=OuterRef("pk")).order_by()))
    return there if asked.op == "yes" else ~there


@complete_custom_fields
def with_deals(code: str, rows: list[Any], member: Member) -> None:
    """Write onto each company how many open deals the member sees with it, and their sum."""
    if code != "company":
        return
    hidden = "amount" in member.hidden_fields("deal")
    found = (
        Deal.objects.visible_to(member, only_open=True)
        .filter(company__in=[company.pk for company in rows])
        .order_by()
        .values("company")
        .annotate(count=Count("pk"), sum=Sum("amount_base"))
    )
    sums = {row["company"]: row for row in found}
    for company in rows:
        row = sums.get(company.pk, {})
        company.open_deals = row.get("count")
        company.open_sum = None if hidden else row.get("sum")
