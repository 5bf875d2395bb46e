"""What fields can be made for, and what they can point at. Rooms above the desk declare theirs when they are ready."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from voronka.desk.fields.models import FieldKind

if TYPE_CHECKING:
    from voronka.workspaces.models import Member


@dataclass(frozen=True)
class FieldSubject:
    """One kind of card. `model` is `Shaped`; `title` lazy, plural; `built_in`: names of the model's own fields that
    a layout may place or require at creation, with their labels (lazy)."""

    code: str
    model: Any
    title: Any
    built_in: Callable[[], dict[str, Any]]
    placed: tuple[str, ...] = ()
    may_require: tuple[str, ...] = ()
    by_funnel: bool = False
    # Whether forms of creation ask for fields at all.
    asks_at_creation: bool = True


@dataclass(frozen=True)
class LinkTarget:
    """What a field of kind company or person points at: the rows that a member sees (None: all present ones)."""

    kind: str
    rows: Callable[[Member | None], Any]


_subjects: dict[str, FieldSubject] = {}
_targets: dict[str, LinkTarget] = {}


def register_subject(subject: FieldSubject) -> None:
    """Let fields be made for *subject*; raises `ValueError` for a second one of the same code."""
    if subject.code in _subjects:
        raise ValueError(f"subject {subject.code} is declared twice")
    _subjects[subject.code] = subject


def register_target(target: LinkTarget) -> None:
    """Let fields point at rows of *target*."""
    _targets[FieldKind(target.kind)] = target


def get_subject(code: str) -> FieldSubject:
    """The declared subject; raises `KeyError`."""
    return _subjects[code]


def all_subjects() -> list[FieldSubject]:
    """Every subject, in the order of declaration."""
    return list(_subjects.values())


def rows_of(kind: str, member: Member | None) -> Any:
    """Rows that a field of this kind may point at, as far as *member* sees; raises `KeyError`."""
    return _targets[kind].rows(member)
