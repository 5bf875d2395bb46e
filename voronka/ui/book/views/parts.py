"""What a stage asks, under its form: tasks, exit criteria, objections; each row opens in a dialog."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from voronka.core import clock
from voronka.core.errors import Refused
from voronka.deals.models import Passage
from voronka.desk.files.actions import files_of_many
from voronka.desk.files.rules import BOOK_TASK
from voronka.playbook.actions import add_part, edit_part, put_part_away, reorder_parts
from voronka.playbook.criteria import kind_of, told
from voronka.playbook.materials import Material, read_materials
from voronka.playbook.models import ClosingStatus, Criterion, Objection, Stage, StagePart, StageTask
from voronka.playbook.parts import PARTS, holder_of
from voronka.ui.access import get_or_404, workspace_view
from voronka.ui.book.answers import (
    answer,
    book_url,
    conflict_of,
    ids_of,
    listening,
    put_refusal,
    stepped,
    touched,
    was_of,
)
from voronka.ui.book.part_forms import CriterionForm, form_for
from voronka.ui.files.shown import FileRow, file_row
from voronka.ui.htmx import render_page
from voronka.ui.once import once
from voronka.workspaces.rights import Action, Subject

# The share of exceptions is told of this time.
LATELY = dt.timedelta(days=90)


@dataclass(frozen=True)
class Line:
    """A row as the list shows it."""

    row: StagePart
    text: str
    notes: list[str]
    problem: str = ""
    script: str = ""
    materials: list[Material] = field(default_factory=list)
    files: list[FileRow] = field(default_factory=list)


def _model(code: str) -> type[StagePart]:
    if code not in PARTS:
        raise Http404
    return PARTS[code]


def _rows(code: str) -> Any:
    model = _model(code)
    related = ["stage__funnel", *(["closing__funnel"] if model is Criterion else [])]
    return model.objects.select_related(*related)


def _back(request: HttpRequest, holder: Stage | ClosingStatus) -> str:
    if isinstance(holder, ClosingStatus):
        return book_url(request, "book_closing", holder.funnel_id)
    return book_url(request, "book_stage", holder.pk)


def _stage(pk: int) -> Stage:
    return get_or_404(Stage.objects.select_related("funnel", "role"), pk)


def lists_of(request: HttpRequest, stage: Stage) -> list[dict[str, Any]]:
    """The three lists of a stage, for its page."""
    texts = {
        "task": (
            _("Tasks of the stage"),
            _("They are planned by themselves when a deal enters the stage."),
            "checkbox",
            _("Add a task"),
        ),
        "criterion": (
            _("Exit criteria"),
            _("What must be so before a deal goes on. The head may let it go without, with a reason."),
            "door-exit",
            _("Add a criterion"),
        ),
        "objection": (
            _("Objections and answers"),
            _("Sellers see them on every deal of this stage."),
            "message-question",
            _("Add an objection"),
        ),
    }
    return [
        {
            "code": code,
            "title": title,
            "about": about,
            "icon": icon,
            "add": add,
            "lines": _lines(request, PARTS[code], stage),
        }
        for code, (title, about, icon, add) in texts.items()
    ]


def _lines(request: HttpRequest, model: type[StagePart], stage: Stage) -> list[Line]:
    rows = model.objects.filter(stage=stage, archived_at=None).order_by("order", "id")
    if model is StageTask:
        return _task_lines(request, list(rows.select_related("kind", "role")))
    if model is Objection:
        return [Line(row, row.text, [row.answer] if row.answer else []) for row in rows]
    shares = exceptions([row.pk for row in rows])
    return [_criterion_line(stage, row, shares.get(row.pk)) for row in rows]


def _task_lines(request: HttpRequest, rows: list[StageTask]) -> list[Line]:
    files: dict[int, list[FileRow]] = {}
    for file in files_of_many(BOOK_TASK, [row.pk for row in rows]):
        files.setdefault(file.subject_id, []).append(file_row(request, file))
    return [
        Line(
            row,
            row.text,
            _task_notes(row),
            script=row.script,
            materials=read_materials(row.materials.splitlines()),
            files=files.get(row.pk, []),
        )
        for row in rows
    ]


def _task_notes(row: StageTask) -> list[str]:
    days = (
        _("on the day of entering")
        if row.after_days == 0
        else _("in %(days)s working d.") % {"days": row.after_days}
    )
    notes = [row.kind.name, days, row.role.title if row.role else _("the deal's responsible")]
    return [*notes, pgettext("task", "required")] if row.required else notes


def _criterion_line(stage: Stage, row: Criterion, share: tuple[int, int] | None) -> Line:
    notes = [row.get_strictness_display()]
    if share:
        gone, all_of = share
        notes.append(_("without it went on: %(gone)s of %(all)s in 90 days") % {"gone": gone, "all": all_of})
    return Line(row, told(row), notes, problem_of(row, stage))


def problem_of(row: Any, stage: Stage) -> str:
    """Why a criterion can never be met, "" if it can (and for every other row)."""
    kind = kind_of(row.kind) if isinstance(row, Criterion) else None
    return kind.problem(stage, row.params) if kind else ""


def with_problem(text: str, row: Any) -> str:
    """*text* of the toast; a criterion that can never be met says so at once."""
    problem = problem_of(row, row.stage or Stage())
    return f"{text}. {problem}" if problem else text


def exceptions(criteria: list[int]) -> dict[int, tuple[int, int]]:
    """Criterion id -> (deals that went on without it, deals that were asked), of the last 90 days."""
    rows = (
        Passage.objects.filter(criterion__in=criteria, at__gte=clock.now() - LATELY)
        .values("criterion")
        .annotate(gone=Count("pk", filter=Q(met=False)), all_of=Count("pk"))
    )
    return {row["criterion"]: (row["gone"], row["all_of"]) for row in rows}


@workspace_view(Subject.BOOK, Action.SEE)
def parts(request: HttpRequest, pk: int) -> HttpResponse:
    """The lists alone, drawn anew after a change."""
    stage = _stage(pk)
    return render_page(request, "book/parts.html", context_of(request, stage), "parts")


def context_of(request: HttpRequest, stage: Stage) -> dict[str, Any]:
    """What the lists need."""
    return {
        "room": "book",
        "stage": stage,
        "part_lists": lists_of(request, stage),
        "may_configure": request.member.may(Subject.BOOK, Action.CONFIGURE),  # type: ignore[attr-defined]
    }


@once
@workspace_view(Subject.BOOK, Action.CONFIGURE)
def new(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """A new row; `kind` in the address chooses the kind of a criterion."""
    stage, model = _stage(pk), _model(code)
    url = book_url(request, "book_part_new", pk, code)
    if request.method != "POST":
        kind = request.GET.get("kind", "")
        initial = {"kind": kind} if kind and kind_of(kind) else {}
        return show_part(request, stage, code, form_for(model, stage, **initial), url)
    form = form_for(model, stage, request.POST)
    if form.is_valid():
        try:
            with listening(request) as heard:
                row = add_part(model, stage, actor=request.member, **values_of(form))  # type: ignore[attr-defined]
        except Refused as refusal:
            put_part_refusal(form, refusal)
        else:
            text = with_problem(_("Added"), row)
            return answer(request, heard, text, redirect=book_url(request, "book_stage", pk))
    return show_part(request, stage, code, form, url, status=422)


@workspace_view(Subject.BOOK, Action.CONFIGURE)
def edit(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One row."""
    row: Any = get_or_404(_rows(code), pk)
    stage = holder_of(row)
    # The options of a criterion are those of a stage; a closing status has none of its own.
    place = stage if isinstance(stage, Stage) else Stage()
    url = book_url(request, "book_part", code, pk)
    if request.method != "POST":
        kind = request.GET.get("kind", "")
        initial = {"kind": kind} if kind and kind_of(kind) else {}
        return show_part(request, stage, code, form_for(type(row), place, row=row, **initial), url, row)
    form = form_for(type(row), place, request.POST, row=row)
    if form.is_valid():
        changes, was = (values_of(form), None) if isinstance(form, CriterionForm) else touched(request, form)
        try:
            with listening(request) as heard:
                row = edit_part(row, actor=request.member, changes=changes, was=was)  # type: ignore[attr-defined]
        except Refused as refusal:
            if conflict := conflict_of(refusal):
                fresh = get_or_404(_rows(code), pk)
                return show_part(request, stage, code, form, url, fresh, conflict, status=422)
            put_part_refusal(form, refusal)
        else:
            text = with_problem(_("Saved"), row)
            return answer(request, heard, text, redirect=_back(request, stage))
    return show_part(request, stage, code, form, url, row, status=422)


