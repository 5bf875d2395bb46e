"""When a deal is to leave each stage, by the time limits of the book and the working calendar.

The plan is a JSON column of the deal, `{stage id: [as planned at first, as planned now]}`, both ISO days. What was
planned at first stays beside the fact; what lies ahead is counted anew whenever the deal enters a stage.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from voronka.core.calendar import add_working_days

if TYPE_CHECKING:
    from voronka.playbook.models import Stage

Plan = dict[str, list[str]]


def planned(
    plan: Plan, stages: Iterable[Stage], *, at: Stage, entered: dt.date, besides: Collection[dt.date] = ()
) -> Plan:
    """*plan* with the days of the stage *at*, entered on that day, and of all stages in use behind it.

    *besides* are the days off of who does it. A stage without a time limit takes no time of its own. Stages already
    left keep what the plan says of them.
    """
    result = {key: list(days) for key, days in plan.items()}
    day = entered
    for stage in sorted(stages, key=lambda stage: (stage.order, stage.pk)):
        if stage.archived_at is not None or (stage.order, stage.pk) < (at.order, at.pk):
            continue
        day = add_working_days(day, stage.limit_days, besides=besides) if stage.limit_days else day
        key = str(stage.pk)
        first = result[key][0] if key in result else day.isoformat()
        result[key] = [first, day.isoformat()]
    return result


def stands(plan: Plan, stages: Iterable[Stage], *, at: Stage, today: dt.date) -> dict[int, dt.date]:
    """Stage id -> the day by which each stage behind *at* will be left as things stand *today*.

    While the stage *at* keeps its day that is the plan; once it has passed, what lies ahead is counted from today on:
    a plan in the past is none.
    """
    due = due_days(plan)
    if at.pk not in due or due[at.pk][1] >= today:
        return {pk: now for pk, (_first, now) in due.items()}
    ahead = [stage for stage in stages if (stage.order, stage.pk) > (at.order, at.pk)]
    if not ahead:
        return {}
    first = min(ahead, key=lambda stage: (stage.order, stage.pk))
    return {pk: now for pk, (_first, now) in due_days(planned({}, ahead, at=first, entered=today)).items()}


def due_days(plan: Plan) -> dict[int, tuple[dt.date, dt.date]]:
    """Stage id -> the day by which it was to be left as planned at first, and as planned now."""
    return {
        int(key): (dt.date.fromisoformat(first), dt.date.fromisoformat(now))
        for key, (first, now) in plan.items()
    }
