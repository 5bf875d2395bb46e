"""What is changed on the cards: values in place, contacts, posts, accounts, tags, responsible, deletion."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from voronka.clients import actions
from voronka.clients.models import BankAccount, Company, ContactKind, ContactPoint, Person, Position
from voronka.core.errors import Refused
from voronka.desk.models import Tag
from voronka.ui.access import get_or_404, workspace_view
from voronka.ui.book.answers import answer, listening, undo_url
from voronka.ui.clients.choosing import company_from
from voronka.ui.clients.facts import company_fact, person_fact, position_fact, requisite_facts
from voronka.ui.clients.forms import AccountForm, AssignForm, PositionForm, initial_of, refuse
from voronka.ui.htmx import render_page, toast, trigger
from voronka.ui.navigation import workspace_url
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Subject


def visible_company(request: HttpRequest, pk: int) -> Company:
    """The company, or 404/403."""
    return get_or_404(Company.objects.present().visible_to(request.member, by_row=True), pk)  # type: ignore[attr-defined]


def visible_person(request: HttpRequest, pk: int) -> Person:
    """The person, or 404/403."""
    return get_or_404(Person.objects.present().visible_to(request.member, by_row=True), pk)  # type: ignore[attr-defined]


def company_url(request: HttpRequest, pk: int) -> str:
    return workspace_url("company", request.workspace.slug, pk)  # type: ignore[attr-defined]


def person_url(request: HttpRequest, pk: int) -> str:
    return workspace_url("person", request.workspace.slug, pk)  # type: ignore[attr-defined]


# --- values in place


def _given(request: HttpRequest, allowed: tuple[str, ...]) -> tuple[str, dict[str, Any], dict[str, Any]]:
    name = request.POST.get("field", "")
    if name not in allowed:
        raise Refused(_("This field cannot be changed here."))
    changes = {name: request.POST.get("value", "")}
    was = {name: request.POST["was"]} if "was" in request.POST else {}
    return name, changes, was


def _inline(request: HttpRequest, fact: dict[str, Any], event: Any, more: str = "") -> HttpResponse:
    response = render(request, "clients/inline.html", {**fact, "more": more})
    if event is not None:
        toast(response, _("Saved"), undo_url=undo_url(request, event))
    return response


@require_POST
@workspace_view(Subject.CLIENT, Action.EDIT)
def company_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """One field of a company, in place."""
    company = visible_company(request, pk)
    name, changes, was = _given(request, actions.COMPANY_FIELDS)
    with listening(request) as heard:
        company = actions.edit_company(company, actor=request.member, changes=changes, was=was)  # type: ignore[attr-defined]
    if not getattr(request, "htmx", False):
        return answer(request, heard, _("Saved"), redirect=company_url(request, pk))
    fact = company_fact(request, company, name, may_edit=True)
    response = _inline(request, fact, heard.event)
    response.content += render(
        request, "clients/warnings.html", {"requisites": requisite_facts(request, company, may_edit=True)}
    ).content
    # The industry follows the code, the head shows name and mark: those are drawn anew.
    return trigger(response, "refresh" if name in ("okved", "name", "is_key") else "feed:refresh")


@require_POST
@workspace_view(Subject.CLIENT, Action.EDIT)
def company_key(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark a client as a key one, or take the mark off."""
    company = visible_company(request, pk)
    wanted = request.POST.get("is_key") == "1"
    with listening(request) as heard:
        actions.edit_company(company, actor=request.member, changes={"is_key": wanted})  # type: ignore[attr-defined]
    text = _("Key client") if wanted else _("No longer a key client")
    return answer(request, heard, text, redirect=company_url(request, pk))


@require_POST
@workspace_view(Subject.CLIENT, Action.EDIT)
def person_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """One field of a person, in place."""
    person = visible_person(request, pk)
    name, changes, was = _given(request, actions.PERSON_FIELDS)
    with listening(request) as heard:
        person = actions.edit_person(person, actor=request.member, changes=changes, was=was)  # type: ignore[attr-defined]
    if not getattr(request, "htmx", False):
        return answer(request, heard, _("Saved"), redirect=person_url(request, pk))
    response = _inline(request, person_fact(request, person, name, may_edit=True), heard.event)
    return trigger(response, "refresh" if name == "name" else "feed:refresh")


@require_POST
@workspace_view(Subject.CLIENT, Action.EDIT)
def position_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The post or the role in the purchase, in place."""
    position = _visible_position(request, pk)
    name, changes, was = _given(request, ("title", "kind"))
    with listening(request) as heard:
        position = actions.edit_position(position, actor=request.member, changes=changes, was=was)  # type: ignore[attr-defined]
    if not getattr(request, "htmx", False):
        return answer(request, heard, _("Saved"), redirect=company_url(request, position.company_id))
    return trigger(_inline(request, position_fact(request, position, name), heard.event), "feed:refresh")


# --- who is responsible


@workspace_view(Subject.CLIENT, Action.HAND_OVER)
def company_assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand a client over to a colleague."""
    company = visible_company(request, pk)
    return _assign(request, company, company_url(request, pk), "company_assign", actions.assign_company)


