"""What the first screen needs: what is to be done, and which deals need attention. A constant number of statements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Count, Q

from voronka.activities.models import Activity
from voronka.core.calendar import add_working_days
from voronka.core.periods import end_of, start_of
from voronka.core.tenancy import require_workspace_id
from voronka.deals.hints.reading import Hint, hints_of, switched_off
from voronka.deals.hints.rules import SILENT_DAYS
from voronka.deals.models import Deal
from voronka.playbook.models import Channel, Stage
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Reach, Subject

UPCOMING_DAYS = 7
MEETINGS = (Channel.MEETING, Channel.DEMO, Channel.VISIT)
LETTERS = (Channel.LETTER, Channel.FAX)


def colleagues(member: Member) -> list[Member]:
    """Active members whose activities *member* may see, by name; oneself among them."""
    reach = member.reach(Subject.ACTIVITY, Action.SEE)
    members = Member.objects.active().order_by("name", "pk")
    if reach < Reach.ALL:
        own = Q(pk=member.pk)
        members = members.filter(own | Q(team__in=member.team_ids) if reach == Reach.TEAM else own)
    return list(members)


@dataclass
class Section:
    """The first rows of a part of the agenda, and how many there are in all."""

    rows: list[Activity] = field(default_factory=list)
    count: int = 0

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


@dataclass
class Agenda:
    """Planned activities by when they are due; what is due today but earlier than now is still today's."""

    overdue: Section
    today: Section
    upcoming: Section


def agenda(owner_ids: Collection[int], *, today: dt.date, limit: int = 30) -> Agenda:
    """The planned activities of *owner_ids*: overdue, of *today*, of the next `UPCOMING_DAYS`; three statements."""
    bounds: dict[str, Any] = {
        "workspace": require_workspace_id(),
        "owners": list(owner_ids),
        "start": start_of(today),
        "end": end_of(today),
        "horizon": end_of(today + dt.timedelta(days=UPCOMING_DAYS)),
        "limit": limit,
    }
    names = ("overdue", "today", "upcoming")
    sections = {name: Section() for name in names}
    with connection.cursor() as cursor:
        cursor.execute(_AGENDA_COUNTS, bounds)
        for name, count in zip(names, cursor.fetchone(), strict=True):
            sections[name].count = count
        cursor.execute(_AGENDA, bounds)
        found = cursor.fetchall()
    rows = {
        row.pk: row
        for row in Activity.objects.filter(pk__in=[pk for _name, pk in found]).select_related(
            "kind", "company", "person", "deal", "owner"
        )
    }
    for name, pk in found:
        sections[name].rows.append(rows[pk])
    for section in sections.values():
        section.rows.sort(key=lambda row: (row.due_at, row.pk))
    return Agenda(**sections)


def due_count(member: Member, *, today: dt.date) -> int:
    """How many activities *member* has to do by the end of *today*: the number in the navigation."""
    return Activity.objects.planned().filter(owner=member, due_at__lt=end_of(today)).count()


@dataclass(frozen=True)
class DoneToday:
    """How many contacts were finished today."""

    calls: int
    reached: int
    meetings: int
    letters: int
    tasks: int

    @property
    def others(self) -> int:
        return self.letters + self.tasks


def done_today(owner_ids: Collection[int], *, today: dt.date) -> DoneToday:
    """What *owner_ids* have finished on *today*."""
    counts = Activity.objects.filter(
        owner__in=owner_ids, done_at__gte=start_of(today), done_at__lt=end_of(today)
    ).aggregate(
        calls=Count("pk", filter=Q(channel=Channel.CALL)),
        reached=Count("pk", filter=Q(channel=Channel.CALL, reached=True)),
        meetings=Count("pk", filter=Q(channel__in=MEETINGS)),
        letters=Count("pk", filter=Q(channel__in=LETTERS)),
        tasks=Count("pk", filter=Q(channel=Channel.TASK)),
    )
    return DoneToday(**counts)


# Kinds of hints by which deals are chosen: one index answers them for all of one's deals at once. What else is said
# of a chosen deal the rules of hints add (`deals.hints`).
NO_NEXT, STAGE_LATE, CLOSE_PASSED, SILENT = HINTS = ("no_next", "stage_late", "close_passed", "silent")


@dataclass(frozen=True)
class Troubled:
    """A deal that needs attention, and why."""

    deal: Deal
    hints: list[Hint]


@dataclass
class Attention:
    """Open deals that need attention: the greatest first, and how many there are by kind of hint."""

    rows: list[Troubled] = field(default_factory=list)
    total: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)


