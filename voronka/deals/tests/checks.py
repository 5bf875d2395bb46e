"""What must hold for every deal at any moment."""

from __future__ import annotations

from itertools import pairwise

from voronka.deals.history import SUMMARY_FIELDS, places_of
from voronka.deals.models import STATE_FIELDS, Deal
from voronka.deals.summary import summarise


def assert_summaries_hold(deal: Deal) -> None:
    """The deal repeats its present state; states have no gaps; visits and columns follow from the states."""
    deal = Deal.objects.get(pk=deal.pk)
    states = list(deal.states.filter(void=False).order_by("valid_from"))
    assert states[-1].valid_to is None
    for earlier, later in pairwise(states):
        assert earlier.valid_to == later.valid_from
    for name in STATE_FIELDS:
        assert getattr(deal, name) == getattr(states[-1], name), name
    summary = summarise(states, places_of(state.funnel_id for state in states))
    for name in SUMMARY_FIELDS:
        assert getattr(deal, name) == getattr(summary, name), name
    rows = [
        (v.stage_id, v.funnel_id, v.entered, v.left, v.seconds, v.end, v.basis, v.spent, v.is_last)
        for v in deal.visits.order_by("entered")
    ]
    wanted = [
        (v.stage_id, v.funnel_id, v.entered, v.left, v.seconds, v.end, v.basis, v.spent, v.is_last)
        for v in summary.visits
    ]
    assert rows == wanted, (rows, wanted)
