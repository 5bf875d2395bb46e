"""What happens to the KPIs of the book, and how it is taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_noop as N_

from voronka.desk.dictionaries.events import (
    changed_since,
    locked_row,
    put_back,
    put_in_order,
    remove_unused,
    require_configure,
    set_archived,
    told_changes,
)
from voronka.journal.registry import event_type
from voronka.playbook.kpi_models import Kpi


def _name(payload: Any) -> dict[str, Any]:
    return {"name": payload.name}


def _undo_added(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    remove_unused(locked_row(Kpi, payload.kpi))


def _undo_edited(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    put_back(locked_row(Kpi, payload.kpi), payload.changes)


def _undo_put_away(event: Any, payload: Any, actor: Any) -> None:
    from voronka.playbook.actions.kpis import require_room

    require_configure(actor)
    require_room()
    set_archived(locked_row(Kpi, payload.kpi), False)


def _undo_reordered(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    rows = {row.pk: row for row in Kpi.objects.select_for_update().order_by("order", "id")}
    if list(rows) != payload.after:
        raise changed_since()
    put_in_order(rows, payload.before)


@event_type(
    "kpi.added",
    sentence=N_("KPI added: {name}"),
    icon="target-arrow",
    describe=_name,
    undo=_undo_added,
)
@dataclass(frozen=True)
class KpiAdded:
    kpi: int
    name: str


@event_type(
    "kpi.edited",
    sentence=N_("KPI changed: {name}"),
    icon="pencil",
    describe=_name,
    body=lambda payload: told_changes(Kpi, payload.texts),
    undo=_undo_edited,
)
@dataclass(frozen=True)
class KpiEdited:
    """`changes`: attribute -> [before, after]; `texts`: field -> the same as people read them."""

    kpi: int
    name: str
    changes: dict[str, list[Any]]
    texts: dict[str, list[str]]


@event_type(
    "kpi.put_away",
    sentence=N_("KPI taken out of the book: {name}"),
    icon="archive",
    describe=_name,
    undo=_undo_put_away,
)
@dataclass(frozen=True)
class KpiPutAway:
    kpi: int
    name: str


@event_type(
    "kpi.reordered",
    sentence=N_("Order of KPIs changed"),
    icon="arrows-sort",
    undo=_undo_reordered,
)
@dataclass(frozen=True)
class KpisReordered:
    before: list[int]
    after: list[int]
