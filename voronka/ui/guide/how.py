"""«How it works»: a stage told to who sells, from the book's own texts and materials. To read, not to change."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from voronka.core import formats
from voronka.desk.files.actions import files_of_many
from voronka.desk.files.rules import BOOK_TASK
from voronka.playbook.criteria import criteria_of, told
from voronka.playbook.materials import Material, read_materials
from voronka.playbook.models import Stage, StageTask
from voronka.ui.access import get_or_404, workspace_view
from voronka.ui.files.shown import FileRow, file_row
from voronka.ui.htmx import render_page
from voronka.ui.navigation import workspace_url
from voronka.workspaces.rights import Action, Subject


@dataclass(frozen=True)
class HowTask:
    """A task with its script and what there is to watch, read and use."""

    task: StageTask
    links: list[Material]
    files: list[FileRow]


@require_GET
@workspace_view(Subject.BOOK, Action.SEE)
def how(request: HttpRequest, pk: int) -> HttpResponse:
    """One stage from its goal to the answers to objections; the neighbours are one click away."""
    slug = request.workspace.slug  # type: ignore[attr-defined]
    stage = get_or_404(Stage.objects.filter(archived_at=None).select_related("funnel", "role"), pk)
    row = list(Stage.objects.filter(funnel=stage.funnel_id, archived_at=None).order_by("order", "id"))
    place = next(number for number, one in enumerate(row) if one.pk == stage.pk)
    context = {
        "room": "book",
        "stage": stage,
        "limit": formats.working_days(stage.limit_days) if stage.limit_days else "",
        "tasks": _tasks(request, stage),
        "criteria": [told(one) for one in criteria_of(stage)],
        "objections": stage.objection_rows.filter(archived_at=None),
        "row": [(one, workspace_url("stage_how", slug, one.pk), one.pk == stage.pk) for one in row],
        "next": workspace_url("stage_how", slug, row[place + 1].pk) if place + 1 < len(row) else "",
        "next_name": row[place + 1].name if place + 1 < len(row) else "",
    }
    return render_page(request, "guide/how.html", context, fragment="how")


def _tasks(request: HttpRequest, stage: Stage) -> list[HowTask]:
    tasks = list(StageTask.objects.filter(stage=stage, archived_at=None).select_related("kind", "role"))
    files: dict[int, list[FileRow]] = {}
    for file in files_of_many(BOOK_TASK, [task.pk for task in tasks]):
        files.setdefault(file.subject_id, []).append(file_row(request, file))
    return [
        HowTask(task, read_materials(task.materials.splitlines()), files.get(task.pk, [])) for task in tasks
    ]
