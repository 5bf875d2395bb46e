"""What the rows of a stage are called in events, and how each says itself in a line."""

from __future__ import annotations

from django.utils.translation import gettext_noop as N_

from voronka.playbook.models import Criterion, Objection, StagePart, StageTask

PARTS: dict[str, type[StagePart]] = {"task": StageTask, "criterion": Criterion, "objection": Objection}
TITLES = {"task": N_("Task"), "criterion": N_("Exit criterion"), "objection": N_("Objection")}


def part_code(model: type[StagePart]) -> str:
    """The code under which events name this kind of row."""
    return next(code for code, known in PARTS.items() if known is model)


def title_of(row: StagePart) -> str:
    """The row in a line."""
    if isinstance(row, Criterion):
        from voronka.playbook.criteria import told

        return told(row)
    return str(row)
