"""A list as a file: exactly the columns, filter and order on the screen, out of one snapshot of the database."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from voronka.core import clock, formats
from voronka.core import spreadsheets as files
from voronka.core.errors import Forbidden, Refused
from voronka.core.text import clip
from voronka.desk.lists import events, paging
from voronka.desk.lists.conditions import Group, apply, parse
from voronka.desk.lists.fields import Field, Kind
from voronka.desk.lists.models import JobKind, JobStatus, ListJob
from voronka.desk.lists.registry import Listing, get_listing
from voronka.desk.lists.words import told
from voronka.desk.notices import in_words_of, notify
from voronka.journal.actions import record
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action

logger = logging.getLogger(__name__)

FORMATS = ("xlsx", "csv")
PORTION = 2000
MOST_ROWS = 1_000_000
KEPT_DAYS = 7

_KINDS: dict[str, files.Kind] = {
    Kind.NUMBER: files.Kind.NUMBER,
    Kind.DAYS: files.Kind.INT,
    Kind.MONEY: files.Kind.MONEY,
    Kind.PERCENT: files.Kind.INT,
    Kind.DATE: files.Kind.DATE,
    Kind.MOMENT: files.Kind.DATETIME,
}


def folder() -> Path:
    """Where exported files lie: outside of what the web serves."""
    made = Path(settings.MEDIA_ROOT) / "exports"
    made.mkdir(parents=True, exist_ok=True)
    return made


def ask(
    listing: Listing,
    *,
    actor: Member,
    where: Group,
    search: str = "",
    sort: str = "",
    columns: Sequence[str],
    ids: Sequence[int] | None = None,
    kind: str = "xlsx",
) -> ListJob:
    """Write down that the list is to be exported; `run()` does it. Only *ids* when rows were chosen.

    Raises `Forbidden` without the right to export, `Refused` for an unknown format.
    """
    listing.require(actor, Action.EXPORT)
    if kind not in FORMATS:
        raise Refused(_("Choose a format: xlsx or csv."), field="format")
    return ListJob.objects.create(
        kind=JobKind.EXPORT,
        subject=listing.code,
        title=clip(_("Export: %(list)s") % {"list": listing.label}, 200),
        member=actor,
        options={
            "where": where.to_text(),
            "search": search[:200],
            "sort": sort,
            "columns": list(columns),
            "ids": list(ids) if ids is not None else None,
            "format": kind,
        },
        created_at=clock.now(),
    )


def run(job: ListJob) -> ListJob:
    """Write the file. A second run begins anew: nothing but the file was written."""
    member = job.member
    with in_words_of(member):
        try:
            job.status, job.message, job.done = JobStatus.RUNNING, "", 0
            job.save(update_fields=["status", "message", "done"])
            _write(job, member)
        except (Refused, Forbidden) as refusal:
            _fail(
                job, str(refusal) if isinstance(refusal, Refused) else _("You have no right to export this.")
            )
        except Exception:
            logger.exception("export %s failed", job.pk)
            _fail(job, _("Something went wrong on our side. Try again."))
        if job.total > PORTION or job.status == JobStatus.FAILED:
            _announce(job)
    return job


def _write(job: ListJob, member: Member) -> None:
    listing = get_listing(job.subject)
    listing.require(member, Action.EXPORT)
    fields = listing.fields_for(member)
    columns = [fields[name] for name in job.options["columns"] if name in fields]
    if not columns:
        raise Refused(_("None of the columns can be exported."))
    where = parse(job.options["where"], fields).where
    words = told(where, fields)
    if job.options["search"]:
        words = "; ".join(part for part in (f"«{job.options['search']}»", words) if part)
    path = folder() / f"{secrets.token_hex(16)}.{job.options['format']}"
    with _snapshot(), _beside(job) as say:
        rows = found(
            listing, member, fields, where, job.options["search"], job.options["ids"], action=Action.EXPORT
        )
        job.total = rows.order_by().count()
        if job.total > MOST_ROWS:
            raise Refused(
                _("%(count)s rows are too many for one file: narrow the filter to %(most)s.")
                % {"count": formats.number(job.total), "most": formats.number(MOST_ROWS)}
            )
        say(0, job.total)
        keys = paging.keys_of(job.options["sort"], fields, listing.sort)
        lines = _lines(
            listing, member, with_needs(paging.ordered(rows, keys), columns), columns, say, job.total
        )
        heads = [_column(field, member) for field in columns]
        if job.options["format"] == "csv":
            written = files.write_csv(str(path), heads, lines)
        else:
            notes = [_("Filter: %(filter)s") % {"filter": words}] if words else []
            written = files.write_xlsx(
                str(path), [files.Sheet(str(listing.label), heads, lines, notes=notes)]
            )
    with transaction.atomic():
        job.event = record(
            events.ListExported(
                listing.code,
                written,
                clip(words, 500),
                [field.name for field in columns],
                job.options["format"],
            ),
            actor=member,
            subjects=[],
        )
        job.status, job.finished_at, job.done = JobStatus.DONE, clock.now(), written
        job.total = written
        job.file_path = str(path)
        day = timezone.localdate(clock.now())
        job.file_name = f"{clip(str(listing.label), 60)} {day:%Y-%m-%d}.{job.options['format']}"
        job.save()


def found(
    listing: Listing,
    member: Member,
    fields: Mapping[str, Field],
    where: Group,
    search: str = "",
    ids: Sequence[int] | None = None,
    *,
    action: Action = Action.SEE,
) -> Any:
    """The rows of the list that *member* may do *action* to and that meet the conditions, in no order yet."""
    where = listing.where_of(where)
    rows = apply(listing.rows(member, action, where), where, fields, member)
    if search and listing.search is not None:
        rows = listing.search(rows, search)
    return rows if ids is None else rows.filter(pk__in=ids)


def with_needs(rows: Any, columns: Sequence[Field]) -> Any:
    """*rows* with what their cells need beside their own columns."""
    related = dict.fromkeys(name for field in columns for name in field.related)
    prefetch = {getattr(need, "prefetch_to", need): need for field in columns for need in field.prefetch}
    if related:
        rows = rows.select_related(*related)
    return rows.prefetch_related(*prefetch.values()) if prefetch else rows


def _lines(
    listing: Listing,
    member: Member,
    rows: Any,
    columns: Sequence[Field],
    say: Callable[[int, int], None],
    total: int,
) -> Iterator[list[Any]]:
    portion: list[Any] = []
    done = 0
    for row in rows.iterator(chunk_size=PORTION):
        portion.append(row)
        if len(portion) == PORTION:
            yield from _cells(listing, member, portion, columns)
            done += len(portion)
            portion = []
            say(done, total)
    yield from _cells(listing, member, portion, columns)


def _cells(
    listing: Listing, member: Member, rows: list[Any], columns: Sequence[Field]
) -> Iterator[list[Any]]:
    if rows:
        listing.completed(rows, member)
    base = member.workspace.currency
    # All rows of a portion see the same moment.
    with clock.frozen(clock.now()):
        made = [[cell(field, row, base) for field in columns] for row in rows]
    yield from made


def cell(field: Field, row: Any, base: str) -> Any:
    """The value of a cell in a file. A sum in another currency is a text with its sign: it must not be added up."""
    value = field.value_of(row)
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    if field.kind == Kind.MONEY and value is not None and field.currency is not None:
        currency = field.currency(row)
        return value if currency == base else formats.money(value, currency)
    if field.kind == Kind.FLAG:
        return "" if value is None else (_("yes") if value else _("no"))
    return str(value) if value is not None and field.kind not in _KINDS else value


def _column(field: Field, member: Member) -> files.Column:
    return files.Column(
        str(field.label), _KINDS.get(field.kind, files.Kind.TEXT), currency=member.workspace.currency
    )


@contextmanager
def _snapshot() -> Iterator[None]:
    """Every statement inside sees the same moment, whatever others write meanwhile."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


