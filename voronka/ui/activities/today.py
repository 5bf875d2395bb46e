"""The first screen: what is to be done, what needs attention, how the plan stands."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from voronka.activities.today import (
    CLOSE_PASSED,
    HINTS,
    NO_NEXT,
    SILENT,
    STAGE_LATE,
    UPCOMING_DAYS,
    Attention,
    agenda,
    attention,
    colleagues,
    done_today,
    due_count,
)
from voronka.core import clock, formats
from voronka.core.errors import Refused
from voronka.deals.actions import edit_deal
from voronka.deals.choices import Outcome
from voronka.deals.hints.reading import Hint
from voronka.deals.models import Deal, HandOver
from voronka.targets.queries import PlanFact, month_of, plan_fact, total
from voronka.ui.access import get_or_404, require_reach, workspace_view
from voronka.ui.activities.composing import told
from voronka.ui.activities.forms import DATE, quick_days
from voronka.ui.activities.places import deal_url, with_urls
from voronka.ui.deals.hints import HintShown, shown
from voronka.ui.guide.steps import is_new
from voronka.ui.htmx import done, render_page
from voronka.ui.navigation import optional_url, workspace_url
from voronka.ui.plans.kpis import kpis_of_today
from voronka.ui.plans.tones import tone_of
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Reach, Subject

SECTION = 15
# Who has most stands here; all of them stand on the page of plans.
PLAN_ROWS = 20
ATTENTION = 8
ATTENTION_ALL = 200
HANDED = 5
ME, TEAM = "me", "team"

HINT_LABELS = {
    NO_NEXT: gettext_lazy("No next step"),
    STAGE_LATE: gettext_lazy("Beyond the stage limit"),
    CLOSE_PASSED: gettext_lazy("Expected date has passed"),
    SILENT: gettext_lazy("Silence"),
}


@dataclass(frozen=True)
class Whose:
    """Whose day is shown: *code* is `me`, `team` or a member's id."""

    code: str
    members: list[Member]

    @property
    def ids(self) -> list[int]:
        return [member.pk for member in self.members]


@dataclass(frozen=True)
class PlanRow:
    """A line of the plan: its own link, tone and words."""

    name: str
    row: PlanFact
    won_url: str
    tone: str
    member: Member | None = None


@workspace_view(Subject.ACTIVITY)
def today(request: HttpRequest) -> HttpResponse:
    """Overdue, today, upcoming; deals that need attention; plan and fact. The number of queries is constant."""
    member: Member = request.member  # type: ignore[attr-defined]
    slug = request.workspace.slug  # type: ignore[attr-defined]
    people = colleagues(member)
    whose = _whose(request.GET.get("who", ""), member, people)
    day = clock.today()
    kind = request.GET.get("attention", "")
    kind = kind if kind in HINTS else ""
    whole = "attention" in request.GET
    plan_of_day = agenda(whose.ids, today=day, limit=SECTION)
    for section in (plan_of_day.overdue, plan_of_day.today, plan_of_day.upcoming):
        section.rows = with_urls(slug, section.rows)
    context: dict[str, Any] = {
        "room": "today",
        "first_steps": is_new(request),
        "day": day,
        "now": clock.now(),
        "whose": whose,
        "is_team": len(whose.members) > 1,
        "switch": _switch(member, people, whose),
        "people": [(str(person.pk), person.name) for person in people] if len(people) > 1 else [],
        "agenda": plan_of_day,
        "words": {"tomorrow": _("tomorrow"), "week": _("+1 week"), "done": _("Done…"), "change": _("Change")},
        "day_text": f"{date_format(day, 'l').lower()}, {date_format(day, 'j E' if get_language() == 'ru' else 'j F')}",
        "tomorrow": day + dt.timedelta(days=1),
        "horizon": day + dt.timedelta(days=UPCOMING_DAYS),
        "done": done_today(whose.ids, today=day),
        "activities_url": workspace_url("activities", slug),
        "owner_param": "all"
        if len(whose.members) > 1
        else whose.code
        if whose.code != ME
        else str(member.pk),
        "may_create": member.may(Subject.ACTIVITY, Action.CREATE),
        "may_decide": member.reach(Subject.DEAL, Action.EDIT) >= Reach.TEAM,
    }
    if member.may(Subject.DEAL, Action.SEE):
        found = attention(
            member, whose.ids, today=day, kind=kind, limit=ATTENTION_ALL if whole else ATTENTION
        )
        context |= _attention(request, found, kind, whole, whose)
        # Fetched after the page: few days have any.
        context["may_accept"] = member.pk in whose.ids
    if member.may(Subject.PLAN, Action.SEE) and member.sees("deal", "amount"):
        context["plan"] = _plan(slug, member, whose, day)
    if member.may(Subject.PLAN, Action.SEE):
        context["kpis"] = kpis_of_today(slug, member, whose.members, day)
    return render_page(request, "today/today.html", context, "content")


