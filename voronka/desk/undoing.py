"""How what was done to a note is taken back."""

from __future__ import annotations

import hashlib
from typing import Any

from django.utils.translation import gettext as _

from voronka.core import clock
from voronka.core.errors import Refused
from voronka.desk.models import Note


def digest(text: str) -> str:
    """Tells two texts of a note apart without keeping them."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _note(pk: int) -> Note:
    note = Note.objects.select_for_update().filter(pk=pk).first()
    if note is None:
        raise Refused(_("This note is no longer there."))
    return note


def note_added(event: Any, payload: Any, actor: Any) -> None:
    Note.objects.filter(pk=payload.note, deleted_at=None).update(deleted_at=clock.now())


def note_edited(event: Any, payload: Any, actor: Any) -> None:
    note = _note(payload.note)
    if digest(note.body) != payload.after_digest:
        raise Refused(_("This was changed again since then, so it cannot be undone."))
    note.body = payload.before
    note.save(update_fields=["body"])


def note_pinned(event: Any, payload: Any, actor: Any) -> None:
    Note.objects.filter(pk=payload.note).update(pinned_at=None)


def note_unpinned(event: Any, payload: Any, actor: Any) -> None:
    Note.objects.filter(pk=payload.note, pinned_at=None).update(pinned_at=clock.now())


def note_deleted(event: Any, payload: Any, actor: Any) -> None:
    note = _note(payload.note)
    note.deleted_at = None
    note.save(update_fields=["deleted_at"])
