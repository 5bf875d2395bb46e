"""One funnel: its page with the stages, and what is done with it as a whole."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from voronka.core.errors import Refused
from voronka.deals.choices import Outcome
from voronka.deals.models import Deal
from voronka.playbook.actions import (
    archive_funnel,
    create_funnel,
    edit_funnel,
    reorder_stages,
    restore_funnel,
    set_key_stage,
)
from voronka.playbook.models import Funnel, Stage
from voronka.playbook.queries import FunnelInBook
from voronka.ui.access import get_or_404, workspace_view
from voronka.ui.book.answers import (
    answer,
    book_url,
    conflict_of,
    feed_of,
    ids_of,
    listening,
    put_refusal,
    stepped,
    touched,
    was_of,
)
from voronka.ui.book.forms import FunnelForm, template_of
from voronka.ui.htmx import render_page
from voronka.ui.once import once
from voronka.workspaces.rights import Action, Subject


def funnel_or_404(pk: int) -> Funnel:
    """A funnel of the present workspace."""
    return get_or_404(Funnel.objects.select_related("product_group", "segment"), pk)


def open_by_stage(request: HttpRequest, funnel: Funnel) -> dict[int, int]:
    """How many open deals within the reader's reach stand in each stage."""
    deals = Deal.objects.visible_to(request.member).filter(funnel=funnel, outcome=Outcome.OPEN)  # type: ignore[attr-defined]
    return dict(deals.order_by().values_list("stage").annotate(Count("pk")))


@workspace_view(Subject.BOOK, Action.SEE)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """The stages of a funnel: to read for everybody, to arrange for those who may."""
    funnel = funnel_or_404(pk)
    stages = Stage.objects.filter(funnel=funnel).select_related("role", "merged_into").order_by("order", "id")
    found = FunnelInBook(funnel, tuple(stages))
    context = {
        "room": "book",
        "tab": "funnels",
        "funnel": funnel,
        "found": found,
        "place": _place(funnel),
        "stages": found.stages,
        "put_away": [stage for stage in found.all_stages if stage.archived_at],
        "preview": [
            {"name": stage.name, "note": _note(stage), "state": "now" if stage.is_key else ""}
            for stage in found.stages
        ],
        "open_deals": open_by_stage(request, funnel),
        "may_configure": request.member.may(Subject.BOOK, Action.CONFIGURE),  # type: ignore[attr-defined]
        "changes": feed_of("funnel", funnel.pk, 6),
    }
    return render_page(request, "book/funnel.html", context)


def _place(funnel: Funnel) -> str:
    """«Сервис и запчасти → Производство»; nothing where the name says just that."""
    if funnel.product_group is None and funnel.segment is None:
        return ""
    names = [part.name if part else "—" for part in (funnel.product_group, funnel.segment)]
    return "" if funnel.name == " · ".join(names) else " → ".join(names)


def _note(stage: Stage) -> str:
    chance = f"{stage.probability}\u00a0%"
    if stage.limit_days is None:
        return chance
    return _("%(chance)s · %(days)s w. d.") % {"chance": chance, "days": stage.limit_days}


@once
@workspace_view(Subject.BOOK, Action.CONFIGURE)
def new(request: HttpRequest) -> HttpResponse:
    """A new funnel; `group` and `segment` in the address say for which cell of the grid."""
    if request.method != "POST":
        initial = {"product_group": request.GET.get("group"), "segment": request.GET.get("segment")}
        form = FunnelForm(initial=initial)
        form.initial["name"] = _usual_name(form, initial)
        return _show_form(request, form)
    form = FunnelForm(request.POST)
    if form.is_valid():
        values = form.cleaned_data
        start = values["start"]
        try:
            with listening(request) as heard:
                funnel = create_funnel(
                    actor=request.member,  # type: ignore[attr-defined]
                    name=values["name"],
                    product_group=values["product_group"],
                    segment=values["segment"],
                    stages=[_("First contact")] if start == "one" else None,
                    copy_of=Funnel.objects.get(pk=start) if start.isdigit() else None,
                    template=template_of(start),
                    language=get_language() or "ru",
                )
        except Refused as refusal:
            put_refusal(form, refusal)
        else:
            url = book_url(request, "book_funnel", funnel.pk)
            return answer(request, heard, _("Funnel created"), redirect=url, go=True)
    return _show_form(request, form, status=422)


