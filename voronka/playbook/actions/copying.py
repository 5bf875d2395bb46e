"""What a new funnel begins with besides its stages: the work of another funnel's stages, or of a template's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from voronka.playbook.actions.templates import Writer
from voronka.playbook.models import Criterion, Funnel, Objection, Stage, StagePart, StageTask
from voronka.playbook.templates_data.shapes import FunnelTemplate
from voronka.workspaces.models import Role

_PARTS: tuple[type[StagePart], ...] = (StageTask, Criterion, Objection)


def copy_work(source: Funnel, made: Sequence[Stage]) -> None:
    """Give the stages *made* (copies of the active stages of *source*, in their order) the same tasks, criteria and
    objections."""
    originals = Stage.objects.filter(funnel=source, archived_at=None).order_by("order", "id")
    goals = dict(zip([stage.pk for stage in originals], made, strict=True))
    tasks: dict[str, str] = {}
    for model in _PARTS:
        copies: list[StagePart] = []
        rows = model.objects.filter(stage__in=goals, archived_at=None).order_by("stage", "order", "id")
        places: dict[int, int] = {}
        old: list[int] = []
        for row in rows:
            stage = goals[row.stage_id]
            places[stage.pk] = places.get(stage.pk, 0) + 1
            old.append(row.pk)
            if isinstance(row, Criterion) and row.params.get("task") in tasks:
                # «This task is done» means the copy of the task, which was written before.
                row.params = {**row.params, "task": tasks[row.params["task"]]}
            row.pk, row.stage, row.order, row.version = None, stage, places[stage.pk], 1
            row._state.adding = True
            copies.append(row)
        model.objects.bulk_create(copies)
        if model is StageTask:
            tasks = {str(was): str(row.pk) for was, row in zip(old, copies, strict=True)}


def stages_of_template(template: FunnelTemplate, language: str) -> list[Mapping[str, Any]]:
    """The stages of a ready-made funnel as values of stages, in their order."""
    writer = Writer(language)
    roles = {role.code: role for role in Role.objects.all()}
    return [writer.stage_values(stage, roles) for stage in template.stages]


def add_work(template: FunnelTemplate, made: Sequence[Stage], language: str) -> None:
    """Give the stages *made* from a template what the template's stages ask."""
    writer = Writer(language)
    roles = {role.code: role for role in Role.objects.all()}
    for stage, wanted in zip(made, template.stages, strict=True):
        writer.parts(stage, wanted, roles)
