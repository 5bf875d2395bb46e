"""The rows behind every number of the pipeline report: open deals with their column, at present or just before a moment."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from voronka.analytics.frame import Rows, Sql
from voronka.analytics.funnel.context import StageLine, funnels, stage_lines
from voronka.analytics.reporting.question import Asking, Choice, Question
from voronka.analytics.reporting.scope import Scope, local_day, standing
from voronka.core import formats
from voronka.core.periods import add_months
from voronka.playbook.models import ForecastCategory, Funnel

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

# Months that have a column of their own, the present one first.
MONTHS = 6

ASKING = Asking(
    has_period=False,
    has_day=True,
    compares=False,
    choices=(
        Choice(
            "cut",
            gettext_lazy("Cut"),
            (
                ("stages", gettext_lazy("By stages")),
                ("forecast", gettext_lazy("By forecast")),
                ("clients", gettext_lazy("By clients")),
            ),
        ),
        Choice(
            "by",
            gettext_lazy("Counted by"),
            (
                ("sum", pgettext_lazy("count by", "sum")),
                ("weighted", pgettext_lazy("count by", "weighted sum")),
                ("deals", pgettext_lazy("count by", "deals")),
            ),
            needs_sums=frozenset({"sum", "weighted"}),
        ),
    ),
)


@dataclass(frozen=True)
class Lane:
    """A column of the cut: its code in cells, its title and the stages or days that belong to it."""

    code: str
    title: str


@dataclass(frozen=True)
class Pipeline:
    """The question resolved."""

    scope: Scope
    at: dt.datetime | None

    @classmethod
    def of(cls, question: Question, member: Member | None) -> Pipeline:
        """Raises `Unanswerable`, `Forbidden`."""
        return cls(Scope.of(question, member), question.moment())

    @property
    def cut(self) -> str:
        return self.scope.question.choice("cut")

    @property
    def by(self) -> str:
        return self.scope.question.choice("by")

    @property
    def read_at(self) -> dt.datetime:
        return self.at or self.scope.now

    @property
    def day(self) -> dt.date:
        """The day whose end is read."""
        return self.scope.question.day or self.scope.today

    @cached_property
    def funnels(self) -> list[Funnel]:
        wanted = set(self.scope.funnel_ids)
        return [funnel for funnel in funnels() if funnel.pk in wanted]

    @cached_property
    def lines(self) -> list[StageLine]:
        """The stages of the asked funnels."""
        return [line for funnel in self.funnels for line in stage_lines(funnel)]

    @cached_property
    def lanes(self) -> list[Lane]:
        """The columns of the cut; those by clients have none."""
        if self.cut == "stages":
            if self.scope.funnel_id:
                return [Lane(f"s{line.id}", line.name) for line in self.lines]
            return [Lane(f"f{funnel.pk}", funnel.name) for funnel in self.funnels]
        if self.cut == "forecast":
            first = self.day.replace(day=1)
            months = [add_months(first, ahead) for ahead in range(MONTHS)]
            return [
                Lane("past", _("Date has passed")),
                *(Lane(f"m{month:%Y%m}", formats.month(month, short=True)) for month in months),
                Lane("later", pgettext("expected close", "Later")),
                Lane("none", _("No date")),
            ]
        return []

    def standing(self) -> Rows:
        """Open deals with `lane`, `category`, `weighted` and the columns that a list needs."""
        base = standing(self.scope, self.read_at)
        chance = Sql("coalesce(r.probability, ") + self._of_stage("probability", "0") + ")"
        category = "coalesce(nullif(r.category, ''), " + self._categories() + ")"
        weighted = Sql("r.amount * ") + chance + " / 100"
        unit = {"weighted": weighted, "sum": Sql("r.amount"), "deals": Sql("r.amount")}[self.by]
        return Rows(
            base.select(
                "r.deal_id AS id, r.deal_id, NULL::bigint AS client, r.stage_id, r.owner_id, r.team_id, r.valid_from AS at, r.expected_close, r.amount AS full_amount, "
                + unit
                + " AS amount, "
                + weighted
                + " AS weighted, "
                + category
                + " AS category, "
                + self._lane()
                + " AS lane"
            )
        )

    def _of_stage(self, what: str, otherwise: str) -> Sql:
        case = Sql("CASE")
        for line in self.lines:
            case = case + Sql(" WHEN r.stage_id = ANY(%s) THEN %s", (list(line.ids), getattr(line, what)))
        return case + f" ELSE {otherwise} END" if self.lines else Sql(otherwise)

    def _categories(self) -> Sql:
        return Sql("(SELECT k.category FROM playbook_stage k WHERE k.id = r.stage_id)")

    def _lane(self) -> Sql:
        if self.cut == "stages" and self.scope.funnel_id:
            case = Sql("CASE")
            for line in self.lines:
                case = case + Sql(" WHEN r.stage_id = ANY(%s) THEN %s", (list(line.ids), f"s{line.id}"))
            return case + " END" if self.lines else Sql("NULL")
        if self.cut == "stages":
            return Sql("'f' || r.funnel_id")
        if self.cut == "forecast":
            today = local_day(self.read_at) if self.at else self.scope.today
            last = add_months(self.day.replace(day=1), MONTHS)
            return Sql(
                "CASE WHEN r.expected_close IS NULL THEN 'none' WHEN r.expected_close < %s THEN 'past'"
                " WHEN r.expected_close >= %s THEN 'later' ELSE 'm' || to_char(r.expected_close, 'YYYYMM') END",
                (today, last),
            )
        return Sql("'any'")


CATEGORIES = [
    ForecastCategory.COMMIT,
    ForecastCategory.BEST_CASE,
    ForecastCategory.PIPELINE,
    ForecastCategory.OMITTED,
]
