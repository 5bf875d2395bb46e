"""One import from the files to the end: what the wizard, the background job and the command call."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from voronka.core import clock
from voronka.core.errors import Forbidden, Refused
from voronka.desk.models import ImportBatch, ImportStatus
from voronka.integrations.events import ImportDone
from voronka.integrations.spreadsheets.beside import Beside, announce, failed, held, notice_if_broken
from voronka.integrations.spreadsheets.files import (
    Files,
    Progress,
    examine,
    files_folder,
    first_options,
    forget_files,
    open_files,
    remember,
    targets,
)
from voronka.integrations.spreadsheets.known import Known
from voronka.integrations.spreadsheets.lots import parts_of
from voronka.integrations.spreadsheets.undoing import undo_import
from voronka.integrations.spreadsheets.works import Work, summary_of
from voronka.integrations.spreadsheets.writing import one_at_a_time
from voronka.journal.actions import record
from voronka.workspaces.models import Member
from voronka.workspaces.numbering import next_numbers
from voronka.workspaces.rights import Action, Subject

logger = logging.getLogger(__name__)


def run(
    batch: ImportBatch, *, errors: str | Path | None = None, progress: Progress | None = None
) -> ImportBatch:
    """Carry the import *batch* out, all its files in one transaction: a crash or a refusal leaves nothing of it.

    How far it is stands in the batch (written beside the transaction). The batch ends as done or failed, with a
    message; nothing is raised but what shuts the process down.
    """
    with held(batch) as beside:
        if beside is not None:
            beside.say(status=ImportStatus.RUNNING, started_at=clock.now(), done_rows=0, message="")
            with _telling_failure(
                batch, _("Something went wrong on our side. Nothing was imported; try again.")
            ):
                _run(batch, beside, errors, progress or (lambda phase, done, total: None))
    return batch


def look_through(batch: ImportBatch, *, progress: Progress | None = None) -> ImportBatch:
    """Say in the batches what the import would do (`result["preview"]`); the batch is a draft again, or failed."""
    with held(batch) as beside:
        if beside is not None:
            beside.say(status=ImportStatus.CHECKING, started_at=clock.now(), done_rows=0, message="")
            with _telling_failure(
                batch, _("Something went wrong on our side. Try again."), ImportStatus.DRAFT
            ):
                tell = _teller(beside, progress or (lambda phase, done, total: None), reading=100)
                works = [Work(part) for part in parts_of(batch)]
                known = Known()
                for index, work in enumerate(works):
                    work.read(_part(tell, index, len(works)))
                    work.assess(known)
                    work.batch.result = {"preview": work.preview()}
                    work.batch.save(update_fields=["result"])
                # The lot itself says that the previews of all its files are there.
                batch.result = (
                    works[0].batch.result if len(works) == 1 else {"preview": {"parts": len(works)}}
                )
                batch.status, batch.message = ImportStatus.DRAFT, ""
                batch.save(update_fields=["result", "status", "message"])
    return batch


def take_back(batch: ImportBatch, *, actor: Member) -> ImportBatch:
    """Undo the import *batch* as a job does: how far it is stands in the batch; a failure leaves it done."""
    with held(batch) as beside:
        if beside is not None:
            beside.say(status=ImportStatus.UNDOING, started_at=clock.now(), done_rows=0, message="")
            sentence = _("Something went wrong on our side. Nothing was undone; try again.")
            with _telling_failure(batch, sentence, ImportStatus.DONE):
                undo_import(
                    batch, actor=actor, progress=lambda done, total: beside.say(done_rows=done * 100 // total)
                )
                batch.refresh_from_db()
                announce(batch)
    return batch


def _run(batch: ImportBatch, beside: Beside, errors: str | Path | None, progress: Progress) -> None:
    member = batch.member
    member.require(Subject.IMPORT, Action.CREATE)
    tell = _teller(beside, progress)
    works = [Work(part) for part in parts_of(batch)]
    for index, work in enumerate(works):
        work.read(_part(tell, index, len(works)))
    # In a step of its own: whoever makes a deal meanwhile gets the next number at once. A failed import leaves a gap.
    count = sum(work.new_deals() for work in works)
    first = next_numbers("deal", count) if count else 1
    numbers = iter(range(first, first + count))
    with transaction.atomic():
        one_at_a_time()
        known = Known(looking_ahead=False)
        for index, work in enumerate(works):
            work.assess(known)
            work.write(numbers, _part(tell, index, len(works)))
            work.finish(errors if len(works) == 1 else None)
        _sum_up(batch, [work.batch for work in works])
        if any(work.taken for work in works):
            record(
                ImportDone(
                    batch=batch.pk,
                    file=batch.file_name,
                    created=sum(work.batch.result["created"] for work in works),
                    updated=sum(work.batch.result["updated"] for work in works),
                    rejected=sum(work.batch.result["rejected"] for work in works),
                ),
                actor=member,
                subjects=[("import", batch.pk)],
            )
        batch.status, batch.message = ImportStatus.DONE, ""
        batch.total_rows = batch.done_rows = 100
        batch.finished_at = clock.now()
        batch.save()
    announce(batch)


def _sum_up(batch: ImportBatch, parts: Sequence[ImportBatch]) -> None:
    """The counts of the lot are those of its files together."""
    if len(parts) == 1 and parts[0].pk == batch.pk:
        batch.result, batch.error_path = parts[0].result, parts[0].error_path
        return
    names = ("rows", "created", "updated", "unchanged", "kept", "rejected")
    batch.result = {name: sum(part.result.get(name, 0) for part in parts) for name in names}


def _teller(beside: Beside, progress: Progress, reading: int = 40) -> Progress:
    """Says in the batch how far it is, in hundredths: reading is the shorter half of the way."""

    def tell(phase: str, done: int, total: int) -> None:
        share = done / max(total, 1)
        part = share * reading if phase == "read" else reading + share * (100 - reading)
        beside.say(done_rows=int(part), total_rows=100)
        progress(phase, done, total)

    return tell


def _part(tell: Progress, index: int, count: int) -> Progress:
    """How far one of *count* files is, as a share of them all."""

    def told(phase: str, done: int, total: int) -> None:
        if count == 1:
            tell(phase, done, total)
        else:
            tell(phase, index * 1000 + done * 1000 // max(total, 1), count * 1000)

    return told


@contextmanager
def _telling_failure(batch: ImportBatch, sentence: str, status: str = ImportStatus.FAILED) -> Iterator[None]:
    try:
        yield
    except (Refused, Forbidden) as refusal:
        message = str(refusal) if isinstance(refusal, Refused) else _("You have no right to import.")
        failed(batch, message, status)
    except Exception:
        logger.exception("import %s failed", batch.pk)
        failed(batch, sentence, status)


__all__ = [
    "Files", "examine", "files_folder", "first_options", "forget_files", "look_through", "notice_if_broken", "open_files", "remember",
    "run", "summary_of", "take_back", "targets",
]  # fmt: skip
