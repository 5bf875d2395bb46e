"""The whole book as one plain value: what versions keep, what the document shows and what the file holds.

The snapshot is canonical: the same book always gives the same value, whoever asks and in whatever language. Only what
is in use is in it. Rows carry their `id`, so that a diff sees a new name as a new name; a file that travels between
companies leaves the ids out and finds rows by their names.

    {"format": 1,
     "groups":   [{id, name, parent}],                      product groups; parent: id or None
     "segments": [{id, name, description}],
     "cells":    [{id, group, segment, buys_for, chooses_by, steps: [text]}],
     "funnels":  [{id, name, group, segment, stages: [
         {id, name, goal, result, role, limit_days, wip_limit, probability, category, color, is_key, remedies,
          told_at: [per cent], escalates_after, moves_itself,
          tasks: [{id, text, kind, after_days, role, required, script, materials: [link]}],
          criteria: [{id, kind, params, strictness}],
          objections: [{id, text, answer}]}]}],
     "won_reasons": [{id, name}], "lost_reasons": [{id, name, follow_up, return_days, return_to}],
     "kinds": [{id, name, channel, icon, minutes}],
     …sections of other rooms}

`role` is the code of a standard role, the name of one of the company's own; a task's `kind` is the id of its kind of activity.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any, Final

from voronka.catalog.models import ProductGroup
from voronka.clients.models import Segment
from voronka.playbook.models import (
    ActivityKind,
    Cell,
    Criterion,
    Funnel,
    Objection,
    Reason,
    ReasonKind,
    Stage,
    StageTask,
)
from voronka.playbook.queries import in_tree
from voronka.workspaces.models import Role

FORMAT: Final = 1

Reader = Callable[[], Any]
_sections: dict[str, Reader] = {}
StageReader = Callable[[list[int]], dict[int, Any]]
_of_stages: dict[str, StageReader] = {}


def section(name: str) -> Callable[[Reader], Reader]:
    """Declare a part of the book that another module keeps: `read()` gives plain JSON values, in a fixed order."""

    def register(read: Reader) -> Reader:
        if name in _sections and _sections[name] is not read:
            raise ValueError(f"section {name} of the book is declared twice")
        _sections[name] = read
        return read

    return register


def of_stages(name: str) -> Callable[[StageReader], StageReader]:
    """Declare what another module says of stages: `read(stage ids)` gives stage id -> plain value, [] where none."""

    def register(read: StageReader) -> StageReader:
        if name in _of_stages and _of_stages[name] is not read:
            raise ValueError(f"{name} of stages is declared twice")
        _of_stages[name] = read
        return read

    return register


def book_snapshot() -> dict[str, Any]:
    """The book of the current workspace as it stands now; about ten queries, whatever its size."""
    roles = {role.pk: role.code if role.is_standard else role.name for role in Role.objects.all()}
    groups = in_tree(ProductGroup.objects.filter(archived_at=None).order_by("order", "id"))
    return {
        "format": FORMAT,
        "groups": [{"id": g.pk, "name": g.name, "parent": g.parent_id} for g, _depth in groups],
        "segments": [
            {"id": s.pk, "name": s.name, "description": s.description}
            for s in Segment.objects.filter(archived_at=None).order_by("order", "id")
        ],
        "cells": [
            {
                "id": cell.pk,
                "group": cell.product_group_id,
                "segment": cell.segment_id,
                "buys_for": cell.buys_for,
                "chooses_by": cell.chooses_by,
                "steps": cell.steps,
            }
            for cell in Cell.objects.filter(
                product_group__archived_at=None, segment__archived_at=None
            ).order_by("product_group__order", "segment__order", "id")
            # One that was taken back says nothing: there is no such cell.
            if cell.is_said
        ],
        "funnels": _funnels(roles),
        "won_reasons": [{"id": r.pk, "name": r.name} for r in _reasons(ReasonKind.WON)],
        "lost_reasons": [
            {
                "id": r.pk,
                "name": r.name,
                "follow_up": r.follow_up,
                "return_days": r.return_days,
                "return_to": r.return_to.name if r.return_to else "",
            }
            for r in _reasons(ReasonKind.LOST).select_related("return_to")
        ],
        "kinds": [
            {"id": k.pk, "name": k.name, "channel": k.channel, "icon": k.icon, "minutes": k.minutes}
            for k in ActivityKind.objects.filter(archived_at=None).order_by("order", "id")
        ],
        **{name: read() for name, read in sorted(_sections.items())},
    }


def digest_of(content: dict[str, Any]) -> str:
    """What tells two books apart."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _reasons(kind: str) -> Any:
    return Reason.objects.filter(kind=kind, archived_at=None).order_by("order", "id")


def _funnels(roles: dict[int, str]) -> list[dict[str, Any]]:
    funnels = list(Funnel.objects.filter(archived_at=None).order_by("order", "id"))
    stages = list(
        Stage.objects.filter(funnel__in=funnels, archived_at=None).order_by("funnel", "order", "id")
    )
    ids = [stage.pk for stage in stages]
    tasks, criteria, objections = (_rows(model, ids) for model in (StageTask, Criterion, Objection))
    more = {name: read(ids) for name, read in sorted(_of_stages.items())}
    told: dict[int, list[dict[str, Any]]] = {funnel.pk: [] for funnel in funnels}
    for stage in stages:
        told[stage.funnel_id].append(
            {
                "id": stage.pk,
                "name": stage.name,
                "goal": stage.goal,
                "result": stage.result,
                "role": roles.get(stage.role_id or 0),
                "limit_days": stage.limit_days,
                "wip_limit": stage.wip_limit,
                "probability": stage.probability,
                "category": stage.category,
                "color": stage.color,
                "is_key": stage.is_key,
                "remedies": stage.remedies,
                "told_at": sorted(stage.told_at),
                "escalates_after": stage.escalates_after,
                "moves_itself": stage.moves_itself,
                "tasks": [_task(task, roles) for task in tasks.get(stage.pk, [])],
                "criteria": [
                    {"id": c.pk, "kind": c.kind, "params": c.params, "strictness": c.strictness}
                    for c in criteria.get(stage.pk, [])
                ],
                "objections": [
                    {"id": o.pk, "text": o.text, "answer": o.answer} for o in objections.get(stage.pk, [])
                ],
                **{name: values.get(stage.pk, []) for name, values in more.items()},
            }
        )
    return [
        {
            "id": funnel.pk,
            "name": funnel.name,
            "group": funnel.product_group_id,
            "segment": funnel.segment_id,
            "stages": told[funnel.pk],
        }
        for funnel in funnels
    ]


def _task(task: StageTask, roles: dict[int, str]) -> dict[str, Any]:
    return {
        "id": task.pk,
        "text": task.text,
        "kind": task.kind_id,
        "after_days": task.after_days,
        "role": roles.get(task.role_id or 0),
        "required": task.required,
        "script": task.script,
        "materials": [line.strip() for line in task.materials.splitlines() if line.strip()],
    }


def _rows(model: Any, stages: list[int]) -> dict[int, list[Any]]:
    result: dict[int, list[Any]] = {}
    for row in model.objects.filter(stage__in=stages, archived_at=None).order_by("order", "id"):
        result.setdefault(row.stage_id, []).append(row)
    return result
