"""Search: deals, companies and people by any part of what they are known by."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from ninja import Query, Router, Schema
from pydantic import Field

from voronka.api.access import ApiRequest, needs
from voronka.api.shapes import In
from voronka.desk.search import search

router = Router()


class HitOut(Schema):
    """One thing found: `kind` is "deal", "company" or "person"."""

    kind: str
    id: int
    title: str
    hint: str
    number: int | None


class FoundOut(Schema):
    """`asked_as` is the text really asked when the keyboard was on the wrong layout; `alike`: nothing fits exactly."""

    items: list[HitOut]
    asked_as: str
    alike: bool


class Sought(In):
    q: Annotated[str, Field(min_length=1, max_length=100)]
    kinds: list[Literal["deal", "company", "person"]] = Field([], max_length=3)
    limit: Annotated[int, Field(ge=1, le=100)] = 20


@router.get("/search/", response=FoundOut, **needs())
def find(request: ApiRequest, asked: Query[Sought]) -> dict[str, Any]:
    """What the member may find by a name, a phone in any form, an INN, a number; scopes narrow the kinds."""
    found = search(request.member, asked.q, limit=asked.limit, kinds=asked.kinds or None)
    return {
        "items": [
            {
                "kind": hit.kind,
                "id": hit.object_id,
                "title": hit.title,
                "hint": hit.hint,
                "number": hit.number,
            }
            for hit in found.hits
        ],
        "asked_as": found.asked_as,
        "alike": found.is_like,
    }
