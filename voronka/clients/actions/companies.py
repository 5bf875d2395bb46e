"""Verbs on companies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from voronka.clients import events
from voronka.clients.actions.contacts import put_contacts
from voronka.clients.checks import (
    NewContact,
    active_member,
    present_company,
    require,
    require_filled,
    require_owner,
    require_unmerged,
    tidy,
)
from voronka.clients.industries import section_of
from voronka.clients.models import Company, CompanyTag
from voronka.clients.objections import require_removable
from voronka.core import clock
from voronka.core.edits import merge, put, snapshot
from voronka.core.text import clean, company_key
from voronka.desk.fields.layouts import require_given
from voronka.desk.fields.values import clean as clean_own
from voronka.desk.fields.values import clean_was, split, stored, told_changes
from voronka.desk.models import Tag
from voronka.desk.tags import tag_named
from voronka.journal.actions import record
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Subject

# Changed by verbs of their own, with events of their own.
COMPANY_FIELDS = (
    "name",
    "legal_name",
    "inn",
    "kpp",
    "ogrn",
    "region",
    "industry",
    "okved",
    "legal_address",
    "address",
    "site",
    "size",
    "segment",
    "source",
    "is_key",
)


@transaction.atomic
def create_company(
    *,
    actor: Member | None,
    name: str,
    owner: Member | None = None,
    contacts: Iterable[NewContact | tuple[str, ...]] = (),
    in_passing: bool = False,
    **fields: Any,
) -> Company:
    """Add a client. *fields* are those in `COMPANY_FIELDS` and own ones; *contacts* are `(kind, value[, label])`.

    *in_passing*: only its name was asked, in a form about something else; what is required is not asked for then.
    The owner is the actor unless given; the team follows the owner. Raises `Refused` (with `field`) for a value
    that cannot be, `Forbidden` without the right to add clients for that owner.
    """
    if actor is not None:
        actor.require(Subject.CLIENT, Action.CREATE)
        contacts = [*contacts]
        require_filled(actor, fields, contacts)
    owner = active_member(owner) if owner is not None else actor
    if actor is not None and owner is not None and owner.pk != actor.pk:
        require_owner(actor, owner, Action.CREATE)
    built_in, own = split(fields)
    own = clean_own("company", own, actor=actor)
    values = _completed(tidy(Company, {"name": name, **built_in}, allowed=COMPANY_FIELDS))
    if not in_passing:
        asked = {"inn": values.get("inn")} | {
            name: values.get(f"{name}_id") for name in ("segment", "source")
        }
        require_given("company", own, built_in=asked)
    company = Company.objects.create(
        **values,
        custom=stored(own),
        name_key=company_key(values["name"])[:250],
        owner=owner,
        team_id=owner.team_id if owner else None,
        created_at=clock.now(),
    )
    put_contacts(contacts, company=company)
    record(
        events.CompanyCreated(company=company.pk, name=company.name),
        actor=actor,
        subjects=[("company", company.pk)],
    )
    return company


@transaction.atomic
def edit_company(
    company: Company,
    *,
    actor: Member | None,
    changes: Mapping[str, Any],
    was: Mapping[str, Any] | None = None,
) -> Company:
    """Change fields of a client (those in `COMPANY_FIELDS`); *was* are the values the form was made from.

    A number that fails its checksum is saved all the same (`checks.requisite_warnings` tells the form).
    Raises `Refused`, `Conflict`, `Forbidden`.
    """
    built_in, own = split(changes)
    own = clean_own("company", own, actor=actor, present=company.custom)
    company = present_company(company.pk)
    require(actor, company, Action.EDIT)
    if actor is not None:
        actor.require_fields("client", changes)
    wanted = {**tidy(Company, built_in, allowed=COMPANY_FIELDS), **own}
    real = merge(company, wanted, clean_was("company", was))
    if (
        real.get("okved")
        and "industry" not in real
        and (section := section_of(real["okved"])) != company.industry
    ):
        real["industry"] = section
    if not real:
        return company
    if "name" in real:
        real["name_key"] = company_key(real["name"])[:250]
    before = snapshot(company, real)
    texts = {name: [_text(company, name)] for name in real if name.endswith("_id")}
    columns = put(company, real)
    for name, pair in texts.items():
        pair.append(_text(company, name))
    company.version += 1
    company.save(update_fields=[*columns, "version"])
    after = snapshot(company, real)
    told = told_changes("company", before, after, actor)
    record(
        events.CompanyEdited(
            company=company.pk,
            changes={name: [before[name], after[name]] for name in real},
            texts=texts | {name: [words["was"], words["now"]] for name, words in told.items()},
            labels={name: words["label"] for name, words in told.items()},
        ),
        actor=actor,
        subjects=[("company", company.pk)],
    )
    return company


@transaction.atomic
def assign_company(company: Company, *, actor: Member | None, owner: Member | None) -> Company:
    """Make *owner* responsible; the team follows. One may hand over what one's right to hand over reaches."""
    company = present_company(company.pk)
    owner = active_member(owner) if owner is not None else None
    team_id = owner.team_id if owner else None
    owner_id = owner.pk if owner else None
    if (company.owner_id, company.team_id) == (owner_id, team_id):
        return company
    require(actor, company, Action.HAND_OVER)
    before = company.owner
    payload = events.CompanyAssigned(
        company=company.pk,
        owner=[company.owner_id, owner_id],
        team=[company.team_id, team_id],
        names=[before.name if before else "", owner.name if owner else ""],
    )
    company.owner, company.team_id = owner, team_id
    company.version += 1
    company.save(update_fields=["owner", "team", "version"])
    record(payload, actor=actor, subjects=[("company", company.pk)])
    return company


