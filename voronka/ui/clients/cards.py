"""The cards of a company and of a person: whole pages, and panels over a list."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, Sum, Window
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import pgettext

from voronka.clients.checks import account_warnings
from voronka.clients.merging import stays
from voronka.clients.models import Company, ContactKind, ContactPoint, Person, Position, PostKind
from voronka.core import clock
from voronka.deals.models import Deal
from voronka.desk.models import Tag
from voronka.ui.access import get_or_404, workspace_view
from voronka.ui.clients.duplicates import may_merge
from voronka.ui.clients.facts import company_facts, contact_rows, person_facts, position_fact, same_url
from voronka.ui.feed import read_feed
from voronka.ui.htmx import render_page
from voronka.ui.navigation import optional_url, workspace_url
from voronka.ui.palette.star import remember
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Subject

MOST_PEOPLE = 50
MOST_DEALS = 10
MOST_TAGS = 200


@workspace_view(Subject.CLIENT)
def company(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about one client."""
    member: Member = request.member  # type: ignore[attr-defined]
    rows = (
        Company.objects.present()
        .visible_to(member, by_row=True)
        .select_related("owner", "team", "segment", "source")
    )
    try:
        found = get_or_404(rows, pk)
    except Http404:
        return _moved(request, "company", Company, pk)
    may_edit = may(member, Action.EDIT, found)
    positions = list(
        Position.objects.filter(company=found, person__deleted_at=None)
        .select_related("person")
        .order_by("id")[:MOST_PEOPLE]
    )
    own, of_people = _contacts(found, [position.person_id for position in positions])
    deals = _deals(member, company=found)
    tags = _tags(found, may_edit=may_edit)
    context: dict[str, Any] = {
        "room": "clients",
        "company": found,
        "facts": company_facts(request, found, may_edit=may_edit),
        "contacts": contact_rows(own, may_edit=may_edit, readonly=member.readonly_fields("client")),
        "same_url": same_url(request, "company", found.pk),
        "accounts": [
            {"account": row, "warnings": list(account_warnings(row).values())}
            for row in (found.accounts.all() if member.sees("client", "accounts") else [])
        ],
        "tags": [tag for tag in tags if tag.is_on],
        "all_tags": [tag.name for tag in tags if not tag.is_on],
        "positions": [_reached(position, of_people[position.person_id]) for position in positions],
        "person_new_query": f"?company={found.pk}",
        "sees_deals": member.may(Subject.DEAL, Action.SEE),
        "knows_decider": any(position.kind == "decision" for position in positions),
        "deals": deals[:MOST_DEALS],
        "more_deals": len(deals) > MOST_DEALS,
        "open_sum": deals[0].open_sum if deals else None,
        "open_count": deals[0].open_count if deals else 0,
        "feed": read_feed(request, ("company", found.pk)),
        "may_edit": may_edit,
        "may_assign": may(member, Action.HAND_OVER, found),
        "may_delete": may(member, Action.DELETE, found),
        "may_merge": may_edit and may_merge(member, "company"),
        "is_favourite": remember(request, "company", found.pk),
        "new_deal_url": new_url(request, "deal_new", Subject.DEAL, f"company={found.pk}"),
        "composer": composer(request, company=found.pk),
        "now": clock.now(),
    }
    return render_page(request, "clients/company.html", context, "card")


@workspace_view(Subject.CLIENT)
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about one contact person."""
    member: Member = request.member  # type: ignore[attr-defined]
    try:
        found = get_or_404(
            Person.objects.present().visible_to(member, by_row=True).select_related("owner", "source"), pk
        )
    except Http404:
        return _moved(request, "person", Person, pk)
    may_edit = may(member, Action.EDIT, found)
    visible = Company.objects.present().visible_to(member)
    positions = list(
        Position.objects.filter(person=found, company__in=visible)
        .select_related("company")
        .order_by("-is_main", "id")
    )
    editable = set(
        Company.objects.visible_to(member, Action.EDIT, by_row=True)
        .filter(pk__in=[position.company_id for position in positions])
        .values_list("pk", flat=True)
    )
    deals = _deals(member, person=found)
    main = positions[0].company_id if positions else None
    context: dict[str, Any] = {
        "room": "clients",
        "person": found,
        "facts": person_facts(request, found, may_edit=may_edit),
        "contacts": contact_rows(
            ContactPoint.objects.seen().filter(person=found).order_by("kind", "id"),
            may_edit=may_edit,
            readonly=member.readonly_fields("client"),
        ),
        "same_url": same_url(request, "person", found.pk),
        "positions": [
            {
                "position": position,
                "may_edit": position.company_id in editable,
                "facts": [
                    position_fact(request, position, name, may_edit=position.company_id in editable)
                    for name in ("title", "kind")
                ],
            }
            for position in positions
        ],
        "sees_deals": member.may(Subject.DEAL, Action.SEE),
        "deals": deals[:MOST_DEALS],
        "feed": read_feed(request, ("person", found.pk)),
        "may_edit": may_edit,
        "may_assign": may(member, Action.HAND_OVER, found),
        "may_merge": may_edit and may_merge(member, "person"),
        "is_favourite": remember(request, "person", found.pk),
        "new_deal_url": new_url(
            request, "deal_new", Subject.DEAL, f"person={found.pk}" + (f"&company={main}" if main else "")
        ),
        "composer": composer(request, person=found.pk, company=main),
        "now": clock.now(),
    }
    return render_page(request, "clients/person.html", context, "card")


def _moved(request: HttpRequest, kind: str, model: Any, pk: int) -> HttpResponse:
    """An old link: to the card that took this one in. Raises `Http404` where there is none."""
    goal = stays(model, pk)
    if goal is None:
        raise Http404
    return HttpResponseRedirect(workspace_url(kind, request.workspace.slug, goal))  # type: ignore[attr-defined]


def _contacts(
    company: Company, people: list[int]
) -> tuple[list[ContactPoint], dict[int, list[ContactPoint]]]:
    """The company's own contacts and those of its people, by person, in one question."""
    own: list[ContactPoint] = []
    of_people: dict[int, list[ContactPoint]] = defaultdict(list)
    for contact in (
        ContactPoint.objects.seen().filter(Q(company=company) | Q(person__in=people)).order_by("kind", "id")
    ):
        (of_people[contact.person_id] if contact.person_id else own).append(contact)
    return own, of_people


