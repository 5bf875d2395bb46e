"""Companies: the clients."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Final

from django.http import HttpResponse
from ninja import Query, Router, Schema, Status
from pydantic import Field

from voronka.api.access import ApiRequest, found, guarded, needs, related, tagged, unchanged
from voronka.api.filters import Code, Number, Section, Who
from voronka.api.listed import AskedList, Plain, listed
from voronka.api.rooms.deals import NewTag, own, own_values
from voronka.api.shapes import Id, In, Line, Listed, Ref, given, ref, without
from voronka.api.words import ContactWord, SizeWord
from voronka.clients import actions
from voronka.clients.matching.typing import find_companies
from voronka.clients.models import BankAccount, Company, CompanyTag, ContactKind
from voronka.core.errors import Forbidden
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action

router = Router()
_CHANGE: Final = guarded("clients:write")
# Hidden fields of clients whose values stand among the contacts.
CONTACTS: Final = {
    "phones": ContactKind.PHONE,
    "emails": ContactKind.EMAIL,
    "messengers": ContactKind.MESSENGER,
}


class Contact(Schema):
    """A phone, an e-mail or a messenger."""

    id: int
    kind: str
    value: str
    label: str


class NewContact(In):
    kind: ContactWord
    value: Annotated[str, Field(min_length=1, max_length=150)]
    label: Annotated[str, Field(max_length=40)] = ""


class CompanyOut(Schema):
    """A client. Fields that the member's role hides are absent."""

    id: int
    name: str | None = None
    legal_name: str | None = None
    inn: str | None = None
    kpp: str | None = None
    ogrn: str | None = None
    region: str | None = None
    industry: str | None = None
    okved: str | None = None
    legal_address: str | None = None
    address: str | None = None
    site: str | None = None
    size: str | None = None
    segment: Ref | None = None
    source: Ref | None = None
    is_key: bool | None = None
    owner: Ref | None = None
    team: Ref | None = None
    contacts: list[Contact] | None = None
    tags: list[Ref] | None = None
    custom: dict[str, Any] | None = None
    created_at: dt.datetime | None = None
    last_contact_at: dt.datetime | None = None
    next_activity_at: dt.datetime | None = None
    version: int | None = None


class CompanyPatch(In):
    """Fields of a client. Only what is sent is changed; null empties."""

    name: Annotated[str, Field(max_length=250)] | None = None
    legal_name: Line | None = None
    inn: Annotated[str, Field(max_length=20)] | None = None
    kpp: Annotated[str, Field(max_length=20)] | None = None
    ogrn: Annotated[str, Field(max_length=20)] | None = None
    region: Annotated[str, Field(max_length=2)] | None = None
    industry: Annotated[str, Field(max_length=1)] | None = None
    okved: Annotated[str, Field(max_length=8)] | None = None
    legal_address: Line | None = None
    address: Line | None = None
    site: Annotated[str, Field(max_length=200)] | None = None
    size: SizeWord | None = None
    segment: Id | None = None
    source: Id | None = None
    is_key: bool | None = None
    custom: dict[str, Any] | None = None


class CompanyEdit(CompanyPatch):
    """`was` has the values that were read: a field that somebody else changed since is a conflict (409)."""

    was: CompanyPatch | None = None


class NewCompany(CompanyPatch):
    """A client to be added; the owner is the token's member unless another is named."""

    name: Annotated[str, Field(min_length=1, max_length=250)]
    owner: Id | None = None
    contacts: Annotated[list[NewContact], Field(max_length=30)] = []


class AccountOut(Schema):
    """A settlement account."""

    id: int
    bic: str
    account: str
    bank: str
    correspondent: str


class AccountPatch(In):
    """Only what is sent is changed."""

    bic: Annotated[str, Field(max_length=20)] | None = None
    account: Annotated[str, Field(max_length=40)] | None = None
    bank: Annotated[str, Field(max_length=200)] | None = None
    correspondent: Annotated[str, Field(max_length=40)] | None = None


class NewAccount(AccountPatch):
    account: Annotated[str, Field(min_length=1, max_length=40)]


class Lookalike(In):
    """What is known of a client that is about to be added."""

    name: str = Field("", max_length=250)
    inn: str = Field("", max_length=20)
    site: str = Field("", max_length=200)
    phone: list[str] = Field([], max_length=10)
    email: list[str] = Field([], max_length=10)


class DuplicateOut(Schema):
    """A client that is there already; out of reach only its owner is told."""

    id: int | None
    name: str
    owner: str
    reasons: list[str]
    why: str


class AssignClient(In):
    """Null leaves the client without anybody responsible."""

    owner: Id | None


class CompaniesAsked(AskedList):
    owner: list[Who] = Field([], max_length=100)
    segment: list[Number] = Field([], max_length=100)
    source: list[Number] = Field([], max_length=100)
    tag: list[Number] = Field([], max_length=100)
    region: list[Code] = Field([], max_length=100)
    industry: list[Section] = Field([], max_length=100)
    inn: str | None = Field(None, max_length=12, pattern=r"^[0-9]+$")