@transaction.atomic
def delete_company(company: Company, *, actor: Member | None) -> Company:
    """Take a client out of sight; its history stays. Refused while somebody still works with it."""
    company = Company.objects.select_for_update(of=("self",)).get(pk=company.pk)
    if company.deleted_at is not None:
        return company
    require(actor, company, Action.DELETE)
    require_removable(company)
    company.deleted_at = clock.now()
    company.version += 1
    company.save(update_fields=["deleted_at", "version"])
    record(
        events.CompanyDeleted(company=company.pk, name=company.name),
        actor=actor,
        subjects=[("company", company.pk)],
    )
    return company


@transaction.atomic
def restore_company(company: Company, *, actor: Member | None) -> Company:
    """Bring a deleted client back."""
    company = Company.objects.select_for_update(of=("self",)).get(pk=company.pk)
    if company.deleted_at is None:
        return company
    require_unmerged(Company, company.pk)
    require(actor, company, Action.DELETE)
    company.deleted_at = None
    company.version += 1
    company.save(update_fields=["deleted_at", "version"])
    record(
        events.CompanyRestored(company=company.pk, name=company.name),
        actor=actor,
        subjects=[("company", company.pk)],
    )
    return company


@transaction.atomic
def tag_company(company: Company, *, actor: Member | None, name: str) -> Tag:
    """Put a tag on a client; a tag of a new name is made on the way."""
    company = present_company(company.pk)
    require(actor, company, Action.EDIT)
    tag = tag_named(clean(name).lstrip("#"))
    _link, new = CompanyTag.objects.get_or_create(company=company, tag=tag)
    if new:
        record(
            events.CompanyTagged(company=company.pk, tag=tag.pk, name=tag.name),
            actor=actor,
            subjects=[("company", company.pk)],
        )
    return tag


@transaction.atomic
def untag_company(company: Company, *, actor: Member | None, tag: Tag) -> None:
    """Take a tag off a client."""
    company = present_company(company.pk)
    require(actor, company, Action.EDIT)
    gone, _rows = CompanyTag.objects.filter(company=company, tag=tag).delete()
    if gone:
        record(
            events.CompanyUntagged(company=company.pk, tag=tag.pk, name=tag.name),
            actor=actor,
            subjects=[("company", company.pk)],
        )


def _completed(values: dict[str, Any]) -> dict[str, Any]:
    if values.get("okved") and not values.get("industry"):
        values["industry"] = section_of(values["okved"])
    return values


def _text(company: Company, attname: str) -> str:
    related = getattr(company, attname.removesuffix("_id"))
    return "" if related is None else str(related)
