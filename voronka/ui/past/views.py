"""A field's values, the present one first, each with its day and author; «return this value» calls the card's verb."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from voronka.clients import actions as clients
from voronka.clients.models import Company, Person
from voronka.core.errors import Forbidden, Refused
from voronka.deals import actions as deals
from voronka.deals.labels import label_of
from voronka.deals.models import Deal
from voronka.desk.fields.values import fields_of
from voronka.journal.past import Past, past_of
from voronka.ui.access import MemberRequest, get_or_404, workspace_view
from voronka.ui.book.answers import answer, listening
from voronka.ui.htmx import render_page
from voronka.ui.navigation import workspace_url
from voronka.workspaces.rights import Action, Subject


@dataclass(frozen=True)
class Card:
    """A kind of card: its model, whose right decides, the verb that edits, its address."""

    model: Any
    subject: Subject
    edit: Callable[..., Any]
    label: Callable[[str], str]
    address: str = "pk"


def _label(model: Any) -> Callable[[str], str]:
    return lambda name: str(model._meta.get_field(name).verbose_name)


CARDS = {
    "deal": Card(Deal, Subject.DEAL, deals.edit_deal, label_of, "number"),
    "company": Card(Company, Subject.CLIENT, clients.edit_company, _label(Company)),
    "person": Card(Person, Subject.CLIENT, clients.edit_person, _label(Person)),
}


@require_GET
@workspace_view()
def past(request: MemberRequest, kind: str, pk: int, field: str) -> HttpResponse:
    """The dialog with the values of one field."""
    card, row = _found(request, kind, pk, field)
    member = request.member
    editable = member.may(card.subject, Action.EDIT) and field not in member.readonly_fields(kind)
    values = past_of(kind, pk, field)
    context = {
        "room": "clients" if card.subject == Subject.CLIENT else "deals",
        "title": _name_of(card, kind, field),
        "about": str(row),
        # The present value needs no button; neither does one that equals it.
        "values": [(value, editable and value.value != values[0].value) for value in values],
        "back_url": workspace_url("field_back", request.workspace.slug, kind, pk, field),
    }
    return render_page(request, "past/field.html", context, fragment="dialog")


@require_POST
@workspace_view()
def back(request: MemberRequest, kind: str, pk: int, field: str) -> HttpResponse:
    """Give the field the value it had by the event `event` ("" for the one it began with)."""
    card, row = _found(request, kind, pk, field)
    wanted = request.POST.get("event", "")
    found: Past | None = next(
        (value for value in past_of(kind, pk, field) if str(value.event or "") == wanted), None
    )
    if found is None:
        raise Refused(_("This value is no longer in the history."))
    with listening(request) as heard:
        card.edit(row, actor=request.member, changes={field: found.value})
    address = workspace_url(kind, request.workspace.slug, getattr(row, card.address))
    return answer(request, heard, _("The value is back"), redirect=address)


def _found(request: MemberRequest, kind: str, pk: int, field: str) -> tuple[Card, Any]:
    """The kind of card and the row within reach; 404 for an unknown field, 403 for a hidden one."""
    card = CARDS.get(kind)
    if card is None:
        raise Http404
    request.member.require(card.subject, Action.SEE)
    row = get_or_404(card.model.objects.present().visible_to(request.member), pk)
    if not request.member.sees(kind, field):
        raise Forbidden(f"see {field}")
    _name_of(card, kind, field)
    return card, row


def _name_of(card: Card, kind: str, field: str) -> str:
    """The field's label; `Http404` for no field."""
    for own in fields_of(kind):
        if own.name == field:
            return str(own.label)
    names = {known.name for known in card.model._meta.concrete_fields}
    if field not in names:
        raise Http404
    return card.label(field)