@workspace_view(Subject.ACTIVITY)
def badge(request: HttpRequest) -> HttpResponse:
    """How much is to be done by tonight, for the navigation; empty for nothing."""
    count = due_count(request.member, today=clock.today())  # type: ignore[attr-defined]
    return HttpResponse(str(count) if count else "", headers={"Cache-Control": "no-store"})


def _whose(code: str, member: Member, people: list[Member]) -> Whose:
    """Read `who`; without it heads see their team, others themselves. What is out of reach is oneself: a link opens."""
    if (code == TEAM or not code) and len(people) > 1:
        return Whose(TEAM, people)
    for person in people:
        if code == str(person.pk) and person.pk != member.pk:
            return Whose(code, [person])
    return Whose(ME, [member])


def _switch(member: Member, people: list[Member], whose: Whose) -> list[tuple[str, str, bool]]:
    if len(people) < 2:
        return []
    return [("?who=me", _("Me"), whose.code == ME), ("?who=team", _("My team"), whose.code == TEAM)]


@workspace_view(Subject.DEAL)
def handed(request: HttpRequest) -> HttpResponse:
    """Deals that came to the member with a sheet which waits to be accepted, the newest first, in one query."""
    member: Member = request.member  # type: ignore[attr-defined]
    waiting = HandOver.objects.filter(
        to_member=member,
        accepted_at=None,
        passed_on=False,
        deal__in=Deal.objects.visible_to(member, Action.EDIT, only_open=True),
    )
    rows = list(waiting.select_related("deal__company", "given_by").order_by("-pk")[: HANDED + 1])
    context = {
        "room": "today",
        "handed": [(row, deal_url(request.workspace.slug, row.deal)) for row in rows[:HANDED]],  # type: ignore[attr-defined]
        "handed_more": len(rows) > HANDED,
    }
    return render_page(request, "today/handed.html", context, "list")


def _attention(
    request: HttpRequest, found: Attention, kind: str, whole: bool, whose: Whose
) -> dict[str, Any]:
    slug = request.workspace.slug  # type: ignore[attr-defined]
    who = f"who={whose.code}"
    filters = [
        ("", pgettext("activities", "All"), found.total, f"?{who}&attention=all", whole and not kind)
    ] + [
        (code, HINT_LABELS[code], found.counts[code], f"?{who}&attention={code}", kind == code)
        for code in HINTS
        if found.counts.get(code)
    ]
    return {
        "attention": [
            (row.deal, deal_url(slug, row.deal), [_hint(request, row.deal, hint) for hint in row.hints])
            for row in found.rows
        ],
        "attention_total": found.total,
        # «All is well» is worth saying only to who has something open.
        "attention_calm": not found.total and _has_open(request, whose),
        "attention_filters": filters if found.total else [],
        "attention_whole": whole,
        "attention_more": (found.counts.get(kind, 0) if kind else found.total) - len(found.rows),
        "attention_back": f"?{who}",
    }


