"""The board by other fields: columns and lanes of open deals by stage, month, seller, product group, priority, segment.

Rights and the filter are already in the queryset that is passed in. Whatever the number of deals, columns and lanes, a
board costs two questions: figures of all cells, first cards of all cells.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, CharField, Count, F, Q, Sum, Value, When, Window
from django.db.models.functions import Cast, RowNumber
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from voronka.catalog.models import ProductGroup
from voronka.clients.models import Segment
from voronka.core import clock, formats
from voronka.deals.choices import Priority
from voronka.deals.models import Deal
from voronka.deals.queries import ZERO, Sums, mark_of, place_after, place_of
from voronka.playbook.models import Stage
from voronka.workspaces.models import Member

# Cards of a cell at first, and with each «more».
CELL = 10
# Months ahead that have a column of their own.
MONTHS = 6
NONE, OVERDUE, LATER = "none", "overdue", "later"


@dataclass(frozen=True)
class Place:
    """A column or a lane: `key` as it stands in addresses; nothing can be dropped into a closed one."""

    key: str
    label: str
    color: str = ""
    closed: bool = False
    stage: Stage | None = None


@dataclass(frozen=True)
class Grouping:
    """A field that deals are laid out by. `field` is its name in the registry of fields, for what is hidden."""

    code: str
    label: Any
    field: str
    key: Callable[[], Any]
    places: Callable[[set[str], Sequence[Stage]], list[Place]]


@dataclass
class Cell:
    """The deals of one column in one lane; `more` tells where the next ones begin."""

    column: Place
    lane: Place | None
    sums: Sums = field(default_factory=Sums)
    deals: list[Deal] = field(default_factory=list)
    more: str = ""


@dataclass(frozen=True)
class Lane:
    """A row across all columns."""

    place: Place | None
    cells: list[Cell]

    @property
    def sums(self) -> Sums:
        return sum((cell.sums for cell in self.cells), Sums())


@dataclass(frozen=True)
class Layout:
    """The board: columns with the figures of their lanes together, and the lanes (one without a name if not asked)."""

    columns: list[tuple[Place, Sums]]
    lanes: list[Lane]

    @property
    def sums(self) -> Sums:
        return sum((sums for _place, sums in self.columns), Sums())


# -- the fields -----------------------------------------------------------------------------------------------------


def _of_id(name: str) -> Callable[[], Any]:
    return lambda: Cast(F(name), CharField())


def stage_place(stage: Stage) -> Place:
    """The column of *stage*; nothing is dropped into an archived one."""
    return Place(str(stage.pk), stage.name, stage.color, stage.archived_at is not None, stage)


def _stages(found: set[str], stages: Sequence[Stage]) -> list[Place]:
    return [stage_place(stage) for stage in stages if stage.archived_at is None or str(stage.pk) in found]


def _months() -> list[dt.date]:
    day = clock.today().replace(day=1)
    months = []
    for _number in range(MONTHS):
        months.append(day)
        day = next_month(day)
    return months


def next_month(day: dt.date) -> dt.date:
    """The first day of the month after that of *day*."""
    return (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1)


def _month_key() -> Any:
    months = _months()
    whens = [
        When(expected_close__gte=first, expected_close__lt=next_month(first), then=Value(f"{first:%Y-%m}"))
        for first in months
    ]
    return Case(
        When(expected_close__isnull=True, then=Value(NONE)),
        When(expected_close__lt=months[0], then=Value(OVERDUE)),
        *whens,
        default=Value(LATER),
        output_field=CharField(),
    )


def _month_places(found: set[str], stages: Sequence[Stage]) -> list[Place]:
    places = [Place(OVERDUE, _("Earlier"), closed=True)] if OVERDUE in found else []
    places += [Place(f"{first:%Y-%m}", formats.month(first)) for first in _months()]
    places += [Place(LATER, _("Later"), closed=True)] if LATER in found else []
    return [*places, Place(NONE, _("No date"))]


def _member_places(found: set[str], stages: Sequence[Stage]) -> list[Place]:
    ids = {int(key) for key in found - {NONE}}
    # Beside the owners their team-mates, so that a deal can be given to one who has none yet.
    teams = set(Member.objects.filter(pk__in=ids).values_list("team_id", flat=True)) - {None}
    members = Member.objects.filter(Q(pk__in=ids) | Q(team_id__in=teams, status="active")).order_by(
        "name", "pk"
    )
    places = [Place(str(member.pk), member.name, closed=not member.is_active) for member in members]
    return places + _nobody(found, _("Nobody"))


def _group_places(found: set[str], stages: Sequence[Stage]) -> list[Place]:
    groups = ProductGroup.objects.filter(Q(archived_at=None) | Q(pk__in=[int(key) for key in found - {NONE}]))
    places = [Place(str(group.pk), group.name, closed=group.archived_at is not None) for group in groups]
    return places + _nobody(found, _("No group"))


def _priority_places(found: set[str], stages: Sequence[Stage]) -> list[Place]:
    named = {
        Priority.HIGH: _("High priority"),
        Priority.NORMAL: _("Normal priority"),
        Priority.LOW: _("Low priority"),
    }
    return [Place(str(int(code)), label) for code, label in named.items()]


def _segment_places(found: set[str], stages: Sequence[Stage]) -> list[Place]:
    segments = Segment.objects.filter(pk__in=[int(key) for key in found - {NONE}])
    return [Place(str(segment.pk), segment.name) for segment in segments] + _nobody(found, _("No segment"))


def _nobody(found: set[str], label: str) -> list[Place]:
    return [Place(NONE, label, closed=True)] if NONE in found else []


STAGE = Grouping("stage", gettext_lazy("Stage"), "stage", _of_id("stage_id"), _stages)
_MONTH = Grouping("month", gettext_lazy("Month of close"), "expected_close", _month_key, _month_places)
_OWNER = Grouping("owner", gettext_lazy("Responsible"), "owner", _of_id("owner_id"), _member_places)
_GROUP = Grouping(
    "group", gettext_lazy("Product group"), "product", _of_id("product_group_id"), _group_places
)
_PRIORITY = Grouping("priority", gettext_lazy("Priority"), "priority", _of_id("priority"), _priority_places)
_SEGMENT = Grouping(
    "segment", gettext_lazy("Segment"), "segment", _of_id("company__segment_id"), _segment_places
)

COLUMNS = {one.code: one for one in (STAGE, _MONTH, _OWNER, _GROUP)}
LANES = {one.code: one for one in (_OWNER, _PRIORITY, _GROUP, _SEGMENT)}


def offered(groupings: dict[str, Grouping], member: Member) -> list[Grouping]:
    """Those of *groupings* whose field is not hidden from *member*."""
    return [
        one
        for one in groupings.values()
        if member.sees("client" if one.code == "segment" else "deal", one.field)
    ]


# -- the board ------------------------------------------------------------------------------------------------------


def layout(deals: Any, stages: Sequence[Stage], columns: Grouping, lanes: Grouping | None) -> Layout:
    """All open *deals* (visible, filtered) by *columns* and *lanes*; lanes without deals are left out."""
    opened = _placed(deals, columns, lanes)
    sums = _sums(opened)
    keys = {column for column, _lane in sums}
    places = columns.places(keys, stages)
    rows: list[Place | None] = [None]
    if lanes is not None:
        used = {lane for _column, lane in sums}
        rows = [place for place in lanes.places(used, stages) if place.key in used]
    found: dict[tuple[str, str], list[Deal]] = {}
    for deal in _first_cards(opened):
        found.setdefault(_spot(deal.place_key, deal.lane_key), []).append(deal)
    made = []
    for row in rows:
        cells = []
        for place in places:
            spot = (place.key, row.key if row else NONE)
            cells.append(_fill(Cell(place, row, sums.get(spot, Sums())), found.get(spot, [])))
        made.append(Lane(row, cells))
    heads = [(place, sum((lane.cells[at].sums for lane in made), Sums())) for at, place in enumerate(places)]
    return Layout(heads, made)


def heads(
    deals: Any, stages: Sequence[Stage], columns: Grouping, wanted: Iterable[str]
) -> tuple[list[tuple[Place, Sums]], Sums]:
    """The figures of the *wanted* columns, and those of all together."""
    sums = {column: one for (column, _lane), one in _sums(_placed(deals, columns, None)).items()}
    wanted = set(wanted)
    places = [place for place in columns.places(set(sums) | wanted, stages) if place.key in wanted]
    return [(place, sums.get(place.key, Sums())) for place in places], sum(sums.values(), Sums())


def cell_page(
    deals: Any,
    stages: Sequence[Stage],
    columns: Grouping,
    lanes: Grouping | None,
    spot: tuple[str, str],
    after: str,
) -> Cell | None:
    """The cards of a cell that follow the place *after*; None when there is no such column."""
    key, lane_key = spot
    place = (
        next((one for one in columns.places({key}, stages) if one.key == key), None) if _is_key(key) else None
    )
    if place is None or not _is_key(lane_key):
        return None
    opened = place_after(_placed(deals, columns, lanes), after)
    for name, wanted in (("place_key", key), ("lane_key", lane_key)):
        missing = Q(**{f"{name}__isnull": True}) if wanted == NONE else Q()
        opened = opened.filter(Q(**{name: wanted}) | missing)
    cards = opened.select_related("company", "owner", "stage")[: CELL + 1]
    lane = Place(lane_key, "") if lanes is not None else None
    return _fill(Cell(place, lane), list(cards))


def key_of(deal: Deal, columns: Grouping) -> str:
    """The column in which *deal* stands now."""
    found = (
        Deal.objects.filter(pk=deal.pk).annotate(place_key=columns.key()).values_list("place_key", flat=True)
    )
    return str(next(iter(found), None) or NONE)


def close_in(month: str, now: dt.date | None) -> dt.date | None:
    """The day on which a deal is expected to close once it is carried to *month* («2026-11» or NONE).

    The same day of the month as before, or its last; without a day before, the last. Raises ValueError.
    """
    if month == NONE:
        return None
    year, number = (int(part) for part in month.split("-"))
    last = calendar.monthrange(year, number)[1]
    return dt.date(year, number, min(now.day, last) if now else last)


def _is_key(key: str) -> bool:
    return key in (NONE, OVERDUE, LATER) or key.replace("-", "").isdecimal()


def _placed(deals: Any, columns: Grouping, lanes: Grouping | None) -> Any:
    lane = lanes.key() if lanes is not None else Value(NONE, output_field=CharField())
    return deals.filter(outcome="open").annotate(place_key=columns.key(), lane_key=lane)


def _spot(column: Any, lane: Any) -> tuple[str, str]:
    return str(column or NONE), str(lane or NONE)


def _sums(opened: Any) -> dict[tuple[str, str], Sums]:
    amount = F("amount_base")
    rows = (
        opened.order_by()
        .values("place_key", "lane_key")
        .annotate(
            count=Count("pk"),
            total=Sum("amount_base"),
            own=Sum(amount * F("probability"), filter=Q(probability__isnull=False)),
            plain=Sum(amount * F("stage__probability"), filter=Q(probability=None)),
            no_amount=Count("pk", filter=Q(amount=None)),
            no_next_step=Count("pk", filter=Q(next_activity_at=None)),
        )
    )
    return {
        _spot(row["place_key"], row["lane_key"]): Sums(
            count=row["count"],
            total=row["total"] or ZERO,
            weighted=((row["own"] or ZERO) + (row["plain"] or ZERO)) / 100,
            no_amount=row["no_amount"],
            no_next_step=row["no_next_step"],
        )
        for row in rows
    }


def _first_cards(opened: Any) -> list[Deal]:
    rank = Window(
        RowNumber(),
        partition_by=[F("place_key"), F("lane_key")],
        order_by=[F("stage_since").desc(), F("pk").desc()],
    )
    ranked = opened.annotate(rank=rank).filter(rank__lte=CELL + 1)
    return sorted(ranked.select_related("company", "owner", "stage"), key=place_of, reverse=True)


def _fill(cell: Cell, deals: list[Deal]) -> Cell:
    cell.deals = deals[:CELL]
    if len(deals) > CELL:
        cell.more = mark_of(cell.deals[-1])
    return cell
