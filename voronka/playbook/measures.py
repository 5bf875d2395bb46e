"""What a KPI can count. A measure is declared by the room that can count it; the book offers only declared ones.

The book knows what a measure is called, what it is counted in and how it is counted in words; numbers come from
`count(kpi, period, member_ids)`, which only the rooms above can answer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

from voronka.playbook.comparing import Shape, describe, named
from voronka.playbook.kpi_models import Better, Kpi
from voronka.playbook.snapshot import section

# The measure that stands first wherever KPIs are shown (product.md, 19).
KEY_STAGE = "key_stage"


class Unit(StrEnum):
    """What a measure is counted in."""

    SUM = "sum"
    COUNT = "count"
    PERCENT = "percent"
    DAYS = "days"


@dataclass(frozen=True)
class Figures:
    """A measure over a period: of all members asked for together, and of each. None: nothing to divide by.

    Per cent are numbers from 0 to 100.
    """

    whole: Decimal | None = None
    by_member: dict[int, Decimal | None] = field(default_factory=dict)


@dataclass(frozen=True)
class MeasureKind:
    """A measure.

    *adds*: figures of several sellers add up, so the target of a team is the sum of its sellers' targets.
    *of_plan*: without a target of its own the sellers' plans
    are its target. `rows` is the list behind the figure.
    """

    code: str
    title: str | Promise
    method: str | Promise
    unit: Unit
    better: Better
    count: Callable[[Kpi, Any, Collection[int]], Figures]
    rows: Callable[[Kpi, Any, Collection[int]], list[Any]]
    adds: bool = True
    of_plan: bool = False


_kinds: dict[str, MeasureKind] = {}


def declare(kind: MeasureKind) -> MeasureKind:
    """Let the book offer this measure."""
    if kind.code in _kinds:
        raise ValueError(f"measure {kind.code} is declared twice")
    _kinds[kind.code] = kind
    return kind


def measures() -> list[MeasureKind]:
    """Every declared measure, in the order of declaration."""
    return list(_kinds.values())


def measure_of(code: str) -> MeasureKind | None:
    """The measure, None when no room declares it (any more)."""
    return _kinds.get(code)


def kpis_in_use() -> list[Kpi]:
    """The KPIs of the workspace as they are shown: the key stage's measure first."""
    rows = Kpi.objects.filter(archived_at=None).select_related("funnel", "segment", "product_group")
    return sorted(rows.order_by("order", "id"), key=lambda kpi: kpi.measure != KEY_STAGE)


@section("kpis")
def _in_the_book() -> list[dict[str, Any]]:
    return [
        {
            "id": kpi.pk,
            "name": kpi.name,
            "measure": kpi.measure,
            "funnel": kpi.funnel_id,
            "segment": kpi.segment_id,
            "group": kpi.product_group_id,
            "target": None if kpi.target is None else str(kpi.target),
            "weight": kpi.weight,
            "better": kpi.better,
            "good": kpi.good,
            "fair": kpi.fair,
            "method": kpi.method,
        }
        for kpi in kpis_in_use()
    ]


def measure_title(code: str) -> str:
    """The measure as people call it."""
    kind = measure_of(code)
    return str(kind.title) if kind else code


describe(
    "kpis",
    Shape(
        gettext_lazy("KPI"),
        {
            "name": pgettext_lazy("of a thing", "Name"),
            "measure": gettext_lazy("Measure"),
            "funnel": gettext_lazy("Funnel"),
            "segment": gettext_lazy("Target group"),
            "group": gettext_lazy("Product group"),
            "target": gettext_lazy("Target of one seller for a month"),
            "weight": gettext_lazy("Weight, %"),
            "better": gettext_lazy("Which way is good"),
            "good": gettext_lazy("Good from, % of the target"),
            "fair": gettext_lazy("Bearable from, % of the target"),
            "method": gettext_lazy("How it is counted and judged"),
        },
        show={
            "measure": lambda value, book: measure_title(value),
            "funnel": named("funnels"),
            "segment": named("segments"),
            "group": named("groups"),
            "better": lambda value, book: str(dict(Better.choices).get(value, value)),
        },
    ),
)
