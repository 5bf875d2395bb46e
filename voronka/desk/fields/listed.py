"""Own fields in lists: columns, filters, sorting, editing in the cell (see `desk.lists`)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import BigIntegerField, CharField, Count, DateField, DecimalField, OuterRef, Q, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from voronka.desk.fields.models import LINKED, CustomField, FieldKind, FieldOption
from voronka.desk.fields.registry import rows_of
from voronka.desk.fields.values import Names, fields_of
from voronka.desk.lists.conditions import ME, MY_TEAM, NOTHING, Condition
from voronka.desk.lists.fields import Field, Kind, names_in
from voronka.desk.lists.registry import complete_custom_fields, provide_custom_fields
from voronka.workspaces.models import Member

# Longer lists are asked for by what is typed (`source`).
SHORT_LIST = 50
WIDTHS = {FieldKind.LONGTEXT: 280, FieldKind.TEXT: 200, FieldKind.CHOICES: 220, FieldKind.FLAG: 100}
KINDS = {
    FieldKind.TEXT: Kind.TEXT,
    FieldKind.LONGTEXT: Kind.LONGTEXT,
    FieldKind.LINK: Kind.LINK,
    FieldKind.NUMBER: Kind.NUMBER,
    FieldKind.MONEY: Kind.MONEY,
    FieldKind.DATE: Kind.DATE,
    FieldKind.FLAG: Kind.FLAG,
    FieldKind.CHOICE: Kind.DICTIONARY,
    FieldKind.CHOICES: Kind.CHOICES,
    FieldKind.MEMBER: Kind.MEMBER,
    FieldKind.PERSON: Kind.PERSON,
    FieldKind.COMPANY: Kind.COMPANY,
}
SOURCES = {FieldKind.PERSON: "people", FieldKind.COMPANY: "companies"}


@provide_custom_fields
def custom_fields(subject: str) -> list[Field]:
    """The fields in use of *subject*, ready for a list."""
    rows = fields_of(subject)
    short = _short_lists(rows)
    return [_field(row, short.get(row.pk)) for row in rows]


@complete_custom_fields
def with_words(subject: str, rows: list[Any], member: Member) -> None:
    """Write the words of all own values of a page onto its rows, in a fixed number of queries."""
    fields = fields_of(subject)
    if not fields:
        return
    names = Names(member)
    for row in rows:
        for field in fields:
            names.collect(field, row.custom.get(field.key))
    for row in rows:
        row.own_words = {field.key: names.text(field, row.custom.get(field.key)) for field in fields}


def _short_lists(rows: Sequence[CustomField]) -> dict[int, list[tuple[int, str]]]:
    """Field id -> its options in use, for the fields that have few."""
    with_options = [row.pk for row in rows if row.has_options]
    if not with_options:
        return {}
    options = FieldOption.objects.filter(field__in=with_options, archived_at=None)
    counts = options.order_by().values("field").annotate(count=Count("pk"))
    short = [row["field"] for row in counts if row["count"] <= SHORT_LIST]
    found: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    for field_id, pk, name in options.filter(field__in=short).values_list("field", "pk", "name"):
        found[field_id].append((pk, name))
    empty = set(with_options) - {row["field"] for row in counts}
    return {**{pk: [] for pk in empty}, **found}


def _field(row: CustomField, options: list[tuple[int, str]] | None) -> Field:
    kind = FieldKind(row.kind)
    text = KeyTextTransform(row.key, "custom", output_field=CharField())
    column: Any = text
    sort: Any = ""
    source = SOURCES.get(kind, "")
    names: Callable[[list[str]], dict[str, str]] | None = None
    if kind in (FieldKind.NUMBER, FieldKind.MONEY):
        column = Cast(text, DecimalField(max_digits=30, decimal_places=6))
    elif kind == FieldKind.DATE:
        column = Cast(text, DateField())
    elif row.has_options:
        names = names_in(FieldOption)
        source = "" if options is not None else f"field-{row.pk}"
        if kind == FieldKind.CHOICE:
            sort = _name_of(FieldOption, row.key)
    elif kind == FieldKind.MEMBER:
        names, sort = names_in(Member), _name_of(Member, row.key, "name")
        options = list(Member.objects.active().values_list("pk", "name"))
    elif kind in LINKED:
        names = _names_of(kind)
    return Field(
        row.name,
        row.label,
        KINDS[kind],
        column=column,
        sort=sort,
        options=None if options is None else (lambda: options),
        names=names,
        source=source,
        condition=_condition_of(row) if row.has_options or kind in LINKED or kind == FieldKind.FLAG else None,
        show=_shower(row),
        raw=_raw_of(row),
        sortable=kind not in (FieldKind.CHOICES, FieldKind.LONGTEXT, FieldKind.PERSON, FieldKind.COMPANY),
        editable=True,
        total=kind in (FieldKind.NUMBER, FieldKind.MONEY),
        group=row.group or _("Own fields"),
        width=WIDTHS.get(kind, 160),
        is_custom=True,
    )


def _names_of(kind: FieldKind) -> Callable[[list[str]], dict[str, str]]:
    def names(values: list[str]) -> dict[str, str]:
        ids = [int(value) for value in values if value.isdecimal() and len(value) < 19]
        return {
            str(pk): name for pk, name in rows_of(kind, None).filter(pk__in=ids).values_list("pk", "name")
        }

    return names


def _name_of(model: Any, key: str, column: str = "name_key") -> Subquery:
    """The name of what a value points at, for sorting."""
    wanted = Cast(KeyTextTransform(key, OuterRef("custom")), BigIntegerField())
    return Subquery(model.objects.filter(pk=wanted).values(column)[:1], output_field=CharField())


def _raw_of(row: CustomField) -> Callable[[Any], Any]:
    def raw(obj: Any) -> Any:
        value = obj.custom.get(row.key)
        return ",".join(map(str, value)) if isinstance(value, list) else value

    return raw


def _shower(row: CustomField) -> Callable[[Any], Any]:
    def show(obj: Any) -> Any:
        value = obj.custom.get(row.key)
        if value is None:
            return None
        if row.kind in (FieldKind.NUMBER, FieldKind.MONEY):
            return Decimal(value)
        if row.kind == FieldKind.DATE:
            return dt.date.fromisoformat(value)
        if row.kind == FieldKind.FLAG:
            return value
        words = getattr(obj, "own_words", None)
        if words is None:
            names = Names()
            names.collect(row, value)
            return names.text(row, value)
        return words[row.key]

    return show


def _condition_of(row: CustomField) -> Callable[[Condition, Member | None], Q]:
    """Conditions that an index over the whole column answers: `custom @> {"key": 5}`."""
    many = row.kind == FieldKind.CHOICES

    def having(value: Any) -> Q:
        # `~Q(custom={})` says nothing new, but lets the partial index be used.
        return Q(custom__contains={row.key: [value] if many else value}) & ~Q(custom={})

    given = Q(custom__has_key=row.key)

    def condition(asked: Condition, member: Member | None) -> Q:
        if asked.op in ("filled", "empty"):
            return given if asked.op == "filled" else ~given
        if row.kind == FieldKind.FLAG:
            return having(asked.op == "yes")
        found = Q() if asked.op == "all" else Q(pk__in=[])
        for value in _values(asked, member):
            one = ~given if value is None else having(value)
            found = found & one if asked.op == "all" else found | one
        return ~found if asked.op in ("out", "none") else found

    return condition


def _values(asked: Condition, member: Member | None) -> list[int | None]:
    found: list[int | None] = []
    for value in asked.values:
        if value == NOTHING:
            found.append(None)
        elif value == ME:
            found += [member.pk] if member else []
        elif value == MY_TEAM:
            teams = member.team_ids if member else frozenset()
            found += list(Member.objects.filter(team_id__in=teams).values_list("pk", flat=True))
            found += [member.pk] if member else []
        elif value.isascii() and value.isdecimal():
            found.append(int(value))
    return found
