"""One stage: its form (in the panel or as a page), putting away and merging."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from voronka.analytics.book.chances import chances_of
from voronka.core.errors import Refused
from voronka.playbook.actions import add_stage, archive_stage, edit_stage, merge_stage, restore_stage
from voronka.playbook.models import Stage
from voronka.playbook.palette import color_at
from voronka.playbook.queries import stages_of
from voronka.playbook.stage_usage import open_deals
from voronka.ui.access import get_or_404, workspace_view
from voronka.ui.book.answers import (
    Heard,
    answer,
    book_url,
    conflict_of,
    feed_of,
    ids_of,
    listening,
    put_refusal,
    touched,
    undo_url,
    was_of,
)
from voronka.ui.book.forms import StageForm
from voronka.ui.book.views import parts
from voronka.ui.book.views.funnels import funnel_or_404
from voronka.ui.book.views.history import chance_in_words
from voronka.ui.htmx import render_page, toast, trigger, wants_fragment
from voronka.ui.once import once
from voronka.workspaces.rights import Action, Subject

FIELDS = (
    "name",
    "goal",
    "result",
    "role",
    "limit_days",
    "wip_limit",
    "probability",
    "category",
    "color",
    "remedies",
    "told_at",
    "escalates_after",
    "moves_itself",
)


def stage_or_404(pk: int) -> Stage:
    """A stage of the present workspace."""
    return get_or_404(Stage.objects.select_related("funnel", "role", "merged_into"), pk)


@workspace_view(Subject.BOOK, Action.SEE)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """A stage: to read, or (POST, with the right) to change."""
    stage = stage_or_404(pk)
    may = request.member.may(Subject.BOOK, Action.CONFIGURE)  # type: ignore[attr-defined]
    if request.method != "POST":
        return _show(request, stage, _form_of(stage) if may else None)
    request.member.require(Subject.BOOK, Action.CONFIGURE)  # type: ignore[attr-defined]
    form = StageForm(request.POST, color=stage.color)
    if form.is_valid():
        changes, was = touched(request, form)
        try:
            with listening(request) as heard:
                edit_stage(stage, actor=request.member, changes=changes, was=was)  # type: ignore[attr-defined]
        except Refused as refusal:
            if conflict := conflict_of(refusal):
                return _show(request, stage_or_404(pk), form, conflict, status=422)
            put_refusal(form, refusal)
        else:
            return _saved(request, pk, heard)
    return _show(request, stage, form, status=422)


def _saved(request: HttpRequest, pk: int, heard: Heard) -> HttpResponse:
    """In the panel the form is drawn anew, made from what is saved now; the list below follows."""
    stage = stage_or_404(pk)
    if not wants_fragment(request):
        url = book_url(request, "book_funnel", stage.funnel_id)
        return answer(request, heard, _("Stage saved"), redirect=url)
    response = _show(request, stage, _form_of(stage))
    if heard.event is None:
        return response
    return toast(trigger(response, "refresh"), _("Stage saved"), undo_url=undo_url(request, heard.event))


def _form_of(stage: Stage) -> StageForm:
    return StageForm(initial={name: getattr(stage, name) for name in FIELDS}, color=stage.color)


def _show(
    request: HttpRequest, stage: Stage, form: StageForm | None, conflict: Any = None, status: int = 200
) -> HttpResponse:
    context = {
        "room": "book",
        "stage": stage,
        "funnel": stage.funnel,
        "form": form,
        "was": was_of(stage, FIELDS),
        "conflict": conflict,
        "others": [s for s in stages_of(stage.funnel) if s.pk != stage.pk],
        "changes": feed_of("stage", stage.pk, 5),
        "control": _control(stage),
        "chance": chance_in_words(chances_of(stage.funnel, [stage]).get(stage.pk)),
        **parts.context_of(request, stage),
    }
    return render_page(request, "book/stage.html", context, status=status)


def _control(stage: Stage) -> str:
    """When the head is told, in words; "" where nobody is."""
    shares = dict(StageForm.base_fields["told_at"].choices)  # type: ignore[attr-defined]
    told = [str(shares[share]) for share in sorted(stage.told_at) if share in shares]
    if not told:
        return ""
    return _("the head is told when this has passed: %(shares)s") % {"shares": ", ".join(told)}


@once
@workspace_view(Subject.BOOK, Action.CONFIGURE)
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """A new stage of the funnel, behind `after` or at the end."""
    funnel = funnel_or_404(pk)
    stages = stages_of(funnel, archived=True)
    after_id = (ids_of(request, "after") if request.method == "POST" else None) or [0]
    after = next((s for s in stages if s.pk == after_id[0]), None)
    if request.method != "POST":
        last = next((s for s in reversed(stages) if s.archived_at is None), None)
        initial = {"color": color_at(len(stages)), "category": last.category if last else "pipeline"}
        initial["probability"] = (last.probability + 100) // 2 if last else 50  # type: ignore[assignment]
        return _show_new(request, funnel, StageForm(initial=initial), stages)
    form = StageForm(request.POST)
    if form.is_valid():
        values = dict(form.cleaned_data)
        try:
            with listening(request) as heard:
                add_stage(funnel, actor=request.member, name=values.pop("name"), after=after, **values)  # type: ignore[attr-defined]
        except Refused as refusal:
            put_refusal(form, refusal)
        else:
            return answer(request, heard, _("Stage added"), redirect=book_url(request, "book_funnel", pk))
    return _show_new(request, funnel, form, stages, status=422)


def _show_new(
    request: HttpRequest, funnel: Any, form: StageForm, stages: list[Stage], status: int = 200
) -> HttpResponse:
    context = {
        "room": "book",
        "funnel": funnel,
        "form": form,
        "places": [s for s in stages if s.archived_at is None],
        "after": next(iter(ids_of(request, "after")), None),
        "url": book_url(request, "book_stage_new", funnel.pk),
    }
    return render_page(request, "book/stage_new.html", context, "form", status=status)


class TargetForm(forms.Form):
    """Where to: one of the other stages in use."""

    target: Any = forms.ModelChoiceField(queryset=None, required=False, empty_label=None)

    def __init__(self, *args: Any, stage: Stage, required: bool, label: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["target"]
        field.queryset = Stage.objects.filter(funnel=stage.funnel, archived_at=None).exclude(pk=stage.pk)
        field.required, field.label = required, label
        others = list(field.queryset)
        before = [s for s in others if s.order < stage.order]
        self.initial.setdefault("target", (before or others)[-1 if before else 0] if others else None)


@once
@workspace_view(Subject.BOOK, Action.CONFIGURE)
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a stage away: says first what follows, asks where its open deals are to go."""
    stage = stage_or_404(pk)
    busy = open_deals(stage)
    label = _("Where do they go")
    form = TargetForm(
        request.POST if request.method == "POST" else None, stage=stage, required=bool(busy), label=label
    )
    if request.method == "POST" and form.is_valid():
        goal = form.cleaned_data["target"] if busy else None
        try:
            with listening(request) as heard:
                archive_stage(stage, actor=request.member, target=goal)  # type: ignore[attr-defined]
        except Refused as refusal:
            put_refusal(form, refusal)
        else:
            return _answer(request, heard, _("Stage put into the archive"), stage)
    return _ask(request, "archive", stage, form, busy)


