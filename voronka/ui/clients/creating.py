"""Adding clients: short dialogs that warn of what is there already."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from voronka.clients.actions import add_contact, create_company, create_person
from voronka.clients.models import Company
from voronka.core.errors import Refused
from voronka.ui.access import workspace_view
from voronka.ui.book.answers import answer, listening
from voronka.ui.clients.choosing import company_from
from voronka.ui.clients.forms import CompanyForm, PersonForm, drop_kept, refuse
from voronka.ui.clients.warning import company_matches, person_matches, told
from voronka.ui.htmx import render_page
from voronka.ui.navigation import workspace_url
from voronka.ui.once import once
from voronka.ui.shape.creation import ask, given, own_of
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Subject


@workspace_view(Subject.CLIENT, Action.CREATE)
@once
def company_new(request: HttpRequest) -> HttpResponse:
    """Add a client: name, ИНН, phone, a contact person."""
    member: Member = request.member  # type: ignore[attr-defined]
    slug = request.workspace.slug  # type: ignore[attr-defined]
    form = CompanyForm(request.POST or None, initial={"name": request.GET.get("name", "")[:250]})
    ask(form, request, "company")
    drop_kept(form, member)
    if request.method == "POST" and form.is_valid():
        try:
            with listening(request) as heard:
                company = _create(member, form.cleaned_data, given(form))
            return answer(
                request,
                heard,
                _("Client added"),
                redirect=workspace_url("company", slug, company.pk),
                go=True,
            )
        except Refused as refusal:
            refuse(form, refusal)
    context = {
        "room": "clients",
        "form": form,
        "own": own_of(form),
        "url": workspace_url("company_new", slug),
        "check_url": workspace_url("company_duplicates", slug),
        "back": workspace_url("companies", slug),
        "duplicates": told(request, company_matches(request, request.POST))
        if request.method == "POST"
        else [],
    }
    return render_page(
        request, "clients/company_new.html", context, "form", status=422 if form.errors else 200
    )


def _create(member: Member, data: dict[str, Any], own: dict[str, Any]) -> Company:
    # One transaction: a person whose phone is refused leaves no company behind.
    with transaction.atomic():
        company = create_company(actor=member, name=data["name"], inn=data.get("inn", ""), **own)
        for kind in ("phone", "email"):
            _add(company, member, kind, data.get(kind, ""), field=kind)
        phone = data.get("person_phone", "")
        if data["person"] or phone:
            if not data["person"]:
                raise Refused(_("Type the name of the person."), field="person")
            person = _named(
                create_person, "person", actor=member, name=data["person"], company=company, in_passing=True
            )
            _add(person, member, "phone", phone, field="person_phone")
    return company


def _add(client: Any, member: Member, kind: str, value: str, *, field: str) -> None:
    if value.strip():
        _named(add_contact, field, client, actor=member, kind=kind, value=value)


def _named(verb: Any, field: str, *args: Any, **kwargs: Any) -> Any:
    try:
        return verb(*args, **kwargs)
    except Refused as refusal:
        raise Refused(refusal.message, field=field) from refusal


@workspace_view(Subject.CLIENT, Action.CREATE)
@once
def person_new(request: HttpRequest) -> HttpResponse:
    """Add a contact person, of a client if one is given in the address."""
    member: Member = request.member  # type: ignore[attr-defined]
    slug = request.workspace.slug  # type: ignore[attr-defined]
    asked = request.GET.get("company", "")
    chosen = None
    if asked.isascii() and asked.isdigit() and len(asked) < 19:
        chosen = Company.objects.present().visible_to(member, by_row=True).filter(pk=int(asked)).first()
    form = PersonForm(
        request.POST or None,
        workspace=request.workspace,  # type: ignore[attr-defined]
        chosen=chosen,
        initial={"company": chosen.pk if chosen else "", "name": request.GET.get("name", "")[:200]},
    )
    ask(form, request, "person")
    drop_kept(form, member)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            with transaction.atomic(), listening(request) as heard:
                company = company_from(member, data["company"])
                person = create_person(
                    actor=member,
                    name=data["name"],
                    company=company,
                    title=data["title"],
                    kind=data["kind"],
                    **given(form),
                )
                for kind in ("phone", "email"):
                    _add(person, member, kind, data.get(kind, ""), field=kind)
            url = workspace_url("person", slug, person.pk)
            # Added from the client's card one stays there; from the list one goes to the new card.
            return answer(
                request, heard, _("Contact person added"), redirect=url, go="stay" not in request.POST
            )
        except Refused as refusal:
            refuse(form, refusal)
    context = {
        "room": "clients",
        "form": form,
        "own": own_of(form),
        "url": workspace_url("person_new", slug),
        "stay": chosen is not None or "stay" in request.POST,
        "back": workspace_url("people", slug),
        "check_url": workspace_url("person_duplicates", slug),
        "duplicates": told(request, person_matches(request, request.POST))
        if request.method == "POST"
        else [],
    }
    return render_page(
        request, "clients/person_new.html", context, "form", status=422 if form.errors else 200
    )
