"""Shapes that several rooms share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

from ninja import Schema
from pydantic import AwareDatetime, ConfigDict, Field

from voronka.api.paging import LARGEST, SIZE

T = TypeVar("T")

Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
Money = Annotated[Decimal, Field(ge=0, lt=10**13, decimal_places=2, examples=["150000.00"])]
# Moments carry their zone: a bare one would mean another time to every reader.
Moment = AwareDatetime
Text = Annotated[str, Field(max_length=20_000)]
Line = Annotated[str, Field(max_length=400)]
# A sum in an answer: digits, so that no program rounds it.
Sum = Annotated[str, Field(examples=["150000.00"])]


class In(Schema):
    """What a program sends: a field that nobody knows is a mistake, not a whim."""

    model_config = ConfigDict(extra="forbid")


class Ref(Schema):
    """A thing by its id and its name."""

    id: int
    name: str


class Listed(Schema, Generic[T]):
    """A page of a list; `next` is the cursor of the following one, null at the end."""

    items: list[T]
    next: str | None


class Asked(Schema):
    """What every list takes."""

    cursor: str | None = Field(None, max_length=2000, description="`next` of the page before")
    limit: int = Field(SIZE, ge=1, le=LARGEST)


class AskedFields(Asked):
    """Lists of large things also take the fields that are wanted."""

    fields: str | None = Field(
        None, max_length=500, description="only these fields, by commas; `id` always comes"
    )

    def only(self, items: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """*items* with the wanted fields."""
        rows = list(items)
        if not self.fields:
            return rows
        wanted = {"id", *(name.strip() for name in self.fields.split(","))}
        return [{name: value for name, value in row.items() if name in wanted} for row in rows]


def ref(row: Any) -> dict[str, Any] | None:
    """A thing by its id and its name, None for none."""
    return None if row is None else {"id": row.pk, "name": str(row)}


def total(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:.2f}"


def without(
    values: dict[str, Any], hidden: Iterable[str], names: Mapping[str, Iterable[str]]
) -> dict[str, Any]:
    """*values* without what the member may not see; *names* says which keys tell of a hidden field besides its own."""
    for field in hidden:
        for key in (field, *names.get(field, ())):
            values.pop(key, None)
    return values


def given(body: Schema, *skip: str) -> dict[str, Any]:
    """The fields that were sent, by name."""
    return {name: value for name, value in body.model_dump(exclude_unset=True).items() if name not in skip}


__all__ = [
    "Asked",
    "AskedFields",
    "Id",
    "In",
    "Line",
    "Listed",
    "Moment",
    "Money",
    "Ref",
    "Sum",
    "Text",
    "dt",
    "given",
    "ref",
    "total",
    "without",
]
