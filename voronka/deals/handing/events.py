"""A deal that was handed over is accepted; whoever gave it hears of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_

from voronka.core.errors import Forbidden, Refused
from voronka.deals.handing.models import HandOver
from voronka.desk.notices import in_words_of, notify
from voronka.journal.registry import event_type, on
from voronka.workspaces.models import Member


def _undo(event: Any, payload: Any, actor: Any) -> None:
    row = HandOver.objects.select_for_update(of=("self",)).filter(pk=payload.hand_over).first()
    if row is None or HandOver.objects.filter(deal=row.deal_id, pk__gt=row.pk).exists():
        raise Refused(_("The deal has been handed on since."))
    if row.to_member_id != actor.pk:
        raise Forbidden("undo")
    row.accepted_at = None
    row.save(update_fields=["accepted_at"])


@event_type("deal.hand_over_accepted", sentence=N_("Deal accepted: {name}"), icon="user-check", undo=_undo)
@dataclass(frozen=True)
class HandOverAccepted:
    """The new owner has read the sheet and took the deal; `given_by` waits for it."""

    deal: int
    hand_over: int
    title: str
    name: str
    given_by: int


@on("deal.hand_over_accepted")
def _tell_who_gave_it(event: Any, payload: HandOverAccepted) -> None:
    if payload.given_by == event.actor_id:
        return
    member = Member.objects.select_related("user", "workspace").get(pk=payload.given_by)
    with in_words_of(member):
        text = _("Deal accepted: %(title)s, %(name)s") % {"title": payload.title, "name": payload.name}
        notify(member, kind="deal", text=text, url=f"deal:{payload.deal}", key=f"event:{event.pk}")
