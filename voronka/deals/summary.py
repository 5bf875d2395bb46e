"""What follows from a deal's states: visits, depth, dates. A pure function; verbs, imports and checks share it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from voronka.deals.choices import Basis, Cause, Outcome, VisitEnd


class State(Protocol):
    """The part of a `DealState` that the summaries rest on."""

    @property
    def stage_id(self) -> int: ...
    @property
    def funnel_id(self) -> int: ...
    @property
    def outcome(self) -> str: ...
    @property
    def expected_close(self) -> dt.date | None: ...
    @property
    def owner_id(self) -> int | None: ...
    @property
    def team_id(self) -> int | None: ...
    @property
    def valid_from(self) -> dt.datetime: ...
    @property
    def valid_to(self) -> dt.datetime | None: ...
    @property
    def basis(self) -> str: ...
    @property
    def cause(self) -> str: ...


@dataclass(frozen=True)
class StagePlace:
    """Where a stage stands: its funnel, its order in it, and the stage it now counts as (merged stages)."""

    id: int
    funnel_id: int
    order: int


Places = Mapping[int, StagePlace]


@dataclass
class Visit:
    """A maximal run of open states in one stage: `[entered, left)`."""

    stage_id: int
    funnel_id: int
    entered: dt.datetime
    left: dt.datetime | None
    end: str
    basis: str
    # The stage's order, to tell forward from back.
    order: int = 0
    # The deal's whole time in the stage when this visit ended, and whether it never came back to it.
    spent: int | None = None
    is_last: bool = True

    @property
    def seconds(self) -> int | None:
        return None if self.left is None else int((self.left - self.entered).total_seconds())

    @property
    def key(self) -> tuple[Any, ...]:
        return (
            self.stage_id,
            self.funnel_id,
            self.entered,
            self.left,
            self.end,
            self.basis,
            self.spent,
            self.is_last,
        )


@dataclass
class Summary:
    """Everything that `Deal` and `StageVisit` repeat of the states."""

    visits: list[Visit]
    deepest_stage_id: int
    deepest_order: int
    state_since: dt.datetime
    stage_since: dt.datetime
    closed_at: dt.datetime | None
    closed_owner_id: int | None
    closed_team_id: int | None
    pushes: int


def summarise(states: Sequence[State], places: Places) -> Summary:
    """Summarise the non-void *states* of one deal, oldest first, without gaps.

    *places* maps every stage id to where it counts now: a merged stage to the one it was merged into
    (metrics.md#ground-rules, depth).
    """
    last = states[-1]
    deepest = places[last.stage_id]
    stage_since = last.valid_from
    closed_at: dt.datetime | None = None
    closed_by: tuple[int | None, int | None] = (None, None)
    ended_as = Outcome.OPEN.value
    pushes = 0
    visits: list[Visit] = []
    previous: State | None = None
    for state in states:
        place = places[state.stage_id]
        if place.funnel_id == deepest.funnel_id and place.order > deepest.order:
            deepest = place
        if state.outcome != Outcome.DELETED:
            if state.outcome == Outcome.OPEN:
                closed_at, closed_by = None, (None, None)
            elif state.outcome != ended_as:
                closed_at, closed_by = state.valid_from, (state.owner_id, state.team_id)
            ended_as = state.outcome
        if previous is not None:
            pushes += is_push(previous.expected_close, state.expected_close, state.outcome)
        _visit(visits, state, place)
        previous = state
    _add_up(visits)
    if visits and visits[-1].left is None:
        stage_since = visits[-1].entered
    elif visits:
        stage_since = visits[-1].left or stage_since
    return Summary(
        visits=visits,
        deepest_stage_id=deepest.id,
        deepest_order=deepest.order,
        state_since=last.valid_from,
        stage_since=stage_since,
        closed_at=closed_at,
        closed_owner_id=closed_by[0],
        closed_team_id=closed_by[1],
        pushes=pushes,
    )


def is_push(before: dt.date | None, after: dt.date | None, outcome: str) -> bool:
    """Whether the expected date of an open deal was put off."""
    return outcome == Outcome.OPEN and before is not None and after is not None and after > before


def _visit(visits: list[Visit], state: State, place: StagePlace) -> None:
    """Prolong the visit that is going on, end it, or begin another."""
    going_on = visits[-1] if visits and visits[-1].left is None else None
    if state.outcome != Outcome.OPEN:
        if going_on:
            going_on.left, going_on.end = state.valid_from, _ENDS[state.outcome]
        return
    if going_on:
        if going_on.stage_id == place.id:
            if state.basis == Basis.ASSUMED:
                going_on.basis = Basis.ASSUMED
            return
        going_on.left = state.valid_from
        going_on.end = _end(going_on, place, merged=state.cause == Cause.MERGED)
    visits.append(Visit(place.id, place.funnel_id, state.valid_from, None, "", state.basis, place.order))


def _add_up(visits: Sequence[Visit]) -> None:
    """Count for each visit the whole time in its stage so far, and mark the last visit to each stage."""
    totals: dict[int, int | None] = {}
    latest: dict[int, Visit] = {}
    for visit in visits:
        before = totals.get(visit.stage_id, 0)
        if visit.seconds is None or visit.basis == Basis.ASSUMED or before is None:
            visit.spent = totals[visit.stage_id] = None
        else:
            visit.spent = totals[visit.stage_id] = before + visit.seconds
        visit.is_last = True
        if visit.stage_id in latest:
            latest[visit.stage_id].is_last = False
        latest[visit.stage_id] = visit


def _end(visit: Visit, place: StagePlace, *, merged: bool) -> str:
    """How a visit ended that was followed by one in *place*."""
    if merged:
        return VisitEnd.MERGED.value
    if visit.funnel_id != place.funnel_id:
        return VisitEnd.FUNNEL.value
    return (VisitEnd.FORWARD if place.order > visit.order else VisitEnd.BACK).value


_ENDS = {
    Outcome.WON.value: VisitEnd.WON.value,
    Outcome.LOST.value: VisitEnd.LOST.value,
    Outcome.DELETED.value: VisitEnd.DELETED.value,
}
