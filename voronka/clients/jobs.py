"""Background work on clients."""

from __future__ import annotations

import datetime as dt
import logging

from django.db import transaction

from voronka.clients.matching import bulk
from voronka.clients.merging import movers_of, stays
from voronka.clients.models import Company, DuplicateSearch, Person
from voronka.core import clock
from voronka.core.jobs import workspace_job
from voronka.core.tenancy import require_workspace_id

logger = logging.getLogger(__name__)

# What somebody may have written to a card at the very moment it was merged. Contacts and posts that stand twice stay
# on the alias on purpose.
LATE = frozenset({"deals", "activities", "note", "refs"})
SEEN_HOME = dt.timedelta(days=3)
# A search that has not come back by then is looked upon as lost.
LOST = dt.timedelta(minutes=30)


@workspace_job("clients.look_for_duplicates")
def look_for_duplicates() -> int:
    """Find all pairs that look the same; bears a second run. Returns how many there are."""
    return bulk.search()


@transaction.atomic
def ask_for_duplicates() -> DuplicateSearch:
    """Queue a search unless one is on its way. No event: it changes nothing that anybody wrote."""
    state, _made = DuplicateSearch.objects.select_for_update().get_or_create()
    now = clock.now()
    if state.queued_at is None or state.queued_at < now - LOST:
        state.queued_at = now
        state.save(update_fields=["queued_at"])
        look_for_duplicates.defer(workspace_id=require_workspace_id())
    return state


def every_night() -> None:
    """The search, and `bring_home`."""
    bulk.search()
    bring_home()


def bring_home() -> int:
    """Move rows that came to stand on a merged card while it was being merged (an import, an old form).

    Returns how many kinds of rows there were; logged, for nobody will miss what is brought where it belongs.
    """
    moved = 0
    recent = clock.now() - SEEN_HOME
    for kind, model in (("company", Company), ("person", Person)):
        rows = model.objects.filter(merged_into__isnull=False, deleted_at__gte=recent)
        for pk in rows.values_list("pk", flat=True):
            goal = stays(model, pk) or pk
            with transaction.atomic():
                movers = [mover for mover in movers_of(kind) if mover.code in LATE and mover.count(pk)]
                for mover in movers:
                    mover.move(pk, goal)
            if movers:
                moved += len(movers)
                logger.warning("%s %s is %s now: brought home %s", kind, pk, goal, [m.code for m in movers])
    return moved