@workspace_view(Subject.CLIENT, Action.HAND_OVER)
def person_assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand a contact person over to a colleague."""
    person = visible_person(request, pk)
    return _assign(request, person, person_url(request, pk), "person_assign", actions.assign_person)


def _assign(request: HttpRequest, client: Any, back: str, name: str, verb: Any) -> HttpResponse:
    member: Member = request.member  # type: ignore[attr-defined]
    form = AssignForm(request.POST or None, initial={"owner": client.owner_id})
    if request.method == "POST" and form.is_valid():
        with listening(request) as heard:
            client = verb(client, actor=member, owner=form.cleaned_data["owner"])
        text = _("Now %(name)s is responsible") % {"name": client.owner.name if client.owner else "—"}
        still_seen = type(client).objects.visible_to(member).filter(pk=client.pk).exists()
        if still_seen:
            return answer(request, heard, text, redirect=back)
        # Handed over out of one's own sight: back to the list, the card is no more.
        slug = request.workspace.slug  # type: ignore[attr-defined]
        return answer(request, heard, text, redirect=workspace_url("companies", slug), go=True)
    url = workspace_url(name, request.workspace.slug, client.pk)  # type: ignore[attr-defined]
    context = {
        "room": "clients",
        "form": form,
        "url": url,
        "title": _("Hand over: %(name)s") % {"name": client.name},
        "submit": _("Hand over"),
        "back": back,
    }
    return render_page(request, "clients/dialog.html", context, "form", status=422 if form.errors else 200)


# --- deletion


@require_POST
@workspace_view(Subject.CLIENT, Action.DELETE)
def company_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a client; the toast brings it back."""
    company = visible_company(request, pk)
    with listening(request) as heard:
        actions.delete_company(company, actor=request.member)  # type: ignore[attr-defined]
    slug = request.workspace.slug  # type: ignore[attr-defined]
    return answer(request, heard, _("Client deleted"), redirect=workspace_url("companies", slug), go=True)


@require_POST
@workspace_view(Subject.CLIENT, Action.EDIT)
def person_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a contact person."""
    person = visible_person(request, pk)
    with listening(request) as heard:
        actions.delete_person(person, actor=request.member)  # type: ignore[attr-defined]
    slug = request.workspace.slug  # type: ignore[attr-defined]
    return answer(
        request, heard, _("Contact person deleted"), redirect=workspace_url("people", slug), go=True
    )


# --- tags


@require_POST
@workspace_view(Subject.CLIENT, Action.EDIT)
def tag_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a tag on a client."""
    company = visible_company(request, pk)
    with listening(request) as heard:
        actions.tag_company(company, actor=request.member, name=request.POST.get("name", ""))  # type: ignore[attr-defined]
    return answer(request, heard, _("Tag added"), redirect=company_url(request, pk))


@require_POST
@workspace_view(Subject.CLIENT, Action.EDIT)
def tag_remove(request: HttpRequest, pk: int, tag: int) -> HttpResponse:
    """Take a tag off a client."""
    company = visible_company(request, pk)
    found = get_or_404(Tag.objects.all(), tag)
    with listening(request) as heard:
        actions.untag_company(company, actor=request.member, tag=found)  # type: ignore[attr-defined]
    return answer(request, heard, _("Tag removed"), redirect=company_url(request, pk))


# --- contacts


@require_POST
@workspace_view(Subject.CLIENT, Action.EDIT)
def company_contact_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a phone, e-mail or messenger to a company."""
    return _contact_add(request, visible_company(request, pk), company_url(request, pk))


@require_POST
@workspace_view(Subject.CLIENT, Action.EDIT)
def person_contact_add(request: HttpRequest, pk: int) -> HttpResponse:
    """The same to a person."""
    return _contact_add(request, visible_person(request, pk), person_url(request, pk))


def _contact_add(request: HttpRequest, client: Any, back: str) -> HttpResponse:
    value = request.POST.get("value", "")
    kind = request.POST.get("kind") or guess_kind(value)
    with listening(request) as heard:
        actions.add_contact(
            client,
            actor=request.member,  # type: ignore[attr-defined]
            kind=kind,
            value=value,
            label=request.POST.get("label", ""),
        )
    return answer(request, heard, _("Contact added"), redirect=back)


def guess_kind(value: str) -> str:
    """What was typed into the one field for all contacts: an address with a dot after @, a phone, a messenger."""
    text = value.strip()
    if "@" in text.lstrip("@") and "." in text.rpartition("@")[2]:
        return ContactKind.EMAIL
    if text[:1] in "@" or "t.me/" in text or "wa.me/" in text:
        return ContactKind.MESSENGER
    return ContactKind.PHONE


@require_POST
@workspace_view(Subject.CLIENT, Action.EDIT)
def contact_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a contact in place."""
    row, back = _visible_contact(request, pk)
    _name, changes, was = _given(request, ("value", "label"))
    with listening(request) as heard:
        row = actions.edit_contact(row, actor=request.member, changes=changes, was=was)  # type: ignore[attr-defined]
    return answer(request, heard, _("Saved"), redirect=back)


