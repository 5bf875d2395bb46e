"""The only writer of `DealState`, `StageVisit` and what `Deal` repeats of them (architecture.md, 4).

Verbs call `begin`, `change`, `take_back` and `correct_stage` with the deal locked and refreshed by `lock()`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from voronka.core import clock
from voronka.core.errors import Refused
from voronka.deals.choices import Basis, Cause, Outcome
from voronka.deals.models import STATE_FIELDS, Deal, DealState, StageVisit
from voronka.deals.summary import Places, StagePlace, Summary, Visit, is_push, summarise
from voronka.journal.models import Event
from voronka.playbook.models import Stage
from voronka.workspaces.models import Workspace
from voronka.workspaces.rates import converted, rate_on


def lock(deal: Deal) -> dt.datetime:
    """Lock the deal's row, read it anew into *deal* and return the present moment (read after the lock)."""
    deal.refresh_from_db(from_queryset=Deal.objects.select_for_update(of=("self",)))
    moment = clock.now()
    # Two changes in one instant happen when the clock is frozen or coarse: the later amends, never precedes.
    return max(moment, deal.state_since)


def in_workspace_currency(workspace_id: int, amount: Decimal | None, currency: str) -> Decimal | None:
    """The sum in the workspace's currency at today's rate; None without a sum or without a rate for *currency*."""
    if amount is None:
        return None
    own = Workspace.objects.only("currency").get(pk=workspace_id).currency
    if currency == own:
        return amount
    rate = rate_on(currency, clock.today())
    return None if rate is None else converted(amount, rate)


def begin(deal: Deal, *, cause: Cause, event: Event | None, basis: Basis = Basis.SEEN) -> None:
    """Write the first state of a deal that has just been inserted."""
    state = DealState.objects.create(
        deal=deal,
        valid_from=deal.state_since,
        cause=cause,
        event=event,
        basis=basis,
        **{name: getattr(deal, name) for name in STATE_FIELDS},
    )
    if state.outcome == Outcome.OPEN:
        StageVisit.objects.create(
            deal=deal, funnel_id=deal.funnel_id, stage_id=deal.stage_id, entered=state.valid_from, basis=basis
        )


def change(deal: Deal, values: Mapping[str, Any], *, at: dt.datetime, cause: Cause, event: Event) -> None:
    """Let *values* (attribute name -> value, of `STATE_FIELDS`) hold from *at* on.

    *deal* is locked. The present state ends, a new one begins; in the same instant the present one is amended.
    """
    present = _present(deal)
    moved = {"stage_id", "funnel_id", "outcome"} & values.keys()
    if at <= present.valid_from:
        for name, value in values.items():
            setattr(present, name, value)
        present.cause, present.event = cause, event
        present.save(update_fields=[*values, "cause", "event_id"])
    else:
        DealState.objects.filter(pk=present.pk).update(valid_to=at)
        fields = {name: getattr(present, name) for name in STATE_FIELDS} | dict(values)
        DealState.objects.create(deal=deal, valid_from=at, cause=cause, event=event, **fields)
    was_expected = present.expected_close
    for name, value in values.items():
        setattr(deal, name, value)
    if moved or at <= present.valid_from:
        resummarise(deal)
    else:
        # Nothing that was before changes: only this state is added to the summaries.
        deal.state_since = at
        deal.pushes += is_push(was_expected, deal.expected_close, deal.outcome)


def take_back(deal: Deal, event: Event, *, at: dt.datetime) -> DealState | None:
    """Void the state that *event* made and let the one before it go on.

    Returns the voided state, or None when *event* made none. Raises `Refused` when it is the deal's first
    state or another one was built on it.
    """
    states = list(deal.states.filter(void=False).order_by("valid_from"))
    made = [index for index, state in enumerate(states) if state.event_id == event.pk]
    if not made:
        return None
    if made[-1] != len(states) - 1 or len(made) > 1:
        raise Refused(_("The deal has been changed since: this can no longer be undone."))
    if made[-1] == 0:
        raise Refused(_("This is how the deal began: it cannot be undone."))
    undone, before = states[-1], states[-2]
    undone.void = True
    undone.valid_to = max(at, undone.valid_from + dt.timedelta(microseconds=1))
    undone.save(update_fields=["void", "valid_to"])
    before.valid_to = None
    before.save(update_fields=["valid_to"])
    repeat(deal, before)
    resummarise(deal)
    return undone


