"""What happened to a card, told in words."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ninja import Query, Router, Schema

from voronka.api.access import ApiRequest, needs
from voronka.api.cards import card
from voronka.api.paging import BY_ID, page
from voronka.api.shapes import Asked, Id, Listed, Ref, ref
from voronka.deals.feeds import events_of
from voronka.journal.sentences import tell

router = Router()


class EventOut(Schema):
    """One happening; `sentence` is in the language that was asked for."""

    id: int
    type: str
    at: dt.datetime
    actor: Ref | None
    sentence: str
    details: str
    undone: bool


def _list(request: ApiRequest, kind: str, pk: int, asked: Asked) -> dict[str, Any]:
    card(request, kind, pk, "read")
    paged = page(events_of(request.member, (kind, pk)), BY_ID, "-id", asked.cursor, asked.limit)
    items = []
    for event in paged.rows:
        told = tell(event)
        if told.silent:
            # It speaks of nothing but what is hidden from the member.
            continue
        items.append(
            {
                "id": event.pk,
                "type": event.type,
                "at": event.at,
                "actor": ref(event.actor),
                "sentence": told.sentence,
                "details": told.body,
                "undone": event.undone_by_id is not None,
            }
        )
    return {"items": items, "next": paged.next}


@router.get("/deals/{deal_id}/events/", response=Listed[EventOut], **needs("deals:read"))
def list_deal_events(request: ApiRequest, deal_id: Id, asked: Query[Asked]) -> dict[str, Any]:
    """What happened to a deal, the newest first."""
    return _list(request, "deal", deal_id, asked)


@router.get("/companies/{company_id}/events/", response=Listed[EventOut], **needs("clients:read"))
def list_company_events(request: ApiRequest, company_id: Id, asked: Query[Asked]) -> dict[str, Any]:
    """What happened to a company, the newest first."""
    return _list(request, "company", company_id, asked)


@router.get("/people/{person_id}/events/", response=Listed[EventOut], **needs("clients:read"))
def list_person_events(request: ApiRequest, person_id: Id, asked: Query[Asked]) -> dict[str, Any]:
    """What happened to a person, the newest first."""
    return _list(request, "person", person_id, asked)
