"""How tests bring files in."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from voronka.desk.models import ImportBatch, ImportStatus
from voronka.integrations.spreadsheets import lots, running
from voronka.integrations.spreadsheets.assessing import Assessment
from voronka.integrations.spreadsheets.options import Options
from voronka.workspaces.models import Member

HEADER = [
    "id",
    "title",
    "amount",
    "company",
    "owner",
    "stage",
    "opened_at",
    "outcome",
    "closed_at",
    "lost_reason",
]


def written(folder: Path, rows: list[list[Any]], header: list[str] = HEADER, name: str = "deals.csv") -> Path:
    """A csv of *rows* in *folder*."""
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    path = folder / name
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def looked_at(member: Member, path: Path, history: Path | None = None, **answers: Any) -> Assessment:
    """What importing *path* would do."""
    files = running.open_files(path, history=history)
    options = running.first_options(files)
    for name, value in answers.items():
        setattr(options, name, value)
    return running.examine(files, options, actor=member)


def brought(member: Member, path: Path, history: Path | None = None, **answers: Any) -> ImportBatch:
    """Import the deals of *path* (unless refused before); return the batch as it ended."""
    files = running.open_files(path, history=history)
    options = running.first_options(files)
    for name, value in answers.items():
        setattr(options, name, value)
    batch = ImportBatch.objects.create(
        subject="deals",
        member=member,
        file_name=path.name,
        file_path=str(path),
        history_name=history.name if history else "",
        history_path=str(history) if history else "",
        options=options.dump(),
        status=ImportStatus.QUEUED,
    )
    return running.run(batch, errors=path.with_suffix(".errors.xlsx"))


def begun(member: Member, *paths: Path, subject: str = "", **answers: Any) -> ImportBatch:
    """A draft of an import of *paths*, each recognised by itself unless *subject* says what they hold."""
    given = [lots.Given(path, path.name) for path in paths]
    batch = lots.begin(given, member=member, subject=subject)
    for part in lots.parts_of(batch):
        options = Options.load(part.options)
        for name, value in answers.items():
            setattr(options, name, value)
        part.options = options.dump()
        part.save(update_fields=["options"])
    return ImportBatch.objects.get(pk=batch.pk)


def came_in(member: Member, *paths: Path, subject: str = "", **answers: Any) -> ImportBatch:
    """Import *paths* together; the batch as it ended, which is done."""
    batch = running.run(begun(member, *paths, subject=subject, **answers))
    assert batch.status == ImportStatus.DONE, batch.message
    return batch
