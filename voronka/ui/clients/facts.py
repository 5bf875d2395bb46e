"""The values on the cards, each ready to be edited in place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Value
from django.http import HttpRequest
from django.utils.translation import gettext as _

from voronka.clients.checks import requisite_warnings
from voronka.clients.industries import industry_choices, industry_name
from voronka.clients.kept import CONTACT_FIELDS
from voronka.clients.models import Company, ContactPoint, Person, Position, PostKind, Segment, Size, Source
from voronka.clients.regions import hours_from_moscow, local_time, region_choices, region_name
from voronka.core import clock
from voronka.core.formats import numeric_date
from voronka.ui.navigation import workspace_url
from voronka.ui.shape.facts import FactGroup, fact_groups

NOTHING = ("", "—")

REQUISITES = ("legal_name", "inn", "kpp", "ogrn", "legal_address")


def company_facts(request: HttpRequest, company: Company, *, may_edit: bool) -> dict[str, Any]:
    """`groups` of the card's layout (the first one is `about`), and the list of facts `requisites`."""
    lists = dictionaries(company) if may_edit else {}
    groups = fact_groups(
        request,
        "company",
        company,
        lambda name, may: company_fact(request, company, name, may_edit=may, lists=lists),
        may_edit=may_edit,
    )
    return {
        "about": groups[0].facts,
        "groups": groups[1:],
        "requisites": requisite_facts(request, company, may_edit=may_edit),
    }


def _sees(request: HttpRequest, name: str) -> bool:
    return request.member.sees("client", name)  # type: ignore[attr-defined]


def _changes(request: HttpRequest, name: str) -> bool:
    return name not in request.member.readonly_fields("client")  # type: ignore[attr-defined]


def requisite_facts(request: HttpRequest, company: Company, *, may_edit: bool) -> list[dict[str, Any]]:
    """The tax numbers with a warning beside those that look wrong."""
    warnings = requisite_warnings(company)
    return [
        {**company_fact(request, company, name, may_edit=may_edit), "warning": warnings.get(name, "")}
        for name in REQUISITES
        if _sees(request, name)
    ]


def dictionaries(company: Company) -> dict[str, list[Any]]:
    """Segments and sources to choose from, in one question."""
    columns = ("what", "pk", "name", "archived_at", "order", "name_key")
    segments = Segment.objects.annotate(what=Value("segment")).order_by().values_list(*columns)
    sources = Source.objects.annotate(what=Value("source")).order_by().values_list(*columns)
    found: dict[str, list[Any]] = {"segment": [NOTHING], "source": [NOTHING]}
    present = {"segment": company.segment_id, "source": company.source_id}
    for what, pk, name, archived, _order, _key in segments.union(sources, all=True).order_by(
        "order", "name_key"
    ):
        # An archived one stays to be seen where it was chosen.
        if archived is None or pk == present[what]:
            found[what].append((pk, name))
    return found


def company_fact(
    request: HttpRequest,
    company: Company,
    name: str,
    *,
    may_edit: bool,
    lists: dict[str, list[Any]] | None = None,
) -> dict[str, Any]:
    """The context of `components/inline.html` for one field of a company; *lists* are read if not given."""
    field = company._meta.get_field(name)
    value = getattr(company, field.attname)  # type: ignore[union-attr]
    fact: dict[str, Any] = {
        "label": str(field.verbose_name),  # type: ignore[union-attr]
        "field": name,
        "value": value,
        "shown": _shown(company, name),
        "url": workspace_url("company_edit", request.workspace.slug, company.pk),  # type: ignore[attr-defined]
        "past": workspace_url("field_past", request.workspace.slug, "company", company.pk, name),  # type: ignore[attr-defined]
        "type": "text",
        "may_edit": may_edit and _changes(request, name),
    }
    if fact["may_edit"]:
        if name in ("segment", "source"):
            fact |= {"type": "select", "options": (lists or dictionaries(company))[name]}
        else:
            fact |= _control(name)
        if name in ("name", "inn", "site"):
            fact["check_url"] = same_url(request, "company", company.pk)
    return fact


def same_url(request: HttpRequest, kind: str, pk: int) -> str:
    """The address that tells, while a client is being edited, of others that look the same."""
    return workspace_url(f"{kind}_duplicates", request.workspace.slug) + f"?not={pk}"  # type: ignore[attr-defined]


