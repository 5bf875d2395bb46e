"""What the rows of a stage are called in events, and how each says itself in a line."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_noop as N_

from voronka.playbook.models import ClosingStatus, Criterion, Objection, Stage, StagePart, StageTask

PARTS: dict[str, type[StagePart]] = {"task": StageTask, "criterion": Criterion, "objection": Objection}
TITLES = {"task": N_("Task"), "criterion": N_("Exit criterion"), "objection": N_("Objection")}


def part_code(model: type[StagePart]) -> str:
    """The code under which events name this kind of row."""
    return next(code for code, known in PARTS.items() if known is model)


def held_by(holder: Stage | ClosingStatus) -> dict[str, Any]:
    """The filter, and the fields, of rows that belong to a stage or to a closing status."""
    return {"closing": holder} if isinstance(holder, ClosingStatus) else {"stage": holder}


def holder_of(row: StagePart) -> Stage | ClosingStatus:
    """The stage or the closing status that the row belongs to."""
    closing = row.closing if isinstance(row, Criterion) else None
    return closing or row.stage


def title_of(row: StagePart) -> str:
    """The row in a line."""
    if isinstance(row, Criterion):
        from voronka.playbook.criteria import told

        return told(row)
    return str(row)
