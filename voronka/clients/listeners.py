"""Consequences inside the room: whatever changes a client changes how it is found."""

from __future__ import annotations

from typing import Any

from voronka.clients import ties as ties
from voronka.clients.merging import own as own
from voronka.clients.search import refresh_companies, refresh_people
from voronka.journal.models import EventSubject
from voronka.journal.registry import on


@on(
    "company.created",
    "company.edited",
    "company.assigned",
    "company.deleted",
    "company.restored",
)
def _company_is_found(event: Any, payload: Any) -> None:
    refresh_companies([payload.company])


@on("contact.added", "contact.edited", "contact.removed")
def _contact_is_found(event: Any, payload: Any) -> None:
    if payload.company:
        refresh_companies([payload.company])
    if payload.person:
        refresh_people([payload.person])


@on(
    "person.created",
    "person.edited",
    "person.assigned",
    "person.deleted",
    "person.restored",
    "position.added",
    "position.edited",
    "position.removed",
)
def _person_is_found(event: Any, payload: Any) -> None:
    refresh_people([payload.person])


@on("company.merged", "person.merged")
def _merged_is_found_once(event: Any, payload: Any) -> None:
    """The card that stays is found by the other's words too; that one, and its people, stand on it no more."""
    if event.type == "company.merged":
        refresh_companies([payload.company, payload.loser])
    else:
        refresh_people([payload.person, payload.loser])


@on("access.granted")
def _let_in_finds(event: Any, payload: Any) -> None:
    if payload.company:
        refresh_companies([payload.company])
    if payload.person:
        refresh_people([payload.person])


@on("event.undone")
def _undone_is_found(event: Any, payload: Any) -> None:
    """Undoing writes what was; the cards that told of the change are found by the old words again."""
    if not payload.what.startswith(("company.", "contact.", "person.", "position.", "access.")):
        return
    subjects = EventSubject.objects.filter(event=event).values_list("kind", "object_id")
    refresh_companies(pk for kind, pk in subjects if kind == "company")
    refresh_people(pk for kind, pk in subjects if kind == "person")
