"""The list of deals: its columns of order, keyset pages, totals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, F, Q, Sum, Value, When
from django.db.models.functions import Coalesce

from voronka.core.edits import jsonable
from voronka.deals.choices import Outcome
from voronka.deals.models import Deal

PAGE = 50
DEFAULT_SORT = "-opened"
_NULL = "~"


@dataclass(frozen=True)
class Order:
    """One way to sort: the column, and how its value is read back from the address of the next page."""

    column: str
    read: Callable[[str], Any]
    # An index in the usual order serves only a question that does not speak of empty values.
    always: bool = False


def _moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


ORDERS: dict[str, Order] = {
    "number": Order("number", int, always=True),
    "title": Order("title", str, always=True),
    "client": Order("company__name_key", str),
    "stage": Order("stage__order", int, always=True),
    "amount": Order("amount_base", Decimal),
    "expected": Order("expected_close", dt.date.fromisoformat),
    "next": Order("next_activity_at", _moment),
    "owner": Order("owner__name", str),
    "opened": Order("opened_at", _moment, always=True),
    "closed": Order("closed_at", _moment),
    "since": Order("stage_since", _moment, always=True),
}


@dataclass(frozen=True)
class Totals:
    """The foot of the list."""

    count: int
    total: Decimal
    weighted: Decimal
    no_amount: int


def sort_of(text: str) -> str:
    """A known sort, with its sign; the newest first for anything else."""
    return text if text.removeprefix("-") in ORDERS else DEFAULT_SORT


def page(deals: Any, sort: str, after: str, size: int = PAGE) -> tuple[list[Deal], str]:
    """The *size* deals behind the place *after* ("" for the beginning) and the place where the next begin ("" at the end).

    Empty values come last whichever way one sorts. An unreadable place begins anew.
    """
    down = sort.startswith("-")
    order = ORDERS[sort.removeprefix("-")]
    column = F(order.column)
    last_of_all = None if order.always else True
    rows = deals.order_by(
        column.desc(nulls_last=last_of_all) if down else column.asc(nulls_last=last_of_all),
        "-pk" if down else "pk",
    )
    if after:
        rows = _behind(rows, order, after, down=down)
    found = list(rows.select_related("company", "owner", "stage")[: size + 1])
    if len(found) <= size:
        return found, ""
    last = found[size - 1]
    value: Any = last
    for step in order.column.split("__"):
        value = getattr(value, step) if value is not None else None
    if isinstance(value, dt.datetime):
        value = value.isoformat()
    return found[:size], f"{_NULL if value is None else jsonable(value)}|{last.pk}"


def _behind(rows: Any, order: Order, after: str, *, down: bool) -> Any:
    text, _sep, pk_text = after.rpartition("|")
    try:
        pk = int(pk_text)
        value = None if text == _NULL else order.read(text)
    except (ValueError, ArithmeticError):
        return rows
    beyond = Q(pk__lt=pk) if down else Q(pk__gt=pk)
    if value is None:
        return rows.filter(beyond, **{f"{order.column}__isnull": True})
    further = Q(**{f"{order.column}__{'lt' if down else 'gt'}": value})
    behind = further | Q(**{order.column: value}) & beyond
    return rows.filter(behind if order.always else behind | Q(**{f"{order.column}__isnull": True}))


def totals(deals: Any) -> Totals:
    """Count, sum, weighted sum of the open ones, and how many have no sum."""
    chance = Coalesce("probability", "stage__probability")
    open_share = Case(When(outcome=Outcome.OPEN, then=F("amount_base") * chance))
    row = deals.order_by().aggregate(
        count=Count("*"),
        total=Sum("amount_base"),
        weighted=Sum(open_share),
        no_amount=Count(Value(1), filter=Q(amount=None)),
    )
    return Totals(
        row["count"], row["total"] or Decimal(0), (row["weighted"] or Decimal(0)) / 100, row["no_amount"]
    )