def attention(
    member: Member,
    owner_ids: Collection[int],
    *,
    today: dt.date,
    kind: str = "",
    limit: int = 10,
    offset: int = 0,
) -> Attention:
    """The open deals of *owner_ids*, as far as *member* sees them, with no next step, with a silent client, beyond
    their stage's limit or their expected close; only those with a hint of *kind*, if given. A constant number of
    statements. Kinds that the company has switched off choose nothing.
    """
    off = switched_off()
    late = {
        stage_id: end_of(add_working_days(today, -(limit_days + 1)))
        for stage_id, limit_days in Stage.objects.filter(limit_days__isnull=False).values_list(
            "pk", "limit_days"
        )
    }
    params: dict[str, Any] = {
        "workspace": require_workspace_id(),
        "owners": list(owner_ids),
        "today": today,
        "start": start_of(today),
        "silent_since": start_of(today - dt.timedelta(days=SILENT_DAYS)),
        "stages": list(late),
        "late_before": list(late.values()),
        "limit": limit,
        "offset": offset,
        "priced": member.sees("deal", "amount"),
        "dated": member.sees("deal", "expected_close"),
        **{f"{code}_on": code not in off for code in HINTS},
    }
    chosen = kind if kind in HINTS else "true"
    with connection.cursor() as cursor:
        cursor.execute(_FLAGGED + _ATTENTION_COUNTS, params)
        total, *counts = cursor.fetchone()
        cursor.execute(_FLAGGED + _ATTENTION_ROWS.format(chosen=chosen), params)
        found = cursor.fetchall()
    deals = {
        deal.pk: deal
        for deal in Deal.objects.visible_to(member)
        .filter(pk__in=[pk for pk, *_flags in found])
        .select_related("company", "stage", "owner")
    }
    chosen_deals = [deals[pk] for pk, *_flags in found if pk in deals]
    said = hints_of(chosen_deals, member, off=off)
    rows = [Troubled(deal, said[deal.pk]) for deal in chosen_deals]
    return Attention(rows=rows, total=total, counts=dict(zip(HINTS, counts, strict=True)))


# Three short questions rather than one for each owner: for a few owners the index of their activities answers them,
# for a whole company the one of all, in order (202 owners: 11 ms, now 1).
_SECTION = """
(SELECT '{name}', id FROM activities_activity
 WHERE workspace_id = %(workspace)s AND owner_id = ANY(%(owners)s) AND done_at IS NULL AND cancelled_at IS NULL
   AND due_at >= {since} AND due_at < {till}
 ORDER BY due_at, id LIMIT %(limit)s)
"""
_AGENDA = " UNION ALL ".join(
    _SECTION.format(name=name, since=since, till=till)
    for name, since, till in (
        ("overdue", "'-infinity'", "%(start)s"),
        ("today", "%(start)s", "%(end)s"),
        ("upcoming", "%(end)s", "%(horizon)s"),
    )
)

_AGENDA_COUNTS = """
SELECT count(*) FILTER (WHERE due_at < %(start)s),
       count(*) FILTER (WHERE due_at >= %(start)s AND due_at < %(end)s),
       count(*) FILTER (WHERE due_at >= %(end)s)
FROM activities_activity
WHERE workspace_id = %(workspace)s AND owner_id = ANY(%(owners)s) AND done_at IS NULL AND cancelled_at IS NULL
  AND due_at < %(horizon)s
"""

# Reads nothing but the index `deal_attention`. Two passes are quicker than one materialised (17 and 27 ms for 30 000
# open deals of which all are flagged).
_FLAGGED = """
WITH flagged AS (
  SELECT d.id, CASE WHEN %(priced)s THEN d.amount_base END AS amount_base,
         %(no_next_on)s AND d.next_activity_at IS NULL AS no_next,
         %(stage_late_on)s AND d.stage_since < l.late_before IS TRUE AS stage_late,
         %(close_passed_on)s AND %(dated)s AND d.expected_close < %(today)s IS TRUE AS close_passed,
         %(silent_on)s AND (d.next_activity_at < %(start)s) IS NOT FALSE
           AND coalesce(d.last_contact_at, d.opened_at) < %(silent_since)s AS silent
  FROM deals_deal d
  LEFT JOIN unnest(%(stages)s::bigint[], %(late_before)s::timestamptz[]) AS l(stage_id, late_before)
    ON l.stage_id = d.stage_id
  WHERE d.workspace_id = %(workspace)s AND d.outcome = 'open' AND d.owner_id = ANY(%(owners)s)
)
"""

_ATTENTION_COUNTS = """
SELECT count(*) FILTER (WHERE no_next OR stage_late OR close_passed OR silent), count(*) FILTER (WHERE no_next),
       count(*) FILTER (WHERE stage_late), count(*) FILTER (WHERE close_passed), count(*) FILTER (WHERE silent)
FROM flagged
"""

_ATTENTION_ROWS = """
SELECT id, no_next, stage_late, close_passed, silent FROM flagged
WHERE (no_next OR stage_late OR close_passed OR silent) AND {chosen}
ORDER BY amount_base DESC NULLS LAST, id LIMIT %(limit)s OFFSET %(offset)s
"""
