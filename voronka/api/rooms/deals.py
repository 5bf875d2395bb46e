"""Deals: the same list, card and verbs as on the pages."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status
from pydantic import Field

from voronka.api.access import ApiRequest, found, guarded, needs, related, tagged, unchanged
from voronka.api.filters import deal_parameters
from voronka.api.listed import AskedList, listed, require_seen
from voronka.api.shapes import Id, In, Listed, Money, Ref, Sum, Text, given, ref, total, without
from voronka.api.words import (
    AttitudeWord,
    CategoryWord,
    DealKindWord,
    InfluenceWord,
    InterestWord,
    PostKindWord,
)
from voronka.catalog.models import Product
from voronka.clients.models import Company, Person, Source
from voronka.core.errors import Refused
from voronka.deals import actions
from voronka.deals.choices import DealKind
from voronka.deals.closing.models import LossProposal, Verdict
from voronka.deals.filters import FIELDS, DealFilter
from voronka.deals.models import Deal
from voronka.desk.models import Tag
from voronka.desk.tags import tag_named
from voronka.playbook.models import ClosingStatus, Funnel, Reason, Stage
from voronka.workspaces.models import Member

router = Router()

# Which keys of an answer tell of a field that may be hidden, besides its own.
TELLS: Final = {
    "amount": ("amount_base", "currency"),
    "category": ("head_category",),
    "probability": ("chance",),
}


class Participant(Schema):
    """A person who takes part in the purchase."""

    person: Ref
    kind: str
    influence: str
    attitude: str


class DealOut(Schema):
    """A deal. Fields that the member's role hides are absent."""

    id: int
    number: int | None = None
    title: str | None = None
    funnel: Ref | None = None
    stage: Ref | None = None
    outcome: str | None = None
    reason: Ref | None = None
    closing: Ref | None = None
    amount: Sum | None = None
    currency: str | None = None
    amount_base: Sum | None = None
    company: Ref | None = None
    person: Ref | None = None
    owner: Ref | None = None
    team: Ref | None = None
    kind: str | None = None
    priority: int | None = None
    interest: str | None = None
    source: Ref | None = None
    product: Ref | None = None
    product_group: Ref | None = None
    expected_close: dt.date | None = None
    category: str | None = None
    head_category: str | None = None
    probability: int | None = None
    chance: int | None = None
    comment: str | None = None
    created_at: dt.datetime | None = None
    opened_at: dt.datetime | None = None
    closed_at: dt.datetime | None = None
    stage_since: dt.datetime | None = None
    next_activity_at: dt.datetime | None = None
    last_contact_at: dt.datetime | None = None
    tags: list[Ref] | None = None
    participants: list[Participant] | None = None
    custom: dict[str, Any] | None = None
    version: int | None = None
    # Told with one deal, not in lists.
    loss_proposed: bool | None = None


class DealPatch(In):
    """Facts of a deal. Only what is sent is changed; null empties."""

    title: Annotated[str, Field(max_length=250)] | None = None
    company: Id | None = None
    person: Id | None = None
    amount: Money | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    kind: DealKindWord | None = None
    priority: Literal[1, 2, 3] | None = None
    interest: InterestWord | None = None
    source: Id | None = None
    product: Id | None = None
    comment: Text | None = None
    expected_close: dt.date | None = None
    category: CategoryWord | None = None
    head_category: CategoryWord | None = None
    probability: Annotated[int, Field(ge=0, le=100)] | None = None
    custom: dict[str, Any] | None = None


class DealEdit(DealPatch):
    """`was` has the values that were read: a field that somebody else changed since is a conflict (409)."""

    was: DealPatch | None = None


class NewDeal(In):
    """A deal to be opened, in the funnel's first stage unless another is named; the owner is the token's member."""

    title: Annotated[str, Field(min_length=1, max_length=250)]
    funnel: Id
    stage: Id | None = None
    company: Id | None = None
    person: Id | None = None
    amount: Money | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    owner: Id | None = None
    kind: DealKindWord = DealKind.NEW.value
    priority: Literal[1, 2, 3] = 2
    interest: InterestWord = ""
    source: Id | None = None
    product: Id | None = None
    expected_close: dt.date | None = None
    comment: Text = ""
    custom: dict[str, Any] | None = None


