"""What happens to files on cards, and how it is taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_

from voronka.core import clock
from voronka.core.errors import Forbidden, Refused
from voronka.core.formats import file_size
from voronka.desk.dictionaries.events import changed_since, locked_row
from voronka.desk.files.rules import may_delete
from voronka.desk.models import File
from voronka.journal.registry import event_type


def _set_deleted(event: Any, payload: Any, actor: Any, deleted: bool) -> None:
    # The note or activity that a file came with is not held up by what has become of the file since.
    file = locked_row(File, payload.file)
    if not may_delete(file, actor):
        raise Forbidden(f"file {file.pk}")
    if (file.deleted_at is not None) == deleted:
        if event.cause_id is not None:
            return
        raise changed_since()
    if not deleted and not file.path:
        if event.cause_id is not None:
            return
        raise Refused(_("“%(name)s” was deleted long ago: it is no longer kept.") % {"name": file.name})
    file.deleted_at = clock.now() if deleted else None
    file.save(update_fields=["deleted_at"])


def _undo_added(event: Any, payload: Any, actor: Any) -> None:
    _set_deleted(event, payload, actor, True)


def _undo_deleted(event: Any, payload: Any, actor: Any) -> None:
    _set_deleted(event, payload, actor, False)


def _told(payload: Any) -> dict[str, Any]:
    return {"name": payload.name, "size": file_size(payload.size)}


@event_type(
    "file.added",
    sentence=N_("File: {name} ({size})"),
    icon="paperclip",
    describe=_told,
    undo=_undo_added,
    personal=("name",),
)
@dataclass(frozen=True)
class FileAdded:
    """*size* in bytes."""

    file: int
    name: str
    size: int


@event_type(
    "file.deleted",
    sentence=N_("File deleted: {name}"),
    icon="trash",
    describe=_told,
    undo=_undo_deleted,
    personal=("name",),
)
@dataclass(frozen=True)
class FileDeleted:
    """*size* in bytes."""

    file: int
    name: str
    size: int
