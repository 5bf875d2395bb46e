"""Set verb: events of the past, for import and the demo company. Nothing follows from them: no consequences, no effects."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from voronka.journal.models import Event, EventSubject
from voronka.journal.registry import type_of

BATCH = 2000


@dataclass(frozen=True)
class PastEvent:
    """One event as `record()` would have written it."""

    payload: Any
    at: dt.datetime
    actor_id: int | None
    subjects: Sequence[tuple[str, int | None]]


@transaction.atomic
def write_past(rows: Iterable[PastEvent]) -> int:
    """Write the events, oldest first (feeds are read by id); return how many."""
    ordered = sorted(rows, key=lambda row: row.at)
    written = Event.objects.bulk_create(
        (
            Event(
                type=type_of(row.payload).name,
                at=row.at,
                actor_id=row.actor_id,
                payload=dataclasses.asdict(row.payload),
            )
            for row in ordered
        ),
        batch_size=BATCH,
    )
    EventSubject.objects.bulk_create(
        (
            EventSubject(event=event, kind=kind, object_id=pk)
            for row, event in zip(ordered, written, strict=True)
            for kind, pk in dict.fromkeys(row.subjects)
            if pk is not None
        ),
        batch_size=BATCH,
    )
    return len(written)


# Types of events that tell of what an import brought end so: they are no work done here.
OF_IMPORT = ".imported"


@transaction.atomic
def forget_past(kind: str, ids: Sequence[int]) -> int:
    """Take away the events by which imports told of these objects, for undoing an import; return how many."""
    count = 0
    for start in range(0, len(ids), BATCH):
        told = EventSubject.objects.filter(
            kind=kind, object_id__among=ids[start : start + BATCH], event__type__endswith=OF_IMPORT
        )
        events = list(told.values_list("event_id", flat=True))
        EventSubject.objects.filter(event__among=events).delete()
        rows = Event.objects.filter(pk__among=events)
        count += rows._raw_delete(rows.db)
    return count