class Move(In):
    """`expected` is the stage in which the deal was seen: it stands elsewhere by now, a conflict (409).

    What the sales book asks for and is missing is answered with 422 `unfinished`: `acknowledged` goes on all the same
    where the book only asks, `override` is a head's reason to where it refuses.
    """

    stage: Id
    expected: Id | None = None
    acknowledged: bool = False
    override: Text = ""


class Win(In):
    """`closing` is a closing status of the funnel, its first one if left out; `acknowledged` and `override` as in a move."""

    reason: Id | None = None
    closing: Id | None = None
    amount: Money | None = None
    acknowledged: bool = False
    override: Text = ""


class Lose(In):
    """`closing`, `acknowledged` and `override` as in winning.

    Where the book wants the head to agree, the answer is the deal, still open, with `loss_proposed`.
    """

    reason: Id
    comment: Text = ""
    closing: Id | None = None
    acknowledged: bool = False
    override: Text = ""


class LossDecision(In):
    """What becomes of a proposed loss. `return` and `hand_over` need a `note`, `hand_over` an `owner`."""

    verdict: Literal["confirm", "return", "hand_over", "withdraw"]
    note: Text = ""
    owner: Id | None = None


class KeepAlive(In):
    """Through the day `until` the rules of dead deals keep silent about the deal."""

    until: dt.date
    note: Text = ""


class Sheet(In):
    """What the new owner is told."""

    promises: Annotated[str, Field(max_length=2000)] = ""
    next_step: Annotated[str, Field(max_length=2000)] = ""
    people: Annotated[str, Field(max_length=2000)] = ""
    risks: Annotated[str, Field(max_length=2000)] = ""
    money: Annotated[str, Field(max_length=2000)] = ""


class Assign(In):
    """With a `sheet` the new owner is asked to accept the deal."""

    owner: Id
    sheet: Sheet | None = None


class NewParticipant(In):
    """A second one for the same person changes what is said of it."""

    person: Id
    kind: PostKindWord = ""
    influence: InfluenceWord = ""
    attitude: AttitudeWord = ""


class NewTag(In):
    name: Annotated[str, Field(min_length=1, max_length=50)]


class _Asked(AskedList):
    number: Annotated[int, Field(ge=1, lt=10**18)] | None = Field(
        None, description="the number that people see"
    )


if TYPE_CHECKING:
    DealAsked = _Asked
else:
    DealAsked = deal_parameters("DealAsked", base=_Asked, skip=frozenset({"q"}))

_CHANGE: Final = guarded("deals:write")
_SHOWN: Final = (
    "funnel", "stage", "reason", "closing", "company", "person", "owner", "team", "source", "product", "product_group",
)  # fmt: skip


_JUDGED: Final = ("kind", "influence", "attitude")


def deal_out(deal: Deal, member: Member) -> dict[str, Any]:
    """A deal as *member* may see it."""
    values: dict[str, Any] = {name: ref(getattr(deal, name)) for name in _SHOWN}
    for name in (
        "number", "title", "outcome", "currency", "kind", "priority", "interest", "expected_close", "category",
        "head_category", "probability", "chance", "comment", "created_at", "opened_at", "closed_at", "stage_since",
        "next_activity_at", "last_contact_at", "version",
    ):  # fmt: skip
        values[name] = getattr(deal, name)
    values |= {
        "id": deal.pk,
        "amount": total(deal.amount),
        "amount_base": total(deal.amount_base),
        "tags": [ref(link.tag) for link in deal.tag_links.all()],
        "participants": [
            {"person": ref(row.person), **{name: getattr(row, name) for name in _JUDGED}}
            for row in deal.participants.all()
        ],
        "custom": own_values(deal, member, "deal"),
    }
    return without(values, member.hidden_fields("deal"), TELLS)


