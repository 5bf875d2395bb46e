"""What a calendar shows: activities of some members between two days, at the hour they are planned for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q

from voronka.activities.models import Activity
from voronka.activities.series import due_of, next_after, stands_on
from voronka.core import clock
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


def coming_between(
    member: Member, period: Period, *, owners: Collection[int], kinds: Collection[int] = ()
) -> list[tuple[Activity, dt.datetime]]:
    """What repeated activities will bring in *period*, were each done in time: the one planned now and when it comes
    again. Nothing of this is stored. One statement.
    """
    later = Activity.objects.filter(series=OuterRef("series"), series_number__gt=OuterRef("series_number"))
    newest = (
        Activity.objects.visible_to(member)
        .planned()
        .filter(
            ~Exists(later),
            series__ended_at=None,
            series__isnull=False,
            owner__in=list(owners),
            due_at__lt=period.end,
        )
    )
    if kinds:
        newest = newest.filter(kind__in=list(kinds))
    rows = newest.select_related("series", "kind", "company", "person", "deal", "owner").order_by(
        "due_at", "pk"
    )
    now = clock.now()
    found: list[tuple[Activity, dt.datetime]] = []
    for row in rows[:MOST]:
        series = row.series
        assert series is not None
        number = next_after(series, row.series_number or 0, max(now, period.start), after=stands_on(row))
        while number is not None and (due := due_of(series, number)) < period.end and len(found) < MOST:
            found.append((row, due))
            number = next_after(series, number, due)
    return found
