"""What a member who leaves would leave behind. Rooms above say what of theirs is open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voronka.workspaces.models import Member


@dataclass(frozen=True)
class OpenThings:
    """One kind: `count(member)` of them are in the member's name, `told(count)` says so («5 open deals»)."""

    code: str
    count: Callable[[Member], int]
    told: Callable[[int], str]


_kinds: dict[str, OpenThings] = {}


def register_open(kind: OpenThings) -> OpenThings:
    """Make a kind known; the order of registration is the order of telling."""
    _kinds[kind.code] = kind
    return kind


def open_things(member: Member) -> dict[str, tuple[int, str]]:
    """How many of each kind the member has, and in words; kinds without any are left out."""
    counted = {code: kind.count(member) for code, kind in _kinds.items()}
    return {code: (count, _kinds[code].told(count)) for code, count in counted.items() if count}