def values_of(form: forms.Form) -> dict[str, Any]:
    """What the verb takes of a valid form."""
    if isinstance(form, CriterionForm):
        given = form.cleaned_data
        return {"kind": given["kind"], "strictness": given["strictness"], "params": form.params}
    return dict(form.cleaned_data)


def put_part_refusal(form: forms.Form, refusal: Refused) -> None:
    """Show the sentence at its field, the parameters of a criterion too."""
    if isinstance(form, CriterionForm) and f"param_{refusal.field}" in form.fields:
        form.add_error(f"param_{refusal.field}", refusal.message)
    else:
        put_refusal(form, refusal)


def show_part(
    request: HttpRequest,
    stage: Stage | ClosingStatus,
    code: str,
    form: forms.Form,
    url: str,
    row: Any = None,
    conflict: Any = None,
    status: int = 200,
) -> HttpResponse:
    """The form of a row of the stage, or of a criterion of the closing status."""
    named = [name for name in form.fields if not name.startswith("param_")]
    context = {
        "room": "book",
        "stage": stage,
        "code": code,
        "form": form,
        "row": row,
        "url": url,
        "was": [] if code == "criterion" else was_of(row, named),
        "conflict": conflict,
    }
    return render_page(request, "book/part_form.html", context, "form", status=status)


@require_POST
@workspace_view(Subject.BOOK, Action.CONFIGURE)
def away(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Out of the book; what deals did because of it stays."""
    row: Any = get_or_404(_rows(code), pk)
    with listening(request) as heard:
        put_part_away(row, actor=request.member)  # type: ignore[attr-defined]
    return answer(request, heard, _("Taken out of the book"), redirect=_back(request, holder_of(row)))


@require_POST
@workspace_view(Subject.BOOK, Action.CONFIGURE)
def order(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """A new order: `ids`, or one row `move`d `by` a place."""
    stage, model = _stage(pk), _model(code)
    ids = ids_of(request)
    if moved := ids_of(request, "move"):
        rows = model.objects.filter(stage=stage, archived_at=None).order_by("order", "id")
        ids = stepped(list(rows.values_list("pk", flat=True)), moved[0], request.POST.get("by", ""))
    with listening(request) as heard:
        reorder_parts(model, stage, ids, actor=request.member)  # type: ignore[attr-defined]
    return answer(request, heard, _("Order saved"), redirect=book_url(request, "book_stage", pk))
