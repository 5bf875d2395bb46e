"""What screens ask of the deals: the board. Rights and the filter are already in the queryset that is passed in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, Sum, Value

from voronka.deals.models import Deal
from voronka.playbook.models import Stage

# A column of a screen shows some six cards; the next ones come as one scrolls.
PAGE = 12
ZERO = Decimal(0)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Sums:
    """Open deals in figures: how many, their sum and weighted sum in the workspace's currency."""

    count: int = 0
    total: Decimal = ZERO
    weighted: Decimal = ZERO
    no_amount: int = 0
    no_next_step: int = 0
    # They have a sum, but their currency has no rate: it is in none of the sums above.
    no_rate: int = 0

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.count + other.count,
            self.total + other.total,
            self.weighted + other.weighted,
            self.no_amount + other.no_amount,
            self.no_next_step + other.no_next_step,
            self.no_rate + other.no_rate,
        )


@dataclass
class Column:
    """A stage with its figures and its first cards; `more` tells where the next ones begin."""

    stage: Stage
    sums: Sums = field(default_factory=Sums)
    deals: list[Deal] = field(default_factory=list)
    more: str = ""


@dataclass(frozen=True)
class Board:
    """The columns of one funnel, in order of its stages."""

    columns: list[Column]

    @property
    def sums(self) -> Sums:
        return sum((column.sums for column in self.columns), Sums())


def board(deals: Any, stages: Iterable[Stage]) -> Board:
    """The board of *deals* (visible, filtered; any outcome) in a funnel with *stages* (archived ones too).

    Three queries whatever the number of deals: sums of all columns, first cards of all, the cards themselves.
    An archived stage shows only while open deals stand in it.
    """
    opened = deals.filter(outcome="open")
    known = list(stages)
    sums = stage_sums(opened, known)
    columns = [
        Column(stage, sums.get(stage.pk, Sums()))
        for stage in known
        if stage.archived_at is None or stage.pk in sums
    ]
    first = [_after(opened, column.stage, "")[: PAGE + 1].values_list("pk", flat=True) for column in columns]
    pks = list(first[0].union(*first[1:], all=True)) if first else []
    found: dict[int, list[Deal]] = {}
    for deal in _cards(Deal.objects.filter(pk__in=pks)):
        found.setdefault(deal.stage_id, []).append(deal)
    for column in columns:
        _fill(column, sorted(found.get(column.stage.pk, []), key=place_of, reverse=True))
    return Board(columns)


def column_page(deals: Any, stage: Stage, after: str) -> Column:
    """The cards of *stage* that follow the place *after* (a `Column.more`): one query."""
    column = Column(stage)
    _fill(column, list(_cards(_after(deals.filter(outcome="open"), stage, after))[: PAGE + 1]))
    return column


def stage_sums(opened: Any, stages: Sequence[Stage]) -> dict[int, Sums]:
    """Figures of open deals by stage id, read from the index `deal_open_sums` alone when unfiltered."""
    rows = (
        opened.filter(stage__in=[stage.pk for stage in stages])
        .order_by()
        .values("stage_id")
        .annotate(
            count=Count("*"),
            total=Sum("amount_base"),
            own_weighted=Sum(F("amount_base") * F("probability"), filter=Q(probability__isnull=False)),
            plain=Sum("amount_base", filter=Q(probability=None)),
            no_amount=Count(Value(1), filter=Q(amount=None)),
            no_next_step=Count(Value(1), filter=Q(next_activity_at=None)),
            no_rate=Count(Value(1), filter=Q(amount__isnull=False, amount_base=None)),
        )
    )
    given = {stage.pk: stage.probability for stage in stages}
    return {
        row["stage_id"]: Sums(
            count=row["count"],
            total=row["total"] or ZERO,
            weighted=((row["own_weighted"] or ZERO) + (row["plain"] or ZERO) * given[row["stage_id"]]) / 100,
            no_amount=row["no_amount"],
            no_next_step=row["no_next_step"],
            no_rate=row["no_rate"],
        )
        for row in rows
    }


def _cards(queryset: Any) -> Any:
    return queryset.select_related("company", "owner")


def _after(opened: Any, stage: Stage, after: str) -> Any:
    """Cards of a column behind the place *after*."""
    return place_after(opened.filter(stage=stage), after)


def place_after(cards: Any, after: str) -> Any:
    """*cards*, latest arrivals first, behind the place *after*; an unreadable place begins anew."""
    cards = cards.order_by("-stage_since", "-pk")
    since, _sep, pk = after.partition("_")
    try:
        moment = _EPOCH + dt.timedelta(microseconds=int(since))
        return cards.filter(Q(stage_since__lt=moment) | Q(stage_since=moment, pk__lt=int(pk)))
    except (ValueError, OverflowError):
        return cards


def place_of(deal: Deal) -> tuple[dt.datetime, int]:
    """What cards are ordered by."""
    return deal.stage_since, deal.pk


def mark_of(deal: Deal) -> str:
    """The place of *deal* in a column, for `place_after`."""
    return f"{(deal.stage_since - _EPOCH) // dt.timedelta(microseconds=1)}_{deal.pk}"


def _fill(column: Column, deals: list[Deal]) -> None:
    column.deals = deals[:PAGE]
    for deal in column.deals:
        deal.stage = column.stage
    if len(deals) > PAGE:
        column.more = mark_of(column.deals[-1])
