"""Keyset pages over several sort keys: as quick on the thousandth page as on the first.

Empty values come last whichever way one sorts. Where the first key may be empty, rows that have it are asked first
and the rest after them: either half is then a plain walk along an index.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F, Q

from voronka.core.tenancy import require_workspace_id
from voronka.desk.lists.fields import NUMBERS, TIMES, Field, Kind

PAGE = 50
MOST_KEYS = 3


@dataclass(frozen=True)
class Key:
    """One key of the order."""

    field: Field
    down: bool

    @property
    def code(self) -> str:
        return f"-{self.field.name}" if self.down else self.field.name


def keys_of(text: str, fields: Mapping[str, Field], default: str = "") -> list[Key]:
    """The keys in «-amount,title»; unknown, hidden and repeated ones are left out, at most `MOST_KEYS` stay."""
    found: dict[str, Key] = {}
    for part in text.split(","):
        known = fields.get(part.strip().removeprefix("-"))
        if known is not None and known.sortable and known.order:
            found.setdefault(known.name, Key(known, part.strip().startswith("-")))
    if not found and default:
        return keys_of(default, fields)
    return list(found.values())[:MOST_KEYS]


def sort_text(keys: Sequence[Key]) -> str:
    """The keys as they stand in an address."""
    return ",".join(key.code for key in keys)


def ordered(rows: Any, keys: Sequence[Key]) -> Any:
    """*rows* in the order of *keys*, whole (for files): empty values last, the newest first among equals."""
    rows = _annotated(rows, keys)
    order = [_order(index, key) for index, key in enumerate(keys)]
    return rows.order_by(*order, "-pk" if _down(keys) else "pk")


def page(
    rows: Any, keys: Sequence[Key], after: str = "", size: int = PAGE, *, whole: Any = None
) -> tuple[list[Any], str]:
    """The *size* rows behind the place *after*, and the place where the next begin ("" at the end).

    Ids and keys are found first, by the narrowest rows there are, then the rows of the page are read out of *whole*
    (with everything their cells need; by default out of *rows*). An unreadable place begins anew.
    """
    whole = rows if whole is None else whole
    names = [f"_key{index}" for index in range(len(keys))]
    rows = _annotated(rows.select_related(None).prefetch_related(None), keys)
    down = _down(keys)
    mark = _read(after, keys)
    found: list[Any] = []
    first_is_empty = mark is not None and bool(keys) and mark[0][0] is None
    halves = [True, False] if keys and keys[0].field.nullable else [True]
    for with_value in halves:
        if with_value and first_is_empty:
            continue
        half = rows
        order: list[Any] = [_order(index, key) for index, key in enumerate(keys)]
        if len(halves) == 2:
            half = half.filter(_key0__isnull=not with_value)
            if with_value:
                half = half.filter(**_of_this_workspace(rows, keys[0]))
            plain = F("_key0").desc() if keys[0].down else F("_key0").asc()
            order = [plain, *order[1:]] if with_value else order[1:]
        if mark is not None and with_value != first_is_empty:
            half = half.filter(_behind(keys, *mark))
        half = half.order_by(*order, "-pk" if down else "pk")
        found += list(half.values_list("pk", *names)[: size + 1 - len(found)])
        if len(found) > size:
            break
        # The second half is read from its beginning.
        mark = None
    read = {row.pk: row for row in whole.filter(pk__in=[line[0] for line in found[:size]])} if found else {}
    shown = [read[line[0]] for line in found[:size] if line[0] in read]
    if len(found) <= size:
        return shown, ""
    pk, *values = found[size - 1]
    return shown, _write(values, pk)


def _of_this_workspace(rows: Any, key: Key) -> dict[str, int]:
    """What is true anyway of a related row by which is sorted, said so that its index can be walked."""
    order = key.field.order
    if not isinstance(order, str) or "__" not in order:
        return {}
    relation = order.rsplit("__", 1)[0]
    return {f"{relation}__workspace_id": require_workspace_id()}


def _down(keys: Sequence[Key]) -> bool:
    return keys[0].down if keys else True


def _annotated(rows: Any, keys: Sequence[Key]) -> Any:
    for index, key in enumerate(keys):
        order = key.field.order
        rows = rows.annotate(**{f"_key{index}": F(order) if isinstance(order, str) else order})
    return rows


def _order(index: int, key: Key) -> Any:
    column = F(f"_key{index}")
    last = True if key.field.nullable else None
    return column.desc(nulls_last=last) if key.down else column.asc(nulls_last=last)


def _behind(keys: Sequence[Key], values: list[Any], pk: int) -> Q:
    """Rows behind the one with these *values*: a later first key, or the same and a later second…"""
    same, found = Q(), Q(pk__in=[])
    for index, (key, value) in enumerate(zip(keys, values, strict=True)):
        name = f"_key{index}"
        if value is not None:
            later = Q(**{f"{name}__{'lt' if key.down else 'gt'}": value})
            if key.field.nullable and index > 0:
                later |= Q(**{f"{name}__isnull": True})
            found |= same & later
            same &= Q(**{name: value})
        else:
            same &= Q(**{f"{name}__isnull": True})
    found |= same & Q(**{f"pk__{'lt' if _down(keys) else 'gt'}": pk})
    if keys and values[0] is not None:
        # Said twice, so that an index is walked from the right place: PostgreSQL does not see it in the «or».
        found &= Q(**{f"_key0__{'lte' if keys[0].down else 'gte'}": values[0]})
    return found


def _write(values: list[Any], pk: int) -> str:
    def plain(value: Any) -> Any:
        if isinstance(value, dt.datetime):
            return ["t", value.isoformat()]
        if isinstance(value, dt.date):
            return ["d", value.isoformat()]
        if isinstance(value, Decimal):
            return ["n", str(value)]
        return value if value is None or isinstance(value, bool | int | float | str) else str(value)

    text = json.dumps([[plain(value) for value in values], pk], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(after: str, keys: Sequence[Key]) -> tuple[list[Any], int] | None:
    if not after or len(after) > 4000:
        return None
    try:
        text = base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)).decode()
        given, pk = json.loads(text)
        values = [_value(value) for value in given]
        if len(values) != len(keys) or not isinstance(pk, int) or isinstance(pk, bool) or abs(pk) >= 2**63:
            return None
    except (ValueError, TypeError, ArithmeticError, RecursionError):
        return None
    for key, value in zip(keys, values, strict=True):
        if value is None and not key.field.nullable:
            return None
        if not _fits(key.field, value):
            return None
    return values, pk


def _fits(field: Field, value: Any) -> bool:
    """Whether a value out of an address can be compared with the field at all."""
    if value is None:
        return True
    if isinstance(value, str):
        return "\x00" not in value and field.kind not in NUMBERS | TIMES
    if isinstance(value, dt.datetime):
        return field.kind == Kind.MOMENT
    if isinstance(value, dt.date):
        return field.kind == Kind.DATE
    return field.kind not in TIMES


def _value(value: Any) -> Any:
    if not isinstance(value, list):
        if value is not None and not isinstance(value, bool | int | float | str):
            raise ValueError(value)
        return value
    mark, text = value
    if mark == "t":
        moment = dt.datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError(text)
        return moment
    if mark == "d":
        return dt.date.fromisoformat(text)
    number = Decimal(text)
    if mark != "n" or not number.is_finite():
        raise ValueError(text)
    return number
