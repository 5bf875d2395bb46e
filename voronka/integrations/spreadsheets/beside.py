"""Beside the transaction of an import: how far it is, that somebody is at work, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from voronka.core import clock
from voronka.desk.models import ImportBatch, ImportStatus
from voronka.desk.notices import in_words_of, notify

_LOCK = 7_402_002


def failed(batch: ImportBatch, message: str, status: str = ImportStatus.FAILED) -> None:
    """Note that the import, or the looking through, came to nothing, and tell whose it is."""
    batch.status, batch.message = status, message
    if status == ImportStatus.FAILED:
        batch.result = {}
    batch.finished_at = clock.now()
    batch.save(update_fields=["status", "message", "result", "finished_at"])
    if status == ImportStatus.FAILED:
        announce(batch)


def announce(batch: ImportBatch) -> None:
    """Tell in the bell what came of it."""
    member = batch.member
    with in_words_of(member):
        if batch.status == ImportStatus.DONE:
            count = batch.result.get("created", 0) + batch.result.get("updated", 0)
            text = ngettext(
                "Import of “%(file)s” is done: %(count)s row taken.",
                "Import of “%(file)s” is done: %(count)s rows taken.",
                count,
            ) % {"file": batch.file_name, "count": count}
        elif batch.status == ImportStatus.UNDONE:
            text = _("Import of “%(file)s” is undone.") % {"file": batch.file_name}
        else:
            text = _("Import of “%(file)s” failed.") % {"file": batch.file_name}
        notify(
            member,
            kind="import",
            text=text,
            key=f"import:{batch.pk}:{batch.status}:{batch.started_at}",
            url=f"/w/{member.workspace.slug}/import/{batch.pk}/",
        )


class Beside:
    """A second connection: it says how far the import is, and its lock says that somebody is at work."""

    def __init__(self, batch: ImportBatch) -> None:
        self._batch = batch
        # Not of the pool: a lock must end with its connection, and an import must not keep requests waiting.
        self._connection = psycopg.connect(**connection.get_connection_params(), autocommit=True)
        self._last: dict[str, Any] = {}

    def lock(self) -> bool:
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK, self._batch.pk])
            taken = cursor.fetchone()
            return bool(taken and taken[0])

    def say(self, **values: Any) -> None:
        """Write these columns of the batch now, whatever the import's transaction comes to."""
        if all(self._last.get(name) == value for name, value in values.items()):
            return
        self._last.update(values)
        for name, value in values.items():
            setattr(self._batch, name, value)
        columns = ", ".join(f'"{name}" = %s' for name in values)
        with self._connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE desk_importbatch SET {columns} WHERE id = %s", [*values.values(), self._batch.pk]
            )

    def close(self) -> None:
        self._connection.close()


@contextmanager
def held(batch: ImportBatch) -> Iterator[Beside | None]:
    """The connection beside, with the batch's lock; None when another process holds it."""
    beside = Beside(batch)
    try:
        yield beside if beside.lock() else None
    finally:
        beside.close()


_AT_WORK = (ImportStatus.RUNNING, ImportStatus.CHECKING, ImportStatus.UNDOING)


def notice_if_broken(batch: ImportBatch) -> ImportBatch:
    """If the batch is said to be at work but nobody works on it (the process was killed), say so in it."""
    # What waits for its turn is not begun yet.
    if batch.status not in _AT_WORK or (batch.status != ImportStatus.RUNNING and batch.started_at is None):
        return batch
    with held(batch) as beside:
        if beside is not None:
            batch.refresh_from_db()
            if batch.status == ImportStatus.RUNNING:
                failed(batch, _("The import was interrupted. Nothing of it was written; start it again."))
            elif batch.status == ImportStatus.CHECKING:
                failed(batch, _("Looking the files through was interrupted. Try again."), ImportStatus.DRAFT)
            elif batch.status == ImportStatus.UNDOING:
                # Undoing is one transaction: what was killed undid nothing.
                batch.status, batch.message = ImportStatus.DONE, _("Undoing was interrupted. Try again.")
                batch.save(update_fields=["status", "message"])
    return batch
