"""The grid of plans: sellers by team × months of a year, and the corrections behind a fact."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from voronka.core import clock, formats
from voronka.core.errors import Refused
from voronka.core.parsing import Unreadable, parse_amount
from voronka.core.periods import Period
from voronka.deals.models import Deal
from voronka.targets.actions import UNSET, PlanCell, post_back, set_plans
from voronka.targets.facts import Correction, Fact, correction_at, corrections, won_by_month
from voronka.targets.models import Measure, SalesPlan
from voronka.targets.queries import month_of
from voronka.targets.querysets import planned_members
from voronka.ui.access import get_or_404, workspace_view
from voronka.ui.activities.places import _pattern
from voronka.ui.activities.today import won_url
from voronka.ui.feed import undo_url
from voronka.ui.htmx import done, render_page
from voronka.ui.navigation import workspace_url
from voronka.ui.once import once
from voronka.workspaces.models import Member, Team
from voronka.workspaces.queries import team_tree
from voronka.workspaces.rights import Action, Reach, Subject

_CELL = re.compile(r"p_(\d{1,18})_(\d{4})-(\d{2})")
FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass
class Cell:
    """One month of a row: the plan, what was won, and the field's name."""

    month: dt.date
    plan: Decimal | None = None
    won: Decimal = Decimal(0)
    corrections: Decimal = Decimal(0)
    name: str = ""
    won_url: str = ""
    passed: bool = False

    @property
    def fact(self) -> Decimal:
        return self.won + self.corrections

    @property
    def tone(self) -> str:
        if self.plan is None or not self.passed:
            return "v-quiet"
        return "v-good" if self.fact >= self.plan else "v-bad"

    @property
    def raw(self) -> str:
        """The plan as a field keeps it."""
        return "" if self.plan is None else format(self.plan.normalize(), "f")


@dataclass
class Row:
    """A seller, a subtotal or the total."""

    label: str
    cells: list[Cell]
    member: Member | None = None
    may_edit: bool = False
    depth: int = 0
    kind: str = "member"
    key: str = ""
    parents: list[str] = field(default_factory=list)

    @property
    def plan(self) -> Decimal | None:
        given = [cell.plan for cell in self.cells if cell.plan is not None]
        return sum(given, start=Decimal(0)) if given else None

    @property
    def fact(self) -> Decimal:
        return sum((cell.fact for cell in self.cells), start=Decimal(0))


@workspace_view(Subject.PLAN, sees=("deal", "amount"))
def plans(request: HttpRequest) -> HttpResponse:
    """The grid of a year."""
    year = _year(request.GET.get("year", ""))
    context = _grid(request, year)
    return render_page(request, "plans/plans.html", context, "grid")


@require_POST
@workspace_view(Subject.PLAN, Action.EDIT, sees=("deal", "amount"))
@once
def save(request: HttpRequest) -> HttpResponse:
    """The whole grid in one go; unchanged cells need not be sent."""
    year = _year(request.POST.get("year", ""))
    event = set_plans(_cells(request), actor=request.member)  # type: ignore[attr-defined]
    back = f"{workspace_url('plans', request.workspace.slug)}?year={year}"  # type: ignore[attr-defined]
    if event is None:
        return done(request, _("Nothing was changed"), redirect=back, level="info")
    count = len(event.payload["cells"])
    text = ngettext("%(count)s plan is set", "%(count)s plans are set", count) % {"count": count}
    return done(request, text, redirect=back, undo_url=undo_url(request, event) or None)


def _cells(request: HttpRequest) -> list[PlanCell]:
    cells = []
    for name, text in request.POST.items():
        found = _CELL.fullmatch(name)
        if found is None:
            continue
        try:
            month = dt.date(int(found[2]), int(found[3]), 1)
        except ValueError:
            raise Refused(
                _("There is no such month: %(month)s.") % {"month": f"{found[3]}.{found[2]}"}
            ) from None
        if not FIRST_YEAR <= month.year <= LAST_YEAR:
            raise Refused(_("There is no such month: %(month)s.") % {"month": f"{found[3]}.{found[2]}"})
        was_name = f"was_{name}"
        was = _sum(request.POST.get(was_name, "")) if was_name in request.POST else UNSET
        cells.append(PlanCell(int(found[1]), month, _sum(str(text)), was))
    return cells


