"""The part of the deal filter that reports understand, and its choices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from voronka.core.edits import PREFIX
from voronka.deals.filters import DealFilter, known_fields
from voronka.desk.lists.conditions import Condition, Group, apply, parse, tidied
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
# Facts of a deal that hold whatever the moment; own fields are such, too. What changes with time (stage, owner, sum,
# dates) a report reads from the history.
TIMELESS = frozenset(
    {
        "number",
        "title",
        "kind",
        "priority",
        "interest",
        "source",
        "product",
        "product_group",
        "tags",
        "company",
        "person",
        "segment",
        "region",
        "industry",
        "created_by",
    }
)
# Kinds of own fields that part deals into few lots.
# How a list of choices asks.
LISTED = frozenset({"in", "any", "yes", "no"})
_PARTING = frozenset({Kind.DICTIONARY, Kind.CHOICES, Kind.FLAG, Kind.MEMBER})


def report_filter(params: Mapping[str, Any], member: Member | None = None) -> DealFilter:
    """The conditions of a report from a query string; whatever else it holds is ignored.

    `where` is a tree of conditions as lists have it, on what holds whatever the moment; own fields of deals may also
    come as `x_<key>` values, and are kept in the tree.
    """
    found = DealFilter.from_params(params, member)
    kept = found.only(REPORT_FIELDS)
    given = [name for name in params if name.startswith(PREFIX)]
    if not given and not found.where:
        return kept
    dimensions = own_dimensions(member)
    known = report_fields(member)
    kept_tree = parse(found.where, known).where
    asked = [
        item
        for item in (kept_tree.items if kept_tree.joined == "and" else (kept_tree,))
        if not (isinstance(item, Condition) and item.field in given)
    ]
    for name in given:
        values = params.getlist(name) if hasattr(params, "getlist") else [params[name]]
        values = [value for value in values if value]
        if name in dimensions and values:
            asked.append(_condition(dimensions[name], values))
    where = parse(Group("and", tuple(asked)), known).where
    return replace(kept, where=where.to_text())


def report_fields(member: Member | None) -> dict[str, Field]:
    """The fields of deals that conditions of a report may be about, as far as *member* sees them."""
    fields = known_fields(member)
    return {name: field for name, field in fields.items() if field.is_custom or name in TIMELESS}


def own_dimensions(member: Member | None) -> dict[str, Field]:
    """Own fields of deals that reports can be narrowed by, as far as *member* sees them."""
    fields = known_fields(member)
    return {name: field for name, field in fields.items() if field.is_custom and field.kind in _PARTING}


def chosen_of(query: DealFilter, name: str) -> list[str]:
    """The values of the own field *name* that *query* asks for in the way of a list of choices."""
    for item in _all_of(query):
        if isinstance(item, Condition) and item.field == name and item.op in LISTED:
            return list(item.values) or [item.op]
    return []


def rest_of(query: DealFilter, names: Iterable[str]) -> Group:
    """The conditions of *query* that lists of choices for the own fields *names* do not tell."""
    told = set(names)
    rest = tuple(
        item
        for item in _all_of(query)
        if not (isinstance(item, Condition) and item.field in told and item.op in LISTED)
    )
    return tidied(Group("and", rest))


def _all_of(query: DealFilter) -> tuple[Condition | Group, ...]:
    """The conditions in the tree of *query* that all must hold."""
    tree = query.tree() if query.where else Group()
    return tree.items if tree.joined == "and" else (tree,)


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
