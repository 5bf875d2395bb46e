"""How events of a deal tell what its fields were."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from voronka.core.formats import number
from voronka.journal.past import Changed, register_past

EMPTY = "—"


def _edited(payload: Any, field: str) -> Changed | None:
    attname = next((name for name in (field, f"{field}_id") if name in payload.after), None)
    if attname is None:
        return None
    was, now = payload.before.get(attname), payload.after[attname]
    line = next((line for line in payload.shown if line.get("name") == field), None)
    if line is not None:
        return Changed(was, now, line["was"], line["now"])
    return Changed(was, now, _text(field, was), _text(field, now))


def _text(field: str, value: Any) -> str:
    if value in (None, ""):
        return EMPTY
    return number(Decimal(value)) if field == "amount" else str(value)


register_past("deal", "deal.edited", read=_edited)
