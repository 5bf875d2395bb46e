"""A field's kind changed with its values: each is turned by what it says, or named as one that cannot be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from voronka.core.errors import Refused
from voronka.core.parsing import Unreadable
from voronka.core.text import fold
from voronka.desk.dictionaries.events import locked_row
from voronka.desk.fields import events
from voronka.desk.fields.models import LINKED, WITH_OPTIONS, CustomField, FieldKind, FieldOption
from voronka.desk.fields.options import make_options
from voronka.desk.fields.values import Names, read
from voronka.desk.fields.writing import hold_alone, keep, kept_values, write_values
from voronka.journal.actions import recording
from voronka.workspaces.models import Member

SAMPLE = 3


@dataclass
class Turned:
    """What a change of kind would do: row id -> stored value of the new kind; texts of values that cannot be."""

    before: dict[int, Any]
    after: dict[int, Any] = field(default_factory=dict)
    stuck: dict[int, str] = field(default_factory=dict)


def possible_kinds(kind: str) -> list[FieldKind]:
    """The kinds that a field of *kind* may be given: all but those that point at cards."""
    return [one for one in FieldKind if one != kind and one not in (FieldKind.PERSON, FieldKind.COMPANY)]


@transaction.atomic
def change_kind(custom: CustomField, kind: str, *, actor: Member | None, drop: bool = False) -> CustomField:
    """Let the field hold another kind of value, and turn what is said in it already.

    Raises `Refused`, nothing changed, when values stand in the way and *drop* does not say to put them aside;
    undo brings all of them back. A list of choices is made of the texts that are there.
    """
    events.require_configure(actor)
    hold_alone()
    row = locked_row(CustomField, custom.pk)
    if row.kind == kind:
        return row
    if kind not in possible_kinds(row.kind):
        raise Refused(_("A field cannot be turned into this kind: add a new one."), field="kind")
    old_options = set(FieldOption.objects.filter(field=row).values_list("pk", flat=True))
    turned = turn(row, kind, make=True)
    if turned.stuck and not drop:
        raise Refused(in_the_way(turned), field="kind")
    made = [
        pk
        for pk in FieldOption.objects.filter(field=row).values_list("pk", flat=True)
        if pk not in old_options
    ]
    payload = events.FieldKindChanged(
        field=row.pk,
        label=row.label,
        was=row.kind,
        now=kind,
        converted=len(turned.after),
        dropped=len(turned.stuck),
        options=made,
    )
    with recording(payload, actor=actor, subjects=[("field", row.pk), ("fields", 1)]) as event:
        keep(event, row.subject, row.key, turned.before, turned.after)
        write_values(row.subject, row.key, {pk: turned.after.get(pk) for pk in turned.before})
        row.kind = kind
        row.save(update_fields=["kind"])
    return row


def in_the_way(turned: Turned) -> str:
    """The sentence that says how many values cannot be turned, with the first of them."""
    texts = ", ".join(f"«{text}»" for text in list(dict.fromkeys(turned.stuck.values()))[:SAMPLE])
    count = len(turned.stuck)
    return ngettext(
        "%(count)s value cannot be turned: %(texts)s.", "%(count)s values cannot be turned: %(texts)s.", count
    ) % {"count": count, "texts": texts}


def turn(row: CustomField, kind: str, *, make: bool) -> Turned:
    """Turn every value of the field into *kind*; with *make* new choices are written, else only counted."""
    turned = Turned(kept_values(row.subject, row.key))
    texts = _texts(row, turned.before)
    if kind in WITH_OPTIONS and row.kind in WITH_OPTIONS:
        _between_lists(turned, texts, kind)
    elif kind in WITH_OPTIONS:
        _to_list(row, turned, texts, kind, make=make)
    elif kind in LINKED:
        _to_members(turned, texts)
    else:
        for pk, text in texts.items():
            _put(turned, pk, text, kind)
    return turned


def _put(turned: Turned, pk: int, text: str, kind: str) -> None:
    try:
        value = read(kind, text)
    except Unreadable:
        value = None
    if value is None or (kind == FieldKind.TEXT and "\n" in text):
        turned.stuck[pk] = text[:60]
    else:
        turned.after[pk] = value


def _texts(row: CustomField, values: Mapping[int, Any]) -> dict[int, str]:
    """What each value says, as a program would write it: numbers and sums bare."""
    if row.kind in (FieldKind.NUMBER, FieldKind.MONEY, FieldKind.TEXT, FieldKind.LONGTEXT, FieldKind.LINK):
        return {pk: str(value) for pk, value in values.items()}
    names = Names()
    for value in values.values():
        names.collect(row, value)
    return {pk: names.text(row, value) for pk, value in values.items()}


def _between_lists(turned: Turned, texts: Mapping[int, str], kind: str) -> None:
    for pk, value in turned.before.items():
        if kind == FieldKind.CHOICES:
            turned.after[pk] = [value]
        elif len(value) == 1:
            turned.after[pk] = value[0]
        else:
            turned.stuck[pk] = texts[pk][:60]


def _to_list(row: CustomField, turned: Turned, texts: Mapping[int, str], kind: str, *, make: bool) -> None:
    fit = {pk: text for pk, text in texts.items() if text and len(text) <= 150 and "\n" not in text}
    turned.stuck.update({pk: text[:60] for pk, text in texts.items() if pk not in fit})
    if make:
        make_options(row, fit.values())
    ids = dict(FieldOption.objects.filter(field=row).values_list("name_key", "pk"))
    for pk, text in fit.items():
        option = ids.get(fold(text)[:150], 0)
        turned.after[pk] = [option] if kind == FieldKind.CHOICES else option


def _to_members(turned: Turned, texts: Mapping[int, str]) -> None:
    by_name = _unique(Member.objects.values_list("pk", "name"))
    for pk, text in texts.items():
        found = by_name.get(fold(text))
        if found is None:
            turned.stuck[pk] = text[:60]
        else:
            turned.after[pk] = found


def _unique(pairs: Iterable[tuple[int, str]]) -> dict[str, int]:
    """Folded name -> id, without names that several bear."""
    found: dict[str, int] = {}
    twice: set[str] = set()
    for pk, name in pairs:
        key = fold(name)
        twice |= {key} & found.keys()
        found[key] = pk
    return {key: pk for key, pk in found.items() if key not in twice}
