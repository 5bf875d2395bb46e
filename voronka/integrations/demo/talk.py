"""Activities of the large company: those of `lives.talk`, and as many more as are asked for, without a row of a summary
written anew.

What is added hides behind what is there: a talk before a talk that was held with the same people about the same deal, a
next step after a next step. So the last contact and the next activity of every deal, company and person stay what
they are.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.utils import translation

from voronka.activities.models import Activity
from voronka.core.errors import Refused
from voronka.core.tenancy import require_workspace_id, scope
from voronka.deals.models import Deal
from voronka.integrations.demo import names
from voronka.integrations.demo.lives import Contacts
from voronka.integrations.demo.loading import put_aside, stage, tidy
from voronka.playbook.models import ActivityKind
from voronka.workspaces.models import Workspace

CHANNELS = ("call", "meeting", "letter", "task")
NEXT_STEPS = (
    "Узнать решение по КП",
    "Встреча на складе клиента",
    "Отправить договор",
    "Подготовить расчёт",
)
# From here on putting indexes aside is quicker than keeping them.
LARGE = 100_000


def first_kinds() -> dict[str, ActivityKind]:
    """The first kind of every channel."""
    found: dict[str, ActivityKind] = {}
    for kind in ActivityKind.objects.filter(archived_at=None).order_by("order"):
        found.setdefault(kind.channel, kind)
    return found


def _words() -> dict[str, Any]:
    kinds = first_kinds()
    return {
        "workspace": require_workspace_id(),
        "channels": list(CHANNELS),
        "kinds": [kinds[channel].pk for channel in CHANNELS],
        "minutes": [kinds[channel].minutes for channel in CHANNELS],
        "next_steps": list(NEXT_STEPS),
        "results": [names.RESULTS[channel][0] for channel in CHANNELS],
        "names": [kinds[channel].name for channel in CHANNELS],
        "not_reached": names.NOT_REACHED,
    }


def write_talk(cursor: Any, rng: np.random.Generator, ids: np.ndarray, contacts: Contacts) -> None:
    """Write *contacts* of the deals *ids*, whose rows are in the temporary table `big_deal`."""
    count = len(contacts.deal)
    stage(
        cursor,
        "big_contact",
        {
            "deal_id": ("bigint", ids[contacts.deal]),
            "channel": ("smallint", contacts.channel + 1),
            "due_at": ("timestamptz", contacts.due),
            "done_at": ("timestamptz", contacts.done),
            "chance": ("smallint", rng.integers(0, 100, count)),
        },
    )
    cursor.execute(_ACTIVITIES, _words())


def add_talk(cursor: Any, wanted: int) -> int:
    """Add activities until the workspace has *wanted*; returns how many were added (0 where nothing was ever said)."""
    cursor.execute(_COUNTS, {"workspace": require_workspace_id()})
    have, planned, held = cursor.fetchone()
    missing = wanted - have
    if missing <= 0 or not held:
        return 0
    # One more step at most for each that is planned: a day has so many hours.
    steps = min(planned, missing // 10)
    each, rest = divmod(missing - steps, held)
    cursor.execute("SET LOCAL work_mem = '256MB'")
    # What was written in this transaction the planner knows nothing of.
    cursor.execute(f"ANALYZE {Activity._meta.db_table}, {Deal._meta.db_table}")
    cursor.execute(_EARLIER, {**_words(), "each": each, "rest": rest})
    added = int(cursor.rowcount)
    cursor.execute(_LATER, {**_words(), "steps": steps})
    return added + int(cursor.rowcount)


def fill_up(
    workspace: Workspace,
    wanted: int,
    *,
    say: Callable[[str], None] = lambda text: None,
    large: bool | None = None,
) -> int:
    """Add activities to a large company that is there until it has *wanted*; returns how many were added.

    All or nothing. *large*: as in `make_big`. Raises `Refused` for a workspace that is no demonstration.
    """
    if not workspace.is_demo:
        raise Refused("Дела для измерений дописываются только в демонстрационную компанию.")
    began = time.monotonic()
    with translation.override("ru"), scope(workspace):
        missing = wanted - Activity.objects.count()
        if missing <= 0:
            return 0
        say(f"Ещё дел: {missing}…")
        aside = missing >= LARGE if large is None else large
        with (
            transaction.atomic(),
            connection.cursor() as cursor,
            put_aside(cursor, [Activity], wanted=aside),
        ):
            added = add_talk(cursor, wanted)
            say(f"Записаны за {time.monotonic() - began:.0f} с" + ("; индексы и ссылки…" if aside else ""))
        tidy([Activity])
    say(f"Дел добавлено: {added}, за {time.monotonic() - began:.0f} с")
    return added


_ACTIVITIES = """
INSERT INTO activities_activity (workspace_id, version, kind_id, channel, subject, direction, is_cold, reached, due_at,
  has_time, minutes, done_at, result, company_id, person_id, deal_id, owner_id, team_id, created_by_id, created_at)