_PLAIN: Final[Plain] = {
    "owner": ("owner", "in"),
    "segment": ("segment", "in"),
    "source": ("source", "in"),
    "tag": ("tags", "any"),
    "region": ("region", "in"),
    "industry": ("industry", "in"),
    "inn": ("inn", "is"),
}
_SAME: Final = (
    "name", "legal_name", "inn", "kpp", "ogrn", "region", "industry", "okved", "legal_address", "address", "site",
    "size", "is_key", "created_at", "last_contact_at", "next_activity_at", "version",
)  # fmt: skip


def full(rows: Any) -> Any:
    """*rows* of companies with everything an answer tells, in three queries."""
    return rows.select_related("segment", "source", "owner", "team").prefetch_related(
        "contacts", "tag_links__tag"
    )


def contacts_out(client: Any, member: Member) -> list[dict[str, Any]]:
    """The contacts of a company or a person, without the kinds that are hidden."""
    hidden = {CONTACTS[name] for name in member.hidden_fields("client") if name in CONTACTS}
    return [contact_out(row) for row in client.contacts.all() if row.kind not in hidden]


def contact_out(row: Any) -> dict[str, Any]:
    return {"id": row.pk, "kind": row.kind, "value": row.value, "label": row.label}


def company_out(company: Company, member: Member) -> dict[str, Any]:
    """A company as *member* may see it."""
    values = {
        "id": company.pk,
        **{name: getattr(company, name) for name in _SAME},
        **{name: ref(getattr(company, name)) for name in ("segment", "source", "owner", "team")},
        "contacts": contacts_out(company, member),
        "tags": [ref(link.tag) for link in company.tag_links.all()],
        "custom": own_values(company, member, "company"),
    }
    return without(values, member.hidden_fields("company"), {})


def _see(request: ApiRequest, company_id: int) -> Company:
    return found(Company.objects.present().visible_to(request.member), company_id)


def _answer(request: ApiRequest, response: HttpResponse, company_id: int) -> dict[str, Any]:
    company = full(Company.objects.all()).get(pk=company_id)
    tagged(response, company)
    return company_out(company, request.member)


@router.get("/companies/", response=Listed[CompanyOut], **needs("clients:read"))
def list_companies(request: ApiRequest, asked: Query[CompaniesAsked]) -> dict[str, Any]:
    """Companies that the member may see."""
    member = request.member
    paged = listed("company", member, asked, full=full, plain=_PLAIN)
    return {"items": asked.only(company_out(row, member) for row in paged.rows), "next": paged.next}


@router.post("/companies/", response={201: CompanyOut}, **needs("clients:write"))
def create_company(request: ApiRequest, response: HttpResponse, body: NewCompany) -> dict[str, Any]:
    """Add a client."""
    values = {
        name: value for name, value in given(body, "owner", "contacts", "custom").items() if value is not None
    }
    request.member.require_fields("company", [*given(body), *own(body.custom)])
    for kind in {one.kind for one in body.contacts}:
        require_contact(request.member, kind)
    company = actions.create_company(
        actor=request.member,
        owner=related(Member.objects.active(), body.owner, "owner"),
        contacts=[(one.kind, one.value, one.label) for one in body.contacts],
        **values,
        **own(body.custom),
    )
    return _answer(request, response, company.pk)


@router.get("/companies/duplicates/", response=list[DuplicateOut], **needs("clients:read"))
def find_duplicates(request: ApiRequest, asked: Query[Lookalike]) -> list[dict[str, Any]]:
    """Clients that look like one about to be added, the surest first. What is hidden is not looked by."""
    member = request.member
    alike = find_companies(
        member,
        name=asked.name,
        inn=asked.inn if member.sees("client", "inn") else "",
        site=asked.site if member.sees("client", "site") else "",
        phones=asked.phone if member.sees("client", "phones") else (),
        emails=asked.email if member.sees("client", "emails") else (),
    )
    return [
        {
            "id": one.pk,
            "name": one.name,
            "owner": one.owner_name,
            "reasons": list(one.reasons),
            "why": one.why,
        }
        for one in alike
    ]


@router.get("/companies/{company_id}/", response=CompanyOut, **needs("clients:read"))
def get_company(request: ApiRequest, response: HttpResponse, company_id: Id) -> dict[str, Any]:
    """One client."""
    return _answer(request, response, _see(request, company_id).pk)


@router.patch("/companies/{company_id}/", response=CompanyOut, **_CHANGE)
def edit_company(
    request: ApiRequest, response: HttpResponse, company_id: Id, body: CompanyEdit
) -> dict[str, Any]:
    """Change fields of a client; `If-Match` or `was` guard against changes of others."""
    company = _see(request, company_id)
    changes = {**given(body, "was", "custom"), **own(body.custom)}
    was = {**given(body.was, "custom"), **own(body.was.custom)} if body.was else None
    request.member.require_fields("company", changes)
    with unchanged(request, company):
        actions.edit_company(company, actor=request.member, changes=changes, was=was)
    return _answer(request, response, company.pk)


