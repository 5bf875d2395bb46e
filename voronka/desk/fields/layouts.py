"""How cards are laid out: which groups and fields, in what order; what is required at creation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from voronka.desk.fields.models import CardLayout, CustomField
from voronka.desk.fields.registry import get_subject


@dataclass(frozen=True)
class CardGroup:
    """A group as the card draws it; `title` "" is the card's own first one. `names`: built-in and `x_…`."""

    title: str
    names: list[str]
    collapsed: bool = False


def layout_for(subject: str, *, role_id: int | None, funnel_id: int | None) -> CardLayout | None:
    """The most special layout there is: of role and funnel, of the funnel, of the role, of everybody."""
    rows = [
        row
        for row in CardLayout.objects.filter(subject=subject)
        if row.role_id in (None, role_id) and row.funnel_id in (None, funnel_id)
    ]
    rows.sort(key=lambda row: (row.funnel_id is not None, row.role_id is not None))
    return rows[-1] if rows else None


def groups_of(
    subject: str,
    *,
    role_id: int | None,
    funnel_id: int | None,
    fields: list[CustomField],
    hidden: frozenset[str] = frozenset(),
) -> list[CardGroup]:
    """The groups of a card: as laid out; fields that no layout has placed stand in groups of their own."""
    placed = get_subject(subject).placed
    layout = layout_for(subject, role_id=role_id, funnel_id=funnel_id)
    return arranged(placed, fields, layout.groups if layout else None, hidden)


def arranged(
    placed: tuple[str, ...],
    fields: list[CustomField],
    groups: list[Mapping[str, Any]] | None,
    hidden: frozenset[str] = frozenset(),
) -> list[CardGroup]:
    """`groups_of` without the database: *groups* as `CardLayout.groups`, None for no layout."""
    known = [*placed, *(field.name for field in fields)]
    if groups is not None:
        result = [
            CardGroup(
                group["title"],
                [name for name in group["fields"] if name in known and name not in hidden],
                bool(group.get("collapsed")),
            )
            for group in groups
        ]
        return [group for group in result if group.names or not group.title]
    by_title: dict[str, list[str]] = {"": [name for name in placed if name not in hidden]}
    for field in fields:
        if field.name not in hidden:
            by_title.setdefault(field.group, []).append(field.name)
    return [CardGroup(title, names) for title, names in by_title.items()]


def required_built_in(subject: str, *, funnel_id: int | None) -> dict[str, str]:
    """Names of built-in fields that must be given at creation -> their labels; a funnel's rule goes before all's."""
    rows = {
        row.funnel_id: row.required
        for row in CardLayout.objects.filter(subject=subject, role=None)
        if row.funnel_id in (None, funnel_id)
    }
    names = rows.get(funnel_id, rows.get(None, []))
    declared = get_subject(subject)
    labels = declared.built_in()
    return {name: str(labels[name]) for name in names if name in declared.may_require}