@contextmanager
def _beside(job: ListJob) -> Iterator[Callable[[int, int], None]]:
    """A second connection that says how far the export is: the first one only reads, from its snapshot."""
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:

        def say(done: int, total: int) -> None:
            other.execute(
                "UPDATE desk_listjob SET done = %s, total = %s WHERE id = %s", [done, total, job.pk]
            )

        yield say


def _fail(job: ListJob, message: str) -> None:
    job.status, job.message, job.finished_at = JobStatus.FAILED, message, clock.now()
    job.save(update_fields=["status", "message", "finished_at"])


def _announce(job: ListJob) -> None:
    notify(
        job.member,
        kind="list",
        text=_("%(title)s: the file is ready.") % {"title": job.title}
        if job.status == JobStatus.DONE
        else f"{job.title}: {job.message}",
        key=f"list:{job.pk}:{job.status}",
        url=f"/w/{job.member.workspace.slug}/lists/jobs/{job.pk}/",
    )


def is_expired(job: ListJob) -> bool:
    """Whether the file has been there long enough."""
    return bool(job.finished_at) and (clock.now() - job.finished_at).days >= KEPT_DAYS  # type: ignore[operator]


def forget_old() -> int:
    """Delete exported files after a week; return how many."""
    gone = 0
    place = folder().resolve()
    for job in ListJob.objects.exclude(file_path=""):
        if is_expired(job):
            path = Path(job.file_path).resolve()
            if path.parent == place:
                path.unlink(missing_ok=True)
            job.file_path = ""
            job.save(update_fields=["file_path"])
            gone += 1
    return gone
