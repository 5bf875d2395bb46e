"""People: contact persons and their posts."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Final

from django.db.models import Prefetch
from django.http import HttpResponse
from ninja import Query, Router, Schema, Status
from pydantic import Field

from voronka.api.access import ApiRequest, found, guarded, needs, related, tagged, unchanged
from voronka.api.filters import Number, Who
from voronka.api.listed import AskedList, Plain, listed
from voronka.api.rooms.companies import (
    AssignClient,
    Contact,
    NewContact,
    contact_out,
    contacts_out,
    require_contact,
)
from voronka.api.rooms.deals import own, own_values
from voronka.api.shapes import Id, In, Listed, Ref, Text, given, ref, without
from voronka.api.words import PostKindWord
from voronka.clients import actions
from voronka.clients.models import Company, Person, Position
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action

router = Router()
_CHANGE: Final = guarded("clients:write")
Post = Annotated[str, Field(max_length=150)]


class PositionOut(Schema):
    """A post in a company that the member sees, and the role in its purchases."""

    id: int
    company: Ref
    title: str
    kind: str
    is_main: bool


class PersonOut(Schema):
    """A contact person. Fields that the member's role hides are absent."""

    id: int
    name: str | None = None
    birthday: dt.date | None = None
    about: str | None = None
    source: Ref | None = None
    owner: Ref | None = None
    team: Ref | None = None
    contacts: list[Contact] | None = None
    positions: list[PositionOut] | None = None
    custom: dict[str, Any] | None = None
    created_at: dt.datetime | None = None
    last_contact_at: dt.datetime | None = None
    version: int | None = None


class PersonPatch(In):
    """Fields of a person. Only what is sent is changed; null empties."""

    name: Annotated[str, Field(max_length=200)] | None = None
    birthday: dt.date | None = None
    about: Text | None = None
    source: Id | None = None
    custom: dict[str, Any] | None = None


class PersonEdit(PersonPatch):
    """`was` has the values that were read: a field that somebody else changed since is a conflict (409)."""

    was: PersonPatch | None = None