def _shown(company: Company, name: str) -> str:
    if name == "region":
        return " · ".join(filter(None, [region_name(company.region), zone_label(company.region)]))
    if name == "industry":
        return industry_name(company.industry) if company.industry else ""
    if name == "size":
        return str(company.get_size_display())
    value = getattr(company, name)
    return "" if value is None else str(value)


def zone_label(region: str) -> str:
    """«МСК+2, сейчас 17:05»: when it is not too early to call."""
    now = clock.now()
    hours, there = hours_from_moscow(region, now), local_time(region, now)
    if hours is None or there is None:
        return ""
    zone = _("MSK") + (f"{hours:+d}".replace("-", "−") if hours else "")
    return _("%(zone)s, now %(time)s") % {"zone": zone, "time": f"{there:%H:%M}"}


def _control(name: str) -> dict[str, Any]:
    if name == "size":
        return {"type": "select", "options": [NOTHING, *Size.choices]}
    if name == "region":
        return {"type": "combobox", "options": [NOTHING, *region_choices()]}
    if name == "industry":
        return {"type": "combobox", "options": [NOTHING, *industry_choices()]}
    if name in ("address", "legal_address", "legal_name"):
        return {"type": "textarea"}
    return {}


def person_facts(request: HttpRequest, person: Person, *, may_edit: bool) -> list[FactGroup]:
    """The facts of a contact person, in the groups of the card's layout."""
    return fact_groups(
        request,
        "person",
        person,
        lambda name, may: person_fact(request, person, name, may_edit=may),
        may_edit=may_edit,
    )


def person_fact(request: HttpRequest, person: Person, name: str, *, may_edit: bool) -> dict[str, Any]:
    """The context of `components/inline.html` for one field of a person."""
    field = person._meta.get_field(name)
    value = getattr(person, field.attname)  # type: ignore[union-attr]
    shown = getattr(person, name)
    fact: dict[str, Any] = {
        "label": str(field.verbose_name),  # type: ignore[union-attr]
        "field": name,
        "value": value.isoformat() if name == "birthday" and value else value,
        "shown": numeric_date(value) if name == "birthday" and value else str(shown or ""),
        "url": workspace_url("person_edit", request.workspace.slug, person.pk),  # type: ignore[attr-defined]
        "past": workspace_url("field_past", request.workspace.slug, "person", person.pk, name),  # type: ignore[attr-defined]
        "type": {"birthday": "date", "about": "textarea"}.get(name, "text"),
        "may_edit": may_edit and _changes(request, name),
    }
    if name == "source" and fact["may_edit"]:
        rows = Source.objects.values_list("pk", "name", "archived_at")
        options = [NOTHING, *((pk, text) for pk, text, archived in rows if archived is None or pk == value)]
        fact |= {"type": "select", "options": options}
    if name == "name" and may_edit:
        fact["check_url"] = same_url(request, "person", person.pk)
    return fact


def position_fact(
    request: HttpRequest, position: Position, name: str, *, may_edit: bool = True
) -> dict[str, Any]:
    """The context of `components/inline.html` for the post or the role of a person in a company."""
    kind = name == "kind"
    return {
        "label": _("Role in the purchase") if kind else _("Post"),
        "field": name,
        "value": getattr(position, name),
        "shown": str(position.get_kind_display()) if kind else position.title,
        "url": workspace_url("position_edit", request.workspace.slug, position.pk),  # type: ignore[attr-defined]
        "type": "select" if kind else "text",
        "options": [NOTHING, *PostKind.choices],
        "may_edit": may_edit,
    }


def contact_rows(
    contacts: Iterable[ContactPoint], *, may_edit: bool, readonly: frozenset[str] = frozenset()
) -> list[dict[str, Any]]:
    """Contacts with the link that a press on each opens; the *readonly* ones are not edited."""
    icons = {"phone": "phone", "email": "mail", "messenger": "message-circle"}
    return [
        {
            "contact": contact,
            "icon": icons[contact.kind],
            "href": {"phone": f"tel:{contact.normal}", "email": f"mailto:{contact.normal}"}.get(
                contact.kind, ""
            ),
            "may_edit": may_edit and CONTACT_FIELDS[contact.kind] not in readonly,
        }
        for contact in contacts
    ]