def _sum(text: str) -> Decimal | None:
    """The sum typed or pasted into a cell; an empty one is no plan."""
    if not text.strip():
        return None
    try:
        return parse_amount(text)
    except Unreadable:
        raise Refused(_("“%(text)s” is not a sum.") % {"text": text[:60]}) from None


def _year(text: str) -> int:
    year = int(text) if text.isascii() and text.isdecimal() and len(text) == 4 else clock.today().year
    return min(max(year, FIRST_YEAR), LAST_YEAR)


def _grid(request: HttpRequest, year: int) -> dict[str, Any]:
    member: Member = request.member  # type: ignore[attr-defined]
    slug = request.workspace.slug  # type: ignore[attr-defined]
    months = [dt.date(year, number, 1) for number in range(1, 13)]
    period = Period(months[0], dt.date(year, 12, 31))
    seen = list(planned_members(member).select_related("role"))
    everybody = member.reach(Subject.PLAN, Action.SEE) >= 3
    ids = [person.pk for person in seen]
    facts = won_by_month(period, None if everybody else ids)
    amounts = {
        (pk, month): amount
        for pk, month, amount in SalesPlan.objects.visible_to(member)
        .filter(measure=Measure.WON_SUM, month__gte=period.first, month__lte=period.last)
        .values_list("member_id", "month", "amount")
    }
    settable = set(planned_members(member, Action.EDIT).values_list("pk", flat=True))
    with_numbers = {pk for pk, _month in (*facts, *amounts)}
    today = clock.today()
    nothing = Fact()

    def row(person: Member | None, depth: int, parents: list[str]) -> Row:
        pk = person.pk if person else None
        cells = [
            Cell(
                month=month,
                plan=amounts.get((pk, month)),
                won=facts.get((pk, month), nothing).won,
                corrections=facts.get((pk, month), nothing).corrections,
                name=f"p_{pk}_{month:%Y-%m}",
                passed=month_of(month).last < today,
                won_url=won_url(slug, month, month_of(month).last, [pk or 0]),
            )
            for month in months
        ]
        label = person.name if person else _("Without a responsible member")
        may_edit = person is not None and person.pk in settable and person.is_active
        return Row(label, cells, person, may_edit, depth, "member", "", parents)

    shown = [
        person
        for person in seen
        if person.pk in with_numbers
        or (person.is_active and person.role.code in ("seller", "head") and person.team_id)
    ]
    if not shown and member.pk in settable:
        # A company of one: its founder sells too.
        shown = [person for person in seen if person.pk == member.pk]
    # One's own plan alone needs no subtotals.
    rows = _by_team(shown, row) if len(shown) > 1 else [row(person, 0, []) for person in shown]
    if everybody and any(pk is None for pk, _month in facts):
        rows.append(row(None, 0, []))
    members = [line for line in rows if line.kind == "member"]
    total = _summed(_("Total"), "total", members, months, "total")
    return {
        "room": "reports",
        "year": year,
        "months": [(month, formats.month(month, short=True).split("\u00a0")[0]) for month in months],
        "this_month": today.replace(day=1),
        "rows": rows,
        "total": total,
        "may_edit": any(line.may_edit for line in members),
        "previous": f"?year={year - 1}",
        "next": f"?year={year + 1}",
        "is_empty": not members,
    }


