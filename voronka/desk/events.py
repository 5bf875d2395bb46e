"""What happens to notes. Payloads hold no text: a feed shows what the note says now."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_noop as N_

from voronka.desk import undoing
from voronka.journal.registry import event_type


@event_type("note.added", sentence=N_("Note"), icon="note", undo=undoing.note_added)
@dataclass(frozen=True)
class NoteAdded:
    note: int


@event_type(
    "note.edited",
    sentence=N_("Note edited"),
    icon="pencil",
    undo=undoing.note_edited,
    personal=["before"],
    webhook=False,
    quiet=True,
)
@dataclass(frozen=True)
class NoteEdited:
    """`before` is the text that undo puts back; `after_digest` tells whether it was edited once more since."""

    note: int
    before: str
    after_digest: str


@event_type("note.imported", sentence=N_("Note"), icon="note", webhook=False)
@dataclass(frozen=True)
class NoteImported:
    """A note of the old base, told in the feed at its own time; the batch has an event of its own."""

    note: int


@event_type(
    "notes.imported",
    sentence=N_("Notes imported: {count}"),
    icon="database-import",
    webhook=False,
    quiet=True,
)
@dataclass(frozen=True)
class NotesImported:
    """One event for a whole batch."""

    count: int


@event_type("note.pinned", sentence=N_("Note pinned"), icon="pin", undo=undoing.note_pinned, quiet=True)
@dataclass(frozen=True)
class NotePinned:
    note: int


@event_type(
    "note.unpinned", sentence=N_("Note unpinned"), icon="pinned-off", undo=undoing.note_unpinned, quiet=True
)
@dataclass(frozen=True)
class NoteUnpinned:
    note: int


@event_type("note.deleted", sentence=N_("Note deleted"), icon="trash", undo=undoing.note_deleted)
@dataclass(frozen=True)
class NoteDeleted:
    note: int
