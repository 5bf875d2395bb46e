"""Contacts by themselves: the phones, e-mails and messengers of companies and people."""

from __future__ import annotations

from typing import Annotated, Any

from django.db.models import Q
from ninja import Router, Status
from pydantic import Field

from voronka.api.access import ApiRequest, found, needs
from voronka.api.rooms.companies import Contact, contact_out, require_contact
from voronka.api.shapes import Id, In, given
from voronka.clients import actions
from voronka.clients.models import Company, ContactPoint, Person

router = Router()


class ContactPatch(In):
    value: Annotated[str, Field(min_length=1, max_length=150)] | None = None
    label: Annotated[str, Field(max_length=40)] | None = None


def _see(request: ApiRequest, contact_id: int) -> ContactPoint:
    member = request.member
    mine = Q(company__in=Company.objects.present().visible_to(member)) | Q(
        person__in=Person.objects.present().visible_to(member)
    )
    row = found(ContactPoint.objects.filter(mine), contact_id)
    require_contact(member, row.kind)
    return row


@router.patch("/contacts/{contact_id}/", response=Contact, **needs("clients:write"))
def edit_contact(request: ApiRequest, contact_id: Id, body: ContactPatch) -> dict[str, Any]:
    """Change the value or the label."""
    changes = {name: value for name, value in given(body).items() if value is not None}
    return contact_out(actions.edit_contact(_see(request, contact_id), actor=request.member, changes=changes))


@router.delete("/contacts/{contact_id}/", response={204: None}, **needs("clients:write"))
def remove_contact(request: ApiRequest, contact_id: Id) -> Any:
    """Remove a contact."""
    actions.remove_contact(_see(request, contact_id), actor=request.member)
    return Status(204, None)
