"""«Уже есть»: what is told while a client is being typed, and asking for access to what is out of reach."""

from __future__ import annotations

from typing import Any

from django.core.signing import BadSignature, Signer
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from voronka.clients.actions import grant_access, refuse_access, request_access
from voronka.clients.actions.access import may_decide
from voronka.clients.matching import Duplicate, find_companies, find_people
from voronka.clients.models import AccessRequest, Company, Person, RequestStatus
from voronka.core.errors import Forbidden
from voronka.ui.access import get_or_404, workspace_view
from voronka.ui.book.answers import answer, listening
from voronka.ui.clients.changes import guess_kind
from voronka.ui.htmx import render_page, wants_fragment
from voronka.ui.navigation import workspace_url
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Subject

NEW = "new:"
_signer = Signer(salt="voronka.access")


def _need_to_write(request: HttpRequest) -> Member:
    member: Member = request.member  # type: ignore[attr-defined]
    if not (member.may(Subject.CLIENT, Action.CREATE) or member.may(Subject.CLIENT, Action.EDIT)):
        raise Forbidden("write clients")
    return member


@workspace_view(Subject.CLIENT)
def company_duplicates(request: HttpRequest) -> HttpResponse:
    """While typing: companies that look the same. `not` is the one being edited."""
    return shown(request, company_matches(request, request.GET))


@workspace_view(Subject.CLIENT)
def person_duplicates(request: HttpRequest) -> HttpResponse:
    """The same for people."""
    return shown(request, person_matches(request, request.GET))


def shown(request: HttpRequest, found: list[Duplicate]) -> HttpResponse:
    return render(request, "clients/duplicates.html", {"duplicates": told(request, found)})


def told(request: HttpRequest, found: list[Duplicate]) -> list[dict[str, Any]]:
    """Each with its address, or with the token that asks for access and says nothing."""
    member, slug = request.member, request.workspace.slug  # type: ignore[attr-defined]
    return [
        {
            "found": one,
            "url": workspace_url(one.kind, slug, one.pk) if one.pk else "",
            "token": "" if one.pk else _signer.sign(f"{one.kind}:{one.hidden_id}:{member.pk}"),
        }
        for one in found
    ]


def company_matches(request: HttpRequest, data: Any) -> list[Duplicate]:
    """What looks like the company in the fields *data*: of a dialog, of one field in place, of a deal's form."""
    member = _need_to_write(request)
    name, inn = _name(data, "company"), data.get("inn", "")[:40]
    if data.get("field") == "inn":
        inn = data.get("value", "")[:40]
    site = data.get("value", "")[:200] if data.get("field") == "site" else ""
    phones, emails = _contacts(data)
    return find_companies(
        member, name=name, inn=inn, site=site, phones=phones, emails=emails, exclude=_number(data.get("not"))
    )


def person_matches(request: HttpRequest, data: Any) -> list[Duplicate]:
    """The same for a person."""
    member = _need_to_write(request)
    phones, emails = _contacts(data)
    company = _number(data.get("company"))
    if company and not Company.objects.visible_to(member).filter(pk=company).exists():
        company = None
    return find_people(
        member,
        name=_name(data, "person"),
        phones=phones,
        emails=emails,
        company=company,
        exclude=_number(data.get("not")),
    )


def _name(data: Any, combobox: str) -> str:
    """The name typed: in a field of its own, in place, or as a new one in a combobox."""
    if data.get("field") == "name":
        return str(data.get("value", ""))[:300]
    typed = data.get(combobox, "")
    if typed.startswith(NEW):
        return str(typed.removeprefix(NEW))[:300]
    return str(data.get("name", ""))[:300]


def _contacts(data: Any) -> tuple[list[str], list[str]]:
    phones = [value[:60] for name in ("phone", "person_phone") if (value := data.get(name, ""))]
    emails = [data["email"][:150]] if data.get("email") else []
    if "value" in data and data.get("field", "value") == "value":
        typed = data["value"][:150]
        {"phone": phones, "email": emails}.get(str(guess_kind(typed)), []).append(typed)
    return phones, emails


def _number(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 19 else None


@require_POST
@workspace_view(Subject.CLIENT)
def access_ask(request: HttpRequest) -> HttpResponse:
    """Ask for access to a client that the warning spoke of; its token is all that is known of it."""
    member: Member = request.member  # type: ignore[attr-defined]
    try:
        kind, pk, asker = _signer.unsign(request.POST.get("token", "")).split(":")
    except (BadSignature, ValueError):
        raise Http404 from None
    if int(asker) != member.pk:
        raise Http404
    model: Any = Company if kind == "company" else Person
    client = model.objects.present().filter(pk=int(pk)).first()
    if client is None:
        raise Http404
    with listening(request) as heard:
        request_access(client, actor=member)
    if wants_fragment(request):
        return render(request, "clients/access_asked.html", {"owner_name": getattr(client.owner, "name", "")})
    slug = request.workspace.slug  # type: ignore[attr-defined]
    return answer(request, heard, _("The request is sent"), redirect=workspace_url("companies", slug))


def _request_to_answer(request: HttpRequest, pk: int) -> AccessRequest:
    rows = AccessRequest.objects.select_related("company", "person", "member__role", "member__team")
    found = get_or_404(rows, pk)
    if not may_decide(found, request.member):  # type: ignore[attr-defined]
        raise Forbidden(f"access request {pk}")
    return found


@workspace_view(Subject.CLIENT)
def access_request(request: HttpRequest, pk: int) -> HttpResponse:
    """Who asks for access to what, and the buttons to answer."""
    member: Member = request.member  # type: ignore[attr-defined]
    found = _request_to_answer(request, pk)
    client = found.client
    slug = request.workspace.slug  # type: ignore[attr-defined]
    context = {
        "room": "clients",
        "asked": found,
        "client": client,
        "client_url": workspace_url("company" if found.company_id else "person", slug, client.pk),
        "is_open": found.status == RequestStatus.OPEN,
        "may_hand_over": member.reaches(
            Subject.CLIENT, Action.HAND_OVER, owner_id=client.owner_id, team_id=client.team_id
        ),
    }
    return render_page(request, "clients/access.html", context, "form")


@require_POST
@workspace_view(Subject.CLIENT)
def access_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Let in (`open`), hand over (`hand`) or refuse (`refuse`)."""
    member: Member = request.member  # type: ignore[attr-defined]
    found = _request_to_answer(request, pk)
    said = request.POST.get("answer", "")
    with listening(request) as heard:
        if said == "refuse":
            refuse_access(found, actor=member)
            text = _("Refused")
        elif said in ("open", "hand"):
            grant_access(found, actor=member, hand_over=said == "hand")
            text = _("%(name)s has access now") % {"name": found.member.name}
        else:
            raise Http404
    slug = request.workspace.slug  # type: ignore[attr-defined]
    return answer(request, heard, text, redirect=workspace_url("access_request", slug, pk), go=True)
