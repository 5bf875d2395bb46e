"""Verbs on contact points and bank accounts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from voronka.clients import events
from voronka.clients.checks import NewContact, checked_contact, present_company, present_person, require, tidy
from voronka.clients.kept import CONTACT_FIELDS
from voronka.clients.models import BankAccount, Company, ContactPoint, Person
from voronka.core.edits import merge, snapshot
from voronka.core.errors import Refused
from voronka.journal.actions import record
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action

MOST_CONTACTS = 30
MOST_ACCOUNTS = 20
ACCOUNT_FIELDS = ("bic", "account", "bank", "correspondent")


def put_contacts(
    contacts: Iterable[NewContact | tuple[str, ...]],
    *,
    company: Company | None = None,
    person: Person | None = None,
) -> list[ContactPoint]:
    """Write the contacts of a client that is being created (no events: the creation tells it). Empty ones are left out."""
    rows: dict[tuple[str, str], ContactPoint] = {}
    for given in contacts:
        contact = checked_contact(*given)
        if contact is not None:
            row = ContactPoint(
                company=company, person=person, kind=contact.kind, value=contact.value,
                normal=contact.normal, label=contact.label,
            )  # fmt: skip
            rows.setdefault((contact.kind, contact.normal), row)
    return ContactPoint.objects.bulk_create(rows.values())


@transaction.atomic
def add_contact(
    client: Company | Person, *, actor: Member | None, kind: str, value: str, label: str = ""
) -> ContactPoint:
    """Add a phone, e-mail or messenger; one that the client has already is returned as it is."""
    client = _present(client)
    require(actor, client, Action.EDIT)
    _require_kind(actor, kind)
    contact = checked_contact(kind, value, label)
    if contact is None:
        raise Refused(_("Type the phone or the address."), field="value")
    owner = _owner(client)
    there = ContactPoint.objects.filter(**owner)
    if same := there.filter(kind=contact.kind, normal=contact.normal).first():
        return same
    if there.count() >= MOST_CONTACTS:
        raise Refused(_("There are too many contacts here: remove those that are out of use."))
    row = ContactPoint.objects.create(
        **owner, kind=contact.kind, value=contact.value, normal=contact.normal, label=contact.label
    )
    record(
        events.ContactAdded(
            contact=row.pk, company=row.company_id, person=row.person_id, kind=row.kind, value=row.value
        ),
        actor=actor,
        subjects=_subjects(row),
    )
    return row


@transaction.atomic
def edit_contact(
    row: ContactPoint,
    *,
    actor: Member | None,
    changes: Mapping[str, Any],
    was: Mapping[str, Any] | None = None,
) -> ContactPoint:
    """Change the value or the label of a contact point."""
    row = _locked(ContactPoint, row.pk)
    require(actor, _present(row.company or row.person), Action.EDIT)
    _require_kind(actor, row.kind)
    wanted = dict(changes)
    contact = checked_contact(row.kind, wanted.get("value", row.value), wanted.get("label", row.label))
    if contact is None:
        raise Refused(_("Type the phone or the address."), field="value")
    real = merge(row, {"value": contact.value, "label": contact.label}, was)
    if not real:
        return row
    if "value" in real:
        real["normal"] = contact.normal
    before = snapshot(row, real)
    for name, value in real.items():
        setattr(row, name, value)
    row.save(update_fields=list(real))
    record(
        events.ContactEdited(
            contact=row.pk,
            company=row.company_id,
            person=row.person_id,
            changes={name: [before[name], value] for name, value in real.items()},
            kind=row.kind,
        ),
        actor=actor,
        subjects=_subjects(row),
    )
    return row


@transaction.atomic
def remove_contact(row: ContactPoint, *, actor: Member | None) -> None:
    """Remove a contact point."""
    row = _locked(ContactPoint, row.pk)
    require(actor, _present(row.company or row.person), Action.EDIT)
    _require_kind(actor, row.kind)
    payload = events.ContactRemoved(
        contact=row.pk,
        company=row.company_id,
        person=row.person_id,
        kind=row.kind,
        value=row.value,
        normal=row.normal,
        label=row.label,
    )
    subjects = _subjects(row)
    row.delete()
    record(payload, actor=actor, subjects=subjects)


@transaction.atomic
def add_account(company: Company, *, actor: Member | None, **fields: Any) -> BankAccount:
    """Add a settlement account: `bic`, `account`, `bank`, `correspondent`."""
    company = present_company(company.pk)
    require(actor, company, Action.EDIT)
    _require_accounts(actor)
    values = tidy(BankAccount, fields, allowed=ACCOUNT_FIELDS)
    if not values.get("account"):
        raise Refused(_("Type the account."), field="account")
    if same := company.accounts.filter(account=values["account"], bic=values.get("bic", "")).first():
        return same
    if company.accounts.count() >= MOST_ACCOUNTS:
        raise Refused(_("There are too many accounts here: remove those that are out of use."))
    row = BankAccount.objects.create(company=company, **values)
    record(
        events.AccountAdded(row=row.pk, company=company.pk, account=row.account),
        actor=actor,
        subjects=[("company", company.pk)],
    )
    return row


@transaction.atomic
def edit_account(
    row: BankAccount,
    *,
    actor: Member | None,
    changes: Mapping[str, Any],
    was: Mapping[str, Any] | None = None,
) -> BankAccount:
    """Change a settlement account."""
    row = _locked(BankAccount, row.pk)
    require(actor, present_company(row.company_id), Action.EDIT)
    _require_accounts(actor)
    values = tidy(BankAccount, changes, allowed=ACCOUNT_FIELDS)
    if values.get("account") == "":
        raise Refused(_("Type the account."), field="account")
    real = merge(row, values, was)
    if not real:
        return row
    before = snapshot(row, real)
    for name, value in real.items():
        setattr(row, name, value)
    row.save(update_fields=list(real))
    record(
        events.AccountEdited(
            row=row.pk,
            company=row.company_id,
            account=row.account,
            changes={name: [before[name], value] for name, value in real.items()},
        ),
        actor=actor,
        subjects=[("company", row.company_id)],
    )
    return row


@transaction.atomic
def remove_account(row: BankAccount, *, actor: Member | None) -> None:
    """Remove a settlement account."""
    row = _locked(BankAccount, row.pk)
    require(actor, present_company(row.company_id), Action.EDIT)
    _require_accounts(actor)
    payload = events.AccountRemoved(
        row=row.pk,
        company=row.company_id,
        account=row.account,
        bic=row.bic,
        bank=row.bank,
        correspondent=row.correspondent,
    )
    row.delete()
    record(payload, actor=actor, subjects=[("company", payload.company)])


def _present(client: Any) -> Any:
    return present_company(client.pk) if isinstance(client, Company) else present_person(client.pk)


def _owner(client: Company | Person) -> dict[str, Any]:
    return {"company": client} if isinstance(client, Company) else {"person": client}


def _require_kind(actor: Member | None, kind: str) -> None:
    if actor is not None:
        actor.require_fields("client", [CONTACT_FIELDS.get(kind, kind)])


def _require_accounts(actor: Member | None) -> None:
    if actor is not None:
        actor.require_fields("client", ["accounts"])


def _subjects(row: ContactPoint) -> list[tuple[str, int | None]]:
    return [("company", row.company_id), ("person", row.person_id)]


def _locked(model: Any, pk: int) -> Any:
    row = model.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    if row is None:
        raise Refused(_("This is no longer there: it was deleted meanwhile."))
    return row
