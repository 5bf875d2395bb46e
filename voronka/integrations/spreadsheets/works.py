"""One file of an import on its way: read, compared with what is here, written."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _

from voronka.core.errors import Refused
from voronka.core.formats import money, numeric_date
from voronka.core.spreadsheets import RejectedRow, write_rejected
from voronka.core.text import clean, clip
from voronka.desk.models import ExternalRef, ImportBatch, ImportStatus
from voronka.integrations.spreadsheets.assessing import Assessment, assess
from voronka.integrations.spreadsheets.clients_in import Companies, People, Products
from voronka.integrations.spreadsheets.doings_in import Activities, Notes
from voronka.integrations.spreadsheets.fields import field_of
from voronka.integrations.spreadsheets.files import Progress, files_folder, open_files, read_deals, remember
from voronka.integrations.spreadsheets.kept import without_kept
from voronka.integrations.spreadsheets.known import Known, parts
from voronka.integrations.spreadsheets.options import Options, check_columns, left_out
from voronka.integrations.spreadsheets.parsing import Parsed
from voronka.integrations.spreadsheets.plans import Importer
from voronka.integrations.spreadsheets.records import RecordReader, Records
from voronka.integrations.spreadsheets.similar import Alike
from voronka.integrations.spreadsheets.writing import Written, write

IMPORTERS: Final[dict[str, type[Importer]]] = {
    one.subject: one for one in (Products, Companies, People, Activities, Notes)
}
SHOWN = 20


class Work:
    """One part of a lot. The steps are called in order; `Refused` of any of them names the file."""

    def __init__(self, batch: ImportBatch) -> None:
        self.batch = batch
        self.subject = batch.subject
        self.options = Options.load(batch.options)
        self._parsed: Parsed | None = None
        self._records: Records | None = None
        self._funnel = ""
        self._found: Assessment | None = None
        self._importer: Importer | None = None
        self._written: Written | None = None

    @property
    def source(self) -> str:
        return self.options.source or "file"

    def read(self, progress: Progress) -> None:
        """Open the files and read them whole, without a look at what is here."""
        batch, member = self.batch, self.batch.member
        self.options.columns = without_kept(self.options.columns, self.subject, member)
        self.files = open_files(
            batch.file_path,
            batch.file_name,
            history=batch.history_path or None,
            history_name=batch.history_name,
            options=self.options,
        )
        try:
            if self.subject == "deals":
                self._parsed, self._funnel = read_deals(
                    self.files, self.options, actor=member, progress=progress
                )
                return
            table = self.files.deals
            self.options.columns = check_columns(self.options.columns, table.header, self.subject)
            zone = zoneinfo.ZoneInfo(member.workspace.time_zone)
            reader = RecordReader(table, self.subject, self.options, zone=zone)
            self._records = reader.read(
                IMPORTERS[self.subject].check, lambda done, total: progress("read", done, total)
            )
        except Refused as refusal:
            raise self._named(refusal) from None

    def _named(self, refusal: Refused) -> Refused:
        """Of several files people want to know which."""
        if self.batch.lot_id is None:
            return refusal
        return Refused(f"{self.batch.file_name}: {refusal}", field=refusal.field)

    def new_deals(self) -> int:
        """How many numbers of deals will be wanted, at most."""
        if self._parsed is None:
            return 0
        ids = [deal.external_id for deal in self._parsed.deals]
        there = 0
        for part in parts(ids):
            there += ExternalRef.objects.filter(
                source=self.source, kind="deal", external_id__among=part
            ).count()
        return len(ids) - there

    def assess(self, known: Known) -> None:
        """Compare with what is here, and with what earlier files are to bring."""
        try:
            if self._parsed is not None:
                self._found = assess(
                    self._parsed,
                    source=self.source,
                    funnel=self._funnel,
                    known=known,
                    same=self.options.same,
                )
            elif self._records is not None:
                self._importer = IMPORTERS[self.subject](
                    self._records,
                    source=self.source,
                    known=known,
                    actor=self.batch.member,
                    same=self.options.same,
                )
                self._importer.assess()
        except Refused as refusal:
            raise self._named(refusal) from None

    def write(self, numbers: Iterator[int], progress: Progress) -> None:
        """Write it, inside the caller's transaction. *numbers* of deals were reserved before."""

        def told(done: int, total: int) -> None:
            progress("write", done, total)

        member = self.batch.member
        if self._found is not None:
            self._written = write(
                self._found,
                actor=member,
                batch=self.batch,
                source=self.source,
                default_owner=member if member.is_active else None,
                currency=member.workspace.currency,
                numbers=numbers,
                progress=told,
            )
        elif self._importer is not None:
            self._importer.write(self.batch, told)

    def finish(self, errors: str | Path | None = None) -> None:
        """Put down what came of it; the rejected rows become a file. The lot itself is saved by the caller."""
        batch = self.batch
        batch.result = self.summary()
        if self.rejected:
            path = Path(errors) if errors else files_folder() / f"errors-{batch.workspace_id}-{batch.pk}.xlsx"
            write_rejected(path, self.files.deals.header, self.rejected)
            batch.error_path = str(path)[:255]
        remember(self.files, self.options, self.subject)
        if batch.lot_id is not None:
            batch.status, batch.message = ImportStatus.DONE, ""
            batch.save(update_fields=["result", "error_path", "status", "message"])

    @property
    def rejected(self) -> list[RejectedRow]:
        if self._parsed is not None:
            return self._parsed.rejected
        return self._records.rejected if self._records is not None else []

    @property
    def taken(self) -> int:
        return int(self.batch.result.get("created", 0) + self.batch.result.get("updated", 0))

    def summary(self) -> dict[str, Any]:
        """The counts that are shown: what would be done, or what was."""
        if self._found is not None:
            return {
                "subject": self.subject,
                **summary_of(self._found, self._written),
                "left_out": left_out(self.files.deals.header, self.options.columns),
            }
        assert self._importer is not None
        plan = self._importer.plan
        records = plan.records
        return {
            "subject": self.subject,
            "rows": records.total,
            "created": len(plan.created),
            "updated": len(plan.updated),
            "unchanged": len(plan.same),
            "kept": len(plan.kept),
            "kept_titles": [_title(record) for record in plan.kept[:30]],
            "rejected": len(records.rejected),
            "reasons": [[reason, count] for reason, count in records.reasons.most_common(30)],
            "doubles": records.doubles,
            "matched": dict(plan.matched),
            "warnings": [[text, count] for text, count in records.warnings.most_common(10)],
            "owners": len(plan.new_owners),
            "companies": plan.besides["companies"],
            "left_out": left_out(self.files.deals.header, self.options.columns),
        }

    def preview(self) -> dict[str, Any]:
        """What is shown before anything is written: counts, the first rows as they will be, rejected ones."""
        shown: dict[str, Any] = {
            "summary": self.summary(),
            "rejected": [
                [
                    row.number,
                    " · ".join(clip(_cell(cell), 40) for cell in row.cells if cell is not None)[:160],
                    row.reason,
                ]
                for row in self.rejected[:10]
            ],
        }
        if self._found is not None:
            shown["alike"] = self._alike(self._found.alike)
            return {**shown, **self._deals_shown(self._found)}
        assert self._importer is not None
        plan = self._importer.plan
        shown["alike"] = self._alike(plan.alike)
        rows = [*((one, "") for one in plan.created), *((one, "update") for one, _pk, _c in plan.updated)]
        names = list(dict.fromkeys(name for record, _mark in rows[:SHOWN] for name in record.values))
        names = [name for name in names if name not in _UNSHOWN][:6]
        return {
            **shown,
            "headers": [str(field_of(self.subject, name).label) for name in names],
            "lines": [
                {"mark": mark, "cells": [clip(_shown(record.get(name, "")), 80) for name in names]}
                for record, mark in rows[:SHOWN]
            ],
            "nothing": not rows,
        }

    def _alike(self, found: list[Alike]) -> list[dict[str, Any]]:
        return [
            {
                "key": one.key,
                "what": str(field_of(self.subject, one.field).label),
                "name": one.name,
                "like": one.like,
                "same": one.same,
            }
            for one in found
        ]

    def _deals_shown(self, found: Assessment) -> dict[str, Any]:
        updated = {deal.external_id for deal, _pk in found.updated}
        kept = {deal.external_id for deal, _pk in found.kept}
        names = found.parsed.stages
        return {
            "deals": [
                {
                    "title": deal.title,
                    "company": deal.company or deal.person,
                    "amount": money(deal.amount, deal.currency),
                    "stage": names.get(deal.path[-1][1], deal.path[-1][1]),
                    "outcome": deal.outcome,
                    "reason": deal.reason,
                    "owner": deal.owner or self.batch.member.name,
                    "opened": numeric_date(deal.opened_at),
                    "closed": numeric_date(deal.closed_at) if deal.closed_at else "",
                    "mark": "update"
                    if deal.external_id in updated
                    else "kept"
                    if deal.external_id in kept
                    else "",
                }
                for deal in found.parsed.deals[:SHOWN]
            ],
            "new_funnels": [plan.name for plan in found.funnels.values() if plan.funnel is None],
            "new_stages": [names[key] for plan in found.funnels.values() for key in plan.missing],
            "nothing": not (found.created or found.updated),
        }


# Known to the importers only.
_UNSHOWN = frozenset({"custom", "finished", "role"})


def _title(record: Any) -> str:
    return str(record.get("name") or record.get("subject") or clip(record.get("text"), 60) or record.number)


def _cell(value: Any) -> str:
    return numeric_date(value) if hasattr(value, "year") else clean(value)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, tuple):
        return numeric_date(value[0])
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return _cell(value)


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
        "warnings": [[text, count] for text, count in found.parsed.warnings.most_common(10)],
        "stray": found.parsed.stray,
        "no_opening": found.parsed.no_opening,
        "companies": written.companies if written else len(found.new_companies),
        "people": written.people if written else len(found.new_people),
        "products": written.products if written else len(found.new_products),
        "stages": written.stages if written else found.new_stages,
        "owners": written.owners if written else len(found.new_owners),
    }