SELECT %(workspace)s, 1, (%(kinds)s::bigint[])[c.channel], (%(channels)s::text[])[c.channel],
  CASE WHEN c.done_at < 'infinity' THEN (%(names)s::text[])[c.channel] ELSE (%(next_steps)s::text[])[c.channel] END,
  CASE WHEN c.chance %% 4 = 0 THEN 'in' ELSE 'out' END, c.channel = 1 AND c.chance < 10,
  CASE WHEN c.channel = 1 AND c.done_at < 'infinity' THEN c.chance < 78 END, c.due_at, true,
  (%(minutes)s::int[])[c.channel], nullif(c.done_at, 'infinity'),
  CASE WHEN c.done_at = 'infinity' THEN '' WHEN c.channel = 1 AND c.chance >= 78 THEN %(not_reached)s
       ELSE (%(results)s::text[])[c.channel] END,
  d.company_id, nullif(d.person_id, 0), d.id, d.owner_id, d.team_id, d.owner_id,
  CASE WHEN c.done_at < 'infinity' THEN c.done_at ELSE d.stage_since END
FROM big_contact c JOIN big_deal d ON d.id = c.deal_id
ORDER BY c.due_at
"""

_COUNTS = """
SELECT count(*), count(*) FILTER (WHERE deal_id IS NOT NULL AND done_at IS NULL AND cancelled_at IS NULL),
  count(*) FILTER (WHERE deal_id IS NOT NULL AND done_at IS NOT NULL AND channel <> 'task')
FROM activities_activity WHERE workspace_id = %(workspace)s
"""

# Somewhere between the deal's opening and a talk that was held; 997 and 100 have no common part, so that the moment
# and the kind of what is added do not hang together. Of a hundred 55 are calls, 10 meetings, 20 letters, 15 tasks.
_EARLIER = """
INSERT INTO activities_activity (workspace_id, version, kind_id, channel, subject, direction, is_cold, reached, due_at,
  has_time, minutes, done_at, result, company_id, person_id, deal_id, owner_id, team_id, created_by_id, created_at)
SELECT %(workspace)s, 1, (%(kinds)s::bigint[])[c], (%(channels)s::text[])[c], (%(names)s::text[])[c],
  CASE WHEN chance %% 4 = 0 THEN 'in' ELSE 'out' END, false, CASE WHEN c = 1 THEN chance < 43 END, at, true,
  (%(minutes)s::int[])[c], at,
  CASE WHEN c = 1 AND chance >= 43 THEN %(not_reached)s ELSE (%(results)s::text[])[c] END,
  company_id, person_id, deal_id, owner_id, team_id, owner_id, at
FROM (
  SELECT *, CASE WHEN chance < 55 THEN 1 WHEN chance < 65 THEN 2 WHEN chance < 85 THEN 3 ELSE 4 END AS c
  FROM (
    SELECT h.*, (h.place * 61 + n * 37) %% 100 AS chance,
      date_trunc('second', d.opened_at + (h.done_at - d.opened_at) * ((h.place * 389 + n * 241) %% 997) / 1000.0) AS at
    FROM (
      SELECT row_number() OVER (ORDER BY id) - 1 AS place, done_at, company_id, person_id, deal_id, owner_id, team_id
      FROM activities_activity
      WHERE workspace_id = %(workspace)s AND deal_id IS NOT NULL AND done_at IS NOT NULL AND channel <> 'task'
    ) h
    JOIN deals_deal d ON d.workspace_id = %(workspace)s AND d.id = h.deal_id AND d.opened_at <= h.done_at
    CROSS JOIN LATERAL generate_series(1, %(each)s + (h.place < %(rest)s)::int) n
  ) placed
) told
ORDER BY at
"""

# One to ten days after the step that is planned.
_LATER = """
INSERT INTO activities_activity (workspace_id, version, kind_id, channel, subject, direction, is_cold, due_at,
  has_time, minutes, result, company_id, person_id, deal_id, owner_id, team_id, created_by_id, created_at)
SELECT %(workspace)s, 1, (%(kinds)s::bigint[])[c], (%(channels)s::text[])[c], (%(next_steps)s::text[])[c], 'out', false,
  due_at + make_interval(days => 1 + (place %% 10)::int), true, (%(minutes)s::int[])[c], '',
  company_id, person_id, deal_id, owner_id, team_id, owner_id, created_at
FROM (
  SELECT *, 1 + (place %% 4)::int AS c
  FROM (
    SELECT row_number() OVER (ORDER BY id) - 1 AS place, due_at, company_id, person_id, deal_id, owner_id, team_id,
      created_at
    FROM activities_activity
    WHERE workspace_id = %(workspace)s AND deal_id IS NOT NULL AND done_at IS NULL AND cancelled_at IS NULL
  ) step
  WHERE place < %(steps)s
) told
ORDER BY due_at
"""