def _has_open(request: HttpRequest, whose: Whose) -> bool:
    deals = Deal.objects.visible_to(request.member)  # type: ignore[attr-defined]
    return deals.filter(outcome=Outcome.OPEN, owner__in=whose.ids).exists()


def _hint(request: HttpRequest, deal: Deal, hint: Hint) -> HintShown:
    """A hint in words, with the button that does something about it; a new date is asked for without the sum."""
    slug = request.workspace.slug  # type: ignore[attr-defined]
    told = shown(request, deal, hint)
    if hint.found.do == "date":
        return replace(told, url=workspace_url("today_close_date", slug, deal.pk), label=_("New date"))
    return told


def won_url(slug: str, first: dt.date, last: dt.date, member_ids: list[int]) -> str:
    """The list behind a fact: deals won in the period to the credit of these members (0: of nobody)."""
    table = optional_url("deals_table", slug)
    if not table:
        return ""
    owners = "".join(f"&closed_owner={pk}" for pk in member_ids)
    return f"{table}?outcome=won{owners}&closed_from={first.isoformat()}&closed_to={last.isoformat()}"


def _plan(slug: str, member: Member, whose: Whose, day: dt.date) -> dict[str, Any]:
    """Plan and fact of the month: of one, or of a team with a line for each."""
    period = month_of(day)
    members = [
        person
        for person in whose.members
        if member.reaches(Subject.PLAN, Action.SEE, owner_id=person.pk, team_id=person.team_id)
    ]
    ids = [person.pk for person in members]
    facts = plan_fact(period, today=day, member_ids=ids)
    together = total(facts.values(), period=period, today=day)
    planned = [person for person in members if person.pk in facts] if len(members) > 1 else []
    planned.sort(key=lambda person: -facts[person.pk].fact.total)
    rows = [
        PlanRow(
            name=person.name,
            row=facts[person.pk],
            won_url=won_url(slug, period.first, period.last, [person.pk]),
            tone=tone_of(facts[person.pk]),
            member=person,
        )
        for person in planned[:PLAN_ROWS]
    ]
    return {
        "period": period,
        "month": formats.month(period.first),
        "row": together,
        "tone": tone_of(together),
        "above": -(together.gap or 0),
        "won_url": won_url(slug, period.first, period.last, ids),
        "corrections_url": f"{workspace_url('plan_corrections', slug)}?month={period.first.isoformat()}",
        "plans_url": workspace_url("plans", slug),
        "rows": rows,
        "count": len(planned),
        "done_percent": min(100, int((together.done or 0) * 100)),
        "expected_percent": int(together.share_passed * 100),
        "may_set": member.may(Subject.PLAN, Action.EDIT),
    }


class CloseDateForm(forms.Form):
    """A new expected date."""

    expected_close = forms.DateField(
        label=gettext_lazy("Expected close"), widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d")
    )


@workspace_view(Subject.DEAL, Action.EDIT)
def close_date(request: HttpRequest, pk: int) -> HttpResponse:
    """The dialog behind the hint «expected date has passed»."""
    slug = request.workspace.slug  # type: ignore[attr-defined]
    deal = get_or_404(Deal.objects.present().visible_to(request.member).select_related("company"), pk)  # type: ignore[attr-defined]
    require_reach(request, Subject.DEAL, Action.EDIT, deal)
    form = CloseDateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        was = request.POST.get("was_expected_close")
        try:
            edit_deal(
                deal,
                actor=request.member,  # type: ignore[attr-defined]
                changes={"expected_close": form.cleaned_data["expected_close"]},
                was={"expected_close": was} if was else None,
            )
        except Refused as refusal:
            if not refusal.field:
                raise
            told(form, refusal)
        else:
            return done(request, _("Saved"), redirect=workspace_url("today", slug))
    context = {
        "room": "today",
        "deal": deal,
        "form": form,
        "quick_dates": [*quick_days()[1:], (30, _("in a month"))],
    }
    return render_page(request, "today/close_date.html", context, "form", status=422 if form.errors else 200)
