"""What leads a deal: prices that were named, competitors, colleagues, and the hand-over that waits."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from ninja import Router, Schema, Status
from pydantic import Field

from voronka.api.access import ApiRequest, found, needs, related
from voronka.api.shapes import Id, In, Money, Ref, Sum, ref, total
from voronka.api.words import SideWord
from voronka.catalog.models import Competitor
from voronka.clients.models import Person
from voronka.core.errors import Forbidden
from voronka.deals.handing.actions import accept_hand_over
from voronka.deals.led.people import add_colleague, remove_colleague
from voronka.deals.led.rivals import remove_rival, set_rival
from voronka.deals.led.talks import make_offer, remove_offer
from voronka.deals.models import Colleague, Deal, Offer, Rival
from voronka.workspaces.models import Member

router = Router()
Words = Annotated[str, Field(max_length=2000)]


class OfferOut(Schema):
    """A price named in the talks, VAT included."""

    id: int
    side: str
    day: dt.date
    amount: Sum
    currency: str
    terms: str
    person: Ref | None
    member: Ref


class NewOffer(In):
    """`set_amount` makes it the sum of the deal too. Without `day` it was named today."""

    side: SideWord
    amount: Annotated[Money, Field(gt=0)]
    day: dt.date | None = None
    terms: Words = ""
    person: Id | None = None
    set_amount: bool = False


class RivalOut(Schema):
    """A competitor in a deal. The price is absent for who may not see sums."""

    competitor: Ref
    price: Sum | None = None
    priced_on: dt.date | None = None
    answer: str


class RivalBody(In):
    """All of it is written: a price that is left out is not known."""

    price: Money | None = None
    answer: Words = ""


class ColleagueOut(Schema):
    """One of ours who takes part in a deal."""

    member: Ref
    part: str


class ColleagueBody(In):
    part: Annotated[str, Field(max_length=100)] = ""


def _see(request: ApiRequest, deal_id: int) -> Deal:
    return found(Deal.objects.visible_to(request.member), deal_id)


def _priced(request: ApiRequest, deal_id: int) -> Deal:
    if not request.member.sees("deal", "amount"):
        raise Forbidden("amount")
    return _see(request, deal_id)


def _offer_out(row: Offer) -> dict[str, Any]:
    names = ("side", "day", "currency", "terms")
    return {
        "id": row.pk,
        **{name: getattr(row, name) for name in names},
        "amount": total(row.amount),
        "person": ref(row.person),
        "member": ref(row.member),
    }


def _rival_out(row: Rival, member: Member) -> dict[str, Any]:
    values: dict[str, Any] = {"competitor": ref(row.competitor), "answer": row.answer}
    if member.sees("deal", "amount"):
        values |= {"price": total(row.price), "priced_on": row.priced_on}
    return values


@router.get("/deals/{deal_id}/offers/", response=list[OfferOut], **needs("deals:read"))
def list_offers(request: ApiRequest, deal_id: Id) -> Any:
    """The prices that were named, oldest first."""
    rows = _priced(request, deal_id).offers.select_related("person", "member")
    return [_offer_out(row) for row in rows]


@router.post("/deals/{deal_id}/offers/", response={201: OfferOut}, **needs("deals:write"))
def make_deal_offer(request: ApiRequest, deal_id: Id, body: NewOffer) -> Any:
    """Write down a price: ours or the client's."""
    deal = _priced(request, deal_id)
    event = make_offer(
        deal,
        actor=request.member,
        side=body.side,
        amount=body.amount,
        day=body.day,
        terms=body.terms,
        person=related(Person.objects.present().visible_to(request.member), body.person, "person"),
        set_amount=body.set_amount,
    )
    return _offer_out(Offer.objects.select_related("person", "member").get(pk=event.payload["offer"]))


@router.delete("/deals/{deal_id}/offers/{offer_id}/", response={204: None}, **needs("deals:write"))
def remove_deal_offer(request: ApiRequest, deal_id: Id, offer_id: Id) -> Any:
    """Take away a price that was written down by mistake."""
    offers = _priced(request, deal_id).offers.select_related("deal")
    remove_offer(found(offers, offer_id, by="id"), actor=request.member)
    return Status(204, None)


@router.get("/deals/{deal_id}/competitors/", response=list[RivalOut], **needs("deals:read"))
def list_rivals(request: ApiRequest, deal_id: Id) -> Any:
    """Who else bids."""
    rows = _see(request, deal_id).rivals.select_related("competitor")
    return [_rival_out(row, request.member) for row in rows]


@router.put("/deals/{deal_id}/competitors/{competitor_id}/", response=RivalOut, **needs("deals:write"))
def set_deal_rival(request: ApiRequest, deal_id: Id, competitor_id: Id, body: RivalBody) -> Any:
    """Say that a competitor bids, at what price, and what we answer."""
    deal = _priced(request, deal_id)
    competitor = found(Competitor.objects.all(), competitor_id, by="id")
    set_rival(deal, actor=request.member, competitor=competitor, price=body.price, answer=body.answer)
    row = Rival.objects.select_related("competitor").get(deal=deal, competitor=competitor)
    return _rival_out(row, request.member)


@router.delete("/deals/{deal_id}/competitors/{competitor_id}/", response={204: None}, **needs("deals:write"))
def remove_deal_rival(request: ApiRequest, deal_id: Id, competitor_id: Id) -> Any:
    """Say that a competitor does not bid."""
    deal = _see(request, deal_id)
    row = found(deal.rivals.select_related("competitor"), competitor_id, by="competitor_id")
    remove_rival(deal, actor=request.member, competitor=row.competitor)
    return Status(204, None)


@router.get("/deals/{deal_id}/colleagues/", response=list[ColleagueOut], **needs("deals:read"))
def list_colleagues(request: ApiRequest, deal_id: Id) -> Any:
    """Who of ours takes part beside the owner."""
    rows = _see(request, deal_id).colleagues.select_related("member")
    return [{"member": ref(row.member), "part": row.part} for row in rows]


@router.put("/deals/{deal_id}/colleagues/{member_id}/", response=ColleagueOut, **needs("deals:write"))
def set_deal_colleague(request: ApiRequest, deal_id: Id, member_id: Id, body: ColleagueBody) -> Any:
    """Let a colleague take part, for something."""
    deal = _see(request, deal_id)
    member = found(Member.objects.active(), member_id, by="id")
    add_colleague(deal, actor=request.member, member=member, part=body.part)
    row = Colleague.objects.get(deal=deal, member=member)
    return {"member": ref(member), "part": row.part}


@router.delete("/deals/{deal_id}/colleagues/{member_id}/", response={204: None}, **needs("deals:write"))
def remove_deal_colleague(request: ApiRequest, deal_id: Id, member_id: Id) -> Any:
    """Take a colleague out of the deal."""
    deal = _see(request, deal_id)
    row = found(deal.colleagues.select_related("member"), member_id, by="member_id")
    remove_colleague(deal, actor=request.member, member=row.member)
    return Status(204, None)


@router.post("/deals/{deal_id}/accept/", response={204: None}, **needs("deals:write"))
def accept_deal(request: ApiRequest, deal_id: Id) -> Any:
    """Accept a deal that was handed over to the token's member with a sheet."""
    accept_hand_over(_see(request, deal_id), actor=request.member)
    return Status(204, None)
