"""What is missing before a deal goes on: one small form for board, card and «Успех», and the approvals of heads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from voronka.activities.stage_work import plan_stage_task
from voronka.core.errors import Refused
from voronka.deals import actions
from voronka.deals.leaving.actions import ask_approval, decide_approval, tick
from voronka.deals.leaving.checking import Unfinished, criteria_between
from voronka.deals.models import Approval, Deal
from voronka.playbook.criteria import Unmet, may_override, unmet
from voronka.playbook.models import Criterion, Stage, StageTask
from voronka.ui.access import get_or_404, workspace_view
from voronka.ui.deals import facts as facts_of
from voronka.ui.htmx import done, render_page
from voronka.ui.navigation import workspace_url
from voronka.ui.once import once
from voronka.workspaces.rights import Action, Reach, Subject
from voronka.workspaces.viewer import seen_now

FILL, TICK = "fill_", "tick_"
# What the form can take in at once; everything else has a form of its own, which the line opens.
FILLABLE = ("amount", "expected_close", "source", "product", "interest", "comment", "company", "person")


@dataclass(frozen=True)
class Line:
    """One missing thing with the way to mend it: a *control* in the form, or a *url* that opens."""

    text: str
    refuses: bool
    control: str = ""
    fact: dict[str, Any] | None = None
    lines: tuple[str, ...] = ()
    criterion: int | None = None
    url: str = ""
    label: str = ""
    panel: bool = False
    task: int | None = None


def said(request: HttpRequest) -> dict[str, Any]:
    """What the member answered: go on all the same, or the head's reason to."""
    return {
        "acknowledged": request.POST.get("acknowledged") == "1",
        "override": request.POST.get("override", ""),
    }


def fill(request: HttpRequest, deal: Deal) -> None:
    """Write what was filled in and ticked in the form, each by its own verb; raises as these do."""
    from voronka.ui.deals.card import _value

    changes = {
        name: _value(request, name, value)
        for name in FILLABLE
        if (value := request.POST.get(FILL + name, "").strip())
    }
    if changes:
        actions.edit_deal(deal, actor=request.member, changes=changes)  # type: ignore[attr-defined]
    for name in request.POST:
        number = name.removeprefix(TICK)
        if name.startswith(TICK) and number.isdecimal() and len(number) < 19:
            criterion = get_or_404(Criterion.objects.all(), int(number))
            for line in request.POST.getlist(name):
                tick(deal, criterion, line, actor=request.member, on=True)  # type: ignore[attr-defined]
    number = request.POST.get("ask_approval", "")
    if number.isdecimal() and len(number) < 19:
        criterion = get_or_404(Criterion.objects.all(), int(number))
        comment = request.POST.get("approval_comment", "")
        ask_approval(deal, criterion, actor=request.member, comment=comment)  # type: ignore[attr-defined]
    number = request.POST.get("plan_task", "")
    if number.isdecimal() and len(number) < 19:
        task = get_or_404(StageTask.objects.select_related("kind", "stage", "role"), int(number))
        plan_stage_task(deal, task, actor=request.member)  # type: ignore[attr-defined]


def ask(
    request: HttpRequest, deal: Deal, problem: Unfinished, *, url: str, kept: dict[str, str], title: str
) -> HttpResponse:
    """The form with what is missing, in the dialog whoever asked; *kept* is sent again with the answer."""
    member = request.member  # type: ignore[attr-defined]
    context = {
        "room": "deals",
        "deal": deal,
        "title": title,
        "lines": lines_of(request, deal, problem.unmet),
        "refuses": problem.refuses,
        "may_override": may_override(member),
        "override": request.POST.get("override", ""),
        "url": url,
        "kept": kept,
        "is_win": "stage" not in kept,
        "asked": "ask_approval" in request.POST,
    }
    response = render_page(request, "deals/leaving.html", context, fragment="form", status=422)
    response.headers["HX-Retarget"] = "#dialog"
    response.headers["HX-Reswap"] = "innerHTML"
    return response


def briefly(missing: list[str]) -> str:
    """What was missing, short enough for a toast; the feed has all of it."""
    told = "; ".join(missing[:2])
    rest = len(missing) - 2
    if rest > 0:
        told = _("%(what)s and %(count)s more") % {"what": told, "count": rest}
    return _("Missing: %(what)s") % {"what": told}


def lines_of(request: HttpRequest, deal: Deal, missing: list[Unmet]) -> list[Line]:
    """Each missing thing with its control."""
    return [_line(request, deal, one) for one in missing]


