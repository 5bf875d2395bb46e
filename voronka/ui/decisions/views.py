"""«Требует решения»: the one inbox of a head, and the decisions themselves."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_POST

from voronka.core import clock, formats
from voronka.core.calendar import working_days_since
from voronka.core.errors import Refused
from voronka.deals import actions
from voronka.deals.closing import waiting
from voronka.deals.closing.dead import KEEP, LOSE, Terms, dead_deals, proposed, told
from voronka.deals.closing.keys import attempts, decides
from voronka.deals.closing.keys import told as told_why
from voronka.deals.closing.models import LossProposal, Verdict
from voronka.deals.models import Deal
from voronka.ui.access import get_or_404, require_reach, workspace_view
from voronka.ui.deals.moves import answer, chosen, deal_of
from voronka.ui.htmx import done, render_page
from voronka.ui.navigation import workspace_url
from voronka.ui.once import once
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Subject
from voronka.workspaces.viewer import seen_now

BRIEF, PART, ALL = 3, 8, 200
# For how long a deal is kept alive, in days: what the button offers.
KEPT_DAYS = 30
SPANS = ((14, gettext_lazy("two weeks")), (30, gettext_lazy("a month")), (90, gettext_lazy("three months")))


@dataclass(frozen=True)
class DeadRow:
    """A dead deal, why it is one, and the one button that is proposed."""

    deal: Deal
    why: list[str]
    deal_url: str
    label: str
    url: str
    tone: str
    others: list[tuple[str, str, str]]


def _url(request: HttpRequest, name: str, *args: Any) -> str:
    return workspace_url(name, request.workspace.slug, *args)  # type: ignore[attr-defined]


@workspace_view(Subject.DEAL)
def inbox(request: HttpRequest) -> HttpResponse:
    """Losses to confirm, sums to approve, dead deals, limits passed, who is stuck. `brief`: for Today."""
    member = request.member  # type: ignore[attr-defined]
    if not waiting.is_head(member):
        member.require(Subject.DEAL, Action.HAND_OVER)
    brief = "brief" in request.GET
    losses, approvals = waiting.losses(member), waiting.approvals(member)
    dead_ones = dead_deals(member)
    size = BRIEF if brief else ALL
    counts = {
        "losses": losses.order_by().count(),
        "approvals": approvals.order_by().count(),
        "dead": dead_ones.count(),
        "late": waiting.late_deals(member).order_by().count(),
    }
    context: dict[str, Any] = {
        "room": "decisions",
        "counts": counts,
        "total": counts["losses"] + counts["approvals"] + counts["dead"],
        "losses": [_loss_row(request, row) for row in losses[:size]],
        "approvals": [_approval_row(request, row) for row in approvals[:size]],
        "sees_sum": seen_now("deal", "amount"),
    }
    if brief:
        if not context["total"]:
            return HttpResponse()
        return render_page(request, "decisions/inbox.html", context, "brief")
    context |= {
        "dead": dead_rows(request, dead_ones, PART),
        "late": [_late_row(request, deal) for deal in _shown(waiting.late_deals(member), PART)],
        "stuck": [_stuck_row(request, row) for row in waiting.stuck(member)],
        "late_url": _url(request, "today") + "?attention=stage_late",
    }
    return render_page(request, "decisions/inbox.html", context, "list")


@workspace_view(Subject.DEAL)
def badge(request: HttpRequest) -> HttpResponse:
    """How much waits for a word, for the navigation; empty for nothing."""
    count = waiting.counted(request.member)  # type: ignore[attr-defined]
    most = waiting.MOST_COUNTED
    text = "" if not count else f"{most - 1}+" if count >= most else str(count)
    return HttpResponse(text, headers={"Cache-Control": "no-store"})


@workspace_view(Subject.DEAL, Action.EDIT)
def dead(request: HttpRequest) -> HttpResponse:
    """Every dead deal within reach, with its one decision; sellers decide about their own."""
    rows = dead_deals(request.member)  # type: ignore[attr-defined]
    context = {
        "room": "decisions" if waiting.is_head(request.member) else "today",  # type: ignore[attr-defined]
        "count": rows.count(),
        "dead": dead_rows(request, rows, ALL),
        "sees_sum": seen_now("deal", "amount"),
        "is_head": waiting.is_head(request.member),  # type: ignore[attr-defined]
    }
    return render_page(request, "decisions/dead.html", context, "list")


def _shown(rows: Any, limit: int) -> list[Deal]:
    return list(rows.select_related("company", "stage", "owner")[:limit])


def dead_rows(request: HttpRequest, rows: Any, limit: int) -> list[DeadRow]:
    """The dead ones as a list shows them: the dearest first where the sum may be seen, else the oldest."""
    order: list[Any] = ["opened_at", "pk"]
    if seen_now("deal", "amount"):
        order.insert(0, F("amount_base").desc(nulls_last=True))
    terms = Terms.now()
    return [_dead_row(request, deal, terms) for deal in _shown(rows.order_by(*order), limit)]


def _dead_row(request: HttpRequest, deal: Deal, terms: Terms) -> DeadRow:
    why = terms.why(deal)
    wanted = proposed(why, near=terms.is_near(deal))
    plan = f"{_url(request, 'activity_new')}?deal={deal.pk}&mode=plan&channel=call"
    ways = {
        LOSE: (_("Close as lost"), _url(request, "deal_lose", deal.number), "v-btn-bad"),
        "plan": (_("Plan a call"), plan, ""),
        KEEP: (_("Keep in work"), _url(request, "deal_keep", deal.number), ""),
        "assign": (_("Hand over"), _url(request, "deal_assign", deal.number), ""),
    }
    may_assign = request.member.reaches(  # type: ignore[attr-defined]
        Subject.DEAL, Action.HAND_OVER, owner_id=deal.owner_id, team_id=deal.team_id
    )
    label, url, tone = ways.pop(wanted)
    if not may_assign:
        ways.pop("assign")
    icons = {LOSE: "thumb-down", "plan": "phone", KEEP: "heartbeat", "assign": "user-share"}
    others = [(text, address, icons[code]) for code, (text, address, _tone) in ways.items()]
    words = [told(code, days) for code, days in why]
    return DeadRow(deal, words, _url(request, "deal", deal.number), label, url, tone, others)


def _loss_row(request: HttpRequest, row: LossProposal) -> dict[str, Any]:
    return {
        "row": row,
        "why": told_why(row.because),
        "url": _url(request, "loss", row.pk),
        "deal_url": _url(request, "deal", row.deal.number),
    }


def _approval_row(request: HttpRequest, row: Any) -> dict[str, Any]:
    return {
        "row": row,
        "url": _url(request, "approval", row.pk),
        "deal_url": _url(request, "deal", row.deal.number),
        "changed": row.deal.amount_base != row.amount_base,
    }


def _late_row(request: HttpRequest, deal: Deal) -> dict[str, Any]:
    passed = working_days_since(deal.stage_since, until=clock.today())
    return {
        "deal": deal,
        "deal_url": _url(request, "deal", deal.number),
        "over": formats.working_days(passed - (deal.stage.limit_days or 0)),
    }


def _stuck_row(request: HttpRequest, row: waiting.Stuck) -> dict[str, Any]:
    said = [
        (row.dead, ngettext("%(n)s dead", "%(n)s dead", row.dead)),
        (row.no_next, ngettext("%(n)s without a next step", "%(n)s without a next step", row.no_next)),
        (row.overdue, ngettext("%(n)s step overdue", "%(n)s steps overdue", row.overdue)),
        (row.late, ngettext("%(n)s beyond the stage limit", "%(n)s beyond the stage limit", row.late)),
    ]
    table = f"{_url(request, 'deals_table')}?outcome=open&owner={row.member.pk}"
    return {
        "member": row.member,
        "open": row.open,
        "words": [text % {"n": count} for count, text in said if count],
        "url": table,
        "today_url": f"{_url(request, 'today')}?who={row.member.pk}",
    }


@require_http_methods(["GET", "POST"])
@once
@workspace_view(Subject.DEAL, Action.EDIT)
def loss(request: HttpRequest, pk: int) -> HttpResponse:
    """GET: a proposed loss with its deal. POST `verdict` (confirm, return, hand), `note`, `owner`: the decision."""
    member = request.member  # type: ignore[attr-defined]
    row = _proposal(request, pk)
    require_reach(request, Subject.DEAL, Action.EDIT, row.deal)
    note, error, said = request.POST.get("note", ""), "", request.POST.get("verdict", "")
    members = Member.objects.active().select_related("team").exclude(pk=row.deal.owner_id)
    if request.method == "POST":
        try:
            text = _decide(row, member, said, note, request.POST.get("owner", ""), members)
        except Refused as refusal:
            error = refusal.message
        else:
            return done(request, text, redirect=_url(request, "decisions"))
    context = {
        "room": "decisions",
        "row": row,
        "why": told_why(row.because),
        "attempts": attempts(row.deal),
        "may_decide": row.is_open and decides(member, row.deal),
        "may_withdraw": row.is_open and row.asked_by_id == member.pk and not decides(member, row.deal),
        "note": note,
        "error": error,
        "members": members,
        "chosen": request.POST.get("owner", ""),
        "sees_sum": seen_now("deal", "amount"),
        "url": _url(request, "loss", pk),
        "withdraw_url": _url(request, "loss_withdraw", pk),
        "deal_url": _url(request, "deal", row.deal.number),
    }
    return render_page(request, "decisions/loss.html", context, "form", status=422 if error else 200)


def _proposal(request: HttpRequest, pk: int) -> LossProposal:
    seen = Deal.objects.visible_to(request.member).values("pk")  # type: ignore[attr-defined]
    rows = LossProposal.objects.filter(deal__in=seen).select_related(
        "deal__company", "deal__stage", "deal__owner", "reason", "closing", "asked_by", "decided_by"
    )
    found: LossProposal = get_or_404(rows, pk)
    return found


def _decide(row: LossProposal, member: Member, said: str, note: str, owner: str, members: Any) -> str:
    if said == "confirm":
        actions.confirm_loss(row, actor=member, note=note)
        return _("The loss is confirmed")
    if said == "return":
        actions.return_loss(row, actor=member, note=note)
        return _("The deal goes back to work")
    if said == "hand":
        heir = chosen(members, owner, "owner")
        if heir is None:
            raise Refused(_("Choose a colleague."), field="owner")
        actions.return_loss(row, actor=member, note=note, owner=heir)
        return _("%(member)s is responsible now") % {"member": heir}
    raise Refused(_("There is no such choice."), field="verdict")


@require_POST
@workspace_view(Subject.DEAL, Action.EDIT)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one's proposal back."""
    row = _proposal(request, pk)
    require_reach(request, Subject.DEAL, Action.EDIT, row.deal)
    actions.withdraw_loss(row, actor=request.member)  # type: ignore[attr-defined]
    return done(request, _("The deal stays in work"), redirect=_url(request, "deal", row.deal.number))


