"""Set verbs for import and demo: many clients with their people and contacts at once, one event for all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from django.db import transaction

from voronka.clients import events
from voronka.clients.models import Company, CompanyTag, ContactKind, ContactPoint, Person, Position
from voronka.clients.search import refresh_companies, refresh_people
from voronka.core import clock
from voronka.core.copying import copy_objects
from voronka.core.emails import normalise_email
from voronka.core.phones import parse_phone
from voronka.core.statistics import analyze
from voronka.core.text import company_key, fold
from voronka.journal.actions import record
from voronka.workspaces.models import Member

BATCH = 2000


@dataclass
class PersonRow:
    """A contact person, with the post in the company of the row it stands in (if any)."""

    name: str
    title: str = ""
    kind: str = ""
    phones: Sequence[str] = ()
    emails: Sequence[str] = ()
    messengers: Sequence[str] = ()
    birthday: dt.date | None = None
    about: str = ""
    source_id: int | None = None
    owner_id: int | None = None
    team_id: int | None = None
    created_at: dt.datetime | None = None
    # Values of the company's own fields as they are stored, by key.
    custom: dict[str, Any] = field(default_factory=dict)


@dataclass
class CompanyRow:
    """A client. Texts are cleaned and fit their columns already (`core.text.clean`)."""

    name: str
    inn: str = ""
    kpp: str = ""
    ogrn: str = ""
    region: str = ""
    industry: str = ""
    okved: str = ""
    size: str = ""
    site: str = ""
    address: str = ""
    legal_name: str = ""
    legal_address: str = ""
    segment_id: int | None = None
    source_id: int | None = None
    owner_id: int | None = None
    team_id: int | None = None
    is_key: bool = False
    created_at: dt.datetime | None = None
    phones: Sequence[str] = ()
    emails: Sequence[str] = ()
    messengers: Sequence[str] = ()
    people: Sequence[PersonRow] = field(default_factory=list)
    custom: dict[str, Any] = field(default_factory=dict)


_NOT_COLUMNS = {"phones", "emails", "messengers", "people", "created_at"}
_COLUMNS = [f.name for f in fields(CompanyRow) if f.name not in _NOT_COLUMNS]


@transaction.atomic
def import_companies(
    rows: Iterable[CompanyRow], *, actor: Member | None, findable: bool = True
) -> list[Company]:
    """Write new clients; return them in the order of *rows*.

    *findable* False leaves the search rows to the caller, who writes more about the same clients.
    """
    rows = list(rows)
    now = clock.now()
    companies = Company.objects.bulk_create(
        (
            Company(
                name_key=company_key(row.name)[:250] or fold(row.name)[:250],
                created_at=row.created_at or now,
                **{name: getattr(row, name) for name in _COLUMNS},
            )
            for row in rows
        ),
        batch_size=BATCH,
    )
    contacts = [
        contact
        for row, company in zip(rows, companies, strict=True)
        for contact in _contacts(row, company=company)
    ]
    pairs = [(one, company) for row, company in zip(rows, companies, strict=True) for one in row.people]
    people = _people([one for one, _company in pairs], now)
    contacts += [
        contact
        for (one, _company), person in zip(pairs, people, strict=True)
        for contact in _contacts(one, person=person)
    ]
    copy_objects(
        Position(person=person, company=company, title=one.title[:150], kind=one.kind, is_main=True)
        for (one, company), person in zip(pairs, people, strict=True)
    )
    copy_objects(contacts)
    analyze(Company, Person, Position, ContactPoint, rows=len(rows))
    if companies:
        record(events.ClientsImported(companies=len(companies), people=len(people)), actor=actor, subjects=[])
    if findable:
        refresh_companies(company.pk for company in companies)
    return companies


@transaction.atomic
def import_people(
    rows: Iterable[PersonRow],
    *,
    actor: Member | None,
    company_ids: Sequence[int | None] | None = None,
    findable: bool = True,
) -> list[Person]:
    """Write new contact persons; return them in the order of *rows*.

    *company_ids*: for each row the company that is there already and where the person works, or None. *findable*
    as in `import_companies`.
    """
    rows = list(rows)
    people = _people(rows, clock.now())
    copy_objects(c for row, person in zip(rows, people, strict=True) for c in _contacts(row, person=person))
    if company_ids is not None:
        copy_objects(
            Position(person=person, company_id=company_id, title=row.title[:150], kind=row.kind, is_main=True)
            for row, person, company_id in zip(rows, people, company_ids, strict=True)
            if company_id is not None
        )
    if people:
        record(events.ClientsImported(companies=0, people=len(people)), actor=actor, subjects=[])
    if findable:
        refresh_people(person.pk for person in people)
    return people


@dataclass(frozen=True)
class ContactRow:
    """A phone, e-mail or messenger of a client that is there: `ContactKind`, as shown, as compared."""

    kind: str
    value: str
    company_id: int | None = None
    person_id: int | None = None


@transaction.atomic
def update_clients(
    *,
    actor: Member | None,
    companies: Mapping[int, Mapping[str, Any]] | None = None,
    people: Mapping[int, Mapping[str, Any]] | None = None,
    contacts: Iterable[ContactRow] = (),
) -> list[int]:
    """Change clients that are there: id → values by column; return the ids of the contact points added.

    Values are cleaned already. A contact that the client has is not added again. One event for all; the search rows
    are the caller's, who may write more about the same clients.
    """
    companies, people = companies or {}, people or {}
    set_values(Company, companies, with_key=lambda name: company_key(name)[:250] or fold(name)[:250])
    set_values(Person, people, with_key=lambda name: fold(name)[:200])
    added = _new_contacts(contacts)
    changed = len(companies) + len(people)
    if changed or added:
        record(
            events.ClientsUpdated(companies=len(companies), people=len(people), contacts=len(added)),
            actor=actor,
            subjects=[],
        )
    return [contact.pk for contact in added]


def set_values(
    model: Any, changes: Mapping[int, Mapping[str, Any]], *, with_key: Callable[[str], str] | None = None
) -> None:
    """Write *changes* (id → values by column), rows that change alike in one statement. The version stays."""
    alike: dict[tuple[str, ...], list[Any]] = {}
    for pk, values in changes.items():
        wanted = dict(values)
        if with_key is not None and "name" in wanted:
            wanted["name_key"] = with_key(wanted["name"])
        alike.setdefault(tuple(sorted(wanted)), []).append(model(pk=pk, **wanted))
    for names, rows in alike.items():
        columns = [model._meta.get_field(name.removesuffix("_id")).name for name in names]
        model.objects.bulk_update(rows, columns, batch_size=500)


def _new_contacts(rows: Iterable[ContactRow]) -> list[ContactPoint]:
    """Those of *rows* that their clients do not have yet, written."""
    wanted: dict[tuple[int | None, int | None, str, str], ContactPoint] = {}
    for row in rows:
        made = _contact(row.kind, row.value)
        if made is not None:
            made.company_id, made.person_id = row.company_id, row.person_id
            wanted.setdefault((row.company_id, row.person_id, made.kind, made.normal), made)
    for column in ("company_id", "person_id"):
        ids = sorted({pk for pair in wanted if (pk := pair[0 if column == "company_id" else 1])})
        for start in range(0, len(ids), BATCH):
            there = ContactPoint.objects.filter(**{f"{column}__in": ids[start : start + BATCH]})
            for key in there.values_list("company_id", "person_id", "kind", "normal"):
                wanted.pop(key, None)
    return ContactPoint.objects.bulk_create(wanted.values(), batch_size=BATCH)


@transaction.atomic
def add_positions(pairs: Iterable[tuple[int, int, str]], *, actor: Member | None) -> list[Position]:
    """Give people posts: (person, company, title); a post that is there is left as it is. Return those added."""
    wanted = {(person, company): title for person, company, title in pairs}
    people = sorted({person for person, _company in wanted})
    employed: set[int] = set()
    for start in range(0, len(people), BATCH):
        there = Position.objects.filter(person__in=people[start : start + BATCH])
        for person, company in there.values_list("person_id", "company_id"):
            wanted.pop((person, company), None)
            employed.add(person)
    made = Position.objects.bulk_create(
        (
            Position(person_id=person, company_id=company, title=title[:150], is_main=person not in employed)
            for (person, company), title in wanted.items()
        ),
        batch_size=BATCH,
    )
    if made:
        record(events.ClientsUpdated(companies=0, people=len(made), contacts=0), actor=actor, subjects=[])
    return made


@transaction.atomic
def tag_companies(pairs: Iterable[tuple[int, int]]) -> list[CompanyTag]:
    """Put tags on companies: (company, tag), those that are not there yet; return them. Part of an import's event."""
    wanted = dict.fromkeys(pairs)
    ids = sorted({company for company, _tag in wanted})
    for start in range(0, len(ids), BATCH):
        there = CompanyTag.objects.filter(company__in=ids[start : start + BATCH])
        for pair in there.values_list("company_id", "tag_id"):
            wanted.pop(pair, None)
    return CompanyTag.objects.bulk_create(
        (CompanyTag(company_id=company, tag_id=tag) for company, tag in wanted), batch_size=BATCH
    )


