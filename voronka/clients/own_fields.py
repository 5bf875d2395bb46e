"""Fields of one's own on companies and people, and fields that point at them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from voronka.clients.models import Company, Person
from voronka.desk.fields.models import FieldKind
from voronka.desk.fields.registry import FieldSubject, LinkTarget, register_subject, register_target
from voronka.workspaces.models import Member

COMPANY_PLACED = ("segment", "source", "size", "region", "industry", "okved", "site", "address")
PERSON_PLACED = ("birthday", "source", "about")


def _labels(model: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: model._meta.get_field(name).verbose_name for name in names}


def _companies(member: Member | None) -> Any:
    rows = Company.objects.present()
    return rows if member is None else rows.visible_to(member)


def _people(member: Member | None) -> Any:
    rows = Person.objects.present()
    return rows if member is None else rows.visible_to(member)


register_subject(
    FieldSubject(
        "company",
        Company,
        _("Clients"),
        lambda: _labels(Company, ("inn", *COMPANY_PLACED)),
        placed=COMPANY_PLACED,
        may_require=("inn", "segment", "source"),
    )
)
register_subject(
    FieldSubject(
        "person",
        Person,
        _("Contact persons"),
        lambda: _labels(Person, PERSON_PLACED),
        placed=PERSON_PLACED,
        may_require=("source",),
    )
)
register_target(LinkTarget(FieldKind.COMPANY, _companies))
register_target(LinkTarget(FieldKind.PERSON, _people))
