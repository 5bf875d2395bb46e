"""Kinds of notices that come in vain: the system proposes to switch them off, rather than nag."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from django.db import transaction
from django.db.models import Count, Min, Q

from voronka.core import clock
from voronka.desk.delivery.kinds import KINDS
from voronka.desk.delivery.models import NoticeSettings
from voronka.desk.delivery.wishes import locked_settings
from voronka.desk.models import Notice
from voronka.workspaces.models import Member

# A kind that came so often in this time, and of which no line was opened, put off or answered.
TERM = dt.timedelta(days=30)
LEAST = 10


def look_for_vain() -> int:
    """Note for every member which kinds nobody reacted to; return how many proposals there are.

    Only of members who were here in that time, and of kinds that came before it already.
    """
    now = clock.now()
    since = now - TERM
    found: dict[int, dict[str, int]] = defaultdict(dict)
    rows = (
        Notice.objects.filter(in_bell=True, kind__in=list(KINDS), member__last_seen_at__gte=since)
        .values("member_id", "kind")
        .annotate(
            first=Min("created_at"),
            came=Count("pk", filter=Q(created_at__gte=since)),
            reacted=Count("pk", filter=Q(reacted_at__gte=since)),
        )
        .filter(first__lt=since, came__gte=LEAST, reacted=0)
    )
    for row in rows.order_by():
        found[row["member_id"]][row["kind"]] = row["came"]
    today = clock.today().isoformat()
    with_some = set(NoticeSettings.objects.exclude(in_vain={}).values_list("member_id", flat=True))
    count = 0
    for member in Member.objects.active().filter(pk__in=with_some | found.keys()):
        with transaction.atomic():
            own = locked_settings(member)
            own.in_vain = {
                kind: came
                for kind, came in found[member.pk].items()
                if own.not_asked_till.get(kind, "") <= today
            }
            own.save(update_fields=["in_vain"])
        count += len(own.in_vain)
    return count
