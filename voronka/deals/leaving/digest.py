"""What the morning letter says of deals: what waits for the member's decision."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from voronka.deals.leaving.models import Approval
from voronka.deals.models import Deal
from voronka.desk.delivery.digest import MOST_LINES, DigestLine, Part, part
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Reach, Subject


@part("approvals", order=30)
def approvals(member: Member, day: dt.date) -> Part | None:
    """Open requests for approval within the member's reach, the oldest first."""
    if member.reach(Subject.DEAL, Action.EDIT) < Reach.TEAM:
        return None
    deals = Deal.objects.visible_to(member, Action.EDIT).filter(outcome="open")
    waiting = Approval.objects.filter(approved=None, deal__in=deals.values("pk"))
    rows = waiting.select_related("deal", "asked_by").order_by("asked_at")[:MOST_LINES]
    lines = [
        DigestLine(
            _("%(who)s asks about “%(title)s”") % {"who": row.asked_by.name, "title": row.deal.title},
            f"deal:{row.deal_id}",
        )
        for row in rows
    ]
    return Part(_("Waits for your decision"), lines, waiting.count(), "approvals")
