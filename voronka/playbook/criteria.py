"""What must be so before a deal leaves a stage: kinds of exit criteria, and one way to ask them all.

A kind is declared by the room that can check it (`deals`: a field is filled; `activities`: a meeting was held), so
that the book never imports what lies above it. The book offers only declared kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

from voronka.playbook.models import Criterion, Stage, Strictness

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

Options = Callable[[Stage], list[tuple[str, str]]]


@dataclass(frozen=True)
class Param:
    """One thing to say about a criterion: its *name* in `Criterion.params`, *label*, and what can be said.

    *kind*: "choice" (one of *options*), "sum" (decimal text), "count" (a whole number from 1), "lines" (a list of
    short texts). *refers*: "task" where the value is the id of a task of the same stage.
    """

    name: str
    label: str | Promise
    kind: str
    options: Options | None = None
    default: Any = ""
    refers: str = ""


@dataclass(frozen=True)
class Missing:
    """What is not so yet, in words; *action* says which form mends it, with its *target* (see `ui.deals.leaving`)."""

    text: str
    action: str = ""
    target: str = ""


@dataclass(frozen=True)
class CriterionKind:
    """A kind of criterion.

    `check(deal, criterion)` tells what is missing, None when it is met. `tell(params)` says it as the book prints it.
    `problem(stage, params)` warns at saving of what can never be met, "" if all is well.
    """

    code: str
    title: str | Promise
    params: tuple[Param, ...]
    check: Callable[[Any, Criterion], Missing | None]
    tell: Callable[[Mapping[str, Any]], str]
    problem: Callable[[Stage, Mapping[str, Any]], str] = lambda stage, params: ""


_kinds: dict[str, CriterionKind] = {}


def declare(kind: CriterionKind) -> CriterionKind:
    """Let the book offer this kind."""
    if kind.code in _kinds:
        raise ValueError(f"criterion kind {kind.code} is declared twice")
    _kinds[kind.code] = kind
    return kind


def kinds() -> list[CriterionKind]:
    """Every declared kind, in the order of declaration."""
    return list(_kinds.values())


def kind_of(code: str) -> CriterionKind | None:
    """The kind, None when no room declares it (any more): such a criterion asks nothing."""
    return _kinds.get(code)


def told(criterion: Criterion) -> str:
    """The criterion in words."""
    kind = kind_of(criterion.kind)
    return kind.tell(criterion.params) if kind else criterion.kind


@dataclass(frozen=True)
class Unmet:
    """A criterion that a deal does not meet, and what is missing."""

    criterion: Criterion
    missing: Missing

    @property
    def refuses(self) -> bool:
        return self.criterion.strictness == Strictness.REFUSE


def unmet(deal: Any, criteria: Iterable[Criterion]) -> list[Unmet]:
    """Which of *criteria* the deal does not meet now, in their order."""
    found = []
    for criterion in criteria:
        kind = kind_of(criterion.kind)
        missing = kind.check(deal, criterion) if kind else None
        if missing is not None:
            found.append(Unmet(criterion, missing))
    return found


def criteria_of(stage: Stage | int) -> list[Criterion]:
    """The criteria of a stage that are in use, in their order."""
    return list(Criterion.objects.filter(stage=stage, archived_at=None).order_by("order", "id"))


def may_override(actor: Member) -> bool:
    """Whether the member may let a deal go in spite of a criterion that refuses: heads, with a reason."""
    from voronka.workspaces.rights import Action, Reach, Subject

    return actor.reach(Subject.DEAL, Action.EDIT) >= Reach.TEAM
