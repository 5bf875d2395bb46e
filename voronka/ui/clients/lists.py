"""Lists of companies and of people."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

from django.db.models import Count, F, PositiveSmallIntegerField, Sum, Value
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from voronka.clients.filters import NOT_GIVEN, NOT_GIVEN_CODE, CompanyFilter, PersonFilter
from voronka.clients.industries import industry_choices
from voronka.clients.models import (
    Company,
    ContactKind,
    ContactPoint,
    Person,
    Position,
    PostKind,
    Segment,
    Source,
)
from voronka.clients.regions import region_choices, region_name
from voronka.core import clock
from voronka.deals.models import Deal
from voronka.desk.models import Tag
from voronka.ui.access import workspace_view
from voronka.ui.htmx import render_page, target
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Subject

PAGE = 50
# Counting hundreds of thousands of rows costs more than the page itself and tells nobody anything.
MOST_COUNTED = 10_000
# Days without contact offered by the filter «silent for»; from this many on the date is marked.
SILENCES = (7, 14, 30, 60, 90, 180)
SOON_SILENT, LONG_SILENT = 30, 90


@workspace_view(Subject.CLIENT)
def companies(request: HttpRequest) -> HttpResponse:
    """The list of clients: searched, filtered, sorted, in keyset pages, with its total."""
    member: Member = request.member  # type: ignore[attr-defined]
    chosen = CompanyFilter.from_params(request.GET)
    visible = Company.objects.visible_to(member)
    rows = chosen.apply(visible)
    page, following = chosen.page(rows.select_related("segment", "owner"), request.GET.get("after", ""), PAGE)
    context: dict[str, Any] = {
        "room": "clients",
        "chosen": chosen,
        "rows": _with_deals(member, page),
        "following": following,
        "sort": chosen.sort,
        "now": clock.now(),
    }
    if "after" in request.GET and target(request):
        return render_page(request, "clients/companies.html", context, "rows")
    context["total"] = counted(rows)
    context["may_create"] = member.may(Subject.CLIENT, Action.CREATE)
    context["may_delete"] = member.may(Subject.CLIENT, Action.DELETE)
    context["chips"] = _company_chips(chosen)
    return render_page(request, "clients/companies.html", context, "list")


@workspace_view(Subject.CLIENT)
def people(request: HttpRequest) -> HttpResponse:
    """The list of contact persons."""
    member: Member = request.member  # type: ignore[attr-defined]
    chosen = PersonFilter.from_params(request.GET)
    rows = chosen.apply(Person.objects.visible_to(member))
    page, following = chosen.page(rows.select_related("owner"), request.GET.get("after", ""), PAGE)
    context: dict[str, Any] = {
        "room": "clients",
        "chosen": chosen,
        "rows": _with_posts(member, page),
        "following": following,
        "sort": chosen.sort,
    }
    if "after" in request.GET and target(request):
        return render_page(request, "clients/people.html", context, "rows")
    context["total"] = counted(rows)
    context["may_create"] = member.may(Subject.CLIENT, Action.CREATE)
    context["chips"] = [
        _chip("kind", _("Role in the purchase"), list(PostKind.choices), chosen.kind, "users"),
        _chip("owner", _("Responsible"), _owners(), chosen.owner, "user"),
    ]
    return render_page(request, "clients/people.html", context, "list")


def counted(rows: Any) -> dict[str, Any]:
    """How many rows there are: exact up to `MOST_COUNTED`, then only that there are more."""
    count = rows.order_by()[: MOST_COUNTED + 1].count()
    return {"count": min(count, MOST_COUNTED), "is_more": count > MOST_COUNTED}


def _with_deals(member: Member, page: list[Company]) -> list[dict[str, Any]]:
    """Each company with its open deals (those the member sees) and how long it has been silent."""
    sums = {
        row["company"]: row
        for row in Deal.objects.visible_to(member)
        .open()
        .filter(company__in=[company.pk for company in page])
        .order_by()
        .values("company")
        .annotate(count=Count("pk"), sum=Sum("amount_base"))
    }
    now = clock.now()
    return [
        {
            "company": company,
            "deals": sums.get(company.pk),
            "tone": _silence_tone(now - (company.last_contact_at or company.created_at)),
            "region": region_name(company.region),
        }
        for company in page
    ]


def _silence_tone(silence: dt.timedelta) -> str:
    if silence.days >= LONG_SILENT:
        return "v-bad"
    return "v-soon" if silence.days >= SOON_SILENT else ""


def _with_posts(member: Member, page: list[Person]) -> list[dict[str, Any]]:
    ids = [person.pk for person in page]
    posts: dict[int, list[Position]] = defaultdict(list)
    visible = Company.objects.present().visible_to(member)
    for post in Position.objects.filter(person__in=ids, company__in=visible).select_related("company"):
        posts[post.person_id].append(post)
    contacts: dict[int, dict[str, ContactPoint]] = defaultdict(dict)
    for contact in ContactPoint.objects.seen().filter(person__in=ids):
        contacts[contact.person_id or 0].setdefault(contact.kind, contact)
    return [
        {
            "person": person,
            "posts": posts[person.pk],
            "phone": contacts[person.pk].get(ContactKind.PHONE),
            "email": contacts[person.pk].get(ContactKind.EMAIL),
        }
        for person in page
    ]


def _company_chips(chosen: CompanyFilter) -> list[dict[str, Any]]:
    none = (NOT_GIVEN, _("not given"))
    none_code = (NOT_GIVEN_CODE, _("not given"))
    segments: list[Any] = [none]
    sources: list[Any] = [none]
    tags: list[Any] = []
    places = {"segment": segments, "source": sources, "tag": tags}
    for what, pk, name in _dictionaries():
        places[what].append((pk, name))
    regions = [none_code, *region_choices()]
    industries = [none_code, *industry_choices()]
    silences = [(days, _("longer than %(days)s days") % {"days": days}) for days in SILENCES]
    silent = (chosen.silent,) if chosen.silent else ()
    return [
        _chip("segment", _("Segment"), segments, chosen.segment),
        _chip("owner", _("Responsible"), _owners(), chosen.owner),
        _chip("silent", _("Silent"), silences, silent, one=True),
        _chip("region", _("Region"), regions, chosen.region),
        _chip("industry", _("Industry"), industries, chosen.industry),
        _chip("source", _("Source"), sources, chosen.source),
        *([_chip("tag", _("Tag"), tags, chosen.tag)] if tags else []),
    ]


def _dictionaries() -> Any:
    """(what, id, name) of segments, sources and tags, in one question."""
    order = Value(0, output_field=PositiveSmallIntegerField())
    columns = ("what", "pk", "name", "place", "name_key")
    segments, sources, tags = (
        model.objects.annotate(what=Value(what), place=place).order_by().values_list(*columns)
        for what, model, place in (
            ("segment", Segment, F("order")),
            ("source", Source, F("order")),
            ("tag", Tag, order),
        )
    )
    rows = segments.union(sources, tags, all=True).order_by("place", "name_key")
    return ((what, pk, name) for what, pk, name, *_rest in rows)


def _owners() -> list[tuple[int, str]]:
    return [(NOT_GIVEN, _("not given")), *Member.objects.exclude(status="invited").values_list("pk", "name")]


def _chip(
    name: str, label: str, options: list[Any], chosen: Any, icon: str = "plus", one: bool = False
) -> dict[str, Any]:
    return {
        "name": name,
        "label": label,
        "options": options,
        "chosen": [str(value) for value in chosen],
        "icon": icon,
        "one": one,
    }
