"""What differs between two snapshots of the book, in words.

Rows are matched by `id`, else by name (a book that came as a file has no ids of ours). A room that adds a section or
says more of stages describes it with `describe()`; what nobody described is told by its bare names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from voronka.playbook.models import Channel, Criterion, FollowUp, ForecastCategory, Strictness
from voronka.workspaces.rights import RoleCode

Words = str | Promise
Show = Callable[[Any, Mapping[str, Any]], str]

ADDED: Final = "added"
REMOVED: Final = "removed"
CHANGED: Final = "changed"
MOVED: Final = "moved"


@dataclass(frozen=True)
class Change:
    """One difference. `where`: names from the outside in; *label* tells which field, "" where a whole row is meant."""

    kind: str
    where: tuple[str, ...]
    label: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Shape:
    """How rows of one list are told: what one is called, the fields that matter, lists inside it."""

    title: Words
    fields: Mapping[str, Words] = field(default_factory=dict)
    children: Mapping[str, Shape] = field(default_factory=dict)
    show: Mapping[str, Show] = field(default_factory=dict)
    name: Callable[[Mapping[str, Any], Mapping[str, Any]], str] | None = None


def _plain(value: Any, book: Mapping[str, Any]) -> str:
    if value is None or value == "" or value == []:
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return "; ".join(_plain(one, book) for one in value)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_plain(one, book)}" for key, one in value.items())
    return str(value)


def named(section: str) -> Show:
    """Show an id of *section* by its name there."""

    def show(value: Any, book: Mapping[str, Any]) -> str:
        return next((str(row["name"]) for row in book.get(section, []) if row["id"] == value), "—")

    return show


def _choice(labels: Mapping[str, Any]) -> Show:
    return lambda value, book: str(labels.get(value, value or "—"))


def role_title(code: str | None) -> str:
    """A role as people call it."""
    if not code:
        return "—"
    return str(RoleCode(code).label) if code in set(RoleCode) else code


def _percents(value: Any, book: Mapping[str, Any]) -> str:
    return ", ".join(f"{one} %" for one in value) or "—"


def criterion_words(row: Mapping[str, Any]) -> str:
    """A criterion as the book prints it."""
    from voronka.playbook.criteria import told

    try:
        return told(Criterion(kind=row["kind"], params=row["params"]))
    except (KeyError, ValueError):
        # An older version's parameters, or a field that is gone since.
        return str(row["kind"])


TASK: Final = Shape(
    gettext_lazy("Task"),
    {
        "text": gettext_lazy("What to do"),
        "kind": gettext_lazy("Kind"),
        "after_days": gettext_lazy("Working days after entering"),
        "role": gettext_lazy("Who does it"),
        "required": gettext_lazy("Required"),
        "script": gettext_lazy("How to do it"),
        "materials": gettext_lazy("Materials"),
    },
    show={"kind": named("kinds"), "role": lambda value, book: role_title(value)},
    name=lambda row, book: str(row["text"]),
)
CRITERION: Final = Shape(
    gettext_lazy("Exit criterion"),
    {"params": gettext_lazy("What must be so"), "strictness": gettext_lazy("If it is not")},
    show={"strictness": _choice(dict(Strictness.choices))},
    name=lambda row, book: criterion_words(row),
)
OBJECTION: Final = Shape(
    gettext_lazy("Objection"),
    {"text": gettext_lazy("What clients say"), "answer": gettext_lazy("What to answer")},
    name=lambda row, book: str(row["text"]),
)
STAGE: Final = Shape(
    gettext_lazy("Stage"),
    {
        "name": pgettext_lazy("of a thing", "Name"),
        "goal": gettext_lazy("Goal"),
        "result": gettext_lazy("Expected result"),
        "role": gettext_lazy("Responsible"),
        "limit_days": gettext_lazy("Time limit, working days"),
        "wip_limit": gettext_lazy("Deals on the board at most"),
        "probability": gettext_lazy("Probability, %"),
        "category": gettext_lazy("Forecast category"),
        "is_key": gettext_lazy("Key stage"),
        "remedies": gettext_lazy("Remedies"),
        "told_at": gettext_lazy("Tell the head when the deal has stood here for"),
        "escalates_after": gettext_lazy("Without a reaction tell the next head up after, working days"),
        "moves_itself": gettext_lazy("The deal moves on by itself"),
    },
    {"tasks": TASK, "criteria": CRITERION, "objections": OBJECTION},
    show={
        "category": _choice(dict(ForecastCategory.choices)),
        "role": lambda value, book: role_title(value),
        "told_at": _percents,
    },
)
_sections: dict[str, Shape] = {
    "groups": Shape(
        gettext_lazy("Product group"),
        {"name": pgettext_lazy("of a thing", "Name"), "parent": gettext_lazy("Inside the group")},
        show={"parent": named("groups")},
    ),
    "segments": Shape(
        gettext_lazy("Target group"),
        {"name": pgettext_lazy("of a thing", "Name"), "description": gettext_lazy("Description")},
    ),
    "cells": Shape(
        gettext_lazy("What is sold to whom"),
        {
            "buys_for": gettext_lazy("What they buy it for"),
            "chooses_by": gettext_lazy("By what they choose"),
            "steps": gettext_lazy("Their own steps of buying"),
        },
        name=lambda row, book: " → ".join(
            [named("groups")(row["group"], book), named("segments")(row["segment"], book)]
        ),
    ),
    "funnels": Shape(
        gettext_lazy("Funnel"),
        {
            "name": pgettext_lazy("of a thing", "Name"),
            "group": gettext_lazy("What we sell"),
            "segment": gettext_lazy("To whom"),
        },
        {"stages": STAGE},
        show={"group": named("groups"), "segment": named("segments")},
    ),
    "won_reasons": Shape(gettext_lazy("Reason for winning"), {"name": pgettext_lazy("of a thing", "Name")}),
    "lost_reasons": Shape(
        gettext_lazy("Reason for losing"),
        {
            "name": pgettext_lazy("of a thing", "Name"),
            "follow_up": gettext_lazy("What comes after a loss"),
            "return_days": gettext_lazy("Come back to the client in, days"),
            "return_to": gettext_lazy("Who comes back"),
        },
        show={"follow_up": _choice(dict(FollowUp.choices))},
    ),
    "kinds": Shape(
        gettext_lazy("Kind of activity"),
        {
            "name": pgettext_lazy("of a thing", "Name"),
            "channel": gettext_lazy("Nature"),
            "minutes": gettext_lazy("Usual length, minutes"),
        },
        show={"channel": _choice(dict(Channel.choices))},
    ),
}
_of_stages: dict[str, Shape] = {}


def describe(section: str, shape: Shape) -> None:
    """Say how rows of a section of another room are told (see `snapshot.section`)."""
    _sections[section] = shape


def describe_of_stages(name: str, shape: Shape) -> None:
    """Say how rows that another room adds to stages are told (see `snapshot.of_stages`)."""
    _of_stages[name] = shape


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """What turned *before* into *after*, in the order of the book."""
    found: list[Change] = []
    names = [*_sections, *sorted((set(before) | set(after)) - set(_sections) - {"format"})]
    for name in names:
        found += _compare(
            before.get(name), after.get(name), _sections.get(name) or Shape(name), (), before, after
        )
    return found


def stage_differences(before: Mapping[str, Any], after: Mapping[str, Any], stage_id: int) -> list[Change]:
    """What changed on one stage; a single `REMOVED` when it is out of the book."""
    old, new = stage_in(before, stage_id), stage_in(after, stage_id)
    if old is None or new is None:
        if old is not None:
            return [Change(REMOVED, (str(old["name"]),))]
        return []
    return _compare([old], [new], STAGE, (), before, after)


def stage_in(book: Mapping[str, Any], stage_id: int) -> Mapping[str, Any] | None:
    """The stage with this id, None when the snapshot has it not."""
    stages = (stage for funnel in book.get("funnels", []) for stage in funnel["stages"])
    return next((stage for stage in stages if stage.get("id") == stage_id), None)


def _compare(
    before: Any,
    after: Any,
    shape: Shape,
    where: tuple[str, ...],
    old: Mapping[str, Any],
    new: Mapping[str, Any],
) -> list[Change]:
    if before == after:
        return []
    if not _is_rows(before) or not _is_rows(after):
        shown = _plain(before, old), _plain(after, new)
        return [Change(CHANGED, where, str(shape.title), *shown)]
    was, now = _keyed(before or [], shape, old), _keyed(after or [], shape, new)
    if before and after and not set(was) & set(now):
        # Nothing in common: they come from different places (a file), so names decide.
        was, now = _by_name(before, shape, old), _by_name(after, shape, new)
    found = []
    for key, row in now.items():
        place = (*where, _title(shape, row, new))
        if key not in was:
            found.append(Change(ADDED, place))
        elif was[key] != row:
            found += _row(was[key], row, shape, place, old, new)
    found += [
        Change(REMOVED, (*where, _title(shape, row, old))) for key, row in was.items() if key not in now
    ]
    common = [key for key in was if key in now]
    if common != [key for key in now if key in was]:
        found.append(Change(MOVED, (*where, _("%(what)s: order") % {"what": shape.title})))
    return found


def _row(
    was: Mapping[str, Any],
    row: Mapping[str, Any],
    shape: Shape,
    place: tuple[str, ...],
    old: Mapping[str, Any],
    new: Mapping[str, Any],
) -> list[Change]:
    children = {**shape.children, **(_of_stages if shape is STAGE else {})}
    found = []
    for name in dict.fromkeys([*shape.fields, *row, *was]):
        before, after = was.get(name), row.get(name)
        if name in children:
            found += _compare(before, after, children[name], place, old, new)
        elif before != after and (name in shape.fields or not shape.fields):
            show = shape.show.get(name, _plain)
            if shape is CRITERION and name == "params":
                texts = criterion_words(was), criterion_words(row)
            else:
                texts = show(before, old), show(after, new)
            found.append(Change(CHANGED, place, str(shape.fields.get(name, name)), *texts))
    return found


def _is_rows(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(row, dict) for row in value))


def _keyed(rows: Sequence[Mapping[str, Any]], shape: Shape, book: Mapping[str, Any]) -> dict[Any, Any]:
    if all(row.get("id") is not None for row in rows):
        return {row["id"]: row for row in rows}
    return _by_name(rows, shape, book)


def _by_name(rows: Sequence[Mapping[str, Any]], shape: Shape, book: Mapping[str, Any]) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for row in rows:
        name, number = _bare(shape, row, book), 0
        # Two of one name stand apart by their order.
        while (name, number) in found:
            number += 1
        found[name, number] = row
    return found


def _bare(shape: Shape, row: Mapping[str, Any], book: Mapping[str, Any]) -> str:
    if shape.name is not None:
        return shape.name(row, book)
    return str(row.get("name") or row.get("text") or row.get("title") or row.get("id") or "—")


def _title(shape: Shape, row: Mapping[str, Any], book: Mapping[str, Any]) -> str:
    return _("%(what)s “%(name)s”") % {"what": shape.title, "name": _bare(shape, row, book)}
