"""What a verb may say instead of doing what it was asked to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class Refused(Exception):
    """A rule forbids it. The message is a whole sentence for the person who asked; nothing was changed.

    `field` names the form field to which the sentence belongs, when there is one.
    """

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = str(message)
        self.field = field

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True)
class Change:
    """One field that somebody else changed meanwhile: its name, and the values before, theirs and yours."""

    field: str
    was: Any
    theirs: Any
    yours: Any


class Conflict(Refused):
    """Somebody else changed the same thing first; `changes` tells what, and nothing was overwritten."""

    def __init__(self, message: str, changes: list[Change]) -> None:
        super().__init__(message)
        self.changes = changes


class Forbidden(Exception):
    """The member may see it, but has no right to do this (403)."""


class NoWorkspace(RuntimeError):
    """A workspace table was read outside any workspace: a programming error, never a user's."""
