"""The question resolved: the funnel with its stages, the exact moments, whose figures. Defaults stand here once."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from voronka.analytics.credit import Credit
from voronka.analytics.frame import Rule, Sql, Unanswerable, require
from voronka.analytics.funnel.query import By, Compare, Form, FunnelQuery
from voronka.core import clock
from voronka.core.periods import Period, end_of
from voronka.core.tenancy import require_workspace_id
from voronka.deals.models import Deal
from voronka.playbook.models import Funnel, Stage

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

LONGEST_DAYS = 366 * 30
# How many of the latest deals say which funnel one works in.
LATEST = 500


@dataclass(frozen=True)
class StageLine:
    """One stage as a report counts it: `ids` holds its own id and those merged into it; `pos` counts from 1."""

    id: int
    pos: int
    name: str
    color: str
    order: int
    limit_days: int | None
    probability: int
    is_archived: bool
    is_key: bool
    ids: tuple[int, ...]


@dataclass(frozen=True)
class Context:
    """Everything a statement needs: no defaults below this point."""

    query: FunnelQuery
    member: Member | None
    workspace_id: int
    funnel: Funnel
    stages: tuple[StageLine, ...]
    period: Period
    credit: Credit
    now: dt.datetime
    today: dt.date
    # What is read: None is the present, a moment is the state just before it.
    read_at: dt.datetime | None = None

    @cached_property
    def orders(self) -> list[int]:
        """Orders of the stages, rising; a depth falls into the last one not above it."""
        return [stage.order for stage in self.stages]

    @cached_property
    def place(self) -> dict[int, int]:
        """Stage id, merged ones too -> position from 1."""
        return {pk: stage.pos for stage in self.stages for pk in stage.ids}

    @property
    def hides_sums(self) -> bool:
        """Whether the member is kept from the sums of deals: rows then have none."""
        return self.member is not None and not self.member.sees("deal", "amount")

    @property
    def won_pos(self) -> int:
        """The position of «Успех»: one behind the last stage."""
        return len(self.stages) + 1

    def stage(self, pk: int) -> StageLine | None:
        return next((stage for stage in self.stages if stage.id == pk), None)

    @property
    def start(self) -> dt.datetime:
        return self.period.start

    @property
    def end(self) -> dt.datetime:
        return self.period.end

    def previous(self) -> Context | None:
        """The context of the cohort to compare with, read at the same age; None when not compared.

        «At the same age» is the state at its end plus as much time as has passed since the end of the present
        one (a period that is still going on is compared with the same part of the other).
        """
        if self.query.form != Form.COHORT or self.query.compare == Compare.NONE:
            return None
        year = self.query.compare == Compare.YEAR
        period = self.period.year_before() if year else self.period.previous()
        read_at = None
        if self.query.age == "same":
            read_at = min(self.now, period.end + (self.now - self.period.end))
        return replace(self, period=period, read_at=read_at)


@dataclass(frozen=True)
class _Asked:
    query: FunnelQuery
    funnel: Funnel | None
    stages: tuple[StageLine, ...]
    period: Period | None
    today: dt.date


def _no_funnel(asked: _Asked) -> str:
    if asked.query.filter.funnel:
        return _("There is no such funnel. Choose another one.")
    return _("There is no funnel yet. Make one in the sales book.")


RULES: list[Rule[_Asked]] = [
    Rule("funnel", lambda asked: asked.funnel is None, _no_funnel),
    Rule(
        "funnel",
        lambda asked: not asked.stages,
        lambda asked: _("The funnel has no stages yet. Add them in the sales book."),
    ),
    Rule(
        "from",
        lambda asked: asked.period is None,
        lambda asked: _("The period ends before it begins. Choose other days."),
    ),
    Rule(
        "from",
        lambda asked: asked.period is not None and asked.period.days > LONGEST_DAYS,
        lambda asked: _("The period is longer than thirty years. Choose other days."),
    ),
    Rule(
        "from",
        lambda asked: (
            asked.query.form in (Form.COHORT, Form.MOVEMENT)
            and asked.period is not None
            and asked.period.first > asked.today
        ),
        lambda asked: _("The period has not begun yet. Choose other days."),
    ),
    Rule(
        "date",
        lambda asked: (
            asked.query.form == Form.ASOF and asked.query.date is not None and asked.query.date > asked.today
        ),
        lambda asked: _("That day has not come yet. Choose another one."),
    ),
]


def placing(stages: Iterable[StageLine], of: str = "pos") -> Sql:
    """The expression that turns `r.stage_id` into its stage's `pos` (or `probability`), merged stages too."""
    case = Sql("CASE")
    for stage in stages:
        case = case + Sql(" WHEN r.stage_id = ANY(%s) THEN %s", (list(stage.ids), getattr(stage, of)))
    return case + " END"


def resolve(query: FunnelQuery, member: Member | None) -> Context:
    """Resolve *query* for *member* (None: the command line with full rights), inside the workspace's scope.

    Raises `Unanswerable` with a sentence, `Forbidden` when the member may not read reports.
    """
    if query.by == By.SUM and member is not None and not member.sees("deal", "amount"):
        query = query.but(by=By.DEALS)
    credit = Credit.of(member, query.filter)
    today, now = clock.today(), clock.now()
    funnel = _funnel(query.filter.funnel)
    stages = stage_lines(funnel) if funnel else ()
    period = query.resolved_period(today)
    require(RULES, _Asked(query, funnel, stages, period, today))
    if funnel is None or period is None:
        raise Unanswerable(_("The period ends before it begins. Choose other days."))
    context = Context(
        query=query,
        member=member,
        workspace_id=require_workspace_id(),
        funnel=funnel,
        stages=stages,
        period=period,
        credit=credit,
        now=now,
        today=today,
    )
    if query.form == Form.ASOF:
        return replace(context, read_at=end_of(query.date or today))
    return context


def _funnel(pk: int | None) -> Funnel | None:
    if pk:
        return Funnel.objects.filter(pk=pk).first()
    return default_funnel()


def default_funnel() -> Funnel | None:
    """The funnel that most of the latest deals are in: one with nothing in it yet says nothing; None without any."""
    latest = Deal.objects.present().order_by("-number").values_list("funnel_id", flat=True)[:LATEST]
    counts = Counter(latest)
    return max(funnels(), key=lambda known: (known.archived_at is None, counts[known.pk]), default=None)


def funnels() -> QuerySet[Funnel]:
    """The funnels in the order of the book, archived ones behind."""
    return Funnel.objects.order_by(F("archived_at").asc(nulls_first=True), "order", "id")


def stage_lines(funnel: Funnel) -> tuple[StageLine, ...]:
    """The stages of *funnel* that are not merged away, in their order, archived ones too."""
    rows = list(Stage.objects.filter(funnel=funnel).order_by("order", "id"))
    merged = {row.pk: row.merged_into_id for row in rows}
    ids: dict[int, list[int]] = {}
    for row in rows:
        target, seen = row.pk, {row.pk}
        while (following := merged.get(target)) and following in merged and following not in seen:
            target = following
            seen.add(target)
        ids.setdefault(target, []).append(row.pk)
    return tuple(
        StageLine(
            id=row.pk,
            pos=pos,
            name=row.name,
            color=row.color,
            order=row.order,
            limit_days=row.limit_days,
            probability=row.probability,
            is_archived=row.archived_at is not None,
            is_key=row.is_key,
            ids=tuple(sorted(ids[row.pk])),
        )
        for pos, row in enumerate((row for row in rows if row.pk in ids), start=1)
    )
