"""Verbs on contact persons and their posts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from voronka.clients import events
from voronka.clients.actions.contacts import put_contacts
from voronka.clients.checks import (
    NewContact,
    active_member,
    present_company,
    present_person,
    require,
    require_filled,
    require_owner,
    require_unmerged,
    tidy,
)
from voronka.clients.models import Company, Person, Position
from voronka.clients.objections import require_removable
from voronka.core import clock
from voronka.core.edits import merge, put, snapshot
from voronka.core.errors import Refused
from voronka.core.text import fold
from voronka.desk.fields.layouts import require_given
from voronka.desk.fields.values import clean as clean_own
from voronka.desk.fields.values import clean_was, split, stored, told_changes
from voronka.journal.actions import record
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Subject

PERSON_FIELDS = ("name", "birthday", "about", "source")
POSITION_FIELDS = ("title", "kind", "is_main")
MOST_POSITIONS = 30


@transaction.atomic
def create_person(
    *,
    actor: Member | None,
    name: str,
    company: Company | None = None,
    title: str = "",
    kind: str = "",
    owner: Member | None = None,
    contacts: Iterable[NewContact | tuple[str, ...]] = (),
    in_passing: bool = False,
    **fields: Any,
) -> Person:
    """Add a contact person, with a post in *company* if given. *fields* are those in `PERSON_FIELDS` and own ones.

    *in_passing*: only the name was asked, in a form about something else; what is required is not asked for then.
    The owner is the given one, else the company's, else the actor. Raises `Refused`, `Forbidden`.
    """
    if actor is not None:
        actor.require(Subject.CLIENT, Action.CREATE)
        contacts = [*contacts]
        require_filled(actor, fields, contacts)
    if company is not None:
        company = present_company(company.pk)
        require(actor, company, Action.EDIT)
    if owner is not None:
        owner = active_member(owner)
        if actor is not None and owner.pk != actor.pk:
            require_owner(actor, owner, Action.CREATE)
    elif company is not None and company.owner_id:
        owner = company.owner
    else:
        owner = actor
    built_in, own = split(fields)
    own = clean_own("person", own, actor=actor)
    values = tidy(Person, {"name": name, **built_in}, allowed=PERSON_FIELDS)
    if not in_passing:
        require_given("person", own, built_in={"source": values.get("source_id")})
    post = tidy(Position, {"title": title, "kind": kind}, allowed=POSITION_FIELDS)
    person = Person.objects.create(
        **values,
        custom=stored(own),
        name_key=fold(values["name"])[:200],
        owner=owner,
        team_id=owner.team_id if owner else None,
        created_at=clock.now(),
    )
    put_contacts(contacts, person=person)
    if company is not None:
        Position.objects.create(person=person, company=company, is_main=True, **post)
    record(
        events.PersonCreated(person=person.pk, name=person.name),
        actor=actor,
        subjects=[("person", person.pk), ("company", company.pk if company else None)],
    )
    return person


@transaction.atomic
def edit_person(
    person: Person, *, actor: Member | None, changes: Mapping[str, Any], was: Mapping[str, Any] | None = None
) -> Person:
    """Change fields of a person (those in `PERSON_FIELDS`). Raises `Refused`, `Conflict`, `Forbidden`."""
    built_in, own = split(changes)
    own = clean_own("person", own, actor=actor, present=person.custom)
    person = present_person(person.pk)
    require(actor, person, Action.EDIT)
    if actor is not None:
        actor.require_fields("client", changes)
    wanted = {**tidy(Person, built_in, allowed=PERSON_FIELDS), **own}
    real = merge(person, wanted, clean_was("person", was))
    if not real:
        return person
    if "name" in real:
        real["name_key"] = fold(real["name"])[:200]
    before = snapshot(person, real)
    old_source = person.source
    columns = put(person, real)
    texts = {"source_id": [str(old_source or ""), str(person.source or "")]} if "source_id" in real else {}
    person.version += 1
    person.save(update_fields=[*columns, "version"])
    after = snapshot(person, real)
    told = told_changes("person", before, after, actor)
    record(
        events.PersonEdited(
            person=person.pk,
            name=person.name,
            changes={name: [before[name], after[name]] for name in real},
            texts=texts | {name: [words["was"], words["now"]] for name, words in told.items()},
            labels={name: words["label"] for name, words in told.items()},
        ),
        actor=actor,
        subjects=[("person", person.pk)],
    )
    return person


@transaction.atomic
def assign_person(person: Person, *, actor: Member | None, owner: Member | None) -> Person:
    """Make *owner* responsible for a person; the team follows."""
    person = present_person(person.pk)
    owner = active_member(owner) if owner is not None else None
    after = (owner.pk if owner else None, owner.team_id if owner else None)
    if (person.owner_id, person.team_id) == after:
        return person
    require(actor, person, Action.HAND_OVER)
    payload = events.PersonAssigned(
        person=person.pk,
        owner=[person.owner_id, after[0]],
        team=[person.team_id, after[1]],
        names=[person.owner.name if person.owner else "", owner.name if owner else ""],
    )
    person.owner, person.team_id = owner, after[1]
    person.version += 1
    person.save(update_fields=["owner", "team", "version"])
    record(payload, actor=actor, subjects=[("person", person.pk)])
    return person


@transaction.atomic
def delete_person(person: Person, *, actor: Member | None) -> Person:
    """Take a person out of sight; the history stays."""
    person = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if person.deleted_at is not None:
        return person
    # Whoever may edit a client's card may take a wrong person off it; undo brings it back.
    require(actor, person, Action.EDIT)
    require_removable(person)
    person.deleted_at = clock.now()
    person.version += 1
    person.save(update_fields=["deleted_at", "version"])
    record(
        events.PersonDeleted(person=person.pk, name=person.name),
        actor=actor,
        subjects=_with_companies(person),
    )
    return person


@transaction.atomic
def restore_person(person: Person, *, actor: Member | None) -> Person:
    """Bring a deleted person back."""
    person = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if person.deleted_at is None:
        return person
    require_unmerged(Person, person.pk)
    require(actor, person, Action.EDIT)
    person.deleted_at = None
    person.version += 1
    person.save(update_fields=["deleted_at", "version"])
    record(
        events.PersonRestored(person=person.pk, name=person.name),
        actor=actor,
        subjects=_with_companies(person),
    )
    return person


@transaction.atomic
def add_position(
    person: Person,
    *,
    actor: Member | None,
    company: Company,
    title: str = "",
    kind: str = "",
    is_main: bool = False,
) -> Position:
    """Give a person a post in one more company; the post that is there already is returned as it is."""
    company = present_company(company.pk)
    require(actor, company, Action.EDIT)
    person = present_person(person.pk)
    # Joining a stranger to one's own client would open the stranger's card, so seeing it comes first.
    require(actor, person, Action.SEE)
    if there := Position.objects.filter(person=person, company=company).first():
        return there
    count = Position.objects.filter(person=person).count()
    if count >= MOST_POSITIONS:
        raise Refused(_("This person has too many posts already."))
    values = tidy(Position, {"title": title, "kind": kind}, allowed=POSITION_FIELDS)
    if is_main:
        Position.objects.filter(person=person, is_main=True).update(is_main=False)
    position = Position.objects.create(person=person, company=company, is_main=is_main or not count, **values)
    record(
        events.PositionAdded(
            position=position.pk,
            person=person.pk,
            company=company.pk,
            person_name=person.name,
            company_name=company.name,
        ),
        actor=actor,
        subjects=[("company", company.pk), ("person", person.pk)],
    )
    return position


@transaction.atomic
def edit_position(
    position: Position,
    *,
    actor: Member | None,
    changes: Mapping[str, Any],
    was: Mapping[str, Any] | None = None,
) -> Position:
    """Change the post or the role in the purchase."""
    position = _locked_position(position.pk, actor)
    real = merge(position, tidy(Position, changes, allowed=POSITION_FIELDS), was)
    if not real:
        return position
    before = snapshot(position, real)
    for name, value in real.items():
        setattr(position, name, value)
    position.save(update_fields=list(real))
    record(
        events.PositionEdited(
            position=position.pk,
            person=position.person_id,
            company=position.company_id,
            person_name=position.person.name,
            changes={name: [before[name], value] for name, value in real.items()},
        ),
        actor=actor,
        subjects=[("company", position.company_id), ("person", position.person_id)],
    )
    return position


@transaction.atomic
def remove_position(position: Position, *, actor: Member | None) -> None:
    """A person leaves a company; the person stays."""
    position = _locked_position(position.pk, actor)
    payload = events.PositionRemoved(
        position=position.pk,
        person=position.person_id,
        company=position.company_id,
        person_name=position.person.name,
        company_name=position.company.name,
        title=position.title,
        kind=position.kind,
        is_main=position.is_main,
    )
    position.delete()
    record(payload, actor=actor, subjects=[("company", payload.company), ("person", payload.person)])


def _locked_position(pk: int, actor: Member | None) -> Position:
    position = (
        Position.objects.select_for_update(of=("self",))
        .select_related("person", "company")
        .filter(pk=pk)
        .first()
    )
    if position is None:
        raise Refused(_("This is no longer there: it was deleted meanwhile."))
    require(actor, position.company, Action.EDIT)
    return position


def _with_companies(person: Person) -> list[tuple[str, int | None]]:
    companies = Position.objects.filter(person=person).values_list("company_id", flat=True)
    return [("person", person.pk), *(("company", pk) for pk in companies)]
