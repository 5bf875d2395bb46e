"""Filters of lists as an address takes them: the same parameters as the pages have, held to their kinds.

The pages drop what makes no sense, since a link that was sent to a colleague must open; a program is told instead.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Final

from django.utils.translation import override
from pydantic import Field, create_model

from voronka.api.shapes import AskedFields
from voronka.deals.choices import DealKind, Interest, Outcome, Priority
from voronka.deals.filters import FIELDS, LABELS

Code = Annotated[str, Field(pattern=r"^([0-9]{2}|-)$")]
Section = Annotated[str, Field(pattern=r"^([A-U]|-)$")]
# 0 among ids means «not given».
Number = Annotated[int, Field(ge=0, lt=10**18)]
Who = Annotated[str, Field(pattern=r"^(me|none|[0-9]{1,18})$")]


def _one_of(*codes: Any) -> Any:
    return Annotated[str, Field(pattern="^(" + "|".join(str(code) for code in codes) + ")$")]


_CODES: Final[dict[str, Any]] = {
    "region": Code,
    "industry": Section,
    "outcome": _one_of(*Outcome.values),
    "kind": _one_of(*DealKind.values),
    "priority": _one_of(*Priority.values),
    "interest": _one_of(*Interest.values, "-"),
}
_WHO: Final = frozenset({"owner", "closed_owner"})


def _list_of(kind: Any) -> Any:
    return list[kind]


def _declared(name: str, kind: str) -> tuple[Any, Any]:
    """The type and the default of one parameter, from what the filter says it holds."""
    # Whoever loads this first may speak another language: the description is English always.
    with override("en"):
        about = str(LABELS.get(name) or LABELS.get(name.replace("_to", "_from"), name))
    if kind == "id":
        return Number | None, Field(None, description=about)
    if kind == "ids":
        return _list_of(Who if name in _WHO else Number), Field([], max_length=100, description=about)
    if kind == "codes":
        return _list_of(_CODES[name]), Field([], max_length=100, description=about)
    if kind == "day":
        return dt.date | None, Field(None, description=about)
    if kind == "sum":
        amount = Annotated[Decimal, Field(gt=-(10**13), lt=10**13)]
        return amount | None, Field(None, description=about)
    if kind == "flag":
        return bool, Field(False, description=about)
    return str | None, Field(None, max_length=200, description=about)


def deal_parameters(name: str, *, base: Any = AskedFields, skip: frozenset[str] = frozenset()) -> Any:
    """A model of all that `DealFilter` understands; what the filter learns later comes by itself."""
    plain = {
        field: _declared(field, kind)
        for field, kind in FIELDS.items()
        if kind in _PLAIN and field not in skip
    }
    return create_model(name, __base__=base, **plain)  # type: ignore[call-overload]


_PLAIN: Final = frozenset({"id", "ids", "codes", "day", "sum", "flag", "text"})
