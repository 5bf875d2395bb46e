"""What happens to the cells of the grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_noop as N_

from voronka.desk.dictionaries.events import locked_row, put_back, require_configure, told_changes
from voronka.journal.registry import event_type
from voronka.playbook.models import Cell


def _undo_written(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    put_back(locked_row(Cell, payload.cell), payload.changes)


@event_type(
    "cell.written",
    sentence=N_("What is sold to whom: {group} → {segment}"),
    icon="layout-grid",
    body=lambda payload: told_changes(Cell, payload.texts),
    undo=_undo_written,
)
@dataclass(frozen=True)
class CellWritten:
    """`changes`: attribute -> [before, after]; `texts`: field -> the same as people read them."""

    cell: int
    group: str
    segment: str
    changes: dict[str, list[Any]]
    texts: dict[str, list[str]]
