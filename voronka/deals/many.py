"""Changes of many deals that follow from one decision elsewhere: stages merged, a colleague's new team, a reorder.

The same states and the same `summarise()` as for one deal, in a fixed number of statements per thousand.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from voronka.core.errors import Refused
from voronka.deals.choices import Cause
from voronka.deals.history import SUMMARY_FIELDS, fill_visit, places_of, visit_key
from voronka.deals.models import STATE_FIELDS, Deal, DealState, StageVisit
from voronka.deals.summary import Places, Summary, summarise
from voronka.journal.models import Event

BATCH = 1000


def change_many(
    deals: Any, values: Mapping[str, Any], *, at: dt.datetime, cause: Cause, event: Event
) -> list[int]:
    """Let *values* (of `STATE_FIELDS`) hold for all of *deals* (a queryset) from *at* on; return their ids."""
    ids = list(deals.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    for batch in _batches(ids):
        present = list(DealState.objects.filter(deal__in=batch, valid_to=None, void=False))
        # Two changes in one instant: the later amends (see history.change).
        amended = [state for state in present if state.valid_from >= at]
        ended = [state for state in present if state.valid_from < at]
        for state in amended:
            for name, value in values.items():
                setattr(state, name, value)
            state.cause, state.event = cause, event
        DealState.objects.bulk_update(amended, [*values, "cause", "event"])
        DealState.objects.filter(pk__in=[state.pk for state in ended]).update(valid_to=at)
        DealState.objects.bulk_create(
            DealState(
                deal_id=state.deal_id,
                valid_from=at,
                cause=cause,
                event=event,
                **({name: getattr(state, name) for name in STATE_FIELDS} | dict(values)),
            )
            for state in ended
        )
        Deal.objects.filter(pk__in=batch).update(**values)
        recount(batch)
    return ids


def take_back_many(event: Event, *, at: dt.datetime) -> list[int]:
    """Void the states that *event* made for many deals; those before them go on. Returns the deals' ids.

    Raises `Refused`, changing nothing, when one of the deals was changed since.
    """
    made = list(DealState.objects.filter(event=event, void=False).select_for_update())
    if any(state.valid_to is not None for state in made):
        raise Refused(_("Some of the deals have been changed since: this can no longer be undone."))
    ids = [state.deal_id for state in made]
    for batch in _batches(made):
        DealState.objects.filter(pk__in=[state.pk for state in batch]).update(void=True, valid_to=at)
        befores = list(
            DealState.objects.filter(
                deal__in=[state.deal_id for state in batch],
                void=False,
                valid_to__in={s.valid_from for s in batch},
            )
        )
        for before in befores:
            before.valid_to = None
        DealState.objects.bulk_update(befores, ["valid_to"])
        deals = [
            Deal(pk=before.deal_id, **{name: getattr(before, name) for name in STATE_FIELDS})
            for before in befores
        ]
        Deal.objects.bulk_update(deals, STATE_FIELDS)
        recount([state.deal_id for state in batch])
    return ids


def recount(ids: Iterable[int]) -> int:
    """Count visits, depth and dates of these deals anew from their states; return how many differed."""
    return sum(_recount(batch) for batch in _batches(ids))


def _recount(ids: Sequence[int]) -> int:
    states: defaultdict[int, list[DealState]] = defaultdict(list)
    for state in DealState.objects.filter(deal__in=ids, void=False).order_by("deal_id", "valid_from"):
        states[state.deal_id].append(state)
    places: Places = places_of({state.funnel_id for found in states.values() for state in found})
    visits: defaultdict[int, set[tuple[Any, ...]]] = defaultdict(set)
    for row in StageVisit.objects.filter(deal__in=ids):
        visits[row.deal_id].add(visit_key(row))
    stale: dict[int, Summary] = {}
    changed: list[Deal] = []
    for deal in Deal.objects.filter(pk__in=ids).only("pk", "workspace_id", *SUMMARY_FIELDS):
        summary = summarise(states[deal.pk], places)
        if any(getattr(deal, name) != getattr(summary, name) for name in SUMMARY_FIELDS):
            for name in SUMMARY_FIELDS:
                setattr(deal, name, getattr(summary, name))
            changed.append(deal)
        if {visit.key for visit in summary.visits} != visits[deal.pk]:
            stale[deal.pk] = summary
    if changed:
        Deal.objects.bulk_update(changed, SUMMARY_FIELDS, batch_size=500)
    if stale:
        StageVisit.objects.filter(deal__in=stale).delete()
        StageVisit.objects.bulk_create(
            fill_visit(StageVisit(deal_id=pk), visit)
            for pk, summary in stale.items()
            for visit in summary.visits
        )
    return len({deal.pk for deal in changed} | stale.keys())


def _batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(items)
    while batch := list(islice(rest, BATCH)):
        yield batch
