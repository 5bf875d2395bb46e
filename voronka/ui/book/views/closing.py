"""How deals of a funnel end: closing statuses with their criteria, and the rules of endings."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from voronka.core.errors import Refused
from voronka.playbook.actions import (
    add_part,
    add_status,
    archive_status,
    drop_rules,
    edit_status,
    reorder_statuses,
    restore_status,
    set_rules,
)
from voronka.playbook.closing import rules_by_funnel
from voronka.playbook.criteria import kind_of, told
from voronka.playbook.models import ClosingRules, ClosingStatus, Criterion, End, Funnel, Stage
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
from voronka.ui.book.closing_forms import RulesForm, StatusForm
from voronka.ui.book.part_forms import CriterionForm, form_for
from voronka.ui.book.views.funnels import funnel_or_404
from voronka.ui.book.views.parts import exceptions, put_part_refusal, show_part, values_of
from voronka.ui.book.views.tunnels import tunnels_of
from voronka.ui.htmx import render_page
from voronka.ui.once import once
from voronka.workspaces.rights import Action, Subject


@workspace_view(Subject.BOOK, Action.SEE)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """The statuses of a funnel with what each asks, and the rules that hold in it."""
    funnel = funnel_or_404(pk)
    rules = rules_by_funnel()
    own = rules.get(funnel.pk)
    tunnels, tunnels_here = tunnels_of(funnel)
    context = {
        "room": "book",
        "funnel": funnel,
        "ends": _ends(funnel),
        "put_away": list(ClosingStatus.objects.filter(funnel=funnel).exclude(archived_at=None)),
        "tunnels": tunnels,
        "tunnels_here": tunnels_here,
        "rules": own or rules[None],
        "has_own_rules": own is not None,
        "may_configure": request.member.may(Subject.BOOK, Action.CONFIGURE),  # type: ignore[attr-defined]
    }
    return render_page(request, "book/closing.html", context, "closing")


def _ends(funnel: Funnel) -> list[dict[str, Any]]:
    """Both outcomes with their statuses and criteria, in three queries."""
    statuses = list(ClosingStatus.objects.filter(funnel=funnel, archived_at=None).order_by("order", "id"))
    criteria = list(Criterion.objects.filter(closing__in=statuses, archived_at=None).order_by("order", "id"))
    shares = exceptions([row.pk for row in criteria])
    lines: dict[int | None, list[dict[str, Any]]] = {}
    for row in criteria:
        gone, all_of = shares.get(row.pk, (0, 0))
        lines.setdefault(row.closing_id, []).append(
            {
                "row": row,
                "text": told(row),
                "strictness": row.get_strictness_display(),
                "gone": gone,
                "all": all_of,
            }
        )
    about = {
        End.WON: _("What has to be so before a deal counts as won: contract, invoice, payment."),
        End.LOST: _("How a loss is told apart; each one may ask what has to be known before giving up."),
    }
    return [
        {
            "outcome": end.value,
            "title": end.label,
            "about": about[end],
            "icon": "trophy" if end == End.WON else "thumb-down",
            "statuses": [(one, lines.get(one.pk, [])) for one in statuses if one.outcome == end],
        }
        for end in End
    ]


def _outcome(outcome: str) -> str:
    if outcome not in End.values:
        raise Http404
    return outcome


def _status(pk: int) -> ClosingStatus:
    return get_or_404(ClosingStatus.objects.select_related("funnel"), pk)


def _back(request: HttpRequest, funnel_id: int) -> str:
    return book_url(request, "book_closing", funnel_id)


@once
@workspace_view(Subject.BOOK, Action.CONFIGURE)
def new(request: HttpRequest, pk: int, outcome: str) -> HttpResponse:
    """A new status under this outcome."""
    funnel, outcome = funnel_or_404(pk), _outcome(outcome)
    url = book_url(request, "book_closing_new", pk, outcome)
    if request.method != "POST":
        return _show(request, funnel, StatusForm(), url)
    form = StatusForm(request.POST)
    if form.is_valid():
        try:
            with listening(request) as heard:
                add_status(funnel, outcome, actor=request.member, **form.cleaned_data)  # type: ignore[attr-defined]
        except Refused as refusal:
            put_refusal(form, refusal)
        else:
            return answer(request, heard, _("Added"), redirect=_back(request, pk))
    return _show(request, funnel, form, url, status=422)


@workspace_view(Subject.BOOK, Action.CONFIGURE)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Its name, and when it is chosen."""
    row = _status(pk)
    url = book_url(request, "book_closing_edit", pk)
    if request.method != "POST":
        form = StatusForm(initial={"name": row.name, "about": row.about})
        return _show(request, row.funnel, form, url, row)
    form = StatusForm(request.POST)
    if form.is_valid():
        changes, was = touched(request, form)
        try:
            with listening(request) as heard:
                edit_status(row, actor=request.member, changes=changes, was=was)  # type: ignore[attr-defined]
        except Refused as refusal:
            if conflict := conflict_of(refusal):
                return _show(request, row.funnel, form, url, _status(pk), conflict, status=422)
            put_refusal(form, refusal)
        else:
            return answer(request, heard, _("Saved"), redirect=_back(request, row.funnel_id))
    return _show(request, row.funnel, form, url, row, status=422)


