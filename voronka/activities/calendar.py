"""What a calendar shows: activities of some members between two days, at the hour they are planned for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db.models import Q

from voronka.activities.models import Activity
from voronka.core.periods import Period
from voronka.workspaces.models import Member

# More would make any month unreadable; the page says when it is so.
MOST = 1500
# An activity may have begun on the day before.
LONGEST = dt.timedelta(days=1)


def entries_between(
    member: Member,
    period: Period,
    *,
    owners: Collection[int],
    kinds: Collection[int] = (),
    with_done: bool = True,
) -> tuple[list[Activity], bool]:
    """The activities of *owners* in *period* as far as *member* sees them, earliest first; whether there are more.

    What was done stands where it was planned, so that a day past reads as it was meant to be. Two statements.
    """
    found = Activity.objects.visible_to(member).filter(
        cancelled_at=None,
        owner__in=list(owners),
        due_at__gte=period.start - LONGEST,
        due_at__lt=period.end,
    )
    if kinds:
        found = found.filter(kind__in=list(kinds))
    if not with_done:
        found = found.filter(Q(done_at=None))
    rows = list(
        found.select_related("kind", "company", "person", "deal", "owner").order_by("due_at", "pk")[
            : MOST + 1
        ]
    )
    return rows[:MOST], len(rows) > MOST
