"""Whose eyes a page is made for: what shows a value asks here whether it may.

Entered beside the scope of the workspace by whatever answers people (`ui.middleware`). Outside of it, in jobs and
commands, nothing is hidden: those act for the company. Verbs never ask: they must read what is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

_viewer: ContextVar[Member | None] = ContextVar("viewer", default=None)


@contextmanager
def viewing(member: Member | None) -> Iterator[None]:
    """Show things as *member* may see them for the block."""
    token = _viewer.set(member)
    try:
        yield
    finally:
        _viewer.reset(token)


def hidden_now(subject: str) -> frozenset[str]:
    """The fields of *subject* that the present viewer is kept from."""
    member = _viewer.get()
    return frozenset() if member is None else member.hidden_fields(subject)


def seen_now(subject: str, field: str) -> bool:
    """Whether the present viewer sees *field* of *subject*."""
    return field not in hidden_now(subject)