def own_values(row: Any, member: Member, subject: str) -> dict[str, Any]:
    """The company's own fields of *row* by key, without the hidden ones."""
    hidden = member.hidden_fields(subject)
    return {key: value for key, value in row.custom.items() if f"x_{key}" not in hidden}


def full(rows: Any) -> Any:
    """*rows* of deals with everything an answer tells, in three queries."""
    return rows.select_related(*_SHOWN).prefetch_related("tag_links__tag", "participants__person")


def _see(request: ApiRequest, deal_id: int) -> Deal:
    return found(Deal.objects.visible_to(request.member), deal_id)


def _answer(request: ApiRequest, response: HttpResponse, deal_id: int) -> dict[str, Any]:
    """The deal as it is now. One that was handed out of reach is told a last time to who did it."""
    deal = full(Deal.objects.all()).get(pk=deal_id)
    tagged(response, deal)
    waits = LossProposal.objects.filter(deal=deal, verdict=Verdict.OPEN).exists()
    return {**deal_out(deal, request.member), "loss_proposed": waits}


@router.get("/deals/", response=Listed[DealOut], **needs("deals:read"))
def list_deals(request: ApiRequest, asked: Query[DealAsked]) -> dict[str, Any]:
    """Deals that the member may see, by the filter of the lists."""
    member = request.member
    sent = {
        name: value
        for name, value in asked.dict().items()
        if name in FIELDS and name in asked.model_fields_set
    }
    require_seen(member, "deal", {_FIELD_OF.get(name, name) for name in sent})

    def narrow(rows: Any) -> Any:
        if sent:
            rows = DealFilter.from_params(sent, member).apply(rows)
        return rows.filter(number=asked.number) if asked.number else rows

    paged = listed("deal", member, asked, full=full, narrow=narrow)
    return {"items": asked.only(deal_out(deal, member) for deal in paged.rows), "next": paged.next}


# Parameters whose field is called otherwise.
_FIELD_OF: Final = {
    "opened_from": "opened_at",
    "opened_to": "opened_at",
    "closed_from": "closed_at",
    "closed_to": "closed_at",
    "expected_from": "expected_close",
    "expected_to": "expected_close",
    "no_expected": "expected_close",
    "overdue_close": "expected_close",
    "amount_from": "amount",
    "amount_to": "amount",
    "no_amount": "amount",
    "no_next_step": "next_activity_at",
    "overdue_step": "next_activity_at",
}


@router.post("/deals/", response={201: DealOut}, **needs("deals:write"))
def create_deal(request: ApiRequest, response: HttpResponse, body: NewDeal) -> dict[str, Any]:
    """Open a deal."""
    member = request.member
    values = given(
        body, "funnel", "stage", "company", "person", "owner", "source", "product", "currency", "custom"
    )
    member.require_fields("deal", [*given(body), *own(body.custom)])
    deal = actions.create_deal(
        actor=member,
        funnel=related(Funnel.objects.filter(archived_at=None), body.funnel, "funnel"),
        stage=related(Stage.objects.all(), body.stage, "stage"),
        # Whether they are within reach, the verb asks.
        company=related(Company.objects.present(), body.company, "company"),
        person=related(Person.objects.present(), body.person, "person"),
        owner=related(Member.objects.active(), body.owner, "owner"),
        source=related(Source.objects.filter(archived_at=None), body.source, "source"),
        product=related(Product.objects.filter(archived_at=None), body.product, "product"),
        currency=body.currency or "",
        **values,
        **own(body.custom),
    )
    made = Deal.objects.select_related(*_SHOWN).get(pk=deal.pk)
    # A deal that has just been opened has no tags and nobody beside its person yet.
    made._prefetched_objects_cache = {"tag_links": [], "participants": []}
    tagged(response, made)
    return deal_out(made, member)


def own(custom: dict[str, Any] | None) -> dict[str, Any]:
    """Own fields as verbs take them."""
    return {f"x_{key}": value for key, value in (custom or {}).items()}


@router.get("/deals/{deal_id}/", response=DealOut, **needs("deals:read"))
def get_deal(request: ApiRequest, response: HttpResponse, deal_id: Id) -> dict[str, Any]:
    """One deal."""
    return _answer(request, response, _see(request, deal_id).pk)


