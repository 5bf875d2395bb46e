"""While somebody types a client: who looks the same. Of those out of reach only who leads them is told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from voronka.clients.checks import checked_contact
from voronka.clients.expressions import MailDomain, SiteHost
from voronka.clients.matching.keys import domain_of, host_of, numbers_in, reason_words, weight_of
from voronka.clients.models import (
    AccessRequest,
    Company,
    ContactKind,
    ContactPoint,
    Person,
    Position,
    RequestStatus,
)
from voronka.core.errors import Refused
from voronka.core.text import company_key, fold
from voronka.desk.search import alike
from voronka.workspaces.models import Member

LIMIT = 5
# Of one sign; a phone of a business centre stands with hundreds.
MOST_OF_A_SIGN = 20
# How alike two names must be by their trigrams, 0 to 1.
ALIKE = 0.5


@dataclass(frozen=True)
class Duplicate:
    """A client that is there already. Out of reach `name` and `pk` stay untold (architecture.md, 6).

    `reasons` are codes of `keys.REASONS`; `asked`: the member's request for access waits already.
    """

    kind: str
    hidden_id: int
    reasons: tuple[str, ...]
    owner_name: str
    is_reachable: bool
    name: str = ""
    hint: str = ""
    asked: bool = False

    @property
    def pk(self) -> int | None:
        return self.hidden_id if self.is_reachable else None

    @property
    def why(self) -> str:
        return reason_words(self.reasons)


Signs = dict[int, set[str]]


def find_companies(
    member: Member,
    *,
    name: str = "",
    inn: str = "",
    site: str = "",
    phones: Iterable[str] = (),
    emails: Iterable[str] = (),
    exclude: int | None = None,
) -> list[Duplicate]:
    """Companies that look like the one being typed, at most five, the surest first."""
    found: Signs = defaultdict(set)
    present = Company.objects.present()
    # What is hidden from the member cannot be asked about either.
    hidden = member.hidden_fields("client")
    name, inn, site = ("" if n in hidden else v for n, v in (("name", name), ("inn", inn), ("site", site)))
    phones, emails = (() if n in hidden else v for n, v in (("phones", phones), ("emails", emails)))
    inn = "".join(ch for ch in inn if ch.isdigit())
    if len(inn) in (10, 12):
        _note(found, "inn", present.filter(inn=inn).values_list("pk", flat=True))
    _note(found, "phone", _companies_reached_by(ContactKind.PHONE, _normals(ContactKind.PHONE, phones)))
    addresses = _normals(ContactKind.EMAIL, emails)
    _note(found, "email", _companies_reached_by(ContactKind.EMAIL, addresses))
    hosts = {host for host in (host_of(site), *map(domain_of, addresses)) if host}
    if hosts:
        _note(found, "domain", _companies_of_hosts(hosts, hidden))
    key = company_key(name)[:250]
    if len(key) >= 2:
        _note(found, "name", present.filter(name_key=key).values_list("pk", flat=True))
    if len(key) >= 4:
        same = {pk for pk, signs in found.items() if "name" in signs}
        _note(found, "alike", (pk for pk in _names_like(Company, "company", key) if pk not in same))
    return _told(member, Company, "company", found, exclude)


def find_people(
    member: Member,
    *,
    name: str = "",
    phones: Iterable[str] = (),
    emails: Iterable[str] = (),
    company: int | None = None,
    exclude: int | None = None,
) -> list[Duplicate]:
    """People who look like the one being typed: a name alone counts when it has two words or stands in *company*."""
    found: Signs = defaultdict(set)
    hidden = member.hidden_fields("client")
    phones, emails = (() if n in hidden else v for n, v in (("phones", phones), ("emails", emails)))
    for kind, values in ((ContactKind.PHONE, phones), (ContactKind.EMAIL, emails)):
        if normals := _normals(kind, values):
            points = ContactPoint.objects.filter(kind=kind, normal__in=normals, person__isnull=False)
            _note(found, str(kind), points.values_list("person_id", flat=True))
    key = fold(name)[:200]
    if len(key) >= 2:
        namesakes = Person.objects.present().filter(name_key=key)
        if company:
            here = list(namesakes.filter(positions__company=company).values_list("pk", flat=True))
            _note(found, "company", here)
            _note(found, "fullname", here)
        if " " in key:
            _note(found, "fullname", namesakes.values_list("pk", flat=True))
    return _told(member, Person, "person", found, exclude)


def _note(found: Signs, sign: str, ids: Iterable[int]) -> None:
    rows = ids[:MOST_OF_A_SIGN] if hasattr(ids, "query") else ids  # type: ignore[index]
    for pk in list(rows):
        found[pk].add(sign)


def _normals(kind: str, values: Iterable[str]) -> list[str]:
    normals = []
    for value in values:
        try:
            contact = checked_contact(kind, value)
        except Refused:
            contact = None
        if contact:
            normals.append(contact.normal)
    return normals


def _companies_reached_by(kind: str, normals: list[str]) -> list[int]:
    """Companies with one of these contacts, their own or of somebody who works there."""
    if not normals:
        return []
    points = ContactPoint.objects.filter(kind=kind, normal__in=normals)
    direct = list(points.filter(company__isnull=False).values_list("company_id", flat=True)[:MOST_OF_A_SIGN])
    people = list(points.filter(person__isnull=False).values_list("person_id", flat=True)[:MOST_OF_A_SIGN])
    if not people:
        return direct
    through = Position.objects.filter(person__in=people, person__deleted_at=None)
    return [*direct, *through.values_list("company_id", flat=True)[:MOST_OF_A_SIGN]]


def _companies_of_hosts(hosts: set[str], hidden: frozenset[str]) -> list[int]:
    """By site and by domains of e-mails, as far as neither is *hidden*."""
    found: list[int] = []
    if "site" not in hidden:
        sites = Company.objects.present().exclude(site="").annotate(host=SiteHost("site"))
        found += sites.filter(host__in=hosts).values_list("pk", flat=True)[:MOST_OF_A_SIGN]
    if "emails" in hidden:
        return found
    mail = ContactPoint.objects.filter(kind=ContactKind.EMAIL).annotate(domain=MailDomain("normal"))
    points = mail.filter(domain__in=hosts)
    found += points.filter(company__isnull=False).values_list("company_id", flat=True)[:MOST_OF_A_SIGN]
    people = list(points.filter(person__isnull=False).values_list("person_id", flat=True)[:MOST_OF_A_SIGN])
    if people:
        posts = Position.objects.filter(person__in=people, person__deleted_at=None)
        found += posts.values_list("company_id", flat=True)[:MOST_OF_A_SIGN]
    return found


def _names_like(model: Any, kind: str, key: str) -> list[int]:
    """Ids of those whose folded names are alike by trigrams and have the same numbers in them."""
    ids = alike(kind, key, limit=50)
    if not ids:
        return []
    rows = model.objects.present().filter(pk__in=ids).values_list("pk", "name_key")
    return [pk for pk, name in rows if is_alike(name, key)]


def is_alike(one: str, other: str) -> bool:
    """Whether two folded names may be one name typed twice."""
    return numbers_in(one) == numbers_in(other) and likeness(one, other) >= ALIKE


def likeness(one: str, other: str) -> float:
    """Share of common trigrams, as PostgreSQL's `similarity()` counts it."""
    mine, theirs = _trigrams(one), _trigrams(other)
    return len(mine & theirs) / len(mine | theirs) if mine and theirs else 0.0


