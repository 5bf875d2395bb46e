"""Every change of the book is kept: one listener writes a version in the transaction of the verb that made it.

Which version a deal lives by is not written into the deal: it is the one that was in force when the deal entered its
stage (docs/decisions/versions-of-the-book.md).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from voronka.core import clock
from voronka.core.tenancy import require_workspace_id
from voronka.journal.registry import all_types, on
from voronka.playbook.comparing import Change, stage_differences
from voronka.playbook.models import BookVersion
from voronka.playbook.snapshot import book_snapshot, digest_of

if TYPE_CHECKING:
    from voronka.journal.models import Event

# The first half of the key of an advisory lock; the second is the workspace.
LOCK = 7_340_021
LISTS = frozenset(["product_group", "segment", "won_reason", "lost_reason", "activity_kind"])
_followed: set[str] = set()


@dataclass
class _Together:
    last: Event | None = None


_together: ContextVar[_Together | None] = ContextVar("together", default=None)


def follow(*names: str) -> None:
    """After events of these types the book may differ: look, and keep what it has become."""
    new = [name for name in names if name not in _followed]
    _followed.update(new)
    on(*new)(_after)


def follow_rooms(*rooms: str) -> None:
    """`follow` every declared type of these rooms (`funnel.edited` is of the room `funnel`)."""
    follow(*(declared.name for declared in all_types() if declared.name.partition(".")[0] in rooms))


def _after(event: Event, payload: Any) -> None:
    if getattr(payload, "dictionary", None) not in {None, *LISTS}:
        return
    if (group := _together.get()) is not None:
        group.last = event
    else:
        keep_version(event)


def after_undo(event: Event, payload: Any) -> None:
    """What was taken back is a change too."""
    if payload.what in _followed:
        _after(event, payload)


@contextmanager
def together() -> Iterator[None]:
    """All changes inside the block make one version, named by the last of them (a file read in, a first book)."""
    if _together.get() is not None:
        yield
        return
    group = _Together()
    token = _together.set(group)
    try:
        with transaction.atomic():
            yield
            if group.last is not None:
                keep_version(group.last)
    finally:
        _together.reset(token)


@transaction.atomic
def keep_version(event: Event | None = None) -> BookVersion | None:
    """Write what the book has become, if it differs from the newest version; None if it does not."""
    with connection.cursor() as cursor:
        # Held to the end of the transaction: the next one who changes the book reads it with this change in it.
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, require_workspace_id()])
    content = book_snapshot()
    digest = digest_of(content)
    newest = BookVersion.objects.defer("content").order_by("-number").first()
    if newest is not None and newest.digest == digest:
        return None
    return BookVersion.objects.create(
        number=newest.number + 1 if newest else 1,
        at=event.at if event else clock.now(),
        actor=event.actor if event else None,
        event=event,
        digest=digest,
        content=content,
    )


def version_at(moment: dt.datetime) -> BookVersion | None:
    """The version in force at *moment*, with its content; None before the first one."""
    return BookVersion.objects.filter(at__lte=moment).order_by("-at", "-number").first()


def newest_version() -> BookVersion | None:
    """The version in force now, without its content."""
    return BookVersion.objects.defer("content").order_by("-number").first()


@dataclass(frozen=True)
class LivedBy:
    """The version in force when a deal entered its stage, and what was changed on that stage since."""

    version: BookVersion
    changes: list[Change]


def lived_by(stage_id: int, since: dt.datetime) -> LivedBy | None:
    """By which book something lives that has stood in the stage since *since*; None before the first version."""
    then = version_at(since)
    if then is None:
        return None
    now = newest_version()
    if now is None or now.digest == then.digest:
        return LivedBy(then, [])
    return LivedBy(then, stage_differences(then.content, now.content, stage_id))
