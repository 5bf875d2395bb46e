"""The question: which form of the funnel, of which deals, over which days, compared with what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.analytics.filters import report_filter
from voronka.core import clock
from voronka.core.periods import Period, preset
from voronka.deals.filters import DealFilter

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

DEFAULT_PRESET = "last_12_months"
CUSTOM = "custom"


class Form(models.TextChoices):
    """The four forms of metrics.md#funnel."""

    NOW = "now", pgettext_lazy("funnel", "Now")
    ASOF = "asof", pgettext_lazy("funnel", "As of a day")
    COHORT = "cohort", pgettext_lazy("funnel", "Cohort")
    MOVEMENT = "movement", pgettext_lazy("funnel", "Movement")


class By(models.TextChoices):
    """What is counted."""

    DEALS = "deals", pgettext_lazy("count by", "deals")
    CLIENTS = "clients", pgettext_lazy("count by", "clients")
    SUM = "sum", pgettext_lazy("count by", "sum")


class Compare(models.TextChoices):
    """What a cohort is compared with."""

    PREVIOUS = "previous", _("the previous period")
    YEAR = "year", _("the same period a year ago")
    NONE = "none", _("not compared")


class Age(models.TextChoices):
    """How the other cohort is read."""

    SAME = "same", _("at the same age")
    NOW = "now", _("as it stands now")


class View(models.TextChoices):
    """What stands on top of the page."""

    DIAGRAM = "diagram", _("Diagram")
    TABLE = "table", _("Table")


@dataclass(frozen=True)
class FunnelQuery:
    """A question about the funnel. Days are of the workspace, both ends included.

    `period` is a preset's code, or "custom" with `first` and `last`; `date` is the day of the as-of form, None for
    today.
    """

    form: Form = Form.COHORT
    by: By = By.DEALS
    filter: DealFilter = field(default_factory=DealFilter)
    period: str = DEFAULT_PRESET
    first: dt.date | None = None
    last: dt.date | None = None
    date: dt.date | None = None
    compare: Compare = Compare.PREVIOUS
    age: Age = Age.SAME
    view: View = View.DIAGRAM

    @classmethod
    def from_params(cls, params: Mapping[str, Any], member: Member | None = None) -> FunnelQuery:
        """Read a query string; what makes no sense falls back to the default."""
        first, last = _day(params.get("from")), _day(params.get("to"))
        code = str(params.get("period") or "")
        if first or last:
            code = CUSTOM
        elif preset(code, clock.today()) is None:
            code = DEFAULT_PRESET
        return cls(
            form=_choice(Form, params.get("form"), Form.COHORT),
            by=_choice(By, params.get("by"), By.DEALS),
            filter=report_filter(params, member),
            period=code,
            first=first,
            last=last,
            date=_day(params.get("date")),
            compare=_choice(Compare, params.get("compare"), Compare.PREVIOUS),
            age=_choice(Age, params.get("age"), Age.SAME),
            view=_choice(View, params.get("view"), View.DIAGRAM),
        )

    def to_params(self) -> dict[str, list[str]]:
        """The normal form: defaults are left out, so that equal questions have equal addresses."""
        params: dict[str, list[str]] = {}
        if self.form != Form.COHORT:
            params["form"] = [self.form.value]
        if self.by != By.DEALS:
            params["by"] = [self.by.value]
        if self.form in (Form.COHORT, Form.MOVEMENT):
            if self.period == CUSTOM:
                params |= {"from": [str(self.first or "")], "to": [str(self.last or "")]}
            elif self.period != DEFAULT_PRESET:
                params["period"] = [self.period]
        if self.form == Form.ASOF and self.date:
            params["date"] = [self.date.isoformat()]
        if self.form == Form.COHORT and self.compare != Compare.PREVIOUS:
            params["compare"] = [self.compare.value]
        if self.form == Form.COHORT and self.age != Age.SAME:
            params["age"] = [self.age.value]
        if self.view != View.DIAGRAM:
            params["view"] = [self.view.value]
        return params | self.filter.to_params()

    def to_query(self, **extra: Any) -> str:
        """The normal form as a query string without «?»; *extra* parameters follow."""
        params: dict[str, Any] = dict(self.to_params())
        params.update({name: value for name, value in extra.items() if value not in (None, "")})
        return urlencode(params, doseq=True)

    def but(self, **changes: Any) -> FunnelQuery:
        """The same question with *changes*."""
        return replace(self, **changes)

    def resolved_period(self, today: dt.date) -> Period | None:
        """The days asked; None if they make no period (a rule tells why)."""
        if self.period != CUSTOM:
            return preset(self.period, today)
        first = self.first or self.last
        last = self.last or max(today, first or today)
        if first is None or last < first:
            return None
        return Period(first, last)


def _choice(choices: Any, value: Any, default: Any) -> Any:
    try:
        return choices(str(value))
    except ValueError:
        return default


def _day(value: Any) -> dt.date | None:
    if isinstance(value, dt.date):
        return value
    try:
        day = dt.date.fromisoformat(str(value or ""))
    except ValueError:
        return None
    return day if 1900 <= day.year <= 2200 else None