def _deals(member: Member, **of: Company | Person) -> list[Any]:
    """The open deals, then the closed ones, newest first; each knows the count and the sum of all open ones."""
    if not member.may(Subject.DEAL, Action.SEE):
        return []
    is_open = Q(outcome="open")
    return list(
        Deal.objects.visible_to(member)
        .present()
        .filter(**of)
        .annotate(
            open_count=Window(Count("pk", filter=is_open)),
            open_sum=Window(Sum("amount_base", filter=is_open)),
        )
        .select_related("stage", "owner")
        .order_by(F("closed_at").desc(nulls_first=True), "-pk")[: MOST_DEALS + 1]
    )


def _tags(company: Company, *, may_edit: bool) -> list[Any]:
    """The tags on the company (`is_on`) and, for who may add some, those that could be."""
    tags = Tag.objects.annotate(is_on=Exists(company.tag_links.filter(tag=OuterRef("pk"))))
    if not may_edit:
        tags = tags.filter(is_on=True)
    tags = tags.filter(Q(is_on=True) | Q(archived_at=None))
    return list(tags.order_by("-is_on", "name_key")[:MOST_TAGS])


def _reached(position: Position, contacts: list[ContactPoint]) -> dict[str, Any]:
    return {
        "person": position.person,
        "title": position.title,
        "get_kind_display": position.get_kind_display(),
        "is_decider": position.kind == PostKind.DECISION,
        "phone": next((c for c in contacts if c.kind == ContactKind.PHONE), None),
        "email": next((c for c in contacts if c.kind == ContactKind.EMAIL), None),
    }


def may(member: Member, action: Action, client: Company | Person) -> bool:
    """Whether the member's right covers this client."""
    if not member.may(Subject.CLIENT, action):
        return False
    if member.reaches(Subject.CLIENT, action, owner_id=client.owner_id, team_id=client.team_id):
        return True
    # Not one's own, but perhaps one works with it.
    return bool(type(client).objects.visible_to(member, action, by_row=True).filter(pk=client.pk).exists())


def new_url(request: HttpRequest, name: str, subject: Subject, parameters: str) -> str:
    """The address of a dialog that creates something for this client; "" without the right or the screen."""
    member: Member = request.member  # type: ignore[attr-defined]
    url = optional_url(name, request.workspace.slug) if member.may(subject, Action.CREATE) else ""  # type: ignore[attr-defined]
    return f"{url}?{parameters}" if url else ""


def composer(
    request: HttpRequest, *, company: int | None = None, person: int | None = None, deal: int | None = None
) -> dict[str, Any]:
    """What `components/composer.html` needs: the subject of a note, and the tabs of other happenings."""
    slug = request.workspace.slug  # type: ignore[attr-defined]
    member: Member = request.member  # type: ignore[attr-defined]
    kind, pk = next((k, v) for k, v in (("deal", deal), ("person", person), ("company", company)) if v)
    given = {"company": company, "person": person, "deal": deal}
    subject = "&".join(f"{name}={value}" for name, value in given.items() if value)
    url = optional_url("activity_compose", slug) if member.may(Subject.ACTIVITY, Action.CREATE) else ""
    words = (
        ("call", pgettext("what happened", "Call")),
        ("meeting", pgettext("what happened", "Meeting")),
        ("letter", pgettext("what happened", "Letter")),
        ("task", pgettext("what happened", "Task")),
    )
    return {
        "kind": kind,
        "pk": pk,
        "key": f"{kind}-{pk}",
        "tabs": [(channel, word, f"{url}?{subject}&channel={channel}") for channel, word in words]
        if url
        else [],
    }
