"""How cards are laid out: which groups and fields, in what order; what is required at creation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from voronka.core.errors import Refused
from voronka.core.tenancy import require_workspace_id
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


@dataclass(frozen=True)
class Demands:
    """What has to be given when a card of the subject is made: own fields, and names of built-in ones by funnel."""

    subject: str
    fields: list[CustomField]
    by_funnel: dict[int | None, list[str]]

    def own(self, funnel_id: int | None) -> list[CustomField]:
        """The required own fields of this funnel."""
        return [row for row in self.fields if not row.funnel_ids or funnel_id in row.funnel_ids]

    def built_in(self, funnel_id: int | None) -> dict[str, str]:
        """Name -> label; the rule of a funnel goes before that of all."""
        names = self.by_funnel.get(funnel_id, self.by_funnel.get(None, []))
        if not names:
            return {}
        declared = get_subject(self.subject)
        labels = declared.built_in()
        return {name: str(labels[name]) for name in names if name in declared.may_require}


def demands_of(subject: str) -> Demands:
    """All demands in one question: forms and verbs of creation ask it each time."""
    workspace_id = require_workspace_id()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 'field', to_jsonb(f) FROM desk_customfield f WHERE workspace_id = %s AND subject = %s "
            "AND archived_at IS NULL AND required_at_creation UNION ALL "
            "SELECT 'layout', to_jsonb(l) FROM desk_cardlayout l WHERE workspace_id = %s AND subject = %s "
            "AND role_id IS NULL",
            [workspace_id, subject, workspace_id, subject],
        )
        rows = [(what, json.loads(text)) for what, text in cursor.fetchall()]
    fields = sorted(
        (CustomField(**row) for what, row in rows if what == "field"), key=lambda one: (one.order, one.pk)
    )
    layouts = {row["funnel_id"]: row["required"] for what, row in rows if what == "layout"}
    return Demands(subject, fields, layouts)


def require_given(
    subject: str,
    values: Mapping[str, Any],
    *,
    funnel_id: int | None = None,
    built_in: Mapping[str, Any] | None = None,
) -> None:
    """What has to be given at creation is given: own fields in *values*, those of the layouts in *built_in*.

    Raises `Refused` naming the first that is missing.
    """
    demands = demands_of(subject)
    for field in demands.own(funnel_id):
        if values.get(field.name) is None:
            raise Refused(_("Fill in “%(field)s”.") % {"field": field.label}, field=field.name)
    for name, label in demands.built_in(funnel_id).items() if built_in else ():
        if name in built_in and built_in[name] in (None, "", [], ()):
            raise Refused(_("Fill in “%(field)s”.") % {"field": label}, field=name)
