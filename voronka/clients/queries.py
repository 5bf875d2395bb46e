"""What screens ask about clients."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from voronka.clients.checks import checked_contact
from voronka.clients.models import Company, ContactKind, ContactPoint, Position
from voronka.core.errors import Refused
from voronka.core.text import company_key
from voronka.workspaces.models import Member

LIMIT = 5


@dataclass(frozen=True)
class Duplicate:
    """A client that is there already. Out of reach only `owner_name` and `what` are told (architecture.md, 6).

    `what` is why it looks the same: "inn", "phone", "email" or "name".
    """

    what: str
    owner_name: str
    company_id: int | None = None
    name: str = ""

    @property
    def is_reachable(self) -> bool:
        return self.company_id is not None


def find_duplicates(
    member: Member,
    *,
    name: str = "",
    inn: str = "",
    phones: Iterable[str] = (),
    emails: Iterable[str] = (),
    exclude: int | None = None,
) -> list[Duplicate]:
    """Clients with the same ИНН, phone, e-mail or name, at most five, the surest first."""
    found: dict[int, str] = {}
    present = Company.objects.present().exclude(pk=exclude) if exclude else Company.objects.present()
    inn = "".join(ch for ch in inn if ch.isdigit())
    if len(inn) in (10, 12):
        _add(found, present.filter(inn=inn), "inn")
    for kind, values in ((ContactKind.PHONE, phones), (ContactKind.EMAIL, emails)):
        normals = [normal for value in values if (normal := _normal(kind, value))]
        if normals:
            _add(found, present.filter(pk__in=_companies_reached_by(kind, normals)), str(kind))
    key = company_key(name)[:250]
    if len(key) >= 2:
        _add(found, present.filter(name_key=key), "name")
    if not found:
        return []
    visible = dict(Company.objects.visible_to(member).filter(pk__in=found).values_list("pk", "name"))
    owners = dict(Company.objects.filter(pk__in=found).values_list("pk", "owner__name"))
    return [
        Duplicate(
            what=what,
            owner_name=owners.get(pk) or "",
            company_id=pk if pk in visible else None,
            name=visible.get(pk, ""),
        )
        for pk, what in found.items()
    ][:LIMIT]


def _add(found: dict[int, str], companies: Any, what: str) -> None:
    for pk in companies.order_by("pk").values_list("pk", flat=True)[:LIMIT]:
        found.setdefault(pk, what)


def _normal(kind: str, value: str) -> str:
    try:
        contact = checked_contact(kind, value)
    except Refused:
        return ""
    return contact.normal if contact else ""


def _companies_reached_by(kind: str, normals: list[str]) -> list[int]:
    points = ContactPoint.objects.filter(kind=kind, normal__in=normals)
    direct = list(points.filter(company__isnull=False).values_list("company_id", flat=True)[:LIMIT])
    people = list(
        points.filter(person__isnull=False, person__deleted_at=None).values_list("person_id", flat=True)[:50]
    )
    through = Position.objects.filter(Q(person__in=people)).values_list("company_id", flat=True)[:LIMIT]
    return [*direct, *through] if people else direct
