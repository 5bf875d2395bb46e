"""Pages of lists for programs: a cursor is the place behind the last row, so rows that come and go disturb nobody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import F, Q
from django.utils.translation import gettext as _

from voronka.api.problems import Problem

SIZE: Final = 50
LARGEST: Final = 200
_SALT: Final = "voronka.api.cursor"
_LONGEST: Final = 2000


@dataclass(frozen=True)
class Order:
    """A way to sort: the column, and whether it may be empty (an index serves a question that does not ask)."""

    column: str
    nullable: bool = False


BY_ID: Final[Mapping[str, Order]] = {"id": Order("pk")}


@dataclass(frozen=True)
class Page:
    """The rows, and the cursor of the next page (None at the end)."""

    rows: list[Any]
    next: str | None


def page(
    rows: Any, orders: Mapping[str, Order], sort: str, cursor: str | None = None, limit: int = SIZE
) -> Page:
    """*limit* of *rows* (a queryset) behind *cursor*, sorted by *sort* (a name in *orders*, "-" for downwards).

    Empty values come last either way. Raises `Problem` 400 for a cursor that is not of this list and order.
    """
    down = sort.startswith("-")
    order = orders[sort.removeprefix("-")]
    column = F(order.column)
    last = True if order.nullable else None
    rows = rows.annotate(_place=column)
    if cursor:
        rows = _behind(rows, order, cursor, sort, down=down)
    first = column.desc(nulls_last=last) if down else column.asc(nulls_last=last)
    ordered = [first] if order.column == "pk" else [first, "-pk" if down else "pk"]
    found = list(rows.order_by(*ordered)[: limit + 1])
    if len(found) <= limit:
        return Page(found, None)
    row = found[limit - 1]
    return Page(found[:limit], signing.dumps([sort, _kept(row._place), row.pk], salt=_SALT))


def _behind(rows: Any, order: Order, cursor: str, sort: str, *, down: bool) -> Any:
    try:
        if len(cursor) > _LONGEST:
            raise signing.BadSignature
        asked, text, pk = signing.loads(cursor, salt=_SALT)
        value = None if text is None else rows.query.annotations["_place"].output_field.to_python(text)
        if asked != sort:
            raise signing.BadSignature
    except (signing.BadSignature, ValueError, TypeError, ValidationError):
        raise Problem(400, _("This cursor is not of this list: begin without one."), "wrong-cursor") from None
    side = "lt" if down else "gt"
    beyond = Q(**{f"pk__{side}": pk})
    if order.column == "pk":
        return rows.filter(beyond)
    if value is None:
        return rows.filter(beyond, **{f"{order.column}__isnull": True})
    further = Q(**{f"{order.column}__{side}": value}) | Q(**{order.column: value}) & beyond
    return rows.filter(further | Q(**{f"{order.column}__isnull": True}) if order.nullable else further)


def _kept(value: Any) -> Any:
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    return value if value is None or isinstance(value, int | str) else str(value)
