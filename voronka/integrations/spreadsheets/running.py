"""One import from the files to the end: what the wizard, the background job and the command call."""

from __future__ import annotations

import logging
import zoneinfo
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from voronka.core import clock
from voronka.core.errors import Forbidden, Refused
from voronka.core.spreadsheets import NotATable, Table, open_table, write_rejected
from voronka.core.text import clean
from voronka.desk.models import ImportBatch, ImportMapping, ImportStatus
from voronka.desk.notices import in_words_of, notify
from voronka.integrations.events import ImportDone
from voronka.integrations.spreadsheets.assessing import Assessment, assess, stages_of, target_funnel
from voronka.integrations.spreadsheets.fields import match, system_of
from voronka.integrations.spreadsheets.options import Options, check_columns, headers_digest
from voronka.integrations.spreadsheets.parsing import Reader
from voronka.integrations.spreadsheets.writing import Written, write
from voronka.journal.actions import record
from voronka.playbook.models import Funnel
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Subject

logger = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]
MOST_ENTRIES = 2_000_000
_LOCK = 7_402_002


@dataclass
class Files:
    """The tables of an import, opened."""

    deals: Table
    history: Table | None


def open_files(
    path: str | Path,
    name: str = "",
    *,
    history: str | Path | None = None,
    history_name: str = "",
    options: Options | None = None,
) -> Files:
    """Open the deals file and its history. Raises `Refused` with a sentence that names the file."""
    options = options or Options()
    deals = _open(path, name, options.sheet)
    stages = _open(history, history_name, options.history_sheet, MOST_ENTRIES) if history else None
    return Files(deals, stages)


def _open(path: str | Path, name: str, sheet: str, max_rows: int | None = None) -> Table:
    shown = clean(name or Path(path).name, 100)
    try:
        limits: dict[str, Any] = {"max_rows": max_rows} if max_rows else {}
        return open_table(str(path), name or Path(path).name, sheet=sheet or None, **limits)
    except NotATable as fault:
        raise Refused(f"{shown}: {fault}", field="file") from None
    except OSError as fault:
        raise Refused(
            _("The file %(name)s cannot be read: %(why)s.") % {"name": shown, "why": fault.strerror},
            field="file",
        ) from None


def first_options(files: Files) -> Options:
    """What the headers say, and what was answered last time for such a file."""
    header = files.deals.header
    remembered = ImportMapping.objects.filter(
        subject="deals",
        headers_digest=headers_digest([*header, *(files.history.header if files.history else ())]),
    ).first()
    if remembered is not None:
        try:
            options = Options.load(remembered.options)
            options.sheet, options.history_sheet = (
                files.deals.sheet,
                files.history.sheet if files.history else "",
            )
            return options
        except Refused:
            # Written by an older version: ask again.
            logger.warning("import mapping %s does not load", remembered.pk)
    options = Options(columns=match(header, "deals"), source=system_of(header))
    if files.history is not None:
        options.history_columns = match(files.history.header, "history")
    return options


def remember(files: Files, options: Options) -> None:
    """Keep the answers for the next file with the same headers."""
    digest = headers_digest([*files.deals.header, *(files.history.header if files.history else ())])
    ImportMapping.objects.update_or_create(
        subject="deals", headers_digest=digest, defaults={"options": options.dump(), "used_at": clock.now()}
    )


def targets(files: Files, options: Options) -> tuple[str, dict[str, str]]:
    """The funnel of the deals that name none, and the stages there are in all funnels concerned (by folded name).

    Raises `Refused` when the funnel cannot be told.
    """
    by_column = options.columns.get("funnel")
    if by_column is None or options.funnel:
        name, funnel = target_funnel(options.funnel)
    else:
        present = Funnel.objects.filter(archived_at=None)
        funnel = present.get() if present.count() == 1 else None
        name = funnel.name if funnel else _("Sales")
    known = {key: stage.name for key, stage in stages_of(funnel).items()}
    if by_column in files.deals.header:
        place = files.deals.header.index(by_column)
        for value in dict.fromkeys(clean(row.cells[place]) for row in files.deals.rows()):
            if value:
                _name, named = target_funnel(value)
                known |= {key: stage.name for key, stage in stages_of(named).items() if key not in known}
    return name, known


def examine(
    files: Files, options: Options, *, actor: Member, progress: Progress = lambda phase, done, total: None
) -> Assessment:
    """Read everything and say what would happen; writes nothing. The dry run and the preview.

    Raises `Refused`, `Forbidden`.
    """
    actor.require(Subject.IMPORT, Action.CREATE)
    workspace = actor.workspace
    options.columns = check_columns(options.columns, files.deals.header, "deals")
    if files.history is not None:
        options.history_columns = check_columns(options.history_columns, files.history.header, "history")
    name, known = targets(files, options)
    reader = Reader(
        files.deals,
        options,
        zone=zoneinfo.ZoneInfo(workspace.time_zone),
        currency=workspace.currency,
        history=files.history,
        known_stages=known,
    )
    parsed = reader.read(lambda done, total: progress("read", done, total))
    return assess(parsed, source=options.source or "file", funnel=name)


def summary_of(found: Assessment, written: Written | None = None) -> dict[str, Any]:
    """The counts that are shown: what would be done, or what was."""
    reasons = [[reason, count] for reason, count in found.parsed.reasons.most_common(30)]
    return {
        "rows": found.parsed.total,
        "created": len(found.created),
        "updated": len(found.updated),
        "unchanged": found.unchanged,
        "kept": len(found.kept),
        "kept_titles": [deal.title for deal, _pk in found.kept[:30]],
        "rejected": len(found.parsed.rejected),
        "reasons": reasons,
        "stray": found.parsed.stray,
        "no_opening": found.parsed.no_opening,
        "companies": written.companies if written else len(found.new_companies),
        "people": written.people if written else len(found.new_people),
        "products": written.products if written else len(found.new_products),
        "stages": written.stages if written else found.new_stages,
        "owners": written.owners if written else len(found.new_owners),
    }


