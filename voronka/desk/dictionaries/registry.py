"""Which lists there are, and what the generic verbs must know of each.

register(Dictionary("source", Source, title=_("Sources"), …))

@guard("segment")
def no_active_funnels(segment): ...    # an upper room may object to archiving, by raising Refused
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models

Check = Callable[[Any], None]


@dataclass(frozen=True)
class Dictionary:
    """One list.

    `code`      names it in events, addresses and feeds (≤ 20 characters).
    `model`     a workspace model with `name` and `archived_at`, mostly with `name_key` and `order` too.
    `title`     lazy, plural («Источники»).
    `fields`    what may be given and edited beside the name.
    `fixed`     values that every row of this list has (the kind of a reason).
    `keep_one`  the last active entry cannot be archived: something else could not be done without any.
    `mergeable` rows have `merged_into`, and history is read through it.
    `moves`     merging moves every reference to the entry; without it they stay and are read through `merged_into`.
    `check_merge` raises `Refused` when the first entry cannot be merged into the second.
    `check`     raises `Refused` when an entry about to be saved breaks a rule of its own.
    """

    code: str
    model: type[models.Model]
    title: Any
    fields: tuple[str, ...] = ()
    fixed: Mapping[str, Any] = field(default_factory=dict)
    keep_one: bool = False
    mergeable: bool = False
    moves: bool = False
    check_merge: Callable[[Any, Any], None] | None = None
    check: Check | None = None
    guards: list[Check] = field(default_factory=list)

    @property
    def keyed(self) -> bool:
        """Whether rows carry the folded name that the database holds unique."""
        return any(f.name == "name_key" for f in self.model._meta.concrete_fields)

    @property
    def ordered(self) -> bool:
        """Whether people choose the order; otherwise it is alphabetic."""
        return any(f.name == "order" for f in self.model._meta.concrete_fields)

    def entries(self) -> models.QuerySet[Any]:
        """All rows of the current workspace, archived and merged ones too."""
        rows: models.QuerySet[Any] = self.model.objects.filter(**self.fixed)  # type: ignore[attr-defined]
        return rows

    def active(self) -> models.QuerySet[Any]:
        """The rows that are offered for choice, in their order."""
        return self.entries().filter(archived_at=None)


_known: dict[str, Dictionary] = {}


def register(dictionary: Dictionary) -> Dictionary:
    """Add a list; raises `ValueError` when its code is taken."""
    if dictionary.code in _known:
        raise ValueError(f"dictionary {dictionary.code} is declared twice")
    _known[dictionary.code] = dictionary
    return dictionary


def get_dictionary(code: str) -> Dictionary:
    """The list *code*; raises `KeyError`."""
    return _known[code]


def find_dictionary(code: str) -> Dictionary | None:
    """The list *code*, if there is such."""
    return _known.get(code)


def all_dictionaries() -> list[Dictionary]:
    """Every list, in the order of declaration."""
    return list(_known.values())


def dictionary_of(entry: models.Model) -> Dictionary:
    """The list to which the row belongs; raises `KeyError`."""
    for dictionary in _known.values():
        if type(entry) is dictionary.model and all(
            getattr(entry, k) == v for k, v in dictionary.fixed.items()
        ):
            return dictionary
    raise KeyError(f"{type(entry).__name__} is in no dictionary")


def guard(code: str) -> Callable[[Check], Check]:
    """Ask `check(entry)` before an entry of the list *code* is archived; it objects by raising `Refused`."""

    def add(check: Check) -> Check:
        get_dictionary(code).guards.append(check)
        return check

    return add
