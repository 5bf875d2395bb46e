"""The deal's present stage as the book tells it: goal, tasks, what is missing to go on, objections with answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from voronka.activities.models import Activity
from voronka.activities.stage_work import plan_stage_task
from voronka.core import formats
from voronka.deals.models import Deal
from voronka.desk.files.actions import files_of_many
from voronka.desk.files.rules import BOOK_TASK
from voronka.playbook.criteria import criteria_of
from voronka.playbook.materials import Material, read_materials
from voronka.playbook.models import Criterion, Funnel, StageTask
from voronka.playbook.queries import funnels_of_cell
from voronka.playbook.versions import lived_by
from voronka.ui.access import get_or_404, workspace_view
from voronka.ui.activities.places import undo_of
from voronka.ui.book.reading import grouped
from voronka.ui.deals import shown
from voronka.ui.deals.leaving import lines_of, missing_now
from voronka.ui.files.shown import FileRow, file_row
from voronka.ui.htmx import done, render_page
from voronka.ui.navigation import workspace_url
from voronka.workspaces.rights import Action, Subject


@dataclass(frozen=True)
class TaskShown:
    """A task of the book in this deal. *state*: "done", "planned" or "" (not planned)."""

    task: StageTask
    state: str
    note: str
    url: str
    plan_url: str
    links: tuple[Material, ...]
    files: tuple[FileRow, ...]


@dataclass(frozen=True)
class ListShown:
    """A checklist with its ticks: (line, whether it is ticked)."""

    criterion: Criterion
    lines: tuple[tuple[str, bool], ...]


@require_GET
@workspace_view(Subject.DEAL)
def stage(request: HttpRequest, number: int) -> HttpResponse:
    """The part of the card about the present stage; it comes after the card, which has to be quick."""
    member = request.member  # type: ignore[attr-defined]
    deals = Deal.objects.visible_to(member).select_related("stage__role", "funnel", "company")
    deal = get_or_404(deals, number=number)
    may_edit = member.reaches(Subject.DEAL, Action.EDIT, owner_id=deal.owner_id, team_id=deal.team_id)
    return render_page(request, "deals/stage.html", context_of(request, deal, may_edit=may_edit), "work")


def context_of(request: HttpRequest, deal: Deal, *, may_edit: bool) -> dict[str, Any]:
    """Everything the part shows; the number of queries does not depend on how much the book says."""
    slug = request.workspace.slug  # type: ignore[attr-defined]
    is_led = deal.is_open and may_edit
    target, asked, missing = missing_now(deal) if is_led else (None, 0, [])
    book = lived_by(deal.stage_id, deal.stage_since) if deal.is_open else None
    return {
        "room": "deals",
        "deal": deal,
        "may_read_book": request.member.may(Subject.BOOK, Action.SEE)  # type: ignore[attr-defined]
        and deal.stage.archived_at is None,
        "stage_age": shown.age_in_stage(deal) if deal.is_open else None,
        "stage_limit": formats.working_days(deal.stage.limit_days) if deal.stage.limit_days else "",
        "tasks": _tasks(request, deal, slug) if deal.is_open else [],
        "lists": _lists(deal) if deal.is_open else [],
        "missing": lines_of(request, deal, missing),
        "ready": target if asked and not missing else None,
        "move_url": workspace_url("deal_move", slug, deal.number),
        "objections": list(deal.stage.objection_rows.filter(archived_at=None)),
        "may_edit": is_led,
        "better": _better_funnel(deal) if is_led else None,
        "book": book.version if book else None,
        "book_changes": grouped(book.changes) if book else [],
    }


def _better_funnel(deal: Deal) -> Funnel | None:
    """The funnel of the cell that the deal stands in by what is sold to whom, when it goes by another one."""
    funnels = funnels_of_cell(deal.product_group_id, deal.company.segment_id if deal.company else None)
    return funnels[0] if funnels and deal.funnel_id not in {funnel.pk for funnel in funnels} else None


def _tasks(request: HttpRequest, deal: Deal, slug: str) -> list[TaskShown]:
    tasks = list(
        StageTask.objects.filter(stage=deal.stage_id, archived_at=None).select_related("role", "kind")
    )
    if not tasks:
        return []
    rows: dict[int | None, Activity] = {}
    mine = Activity.objects.filter(deal=deal, stage_task__in=tasks, cancelled_at=None).select_related("owner")
    for row in mine.order_by("done_at", "id"):
        rows[row.stage_task_id] = row
    files: dict[int, list[FileRow]] = {}
    for file in files_of_many(BOOK_TASK, [task.pk for task in tasks]):
        files.setdefault(file.subject_id, []).append(file_row(request, file))
    return [_task(deal, task, rows.get(task.pk), slug, files.get(task.pk, [])) for task in tasks]


def _task(deal: Deal, task: StageTask, row: Activity | None, slug: str, given: list[FileRow]) -> TaskShown:
    links, files = tuple(read_materials(task.materials.splitlines())), tuple(given)
    if row is None:
        plan_url = "" if task.kind.archived_at else workspace_url("deal_task", slug, deal.number, task.pk)
        return TaskShown(task, "", "", "", plan_url, links, files)
    if row.done_at is not None:
        return TaskShown(task, "done", formats.short_date(row.done_at), "", "", links, files)
    note = f"{formats.short_date(row.due_at)} · {formats.short_name(row.owner.name)}"
    url = workspace_url("activity_complete", slug, row.pk)
    return TaskShown(task, "planned", note, url, "", links, files)


@require_POST
@workspace_view(Subject.DEAL, Action.EDIT)
def task(request: HttpRequest, number: int, pk: int) -> HttpResponse:
    """Plan a task of the book that nobody planned in this deal; with `done` its form of the result follows at once."""
    from voronka.ui.deals.moves import deal_of, deal_url

    member = request.member  # type: ignore[attr-defined]
    deal = deal_of(request, number)
    found = get_or_404(StageTask.objects.select_related("kind", "stage", "role"), pk)
    activity = plan_stage_task(deal, found, actor=member)
    slug = request.workspace.slug  # type: ignore[attr-defined]
    reaches = member.reaches(
        Subject.ACTIVITY, Action.EDIT, owner_id=activity.owner_id, team_id=activity.team_id
    )
    if request.POST.get("done") == "1" and reaches and activity.is_open:
        return redirect(workspace_url("activity_complete", slug, activity.pk))
    said = _("Planned for %(day)s: %(who)s") % {
        "day": formats.short_date(activity.due_at),
        "who": formats.short_name(activity.owner.name),
    }
    return done(
        request, said, redirect=deal_url(request, deal), undo_url=undo_of(request, activity.pk) or None
    )


def _lists(deal: Deal) -> list[ListShown]:
    lists = [one for one in criteria_of(deal.stage_id) if one.kind == "checklist"]
    if not lists:
        return []
    ticked = set(deal.ticks.filter(criterion__in=lists).values_list("criterion_id", "line"))
    return [
        ListShown(one, tuple((line, (one.pk, line) in ticked) for line in one.params["lines"]))
        for one in lists
    ]
