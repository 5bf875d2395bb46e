"""Set verbs: many deals at once with their whole history, for import and the demo company only.

The same `summarise()` that the row verbs use is applied to every row; COPY writes them; one event stands for
the batch; no tasks, no notices (architecture.md, 2). A test runs rows both ways and compares.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from psycopg.types.json import Jsonb

from voronka.core.statistics import analyze
from voronka.core.tenancy import require_workspace_id
from voronka.deals import events
from voronka.deals.choices import Basis, Cause, DealKind, Outcome, Priority
from voronka.deals.history import SUMMARY_FIELDS, places_of
from voronka.deals.models import STATE_FIELDS, Deal, DealParticipant, DealState, DealTag, StageVisit
from voronka.deals.plan import Plan, planned
from voronka.deals.summary import Places, Summary, summarise
from voronka.journal.actions import record
from voronka.journal.bulk import OF_IMPORT
from voronka.journal.models import Event
from voronka.playbook.models import Stage
from voronka.workspaces.models import Member
from voronka.workspaces.numbering import next_numbers


@dataclass
class StateRow:
    """One state to write; it ends where the next begins. `amount_base` is the sum in the workspace's currency."""

    valid_from: dt.datetime
    stage_id: int
    funnel_id: int
    outcome: str = Outcome.OPEN.value
    reason_id: int | None = None
    closing_id: int | None = None
    amount: Decimal | None = None
    currency: str = "RUB"
    amount_base: Decimal | None = None
    expected_close: dt.date | None = None
    category: str = ""
    head_category: str = ""
    probability: int | None = None
    owner_id: int | None = None
    team_id: int | None = None
    basis: str = Basis.IMPORTED.value
    cause: str = Cause.IMPORTED.value
    valid_to: dt.datetime | None = None


@dataclass
class DealRow:
    """One deal to write, with its states (oldest first, at least one, strictly later one after another)."""

    title: str
    states: list[StateRow]
    opened_at: dt.datetime
    company_id: int | None = None
    person_id: int | None = None
    source_id: int | None = None
    product_id: int | None = None
    product_group_id: int | None = None
    kind: str = DealKind.NEW.value
    priority: int = Priority.NORMAL.value
    interest: str = ""
    interest_at: dt.datetime | None = None
    comment: str = ""
    # Values of the company's own fields as they are stored, by key.
    custom: dict[str, Any] = field(default_factory=dict)
    code: str = ""
    created_at: dt.datetime | None = None
    created_by_id: int | None = None
    # Of an existing deal that is to be written anew; None for a new one.
    id: int | None = None
    number: int | None = None
    basis: str = field(default=Basis.IMPORTED.value)

    @property
    def present(self) -> StateRow:
        return self.states[-1]


_OWN_FIELDS = [
    "title",
    "company_id",
    "person_id",
    "kind",
    "priority",
    "interest",
    "interest_at",
    "source_id",
    "product_id",
    "product_group_id",
    "comment",
    "created_at",
    "created_by_id",
    "opened_at",
    "basis",
]
_DEAL_COLUMNS = [
    "id",
    "workspace_id",
    "number",
    "version",
    "custom",
    "code",
    *_OWN_FIELDS,
    *STATE_FIELDS,
    *SUMMARY_FIELDS,
    "stage_plan",
]
# Columns that a COPY has to name because the database has no default for them.
_DEAL_BLANKS = {"next_activity_has_time": True, "next_activity_text": "", "next_activity_icon": ""}
_STATE_COLUMNS = [
    "workspace_id",
    "deal_id",
    "valid_from",
    "valid_to",
    "basis",
    "cause",
    "void",
    *STATE_FIELDS,
]
_VISIT_COLUMNS = [
    "workspace_id",
    "deal_id",
    "funnel_id",
    "stage_id",
    "entered",
    "left",
    "seconds",
    "end",
    "basis",
    "spent",
    "is_last",
]


@transaction.atomic
def import_deals(
    rows: Sequence[DealRow],
    *,
    actor: Member | None,
    batch: int | None = None,
    first_number: int | None = None,
) -> list[int]:
    """Write new deals with their histories; return their ids in the order of *rows*. One event for all.

    *first_number*: of as many numbers reserved before. Without it they are taken here, and nobody else gets a number
    until the transaction ends.
    """
    if not rows:
        return []
    first = next_numbers("deal", len(rows)) if first_number is None else first_number
    for offset, (row, pk) in enumerate(zip(rows, _reserve_ids(Deal, len(rows)), strict=True)):
        row.id, row.number = pk, first + offset
    _copy(rows)
    record(events.DealsImported(deals=len(rows), batch=batch), actor=actor, subjects=[])
    return [row.id for row in rows if row.id is not None]


@transaction.atomic
def rewrite_deals(rows: Sequence[DealRow], *, actor: Member | None, batch: int | None = None) -> None:
    """Write existing deals (`row.id` given) anew: their facts, their whole history. Numbers stay."""
    if not rows:
        return
    ids = [row.id for row in rows]
    present = {
        pk: (number, code, custom)
        for pk, number, code, custom in Deal.objects.select_for_update()
        .filter(pk__among=ids)
        .values_list("pk", "number", "code", "custom")
    }
    for row in rows:
        row.number, row.code, kept = present[row.id or 0]
        # What the file does not name stays as it was.
        row.custom = {key: value for key, value in {**kept, **row.custom}.items() if value is not None}
    with connection.cursor() as cursor:
        # References from other rooms (activities…) hold while the row is written anew.
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        _delete(cursor, ids, keep_links=True)
    _copy(rows)
    record(events.DealsImported(deals=len(rows), batch=batch), actor=actor, subjects=[])