@require_POST
@workspace_view(Subject.CLIENT, Action.EDIT)
def contact_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a contact."""
    row, back = _visible_contact(request, pk)
    with listening(request) as heard:
        actions.remove_contact(row, actor=request.member)  # type: ignore[attr-defined]
    return answer(request, heard, _("Contact removed"), redirect=back)


def _visible_contact(request: HttpRequest, pk: int) -> tuple[ContactPoint, str]:
    row = get_or_404(ContactPoint.objects.seen(), pk)
    if row.company_id:
        visible_company(request, row.company_id)
        return row, company_url(request, row.company_id)
    visible_person(request, row.person_id or 0)
    return row, person_url(request, row.person_id or 0)


# --- posts


@workspace_view(Subject.CLIENT, Action.EDIT)
def position_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a person a post in a company."""
    person = visible_person(request, pk)
    member: Member = request.member  # type: ignore[attr-defined]
    form = PositionForm(request.POST or None, workspace=request.workspace)  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic(), listening(request) as heard:
                company = company_from(member, form.cleaned_data["company"])
                if company is None:
                    raise Refused(_("Choose the client."), field="company")
                actions.add_position(
                    person,
                    actor=member,
                    company=company,
                    title=form.cleaned_data["title"],
                    kind=form.cleaned_data["kind"],
                )
            return answer(request, heard, _("Saved"), redirect=person_url(request, pk))
        except Refused as refusal:
            refuse(form, refusal)
    context = {
        "room": "clients",
        "form": form,
        "url": workspace_url("position_add", request.workspace.slug, pk),  # type: ignore[attr-defined]
        "title": _("Place of work: %(name)s") % {"name": person.name},
        "submit": _("Add"),
        "back": person_url(request, pk),
    }
    return render_page(request, "clients/dialog.html", context, "form", status=422 if form.errors else 200)


@require_POST
@workspace_view(Subject.CLIENT, Action.EDIT)
def position_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """A person no longer works in a company."""
    position = _visible_position(request, pk)
    with listening(request) as heard:
        actions.remove_position(position, actor=request.member)  # type: ignore[attr-defined]
    return answer(request, heard, _("Removed"), redirect=company_url(request, position.company_id))


def _visible_position(request: HttpRequest, pk: int) -> Position:
    position = get_or_404(Position.objects.select_related("person", "company"), pk)
    visible_company(request, position.company_id)
    return position


# --- bank accounts


@workspace_view(Subject.CLIENT, Action.EDIT)
def account_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a settlement account."""
    company = visible_company(request, pk)
    form = AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            with listening(request) as heard:
                actions.add_account(company, actor=request.member, **form.cleaned_data)  # type: ignore[attr-defined]
            return answer(request, heard, _("Bank account added"), redirect=company_url(request, pk))
        except Refused as refusal:
            refuse(form, refusal)
    url = workspace_url("account_add", request.workspace.slug, pk)  # type: ignore[attr-defined]
    return _account_dialog(request, form, url, _("New bank account"), company_url(request, pk))


@workspace_view(Subject.CLIENT, Action.EDIT)
def account_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a settlement account."""
    row = get_or_404(BankAccount.objects.all(), pk)
    visible_company(request, row.company_id)
    form = AccountForm(request.POST or None, initial=initial_of(row, actions.ACCOUNT_FIELDS))
    back = company_url(request, row.company_id)
    if request.method == "POST" and form.is_valid():
        was = {
            name: request.POST[f"was_{name}"] for name in form.cleaned_data if f"was_{name}" in request.POST
        }
        changes = {n: v for n, v in form.cleaned_data.items() if n not in was or v != was[n]}
        try:
            with listening(request) as heard:
                actions.edit_account(row, actor=request.member, changes=changes, was=was)  # type: ignore[attr-defined]
            return answer(request, heard, _("Saved"), redirect=back)
        except Refused as refusal:
            refuse(form, refusal)
    url = workspace_url("account_edit", request.workspace.slug, pk)  # type: ignore[attr-defined]
    return _account_dialog(request, form, url, _("Bank account"), back, row)


@require_POST
@workspace_view(Subject.CLIENT, Action.EDIT)
def account_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a settlement account."""
    row = get_or_404(BankAccount.objects.all(), pk)
    visible_company(request, row.company_id)
    with listening(request) as heard:
        actions.remove_account(row, actor=request.member)  # type: ignore[attr-defined]
    return answer(request, heard, _("Bank account removed"), redirect=company_url(request, row.company_id))


def _account_dialog(
    request: HttpRequest, form: AccountForm, url: str, title: str, back: str, row: BankAccount | None = None
) -> HttpResponse:
    context = {
        "room": "clients",
        "form": form,
        "url": url,
        "title": title,
        "submit": _("Save"),
        "back": back,
        "was": [(f"was_{name}", getattr(row, name)) for name in actions.ACCOUNT_FIELDS] if row else [],
        "remove_url": workspace_url("account_remove", request.workspace.slug, row.pk) if row else "",  # type: ignore[attr-defined]
    }
    return render_page(request, "clients/dialog.html", context, "form", status=422 if form.errors else 200)
