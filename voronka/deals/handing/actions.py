"""The new owner says that the deal is taken."""

from __future__ import annotations

from django.db import transaction

from voronka.core.errors import Forbidden
from voronka.deals.actions.checks import lock_for
from voronka.deals.handing import events
from voronka.deals.handing.models import HandOver
from voronka.deals.models import Deal
from voronka.journal.actions import record
from voronka.journal.models import Event
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action


@transaction.atomic
def accept_hand_over(deal: Deal, *, actor: Member) -> Event | None:
    """Accept the sheet with which the deal came. A no-op when none is open; raises `Forbidden` for another's."""
    at = lock_for(deal, actor, Action.EDIT)
    row = HandOver.objects.filter(deal=deal, accepted_at=None, passed_on=False).first()
    if row is None:
        return None
    if row.to_member_id != actor.pk:
        raise Forbidden("another's hand-over")
    row.accepted_at = at
    row.save(update_fields=["accepted_at"])
    payload = events.HandOverAccepted(deal.pk, row.pk, deal.title, actor.name, row.given_by_id)
    return record(payload, actor=actor, subjects=[("deal", deal.pk)])
