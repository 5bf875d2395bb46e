"""A snapshot of the book put into words, for reading: codes and ids become what people call them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from voronka.playbook.comparing import Change, criterion_words, named, role_title
from voronka.playbook.models import Strictness


def funnels_of(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The funnels with their stages, ready for a template."""
    return [
        {
            **funnel,
            "place": _place(funnel, content),
            "stages": [_stage(stage, content) for stage in funnel["stages"]],
        }
        for funnel in content.get("funnels", [])
    ]


def cells_of(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The cells of the grid with the names of their group and segment."""
    group, segment = named("groups"), named("segments")
    return [
        {**cell, "group": group(cell["group"], content), "segment": segment(cell["segment"], content)}
        for cell in content.get("cells", [])
    ]


def _place(funnel: Mapping[str, Any], content: Mapping[str, Any]) -> str:
    if funnel["group"] is None and funnel["segment"] is None:
        return ""
    return " → ".join(
        [named("groups")(funnel["group"], content), named("segments")(funnel["segment"], content)]
    )


def _stage(stage: Mapping[str, Any], content: Mapping[str, Any]) -> dict[str, Any]:
    strictness = dict(Strictness.choices)
    return {
        **stage,
        "role": role_title(stage["role"]) if stage["role"] else "",
        "tasks": [{**task, "notes": " · ".join(_task(task, content))} for task in stage["tasks"]],
        "criteria": [
            {"text": criterion_words(row), "strictness": strictness.get(row["strictness"], "")}
            for row in stage["criteria"]
        ],
    }


def _task(task: Mapping[str, Any], content: Mapping[str, Any]) -> list[str]:
    days = (
        _("on the day of entering")
        if task["after_days"] == 0
        else _("in %(days)s working d.") % {"days": task["after_days"]}
    )
    who = role_title(task["role"]) if task["role"] else _("the deal's responsible")
    notes = [named("kinds")(task["kind"], content), days, who]
    return [*notes, pgettext("task", "required")] if task["required"] else notes


def grouped(changes: list[Change]) -> list[dict[str, Any]]:
    """Changes under the place they are about: `where` (a line) and its `changes`."""
    found: dict[tuple[str, ...], list[Change]] = {}
    for change in changes:
        found.setdefault(change.where, []).append(change)
    return [{"where": " → ".join(where), "changes": rows} for where, rows in found.items()]