def _line(request: HttpRequest, deal: Deal, one: Unmet) -> Line:
    slug = request.workspace.slug  # type: ignore[attr-defined]
    text, target = one.missing.text[:1].upper() + one.missing.text[1:], one.missing.target
    match one.missing.action:
        case "field" if target in FILLABLE:
            return Line(text, one.refuses, "field", facts_of.fact(request, deal, target, may_edit=True))
        case "field":
            url = workspace_url("deal", slug, deal.number)
            return Line(text, one.refuses, url=url, label=_("To the card"), panel=True)
        case "client" if deal.company_id:
            url = workspace_url("company", slug, deal.company_id)
            return Line(text, one.refuses, url=url, label=_("To the client"), panel=True)
        case "person":
            url = workspace_url("deal_person", slug, deal.number)
            return Line(text, one.refuses, url=url, label=_("Add"))
        case "checklist":
            left = tuple(line for line in one.criterion.params["lines"] if line in _unticked(deal, one))
            return Line(text, one.refuses, "checklist", lines=left, criterion=one.criterion.pk)
        case "approval":
            return Line(text, one.refuses, "approval", criterion=one.criterion.pk)
        case "task" if target:
            url = workspace_url("activity_complete", slug, int(target))
            return Line(text, one.refuses, url=url, label=_("Mark as done"))
        case "task":
            number = int(one.criterion.params["task"])
            url = workspace_url("deal_task", slug, deal.number, number)
            return Line(text, one.refuses, "task", url=url, task=number)
        case "activity":
            url = f"{workspace_url('activity_new', slug)}?deal={deal.pk}&mode=done&channel={target}"
            return Line(text, one.refuses, url=url, label=_("Write down"))
        case _:
            return Line(text, one.refuses)


def _unticked(deal: Deal, one: Unmet) -> set[str]:
    ticked = set(deal.ticks.filter(criterion=one.criterion).values_list("line", flat=True))
    return set(one.criterion.params["lines"]) - ticked


def next_stage(deal: Deal) -> Stage | None:
    """The stage in use behind the deal's present one; None on the last."""
    stages = Stage.objects.filter(funnel=deal.funnel_id, archived_at=None, order__gt=deal.stage.order)
    return stages.order_by("order", "id").first()


def missing_now(deal: Deal) -> tuple[Stage | None, int, list[Unmet]]:
    """The next stage, how many criteria the present one has, and what is missing of them."""
    target = next_stage(deal)
    asked = criteria_between(deal.stage, target)
    return target, len(asked), unmet(deal, asked)


@require_POST
@once
@workspace_view(Subject.DEAL, Action.EDIT)
def ticks(request: HttpRequest, number: int, pk: int) -> HttpResponse:
    """Tick a line of a checklist on the card, or take the tick away."""
    from voronka.ui.deals.moves import deal_of, deal_url, undo_url

    deal = deal_of(request, number)
    criterion = get_or_404(Criterion.objects.all(), pk)
    on = request.POST.get("on") == "1"
    event = tick(deal, criterion, request.POST.get("line", ""), actor=request.member, on=on)  # type: ignore[attr-defined]
    text = _("Ticked") if on else _("Tick taken away")
    return done(request, text, redirect=deal_url(request, deal), undo_url=undo_url(request, event))


@workspace_view(Subject.DEAL)
def approvals(request: HttpRequest) -> HttpResponse:
    """Where notices of approvals have always led: the inbox of everything that waits for the head."""
    member = request.member  # type: ignore[attr-defined]
    if member.reach(Subject.DEAL, Action.EDIT) < Reach.TEAM:
        member.require(Subject.DEAL, Action.HAND_OVER)
    return redirect(workspace_url("decisions", request.workspace.slug))  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
@once
@workspace_view(Subject.DEAL, Action.EDIT)
def approval(request: HttpRequest, pk: int) -> HttpResponse:
    """GET: the request with its deal. POST `approve`, `note`: the decision."""
    member = request.member  # type: ignore[attr-defined]
    row = get_or_404(
        Approval.objects.filter(deal__in=Deal.objects.visible_to(member).values("pk")).select_related(
            "deal__company", "deal__stage", "asked_by", "decided_by", "criterion"
        ),
        pk,
    )
    member.require(Subject.DEAL, Action.HAND_OVER)
    slug = request.workspace.slug  # type: ignore[attr-defined]
    back = workspace_url("decisions", slug)
    note = request.POST.get("note", "")
    error = ""
    if request.method == "POST":
        approve = request.POST.get("approve") == "1"
        try:
            decide_approval(row, actor=member, approve=approve, note=note)
        except Refused as refusal:
            error = refusal.message
        else:
            return done(request, _("Approved") if approve else _("Not approved"), redirect=back)
    context = {
        "room": "decisions",
        "row": row,
        "note": note,
        "sees_sum": seen_now("deal", "amount"),
        "error": error,
        "url": workspace_url("approval", slug, pk),
        "deal_url": workspace_url("deal", slug, row.deal.number),
    }
    return render_page(request, "deals/approval.html", context, "form", status=422 if error else 200)
