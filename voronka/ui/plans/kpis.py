"""KPIs of a month: sellers by measures, and what a number is made of."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from voronka.core import clock, formats
from voronka.core.periods import Period
from voronka.playbook.kpi_models import Better, Kpi
from voronka.playbook.measures import KEY_STAGE, MeasureKind, Unit, kpis_in_use, measure_of
from voronka.targets.kpis.counting import MOST_ROWS
from voronka.targets.kpis.scores import Card, Standing, cards, judged_of, without_sums
from voronka.targets.queries import month_of
from voronka.targets.querysets import planned_members
from voronka.ui.access import get_or_404, workspace_view
from voronka.ui.activities.places import _pattern
from voronka.ui.htmx import render_page
from voronka.ui.navigation import workspace_url
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Subject

TONES = {"good": "v-good", "soon": "v-soon", "bad": "v-bad", "": "v-quiet"}
ICONS = {"good": "circle-check", "soon": "alert-triangle", "bad": "alert-circle", "": "minus"}
EVERYBODY = "all"


@dataclass(frozen=True)
class Shown:
    """One KPI as screens show it. *bar*: how much of the meter is filled, 0…100."""

    standing: Standing
    value: str
    target: str
    achievement: str
    tone: str
    icon: str
    bar: int
    url: str
    is_key: bool
    of_plan: bool

    @property
    def kpi(self) -> Kpi:
        return self.standing.kpi

    @property
    def title(self) -> str:
        return self.kpi.name


def told(kind: MeasureKind, value: Decimal | None, *, full: bool = False) -> str:
    """A number of this measure in words: «12», «1,2 млн ₽», «35 %», «14 дней»."""
    if value is None:
        return "—"
    if kind.unit == Unit.SUM:
        return formats.money(value) if full else formats.short_money(value)
    if kind.unit == Unit.PERCENT:
        return formats.percent(value / 100)
    if kind.unit == Unit.DAYS:
        return formats.days(value, 1 if value % 1 else 0)
    return formats.number(value)


def condition_of(kpi: Kpi) -> str:
    """What of the deals the KPI looks at; "" for all."""
    return " · ".join(str(part) for part in (kpi.funnel, kpi.product_group, kpi.segment) if part)


def shown(slug: str, standing: Standing, period: Period, who: str) -> Shown:
    """*standing* of *who* (a member's id, "all")."""
    share = standing.achievement
    query = urlencode({"month": period.first.isoformat(), "who": who})
    return Shown(
        standing=standing,
        value=told(standing.kind, standing.value),
        target="" if standing.target is None else told(standing.kind, standing.target),
        achievement="" if share is None else formats.percent(share),
        tone=TONES[standing.tone],
        icon=ICONS[standing.tone],
        bar=0 if share is None else max(0, min(100, int(share * 100))),
        url=f"{workspace_url('kpi', slug, standing.kpi.pk)}?{query}",
        is_key=standing.kpi.measure == KEY_STAGE,
        of_plan=standing.kind.of_plan and standing.kpi.target is None,
    )


def kpis_for(member: Member) -> list[Kpi]:
    """The KPIs of the book that the member may see."""
    found = kpis_in_use()
    return found if member.sees("deal", "amount") else without_sums(found)


def kpis_of_today(slug: str, member: Member, members: list[Member], day: dt.date) -> dict[str, Any] | None:
    """The card of the first screen for *members* together; None where the book has no KPI."""
    kpis = kpis_for(member)
    seen = [
        person
        for person in members
        if member.reaches(Subject.PLAN, Action.SEE, owner_id=person.pk, team_id=person.team_id)
    ]
    if not kpis or not seen:
        return None
    period = month_of(day)
    together, _each = cards(
        period, today=day, member_ids=[person.pk for person in seen], judged=judged_of(seen), kpis=kpis
    )
    who = str(seen[0].pk) if len(seen) == 1 else EVERYBODY
    return {
        "month": formats.month(period.first),
        "rows": [shown(slug, standing, period, who) for standing in together.standings],
        "score": _score(together),
        "url": workspace_url("kpis", slug),
    }


def _score(card: Card) -> str:
    return "" if card.score is None else formats.percent(card.score)


def _month(request: HttpRequest) -> Period:
    try:
        day = dt.date.fromisoformat(request.GET.get("month", ""))
    except ValueError:
        day = clock.today()
    return month_of(day if 2000 <= day.year <= 2100 else clock.today())


@workspace_view(Subject.PLAN)
def kpis(request: HttpRequest) -> HttpResponse:
    """A month: every seller by the KPIs of the book, and all together."""
    member: Member = request.member  # type: ignore[attr-defined]
    slug = request.workspace.slug  # type: ignore[attr-defined]
    period, today = _month(request), clock.today()
    found = kpis_for(member)
    seen = list(planned_members(member).select_related("role").order_by("name"))
    judged = judged_of(seen)
    together, each = cards(
        period, today=today, member_ids=[person.pk for person in seen], judged=judged, kpis=found
    )
    rows = [
        (
            person,
            [shown(slug, s, period, str(person.pk)) for s in each[person.pk].standings],
            _score(each[person.pk]),
        )
        for person in seen
        if person.pk in judged or any(standing.value for standing in each[person.pk].standings)
    ]
    previous, following = month_of(period.first - dt.timedelta(days=1)), period.last + dt.timedelta(days=1)
    context = {
        "room": "reports",
        "month": formats.month(period.first),
        "kpis": [(kpi, measure_of(kpi.measure), condition_of(kpi)) for kpi in found],
        "rows": rows,
        "total": [shown(slug, s, period, EVERYBODY) for s in together.standings],
        "score": _score(together),
        "unjudged": [s.kpi.name for s in together.unjudged],
        "previous": f"?month={previous.first.isoformat()}",
        "following": f"?month={following.isoformat()}" if following <= today else "",
        "is_now": period.first <= today <= period.last,
        "may_configure": member.may(Subject.BOOK, Action.CONFIGURE),
    }
    return render_page(request, "plans/kpis.html", context, "table")


@workspace_view(Subject.PLAN)
def kpi(request: HttpRequest, pk: int) -> HttpResponse:
    """What a number is made of: its deals or activities, of one member or of all that one sees."""
    member: Member = request.member  # type: ignore[attr-defined]
    slug = request.workspace.slug  # type: ignore[attr-defined]
    row = get_or_404(Kpi.objects.select_related("funnel", "segment", "product_group"), pk)
    kind = measure_of(row.measure)
    if kind is None or row.pk not in {known.pk for known in kpis_for(member)}:
        raise Http404
    period = _month(request)
    people = {person.pk: person for person in planned_members(member).select_related("role")}
    who = request.GET.get("who", EVERYBODY)
    asked = [people[int(who)]] if who.isdecimal() and int(who) in people else list(people.values())
    ids = [person.pk for person in asked]
    together, _each = cards(period, today=clock.today(), member_ids=ids, judged=judged_of(asked), kpis=[row])
    counted = kind.rows(row, period, ids)
    patterns = {name: _pattern(name, slug) for name in ("deal", "activity")}
    context = {
        "room": "reports",
        "kpi": row,
        "kind": kind,
        "month": formats.month(period.first),
        "whose": asked[0].name if len(asked) == 1 else _("All together"),
        "condition": condition_of(row),
        "shown": shown(slug, together.standings[0], period, who),
        "value": told(kind, together.standings[0].value, full=True),
        "is_share": kind.unit == Unit.PERCENT,
        "is_less": row.better == Better.LESS,
        "rows": [
            (
                line,
                patterns[line.kind].replace("/0/", f"/{line.key}/"),
                people[line.member_id].name if line.member_id in people else "—",
                "" if kind.unit in (Unit.COUNT, Unit.PERCENT) else told(kind, line.value, full=True),
            )
            for line in counted
        ],
        "cut": len(counted) >= MOST_ROWS,
        "back": f"{workspace_url('kpis', slug)}?month={period.first.isoformat()}",
    }
    return render_page(request, "plans/kpi.html", context, "rows")
