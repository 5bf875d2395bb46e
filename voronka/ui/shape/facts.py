"""Own fields on cards, ready to be edited in place, in the groups of the card's layout."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from voronka.desk.fields.layouts import groups_of
from voronka.desk.fields.models import CustomField, FieldKind
from voronka.desk.fields.values import Names, fields_of
from voronka.ui.navigation import workspace_url

NOTHING = ("", "—")
_TYPES = {
    FieldKind.LONGTEXT: "textarea",
    FieldKind.NUMBER: "number",
    FieldKind.MONEY: "money",
    FieldKind.DATE: "date",
    FieldKind.FLAG: "select",
}
# Whose rights of fields speak of this subject.
RIGHTS_OF = {"company": "client", "person": "client"}

# Cards whose labels open the past of the field.
_WITH_PAST = ("deal", "company", "person")

Fact = dict[str, Any]


@dataclass(frozen=True)
class FactGroup:
    """A group on a card; `title` "" is the card's own first one."""

    title: str
    facts: list[Fact]
    collapsed: bool


def fact_groups(
    request: HttpRequest,
    subject: str,
    row: Any,
    built_in: Callable[[str, bool], Fact],
    *,
    may_edit: bool,
    funnel_id: int | None = None,
) -> list[FactGroup]:
    """The groups of the card of *row*; `built_in(name, may_edit)` makes the fact of a built-in field.

    Hidden fields are left out, what the role may only read cannot be edited. The first group is always there.
    """
    member = request.member  # type: ignore[attr-defined]
    rights = RIGHTS_OF.get(subject, subject)
    hidden, readonly = member.hidden_fields(rights), member.readonly_fields(rights)
    fields = fields_of(subject, funnel_id=funnel_id)
    laid_out = groups_of(subject, role_id=member.role_id, funnel_id=funnel_id, fields=fields, hidden=hidden)
    by_name = {field.name: field for field in fields}
    shown = {name for group in laid_out for name in group.names}
    names = Names(member)
    for field in fields:
        if field.name in shown:
            names.collect(field, row.custom.get(field.key))
    made = []
    for group in laid_out:
        facts = []
        for name in group.names:
            editable = may_edit and name not in readonly
            if field := by_name.get(name):  # type: ignore[assignment]
                facts.append(own_fact(request, row, field, names, may_edit=editable))
            else:
                facts.append(built_in(name, editable))
        made.append(FactGroup(group.title, facts, group.collapsed))
    if not made or made[0].title:
        made.insert(0, FactGroup("", [], False))
    return made


def own_fact(request: HttpRequest, row: Any, field: CustomField, names: Names, *, may_edit: bool) -> Fact:
    """The context of `components/inline.html` for one own field of *row*."""
    slug = request.workspace.slug  # type: ignore[attr-defined]
    value = row.custom.get(field.key)
    shown = names.text(field, value)
    fact: Fact = {
        "label": field.label,
        "field": field.name,
        "value": raw(value),
        "shown": shown,
        "hint": field.help,
        "href": value if field.kind == FieldKind.LINK and value else "",
        "url": workspace_url("own_edit", slug, field.subject, row.pk),
        "past": workspace_url("field_past", slug, field.subject, row.pk, field.name)
        if field.subject in _WITH_PAST
        else "",
        "type": _TYPES.get(FieldKind(field.kind), "text"),
        "may_edit": may_edit,
    }
    return fact | control(request, field, value, names) if may_edit else fact


def control(request: HttpRequest, field: CustomField, value: Any, names: Names) -> dict[str, Any]:
    """How the value is chosen, for kinds with something to choose from."""
    slug = request.workspace.slug  # type: ignore[attr-defined]
    if field.kind == FieldKind.FLAG:
        return {"type": "select", "options": [NOTHING, ("true", _("yes")), ("false", _("no"))]}
    if source := source_of(slug, field):
        chosen = value if isinstance(value, list) else [] if value is None else [value]
        many = field.kind == FieldKind.CHOICES
        options = [(pk, names.text(field, [pk] if many else pk)) for pk in chosen]
        return {
            "type": "combobox",
            "source": source,
            "multiple": many,
            "options": options if many else [NOTHING, *options],
        }
    return {}


def source_of(slug: str, field: CustomField) -> str:
    """The address that is asked for what to choose from; "" for kinds without."""
    if field.has_options:
        return workspace_url("field_choices", slug, field.pk)
    if field.kind == FieldKind.MEMBER:
        return workspace_url("colleague_choices", slug)
    if field.kind == FieldKind.COMPANY:
        return workspace_url("companies_options", slug)
    if field.kind == FieldKind.PERSON:
        return workspace_url("people_options", slug)
    return ""


def raw(value: Any) -> str:
    """A stored value as a form posts it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