@require_http_methods(["GET", "POST"])
@workspace_view(Subject.DEAL, Action.EDIT)
def keep(request: HttpRequest, number: int) -> HttpResponse:
    """GET: for how long. POST `days`, `note`: the rules of dead deals keep silent so long."""
    deal = deal_of(request, number)
    if request.method == "GET":
        context = {"room": "deals", "deal": deal, "spans": SPANS, "usual": KEPT_DAYS}
        return render_page(request, "decisions/keep.html", context, "form")
    days = request.POST.get("days", "")
    if not days.isdecimal() or len(days) > 4:
        raise Refused(_("There is no such choice."), field="days")
    until = clock.today() + dt.timedelta(days=int(days))
    note = request.POST.get("note", "")
    event = actions.keep_deal(deal, actor=request.member, until=until, note=note)  # type: ignore[attr-defined]
    text = _("“%(deal)s” is left in peace until %(day)s") % {
        "deal": deal.title,
        "day": formats.short_date(until),
    }
    return answer(request, deal, event, text)


def waiting_loss(request: HttpRequest, deal: Deal) -> dict[str, Any] | None:
    """What the card says of a proposed loss that waits for a word; None if there is none."""
    rows = LossProposal.objects.filter(deal=deal, verdict=Verdict.OPEN).select_related("reason", "asked_by")
    row = rows.first()
    if row is None:
        return None
    member = request.member  # type: ignore[attr-defined]
    return {
        "row": row,
        "why": told_why(row.because),
        "url": _url(request, "loss", row.pk),
        "label": pgettext("a loss", "Decide") if decides(member, deal) else _("Look"),
    }
