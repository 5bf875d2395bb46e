"""How a report is asked: days, a filter of deals, what it is compared with, and choices of its own.

A question is read from a query string and written back in its normal form, so that equal questions have equal
addresses; what makes no sense falls back to the default.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from voronka.analytics.filters import report_filter
from voronka.analytics.frame import Rule, Unanswerable, require
from voronka.core import clock
from voronka.core.periods import Period, end_of, preset
from voronka.deals.filters import DealFilter

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

CUSTOM = "custom"
LONGEST_DAYS = 366 * 30


class Against(models.TextChoices):
    """With what the period is compared."""

    NONE = "none", gettext_lazy("Do not compare")
    PREVIOUS = "previous", gettext_lazy("The previous period")
    YEAR = "year", gettext_lazy("The same period a year ago")


@dataclass(frozen=True)
class Choice:
    """A choice of a report's own: `values` are (code, label) in their order, the first one is the default.

    `many` draws it as a menu, else as a row of buttons; a sum that the asker is kept from takes the value in
    `needs_sums` away.
    """

    name: str
    label: str | Promise
    values: tuple[tuple[str, str | Promise], ...]
    many: bool = False
    needs_sums: frozenset[str] = frozenset()
    # Values of the asker's own, behind the others.
    more: Callable[[Member | None], list[tuple[str, str | Promise]]] | None = None

    def offered(self, member: Member | None) -> list[tuple[str, str | Promise]]:
        """The values for *member*: without those that need sums where sums are hidden, with the member's own."""
        hides = member is not None and not member.sees("deal", "amount")
        known = [pair for pair in self.values if not (hides and pair[0] in self.needs_sums)]
        return [*known, *(self.more(member) if self.more else [])]

    @property
    def default(self) -> str:
        return self.values[0][0]

    def label_of(self, value: str, member: Member | None = None) -> str:
        """The value in words."""
        return next((str(label) for code, label in self.offered(member) if code == value), value)


@dataclass(frozen=True)
class Asking:
    """What a report can be asked: whether it has days at all, and its own choices.

    `default` is the preset of its days; `future` lets them lie ahead (plans, expected closes).
    """

    default: str = "last_12_months"
    has_period: bool = True
    compares: bool = True
    future: bool = False
    has_funnel: bool = True
    # Asked as of the end of a day; none asked is the present.
    has_day: bool = False
    choices: tuple[Choice, ...] = ()

    def choice(self, name: str) -> Choice:
        return next(choice for choice in self.choices if choice.name == name)


@dataclass(frozen=True)
class Question:
    """A question to a report. Days are of the workspace, both ends included."""

    asking: Asking
    filter: DealFilter = field(default_factory=DealFilter)
    period: str = ""
    first: dt.date | None = None
    last: dt.date | None = None
    day: dt.date | None = None
    against: Against = Against.NONE
    chosen: tuple[tuple[str, str], ...] = ()

    @classmethod
    def from_params(cls, asking: Asking, params: Mapping[str, Any], member: Member | None = None) -> Question:
        """Read a query string as *member* asks it."""
        first, last = _day(params.get("from")), _day(params.get("to"))
        code = str(params.get("period") or "")
        if not asking.has_period:
            first = last = None
            code = asking.default
        elif first or last:
            code = CUSTOM
        elif preset(code, clock.today()) is None:
            code = asking.default
        chosen = []
        for choice in asking.choices:
            value = str(params.get(choice.name) or "")
            known = [code for code, _label in choice.offered(member)]
            if value in known and value != choice.default:
                chosen.append((choice.name, value))
            elif choice.default not in known and known:
                chosen.append((choice.name, known[0]))
        against = str(params.get("compare") or "")
        found = report_filter(params, member)
        return cls(
            asking,
            filter=found if asking.has_funnel else found.without("funnel"),
            period=code,
            first=first,
            last=last,
            day=_day(params.get("date")) if asking.has_day else None,
            against=Against(against) if asking.compares and against in Against.values else Against.NONE,
            chosen=tuple(chosen),
        )

    def to_params(self) -> dict[str, list[str]]:
        """The normal form: defaults are left out."""
        params: dict[str, list[str]] = {}
        if self.asking.has_period and self.period == CUSTOM:
            params |= {"from": [str(self.first or "")], "to": [str(self.last or "")]}
        elif self.asking.has_period and self.period and self.period != self.asking.default:
            params["period"] = [self.period]
        if self.day:
            params["date"] = [self.day.isoformat()]
        if self.against != Against.NONE:
            params["compare"] = [self.against.value]
        return params | {name: [value] for name, value in self.chosen} | self.filter.to_params()

    def to_query(self, **extra: Any) -> str:
        """The normal form as a query string without «?»; *extra* parameters follow."""
        params: dict[str, Any] = dict(self.to_params())
        params.update({name: value for name, value in extra.items() if value not in (None, "")})
        return urlencode(params, doseq=True)

    def but(self, **changes: Any) -> Question:
        """The same question with *changes*; a choice of the report's own may be named too."""
        own = {choice.name: choice for choice in self.asking.choices}
        chosen = dict(self.chosen)
        for name in [name for name in changes if name in own]:
            value = changes.pop(name)
            chosen.pop(name, None)
            if value != own[name].default:
                chosen[name] = value
        kept = tuple((name, chosen[name]) for name in own if name in chosen)
        return replace(self, chosen=kept, **changes)

    def choice(self, name: str) -> str:
        """What is chosen under *name*."""
        return dict(self.chosen).get(name, self.asking.choice(name).default)

    def days(self) -> Period:
        """The days asked. Raises `Unanswerable` with a sentence where they make no sense."""
        today = clock.today()
        asked = _Asked(self._period(today), self.asking, today)
        require(RULES, asked)
        assert asked.period is not None
        return asked.period

    def moment(self) -> dt.datetime | None:
        """The moment just before which the past is read: the end of the asked day; None is the present.

        Raises `Unanswerable` for a day that has not come yet.
        """
        today = clock.today()
        if self.day is None or self.day == today:
            return None
        if self.day > today:
            raise Unanswerable(_("That day has not come yet. Choose another one."), field="date")
        return end_of(self.day)

    def other(self) -> Question | None:
        """The same question about the days to compare with; None if nothing is compared."""
        if self.against == Against.NONE:
            return None
        days, today = self.days(), clock.today()
        before = days.previous() if self.against == Against.PREVIOUS else days.year_before()
        if days.first <= today < days.last and not self.asking.future:
            # Days that have not come yet cannot be compared: the same part of the other period is (equal age).
            passed = before.first + (today - days.first)
            before = Period(before.first, min(passed, before.last))
        return replace(self, period=CUSTOM, first=before.first, last=before.last, against=Against.NONE)

    def _period(self, today: dt.date) -> Period | None:
        if self.period != CUSTOM:
            return preset(self.period or self.asking.default, today)
        first = self.first or self.last
        last = self.last or max(today, first or today)
        if first is None or last < first:
            return None
        return Period(first, last)


@dataclass(frozen=True)
class _Asked:
    period: Period | None
    asking: Asking
    today: dt.date


RULES: list[Rule[_Asked]] = [
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
            not asked.asking.future and asked.period is not None and asked.period.first > asked.today
        ),
        lambda asked: _("The period has not begun yet. Choose other days."),
    ),
]


def _day(value: Any) -> dt.date | None:
    if isinstance(value, dt.date):
        return value
    try:
        day = dt.date.fromisoformat(str(value or ""))
    except ValueError:
        return None
    return day if 1900 <= day.year <= 2200 else None
