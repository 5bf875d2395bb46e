"""How the KPIs stand: value, achievement, score (metrics.md, «KPI and motivation»)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Sum

from voronka.core.periods import Period
from voronka.playbook.kpi_models import Better, Kpi
from voronka.playbook.measures import MeasureKind, Unit, kpis_in_use, measure_of
from voronka.targets.models import Measure, SalesPlan
from voronka.targets.queries import share_passed
from voronka.workspaces.models import Member
from voronka.workspaces.rights import RoleCode

# Nobody is paid for one number at the cost of the others.
CAP = Decimal("1.2")
ZERO = Decimal(0)


@dataclass(frozen=True)
class Standing:
    """One KPI of one member or of several together, in a month.

    *target* is for the whole month. *expected*: what an even pace would have brought by the end of today, for
    measures that add up; else the target itself. *achievement* is against the target, *pace* against the expected
    part of it; None where there is no target or no value.
    """

    kpi: Kpi
    kind: MeasureKind
    value: Decimal | None
    target: Decimal | None
    expected: Decimal | None

    @property
    def achievement(self) -> Decimal | None:
        return _achieved(self.kpi, self.value, self.target)

    @property
    def pace(self) -> Decimal | None:
        return _achieved(self.kpi, self.value, self.expected)

    @property
    def tone(self) -> str:
        """ "good", "soon" or "bad" by the KPI's own thresholds, "" where there is nothing to judge."""
        share = self.pace
        if share is None:
            return ""
        percent = share * 100
        return "good" if percent >= self.kpi.good else "soon" if percent >= self.kpi.fair else "bad"


@dataclass(frozen=True)
class Card:
    """The KPIs of one member or of several together: in the order of the book."""

    standings: list[Standing] = field(default_factory=list)

    @property
    def score(self) -> Decimal | None:
        """Σ weight × min(achievement, 1.2), weights rescaled over the KPIs that can be judged; None without any."""
        judged = [(s.kpi.weight, s.achievement) for s in self.standings if s.achievement is not None]
        weights = sum(weight for weight, _share in judged)
        if not weights:
            return None
        return sum((weight * min(share, CAP) for weight, share in judged), start=ZERO) / weights

    @property
    def unjudged(self) -> list[Standing]:
        """What the score leaves out."""
        return [s for s in self.standings if s.achievement is None]


def _achieved(kpi: Kpi, value: Decimal | None, target: Decimal | None) -> Decimal | None:
    if value is None or not target:
        return None
    if kpi.better == Better.MORE:
        return value / target
    return min(target / value, CAP) if value else CAP


def cards(
    period: Period,
    *,
    today: dt.date,
    member_ids: Collection[int],
    judged: Collection[int] | None = None,
    kpis: Iterable[Kpi] | None = None,
) -> tuple[Card, dict[int, Card]]:
    """How *member_ids* stand together, and each: one statement for a KPI, one for the plans.

    Targets are those of *judged* (everybody, if not given): what the others did counts, and nothing is asked of them.
    The target of several is the sum of theirs where the measure adds up, else the same for all. Without a target of
    its own the won sum is judged by the plans of all who have one.
    """
    members = list(member_ids)
    asked = set(members) if judged is None else set(judged)
    passed = share_passed(period, today)
    rows = [
        (kpi, kind) for kpi in (kpis_in_use() if kpis is None else kpis) if (kind := measure_of(kpi.measure))
    ]
    plans = _plans(period, members) if any(k.of_plan and kpi.target is None for kpi, k in rows) else {}
    together: list[Standing] = []
    each: dict[int, list[Standing]] = {pk: [] for pk in members}
    for kpi, kind in rows:
        figures = kind.count(kpi, period, members)
        if kind.of_plan and kpi.target is None:
            of_one = {pk: plans.get(pk) for pk in members}
        else:
            of_one = {pk: kpi.target if pk in asked else None for pk in members}
        given = [target for target in of_one.values() if target is not None]
        whole = (sum(given, start=ZERO) if kind.adds else given[0]) if given else None
        together.append(_standing(kpi, kind, figures.whole, whole, passed))
        for pk in members:
            each[pk].append(_standing(kpi, kind, figures.by_member.get(pk), of_one[pk], passed))
    return Card(together), {pk: Card(standings) for pk, standings in each.items()}


def _standing(
    kpi: Kpi, kind: MeasureKind, value: Decimal | None, target: Decimal | None, passed: Decimal
) -> Standing:
    expected = target * passed if target is not None and kind.adds else target
    return Standing(kpi, kind, value, target, expected)


def _plans(period: Period, members: list[int]) -> dict[int, Decimal]:
    rows = SalesPlan.objects.filter(
        measure=Measure.WON_SUM, month__gte=period.first, month__lte=period.last, member__in=members
    )
    return dict(rows.values_list("member").annotate(Sum("amount")))


def without_sums(kpis: Iterable[Kpi]) -> list[Kpi]:
    """The KPIs for whoever may not see sums."""
    return [kpi for kpi in kpis if (kind := measure_of(kpi.measure)) is not None and kind.unit != Unit.SUM]


def judged_of(members: Iterable[Member]) -> list[int]:
    """Of whom targets are asked: sellers; of who stands alone in any case."""
    everybody = list(members)
    sellers = [member.pk for member in everybody if member.role.code == RoleCode.SELLER and member.is_active]
    return [everybody[0].pk] if len(everybody) == 1 else sellers
