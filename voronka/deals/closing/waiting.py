"""What waits for the head: losses to confirm, sums to approve, dead deals, limits passed, and who is stuck."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Q

from voronka.core import clock
from voronka.core.calendar import add_working_days
from voronka.core.periods import end_of, start_of
from voronka.deals.closing.dead import Terms, dead_deals
from voronka.deals.closing.models import LossProposal, Verdict
from voronka.deals.leaving.models import Approval
from voronka.deals.models import Deal
from voronka.playbook.models import Stage
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Reach, Subject

# A number in the navigation says «99+» rather than count further.
MOST_COUNTED: Final = 100


def is_head(member: Member) -> bool:
    """Whether anything at all is the member's to decide."""
    return member.reach(Subject.DEAL, Action.EDIT) >= Reach.TEAM


def _mine(member: Member) -> Any:
    return Deal.objects.visible_to(member, Action.EDIT, only_open=True).values("pk")


def losses(member: Member) -> Any:
    """Proposed losses within the head's reach, the oldest first."""
    if not is_head(member):
        return LossProposal.objects.none()
    rows = LossProposal.objects.filter(verdict=Verdict.OPEN, deal__in=_mine(member))
    return rows.select_related("deal__company", "deal__stage", "reason", "asked_by").order_by("asked_at")


def approvals(member: Member) -> Any:
    """Sums to approve within the head's reach, the oldest first."""
    if not is_head(member):
        return Approval.objects.none()
    rows = Approval.objects.filter(approved=None, deal__in=_mine(member))
    return rows.select_related("deal__company", "deal__stage", "asked_by", "criterion").order_by("asked_at")


def late_condition(today: dt.date) -> Q:
    """Open deals that stand on their stage longer than its limit allows."""
    by_limit: dict[int, list[int]] = defaultdict(list)
    for pk, limit in Stage.objects.filter(limit_days__isnull=False).values_list("pk", "limit_days"):
        by_limit[limit].append(pk)
    late = Q(pk__in=[])
    for limit, stages in by_limit.items():
        late |= Q(stage__in=stages, stage_since__lt=end_of(add_working_days(today, -(limit + 1))))
    return late


def late_deals(member: Member) -> Any:
    """Deals beyond their stage's limit, those that entered it first before the others."""
    today = clock.today()
    deals = Deal.objects.visible_to(member, Action.EDIT, only_open=True)
    kept = Q(alive_until=None) | Q(alive_until__lt=today)
    return deals.filter(kept).filter(late_condition(today)).order_by("stage_since", "pk")


@dataclass(frozen=True)
class Stuck:
    """A seller and how many of the open deals lack what: a next step, a step in time, the stage's limit, life."""

    member: Member
    open: int
    no_next: int
    overdue: int
    late: int
    dead: int


def stuck(member: Member, limit: int = 8) -> list[Stuck]:
    """Whose deals stand, those with most of it first; two queries."""
    terms = Terms.now()
    today = terms.today
    late, kept = late_condition(today), Q(alive_until=None) | Q(alive_until__lt=today)
    rows = (
        Deal.objects.visible_to(member, Action.EDIT, only_open=True)
        .filter(owner__isnull=False)
        .order_by()
        .values("owner")
        .annotate(
            open=Count("pk"),
            no_next=Count("pk", filter=Q(next_activity_at=None)),
            overdue=Count("pk", filter=Q(next_activity_at__lt=start_of(today))),
            late=Count("pk", filter=late),
            dead=Count("pk", filter=terms.condition() & kept),
        )
    )
    found = [row for row in rows if row["no_next"] + row["overdue"] + row["late"] + row["dead"]]
    found.sort(key=lambda row: -(row["no_next"] + row["overdue"] + row["late"] + 2 * row["dead"]))
    members = Member.objects.in_bulk([row["owner"] for row in found[:limit]])
    return [
        Stuck(members[row.pop("owner")], **row) for row in map(dict, found[:limit]) if row["owner"] in members
    ]


def counted(member: Member) -> int:
    """How much waits for the head's word, at most `MOST_COUNTED`: losses, sums, dead deals."""
    if not is_head(member):
        return 0
    found: int = losses(member).order_by()[:MOST_COUNTED].count()
    for rows in (approvals(member).order_by(), dead_deals(member)):
        if found < MOST_COUNTED:
            found += rows[: MOST_COUNTED - found].count()
    return found
