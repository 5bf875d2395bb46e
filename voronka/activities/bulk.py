"""Set verbs for import and demo: many activities at once, the same rules for each row, one event for all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from psycopg.types.json import Jsonb

from voronka.activities import events, rules
from voronka.activities.models import Activity, Direction
from voronka.activities.summaries import recount
from voronka.core import clock
from voronka.core.statistics import analyze
from voronka.core.tenancy import require_workspace_id
from voronka.journal.actions import record
from voronka.journal.bulk import PastEvent, forget_past, write_past
from voronka.playbook.models import ActivityKind
from voronka.workspaces.models import Member

# Above this many deals their summaries are recounted all together: one pass is cheaper than a long list.
_FEW = 20_000


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """One activity: planned when *done_at* is None. The company is the deal's (the caller gives both)."""

    kind_id: int
    owner_id: int
    team_id: int | None
    due_at: dt.datetime
    deal_id: int | None = None
    company_id: int | None = None
    person_id: int | None = None
    subject: str = ""
    has_time: bool = True
    minutes: int | None = None
    done_at: dt.datetime | None = None
    result: str = ""
    reached: bool | None = None
    direction: str = "out"
    is_cold: bool = False
    remind_at: dt.datetime | None = None
    created_at: dt.datetime | None = None
    # Reserved by `reserve_activity_ids`; None: whatever comes next.
    id: int | None = None
    # Values of the company's own fields as they are stored, by key.
    custom: dict[str, Any] | None = None
    # The task of the book that asks for it.
    stage_task_id: int | None = None


_COLUMNS = [
    "workspace_id",
    "version",
    "kind_id",
    "channel",
    "subject",
    "direction",
    "is_cold",
    "reached",
    "due_at",
    "has_time",
    "minutes",
    "remind_at",
    "done_at",
    "result",
    "company_id",
    "person_id",
    "deal_id",
    "owner_id",
    "team_id",
    "created_by_id",
    "created_at",
    "custom",
    "stage_task_id",
]


_LEFT = ("workspace_id", "version", "remind_at", "created_by_id", "created_at", "custom", "stage_task_id")
_CHANGED = [name for name in _COLUMNS if name not in _LEFT]


@transaction.atomic
def import_activities(rows: Iterable[ActivityRow], *, actor: Member | None, told: bool = False) -> int:
    """Store *rows* and recount the summaries they touch; return how many there were.

    No notices, no next steps asked for. *told*: what is done stands in the feeds too, at its own time (rows need
    their ids then). Raises `Refused` for a row that the verbs would refuse by its own values;
    then nothing is stored.
    """
    kinds = {kind.pk: kind for kind in ActivityKind.objects.all()}
    now = clock.now()
    count = 0
    deals: set[int] = set()
    companies: set[int] = set()
    rows = list(rows) if told else rows
    # Ids of all rows or of none.
    first = next(iter(rows), None) if isinstance(rows, list) else None
    with_ids = first is not None and first.id is not None
    columns = [*_COLUMNS, "id"] if with_ids else _COLUMNS
    copy = f"COPY activities_activity ({', '.join(columns)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(copy) as stream:
        for row in rows:
            values = tuple(_values(row, kinds[row.kind_id], actor, now))
            stream.write_row((*values, row.id) if with_ids else values)
            count += 1
            if row.deal_id is not None and len(deals) <= _FEW:
                deals.add(row.deal_id)
            if row.company_id is not None and len(companies) <= _FEW:
                companies.add(row.company_id)
    if not count:
        return 0
    analyze(Activity, rows=count)
    recount(
        deal_ids=deals if len(deals) <= _FEW else None,
        company_ids=companies if len(companies) <= _FEW else None,
    )
    if told:
        write_past(_told(row, kinds[row.kind_id], now) for row in rows if row.done_at is not None)
    record(events.ActivitiesImported(count=count), actor=actor, subjects=[], at=now)
    return count


