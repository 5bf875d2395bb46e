"""How changes of clients read in the feed: field names and values in the reader's language."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from voronka.clients.industries import industry_name
from voronka.clients.models import Company, Person, Position
from voronka.clients.regions import region_name
from voronka.core.edits import PREFIX
from voronka.core.formats import numeric_date

EMPTY = "—"


def company_changes(payload: Any) -> dict[str, Any]:
    """Values for the sentence of `company.edited`."""
    return {**dataclasses.asdict(payload), "what": _names(Company, payload)}


def company_changes_body(payload: Any) -> str:
    """One line per changed field of a company: «ИНН: — → 7707083893»."""
    return _lines(Company, payload)


def person_changes(payload: Any) -> dict[str, Any]:
    """Values for the sentence of `person.edited`."""
    return {**dataclasses.asdict(payload), "what": _names(Person, payload)}


def person_changes_body(payload: Any) -> str:
    """One line per changed field of a person."""
    return _lines(Person, payload)


def position_changes(payload: Any) -> dict[str, Any]:
    """Values for the sentence of `position.edited`: «Закупки → Директор по закупкам»."""
    told = [
        f"{shown(Position, name, pair[0])} → {shown(Position, name, pair[1])}"
        for name, pair in payload.changes.items()
        if name != "is_main"
    ]
    return {**dataclasses.asdict(payload), "what": "; ".join(told) or _("main place of work")}


def assignment(payload: Any) -> dict[str, Any]:
    """Values for the sentence of `*.assigned`."""
    before, after = (*payload.names, "", "")[:2]
    return {"before": before or EMPTY, "after": after or EMPTY}


def contact_change(payload: Any) -> dict[str, Any]:
    """Values for the sentence of `contact.edited`: the contact itself, else its label."""
    before, after = payload.changes.get("value") or payload.changes.get("label") or ["", ""]
    return {"before": before or EMPTY, "after": after or EMPTY}


def _field(model: type[models.Model], attname: str) -> Any:
    return model._meta.get_field(attname.removesuffix("_id"))


def _told(changes: dict[str, Any]) -> list[str]:
    # `name_key` follows the name; telling both would say one thing twice.
    return [attname for attname in changes if attname != "name_key"]


def _label(model: type[models.Model], payload: Any, attname: str) -> str:
    """The field's name; of an own field the one that it had then."""
    if attname.startswith(PREFIX):
        return payload.labels.get(attname) or attname.removeprefix(PREFIX)
    return str(_field(model, attname).verbose_name)


def _names(model: type[models.Model], payload: Any) -> str:
    names = [_label(model, payload, attname) for attname in _told(payload.changes)]
    return ", ".join(name[:1].lower() + name[1:] if not name[1:2].isupper() else name for name in names)


def _lines(model: type[models.Model], payload: Any) -> str:
    lines = []
    for attname in _told(payload.changes):
        old, new = payload.texts.get(attname) or [
            shown(model, attname, value) for value in payload.changes[attname]
        ]
        lines.append(f"{_label(model, payload, attname)}: {old or EMPTY} → {new or EMPTY}")
    return "\n".join(lines)


def shown(model: type[models.Model], attname: str, value: Any) -> str:
    """A value in words, `EMPTY` for none."""
    if value in (None, ""):
        return EMPTY
    if attname.startswith(PREFIX):
        return str(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    field = _field(model, attname)
    if attname == "region":
        return region_name(value) or str(value)
    if attname == "industry":
        return industry_name(value) or str(value)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, models.DateField):
        return numeric_date(field.to_python(value))
    return str(value)


def merged_body(payload: Any) -> str:
    """What the card that stays took over, and what of the other one it did not."""
    lines = [f"{label}: {before or EMPTY} → {after or EMPTY}" for _n, label, before, after in payload.taken]
    if payload.left:
        lines.append(_("Not taken over:"))
        lines += [f"{label}: {value}" for _n, label, value in payload.left]
    return "\n".join(lines)


def pair(payload: Any) -> dict[str, Any]:
    """Values for the sentence of `pair.dismissed`: «Ромашка» и «Лютик»."""
    return {"told": ", ".join(f"“{name}”" for name in payload.names)}
