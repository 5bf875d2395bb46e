"""What screens, reports and forms ask of the sales book. Everything is of the current workspace."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from voronka.catalog.models import Product, ProductGroup
from voronka.clients.models import Segment
from voronka.desk.dictionaries.registry import get_dictionary
from voronka.playbook.dictionaries import reason_code
from voronka.playbook.models import ActivityKind, Cell, Funnel, Reason, ReasonKind, Stage


@dataclass(frozen=True)
class Option:
    """One choice of a combobox."""

    value: int
    text: str
    hint: str = ""


@dataclass(frozen=True)
class FunnelInBook:
    """A funnel with its stages in their order; `all_stages` has the archived and merged ones too."""

    funnel: Funnel
    all_stages: tuple[Stage, ...]

    @property
    def stages(self) -> list[Stage]:
        """The stages in use."""
        return [stage for stage in self.all_stages if stage.archived_at is None]

    @property
    def key_stage(self) -> Stage | None:
        return next((stage for stage in self.stages if stage.is_key), None)

    @property
    def working_days(self) -> int:
        """The time limits of all stages together."""
        return sum(stage.limit_days or 0 for stage in self.stages)

    @property
    def falls_at(self) -> Stage | None:
        """The first stage whose probability is below that of the one before it: most likely a slip of the pen."""
        stages = self.stages
        return next((b for a, b in pairwise(stages) if b.probability < a.probability), None)


@dataclass(frozen=True)
class Book:
    """All funnels, in their order, each with its stages."""

    funnels: tuple[FunnelInBook, ...]

    @property
    def active(self) -> list[FunnelInBook]:
        return [found for found in self.funnels if found.funnel.archived_at is None]

    @property
    def archived(self) -> list[FunnelInBook]:
        return [found for found in self.funnels if found.funnel.archived_at is not None]

    def get(self, funnel_id: int | None) -> FunnelInBook | None:
        """The funnel with this id, archived ones too."""
        return next((found for found in self.funnels if found.funnel.pk == funnel_id), None)

    def named(self, name: str) -> FunnelInBook | None:
        """The funnel called *name* (any case, ё as е); one in use before one in the archive."""
        from voronka.core.text import fold

        key = fold(name)
        return next((f for f in [*self.active, *self.archived] if fold(f.funnel.name) == key), None)


def book_of() -> Book:
    """The whole book in two queries."""
    funnels = list(Funnel.objects.select_related("product_group", "segment").order_by("order", "id"))
    return Book(tuple(_with_stages(funnels)))


def active_funnels() -> list[FunnelInBook]:
    """Funnels in use with their stages, for boards, reports and forms: two queries."""
    funnels = list(
        Funnel.objects.filter(archived_at=None)
        .select_related("product_group", "segment")
        .order_by("order", "id")
    )
    return _with_stages(funnels)


def _with_stages(funnels: list[Funnel]) -> list[FunnelInBook]:
    stages: dict[int, list[Stage]] = {funnel.pk: [] for funnel in funnels}
    for stage in Stage.objects.filter(funnel__in=list(stages)).select_related("role").order_by("order", "id"):
        stages[stage.funnel_id].append(stage)
    return [FunnelInBook(funnel, tuple(stages[funnel.pk])) for funnel in funnels]


def stages_of(funnel: Funnel | int, *, archived: bool = False) -> list[Stage]:
    """The stages in use of a funnel, in order; with *archived* all of them, merged ones too."""
    stages = Stage.objects.filter(funnel=funnel).order_by("order", "id")
    return list(stages if archived else stages.filter(archived_at=None))


def funnel_for(product_group: ProductGroup | None, segment: Segment | None) -> Funnel | None:
    """The funnel by which this group is sold to this segment.

    `funnel_of_pair`, else the first in use. None in an empty book.
    """
    funnels = list(Funnel.objects.filter(archived_at=None).order_by("order", "id"))
    return _of_pair(funnels, product_group, segment) or (funnels[0] if funnels else None)


def funnel_of_pair(product_group: ProductGroup | None, segment: Segment | None) -> Funnel | None:
    """The funnel that the book names for this group and segment, None when it names none.

    The cell's own; else the nearest one of a parent group; else one that names only the group or only the segment;
    where only one of the two is known, the first funnel that has it.
    """
    if product_group is None and segment is None:
        return None
    funnels = list(Funnel.objects.filter(archived_at=None).order_by("order", "id"))
    return _of_pair(funnels, product_group, segment)


def funnels_of_cell(group_id: int | None, segment_id: int | None) -> list[Funnel]:
    """The funnels in use that stand in just this cell of the grid."""
    if group_id is None or segment_id is None:
        return []
    rows = Funnel.objects.filter(product_group=group_id, segment=segment_id, archived_at=None)
    return list(rows.order_by("order", "id"))


def _of_pair(
    funnels: list[Funnel], product_group: ProductGroup | None, segment: Segment | None
) -> Funnel | None:
    parents = dict(ProductGroup.objects.values_list("pk", "parent_id"))
    lineage: list[int] = []
    pk = product_group.pk if product_group else None
    while pk is not None and pk not in lineage:
        lineage.append(pk)
        pk = parents.get(pk)
    wanted = segment.pk if segment else None
    choices = [
        *((group, wanted) for group in lineage),
        *((group, None) for group in lineage),
        (None, wanted),
    ]
    for group, of_segment in choices:
        for funnel in funnels:
            if (funnel.product_group_id, funnel.segment_id) == (group, of_segment):
                return funnel
    # Only half of the pair is known: the first funnel that has that half.
    for funnel in funnels:
        if not lineage and wanted is not None and funnel.segment_id == wanted:
            return funnel
        if wanted is None and funnel.product_group_id in lineage:
            return funnel
    return None


class GridCell(NamedTuple):
    """Where a product group meets a segment: the funnels there, and what the book says of the pair (or None)."""

    segment: Segment
    funnels: list[FunnelInBook]
    said: Cell | None


@dataclass(frozen=True)
class GridRow:
    """A product group with its depth in the tree (0 is the top) and a cell for each segment."""

    group: ProductGroup
    depth: int
    cells: list[GridCell]


@dataclass(frozen=True)
class Grid:
    """Product groups × segments. `elsewhere`: funnels that have no cell."""

    segments: list[Segment]
    rows: list[GridRow]
    elsewhere: list[FunnelInBook] = field(default_factory=list)


def grid_of(book: Book) -> Grid:
    """The grid of the active funnels: what is sold × to whom."""
    segments = list(Segment.objects.filter(archived_at=None))
    groups = in_tree(ProductGroup.objects.filter(archived_at=None))
    cells: dict[tuple[int | None, int | None], list[FunnelInBook]] = {
        (group.pk, segment.pk): [] for group, _depth in groups for segment in segments
    }
    elsewhere: list[FunnelInBook] = []
    for found in book.active:
        place = (found.funnel.product_group_id, found.funnel.segment_id)
        cells.get(place, elsewhere).append(found)
    said = {(cell.product_group_id, cell.segment_id): cell for cell in Cell.objects.all()}
    rows = [
        GridRow(
            group,
            depth,
            [GridCell(s, cells[group.pk, s.pk], said.get((group.pk, s.pk))) for s in segments],
        )
        for group, depth in groups
    ]
    return Grid(segments, rows, elsewhere)


def in_tree(groups: Iterable[ProductGroup]) -> list[tuple[ProductGroup, int]]:
    """Groups with their depth, children behind their parents. One whose parent is not among them stands at the top."""
    rows = list(groups)
    known = {group.pk for group in rows}
    children: dict[int | None, list[ProductGroup]] = {}
    for group in rows:
        children.setdefault(group.parent_id if group.parent_id in known else None, []).append(group)
    result: list[tuple[ProductGroup, int]] = []
    waiting = [(group, 0) for group in reversed(children.get(None, []))]
    while waiting:
        group, depth = waiting.pop()
        result.append((group, depth))
        waiting += [(child, depth + 1) for child in reversed(children.get(group.pk, []))]
    return result


def reasons(kind: ReasonKind | str) -> list[Reason]:
    """Reasons of this kind that are offered for choice."""
    return list(get_dictionary(reason_code(str(kind))).active())


def activity_kinds() -> list[ActivityKind]:
    """Kinds of activities that are offered for choice."""
    return list(get_dictionary("activity_kind").active())


def options(code: str) -> list[Option]:
    """The active entries of a dictionary as choices; product groups are indented, products tell their group."""
    dictionary = get_dictionary(code)
    if dictionary.model is ProductGroup:
        return [Option(g.pk, f"{'— ' * depth}{g.name}") for g, depth in in_tree(dictionary.active())]
    if dictionary.model is Product:
        products = dictionary.active().select_related("group")
        return [Option(p.pk, p.name, p.group.name if p.group else "") for p in products]
    return [Option(entry.pk, entry.name) for entry in dictionary.active()]


def funnel_options() -> list[Option]:
    """Funnels in use as choices."""
    return [Option(f.pk, f.name) for f in Funnel.objects.filter(archived_at=None).order_by("order", "id")]