class NewPerson(PersonPatch):
    """A person to be added, with a post in `company` if that is named."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    company: Id | None = None
    title: Post = ""
    kind: PostKindWord = ""
    owner: Id | None = None
    contacts: Annotated[list[NewContact], Field(max_length=30)] = []


class NewPosition(In):
    company: Id
    title: Post = ""
    kind: PostKindWord = ""
    is_main: bool = False


class PositionPatch(In):
    title: Post | None = None
    kind: PostKindWord | None = None


class PeopleAsked(AskedList):
    owner: list[Who] = Field([], max_length=100)
    company: Number | None = None


_PLAIN: Final[Plain] = {"owner": ("owner", "in")}


def full(rows: Any, member: Member) -> Any:
    """*rows* of people with everything an answer tells, in three queries."""
    seen = Position.objects.filter(company__in=Company.objects.present().visible_to(member)).select_related(
        "company"
    )
    return rows.select_related("source", "owner", "team").prefetch_related(
        "contacts", Prefetch("positions", queryset=seen)
    )


def position_out(row: Position) -> dict[str, Any]:
    return {
        "id": row.pk,
        "company": ref(row.company),
        "title": row.title,
        "kind": row.kind,
        "is_main": row.is_main,
    }


def person_out(person: Person, member: Member) -> dict[str, Any]:
    """A person as *member* may see one."""
    same = ("name", "birthday", "about", "created_at", "last_contact_at", "version")
    values = {
        "id": person.pk,
        **{name: getattr(person, name) for name in same},
        **{name: ref(getattr(person, name)) for name in ("source", "owner", "team")},
        "contacts": contacts_out(person, member),
        "positions": [position_out(row) for row in person.positions.all()],
        "custom": own_values(person, member, "person"),
    }
    return without(values, member.hidden_fields("person"), {})


def _see(request: ApiRequest, person_id: int) -> Person:
    return found(Person.objects.present().visible_to(request.member), person_id)


def _answer(request: ApiRequest, response: HttpResponse, person_id: int) -> dict[str, Any]:
    person = full(Person.objects.all(), request.member).get(pk=person_id)
    tagged(response, person)
    return person_out(person, request.member)


@router.get("/people/", response=Listed[PersonOut], **needs("clients:read"))
def list_people(request: ApiRequest, asked: Query[PeopleAsked]) -> dict[str, Any]:
    """Contact persons that the member may see."""
    member = request.member

    def narrow(rows: Any) -> Any:
        if asked.company is None:
            return rows
        seen = Company.objects.present().visible_to(member).filter(pk=asked.company)
        return rows.filter(pk__in=Position.objects.filter(company__in=seen).values("person"))

    paged = listed("person", member, asked, full=lambda rows: full(rows, member), plain=_PLAIN, narrow=narrow)
    return {"items": asked.only(person_out(row, member) for row in paged.rows), "next": paged.next}


@router.post("/people/", response={201: PersonOut}, **needs("clients:write"))
def create_person(request: ApiRequest, response: HttpResponse, body: NewPerson) -> dict[str, Any]:
    """Add a contact person."""
    member = request.member
    values = {
        name: value
        for name, value in given(body, "owner", "company", "contacts", "custom").items()
        if value is not None
    }
    member.require_fields("person", [*given(body), *own(body.custom)])
    for kind in {one.kind for one in body.contacts}:
        require_contact(member, kind)
    person = actions.create_person(
        actor=member,
        company=related(Company.objects.present().visible_to(member), body.company, "company"),
        owner=related(Member.objects.active(), body.owner, "owner"),
        contacts=[(one.kind, one.value, one.label) for one in body.contacts],
        **values,
        **own(body.custom),
    )
    return _answer(request, response, person.pk)


@router.get("/people/{person_id}/", response=PersonOut, **needs("clients:read"))
def get_person(request: ApiRequest, response: HttpResponse, person_id: Id) -> dict[str, Any]:
    """One contact person."""
    return _answer(request, response, _see(request, person_id).pk)


@router.patch("/people/{person_id}/", response=PersonOut, **_CHANGE)
def edit_person(
    request: ApiRequest, response: HttpResponse, person_id: Id, body: PersonEdit
) -> dict[str, Any]:
    """Change fields of a person; `If-Match` or `was` guard against changes of others."""
    person = _see(request, person_id)
    changes = {**given(body, "was", "custom"), **own(body.custom)}
    was = {**given(body.was, "custom"), **own(body.was.custom)} if body.was else None
    request.member.require_fields("person", changes)
    with unchanged(request, person):
        actions.edit_person(person, actor=request.member, changes=changes, was=was)
    return _answer(request, response, person.pk)


@router.delete("/people/{person_id}/", response={204: None}, **_CHANGE)
def delete_person(request: ApiRequest, person_id: Id) -> Any:
    """Take a person out of sight."""
    person = _see(request, person_id)
    with unchanged(request, person):
        actions.delete_person(person, actor=request.member)
    return Status(204, None)


@router.post("/people/{person_id}/restore/", response=PersonOut, **needs("clients:write"))
def restore_person(request: ApiRequest, response: HttpResponse, person_id: Id) -> dict[str, Any]:
    """Bring a deleted person back."""
    person = found(Person.objects.visible_to(request.member, Action.DELETE), person_id)
    actions.restore_person(person, actor=request.member)
    return _answer(request, response, person.pk)


@router.post("/people/{person_id}/assign/", response=PersonOut, **_CHANGE)
def assign_person(
    request: ApiRequest, response: HttpResponse, person_id: Id, body: AssignClient
) -> dict[str, Any]:
    """Make another colleague responsible."""
    person = _see(request, person_id)
    owner = related(Member.objects.all(), body.owner, "owner")
    with unchanged(request, person):
        actions.assign_person(person, actor=request.member, owner=owner)
    return _answer(request, response, person.pk)


@router.post("/people/{person_id}/contacts/", response={201: Contact}, **needs("clients:write"))
def add_person_contact(request: ApiRequest, person_id: Id, body: NewContact) -> dict[str, Any]:
    """Add a phone, an e-mail or a messenger; one that is there already is answered as it is."""
    person = _see(request, person_id)
    require_contact(request.member, body.kind)
    row = actions.add_contact(
        person, actor=request.member, kind=body.kind, value=body.value, label=body.label
    )
    return contact_out(row)


@router.post("/people/{person_id}/positions/", response={201: PositionOut}, **needs("clients:write"))
def add_position(request: ApiRequest, person_id: Id, body: NewPosition) -> dict[str, Any]:
    """Give a person a post in one more company; one that is there already is answered as it is."""
    person = _see(request, person_id)
    company = related(Company.objects.present().visible_to(request.member), body.company, "company")
    row = actions.add_position(
        person, actor=request.member, company=company, title=body.title, kind=body.kind, is_main=body.is_main
    )
    return position_out(row)


def _see_position(request: ApiRequest, position_id: int) -> Position:
    seen = Company.objects.present().visible_to(request.member)
    return found(Position.objects.filter(company__in=seen).select_related("company", "person"), position_id)


@router.patch("/positions/{position_id}/", response=PositionOut, **needs("clients:write"))
def edit_position(request: ApiRequest, position_id: Id, body: PositionPatch) -> dict[str, Any]:
    """Change the post or the role in the purchase."""
    row = _see_position(request, position_id)
    return position_out(actions.edit_position(row, actor=request.member, changes=given(body)))


@router.delete("/positions/{position_id}/", response={204: None}, **needs("clients:write"))
def remove_position(request: ApiRequest, position_id: Id) -> Any:
    """A person leaves a company; the person stays."""
    actions.remove_position(_see_position(request, position_id), actor=request.member)
    return Status(204, None)
