"""What happens to the book's words about endings, and how it is taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_

from voronka.core.edits import jsonable, restored
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
from voronka.playbook.models import ClosingRules, ClosingStatus, Criterion, End, Funnel


def statuses_under_lock(funnel_id: int, outcome: str) -> dict[int, ClosingStatus]:
    """The statuses under one outcome of a funnel by id, in order, archived ones too; edits wait for each other."""
    locked_row(Funnel, funnel_id, no_key=True)
    rows = ClosingStatus.objects.select_for_update(of=("self",)).filter(funnel=funnel_id, outcome=outcome)
    return {row.pk: row for row in rows.select_related("funnel").order_by("order", "id")}


def _status(payload: Any) -> ClosingStatus:
    rows = statuses_under_lock(payload.funnel, payload.outcome)
    if payload.status not in rows:
        raise changed_since()
    return rows[payload.status]


def _undo_added(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    row = _status(payload)
    if Criterion.objects.filter(closing=row).exists():
        raise changed_since()
    remove_unused(row)
    rows = statuses_under_lock(payload.funnel, payload.outcome)
    put_in_order(rows, list(rows))


def _undo_edited(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    put_back(_status(payload), payload.changes)


def _undo_archived(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    set_archived(_status(payload), False)


def _undo_restored(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    set_archived(_status(payload), True)


def _undo_reordered(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    rows = statuses_under_lock(payload.funnel, payload.outcome)
    if list(rows) != payload.after:
        raise changed_since()
    put_in_order(rows, payload.before)


def _told(payload: Any) -> dict[str, Any]:
    return {"status": payload.status_name, "funnel": payload.name, "outcome": End(payload.outcome).label}


@event_type(
    "book.status_added",
    sentence=N_("Closing status added: “{status}” ({funnel}, {outcome})"),
    icon="flag-plus",
    describe=_told,
    undo=_undo_added,
)
@dataclass(frozen=True)
class StatusAdded:
    """`outcome`: won or lost."""

    funnel: int
    name: str
    status: int
    status_name: str
    outcome: str


@event_type(
    "book.status_edited",
    sentence=N_("Closing status changed: “{status}” ({funnel}, {outcome})"),
    icon="pencil",
    describe=_told,
    body=lambda payload: told_changes(ClosingStatus, payload.texts),
    undo=_undo_edited,
)
@dataclass(frozen=True)
class StatusEdited:
    """`changes`: attribute -> [before, after]; `texts`: field -> the same as people read them."""

    funnel: int
    name: str
    status: int
    status_name: str
    outcome: str
    changes: dict[str, list[Any]]
    texts: dict[str, list[str]]


@event_type(
    "book.status_archived",
    sentence=N_("Closing status archived: “{status}” ({funnel}, {outcome})"),
    icon="archive",
    describe=_told,
    undo=_undo_archived,
)
@dataclass(frozen=True)
class StatusArchived:
    funnel: int
    name: str
    status: int
    status_name: str
    outcome: str


@event_type(
    "book.status_restored",
    sentence=N_("Closing status restored: “{status}” ({funnel}, {outcome})"),
    icon="archive-off",
    describe=_told,
    undo=_undo_restored,
)
@dataclass(frozen=True)
class StatusRestored:
    funnel: int
    name: str
    status: int
    status_name: str
    outcome: str


@event_type(
    "book.statuses_reordered",
    sentence=N_("Order of closing statuses changed: {funnel}"),
    icon="arrows-sort",
    describe=lambda payload: {"funnel": payload.name},
    undo=_undo_reordered,
)
@dataclass(frozen=True)
class StatusesReordered:
    """`before`, `after`: ids of all statuses under this outcome, archived ones too."""

    funnel: int
    name: str
    outcome: str
    before: list[int]
    after: list[int]


def _undo_rules(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    rows = ClosingRules.objects.select_for_update(of=("self",)).filter(funnel=payload.funnel)
    row = rows.first() or ClosingRules(funnel_id=payload.funnel)
    now = {name: jsonable(getattr(row, name)) for name in payload.after} if payload.after and row.pk else None
    if now != payload.after or (payload.after is None and row.pk):
        raise changed_since()
    if payload.before is None:
        row.delete()
        return
    for name, value in payload.before.items():
        setattr(row, name, restored(row, name, value))
    row.version += 1
    row.save()


@event_type(
    "book.rules_set",
    sentence=N_("Rules of endings changed: {funnel}"),
    icon="flag-cog",
    describe=lambda payload: {"funnel": payload.name or _("all funnels")},
    body=lambda payload: told_changes(ClosingRules, payload.texts),
    undo=_undo_rules,
)
@dataclass(frozen=True)
class RulesSet:
    """`funnel` None: of the company. `before`, `after`: all fields, None where there were no rules of one's own."""

    funnel: int | None
    name: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    texts: dict[str, list[str]]
