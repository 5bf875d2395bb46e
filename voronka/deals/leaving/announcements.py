"""What goes into the bell about criteria: a request to the head, the answer to the seller, a deal beyond its limit."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from voronka.core import clock, formats
from voronka.core.calendar import working_days_between
from voronka.deals.leaving import events
from voronka.deals.leaving.heads import Heads
from voronka.deals.models import Deal
from voronka.desk.notices import in_words_of, notify
from voronka.journal.models import Event
from voronka.journal.registry import on
from voronka.playbook.models import Stage
from voronka.workspaces.models import Member

# A head is told of so many deals one by one; of the rest in one line.
ONE_BY_ONE = 5


@on("deal.approval_asked")
def _ask_the_head(event: Event, payload: events.ApprovalAsked) -> None:
    deal = Deal.objects.get(pk=payload.deal)
    for head in Heads().of(deal):
        if head.pk == event.actor_id:
            continue
        with in_words_of(head):
            text = _("Approval is asked for: %(title)s, %(sum)s") % {
                "title": payload.title,
                "sum": formats.money(Decimal(payload.amount or 0), head.workspace.currency),
            }
            notify(head, kind="approval", text=text, url="approvals", key=f"event:{event.pk}")


@on("deal.approval_decided")
def _answer_the_seller(event: Event, payload: events.ApprovalDecided) -> None:
    if payload.asked_by == event.actor_id:
        return
    member = Member.objects.select_related("user", "workspace").get(pk=payload.asked_by)
    with in_words_of(member):
        words = _("Approved: %(title)s") if payload.approved else _("Not approved: %(title)s")
        text = words % {"title": payload.title}
        if payload.note:
            text += f". {payload.note}"
        notify(member, kind="approval", text=text, url=f"deal:{payload.deal}", key=f"event:{event.pk}")


def tell_of_limits() -> int:
    """Tell heads of deals that have stood on a stage for as long as the book says; return how many are told of.

    Each share of the limit is told once for each stay on the stage, the highest one passed only. May run as often as
    one likes: a notice's key holds the stay and the share.
    """
    today = clock.today()
    by_head: dict[int, list[tuple[Deal, Stage, int, int]]] = defaultdict(list)
    heads: dict[int, Member] = {}
    find = Heads()
    for stage in Stage.objects.filter(archived_at=None, limit_days__isnull=False).exclude(told_at=[]):
        for deal, passed, share in _beyond(stage, today):
            for head in find.of(deal):
                heads[head.pk] = head
                by_head[head.pk].append((deal, stage, passed, share))
    for pk, found in by_head.items():
        _tell(heads[pk], found)
    return sum(map(len, by_head.values()))


def _beyond(stage: Stage, today: dt.date) -> list[tuple[Deal, int, int]]:
    """Open deals of the stage that have passed a share of its limit since yesterday: (deal, days passed, share)."""
    limit = stage.limit_days or 1
    deals = Deal.objects.filter(stage=stage, outcome="open").only(
        "pk", "title", "owner", "team", "stage_since", "stage"
    )
    found = []
    for deal in deals.order_by("-stage_since").iterator(chunk_size=2000):
        since = timezone.localdate(deal.stage_since)
        passed = working_days_between(since, today)
        before = working_days_between(since, today - dt.timedelta(days=1))
        # What was passed long ago was told then: a rule written today does not ring for the whole past.
        shares = [share for share in stage.told_at if before * 100 < share * limit <= passed * 100]
        if shares:
            found.append((deal, passed, max(shares)))
    return found


def _tell(head: Member, found: list[tuple[Deal, Stage, int, int]]) -> None:
    with in_words_of(head):
        for deal, stage, passed, share in found[:ONE_BY_ONE]:
            text = _("%(title)s stands on “%(stage)s” for %(passed)s of %(limit)s working days") % {
                "title": deal.title,
                "stage": stage.name,
                "passed": passed,
                "limit": stage.limit_days,
            }
            key = f"limit:{deal.pk}:{stage.pk}:{deal.stage_since.isoformat()}:{share}"
            notify(head, kind="limit", text=text, url=f"deal:{deal.pk}", key=key)
        rest = len(found) - ONE_BY_ONE
        if rest > 0:
            text = ngettext(
                "One more deal stands on its stage for long",
                "%(count)s more deals stand on their stages for long",
                rest,
            ) % {"count": rest}
            notify(head, kind="limit", text=text, url="today", key=f"limits:{clock.today().isoformat()}")
