"""What goes into the bell about criteria: a request to the head, the answer to the seller."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _

from voronka.core import formats
from voronka.deals.leaving import events
from voronka.deals.leaving.heads import Heads
from voronka.deals.models import Deal
from voronka.desk.notices import in_words_of, notify
from voronka.journal.models import Event
from voronka.journal.registry import on
from voronka.workspaces.models import Member


@on("deal.approval_asked")
def _ask_the_head(event: Event, payload: events.ApprovalAsked) -> None:
    deal = Deal.objects.get(pk=payload.deal)
    for head in Heads().of(deal):
        if head.pk == event.actor_id:
            continue
        with in_words_of(head):
            text = _("Approval is asked for: %(title)s") % {"title": payload.title}
            if payload.amount and head.sees("deal", "amount"):
                text += f", {formats.money(Decimal(payload.amount), head.workspace.currency)}"
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
