"""Plan and fact, as the first screen and the grid of plans show them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Sum

from voronka.core.calendar import working_days_between
from voronka.core.periods import Period
from voronka.targets.facts import Fact, won_by_member
from voronka.targets.models import Measure, SalesPlan

ONE_DAY = dt.timedelta(days=1)


@dataclass
class PlanFact:
    """Plan and fact of one member, a team or all. *plan* is None where nobody set one.

    *share_passed* is the part of the period's working days that has passed, today included (0…1).
    """

    plan: Decimal | None = None
    fact: Fact = field(default_factory=Fact)
    share_passed: Decimal = Decimal(1)

    @property
    def gap(self) -> Decimal | None:
        """What is still missing; negative when the plan is exceeded. None without a plan."""
        return None if self.plan is None else self.plan - self.fact.total

    @property
    def done(self) -> Decimal | None:
        """Fact / plan; None where there is nothing to divide by."""
        return self.fact.total / self.plan if self.plan else None

    @property
    def expected(self) -> Decimal | None:
        """What an even pace would have brought by the end of today."""
        return None if self.plan is None else self.plan * self.share_passed

    @property
    def pace(self) -> Decimal | None:
        """Fact / expected: 1 is exactly on plan. None without a plan or before the first working day."""
        return self.fact.total / self.expected if self.expected else None

    def __add__(self, other: PlanFact) -> PlanFact:
        if self.plan is None and other.plan is None:
            plan = None
        else:
            plan = (self.plan or Decimal(0)) + (other.plan or Decimal(0))
        return PlanFact(plan, self.fact + other.fact, self.share_passed)


def month_of(day: dt.date) -> Period:
    """The whole month in which *day* lies."""
    first = day.replace(day=1)
    return Period(first, (first + dt.timedelta(days=32)).replace(day=1) - ONE_DAY)


def share_passed(period: Period, today: dt.date) -> Decimal:
    """Which part of the working days of *period* has passed by the end of *today*."""
    if today < period.first:
        return Decimal(0)
    end = period.last + ONE_DAY
    all_days = working_days_between(period.first, end)
    passed = working_days_between(period.first, min(today + ONE_DAY, end))
    return Decimal(passed) / all_days if all_days else Decimal(1)


def plan_fact(
    period: Period, *, today: dt.date, member_ids: Collection[int] | None = None
) -> dict[int | None, PlanFact]:
    """Plan and fact of *period* (whole months) by member, only of *member_ids* if given: two statements.

    The key None holds what was won when nobody was responsible. Members with neither plan nor fact are left out.
    """
    passed = share_passed(period, today)
    rows: dict[int | None, PlanFact] = defaultdict(lambda: PlanFact(share_passed=passed))
    plans = SalesPlan.objects.filter(measure=Measure.WON_SUM, month__gte=period.first, month__lte=period.last)
    if member_ids is not None:
        plans = plans.filter(member__in=member_ids)
    for member_id, amount in plans.values_list("member").annotate(Sum("amount")):
        rows[member_id].plan = amount
    for member_id, fact in won_by_member(period, member_ids).items():
        rows[member_id].fact = fact
    return dict(rows)


def total(rows: Iterable[PlanFact], *, period: Period, today: dt.date) -> PlanFact:
    """The sum of *rows*."""
    return sum(rows, start=PlanFact(share_passed=share_passed(period, today)))
