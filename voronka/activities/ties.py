"""Who has an activity with a client works with it, and so sees it."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Exists, OuterRef, Q

from voronka.activities.models import Activity
from voronka.clients.reach import company_tie


@company_tie
def has_activity(within: Callable[[str, str], Q]) -> Exists:
    """Companies with an activity, not cancelled, of somebody within reach."""
    activities = Activity.objects.filter(company=OuterRef("pk"), cancelled_at=None)
    return Exists(activities.filter(within("owner_id", "team_id")))