def correct_stage(deal: Deal, event: Event, *, by: Event) -> tuple[Stage, Stage]:
    """Void the run of states in the stage to which *event* moved the deal by mistake; return (wrong, right).

    The deal counts as having stayed where it was; what else changed during the run is kept. Raises `Refused`
    when the move is void already or was the deal's first state.
    """
    states = list(deal.states.filter(void=False).order_by("valid_from").select_related("stage"))
    start = next((index for index, state in enumerate(states) if state.event_id == event.pk), None)
    if start is None:
        raise Refused(_("This move is no longer part of the deal's history."))
    if start == 0:
        raise Refused(_("This is how the deal began: it cannot be undone."))
    before, wrong = states[start - 1], states[start]
    run = [wrong]
    for state in states[start + 1 :]:
        if state.stage_id != wrong.stage_id:
            break
        run.append(state)
    DealState.objects.filter(pk__in=[state.pk for state in run]).update(void=True)
    # A void row of the present has to end somewhere: it ended when it was found to be a mistake.
    DealState.objects.filter(pk=run[-1].pk, valid_to=None).update(
        valid_to=max(by.at, run[-1].valid_from + dt.timedelta(microseconds=1))
    )
    for state in run:
        same = all(
            getattr(state, name) == getattr(before, name) for name in STATE_FIELDS if name not in _PLACE
        )
        if state is wrong and same:
            before.valid_to = state.valid_to
            before.save(update_fields=["valid_to"])
        else:
            kept = {name: getattr(state, name) for name in STATE_FIELDS if name not in _PLACE}
            DealState.objects.create(
                deal=deal,
                stage_id=before.stage_id,
                funnel_id=before.funnel_id,
                valid_from=state.valid_from,
                valid_to=state.valid_to,
                basis=state.basis,
                cause=Cause.EDITED if state is wrong else state.cause,
                event_id=by.pk if state is wrong else state.event_id,
                **kept,
            )
    repeat(deal, _present(deal))
    resummarise(deal)
    return wrong.stage, Stage.objects.get(pk=before.stage_id)


_PLACE = {"stage_id", "funnel_id"}


def repeat(deal: Deal, state: DealState) -> None:
    """Let *deal* (in memory) repeat the present *state*."""
    for name in STATE_FIELDS:
        setattr(deal, name, getattr(state, name))


SUMMARY_FIELDS = (
    "deepest_stage_id",
    "deepest_order",
    "state_since",
    "stage_since",
    "closed_at",
    "closed_owner_id",
    "closed_team_id",
    "pushes",
)


def resummarise(deal: Deal, places: Places | None = None) -> None:
    """Count the summaries of a locked deal anew from its states: columns in memory, visits in the database."""
    states = list(deal.states.filter(void=False).order_by("valid_from"))
    summary = summarise(states, places or places_of(state.funnel_id for state in states))
    for name in SUMMARY_FIELDS:
        setattr(deal, name, getattr(summary, name))
    _write_visits(deal, summary)


def _write_visits(deal: Deal, summary: Summary) -> None:
    """Make the visits in the database those of *summary*, touching only the ones that differ."""
    wanted = {visit.entered: visit for visit in summary.visits}
    stale: list[int] = []
    changed: list[StageVisit] = []
    for row in deal.visits.all():
        visit = wanted.pop(row.entered, None)
        if visit is None:
            stale.append(row.pk)
        elif visit.key != visit_key(row):
            fill_visit(row, visit)
            changed.append(row)
    if stale:
        StageVisit.objects.filter(pk__in=stale).delete()
    # A visit that ended first makes room for the one that goes on (`visit_one_present`).
    for row in sorted(changed, key=lambda row: row.left is None):
        row.save()
    if wanted:
        StageVisit.objects.bulk_create(fill_visit(StageVisit(deal=deal), visit) for visit in wanted.values())


def visit_key(row: StageVisit) -> tuple[Any, ...]:
    """What a visit says, to tell whether a row still says it."""
    return (
        row.stage_id,
        row.funnel_id,
        row.entered,
        row.left,
        row.end,
        row.basis,
        row.spent,
        row.is_last,
    )


def fill_visit(row: StageVisit, visit: Visit) -> StageVisit:
    """Let the row say what *visit* says."""
    row.stage_id, row.funnel_id = visit.stage_id, visit.funnel_id
    row.entered, row.left, row.seconds = visit.entered, visit.left, visit.seconds
    row.end, row.basis = visit.end, visit.basis
    row.spent, row.is_last = visit.spent, visit.is_last
    return row


def places_of(funnel_ids: Iterable[int]) -> Places:
    """Where every stage of these funnels counts now, merged ones through `merged_into`."""
    rows = {
        pk: (funnel_id, order, merged)
        for pk, funnel_id, order, merged in Stage.objects.filter(funnel_id__in=set(funnel_ids)).values_list(
            "id", "funnel_id", "order", "merged_into_id"
        )
    }

    def place(pk: int) -> StagePlace:
        seen = {pk}
        while (merged := rows[pk][2]) in rows and merged not in seen:
            pk = merged
            seen.add(pk)
        return StagePlace(pk, rows[pk][0], rows[pk][1])

    return {pk: place(pk) for pk in rows}


def _present(deal: Deal) -> DealState:
    return deal.states.get(valid_to=None, void=False)


def write(deal: Deal, *extra: str) -> None:
    """Save what the history and the verb changed of a locked deal, and count the change."""
    deal.version += 1
    deal.save(update_fields=[*STATE_FIELDS, *SUMMARY_FIELDS, *extra, "version"])