def reserve_activity_ids(count: int) -> list[int]:
    """Ids for rows that others refer to before they are written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('activities_activity', 'id')) FROM generate_series(1, %s)",
            [count],
        )
        return [row[0] for row in cursor.fetchall()]


def _told(row: ActivityRow, kind: ActivityKind, now: dt.datetime) -> PastEvent:
    done_at = rules.past(row.done_at, now)
    payload = events.ActivityImported(
        activity=row.id or 0,
        kind=kind.name,
        icon=kind.icon,
        subject=rules.right_subject(row.subject, kind),
        version=1,
        channel=kind.channel,
        direction=row.direction,
        is_cold=row.is_cold,
        reached=rules.right_reached(kind, row.reached),
        result=rules.right_result(row.result),
        done_at=done_at.isoformat(),
    )
    subjects = [
        ("activity", row.id),
        ("deal", row.deal_id),
        ("company", row.company_id),
        ("person", row.person_id),
    ]
    return PastEvent(payload, done_at, row.owner_id, subjects)


@transaction.atomic
def remove_activities(ids: Sequence[int]) -> int:
    """Take away activities as if they had never been, for undoing an import; return how many."""
    rows = Activity.objects.filter(pk__among=ids)
    deals = set(rows.exclude(deal=None).values_list("deal_id", flat=True))
    companies = set(rows.exclude(company=None).values_list("company_id", flat=True))
    forget_past("activity", ids)
    count = rows._raw_delete(rows.db)
    recount(
        deal_ids=deals if len(deals) <= _FEW else None,
        company_ids=companies if len(companies) <= _FEW else None,
    )
    return count


@transaction.atomic
def change_activities(rows: Iterable[ActivityRow], *, actor: Member | None) -> dict[int, Activity]:
    """Make activities that are there (by `id`) what *rows* say; return them. One event for all."""
    wanted = {row.id: row for row in rows if row.id is not None}
    kinds = {kind.pk: kind for kind in ActivityKind.objects.all()}
    now = clock.now()
    there = Activity.objects.select_for_update(of=("self",)).in_bulk(list(wanted))
    left: set[int] = set()
    for pk, activity in there.items():
        row = wanted[pk]
        left |= {row.deal_id or 0, activity.deal_id or 0}
        # The id is no column to be changed, who wrote it down stays known.
        values = dict(zip(_COLUMNS, _values(row, kinds[row.kind_id], actor, now), strict=True))
        for name in _CHANGED:
            setattr(activity, name, values[name])
        activity.custom = {**activity.custom, **(row.custom or {})}
    names = [*(name.removesuffix("_id") for name in _CHANGED), "custom"]
    Activity.objects.bulk_update(there.values(), names, batch_size=500)
    companies = {a.company_id for a in there.values() if a.company_id}
    recount(deal_ids=left - {0}, company_ids=companies)
    if there:
        record(events.ActivitiesImported(count=len(there)), actor=actor, subjects=[], at=now)
    return there


def _values(row: ActivityRow, kind: ActivityKind, actor: Member | None, now: dt.datetime) -> Iterator[Any]:
    done_at = None if row.done_at is None else rules.past(row.done_at, now)
    yield require_workspace_id()
    yield 1
    yield kind.pk
    yield kind.channel
    yield rules.right_subject(row.subject, kind)
    yield Direction(row.direction).value
    yield row.is_cold
    yield None if done_at is None else rules.right_reached(kind, row.reached)
    yield rules.right_due(row.due_at, row.has_time) if done_at is None else row.due_at
    yield row.has_time
    yield rules.right_minutes(row.minutes, kind)
    yield row.remind_at
    yield done_at
    yield rules.right_result(row.result)
    yield row.company_id
    yield row.person_id
    yield row.deal_id
    yield row.owner_id
    yield row.team_id
    yield actor.pk if actor else None
    yield row.created_at or now
    yield Jsonb(row.custom or {})
    yield row.stage_task_id
