"""What a field of a card was before: read from the events that changed it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from voronka.journal.models import Event
from voronka.journal.registry import get_type

MOST = 100


@dataclass(frozen=True)
class Changed:
    """One change of one field: raw values as the event keeps them, and both in words."""

    was: Any
    now: Any
    was_text: str
    now_text: str


@dataclass(frozen=True)
class Past:
    """A value the field had: since when, by whom, through which event (None: from the beginning)."""

    value: Any
    text: str
    at: dt.datetime | None
    who: str
    event: int | None


# (payload, field) -> how the event changed the field, None if it did not.
Reader = Callable[[Any, str], Changed | None]

_readers: dict[str, dict[str, Reader]] = {}


def register_past(kind: str, *types: str, read: Reader) -> None:
    """Say how events of these types tell of changed fields of cards of *kind* ("deal", "company")."""
    for name in types:
        _readers.setdefault(kind, {})[name] = read


def past_of(kind: str, object_id: int, field: str) -> list[Past]:
    """The values of *field*, the present one first; [] when it was never changed. At most `MOST` changes are read."""
    readers = _readers.get(kind, {})
    events = (
        Event.objects.filter(
            subjects__kind=kind, subjects__object_id=object_id, type__in=readers, undone_by=None
        )
        .select_related("actor")
        .order_by("-id")
    )
    found: list[Past] = []
    oldest: Changed | None = None
    for event in events.iterator(chunk_size=200):
        payload = get_type(event.type).load(event.payload)
        change = readers[event.type](payload, field)
        if change is None or change.was == change.now:
            continue
        who = event.actor.name if event.actor else ""
        found.append(Past(change.now, change.now_text, event.at, who, event.pk))
        oldest = change
        if len(found) == MOST:
            break
    if oldest is not None:
        found.append(Past(oldest.was, oldest.was_text, None, "", None))
    return found
