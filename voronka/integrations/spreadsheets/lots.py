"""Several files brought at once: what each is, and the order in which they come in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from voronka.core.errors import Refused
from voronka.core.formats import number
from voronka.core.text import clean
from voronka.desk.models import ImportBatch, ImportStatus
from voronka.integrations.spreadsheets.detecting import SUBJECTS, Found, detect, is_history
from voronka.integrations.spreadsheets.files import Files, first_options, open_files
from voronka.integrations.spreadsheets.options import Options
from voronka.workspaces.models import Member

LOT: Final = "lot"
_ORDER: Final = {subject: place for place, subject in enumerate(SUBJECTS)}
MOST_FILES: Final = 20
# All rows of a lot are in memory at once: about 3 kB each.
MOST_ROWS: Final = 400_000


@dataclass(frozen=True)
class Given:
    """A file as it was brought: where it lies, what it is called."""

    path: Path
    name: str


def parts_of(batch: ImportBatch) -> list[ImportBatch]:
    """The parts of a lot that come in, in the order of dependency; a single file is its own only part."""
    return [part for part in all_parts_of(batch) if not part.options.get("leave_out")]


def all_parts_of(batch: ImportBatch) -> list[ImportBatch]:
    """The parts of a lot with those that are left out."""
    if batch.subject != LOT:
        return [batch]
    found = batch.parts.select_related("member__workspace", "member__user", "member__role")
    return sorted(found, key=lambda part: (_ORDER.get(part.subject, len(_ORDER)), part.pk))


@transaction.atomic
def begin(
    given: Sequence[Given],
    *,
    member: Member,
    subject: str = "",
    answers: Options | None = None,
    history: Given | None = None,
    unreadable: list[tuple[Given, str]] | None = None,
) -> ImportBatch:
    """A draft of an import of these files: a batch for one subject, a lot for several.

    What each file holds is recognised unless *subject* says it. A history of stages joins the deals. Raises `Refused`
    for a file that cannot be read, naming it; with a list *unreadable* such a file of several goes there with its
    sentence, stands in the lot's `options["unreadable"]`, and keeps nobody out.
    """
    if not given:
        raise Refused(_("Choose a file."), field="file")
    if len(given) > MOST_FILES:
        raise Refused(_("At most %(count)s files at once.") % {"count": MOST_FILES}, field="file")
    parts: list[tuple[Given, Found, Files]] = []
    histories = [history] if history else []
    for one in given:
        try:
            files = open_files(one.path, one.name, options=answers)
        except Refused as refusal:
            # One of several spoils nothing; the last hope does.
            if unreadable is None or len(unreadable) + 1 == len(given):
                raise
            unreadable.append((one, refusal.message.removeprefix(f"{one.name}: ")))
            continue
        if subject == "deals" and history is None and len(given) > 1 and is_history(files.deals.header):
            histories.append(one)
            continue
        if not subject and len(given) > 1 and is_history(files.deals.header):
            histories.append(one)
            continue
        found = detect(files.deals)
        if subject:
            found = [Found(subject, found[0].system)]
        parts += [(one, each, files) for each in found]
    rows = sum(files.deals.count for files in {id(part[2]): part[2] for part in parts}.values())
    if len(given) > 1 and rows > MOST_ROWS:
        raise Refused(
            _("Together the files have more than %(limit)s rows. Bring them one after another.")
            % {"limit": number(MOST_ROWS)},
            field="file",
        )
    deals = [part for part in parts if part[1].subject == "deals"]
    if histories and len(deals) != 1:
        alone = Refused(
            _("A history of stages belongs to one file of deals: bring the two together."), field="history"
        )
        if unreadable is None or not parts:
            raise alone
        unreadable += [(one, alone.message) for one in histories]
        histories = []
    if len(parts) == 1 and not unreadable:
        one, found_one, _files = parts[0]
        return _part(one, found_one, member, histories)
    lot = ImportBatch.objects.create(
        subject=LOT,
        member=member,
        file_name=_name_of([one.name for one in given]),
        file_path="",
        total_rows=rows,
        options={"unreadable": [[one.name, sentence] for one, sentence in unreadable or ()]},
    )
    for one, each, _files in parts:
        _part(one, each, member, histories if each.subject == "deals" else [], lot)
    return lot


def _part(
    given: Given,
    found: Found,
    member: Member,
    histories: Sequence[Given],
    lot: ImportBatch | None = None,
) -> ImportBatch:
    history = histories[0] if histories and found.subject == "deals" else None
    files = open_files(
        given.path,
        given.name,
        history=history.path if history else None,
        history_name=history.name if history else "",
    )
    options = first_options(files, found.subject, found.only)
    if options.source == "file" and found.system != "file":
        options.source = found.system
    return ImportBatch.objects.create(
        subject=found.subject,
        lot=lot,
        member=member,
        file_name=clean(given.name, 255),
        file_path=str(given.path),
        history_name=clean(history.name, 255) if history else "",
        history_path=str(history.path) if history else "",
        options=options.dump(),
        total_rows=files.deals.count,
        status=ImportStatus.DRAFT,
    )


def _name_of(names: Sequence[str]) -> str:
    """«contacts.csv and 2 more files»."""
    more = len(names) - 1
    if not more:
        return clean(names[0], 255)
    text = ngettext("%(name)s and %(count)s more file", "%(name)s and %(count)s more files", more)
    return clean(text % {"name": names[0][:150], "count": more}, 255)


@transaction.atomic
def take_for(batch: ImportBatch, subject: str) -> ImportBatch:
    """Say that the file holds another subject than was recognised; its columns are matched anew."""
    if subject not in SUBJECTS:
        raise Refused(_("There is no such choice: choose from the list."), field="subject")
    if subject == batch.subject or batch.subject == LOT:
        return batch
    before = Options.load(batch.options)
    files = open_files(batch.file_path, batch.file_name, options=before)
    options = first_options(files, subject, before.only)
    options.sheet = before.sheet
    batch.subject, batch.options, batch.result = subject, options.dump(), {}
    batch.save(update_fields=["subject", "options", "result"])
    return batch
