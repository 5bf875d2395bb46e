"""Files of an import: opened, matched to what was answered before, and put away."""

from __future__ import annotations

import logging
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from voronka.core import clock
from voronka.core.errors import Refused
from voronka.core.spreadsheets import NotATable, Table, open_table
from voronka.core.text import clean
from voronka.desk.models import ImportBatch, ImportMapping
from voronka.integrations.spreadsheets.assessing import Assessment, assess, stages_of, target_funnel
from voronka.integrations.spreadsheets.detecting import system_of
from voronka.integrations.spreadsheets.fields import match
from voronka.integrations.spreadsheets.kept import without_kept
from voronka.integrations.spreadsheets.options import Options, check_columns, headers_digest
from voronka.integrations.spreadsheets.parsing import Parsed, Reader
from voronka.playbook.models import Funnel
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Subject

logger = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]
MOST_ENTRIES = 2_000_000


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


def first_options(files: Files, subject: str = "deals", only: dict[str, str] | None = None) -> Options:
    """What the headers say, and what was answered last time for such a file."""
    header = files.deals.header
    remembered = ImportMapping.objects.filter(
        subject=subject,
        headers_digest=headers_digest([*header, *(files.history.header if files.history else ())]),
    ).first()
    if remembered is not None:
        try:
            options = Options.load(remembered.options)
            options.columns = check_columns(options.columns, header, subject)
            options.sheet, options.history_sheet = (
                files.deals.sheet,
                files.history.sheet if files.history else "",
            )
            options.only = only or {}
            return options
        except Refused:
            # Written by an older version, or a field is gone since: ask again.
            logger.warning("import mapping %s does not load", remembered.pk)
    options = Options(columns=match(header, subject), source=system_of(header), only=only or {})
    if files.deals.delimiter == "vcard":
        options.source = "vcard"
    if files.history is not None:
        options.history_columns = match(files.history.header, "history")
    return options


def remember(files: Files, options: Options, subject: str = "deals") -> None:
    """Keep the answers for the next file with the same headers."""
    digest = headers_digest([*files.deals.header, *(files.history.header if files.history else ())])
    ImportMapping.objects.update_or_create(
        subject=subject, headers_digest=digest, defaults={"options": options.dump(), "used_at": clock.now()}
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


def read_deals(
    files: Files, options: Options, *, actor: Member, progress: Progress = lambda phase, done, total: None
) -> tuple[Parsed, str]:
    """The deals of the files, and the funnel of those that name none. Raises `Refused`."""
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
    return reader.read(lambda done, total: progress("read", done, total)), name


def examine(
    files: Files, options: Options, *, actor: Member, progress: Progress = lambda phase, done, total: None
) -> Assessment:
    """Read everything and say what would happen with deals; writes nothing. Raises `Refused`, `Forbidden`."""
    actor.require(Subject.IMPORT, Action.CREATE)
    options.columns = without_kept(options.columns, "deals", actor)
    parsed, name = read_deals(files, options, actor=actor, progress=progress)
    return assess(parsed, source=options.source or "file", funnel=name)


def files_folder() -> Path:
    """Where files of imports lie: outside of what the web serves."""
    folder = Path(settings.MEDIA_ROOT) / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def forget_files(batch: ImportBatch, *, errors: bool = False) -> None:
    """Delete the files brought for an import (they lie in our folder), and those of its rejected rows."""
    folder = files_folder().resolve()
    for one in (batch, *batch.parts.all()):
        for path in (one.file_path, one.history_path, one.error_path if errors else ""):
            if path and Path(path).resolve().parent == folder:
                Path(path).unlink(missing_ok=True)