@router.patch("/deals/{deal_id}/", response=DealOut, **_CHANGE)
def edit_deal(request: ApiRequest, response: HttpResponse, deal_id: Id, body: DealEdit) -> dict[str, Any]:
    """Change facts of a deal; `If-Match` or `was` guard against changes of others."""
    deal = _see(request, deal_id)
    changes = {**given(body, "was", "custom"), **own(body.custom)}
    was = {**given(body.was, "custom"), **own(body.was.custom)} if body.was else None
    request.member.require_fields("deal", changes)
    with unchanged(request, deal):
        actions.edit_deal(deal, actor=request.member, changes=changes, was=was)
    return _answer(request, response, deal.pk)


@router.delete("/deals/{deal_id}/", response={204: None}, **_CHANGE)
def delete_deal(request: ApiRequest, deal_id: Id) -> Any:
    """Put a deal into the bin; it can be restored."""
    deal = _see(request, deal_id)
    with unchanged(request, deal):
        actions.delete_deal(deal, actor=request.member)
    return Status(204, None)


@router.post("/deals/{deal_id}/restore/", response=DealOut, **_CHANGE)
def restore_deal(request: ApiRequest, response: HttpResponse, deal_id: Id) -> dict[str, Any]:
    """Take a deal out of the bin."""
    deal = _see(request, deal_id)
    actions.restore_deal(deal, actor=request.member)
    return _answer(request, response, deal.pk)


@router.post("/deals/{deal_id}/move/", response=DealOut, **_CHANGE)
def move_deal(request: ApiRequest, response: HttpResponse, deal_id: Id, body: Move) -> dict[str, Any]:
    """Move an open deal to a stage, of another funnel too."""
    deal = _see(request, deal_id)
    stage = related(Stage.objects.select_related("funnel"), body.stage, "stage")
    with unchanged(request, deal):
        actions.move_deal(
            deal,
            actor=request.member,
            stage=stage,
            expected_stage_id=body.expected,
            acknowledged=body.acknowledged,
            override=body.override,
        )
    return _answer(request, response, deal.pk)


@router.post("/deals/{deal_id}/win/", response=DealOut, **_CHANGE)
def win_deal(request: ApiRequest, response: HttpResponse, deal_id: Id, body: Win) -> dict[str, Any]:
    """Close a deal as won."""
    deal = _see(request, deal_id)
    reason = related(Reason.objects.all(), body.reason, "reason")
    if body.amount is not None:
        request.member.require_fields("deal", ["amount"])
    with unchanged(request, deal):
        actions.win_deal(
            deal,
            actor=request.member,
            reason=reason,
            closing=related(ClosingStatus.objects.all(), body.closing, "closing"),
            amount=body.amount,
            acknowledged=body.acknowledged,
            override=body.override,
        )
    return _answer(request, response, deal.pk)


@router.post("/deals/{deal_id}/lose/", response=DealOut, **_CHANGE)
def lose_deal(request: ApiRequest, response: HttpResponse, deal_id: Id, body: Lose) -> dict[str, Any]:
    """Close a deal as lost, or propose it to the head where the book says so; the reason is needed."""
    deal = _see(request, deal_id)
    reason = related(Reason.objects.all(), body.reason, "reason")
    with unchanged(request, deal):
        actions.lose_deal(
            deal,
            actor=request.member,
            reason=reason,
            comment=body.comment,
            closing=related(ClosingStatus.objects.all(), body.closing, "closing"),
            acknowledged=body.acknowledged,
            override=body.override,
        )
    return _answer(request, response, deal.pk)