def _trigrams(text: str) -> set[str]:
    found: set[str] = set()
    for word in "".join(ch if ch.isalnum() else " " for ch in text).split():
        padded = f"  {word} "
        found.update(padded[at : at + 3] for at in range(len(padded) - 2))
    return found


def _told(member: Member, model: Any, kind: str, found: Signs, exclude: int | None) -> list[Duplicate]:
    found.pop(exclude or 0, None)
    if not found:
        return []
    rows = model.objects.present().filter(pk__in=found).values_list("pk", "name", "owner__name")
    best = sorted(rows, key=lambda row: (-weight_of(found[row[0]]), row[0]))[:LIMIT]
    ids = [pk for pk, *_rest in best]
    visible = set(model.objects.visible_to(member).filter(pk__in=ids).values_list("pk", flat=True))
    waiting = Q(**{f"{kind}__in": set(ids) - visible}, member=member, status=RequestStatus.OPEN)
    asked = (
        set(AccessRequest.objects.filter(waiting).values_list(f"{kind}_id", flat=True))
        if len(visible) < len(ids)
        else set()
    )
    return [
        Duplicate(
            kind=kind,
            hidden_id=pk,
            reasons=tuple(sorted(found[pk])),
            owner_name=owner or "",
            is_reachable=pk in visible,
            name=name if pk in visible else "",
            asked=pk in asked,
        )
        for pk, name, owner in best
    ]