def _show(
    request: HttpRequest,
    funnel: Funnel,
    form: StatusForm,
    url: str,
    row: ClosingStatus | None = None,
    conflict: Any = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "room": "book",
        "funnel": funnel,
        "form": form,
        "row": row,
        "url": url,
        "was": was_of(row, ["name", "about"]),
        "conflict": conflict,
    }
    return render_page(request, "book/closing_form.html", context, "form", status=status)


@require_POST
@workspace_view(Subject.BOOK, Action.CONFIGURE)
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Offered no more."""
    row = _status(pk)
    with listening(request) as heard:
        archive_status(row, actor=request.member)  # type: ignore[attr-defined]
    text = _("“%(name)s” put into the archive") % {"name": row.name}
    return answer(request, heard, text, redirect=_back(request, row.funnel_id))


@require_POST
@workspace_view(Subject.BOOK, Action.CONFIGURE)
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Offered again."""
    row = _status(pk)
    with listening(request) as heard:
        restore_status(row, actor=request.member)  # type: ignore[attr-defined]
    text = _("“%(name)s” taken out of the archive") % {"name": row.name}
    return answer(request, heard, text, redirect=_back(request, row.funnel_id))


@require_POST
@workspace_view(Subject.BOOK, Action.CONFIGURE)
def order(request: HttpRequest, pk: int, outcome: str) -> HttpResponse:
    """A new order: `ids`, or one status `move`d `by` a place."""
    funnel, outcome = funnel_or_404(pk), _outcome(outcome)
    ids = ids_of(request)
    if moved := ids_of(request, "move"):
        rows = ClosingStatus.objects.filter(funnel=funnel, outcome=outcome, archived_at=None)
        ids = stepped(
            list(rows.order_by("order", "id").values_list("pk", flat=True)),
            moved[0],
            request.POST.get("by", ""),
        )
    with listening(request) as heard:
        reorder_statuses(funnel, outcome, ids, actor=request.member)  # type: ignore[attr-defined]
    return answer(request, heard, _("Order saved"), redirect=_back(request, pk))


@once
@workspace_view(Subject.BOOK, Action.CONFIGURE)
def criterion(request: HttpRequest, pk: int) -> HttpResponse:
    """A new criterion of a status; `kind` in the address chooses its kind."""
    row = _status(pk)
    url = book_url(request, "book_closing_criterion", pk)
    if request.method != "POST":
        kind = request.GET.get("kind", "")
        form = form_for(Criterion, Stage(), **({"kind": kind} if kind and kind_of(kind) else {}))
        return show_part(request, row, "criterion", form, url)
    form = form_for(Criterion, Stage(), request.POST)
    assert isinstance(form, CriterionForm)
    if form.is_valid():
        try:
            with listening(request) as heard:
                add_part(Criterion, row, actor=request.member, **values_of(form))  # type: ignore[attr-defined]
        except Refused as refusal:
            put_part_refusal(form, refusal)
        else:
            return answer(request, heard, _("Added"), redirect=_back(request, row.funnel_id))
    return show_part(request, row, "criterion", form, url, status=422)


@workspace_view(Subject.BOOK, Action.CONFIGURE)
def rules(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """The rules of endings, of the company or of one funnel."""
    funnel = funnel_or_404(pk) if pk is not None else None
    written = rules_by_funnel()
    back = _back(request, pk) if pk is not None else book_url(request, "book")
    if request.method == "POST":
        form = RulesForm(request.POST)
        if form.is_valid():
            try:
                with listening(request) as heard:
                    set_rules(funnel, actor=request.member, **form.cleaned_data)  # type: ignore[attr-defined]
            except Refused as refusal:
                put_refusal(form, refusal)
            else:
                return answer(request, heard, _("Saved"), redirect=back)
    else:
        form = RulesForm.of(written.get(pk) or written[None])
    context = {
        "room": "book",
        "funnel": funnel,
        "form": form,
        "url": book_url(request, "book_closing_rules", pk) if pk else book_url(request, "book_rules"),
        "has_own_rules": funnel is not None and funnel.pk in written,
        "own_funnels": _with_own_rules() if funnel is None else [],
    }
    return render_page(
        request, "book/closing_rules.html", context, "form", status=422 if form.errors else 200
    )


def _with_own_rules() -> list[str]:
    rows = ClosingRules.objects.exclude(funnel=None).filter(funnel__archived_at=None)
    return list(rows.order_by("funnel__order", "funnel").values_list("funnel__name", flat=True))


@require_POST
@workspace_view(Subject.BOOK, Action.CONFIGURE)
def rules_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """The company's rules hold in the funnel again."""
    funnel = funnel_or_404(pk)
    with listening(request) as heard:
        drop_rules(funnel, actor=request.member)  # type: ignore[attr-defined]
    return answer(request, heard, _("The company's rules hold here now"), redirect=_back(request, pk))
