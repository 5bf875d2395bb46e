"""What happens to tunnels, and how it is taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_noop as N_

from voronka.desk.dictionaries.events import (
    changed_since,
    locked_row,
    put_back,
    remove_unused,
    require_configure,
    set_archived,
    told_changes,
)
from voronka.journal.registry import event_type
from voronka.playbook.models import Tunnel


def _row(payload: Any) -> Tunnel:
    found: Tunnel = locked_row(Tunnel, payload.tunnel)
    return found


def _undo_added(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    row = _row(payload)
    if row.archived_at is not None:
        raise changed_since()
    remove_unused(row)


def _undo_edited(event: Any, payload: Any, actor: Any) -> None:
    from voronka.playbook.actions.tunnels import refuse_circles

    require_configure(actor)
    put_back(_row(payload), payload.changes)
    refuse_circles(_row(payload))


def _undo_put_away(event: Any, payload: Any, actor: Any) -> None:
    from voronka.playbook.actions.tunnels import refuse_circles

    require_configure(actor)
    set_archived(_row(payload), False)
    refuse_circles(_row(payload))


def _told(payload: Any) -> dict[str, Any]:
    return {"funnel": payload.name, "target": payload.target}


@event_type(
    "book.tunnel_added",
    sentence=N_("Tunnel added: {funnel} → {target}"),
    icon="arrow-ramp-right",
    describe=_told,
    undo=_undo_added,
)
@dataclass(frozen=True)
class TunnelAdded:
    """From the funnel *name* to the funnel *target*."""

    funnel: int
    name: str
    target: str
    tunnel: int


@event_type(
    "book.tunnel_edited",
    sentence=N_("Tunnel changed: {funnel} → {target}"),
    icon="pencil",
    describe=_told,
    body=lambda payload: told_changes(Tunnel, payload.texts),
    undo=_undo_edited,
)
@dataclass(frozen=True)
class TunnelEdited:
    """`changes`: attribute -> [before, after]; `texts`: field -> the same as people read them."""

    funnel: int
    name: str
    target: str
    tunnel: int
    changes: dict[str, list[Any]]
    texts: dict[str, list[str]]


@event_type(
    "book.tunnel_put_away",
    sentence=N_("Tunnel taken out: {funnel} → {target}"),
    icon="archive",
    describe=_told,
    undo=_undo_put_away,
)
@dataclass(frozen=True)
class TunnelPutAway:
    funnel: int
    name: str
    target: str
    tunnel: int