@router.delete("/companies/{company_id}/", response={204: None}, **_CHANGE)
def delete_company(request: ApiRequest, company_id: Id) -> Any:
    """Take a client out of sight; refused while somebody works with it."""
    company = _see(request, company_id)
    with unchanged(request, company):
        actions.delete_company(company, actor=request.member)
    return Status(204, None)


@router.post("/companies/{company_id}/restore/", response=CompanyOut, **needs("clients:write"))
def restore_company(request: ApiRequest, response: HttpResponse, company_id: Id) -> dict[str, Any]:
    """Bring a deleted client back."""
    company = found(Company.objects.visible_to(request.member, Action.DELETE), company_id)
    actions.restore_company(company, actor=request.member)
    return _answer(request, response, company.pk)


@router.post("/companies/{company_id}/assign/", response=CompanyOut, **_CHANGE)
def assign_company(
    request: ApiRequest, response: HttpResponse, company_id: Id, body: AssignClient
) -> dict[str, Any]:
    """Make another colleague responsible."""
    company = _see(request, company_id)
    owner = related(Member.objects.all(), body.owner, "owner")
    with unchanged(request, company):
        actions.assign_company(company, actor=request.member, owner=owner)
    return _answer(request, response, company.pk)


@router.post("/companies/{company_id}/contacts/", response={201: Contact}, **needs("clients:write"))
def add_company_contact(request: ApiRequest, company_id: Id, body: NewContact) -> dict[str, Any]:
    """Add a phone, an e-mail or a messenger; one that is there already is answered as it is."""
    company = _see(request, company_id)
    require_contact(request.member, body.kind)
    row = actions.add_contact(
        company, actor=request.member, kind=body.kind, value=body.value, label=body.label
    )
    return contact_out(row)


def require_contact(member: Member, kind: str) -> None:
    """Raise `Forbidden` when contacts of this kind are hidden from *member* or only to be read."""
    member.require_fields("client", [name for name, code in CONTACTS.items() if code == kind])


@router.post("/companies/{company_id}/tags/", response={201: Ref}, **needs("clients:write"))
def tag_company(request: ApiRequest, company_id: Id, body: NewTag) -> Any:
    """Put a tag on; a word becomes a tag when it is first used."""
    return ref(actions.tag_company(_see(request, company_id), actor=request.member, name=body.name))


@router.delete("/companies/{company_id}/tags/{tag_id}/", response={204: None}, **needs("clients:write"))
def untag_company(request: ApiRequest, company_id: Id, tag_id: Id) -> Any:
    """Take a tag off."""
    company = _see(request, company_id)
    link = found(CompanyTag.objects.filter(company=company).select_related("tag"), tag_id, by="tag_id")
    actions.untag_company(company, actor=request.member, tag=link.tag)
    return Status(204, None)


def account_out(row: BankAccount) -> dict[str, Any]:
    return {"id": row.pk, **{name: getattr(row, name) for name in actions.ACCOUNT_FIELDS}}


@router.get("/companies/{company_id}/accounts/", response=list[AccountOut], **needs("clients:read"))
def list_accounts(request: ApiRequest, company_id: Id) -> list[dict[str, Any]]:
    """Settlement accounts of a client, at most twenty."""
    company = _see(request, company_id)
    _require_accounts(request.member)
    return [account_out(row) for row in company.accounts.all()]


@router.post("/companies/{company_id}/accounts/", response={201: AccountOut}, **needs("clients:write"))
def add_account(request: ApiRequest, company_id: Id, body: NewAccount) -> dict[str, Any]:
    """Add a settlement account; one that is there already is answered as it is."""
    company = _see(request, company_id)
    values = {name: value for name, value in given(body).items() if value is not None}
    return account_out(actions.add_account(company, actor=request.member, **values))


def _see_account(request: ApiRequest, account_id: int) -> BankAccount:
    seen = Company.objects.present().visible_to(request.member)
    return found(BankAccount.objects.filter(company__in=seen), account_id)


def _require_accounts(member: Member) -> None:
    if not member.sees("client", "accounts"):
        raise Forbidden("see accounts")


@router.patch("/accounts/{account_id}/", response=AccountOut, **needs("clients:write"))
def edit_account(request: ApiRequest, account_id: Id, body: AccountPatch) -> dict[str, Any]:
    """Change a settlement account."""
    changes = {name: value for name, value in given(body).items() if value is not None}
    row = _see_account(request, account_id)
    return account_out(actions.edit_account(row, actor=request.member, changes=changes))


@router.delete("/accounts/{account_id}/", response={204: None}, **needs("clients:write"))
def remove_account(request: ApiRequest, account_id: Id) -> Any:
    """Remove a settlement account."""
    actions.remove_account(_see_account(request, account_id), actor=request.member)
    return Status(204, None)
