"""Edits of one row by several people: what is changed really, and what somebody else changed first.

A form sends every value together with the one it was made from (`was_<field>`). Two people who change
different fields both succeed; two who change the same one do not overwrite each other silently.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from voronka.core import formats
from voronka.core.errors import Change, Conflict

# Names of a company's own fields begin so; their values stand in the column `custom`, by the rest of the name.
PREFIX = "x_"


def merge(
    obj: models.Model, changes: Mapping[str, Any], was: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What of *changes* is to be written to *obj* (already locked and fresh): attribute name -> new value.

    Keys are field names, `company` and `company_id` alike; values are model values, objects, or what a form
    sends. A value that is there already, or that the form was made from, is left out. Raises `Conflict` when a field differs both from what the
    form was made from (*was*) and from what it asks for; then nothing is to be written.
    """
    real: dict[str, Any] = {}
    conflicts: list[Change] = []
    for name, value in changes.items():
        field = _field_of(obj, name)
        attname = field.attname
        present = getattr(obj, attname)
        wanted = _clean(field, value)
        if wanted == present:
            continue
        if was is not None and name in was:
            basis = _clean(field, was[name])
            # A whole form sends every field: one that was not touched in it does not undo what others did.
            if wanted == basis:
                continue
            if basis != present:
                conflicts.append(Change(field=field.name, was=was[name], theirs=present, yours=wanted))
                continue
        real[attname] = wanted
    if conflicts:
        told = "; ".join(
            _("“%(field)s” is now “%(theirs)s”")
            % {"field": _label(obj, change.field), "theirs": shown(obj, change.field)}
            for change in conflicts
        )
        raise Conflict(
            _(
                "Somebody changed this while you were editing: %(told)s. Nothing was overwritten: check and save again."
            )
            % {"told": told},
            conflicts,
        )
    return real


def put(obj: models.Model, values: Mapping[str, Any]) -> list[str]:
    """Set *values* (attribute name -> value) on *obj*; return the columns to save."""
    columns: list[str] = []
    own: dict[str, Any] = {}
    for name, value in values.items():
        if name.startswith(PREFIX):
            own[name.removeprefix(PREFIX)] = value
        else:
            setattr(obj, name, value)
            columns.append(name)
    if own:
        kept = {**obj.custom, **own}  # type: ignore[attr-defined]
        obj.custom = {key: value for key, value in kept.items() if value is not None}  # type: ignore[attr-defined]
        columns.append("custom")
    return columns


def shown(obj: models.Model, field_name: str) -> str:
    """A field's present value as a person reads it: the related object's name, the label of a choice."""
    display = getattr(obj, f"get_{field_name}_display", None)
    value = display() if callable(display) else getattr(obj, field_name)
    if isinstance(value, Decimal):
        return formats.number(value)
    if isinstance(value, dt.datetime):
        return formats.short_datetime(value)
    if isinstance(value, dt.date):
        return formats.short_date(value)
    return "—" if value in (None, "") else str(value)


def snapshot(obj: models.Model, attnames: Mapping[str, Any]) -> dict[str, Any]:
    """The present values of the attributes in *attnames*, fit for an event's payload."""
    return {name: jsonable(getattr(obj, name)) for name in attnames}


def jsonable(value: Any) -> Any:
    """Dates, decimals and objects as JSON keeps them; `restore()` reads them back by the field's own rules."""
    if isinstance(value, models.Model):
        return value.pk
    return value if value is None or isinstance(value, bool | int | str | list | dict) else str(value)


def restored(obj: models.Model, attname: str, value: Any) -> Any:
    """The model value of what `jsonable()` kept of the attribute."""
    return _clean(_field_of(obj, attname), value)


class _OwnField:
    """Stands for a field of the company's own: its values arrive as they are stored (`desk.fields.clean`)."""

    def __init__(self, name: str) -> None:
        self.name = self.attname = self.verbose_name = name


def _field_of(obj: models.Model, name: str) -> Any:
    if name.startswith(PREFIX):
        return _OwnField(name)
    return obj._meta.get_field(name.removesuffix("_id") if _is_attname(obj, name) else name)


def _is_attname(obj: models.Model, name: str) -> bool:
    if not name.endswith("_id"):
        return False
    return any(f.attname == name and f.is_relation for f in obj._meta.concrete_fields)


def _clean(field: Any, value: Any) -> Any:
    if isinstance(field, _OwnField):
        return value
    if isinstance(value, models.Model):
        return value.pk
    if value == "" and field.null:
        return None
    if field.is_relation:
        return field.target_field.to_python(value)
    if isinstance(value, str):
        value = value.replace("\r\n", "\n")
    return field.to_python(value)


def _label(obj: models.Model, field_name: str) -> str:
    return str(_field_of(obj, field_name).verbose_name).capitalize()
