"""The grid of the sales book, what a pair sells by, and the book through time."""

from __future__ import annotations

from typing import Any

from ninja import Query, Router, Schema
from pydantic import Field

from voronka.api.access import ApiRequest, found, needs
from voronka.api.shapes import Id, In, Line, Moment, Ref, Text, ref
from voronka.catalog.models import ProductGroup
from voronka.clients.models import Segment
from voronka.playbook.actions import write_cell
from voronka.playbook.models import BookVersion, Cell
from voronka.playbook.queries import funnel_of_pair

router = Router()
AT_ONCE = 100


class CellOut(Schema):
    """What a target group buys a product group for, by what it chooses, its own steps of buying."""

    product_group: Ref
    segment: Ref
    buys_for: str
    chooses_by: str
    steps: list[str]


class CellPatch(In):
    """Fields left out stay as they are."""

    buys_for: Text | None = None
    chooses_by: Text | None = None
    steps: list[Line] | None = Field(None, max_length=50)


class Pair(Schema):
    """What is sold to whom; one of them will do."""

    product_group: Id | None = None
    segment: Id | None = None


class ProposedFunnel(Schema):
    """The funnel that the book names for a pair, null when it names none."""

    funnel: Ref | None


class VersionOut(Schema):
    """The book after a change; `event` names the kind of change, null for the first version."""

    number: int
    at: Moment
    actor: int | None
    event: str | None


class VersionWhole(VersionOut):
    """A version with the whole book as it stood: funnels, stages, tasks, criteria, reasons, the grid."""

    content: dict[str, Any]


class VersionsAsked(Schema):
    """Newest first; `before` a number leads on."""

    before: Id | None = None


def cell_out(cell: Cell) -> dict[str, Any]:
    return {
        "product_group": ref(cell.product_group),
        "segment": ref(cell.segment),
        "buys_for": cell.buys_for,
        "chooses_by": cell.chooses_by,
        "steps": cell.steps,
    }


def version_out(version: BookVersion) -> dict[str, Any]:
    return {
        "number": version.number,
        "at": version.at,
        "actor": version.actor_id,
        "event": version.event.type if version.event else None,
    }


@router.get("/grid/", response=list[CellOut], **needs("book:read"))
def list_cells(request: ApiRequest) -> list[dict[str, Any]]:
    """The cells of the grid in which something is written."""
    request.member.require("book", "see")
    rows = Cell.objects.select_related("product_group", "segment").order_by("id")
    return [cell_out(cell) for cell in rows if cell.is_said]


@router.patch("/grid/{product_group_id}/{segment_id}/", response=CellOut, **needs("book:write"))
def write_grid_cell(
    request: ApiRequest, product_group_id: Id, segment_id: Id, body: CellPatch
) -> dict[str, Any]:
    """Say what a target group buys a product group for; the cell is made when there was none."""
    request.member.require("book", "configure")
    group, segment = _group(product_group_id), _segment(segment_id)
    given = body.dict(exclude_unset=True)
    changes: dict[str, Any] = {
        name: given[name] or "" for name in ("buys_for", "chooses_by") if name in given
    }
    if "steps" in given:
        changes["buying_steps"] = "\n".join(given["steps"] or [])
    cell = write_cell(group, segment, actor=request.member, changes=changes)
    return cell_out(cell or Cell(product_group=group, segment=segment))


@router.get("/grid/funnel/", response=ProposedFunnel, **needs("book:read"))
def propose_funnel(request: ApiRequest, pair: Query[Pair]) -> dict[str, Any]:
    """By which funnel the book sells this to them."""
    request.member.require("book", "see")
    group = _group(pair.product_group) if pair.product_group else None
    segment = _segment(pair.segment) if pair.segment else None
    return {"funnel": ref(funnel_of_pair(group, segment))}


@router.get("/book/versions/", response=list[VersionOut], **needs("book:read"))
def list_versions(request: ApiRequest, asked: Query[VersionsAsked]) -> list[dict[str, Any]]:
    """Every change of the book, newest first, a hundred at once."""
    request.member.require("book", "see")
    rows = BookVersion.objects.defer("content").select_related("event").order_by("-number")
    if asked.before is not None:
        rows = rows.filter(number__lt=asked.before)
    return [version_out(row) for row in rows[:AT_ONCE]]


@router.get("/book/versions/{number}/", response=VersionWhole, **needs("book:read"))
def get_version(request: ApiRequest, number: Id) -> dict[str, Any]:
    """The whole book after a change."""
    request.member.require("book", "see")
    row = found(BookVersion.objects.select_related("event"), number, by="number")
    return {**version_out(row), "content": row.content}


def _group(pk: int) -> ProductGroup:
    group: ProductGroup = found(ProductGroup.objects.all(), pk, by="id")
    return group


def _segment(pk: int) -> Segment:
    segment: Segment = found(Segment.objects.all(), pk, by="id")
    return segment
