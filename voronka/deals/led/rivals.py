"""Who else bids for a deal, at what price, and what we answer."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from voronka.catalog.models import Competitor
from voronka.core import clock
from voronka.core.errors import Refused
from voronka.core.text import clean, length_problem
from voronka.deals.actions.checks import amount_of, lock_for
from voronka.deals.led import events
from voronka.deals.led.models import Rival
from voronka.deals.models import Deal
from voronka.journal.actions import record
from voronka.journal.models import Event
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action

MOST_ANSWER = 2000


@transaction.atomic
def set_rival(
    deal: Deal, *, actor: Member, competitor: Competitor, price: Any = None, answer: str = ""
) -> Event | None:
    """Say that *competitor* bids too, at *price* (None: not known), and what we answer; a second call changes it.

    The day of the price is the one on which it was said. A no-op if it is so already. Raises `Refused` for an
    impossible price, a merged competitor and too long an answer.
    """
    lock_for(deal, actor, Action.EDIT)
    answer = clean(answer, multiline=True)
    if problem := length_problem(answer, MOST_ANSWER):
        raise Refused(problem, field="answer")
    if competitor.merged_into_id is not None:
        raise Refused(_("There is no such choice."), field="competitor")
    try:
        asked = amount_of(price)
    except Refused as refusal:
        raise Refused(refusal.message, field="price") from refusal
    row = Rival.objects.filter(deal=deal, competitor=competitor).first()
    before = told(row) if row else None
    if row is None:
        row = Rival(deal=deal, competitor=competitor)
    elif (row.price, row.answer) == (asked, answer):
        return None
    if asked != row.price:
        row.priced_on = clock.today() if asked is not None else None
    row.price, row.answer = asked, answer
    row.save()
    payload = events.RivalSet(
        deal=deal.pk,
        competitor=competitor.pk,
        name=competitor.name,
        price=str(asked) if asked is not None else None,
        currency=deal.currency,
        answer=answer,
        before=before,
    )
    return record(payload, actor=actor, subjects=[("deal", deal.pk), ("competitor", competitor.pk)])


@transaction.atomic
def remove_rival(deal: Deal, *, actor: Member, competitor: Competitor) -> Event | None:
    """Say that *competitor* does not bid (any more). A no-op if it is not in the deal."""
    lock_for(deal, actor, Action.EDIT)
    row = Rival.objects.filter(deal=deal, competitor=competitor).first()
    if row is None:
        return None
    before = told(row)
    row.delete()
    payload = events.RivalRemoved(deal.pk, competitor.pk, competitor.name, before)
    return record(payload, actor=actor, subjects=[("deal", deal.pk), ("competitor", competitor.pk)])


def told(row: Rival) -> dict[str, Any]:
    """The row for the event, as it can be put back."""
    return {
        "price": str(row.price) if row.price is not None else None,
        "priced_on": row.priced_on.isoformat() if row.priced_on else None,
        "answer": row.answer,
    }
