"""What one does to a deal by a button, a key or a drag. Every transition is an address of its own."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from voronka.core.errors import Refused
from voronka.core.parsing import Unreadable, parse_amount
from voronka.deals import actions
from voronka.deals.choices import Outcome
from voronka.deals.closing.keys import second_key, told
from voronka.deals.handing.actions import accept_hand_over
from voronka.deals.handing.sheets import PARTS, draft
from voronka.deals.leaving.checking import Unfinished
from voronka.deals.models import Deal, HandOver
from voronka.journal.models import Event
from voronka.playbook.closing import rules_for, statuses_of
from voronka.playbook.models import ClosingStatus, Reason, ReasonKind, Stage
from voronka.playbook.queries import FunnelInBook, active_funnels, reasons
from voronka.ui.access import get_or_404, require_reach, workspace_view
from voronka.ui.deals import board, leaving
from voronka.ui.htmx import done, render_page, toast
from voronka.ui.navigation import workspace_url
from voronka.ui.once import once
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Subject


def deal_of(request: HttpRequest, number: int, action: Action = Action.EDIT) -> Deal:
    """The deal with this number, if the member may do *action* to it: else 404 or 403."""
    deals = Deal.objects.visible_to(request.member)  # type: ignore[attr-defined]
    deal = get_or_404(deals.select_related("stage", "funnel", "company", "owner"), number=number)
    require_reach(request, Subject.DEAL, action, deal)
    return deal


def deal_url(request: HttpRequest, deal: Deal) -> str:
    return workspace_url("deal", request.workspace.slug, deal.number)  # type: ignore[attr-defined]


def undo_url(request: HttpRequest, event: Event | None) -> str | None:
    """Where «Undo» of this event is POSTed."""
    if event is None:
        return None
    return workspace_url("undo", request.workspace.slug, event.pk)  # type: ignore[attr-defined]


def answer(request: HttpRequest, deal: Deal, event: Event | None, text: str) -> HttpResponse:
    """Say that it is done, with «Undo»; the page refreshes what it shows."""
    return done(request, text, redirect=deal_url(request, deal), undo_url=undo_url(request, event))


def chosen(queryset: Any, value: str | None, field: str) -> Any:
    """The object with the posted id among those offered; raises `Refused` for any other id, None for none."""
    if not value:
        return None
    found = queryset.filter(pk=int(value)).first() if value.isdecimal() and len(value) < 19 else None
    if found is None:
        raise Refused(_("There is no such choice."), field=field)
    return found


@require_http_methods(["GET", "POST"])
@workspace_view(Subject.DEAL, Action.EDIT)
def move(request: HttpRequest, number: int) -> HttpResponse:
    """GET: stages to choose from, `stage` or else the next one proposed. POST `stage`, `expected`: move there."""
    deal = deal_of(request, number)
    if request.method == "GET":
        funnels = active_funnels()
        proposed = _proposed(deal, funnels, request.GET.get("stage", ""))
        context = {"room": "deals", "deal": deal, "funnels": funnels, "proposed": proposed}
        return render_page(request, "deals/move.html", context, fragment="form")
    stage = chosen(Stage.objects.select_related("funnel"), request.POST.get("stage"), "stage")
    if stage is None:
        raise Refused(_("Choose a stage."), field="stage")
    expected = request.POST.get("expected", "")
    left = deal.stage_id
    leaving.fill(request, deal)
    try:
        event = actions.move_deal(
            deal,
            actor=request.member,  # type: ignore[attr-defined]
            stage=stage,
            expected_stage_id=int(expected) if expected.isdecimal() else None,
            **leaving.said(request),
        )
    except Unfinished as problem:
        url = workspace_url("deal_move", request.workspace.slug, number)  # type: ignore[attr-defined]
        title = _("To the stage “%(stage)s”") % {"stage": stage.name}
        kept = {"stage": str(stage.pk), "expected": str(deal.stage_id)}
        return leaving.ask(request, deal_of(request, number), problem, url=url, kept=kept, title=title)
    text = _("“%(deal)s” is on “%(stage)s” now") % {"deal": deal.title, "stage": stage.name}
    missing = event.payload["missing"] if event else []
    if missing:
        text += ". " + leaving.briefly(missing)
    if board.is_from_board(request):
        return toast(board.moved(request, deal, str(left)), text, undo_url=undo_url(request, event))
    return answer(request, deal, event, text)


def _proposed(deal: Deal, funnels: list[FunnelInBook], wanted: str) -> int:
    """The id of the stage that was pressed, else of the one behind the present stage: who confirms without looking moves."""
    if wanted in {str(stage.pk) for found in funnels for stage in found.stages}:
        return int(wanted)
    own = next((found.stages for found in funnels if found.funnel.pk == deal.funnel_id), [])
    later = (stage.pk for stage in own if stage.order > deal.stage.order)
    return next(later, deal.stage_id)


def asked_of(request: HttpRequest, *names: str) -> set[str]:
    """Those of the fields *names* that the member sees and may change: a form asks for no others."""
    member = request.member  # type: ignore[attr-defined]
    return set(names) - member.hidden_fields("deal") - member.readonly_fields("deal")


@require_http_methods(["GET", "POST"])
@workspace_view(Subject.DEAL, Action.EDIT)
def win(request: HttpRequest, number: int) -> HttpResponse:
    """Close with «Успех»; the sum may be corrected, the reason is asked and may stay open unless the book insists."""
    deal = deal_of(request, number)
    if request.method == "GET":
        context = {
            "room": "deals",
            "deal": deal,
            "reasons": reasons(ReasonKind.WON),
            "asked": asked_of(request, "amount"),
            "asks_reason": rules_for(deal.funnel_id).asks_won_reason,
            "statuses": statuses_of(deal.funnel_id, Outcome.WON),
        }
        return render_page(request, "deals/win.html", context, fragment="form")
    amount = None
    if request.POST.get("amount", "").strip():
        try:
            amount = parse_amount(request.POST["amount"])
        except Unreadable as problem:
            raise Refused(str(problem), field="amount") from problem
    reason = chosen(Reason.objects.filter(kind=ReasonKind.WON), request.POST.get("reason"), "reason")
    closing = chosen(ClosingStatus.objects.all(), request.POST.get("closing"), "closing")
    leaving.fill(request, deal)
    try:
        event = actions.win_deal(
            deal,
            actor=request.member,  # type: ignore[attr-defined]
            reason=reason,
            closing=closing,
            amount=amount,
            **leaving.said(request),
        )
    except Unfinished as problem:
        return _ask_before_closing(
            request, number, problem, "deal_win", ("amount", "reason", "closing"), _("Close as won")
        )
    return answer(request, deal, event, _("“%(deal)s” is won. Congratulations!") % {"deal": deal.title})


@require_http_methods(["GET", "POST"])
@workspace_view(Subject.DEAL, Action.EDIT)
def lose(request: HttpRequest, number: int) -> HttpResponse:
    """Close with «Отказ», or propose it where the book wants the head to agree; the reason is required."""
    deal = deal_of(request, number)
    member = request.member  # type: ignore[attr-defined]
    if request.method == "GET":
        context = {
            "room": "deals",
            "deal": deal,
            "reasons": reasons(ReasonKind.LOST),
            "statuses": statuses_of(deal.funnel_id, Outcome.LOST),
            "second_key": (because := second_key(deal, member)),
            "because": told(because),
        }
        return render_page(request, "deals/lose.html", context, fragment="form")
    reason = chosen(Reason.objects.filter(kind=ReasonKind.LOST), request.POST.get("reason"), "reason")
    closing = chosen(ClosingStatus.objects.all(), request.POST.get("closing"), "closing")
    comment = request.POST.get("comment", "")
    leaving.fill(request, deal)
    try:
        event = actions.lose_deal(
            deal, actor=member, reason=reason, comment=comment, closing=closing, **leaving.said(request)
        )
    except Unfinished as problem:
        return _ask_before_closing(
            request, number, problem, "deal_lose", ("reason", "comment", "closing"), _("Close as lost")
        )
    if deal.is_open:
        text = _("The head has been asked to agree to the loss of “%(deal)s”")
    else:
        text = _("“%(deal)s” is closed as lost")
    return answer(request, deal, event, text % {"deal": deal.title})


def _ask_before_closing(
    request: HttpRequest, number: int, problem: Unfinished, name: str, fields: tuple[str, ...], title: str
) -> HttpResponse:
    """The form with what is missing; what was said in the first form is sent again with the answer."""
    url = workspace_url(name, request.workspace.slug, number)  # type: ignore[attr-defined]
    kept = {field: request.POST.get(field, "") for field in fields}
    return leaving.ask(request, deal_of(request, number), problem, url=url, kept=kept, title=title)


@require_POST
@workspace_view(Subject.DEAL, Action.EDIT)
def reopen(request: HttpRequest, number: int) -> HttpResponse:
    """Return a closed deal to work."""
    deal = deal_of(request, number)
    event = actions.reopen_deal(deal, actor=request.member)  # type: ignore[attr-defined]
    return answer(request, deal, event, _("“%(deal)s” is in work again") % {"deal": deal.title})


@require_http_methods(["GET", "POST"])
@workspace_view(Subject.DEAL, Action.HAND_OVER)
def assign(request: HttpRequest, number: int) -> HttpResponse:
    """Hand the deal over to a colleague."""
    deal = deal_of(request, number, Action.HAND_OVER)
    members = Member.objects.active().select_related("team")
    if request.method == "GET":
        labels = {name: HandOver._meta.get_field(name).verbose_name for name in PARTS}  # type: ignore[union-attr]
        drafted = draft(deal, request.member)  # type: ignore[attr-defined]
        context = {
            "room": "deals",
            "deal": deal,
            "members": members,
            "parts": [(name, labels[name], drafted.get(name, "")) for name in PARTS],
        }
        return render_page(request, "deals/assign.html", context, fragment="form")
    owner = chosen(members, request.POST.get("owner"), "owner")
    if owner is None:
        raise Refused(_("Choose a colleague."), field="owner")
    sheet = {name: request.POST.get(name, "") for name in PARTS}
    event = actions.assign_deal(deal, actor=request.member, owner=owner, sheet=sheet)  # type: ignore[attr-defined]
    return answer(request, deal, event, _("%(member)s is responsible now") % {"member": owner})


@require_POST
@workspace_view(Subject.DEAL, Action.EDIT)
def accept(request: HttpRequest, number: int) -> HttpResponse:
    """The new owner takes the deal that was handed over."""
    deal = deal_of(request, number)
    event = accept_hand_over(deal, actor=request.member)  # type: ignore[attr-defined]
    return answer(request, deal, event, _("The deal is yours: good luck"))


@require_POST
@workspace_view(Subject.DEAL, Action.DELETE)
def delete(request: HttpRequest, number: int) -> HttpResponse:
    """Put the deal into the bin."""
    deal = deal_of(request, number, Action.DELETE)
    event = actions.delete_deal(deal, actor=request.member)  # type: ignore[attr-defined]
    text = _("“%(deal)s” is deleted") % {"deal": deal.title}
    board_url = workspace_url("deals_board", request.workspace.slug)  # type: ignore[attr-defined]
    return done(request, text, redirect=board_url, go=True, undo_url=undo_url(request, event))


@require_POST
@workspace_view(Subject.DEAL, Action.DELETE)
def restore(request: HttpRequest, number: int) -> HttpResponse:
    """Take the deal out of the bin."""
    deal = deal_of(request, number, Action.DELETE)
    event = actions.restore_deal(deal, actor=request.member)  # type: ignore[attr-defined]
    return answer(request, deal, event, _("“%(deal)s” is restored") % {"deal": deal.title})


@require_POST
@once
@workspace_view(Subject.DEAL, Action.EDIT)
def void_move(request: HttpRequest, number: int, event_id: int) -> HttpResponse:
    """Mark a move as a mistake."""
    deal = deal_of(request, number)
    event = get_or_404(Event.objects.filter(subjects__kind="deal", subjects__object_id=deal.pk), event_id)
    actions.void_move(deal, actor=request.member, event=event)  # type: ignore[attr-defined]
    if deal.outcome == Outcome.OPEN:
        text = _("The move counts nowhere; the deal is on “%(stage)s”") % {"stage": deal.stage}
    else:
        text = _("The move counts nowhere")
    return answer(request, deal, None, text)
