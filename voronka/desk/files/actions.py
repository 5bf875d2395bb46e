"""Verbs on files. The desk stands below all subjects: the caller has reached the card through `visible_to()`."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.core.files.base import File as DjangoFile
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.utils.translation import gettext as _

from voronka.core import clock, formats
from voronka.core.errors import Forbidden, Refused
from voronka.core.tenancy import require_workspace_id
from voronka.desk.files import events
from voronka.desk.files.kinds import HEAD, kind_of, safe_name
from voronka.desk.files.rules import may_delete
from voronka.desk.models import File, Note
from voronka.journal.actions import caused_by, record
from voronka.journal.models import Event
from voronka.workspaces.models import Member

MAX_BYTES = 25 * 1024 * 1024
MOST_FILES = 500
MOST_AT_ONCE = 20
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Taken:
    """A file that was looked at and stored, and has no row yet. *size* in bytes."""

    name: str
    path: str
    kind: str
    size: int
    digest: str


@contextmanager
def taking(given: Iterable[tuple[str, BinaryIO]]) -> Iterator[list[Taken]]:
    """Look at the files *given* as (name, content) and store them; when the block fails, nothing of them is left.

    Raises `Refused` for too many, for an empty one, one of more than `MAX_BYTES`, and one of a kind that is not taken.
    """
    given = list(given)
    if len(given) > MOST_AT_ONCE:
        raise Refused(
            _("Not more than %(count)s files go up at once.") % {"count": MOST_AT_ONCE}, field="files"
        )
    taken: list[Taken] = []
    try:
        for name, content in given:
            taken.append(_take(name, content))
        yield taken
    except BaseException:
        for one in taken:
            default_storage.delete(one.path)
        raise


def add_file(
    *,
    actor: Member,
    subject: tuple[str, int],
    name: str,
    content: BinaryIO,
    also: Iterable[tuple[str, int | None]] = (),
) -> File:
    """Put a file on a card. *also* are further cards in whose feed it shows. Raises as `taking`."""
    with taking([(name, content)]) as (one,), transaction.atomic():
        row = _written(one, actor=actor, subject=subject)
        payload = events.FileAdded(file=row.pk, name=row.name, size=row.size)
        record(payload, actor=actor, subjects=[subject, *also], at=row.created_at)
    return row


def attach_files(
    taken: Sequence[Taken], *, actor: Member, subject: tuple[str, int], event: Event, note: Note | None = None
) -> list[File]:
    """Put files on a card as a part of *event*, which wrote the note or activity they came with.

    They are told with that event and taken back with it: no feed has lines of their own for them.
    """
    rows = []
    with caused_by(event):
        for one in taken:
            row = _written(one, actor=actor, subject=subject, note=note)
            record(events.FileAdded(file=row.pk, name=row.name, size=row.size), actor=actor, subjects=[])
            rows.append(row)
    return rows


def _take(name: str, content: BinaryIO) -> Taken:
    head = content.read(HEAD)
    content.seek(0)
    if not head:
        raise Refused(_("“%(name)s” is empty.") % {"name": name}, field="files")
    kind = kind_of(head, name)
    if kind is None:
        raise Refused(
            _("“%(name)s” cannot be taken: programs, web pages and unknown kinds of files are not kept.")
            % {"name": name},
            field="files",
        )
    size, digest = _measured(content, name)
    # A name of our own: nothing that was sent becomes a part of a path.
    path = f"cards/{require_workspace_id()}/{clock.today():%Y-%m}/{uuid.uuid4().hex}"
    path = default_storage.save(path, DjangoFile(content))
    return Taken(safe_name(name, kind), path, kind, size, digest)


def _written(one: Taken, *, actor: Member, subject: tuple[str, int], note: Note | None = None) -> File:
    if files_of(*subject).count() >= MOST_FILES:
        raise Refused(_("There are too many files here: delete those that are out of use."), field="files")
    return File.objects.create(
        subject_kind=subject[0],
        subject_id=subject[1],
        note=note,
        name=one.name,
        path=one.path,
        content_type=one.kind,
        size=one.size,
        digest=one.digest,
        author=actor,
        created_at=clock.now(),
    )


@transaction.atomic
def delete_file(file: File, *, actor: Member) -> File:
    """Take a file off its card; its bytes stay for undo. Raises `Refused` when it is gone, `Forbidden`."""
    row = File.objects.select_for_update(of=("self",)).filter(pk=file.pk).first()
    if row is None:
        raise Refused(_("This is no longer there: it was deleted meanwhile."))
    if not may_delete(row, actor):
        raise Forbidden(f"file {row.pk}")
    if row.deleted_at is None:
        row.deleted_at = clock.now()
        row.save(update_fields=["deleted_at"])
        payload = events.FileDeleted(file=row.pk, name=row.name, size=row.size)
        record(payload, actor=actor, subjects=[(row.subject_kind, row.subject_id)])
    return row


def files_of(kind: str, pk: int) -> models.QuerySet[File]:
    """The files of a card, newest first (a queryset)."""
    return files_of_many(kind, [pk])


def files_of_many(kind: str, ids: Any) -> models.QuerySet[File]:
    """The files of several cards of a kind; *ids* are numbers or a queryset of them."""
    return File.objects.filter(subject_kind=kind, subject_id__in=ids, deleted_at=None).select_related(
        "author"
    )


def delete_files_of_note(note: Note, *, actor: Member, event: Event) -> None:
    """What came with a note goes with it, as a consequence of the *event* of its deletion."""
    now = clock.now()
    with caused_by(event):
        for row in File.objects.select_for_update(of=("self",)).filter(note=note, deleted_at=None):
            row.deleted_at = now
            row.save(update_fields=["deleted_at"])
            payload = events.FileDeleted(file=row.pk, name=row.name, size=row.size)
            record(payload, actor=actor, subjects=[], at=now)


def _measured(content: BinaryIO, name: str) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    while chunk := content.read(_CHUNK):
        size += len(chunk)
        if size > MAX_BYTES:
            raise Refused(
                _("“%(name)s” is bigger than %(limit)s MB.")
                % {"name": name, "limit": formats.number(MAX_BYTES // (1 << 20))},
                field="files",
            )
        digest.update(chunk)
    content.seek(0)
    return size, digest.hexdigest()