@once
@workspace_view(Subject.BOOK, Action.CONFIGURE)
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Merge a stage into another one: says first what follows."""
    stage = stage_or_404(pk)
    form = TargetForm(
        request.POST if request.method == "POST" else None, stage=stage, required=True, label=_("Merge into")
    )
    if request.method == "POST" and form.is_valid():
        try:
            with listening(request) as heard:
                merge_stage(stage, form.cleaned_data["target"], actor=request.member)  # type: ignore[attr-defined]
        except Refused as refusal:
            put_refusal(form, Refused(refusal.message, field="target"))
        else:
            return _answer(request, heard, _("Stages merged"), stage)
    return _ask(request, "merge", stage, form, open_deals(stage))


def _ask(request: HttpRequest, what: str, stage: Stage, form: TargetForm, busy: int) -> HttpResponse:
    context = {
        "room": "book",
        "what": what,
        "stage": stage,
        "funnel": stage.funnel,
        "form": form,
        "busy": busy,
        "alone": not form.fields["target"].queryset.exists(),  # type: ignore[attr-defined]
        "url": book_url(request, f"book_stage_{what}", stage.pk),
    }
    status = 422 if form.errors else 200
    return render_page(request, "book/stage_away.html", context, "form", status=status)


def _answer(request: HttpRequest, heard: Any, text: str, stage: Stage) -> HttpResponse:
    """Back to the funnel whole: the panel that may be open shows a stage which is no more."""
    url = book_url(request, "book_funnel", stage.funnel_id)
    return answer(request, heard, text, redirect=url, go=True)


@require_POST
@workspace_view(Subject.BOOK, Action.CONFIGURE)
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Into use again, in the old place."""
    stage = stage_or_404(pk)
    with listening(request) as heard:
        restore_stage(stage, actor=request.member)  # type: ignore[attr-defined]
    return _answer(request, heard, _("Stage taken out of the archive"), stage)
