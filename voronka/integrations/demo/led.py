"""How the book leads the demo deals: by what day each stage is to be left, and the tasks of the present one."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Mapping

from django.utils import timezone

from voronka.activities.bulk import ActivityRow
from voronka.core.calendar import add_working_days
from voronka.deals.bulk import DealRow
from voronka.deals.models import Deal
from voronka.deals.plan import Plan, planned
from voronka.playbook.models import Stage, StageTask

# Of deals that stand longer the tasks of the stage were done long ago.
FRESH_DAYS = 14
BATCH = 500


def plan_days(rows: Mapping[int, DealRow]) -> None:
    """Write into the deals (id -> row) the days that the book gave them as they went."""
    stages: dict[int, Stage] = {}
    of_funnel: dict[int, list[Stage]] = defaultdict(list)
    for stage in Stage.objects.filter(archived_at=None).order_by("order", "id"):
        stages[stage.pk] = stage
        of_funnel[stage.funnel_id].append(stage)
    deals = []
    for pk, row in rows.items():
        plan: Plan = {}
        stood: int | None = None
        for state in row.states:
            if state.stage_id != stood:
                stage = stages[state.stage_id]
                entered = timezone.localdate(state.valid_from)
                plan = planned(plan, of_funnel[stage.funnel_id], at=stage, entered=entered)
                stood = state.stage_id
        deals.append(Deal(pk=pk, stage_plan=plan))
    Deal.objects.bulk_update(deals, ["stage_plan"], batch_size=BATCH)


def tasks_of_book() -> dict[int, list[StageTask]]:
    """The tasks in use, by stage."""
    found: dict[int, list[StageTask]] = defaultdict(list)
    for task in StageTask.objects.filter(archived_at=None).select_related("kind").order_by("order", "id"):
        found[task.stage_id].append(task)
    return found


def tasks_of_stage(
    rng: random.Random, tasks: list[StageTask], pk: int, row: DealRow, now: dt.datetime
) -> list[ActivityRow]:
    """What the book has planned on a deal since it came to its stage: what is due is mostly done."""
    entered = next(
        (state.valid_from for state in row.states if state.stage_id == row.present.stage_id), row.opened_at
    )
    for before, state in zip(row.states, row.states[1:], strict=False):
        if state.stage_id != before.stage_id:
            entered = state.valid_from
    if now - entered > dt.timedelta(days=FRESH_DAYS) or row.present.owner_id is None:
        return []
    made = []
    for task in tasks:
        day = add_working_days(entered.astimezone(now.tzinfo).date(), task.after_days)
        due = dt.datetime.combine(day, dt.time(16), now.tzinfo)
        done_at = max(due, entered + dt.timedelta(minutes=30))
        is_done = done_at < now and rng.random() < 0.9
        made.append(
            ActivityRow(
                kind_id=task.kind_id,
                owner_id=row.present.owner_id,
                team_id=row.present.team_id,
                due_at=done_at if is_done else due,
                deal_id=pk,
                company_id=row.company_id,
                person_id=row.person_id,
                subject=task.text,
                has_time=False,
                done_at=done_at if is_done else None,
                reached=True if is_done and task.kind.is_contact else None,
                created_at=entered,
                stage_task_id=task.pk,
            )
        )
    return made
