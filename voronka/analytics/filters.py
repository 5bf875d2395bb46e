"""The part of the deal filter that reports understand, and its choices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from voronka.core.edits import PREFIX
from voronka.deals.filters import DealFilter, known_fields
from voronka.desk.lists.conditions import Condition, Group, apply, parse
from voronka.desk.lists.fields import Field, Kind

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

# Stage, outcome, dates and sums a report reads from the history, so they are not its filter.
REPORT_FIELDS = (
    "funnel",
    "owner",
    "team",
    "segment",
    "product_group",
    "source",
    "region",
    "industry",
)
# Kinds of own fields that part deals into few lots.
_PARTING = frozenset({Kind.DICTIONARY, Kind.CHOICES, Kind.FLAG, Kind.MEMBER})


def report_filter(params: Mapping[str, Any], member: Member | None = None) -> DealFilter:
    """The conditions of a report from a query string; whatever else it holds is ignored.

    Own fields of deals are conditions too: as `x_<key>` values, and in `where`, the form in which they are kept.
    """
    found = DealFilter.from_params(params, member)
    kept = found.only(REPORT_FIELDS)
    given = [name for name in params if name.startswith(PREFIX)]
    if not given and not found.where:
        return kept
    dimensions = own_dimensions(member)
    asked = [
        item
        for item in found.tree().items
        if isinstance(item, Condition) and item.field in dimensions and item.field not in given
    ]
    for name in given:
        values = params.getlist(name) if hasattr(params, "getlist") else [params[name]]
        values = [value for value in values if value]
        if name in dimensions and values:
            asked.append(_condition(dimensions[name], values))
    where = parse(Group("and", tuple(asked)), dimensions).where
    return replace(kept, where=where.to_text())


def own_dimensions(member: Member | None) -> dict[str, Field]:
    """Own fields of deals that reports can be narrowed by, as far as *member* sees them."""
    fields = known_fields(member)
    return {name: field for name, field in fields.items() if field.is_custom and field.kind in _PARTING}


def chosen_of(query: DealFilter, name: str) -> list[str]:
    """The values of the own field *name* that *query* asks for."""
    for item in query.tree().items if query.where else ():
        if isinstance(item, Condition) and item.field == name:
            return list(item.values) or [item.op]
    return []


def narrowed(query: DealFilter, deals: Any) -> Any:
    """*deals* by the conditions of *query* that hold whatever the moment: attributes and own fields."""
    deals = query.apply_attributes(deals)
    if query.where:
        deals = apply(deals, query.tree(), known_fields(query.asker), query.asker)
    return deals


def _condition(field: Field, values: list[str]) -> Condition:
    if field.kind == Kind.FLAG:
        return Condition(field.name, "yes" if "yes" in values else "no")
    return Condition(field.name, "any" if field.kind == Kind.CHOICES else "in", tuple(values))
