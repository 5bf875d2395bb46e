"""Set verb for import and demo: many clients with their people and contacts at once, one event for all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from django.db import transaction

from voronka.clients import events
from voronka.clients.models import Company, ContactKind, ContactPoint, Person, Position
from voronka.clients.search import refresh_companies, refresh_people
from voronka.core import clock
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
    segment_id: int | None = None
    source_id: int | None = None
    owner_id: int | None = None
    team_id: int | None = None
    is_key: bool = False
    created_at: dt.datetime | None = None
    phones: Sequence[str] = ()
    emails: Sequence[str] = ()
    people: Sequence[PersonRow] = field(default_factory=list)
    custom: dict[str, Any] = field(default_factory=dict)


_COLUMNS = [f.name for f in fields(CompanyRow) if f.name not in {"phones", "emails", "people", "created_at"}]


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
    Position.objects.bulk_create(
        (
            Position(person=person, company=company, title=one.title[:150], kind=one.kind, is_main=True)
            for (one, company), person in zip(pairs, people, strict=True)
        ),
        batch_size=BATCH,
    )
    ContactPoint.objects.bulk_create(contacts, batch_size=BATCH)
    analyze(Company, Person, Position, ContactPoint, rows=len(rows))
    if companies:
        record(events.ClientsImported(companies=len(companies), people=len(people)), actor=actor, subjects=[])
    if findable:
        refresh_companies(company.pk for company in companies)
    return companies


@transaction.atomic
def import_people(
    rows: Iterable[PersonRow], *, actor: Member | None, company_ids: Sequence[int | None] | None = None
) -> list[Person]:
    """Write new contact persons; return them in the order of *rows*.

    *company_ids*: for each row the company that is there already and where the person works, or None.
    """
    rows = list(rows)
    people = _people(rows, clock.now())
    ContactPoint.objects.bulk_create(
        [c for row, person in zip(rows, people, strict=True) for c in _contacts(row, person=person)],
        batch_size=BATCH,
    )
    if company_ids is not None:
        Position.objects.bulk_create(
            (
                Position(
                    person=person, company_id=company_id, title=row.title[:150], kind=row.kind, is_main=True
                )
                for row, person, company_id in zip(rows, people, company_ids, strict=True)
                if company_id is not None
            ),
            batch_size=BATCH,
        )
    if people:
        record(events.ClientsImported(companies=0, people=len(people)), actor=actor, subjects=[])
    refresh_people(person.pk for person in people)
    return people


def _people(rows: Sequence[PersonRow], now: dt.datetime) -> list[Person]:
    return Person.objects.bulk_create(
        (
            Person(
                name=row.name[:200],
                name_key=fold(row.name)[:200],
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
    """The row's phones and e-mails in their normal form; what is neither is left out."""
    found: dict[tuple[str, str], ContactPoint] = {}
    for text in row.phones:
        if phone := parse_phone(text):
            key = (ContactKind.PHONE.value, phone.normal)
            found.setdefault(
                key,
                ContactPoint(company=company, person=person, kind=key[0], value=phone.display, normal=key[1]),
            )
    for text in row.emails:
        if normal := normalise_email(text):
            key = (ContactKind.EMAIL.value, normal)
            found.setdefault(
                key,
                ContactPoint(
                    company=company, person=person, kind=key[0], value=text.strip()[:150], normal=normal
                ),
            )
    return list(found.values())
