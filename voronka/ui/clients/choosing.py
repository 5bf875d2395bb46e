"""Client fields of forms: what a combobox offers, and what the posted value means."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from voronka.clients.actions import create_company, create_person
from voronka.clients.models import Company, Person, Position
from voronka.core.errors import Refused
from voronka.desk.search import search
from voronka.ui.access import workspace_view
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Subject

MOST = 20
NEW = "new:"


@workspace_view(Subject.CLIENT)
def companies_options(request: HttpRequest) -> JsonResponse:
    """Clients that the member may see, by part of a name, ИНН or phone; one's latest ones for an empty question."""
    member = request.member  # type: ignore[attr-defined]
    text = request.GET.get("q", "").strip()
    visible = Company.objects.present().visible_to(member)
    if text:
        found = [hit.object_id for hit in search(member, text, MOST, ["company"]).hits]
        rows = _in_order(visible.filter(pk__in=found).values("pk", "name", "inn"), found)
        if not rows:
            rows = list(visible.filter(name_key__startswith=text.lower()).values("pk", "name", "inn")[:MOST])
    else:
        rows = list(visible.filter(owner=member).order_by("-pk").values("pk", "name", "inn")[:MOST])
    shown = member.sees("client", "inn")
    return _items((row["pk"], row["name"], row["inn"] if shown else "") for row in rows)


@workspace_view(Subject.CLIENT)
def people_options(request: HttpRequest) -> JsonResponse:
    """Contact persons; with `company` those of that client first."""
    member = request.member  # type: ignore[attr-defined]
    text = request.GET.get("q", "").strip()
    visible = Person.objects.present().visible_to(member)
    company = request.GET.get("company", "")
    if text:
        found = [hit.object_id for hit in search(member, text, MOST, ["person"]).hits]
        rows = _in_order(visible.filter(pk__in=found).values("pk", "name"), found)
        if not rows:
            rows = list(visible.filter(name_key__startswith=text.lower()).values("pk", "name")[:MOST])
    elif company.isascii() and company.isdigit() and len(company) < 19:
        rows = list(visible.filter(positions__company=int(company)).values("pk", "name")[:MOST])
    else:
        rows = list(visible.filter(owner=member).order_by("-pk").values("pk", "name")[:MOST])
    places = dict(
        Position.objects.filter(person__in=[row["pk"] for row in rows])
        .order_by("is_main", "-id")
        .values_list("person_id", "company__name")
    )
    return _items((row["pk"], row["name"], places.get(row["pk"], "")) for row in rows)


@require_POST
@workspace_view(Subject.CLIENT, Action.CREATE)
def company_on_the_spot(request: HttpRequest) -> JsonResponse:
    """Make a client from nothing but a name, for a form that is being filled in."""
    company = create_company(actor=request.member, name=request.POST.get("name", ""), in_passing=True)  # type: ignore[attr-defined]
    return JsonResponse({"value": company.pk, "text": company.name})


@require_POST
@workspace_view(Subject.CLIENT, Action.CREATE)
def person_on_the_spot(request: HttpRequest) -> JsonResponse:
    """Make a contact person from a name (and the client's id)."""
    member = request.member  # type: ignore[attr-defined]
    company = company_from(member, request.POST.get("company", ""))
    person = create_person(actor=member, name=request.POST.get("name", ""), company=company, in_passing=True)
    return JsonResponse({"value": person.pk, "text": person.name})


def company_from(member: Member, value: str, *, field: str = "company") -> Company | None:
    """The client that a combobox posted: an id, `new:<name>` (made now), or nothing.

    Raises `Refused` naming *field* for an id that the member does not see.
    """
    return _from(member, value, Company, create_company, field)


def person_from(
    member: Member, value: str, *, company: Company | None = None, field: str = "person"
) -> Person | None:
    """The contact person that a combobox posted; a new one gets a post in *company*."""
    return _from(member, value, Person, create_person, field, company=company)


def _from(member: Member, value: str, model: Any, create: Any, field: str, **more: Any) -> Any:
    value = (value or "").strip()
    if not value:
        return None
    if value.startswith(NEW):
        try:
            return create(actor=member, name=value.removeprefix(NEW), in_passing=True, **more)
        except Refused as refusal:
            raise Refused(refusal.message, field=field) from refusal
    found = None
    if value.isascii() and value.isdigit() and len(value) < 19:
        found = model.objects.present().visible_to(member, by_row=True).filter(pk=int(value)).first()
    if found is None:
        raise Refused(_("There is no such client any more: choose another one."), field=field)
    return found


def _in_order(rows: Any, ids: list[int]) -> list[dict[str, Any]]:
    by_id = {row["pk"]: row for row in rows}
    return [by_id[pk] for pk in ids if pk in by_id]


def _items(rows: Any) -> JsonResponse:
    return JsonResponse(
        {"items": [{"value": str(pk), "text": text, "hint": hint} for pk, text, hint in rows]}
    )
