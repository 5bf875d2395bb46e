"""What the morning letter says of endings: losses that wait for the head's word."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from voronka.deals.closing import waiting
from voronka.desk.delivery.digest import MOST_LINES, DigestLine, Part, part
from voronka.workspaces.models import Member


@part("losses", order=29)
def losses(member: Member, day: dt.date) -> Part | None:
    """Proposed losses within the member's reach, the oldest first."""
    if not waiting.is_head(member):
        return None
    rows = waiting.losses(member)
    lines = [
        DigestLine(
            _("%(who)s proposes to lose “%(title)s”: %(reason)s")
            % {"who": row.asked_by.name, "title": row.deal.title, "reason": row.reason.name},
            f"deal:{row.deal_id}",
        )
        for row in rows[:MOST_LINES]
    ]
    return Part(_("Losses to confirm"), lines, rows.order_by().count(), "decisions")
