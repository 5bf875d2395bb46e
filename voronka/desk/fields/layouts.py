"""How cards are laid out: which groups and fields, in what order; what is required at creation."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from voronka.core.errors import Refused
from voronka.core.tenancy import require_workspace_id
from voronka.core.text import clean, length_problem
from voronka.desk.fields import events
from voronka.desk.fields.models import CardLayout, CustomField
from voronka.desk.fields.registry import FieldSubject, get_subject
from voronka.desk.fields.values import fields_of
from voronka.journal.actions import record
from voronka.workspaces.models import Member, Role


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
    given = built_in or {}
    for name, label in demands.built_in(funnel_id).items() if given else ():
        if name in given and given[name] in (None, "", [], ()):
            raise Refused(_("Fill in “%(field)s”.") % {"field": label}, field=name)


@transaction.atomic
def save_layout(
    subject: str,
    *,
    actor: Member | None,
    groups: Sequence[Mapping[str, Any]] | None,
    required: Iterable[str] = (),
    role: Role | None = None,
    funnel_id: int | None = None,
) -> CardLayout | None:
    """Lay the card out for a role, a funnel, both, or (neither) everybody; None for *groups* forgets the layout.

    *groups* as in `CardLayout.groups`; what they do not name is not shown. Only a layout for all roles says what is
    *required*. Raises `Refused` for names that are not on the card, `Forbidden`.
    """
    events.require_configure(actor)
    declared = get_subject(subject)
    row = (
        CardLayout.objects.select_for_update(of=("self",))
        .filter(subject=subject, role=role, funnel_id=funnel_id)
        .first()
    )
    before = None if row is None else {"groups": row.groups, "required": row.required}
    after = None if groups is None else _laid_out(declared, groups, required if role is None else ())
    if before == after:
        return row
    if after is None:
        CardLayout.objects.filter(pk=row.pk if row else None).delete()
        row = None
    else:
        row, _made = CardLayout.objects.update_or_create(
            subject=subject, role=role, funnel_id=funnel_id, defaults=after
        )
    payload = events.LayoutSaved(
        subject=subject,
        title=str(declared.title),
        role=role.pk if role else None,
        funnel=funnel_id,
        before=before,
        after=after,
    )
    record(payload, actor=actor, subjects=[("fields", 1)])
    return row


def _laid_out(
    declared: FieldSubject, groups: Sequence[Mapping[str, Any]], required: Iterable[str]
) -> dict[str, Any]:
    known = {*declared.placed, *(field.name for field in fields_of(declared.code))}
    seen: set[str] = set()
    made = []
    for group in groups:
        names = [name for name in group["fields"] if name not in seen]
        if not known.issuperset(names):
            raise Refused(_("The fields have changed meanwhile. Reload the page and try again."))
        seen.update(names)
        title = clean(group["title"])
        if problem := length_problem(title, 100):
            raise Refused(problem)
        if names or not title:
            made.append({"title": title, "collapsed": bool(group.get("collapsed")), "fields": names})
    return {
        "groups": made,
        "required": [name for name in declared.may_require if name in set(required)],
    }
