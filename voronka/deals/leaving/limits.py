"""Control of stage limits: heads hear of deals that stand for long, and the next heads up when nobody reacts."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import NamedTuple

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from voronka.core import clock, formats
from voronka.core.calendar import add_working_days, working_days_since
from voronka.core.periods import end_of
from voronka.core.tenancy import require_workspace_id
from voronka.deals.leaving.heads import Heads
from voronka.deals.leaving.models import LimitsRun, LimitTold
from voronka.deals.models import Deal
from voronka.desk.delivery.sending import Line, in_words_of, tell
from voronka.desk.models import Notice
from voronka.journal.models import EventSubject
from voronka.playbook.models import Stage
from voronka.workspaces.models import Member

# A head is told of so many deals one by one; of the rest in one line.
ONE_BY_ONE = 5
# A worker that was off for longer tells of no more than this.
FURTHEST_BACK = dt.timedelta(days=31)


class Beyond(NamedTuple):
    """An open deal that has passed a share of its stage's limit; *passed* counts full working days."""

    deal: Deal
    share: int
    passed: int


def tell_of_limits() -> int:
    """Tell heads of deals that have stood on a stage for as long as the book says; return how many are told of.

    What has passed since the last time is told, so that a day on which the worker was off is made up for. Each share
    is told once for each stay, the highest one passed only. May run as often as one likes: a notice's key holds the
    stay and the share.
    """
    today = clock.today()
    run = LimitsRun.objects.first()
    yesterday = today - dt.timedelta(days=1)
    # What was passed before the first time, or before a rule was written, was told then or never.
    since = max(min(run.day, yesterday), today - FURTHEST_BACK) if run else yesterday
    by_head: dict[int, list[Beyond]] = defaultdict(list)
    heads: dict[int, Member] = {}
    find = Heads()
    for found in _beyond(since, today):
        for head in find.of(found.deal):
            heads[head.pk] = head
            by_head[head.pk].append(found)
    with transaction.atomic():
        for pk, some in by_head.items():
            _tell(heads[pk], some)
        LimitsRun.objects.update_or_create(defaults={"day": today})
    return sum(map(len, by_head.values()))


def _beyond(since: dt.date, today: dt.date) -> list[Beyond]:
    """Open deals that passed a share of their stage's limit after *since* and until *today*; two statements."""
    rules = []
    for stage in Stage.objects.filter(archived_at=None, limit_days__isnull=False).exclude(told_at=[]):
        for share in stage.told_at:
            days = max(1, -(-share * (stage.limit_days or 1) // 100))
            after, until = (end_of(add_working_days(day, -days)) for day in (since, today))
            rules.append((stage.pk, share, after, until))
    if not rules:
        return []
    stages, shares, afters, untils = (list(column) for column in zip(*rules, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_PASSED, [stages, shares, afters, untils, require_workspace_id()])
        passed = dict(cursor.fetchall())
    deals = Deal.objects.filter(pk__in=passed).select_related("stage").order_by("-stage_since", "pk")
    return [
        Beyond(deal, passed[deal.pk], working_days_since(deal.stage_since, until=today)) for deal in deals
    ]


_PASSED = """
SELECT d.id, max(r.share)
FROM unnest(%s::bigint[], %s::int[], %s::timestamptz[], %s::timestamptz[]) AS r(stage, share, after, until)
JOIN deals_deal d ON d.stage_id = r.stage AND d.stage_since >= r.after AND d.stage_since < r.until
WHERE d.workspace_id = %s AND d.outcome = 'open'
GROUP BY d.id
"""


def _tell(head: Member, found: list[Beyond]) -> None:
    lines = []
    with in_words_of(head):
        for deal, share, passed in found[:ONE_BY_ONE]:
            text = _("%(title)s stands on “%(stage)s” for %(passed)s of %(limit)s working days") % {
                "title": deal.title,
                "stage": deal.stage.name,
                "passed": passed,
                "limit": deal.stage.limit_days,
            }
            lines.append(Line(head, "limit", text, _key(deal, share), f"deal:{deal.pk}"))
        rest = len(found) - ONE_BY_ONE
        if rest > 0:
            text = ngettext(
                "One more deal stands on its stage for long",
                "%(count)s more deals stand on their stages for long",
                rest,
            ) % {"count": rest}
            lines.append(Line(head, "limit", text, f"limits:{clock.today().isoformat()}", "today"))
    tell(lines)
    now = clock.now()
    LimitTold.objects.bulk_create(
        [
            LimitTold(
                deal=one.deal,
                stage=one.deal.stage,
                stage_since=one.deal.stage_since,
                share=one.share,
                head=head,
                told_at=now,
            )
            for one in found
        ],
        ignore_conflicts=True,
    )


def _key(deal: Deal, share: int) -> str:
    return f"limit:{deal.pk}:{deal.stage_id}:{deal.stage_since.isoformat()}:{share}"


def escalate() -> int:
    """Tell the next head up of deals about which nobody has done anything since their head was told, where the stage
    says so; return of how many.

    To react is to open the line or to do anything with the deal. Every telling is looked at once, so that it may run
    as often as one likes.
    """
    today = clock.today()
    told: list[LimitTold] = []
    for stage_id, days in Stage.objects.exclude(escalates_after=None).values_list("pk", "escalates_after"):
        told += LimitTold.objects.filter(
            stage=stage_id, escalated_at=None, told_at__lt=end_of(add_working_days(today, -days))
        ).select_related("deal__stage", "head")
    find = Heads()
    count = 0
    for one in told:
        with transaction.atomic():
            # Two workers at once: whoever notes it first tells it.
            fresh = LimitTold.objects.filter(pk=one.pk, escalated_at=None)
            if not fresh.update(escalated_at=clock.now()) or _has_reacted(one):
                continue
            above = find.above(one.deal, one.head)
            tell(_line_up(head, one) for head in above)
            count += bool(above)
    return count


def _has_reacted(told: LimitTold) -> bool:
    """Whether the deal is no longer as it was told, or somebody has looked or acted since."""
    deal = told.deal
    if not deal.is_open or (deal.stage_id, deal.stage_since) != (told.stage_id, told.stage_since):
        return True
    line = Notice.objects.filter(member=told.head, key=_key(deal, told.share)).exclude(reacted_at=None)
    done = EventSubject.objects.filter(
        kind="deal", object_id=deal.pk, event__at__gt=told.told_at, event__actor__isnull=False
    )
    return line.exists() or done.exists()


def _line_up(head: Member, told: LimitTold) -> Line:
    deal = told.deal
    with in_words_of(head):
        text = _("%(title)s stands on “%(stage)s” for %(passed)s working days; %(head)s has not reacted") % {
            "title": deal.title,
            "stage": deal.stage.name,
            "passed": formats.number(working_days_since(deal.stage_since, until=clock.today())),
            "head": told.head.name,
        }
    return Line(head, "limit", text, f"limit-up:{told.pk}", f"deal:{deal.pk}")