def _by_team(people: list[Member], row: Any) -> list[Row]:
    """Members under their teams, a subtotal (of the team with those below it) before them."""
    below: dict[int | None, list[Team]] = {}
    for line in team_tree(archived=True):
        below.setdefault(line.team.parent_id, []).append(line.team)
    of_team: dict[int | None, list[Member]] = {}
    for person in sorted(people, key=lambda person: person.name):
        of_team.setdefault(person.team_id, []).append(person)

    def walk(team: Team, depth: int, parents: list[str]) -> list[Row]:
        path = [*parents, f"t{team.pk}"]
        inside = [row(person, depth + 1, path) for person in of_team.pop(team.pk, [])]
        for child in below.get(team.pk, []):
            inside += walk(child, depth + 1, path)
        members = [line for line in inside if line.kind == "member"]
        if not members:
            return []
        months = [cell.month for cell in members[0].cells]
        head = _summed(team.name, "team", members, months, f"t{team.pk}")
        head.depth = depth
        return [head, *inside]

    rows: list[Row] = []
    for team in below.get(None, []):
        rows += walk(team, 0, [])
    for rest in of_team.values():
        rows += [row(person, 0, []) for person in rest]
    return rows


def _summed(label: str, kind: str, members: list[Row], months: list[dt.date], key: str) -> Row:
    cells = []
    for place, month in enumerate(months):
        of_month = [line.cells[place] for line in members]
        given = [cell.plan for cell in of_month if cell.plan is not None]
        cells.append(
            Cell(
                month=month,
                plan=sum(given, start=Decimal(0)) if given else None,
                won=sum((cell.won for cell in of_month), start=Decimal(0)),
                corrections=sum((cell.corrections for cell in of_month), start=Decimal(0)),
                passed=bool(of_month) and of_month[0].passed,
            )
        )
    return Row(label, cells, kind=kind, key=key)


@workspace_view(Subject.PLAN, sees=("deal", "amount"))
def corrections_list(request: HttpRequest) -> HttpResponse:
    """What happened to won sums after their closing, as far as it moves the fact of a month."""
    member: Member = request.member  # type: ignore[attr-defined]
    try:
        day = dt.date.fromisoformat(request.GET.get("month", ""))
    except ValueError:
        day = clock.today()
    period = month_of(day if FIRST_YEAR <= day.year <= LAST_YEAR else clock.today())
    allowed = dict(planned_members(member).values_list("pk", "name"))
    everybody = member.reach(Subject.PLAN, Action.SEE) >= 3
    found = corrections(period, None if everybody else list(allowed))
    settable = set(planned_members(member, Action.EDIT).values_list("pk", flat=True))
    sets_all = member.reach(Subject.PLAN, Action.EDIT) == Reach.ALL

    def may_post(change: Correction) -> bool:
        return sets_all or change.owner_id in settable

    pattern = _pattern("deal", request.workspace.slug)  # type: ignore[attr-defined]
    context = {
        "room": "reports",
        "month": formats.month(period.first),
        "rows": [
            (
                change,
                pattern.replace("/0/", f"/{change.number}/"),
                allowed.get(change.owner_id, "—"),
                # Only what moved into this month can be sent back; its counterpart shows in the month of closing.
                may_post(change) and not change.posted_back and period.start <= change.at < period.end,
            )
            for change in found
        ],
        "total": sum((change.amount for change in found), start=Decimal(0)),
    }
    return render_page(request, "plans/corrections.html", context, "list")


@require_POST
@workspace_view(Subject.PLAN, Action.EDIT, sees=("deal", "amount"))
def posting(request: HttpRequest, number: int) -> HttpResponse:
    """Let a correction of the deal count in the month of its closing."""
    member: Member = request.member  # type: ignore[attr-defined]
    deal = get_or_404(Deal.objects.visible_to(member), number=number)
    back = workspace_url("plan_corrections", request.workspace.slug)  # type: ignore[attr-defined]
    try:
        at = dt.datetime.fromisoformat(request.POST.get("at", ""))
        correction = correction_at(deal.pk, at)
    except (ValueError, TypeError, OverflowError):
        correction = None
    if correction is None:
        raise Refused(_("The deal was changed meanwhile: this correction is no longer there."))
    event = post_back(correction, actor=member)
    back = f"{back}?month={correction.at.date().replace(day=1).isoformat()}"
    undo = undo_url(request, event) if event else ""
    return done(
        request, _("The correction counts in the month of closing"), redirect=back, undo_url=undo or None
    )
