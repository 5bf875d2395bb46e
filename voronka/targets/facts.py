"""What was won: the fact that plans are measured by (metrics.md, Outcomes and «After closing»).

A fact is the sum of two lists that can be opened: the deals won in the period, with their present sums, and the
corrections, i.e. what happened to sums after a closing and so belongs to another month than the closing.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils import timezone

from voronka.core.periods import Period
from voronka.core.tenancy import require_workspace_id

ZERO = Decimal(0)


@dataclass
class Fact:
    """Won in a period, credited to the owner at closing. Sums in the workspace's currency.

    *won* is the sum of the *deals* deals that the list shows, *unpriced* of them have no sum; *corrections* comes on
    top (may be negative).
    """

    won: Decimal = ZERO
    deals: int = 0
    unpriced: int = 0
    corrections: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return self.won + self.corrections

    def __add__(self, other: Fact) -> Fact:
        return Fact(
            self.won + other.won,
            self.deals + other.deals,
            self.unpriced + other.unpriced,
            self.corrections + other.corrections,
        )


@dataclass(frozen=True)
class Correction:
    """A change of a won sum after the closing: *amount* is what it adds to the period asked for."""

    deal_id: int
    number: int
    title: str
    owner_id: int | None
    closed_at: dt.datetime
    at: dt.datetime
    # A reopening takes the whole sum away; anything else is a change of the sum.
    reopened: bool
    amount: Decimal
    # A head let it count in the month of the closing: it moves nothing any more and is listed for the record.
    posted_back: bool = False


def won_by_member(period: Period, member_ids: Collection[int] | None = None) -> dict[int | None, Fact]:
    """The fact of *period* by member (None: nobody was responsible); only of *member_ids*, if given."""
    facts: dict[int | None, Fact] = defaultdict(Fact)
    with connection.cursor() as cursor:
        cursor.execute(_WON, _params(period, member_ids))
        for owner_id, won, deals, unpriced in cursor.fetchall():
            facts[owner_id] = Fact(won or ZERO, deals, unpriced)
    for correction in corrections(period, member_ids):
        facts[correction.owner_id].corrections += correction.amount
    return dict(facts)


def won_by_month(
    period: Period, member_ids: Collection[int] | None = None
) -> dict[tuple[int | None, dt.date], Fact]:
    """The same by member and month (its first day), in as many statements (deals are not counted)."""
    facts: dict[tuple[int | None, dt.date], Fact] = defaultdict(Fact)
    zone = str(period.start.tzinfo)
    with connection.cursor() as cursor:
        cursor.execute(_WON_BY_MONTH, {**_params(period, member_ids), "zone": zone})
        for owner_id, month, won in cursor.fetchall():
            facts[owner_id, month].won = won or ZERO
    for change in _changes(period, member_ids):
        for moment, amount in change.effects():
            if period.start <= moment < period.end:
                month = moment.astimezone(period.start.tzinfo).date().replace(day=1)
                facts[change.owner_id, month].corrections += amount
    return dict(facts)


def corrections(period: Period, member_ids: Collection[int] | None = None) -> list[Correction]:
    """What changed in won sums after the closing, as far as it moves the sum of *period*, oldest first.

    A change in the month of its own closing moves nothing: the deal's present sum tells it already.
    """
    found = []
    for change in _changes(period, member_ids):
        amount = sum(
            (amount for moment, amount in change.effects() if period.start <= moment < period.end), start=ZERO
        )
        # What was posted back is shown in its own month, or nobody could find it again.
        if amount or (change.posted_back and period.start <= change.at < period.end):
            found.append(
                Correction(
                    deal_id=change.deal_id,
                    number=change.number,
                    title=change.title,
                    owner_id=change.owner_id,
                    closed_at=change.closed_at,
                    at=change.at,
                    reopened=change.reopened,
                    amount=amount,
                    posted_back=change.posted_back,
                )
            )
    return found


def correction_at(deal_id: int, at: dt.datetime) -> Correction | None:
    """The correction of one deal made at that moment, None if there is none; *amount*: what it changed the sum by."""
    day = timezone.localdate(at)
    for change in _changes(Period(day, day), None):
        if change.deal_id == deal_id and change.at == at:
            return Correction(
                deal_id=deal_id,
                number=change.number,
                title=change.title,
                owner_id=change.owner_id,
                closed_at=change.closed_at,
                at=change.at,
                reopened=change.reopened,
                amount=-change.was if change.reopened else change.now - change.was,
                posted_back=change.posted_back,
            )
    return None


@dataclass(frozen=True)
class _Change:
    """One state that followed a won one: the sum before and after."""

    deal_id: int
    number: int
    title: str
    at: dt.datetime
    reopened: bool
    was: Decimal
    now: Decimal
    closed_at: dt.datetime
    owner_id: int | None
    posted_back: bool

    def effects(self) -> list[tuple[dt.datetime, Decimal]]:
        """When it adds how much to what the deals' present sums say.

        The present sum stands in the month of closing. So a correction goes from there to its own month; a
        reopened deal is won no longer, so its sum is given back to the month of closing and taken in its own.
        What a head has posted back stays where the present sum stands.
        """
        if self.posted_back:
            return []
        moved = self.was if self.reopened else self.was - self.now
        return [(self.closed_at, moved), (self.at, -moved)]


def _changes(period: Period, member_ids: Collection[int] | None) -> list[_Change]:
    with connection.cursor() as cursor:
        cursor.execute(_AFTER_CLOSING, _params(period, member_ids))
        return [_Change(*row) for row in cursor.fetchall()]


def _params(period: Period, member_ids: Collection[int] | None) -> dict[str, Any]:
    return {
        "workspace": require_workspace_id(),
        "start": period.start,
        "end": period.end,
        "members": None if member_ids is None else list(member_ids),
    }


_WON = """
SELECT closed_owner_id, sum(amount_base), count(*), count(*) FILTER (WHERE amount_base IS NULL)
FROM deals_deal
WHERE workspace_id = %(workspace)s AND outcome = 'won' AND closed_at >= %(start)s AND closed_at < %(end)s
  AND (%(members)s::bigint[] IS NULL OR closed_owner_id = ANY(%(members)s))
