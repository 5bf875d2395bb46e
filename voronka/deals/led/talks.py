"""Talks about the price: our offers and the client's counter-offers, one after another."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from voronka.clients.models import Person
from voronka.core import clock
from voronka.core.errors import Refused
from voronka.core.text import clean, length_problem
from voronka.deals import history
from voronka.deals.actions.checks import amount_of, lock_for, require_open, seen_by, subjects_of
from voronka.deals.choices import Cause, Side
from voronka.deals.led import events
from voronka.deals.led.models import Offer
from voronka.deals.models import Deal
from voronka.journal.actions import recording
from voronka.journal.models import Event
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action

MOST_TERMS = 2000


@transaction.atomic
def make_offer(
    deal: Deal,
    *,
    actor: Member,
    side: str,
    amount: Any,
    day: dt.date | None = None,
    terms: str = "",
    person: Person | None = None,
    set_amount: bool = False,
) -> Event:
    """Write down a price that we (*side* "ours") or the client ("theirs") named on *day* (today unless given).

    With *set_amount* it becomes the sum of the deal, in the same event. Raises `Refused` for a closed deal, an
    impossible or missing sum, and a day that has not come.
    """
    at = lock_for(deal, actor, Action.EDIT)
    actor.require_fields("deal", ["amount"])
    require_open(deal)
    if side not in Side.values:
        raise Refused(_("There is no such choice."), field="side")
    price = amount_of(amount)
    if not price:
        raise Refused(_("Say the sum that was named."), field="amount")
    day = day or clock.today()
    if day > clock.today():
        raise Refused(_("This day has not come yet."), field="day")
    terms = clean(terms, multiline=True)
    if problem := length_problem(terms, MOST_TERMS):
        raise Refused(problem, field="terms")
    seen_by(actor, person, "person")
    offer = Offer.objects.create(
        deal=deal,
        side=side,
        day=day,
        amount=price,
        currency=deal.currency,
        terms=terms,
        person=person,
        member=actor,
    )
    changes = set_amount and price != deal.amount
    payload = events.OfferMade(
        deal=deal.pk,
        offer=offer.pk,
        side=side,
        amount=str(price),
        currency=deal.currency,
        day=day.isoformat(),
        terms=terms,
        person=person.name if person else "",
        amount_before=str(deal.amount) if changes and deal.amount is not None else None,
        sets_amount=bool(changes),
    )
    with recording(payload, actor=actor, subjects=subjects_of(deal), at=at) as event:
        if changes:
            base = history.in_workspace_currency(int(deal.workspace_id or 0), price, deal.currency)
            values = {"amount": price, "amount_base": base}
            history.change(deal, values, at=at, cause=Cause.EDITED, event=event)
            history.write(deal)
    return event


@transaction.atomic
def remove_offer(offer: Offer, *, actor: Member) -> Event | None:
    """Take away a price that was written down by mistake; the deal's sum stays. A no-op if it is gone."""
    deal = offer.deal
    at = lock_for(deal, actor, Action.EDIT)
    actor.require_fields("deal", ["amount"])
    if not Offer.objects.filter(pk=offer.pk).exists():
        return None
    payload = events.OfferRemoved(
        deal=deal.pk,
        side=offer.side,
        amount=str(offer.amount),
        currency=offer.currency,
        day=offer.day.isoformat(),
        terms=offer.terms,
        person_id=offer.person_id,
        member_id=offer.member_id,
    )
    offer.delete()
    with recording(payload, actor=actor, subjects=subjects_of(deal), at=at) as event:
        pass
    return event
