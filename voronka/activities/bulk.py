"""Set verb for import and demo: many activities at once, the same rules for each row, one event for all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
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
    # Values of the company's own fields as they are stored, by key.
    custom: dict[str, Any] | None = None


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
]


@transaction.atomic
def import_activities(rows: Iterable[ActivityRow], *, actor: Member | None) -> int:
    """Store *rows* and recount the summaries they touch; return how many there were.

    No notices, no next steps asked for. Raises `Refused` for a row that the verbs would refuse by its own values;
    then nothing is stored.
    """
    kinds = {kind.pk: kind for kind in ActivityKind.objects.all()}
    now = clock.now()
    count = 0
    deals: set[int] = set()
    companies: set[int] = set()
    copy = f"COPY activities_activity ({', '.join(_COLUMNS)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(copy) as stream:
        for row in rows:
            stream.write_row(tuple(_values(row, kinds[row.kind_id], actor, now)))
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
    record(events.ActivitiesImported(count=count), actor=actor, subjects=[], at=now)
    return count


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
