"""What goes into the bell about a proposed loss: the question to the head, the answer to the seller."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from voronka.deals.closing import events
from voronka.deals.closing.models import LossProposal
from voronka.deals.leaving.heads import Heads
from voronka.deals.models import Deal
from voronka.desk.notices import in_words_of, notify
from voronka.journal.models import Event
from voronka.journal.registry import on
from voronka.workspaces.models import Member


@on("deal.loss_proposed")
def _ask_the_head(event: Event, payload: events.LossProposed) -> None:
    for head in Heads().of(Deal.objects.get(pk=payload.deal)):
        with in_words_of(head):
            text = _("A loss waits for your word: %(title)s. %(reason)s") % {
                "title": payload.title,
                "reason": payload.reason,
            }
            notify(head, kind="loss", text=text, url="decisions", key=f"event:{event.pk}")


@on("deal.loss_returned")
def _answer_the_seller(event: Event, payload: events.LossReturned) -> None:
    _tell(event, payload.asked_by, payload.deal, _returned, payload)


@on("deal.lost")
def _tell_that_it_was_confirmed(event: Event, payload: Any) -> None:
    if payload.proposal is None:
        return
    row = LossProposal.objects.select_related("deal").get(pk=payload.proposal)
    _tell(event, row.asked_by_id, row.deal_id, _confirmed, row)


def _tell(event: Event, member_id: int, deal_id: int, words: Any, about: Any) -> None:
    if member_id == event.actor_id:
        return
    member = Member.objects.select_related("user", "workspace").get(pk=member_id)
    with in_words_of(member):
        notify(member, kind="loss", text=words(about), url=f"deal:{deal_id}", key=f"event:{event.pk}")


def _returned(payload: events.LossReturned) -> str:
    return _("The loss is not confirmed: %(title)s. %(note)s") % {
        "title": payload.title,
        "note": payload.note,
    }


def _confirmed(row: LossProposal) -> str:
    return _("The loss is confirmed: %(title)s") % {"title": row.deal.title}