@router.post("/deals/{deal_id}/loss/", response=DealOut, **needs("deals:write"))
def decide_loss(
    request: ApiRequest, response: HttpResponse, deal_id: Id, body: LossDecision
) -> dict[str, Any]:
    """Decide on the loss that is proposed for a deal: the second key of its head; withdrawing is the seller's."""
    deal = _see(request, deal_id)
    member = request.member
    proposal = LossProposal.objects.filter(deal=deal, verdict=Verdict.OPEN).first()
    if proposal is None:
        raise Refused(_("No loss is proposed for this deal."))
    if body.verdict == "confirm":
        actions.confirm_loss(proposal, actor=member, note=body.note)
    elif body.verdict == "withdraw":
        actions.withdraw_loss(proposal, actor=member)
    else:
        owner = None
        if body.verdict == "hand_over":
            owner = related(Member.objects.active(), body.owner, "owner")
            if owner is None:
                raise Refused(_("Choose a colleague."), field="owner")
        actions.return_loss(proposal, actor=member, note=body.note, owner=owner)
    return _answer(request, response, deal.pk)


@router.post("/deals/{deal_id}/keep/", response=DealOut, **_CHANGE)
def keep_deal(request: ApiRequest, response: HttpResponse, deal_id: Id, body: KeepAlive) -> dict[str, Any]:
    """Say that a deal lives, whatever the rules of dead deals think."""
    deal = _see(request, deal_id)
    with unchanged(request, deal):
        actions.keep_deal(deal, actor=request.member, until=body.until, note=body.note)
    return _answer(request, response, deal.pk)


@router.post("/deals/{deal_id}/reopen/", response=DealOut, **_CHANGE)
def reopen_deal(request: ApiRequest, response: HttpResponse, deal_id: Id) -> dict[str, Any]:
    """Return a closed deal to work."""
    deal = _see(request, deal_id)
    with unchanged(request, deal):
        actions.reopen_deal(deal, actor=request.member)
    return _answer(request, response, deal.pk)


@router.post("/deals/{deal_id}/assign/", response=DealOut, **_CHANGE)
def assign_deal(request: ApiRequest, response: HttpResponse, deal_id: Id, body: Assign) -> dict[str, Any]:
    """Hand a deal over."""
    deal = _see(request, deal_id)
    owner = related(Member.objects.all(), body.owner, "owner")
    with unchanged(request, deal):
        sheet = body.sheet.dict() if body.sheet else None
        actions.assign_deal(deal, actor=request.member, owner=owner, sheet=sheet)
    return _answer(request, response, deal.pk)


@router.post("/deals/{deal_id}/participants/", response={201: DealOut}, **needs("deals:write"))
def add_deal_participant(
    request: ApiRequest, response: HttpResponse, deal_id: Id, body: NewParticipant
) -> dict[str, Any]:
    """Note that a person takes part in the purchase."""
    deal = _see(request, deal_id)
    person = related(Person.objects.present().visible_to(request.member), body.person, "person")
    said = {name: getattr(body, name) for name in _JUDGED}
    actions.add_participant(deal, actor=request.member, person=person, **said)
    return _answer(request, response, deal.pk)


@router.delete("/deals/{deal_id}/participants/{person_id}/", response={204: None}, **needs("deals:write"))
def remove_deal_participant(request: ApiRequest, deal_id: Id, person_id: Id) -> Any:
    """Take a person out of the purchase."""
    deal = _see(request, deal_id)
    row = found(deal.participants.select_related("person"), person_id, by="person_id")
    actions.remove_participant(deal, actor=request.member, person=row.person)
    return Status(204, None)


@router.post("/deals/{deal_id}/tags/", response={201: Ref}, **needs("deals:write"))
def tag_deal(request: ApiRequest, deal_id: Id, body: NewTag) -> Any:
    """Put a tag on; a word becomes a tag when it is first used."""
    deal = _see(request, deal_id)
    with transaction.atomic():
        tag = tag_named(body.name)
        actions.set_tag(deal, actor=request.member, tag=tag, on=True)
    return ref(tag)


@router.delete("/deals/{deal_id}/tags/{tag_id}/", response={204: None}, **needs("deals:write"))
def untag_deal(request: ApiRequest, deal_id: Id, tag_id: Id) -> Any:
    """Take a tag off."""
    deal = _see(request, deal_id)
    actions.set_tag(deal, actor=request.member, tag=found(Tag.objects.all(), tag_id), on=False)
    return Status(204, None)
