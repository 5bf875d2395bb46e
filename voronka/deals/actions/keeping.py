"""A dead deal lives on, because somebody who answers for it says so."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from voronka.core import clock
from voronka.core.errors import Refused
from voronka.deals import history
from voronka.deals.actions.checks import comment_of, lock_for, require_open, subjects_of
from voronka.deals.closing.events import DealKept
from voronka.deals.models import Deal
from voronka.journal.actions import recording
from voronka.journal.models import Event
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action

LONGEST_DAYS = 365


@transaction.atomic
def keep_deal(deal: Deal, *, actor: Member, until: dt.date, note: str = "") -> Event | None:
    """Say that the deal lives, whatever the rules think, through the day *until*. A no-op if it is said already.

    Raises `Refused` for a day that is past or further than a year, and for a closed deal.
    """
    at = lock_for(deal, actor, Action.EDIT)
    require_open(deal)
    if not clock.today() <= until <= clock.today() + dt.timedelta(days=LONGEST_DAYS):
        raise Refused(_("Choose a day from today to a year ahead."), field="until")
    if deal.alive_until == until:
        return None
    payload = DealKept(
        deal.pk,
        until.isoformat(),
        deal.alive_until.isoformat() if deal.alive_until else None,
        comment_of(note),
    )
    with recording(payload, actor=actor, subjects=subjects_of(deal), at=at) as event:
        deal.alive_until = until
        history.write(deal, "alive_until")
    return event
