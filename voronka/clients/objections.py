"""Why a client cannot be deleted: the rooms above answer here, so that `clients` need not know them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from voronka.core.errors import Refused

# Takes a Company or a Person; returns a whole sentence why it must stay, or "".
Objection = Callable[[Any], str]

_objections: list[Objection] = []


def objection(ask: Objection) -> Objection:
    """Register a reason why a client must stay."""
    _objections.append(ask)
    return ask


def require_removable(client: Any) -> None:
    """Raise `Refused` with the first objection to deleting *client* (a Company or a Person)."""
    for ask in _objections:
        if sentence := ask(client):
            raise Refused(sentence)