GROUP BY closed_owner_id
"""

_WON_BY_MONTH = """
SELECT closed_owner_id, date_trunc('month', closed_at AT TIME ZONE %(zone)s)::date AS month, sum(amount_base)
FROM deals_deal
WHERE workspace_id = %(workspace)s AND outcome = 'won' AND closed_at >= %(start)s AND closed_at < %(end)s
  AND (%(members)s::bigint[] IS NULL OR closed_owner_id = ANY(%(members)s))
GROUP BY 1, 2
"""

# A change before the period began belongs, with its closing, to months before. The run is the stay in «Успех» that
# the change ended or changed: its first state says when and to whose credit the deal was won.
_AFTER_CLOSING = """
SELECT d.id, d.number, d.title, s.valid_from, s.outcome <> 'won',
       coalesce(p.amount_base, 0), coalesce(s.amount_base, 0), run.valid_from, run.owner_id,
       EXISTS (SELECT 1 FROM targets_postedback b
               WHERE b.workspace_id = s.workspace_id AND b.deal_id = s.deal_id AND b.at = s.valid_from)
FROM deals_dealstate s
JOIN deals_deal d ON d.workspace_id = s.workspace_id AND d.id = s.deal_id AND d.outcome <> 'deleted'
JOIN deals_dealstate p ON p.workspace_id = s.workspace_id AND p.deal_id = s.deal_id AND NOT p.void
  AND p.valid_to = s.valid_from AND p.outcome = 'won'
CROSS JOIN LATERAL (
  SELECT q.valid_from, q.owner_id FROM (
    SELECT x.valid_from, x.owner_id, x.outcome, lag(x.outcome) OVER (ORDER BY x.valid_from) AS before
    FROM deals_dealstate x
    WHERE x.workspace_id = s.workspace_id AND x.deal_id = s.deal_id AND NOT x.void AND x.outcome <> 'deleted'
      AND x.valid_from < s.valid_from
  ) q
  WHERE q.outcome = 'won' AND q.before IS DISTINCT FROM 'won'
  ORDER BY q.valid_from DESC LIMIT 1
) run
WHERE s.workspace_id = %(workspace)s AND NOT s.void AND s.valid_from >= %(start)s
  AND (s.cause = 'reopened' OR (s.outcome = 'won' AND s.cause IN ('edited', 'rate')))
  AND (%(members)s::bigint[] IS NULL OR run.owner_id = ANY(%(members)s))
ORDER BY s.valid_from
"""
