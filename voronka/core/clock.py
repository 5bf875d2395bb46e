"""What time it is. Injectable, so that tests and the demo company can live on any day.

Verbs read `now()` only after they hold the row lock: the start of the transaction would put two concurrent
moves in the wrong order (architecture.md, 4).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection
from django.utils import timezone

_frozen: ContextVar[dt.datetime | None] = ContextVar("frozen_now", default=None)
_shown: ContextVar[dt.tzinfo | None] = ContextVar("shown_zone", default=None)


def now() -> dt.datetime:
    """The present moment (aware, UTC): the database's `clock_timestamp()`, or the frozen one."""
    frozen = _frozen.get()
    if frozen is not None:
        return frozen
    if connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            return cursor.fetchone()[0]
    return timezone.now()


def about_now() -> dt.datetime:
    """The same by this machine's clock, without a question: for moments that no history is ordered by."""
    return _frozen.get() or timezone.now()


def today() -> dt.date:
    """Today in the workspace's time zone (the active one)."""
    return timezone.localdate(about_now())


def shown_zone() -> dt.tzinfo:
    """The zone in which hours are written and read for the present reader: their own, else the workspace's.

    Days, deadlines without an hour and reports go by the workspace's zone for everybody.
    """
    return _shown.get() or timezone.get_current_timezone()


@contextmanager
def shown_in(zone: dt.tzinfo | None) -> Iterator[None]:
    """Hours inside the block are those of *zone*; None for the workspace's."""
    token = _shown.set(zone)
    try:
        yield
    finally:
        _shown.reset(token)


@contextmanager
def frozen(moment: dt.datetime) -> Iterator[None]:
    """Make `now()` answer *moment* (aware) inside the block."""
    if moment.tzinfo is None:
        raise ValueError("frozen() needs an aware moment")
    token = _frozen.set(moment)
    try:
        yield
    finally:
        _frozen.reset(token)