def files_folder() -> Path:
    """Where files of imports lie: outside of what the web serves."""
    folder = Path(settings.MEDIA_ROOT) / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def forget_files(batch: ImportBatch, *, errors: bool = False) -> None:
    """Delete the files brought for an import (they lie in our folder), and those of its rejected rows."""
    folder = files_folder().resolve()
    for path in (batch.file_path, batch.history_path, batch.error_path if errors else ""):
        if path and Path(path).resolve().parent == folder:
            Path(path).unlink(missing_ok=True)


def run(
    batch: ImportBatch, *, errors: str | Path | None = None, progress: Progress | None = None
) -> ImportBatch:
    """Carry the import *batch* out: one transaction, so a crash or a refusal leaves nothing of it.

    How far it is stands in the batch (written beside the transaction). The batch ends as done or failed, with a
    message; nothing is raised but what shuts the process down.
    """
    with _held(batch) as beside:
        if beside is None:
            return batch
        try:
            _run(batch, beside, errors, progress or (lambda phase, done, total: None))
        except (Refused, Forbidden) as refusal:
            message = str(refusal) if isinstance(refusal, Refused) else _("You have no right to import.")
            _failed(batch, message)
        except Exception:
            logger.exception("import %s failed", batch.pk)
            _failed(batch, _("Something went wrong on our side. Nothing was imported; try again."))
    return batch


def _run(batch: ImportBatch, beside: _Beside, errors: str | Path | None, progress: Progress) -> None:
    member = batch.member
    options = Options.load(batch.options)
    beside.say(status=ImportStatus.RUNNING, started_at=clock.now(), done_rows=0, message="")

    def tell(phase: str, done: int, total: int) -> None:
        # Reading is the shorter half of the way.
        part = done * 40 // max(total, 1) if phase == "read" else 40 + done * 60 // max(total, 1)
        beside.say(done_rows=part, total_rows=100)
        progress(phase, done, total)

    files = open_files(
        batch.file_path,
        batch.file_name,
        history=batch.history_path or None,
        history_name=batch.history_name,
        options=options,
    )
    with transaction.atomic():
        found = examine(files, options, actor=member, progress=tell)
        written = write(
            found,
            actor=member,
            batch=batch,
            source=options.source or "file",
            default_owner=member if member.is_active else None,
            currency=member.workspace.currency,
            progress=lambda done, total: tell("write", done, total),
        )
        batch.result = summary_of(found, written)
        if found.parsed.rejected:
            path = Path(errors) if errors else files_folder() / f"errors-{batch.workspace_id}-{batch.pk}.xlsx"
            write_rejected(path, files.deals.header, found.parsed.rejected)
            batch.error_path = str(path)[:255]
        if written.created or written.updated:
            record(
                ImportDone(
                    batch=batch.pk,
                    file=batch.file_name,
                    created=written.created,
                    updated=written.updated,
                    rejected=len(found.parsed.rejected),
                ),
                actor=member,
                subjects=[("import", batch.pk)],
            )
        remember(files, options)
        batch.status = ImportStatus.DONE
        batch.message = ""
        batch.total_rows = batch.done_rows = 100
        batch.finished_at = clock.now()
        batch.save()
    _announce(batch)


def _failed(batch: ImportBatch, message: str) -> None:
    batch.status, batch.message, batch.result = ImportStatus.FAILED, message, {}
    batch.finished_at = clock.now()
    batch.save(update_fields=["status", "message", "result", "finished_at"])
    _announce(batch)


def _announce(batch: ImportBatch) -> None:
    member = batch.member
    with in_words_of(member):
        if batch.status == ImportStatus.DONE:
            count = batch.result.get("created", 0) + batch.result.get("updated", 0)
            text = ngettext(
                "Import of “%(file)s” is done: %(count)s row taken.",
                "Import of “%(file)s” is done: %(count)s rows taken.",
                count,
            ) % {"file": batch.file_name, "count": count}
        else:
            text = _("Import of “%(file)s” failed.") % {"file": batch.file_name}
        notify(
            member,
            kind="import",
            text=text,
            key=f"import:{batch.pk}:{batch.status}:{batch.started_at}",
            url=f"/w/{member.workspace.slug}/import/{batch.pk}/",
        )


# --- beside the transaction


class _Beside:
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
def _held(batch: ImportBatch) -> Iterator[_Beside | None]:
    """The connection beside, with the batch's lock; None when another process holds it."""
    beside = _Beside(batch)
    try:
        yield beside if beside.lock() else None
    finally:
        beside.close()


def notice_if_broken(batch: ImportBatch) -> ImportBatch:
    """If the batch is said to run but nobody runs it (the process was killed), mark it as failed."""
    if batch.status != ImportStatus.RUNNING:
        return batch
    with _held(batch) as beside:
        if beside is not None:
            batch.refresh_from_db()
            if batch.status == ImportStatus.RUNNING:
                _failed(batch, _("The import was interrupted. Nothing of it was written; start it again."))
    return batch


__all__ = [
    "Files", "examine", "files_folder", "first_options", "notice_if_broken", "open_files", "remember", "run", "summary_of",
]  # fmt: skip