@transaction.atomic
def remove_deals(ids: Iterable[int]) -> int:
    """Take away deals as if they had never been, for undoing an import; return how many."""
    ids = list(ids)
    with connection.cursor() as cursor:
        return _delete(cursor, ids)


def _delete(cursor: Any, ids: Sequence[int | None], *, keep_links: bool = False) -> int:
    workspace_id = require_workspace_id()
    links = () if keep_links else (DealTag, DealParticipant)
    for model in (DealState, StageVisit, *links):
        cursor.execute(
            f"DELETE FROM {model._meta.db_table} WHERE workspace_id = %s AND deal_id = ANY(%s)",
            [workspace_id, list(ids)],
        )
    cursor.execute(
        "DELETE FROM deals_deal WHERE workspace_id = %s AND id = ANY(%s)", [workspace_id, list(ids)]
    )
    return cursor.rowcount


def _copy(rows: Sequence[DealRow]) -> None:
    workspace_id = require_workspace_id()
    places = places_of({state.funnel_id for row in rows for state in row.states})
    summaries = [_prepare(row, places) for row in rows]
    made = _Plans({row.present.funnel_id for row in rows})
    # Before anything is copied: the working calendar asks the database, which a COPY keeps busy.
    plans = [made.of(row, summary) for row, summary in zip(rows, summaries, strict=True)]
    now = dt.datetime.now(dt.UTC)
    with connection.cursor() as cursor:
        _write(
            cursor,
            Deal,
            [*_DEAL_COLUMNS, *_DEAL_BLANKS],
            (
                _deal_values(row, summary, workspace_id, now, plan)
                for row, summary, plan in zip(rows, summaries, plans, strict=True)
            ),
        )
        _write(cursor, DealState, _STATE_COLUMNS, _state_values(rows, workspace_id))
        _write(cursor, StageVisit, _VISIT_COLUMNS, _visit_values(rows, summaries, workspace_id))
    analyze(Deal, DealState, StageVisit, rows=len(rows))


def _prepare(row: DealRow, places: Places) -> Summary:
    for state, following in pairwise(row.states):
        if following.valid_from <= state.valid_from:
            raise ValueError(f"states of {row.title!r} do not follow one another")
        state.valid_to = following.valid_from
    row.present.valid_to = None
    return summarise(row.states, places)


class _Plans:
    """Planned days of open deals, from the day they came to their stage: those of one stage and day are one plan."""

    def __init__(self, funnel_ids: set[int]) -> None:
        self.stages: dict[int, list[Stage]] = defaultdict(list)
        for stage in Stage.objects.filter(funnel__in=funnel_ids):
            self.stages[stage.funnel_id].append(stage)
        self.made: dict[tuple[int, dt.date], Plan] = {}

    def of(self, row: DealRow, summary: Summary) -> Plan:
        state = row.present
        at = next((one for one in self.stages[state.funnel_id] if one.pk == state.stage_id), None)
        if state.outcome != Outcome.OPEN or at is None:
            return {}
        key = (at.pk, timezone.localdate(summary.stage_since))
        if key not in self.made:
            self.made[key] = planned({}, self.stages[state.funnel_id], at=at, entered=key[1])
        return self.made[key]


def _deal_values(
    row: DealRow, summary: Summary, workspace_id: int, now: dt.datetime, plan: Plan
) -> list[Any]:
    row.created_at = row.created_at or now
    return [
        row.id,
        workspace_id,
        row.number,
        1,
        Jsonb(row.custom),
        row.code,
        *(getattr(row, name) for name in _OWN_FIELDS),
        *(getattr(row.present, name) for name in STATE_FIELDS),
        *(getattr(summary, name) for name in SUMMARY_FIELDS),
        Jsonb(plan),
        *_DEAL_BLANKS.values(),
    ]


def _state_values(rows: Sequence[DealRow], workspace_id: int) -> Iterator[list[Any]]:
    for row in rows:
        for state in row.states:
            yield [
                workspace_id,
                row.id,
                state.valid_from,
                state.valid_to,
                state.basis,
                state.cause,
                False,
                *(getattr(state, name) for name in STATE_FIELDS),
            ]


def _visit_values(
    rows: Sequence[DealRow], summaries: Sequence[Summary], workspace_id: int
) -> Iterator[list[Any]]:
    for row, summary in zip(rows, summaries, strict=True):
        for visit in summary.visits:
            yield [
                workspace_id,
                row.id,
                visit.funnel_id,
                visit.stage_id,
                visit.entered,
                visit.left,
                visit.seconds,
                visit.end,
                visit.basis,
                visit.spent,
                visit.is_last,
            ]


def _write(cursor: Any, model: Any, columns: Sequence[str], values: Iterable[Sequence[Any]]) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    with cursor.copy(f"COPY {model._meta.db_table} ({names}) FROM STDIN") as copy:
        for row in values:
            copy.write_row(row)


@transaction.atomic
def tag_deals(pairs: Iterable[tuple[int, int]]) -> None:
    """Put tags on deals: (deal, tag), those that are not there yet. Part of an import's event."""
    DealTag.objects.bulk_create(
        (DealTag(deal_id=deal, tag_id=tag) for deal, tag in dict.fromkeys(pairs)),
        batch_size=2000,
        ignore_conflicts=True,
    )


def _reserve_ids(model: Any, count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]


def untouched(ids: Iterable[int]) -> set[int]:
    """Of these deals, those on which nothing was built since their import: no change, no event of their own."""
    ids = list(ids)
    fresh = set(Deal.objects.filter(pk__among=ids, version=1).values_list("pk", flat=True))
    with_events = Event.objects.filter(subjects__kind="deal", subjects__object_id__among=ids).exclude(
        type__endswith=OF_IMPORT
    )
    return fresh - set(with_events.values_list("subjects__object_id", flat=True))
