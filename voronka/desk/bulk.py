"""Set verb for import: many notes at once, one event for all, and each told in the feeds at its own time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction

from voronka.core import clock
from voronka.core.text import clean
from voronka.desk import events
from voronka.desk.models import Note
from voronka.desk.notes import LONGEST_NOTE
from voronka.journal.actions import record
from voronka.journal.bulk import PastEvent, forget_past, write_past
from voronka.workspaces.models import Member

BATCH = 2000


@dataclass(frozen=True, slots=True)
class NoteRow:
    """One note on the card `(kind, id)`; *also* are further cards in whose feed it shows (a deal's client)."""

    subject: tuple[str, int]
    text: str
    author_id: int
    created_at: dt.datetime | None = None
    also: tuple[tuple[str, int | None], ...] = ()


@transaction.atomic
def import_notes(rows: Iterable[NoteRow], *, actor: Member) -> list[int]:
    """Write notes; return their ids in the order of *rows*. A text longer than a note may be is cut."""
    rows = list(rows)
    now = clock.now()
    notes = Note.objects.bulk_create(
        (
            Note(
                subject_kind=row.subject[0],
                subject_id=row.subject[1],
                author_id=row.author_id,
                body=clean(row.text, LONGEST_NOTE, multiline=True),
                created_at=row.created_at or now,
            )
            for row in rows
        ),
        batch_size=BATCH,
    )
    if notes:
        write_past(
            PastEvent(
                events.NoteImported(note=note.pk),
                note.created_at,
                note.author_id,
                [row.subject, *row.also, ("note", note.pk)],
            )
            for row, note in zip(rows, notes, strict=True)
        )
        record(events.NotesImported(count=len(notes)), actor=actor, subjects=[], at=now)
    return [note.pk for note in notes]


@transaction.atomic
def change_notes(texts: Iterable[tuple[int, str]]) -> None:
    """Write other texts into imported notes: (id, text). Part of an import's event."""
    Note.objects.bulk_update(
        (Note(pk=pk, body=clean(text, LONGEST_NOTE, multiline=True)) for pk, text in texts),
        ["body"],
        batch_size=500,
    )


@transaction.atomic
def remove_notes(ids: Sequence[int]) -> int:
    """Take away notes as if they had never been, for undoing an import; return how many."""
    forget_past("note", ids)
    return Note.objects.filter(pk__among=ids).delete()[0]
