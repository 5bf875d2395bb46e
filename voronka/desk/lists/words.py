"""A filter told in words: «Сумма: от 1 000 000», «Ответственный: я или Анна», «до сегодня»."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from voronka.core import formats
from voronka.core.periods import period_label
from voronka.desk.lists import relative
from voronka.desk.lists.conditions import (
    IN_DAYS,
    ME,
    MY_TEAM,
    NOTHING,
    Condition,
    Group,
    as_day,
    as_number,
)
from voronka.desk.lists.fields import NUMBERS, TEXTS, TIMES, Field, Kind

# What an operator is called in the builder.
OPS: dict[str, str | Promise] = {
    "contains": pgettext_lazy("condition", "contains"),
    "lacks": pgettext_lazy("condition", "does not contain"),
    "begins": pgettext_lazy("condition", "begins with"),
    "is": pgettext_lazy("condition", "is"),
    "not": pgettext_lazy("condition", "is not"),
    "filled": pgettext_lazy("condition", "is given"),
    "empty": pgettext_lazy("condition", "is empty"),
    "ge": pgettext_lazy("condition", "at least"),
    "le": pgettext_lazy("condition", "at most"),
    "between": pgettext_lazy("condition", "between"),
    "eq": pgettext_lazy("condition", "equals"),
    "ne": pgettext_lazy("condition", "does not equal"),
    "period": pgettext_lazy("condition", "in the period"),
    "on": pgettext_lazy("condition", "on the day"),
    "before": pgettext_lazy("condition", "before"),
    "after": pgettext_lazy("condition", "after"),
    "last": pgettext_lazy("condition", "in the last days"),
    "next": pgettext_lazy("condition", "in the next days"),
    "older": pgettext_lazy("condition", "longer ago than, days"),
    "later": pgettext_lazy("condition", "later than in, days"),
    "yes": pgettext_lazy("condition", "yes"),
    "no": pgettext_lazy("condition", "no"),
    "in": pgettext_lazy("condition", "is one of"),
    "out": pgettext_lazy("condition", "is none of"),
    "any": pgettext_lazy("condition", "has any of"),
    "all": pgettext_lazy("condition", "has all of"),
    "none": pgettext_lazy("condition", "has none of"),
}
OP_ME, OP_MY_TEAM = gettext_lazy("me"), gettext_lazy("my team")


def told(item: Condition | Group, fields: Mapping[str, Field]) -> str:
    """A condition or a group in words; conditions on unknown fields are silent."""
    if isinstance(item, Condition):
        field = fields.get(item.field)
        return condition_told(item, field) if field else ""
    parts = [
        f"({text})" if isinstance(part, Group) and len(part.items) > 1 else text
        for part in item.items
        if (text := told(part, fields))
    ]
    joint = _("%(one)s or %(other)s") if item.joined == "or" else _("%(one)s and %(other)s")
    text = ""
    for part in parts:
        text = joint % {"one": text, "other": part} if text else part
    return text


def condition_told(condition: Condition, field: Field) -> str:
    """«Label: value» in words."""
    label, op = str(field.label), condition.op
    if field.kind == Kind.FLAG:
        return label if op == "yes" else _("not: %(label)s") % {"label": label}
    value = value_told(condition, field)
    return f"{label}: {value}" if value else label


def value_told(condition: Condition, field: Field) -> str:
    """What a condition asks of its field."""
    op, values = condition.op, condition.values
    if op == "filled":
        return pgettext("condition", "is given")
    if op == "empty":
        return pgettext("condition", "is empty")
    if field.kind in TEXTS:
        text = f"«{values[0]}»"
        return {
            "contains": text,
            "lacks": _("without %(text)s") % {"text": text},
            "begins": _("begins with %(text)s") % {"text": text},
            "is": f"= {text}",
            "not": f"≠ {text}",
        }[op]
    if field.kind == Kind.DAYS:
        days = ngettext("%(count)s day", "%(count)s days", int(values[0])) % {
            "count": formats.number(int(values[0]))
        }
        return f"≥ {days}" if op == "ge" else f"≤ {days}"
    if field.kind in NUMBERS:
        return _number(op, values)
    if field.kind in TIMES:
        return _time(op, values)
    texts = field.texts_of([value for value in values if value not in (ME, MY_TEAM, NOTHING)])
    special = {ME: str(OP_ME), MY_TEAM: str(OP_MY_TEAM), NOTHING: _("not given")}
    named = [texts.get(value) or (special[value] if value in special else _("not found")) for value in values]
    shown = named if len(named) <= 4 else [*named[:3], _("%(count)s more") % {"count": len(named) - 3}]
    if op == "all":
        return " + ".join(shown)
    text = ", ".join(shown)
    return _("except %(what)s") % {"what": text} if op in ("out", "none") else text


def _number(op: str, values: tuple[str, ...]) -> str:
    shown = [formats.number(as_number(value)) if value else "" for value in values]
    if op == "between":
        if not shown[0]:
            return f"≤ {shown[1]}"
        return f"{shown[0]} – {shown[1]}" if shown[1] else f"≥ {shown[0]}"
    return {"ge": "≥", "le": "≤", "eq": "=", "ne": "≠"}[op] + f" {shown[0]}"


def _time(op: str, values: tuple[str, ...]) -> str:
    if op == "period":
        return str(relative.PERIODS[values[0]])
    if op in IN_DAYS:
        days = ngettext("%(count)s day", "%(count)s days", int(values[0])) % {
            "count": formats.number(int(values[0]))
        }
        said = {
            "last": _("in the last %(days)s"),
            "next": _("in the next %(days)s"),
            "older": _("more than %(days)s ago"),
            "later": _("later than in %(days)s"),
        }
        return said[op] % {"days": days}
    ends = [as_day(value) for value in values]
    named = [period_label(day, day) if day else "" for day in ends]
    if op == "between":
        if ends[0] and ends[1]:
            return period_label(ends[0], max(ends[0], ends[1]))
        return _("from %(day)s") % {"day": named[0]} if ends[0] else _("until %(day)s") % {"day": named[1]}
    said = {"on": "%(day)s", "before": _("before %(day)s"), "after": _("after %(day)s")}
    return said[op] % {"day": named[0]}
