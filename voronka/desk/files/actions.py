"""Verbs on files. The desk stands below all subjects: the caller has reached the card through `visible_to()`."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from typing import BinaryIO

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
from voronka.journal.actions import record
from voronka.workspaces.models import Member

MAX_BYTES = 25 * 1024 * 1024
MOST_FILES = 500
_CHUNK = 1 << 20


def add_file(
    *,
    actor: Member,
    subject: tuple[str, int],
    name: str,
    content: BinaryIO,
    also: Iterable[tuple[str, int | None]] = (),
    note: Note | None = None,
) -> File:
    """Put a file on a card. *also* are further cards in whose feed it shows.

    Raises `Refused` for an empty one, one of more than `MAX_BYTES`, and one of a kind that is not taken.
    """
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
    try:
        return _written(actor, subject, also, note, safe_name(name, kind), path, kind, size, digest)
    except BaseException:
        default_storage.delete(path)
        raise


@transaction.atomic
def _written(
    actor: Member,
    subject: tuple[str, int],
    also: Iterable[tuple[str, int | None]],
    note: Note | None,
    name: str,
    path: str,
    kind: str,
    size: int,
    digest: str,
) -> File:
    if files_of(*subject).count() >= MOST_FILES:
        raise Refused(_("There are too many files here: delete those that are out of use."), field="files")
    now = clock.now()
    row = File.objects.create(
        subject_kind=subject[0],
        subject_id=subject[1],
        note=note,
        name=name,
        path=path,
        content_type=kind,
        size=size,
        digest=digest,
        author=actor,
        created_at=now,
    )
    payload = events.FileAdded(file=row.pk, name=name, size=size)
    record(payload, actor=actor, subjects=[subject, *also], at=now)
    return row


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
    return File.objects.filter(subject_kind=kind, subject_id=pk, deleted_at=None).select_related("author")


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
