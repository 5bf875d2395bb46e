"""Who has an activity with a client works with it, and so sees it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Q

from voronka.activities.models import Activity
from voronka.clients.reach import company_tie, company_workers


@company_tie
def has_activity(within: Callable[[str, str], Q]) -> Any:
    """Companies with an activity, not cancelled, of somebody within reach."""
    activities = Activity.objects.filter(company__isnull=False, cancelled_at=None)
    return activities.filter(within("owner_id", "team_id")).values("company")


@company_workers
def who_have_activities(ids: Sequence[int]) -> Any:
    """(company, owner, team) of the activities with these companies."""
    activities = Activity.objects.filter(company__in=ids, cancelled_at=None)
    return activities.order_by().values_list("company_id", "owner_id", "team_id").distinct()
