"""What happens around a deal: colleagues, prices, competitors; and how each is taken back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_

from voronka.core import clock
from voronka.core.errors import Forbidden, Refused
from voronka.core.formats import money, short_date
from voronka.deals import history
from voronka.deals.choices import Side
from voronka.deals.led.models import Colleague, Offer, Rival
from voronka.deals.models import Deal
from voronka.journal.registry import event_type
from voronka.workspaces.rights import Action, Subject
from voronka.workspaces.viewer import hidden_now, seen_now


def _locked(payload: Any, actor: Any) -> Deal:
    deal = Deal.objects.get(pk=payload.deal)
    history.lock(deal)
    if not actor.reaches(Subject.DEAL, Action.EDIT, owner_id=deal.owner_id, team_id=deal.team_id):
        raise Forbidden("undo")
    return deal


def _changed_again() -> Refused:
    return Refused(_("This was changed again since then, so it cannot be undone."))


# --- colleagues


def _undo_colleague(event: Any, payload: Any, actor: Any) -> None:
    deal = _locked(payload, actor)
    rows = Colleague.objects.filter(deal=deal, member_id=payload.member_id)
    if not payload.added:
        Colleague.objects.get_or_create(
            deal=deal, member_id=payload.member_id, defaults={"part": payload.part}
        )
    elif payload.part_before is None:
        rows.filter(part=payload.part).delete()
    elif not rows.filter(part=payload.part).update(part=payload.part_before):
        raise _changed_again()


def _told_colleague(payload: Any) -> dict[str, str]:
    name = f"{payload.member} ({payload.part})" if payload.part else payload.member
    return {"change": ("+ " if payload.added else "− ") + name}


@event_type(
    "deal.colleague_changed",
    sentence=N_("Our people in the deal: {change}"),
    icon="users",
    describe=_told_colleague,
    undo=_undo_colleague,
)
@dataclass(frozen=True)
class ColleagueChanged:
    """One of ours was added to the deal, taken out of it, or does something else in it now."""

    deal: int
    member_id: int
    member: str
    part: str
    part_before: str | None
    added: bool


# --- prices


def _sum(payload: Any) -> dict[str, str]:
    side = _("Our offer") if payload.side == Side.OURS else _("Counter-offer of the client")
    return {"side": side, "sum": money(Decimal(payload.amount), payload.currency)}


def _only_priced(payload: Any) -> Any:
    """Talks about the price are not told to who may not see the sum."""
    return None if "amount" in hidden_now("deal") else payload


def _told_offer(payload: Any) -> str:
    of_day = payload.day and short_date(dt.date.fromisoformat(payload.day))
    words = [" · ".join(filter(None, [of_day, payload.person])), payload.terms]
    if payload.sets_amount:
        words.append(_("It is the sum of the deal now."))
    return "\n".join(filter(None, words))


def _undo_offer(event: Any, payload: Any, actor: Any) -> None:
    deal = _locked(payload, actor)
    if not Offer.objects.filter(pk=payload.offer).delete()[0]:
        raise _changed_again()
    if payload.sets_amount:
        if history.take_back(deal, event, at=clock.now()) is None:
            raise _changed_again()
        history.write(deal)


@event_type(
    "deal.offer_made",
    sentence=N_("{side}: {sum}"),
    icon="arrows-exchange",
    describe=_sum,
    body=_told_offer,
    kept=_only_priced,
    undo=_undo_offer,
)
@dataclass(frozen=True)
class OfferMade:
    """A price was named on `day`; with `sets_amount` it is the deal's sum now, which was `amount_before`."""

    deal: int
    offer: int
    side: str
    amount: str
    currency: str
    day: str
    terms: str
    person: str
    amount_before: str | None
    sets_amount: bool


def _undo_removed_offer(event: Any, payload: Any, actor: Any) -> None:
    Offer.objects.create(
        deal=_locked(payload, actor),
        side=payload.side,
        amount=Decimal(payload.amount),
        currency=payload.currency,
        day=dt.date.fromisoformat(payload.day),
        terms=payload.terms,
        person_id=payload.person_id,
        member_id=payload.member_id,
    )


@event_type(
    "deal.offer_removed",
    sentence=N_("Taken out of the talks: {side}, {sum}"),
    icon="eraser",
    describe=_sum,
    kept=_only_priced,
    undo=_undo_removed_offer,
)
@dataclass(frozen=True)
class OfferRemoved:
    """A price had been written down by mistake."""

    deal: int
    side: str
    amount: str
    currency: str
    day: str
    terms: str
    person_id: int | None
    member_id: int


# --- competitors


def _put_back(deal: Deal, payload: Any) -> None:
    day = payload.before["priced_on"]
    Rival.objects.update_or_create(
        deal=deal,
        competitor_id=payload.competitor,
        defaults={
            "price": payload.before["price"],
            "priced_on": dt.date.fromisoformat(day) if day else None,
            "answer": payload.before["answer"],
        },
    )


def _undo_rival(event: Any, payload: Any, actor: Any) -> None:
    deal = _locked(payload, actor)
    row = Rival.objects.filter(deal=deal, competitor=payload.competitor).first()
    price = Decimal(payload.price) if payload.price is not None else None
    if row is None or (row.price, row.answer) != (price, payload.answer):
        raise _changed_again()
    if payload.before is None:
        row.delete()
    else:
        _put_back(deal, payload)


def _undo_rival_removed(event: Any, payload: Any, actor: Any) -> None:
    deal = _locked(payload, actor)
    if Rival.objects.filter(deal=deal, competitor=payload.competitor).exists():
        raise _changed_again()
    _put_back(deal, payload)


def _rival(payload: Any) -> dict[str, str]:
    price = payload.price
    told = money(Decimal(price), payload.currency) if price is not None else _("price not known")
    return {"name": payload.name, "price": told if seen_now("deal", "amount") else "—"}


@event_type(
    "deal.rival_set",
    sentence=N_("Competitor {name}: {price}"),
    icon="swords",
    describe=_rival,
    body=lambda p: p.answer,
    undo=_undo_rival,
)
@dataclass(frozen=True)
class RivalSet:
    """A competitor bids, at this price as far as known; `before` is what was known, None if it is new in the deal."""

    deal: int
    competitor: int
    name: str
    price: str | None
    currency: str
    answer: str
    before: dict[str, Any] | None


@event_type(
    "deal.rival_removed",
    sentence=N_("Competitor {name} is out of the deal"),
    icon="x",
    undo=_undo_rival_removed,
)
@dataclass(frozen=True)
class RivalRemoved:
    """A competitor does not bid any more."""

    deal: int
    competitor: int
    name: str
    before: dict[str, Any]