def _usual_name(form: FunnelForm, initial: dict[str, Any]) -> str:
    """«Оборудование · Производство» for the cell from which one came."""
    parts = []
    for name in ("product_group", "segment"):
        value = initial[name] or ""
        row = form.fields[name].queryset.filter(pk=value).first() if value.isdigit() else None  # type: ignore[attr-defined]
        if row:
            parts.append(row.name)
    return " · ".join(parts)


def _show_form(
    request: HttpRequest,
    form: FunnelForm,
    funnel: Funnel | None = None,
    conflict: Any = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "room": "book",
        "form": form,
        "funnel": funnel,
        "was": was_of(funnel, ["name", "product_group", "segment"]),
        "conflict": conflict,
        "url": book_url(request, "book_funnel_edit", funnel.pk)
        if funnel
        else book_url(request, "book_funnel_new"),
    }
    return render_page(request, "book/funnel_form.html", context, "form", status=status)


@workspace_view(Subject.BOOK, Action.CONFIGURE)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Name and place in the grid."""
    funnel = funnel_or_404(pk)
    if request.method != "POST":
        initial = {name: getattr(funnel, name) for name in ("name", "product_group", "segment")}
        return _show_form(request, FunnelForm(initial=initial, funnel=funnel), funnel)
    form = FunnelForm(request.POST, funnel=funnel)
    if form.is_valid():
        changes, was = touched(request, form)
        try:
            with listening(request) as heard:
                edit_funnel(funnel, actor=request.member, changes=changes, was=was)  # type: ignore[attr-defined]
        except Refused as refusal:
            if conflict := conflict_of(refusal):
                return _show_form(request, form, funnel_or_404(pk), conflict, status=422)
            put_refusal(form, refusal)
        else:
            return answer(request, heard, _("Funnel saved"), redirect=book_url(request, "book_funnel", pk))
    return _show_form(request, form, funnel, status=422)


@require_POST
@workspace_view(Subject.BOOK, Action.CONFIGURE)
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Out of use."""
    funnel = funnel_or_404(pk)
    with listening(request) as heard:
        archive_funnel(funnel, actor=request.member)  # type: ignore[attr-defined]
    return answer(
        request, heard, _("Funnel put into the archive"), redirect=book_url(request, "book"), go=True
    )


@require_POST
@workspace_view(Subject.BOOK, Action.CONFIGURE)
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Into use again."""
    funnel = funnel_or_404(pk)
    with listening(request) as heard:
        restore_funnel(funnel, actor=request.member)  # type: ignore[attr-defined]
    return answer(
        request, heard, _("Funnel taken out of the archive"), redirect=book_url(request, "book_funnel", pk)
    )


@require_POST
@workspace_view(Subject.BOOK, Action.CONFIGURE)
def order(request: HttpRequest, pk: int) -> HttpResponse:
    """A new order of stages: `ids`, or one step of `move` (`by` = up, down)."""
    funnel = funnel_or_404(pk)
    ids = ids_of(request)
    if move := ids_of(request, "move"):
        shown = Stage.objects.filter(funnel=funnel, archived_at=None).order_by("order", "id")
        ids = stepped(list(shown.values_list("pk", flat=True)), move[0], request.POST.get("by", ""))
    with listening(request) as heard:
        reorder_stages(funnel, ids, actor=request.member)  # type: ignore[attr-defined]
    return answer(request, heard, _("Order of stages saved"), redirect=book_url(request, "book_funnel", pk))


@require_POST
@workspace_view(Subject.BOOK, Action.CONFIGURE)
def key(request: HttpRequest, pk: int) -> HttpResponse:
    """Make `stage` the key stage; an empty value takes the mark away."""
    funnel = funnel_or_404(pk)
    wanted = ids_of(request, "stage")
    stage = get_or_404(Stage.objects.filter(funnel=funnel), wanted[0]) if wanted else None
    with listening(request) as heard:
        set_key_stage(funnel, actor=request.member, stage=stage)  # type: ignore[attr-defined]
    text = _("Key stage: %(name)s") % {"name": stage.name} if stage else _("The funnel has no key stage now")
    return answer(request, heard, text, redirect=book_url(request, "book_funnel", pk))