def _people(rows: Sequence[PersonRow], now: dt.datetime) -> list[Person]:
    return Person.objects.bulk_create(
        (
            Person(
                name=row.name[:200],
                name_key=fold(row.name)[:200],
                birthday=row.birthday,
                about=row.about,
                source_id=row.source_id,
                owner_id=row.owner_id,
                team_id=row.team_id,
                created_at=row.created_at or now,
                custom=row.custom,
            )
            for row in rows
        ),
        batch_size=BATCH,
    )


def _contacts(
    row: CompanyRow | PersonRow, *, company: Company | None = None, person: Person | None = None
) -> list[ContactPoint]:
    """The row's phones, e-mails and messengers in their normal form; what is none of them is left out."""
    found: dict[tuple[str, str], ContactPoint] = {}
    for kind, texts in (
        (ContactKind.PHONE.value, row.phones),
        (ContactKind.EMAIL.value, row.emails),
        (ContactKind.MESSENGER.value, row.messengers),
    ):
        for text in texts:
            if made := _contact(kind, text):
                made.company, made.person = company, person
                found.setdefault((kind, made.normal), made)
    return list(found.values())


def _contact(kind: str, text: str) -> ContactPoint | None:
    """A contact point of nobody yet, or None for a text that is no such thing."""
    if kind == ContactKind.PHONE:
        phone = parse_phone(text)
        return ContactPoint(kind=kind, value=phone.display, normal=phone.normal) if phone else None
    shown = text.strip()[:150]
    normal = normalise_email(text)[:150] if kind == ContactKind.EMAIL else shown.lower()
    return ContactPoint(kind=kind, value=shown, normal=normal) if normal else None
