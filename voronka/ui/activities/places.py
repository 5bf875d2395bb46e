"""What an activity is about: the deal, client and person that an address or a combobox names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import NoReverseMatch

from voronka.activities.models import Activity
from voronka.clients.models import Company, Person
from voronka.clients.regions import local_time
from voronka.core import clock
from voronka.core.text import clean
from voronka.deals.models import Deal, DealParticipant
from voronka.desk.search import search
from voronka.journal.models import Event
from voronka.ui.access import get_or_404, workspace_view
from voronka.ui.navigation import workspace_url
from voronka.workspaces.rights import Subject

MOST_PEOPLE = 40
MOST_FOUND = 20
_MODELS: dict[str, Any] = {"deal": Deal, "company": Company, "person": Person}


@dataclass
class Place:
    """The objects named; a company is known by its deal as well."""

    deal: Deal | None = None
    company: Company | None = None
    person: Person | None = None

    @property
    def is_known(self) -> bool:
        return bool(self.deal or self.company or self.person)

    @property
    def arguments(self) -> dict[str, Any]:
        """For `plan_activity` and `log_activity`."""
        return {"deal": self.deal, "company": None if self.deal else self.company}

    @property
    def query(self) -> str:
        given = {"deal": self.deal, "company": None if self.deal else self.company, "person": self.person}
        return "&".join(f"{name}={found.pk}" for name, found in given.items() if found)

    def people(self) -> list[Person]:
        """Whom one may have talked to: who takes part in the deal, then who works at the client."""
        found: dict[int, Person] = {}
        if self.person:
            found[self.person.pk] = self.person
        if self.deal:
            if self.deal.person_id and self.deal.person:
                found.setdefault(self.deal.person_id, self.deal.person)
            for row in DealParticipant.objects.filter(deal=self.deal).select_related("person")[:MOST_PEOPLE]:
                found.setdefault(row.person_id, row.person)
        company_id = self.deal.company_id if self.deal else self.company.pk if self.company else None
        if company_id:
            for person in Person.objects.present().filter(positions__company=company_id)[:MOST_PEOPLE]:
                found.setdefault(person.pk, person)
        return list(found.values())


def place_of(request: HttpRequest) -> Place:
    """The place named by `deal`, `company`, `person`, or by `place` as «deal:12»; 404 and 403 as of any object."""
    given = {name: request.POST.get(name) or request.GET.get(name, "") for name in _MODELS}
    chosen = request.POST.get("place", "")
    kind, _colon, pk = chosen.partition(":")
    if kind in _MODELS and pk:
        given[kind] = pk
    found = Place()
    for name, model in _MODELS.items():
        if given[name]:
            visible = model.objects.visible_to(request.member)  # type: ignore[attr-defined]
            setattr(found, name, get_or_404(visible, _pk(given[name])))
    if found.deal and found.deal.company_id:
        found.company = found.deal.company
    return found


def _pk(text: str) -> int:
    # An impossible number is an object that does not exist.
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


@workspace_view(Subject.ACTIVITY)
def options(request: HttpRequest) -> JsonResponse:
    """What the field «deal or client» offers: found by text, else one's own newest open deals."""
    member = request.member  # type: ignore[attr-defined]
    text = clean(request.GET.get("q", ""))
    if text:
        kinds = [
            k
            for k, subject in (("deal", "deal"), ("company", "client"), ("person", "client"))
            if member.may(subject, "see")
        ]
        items = [
            {"value": f"{hit.kind}:{hit.object_id}", "text": hit.title, "hint": hit.hint}
            for hit in search(member, text, MOST_FOUND, kinds).hits
        ]
    else:
        deals = (
            Deal.objects.open().filter(owner=member).select_related("company").order_by("-pk")[:MOST_FOUND]
        )
        items = [
            {
                "value": f"deal:{deal.pk}",
                "text": deal.title,
                "hint": deal.company.name if deal.company else "",
            }
            for deal in deals
        ]
    return JsonResponse({"items": items})


def there(row: Activity) -> str:
    """The client's hour of a planned contact, «19:40», where it is another than the reader's; else ""."""
    if row.company is None or not row.has_time or not row.is_open or not row.kind.is_contact:
        return ""
    theirs = local_time(row.company.region, row.due_at)
    ours = row.due_at.astimezone(clock.shown_zone())
    return f"{theirs:%H:%M}" if theirs and theirs.utcoffset() != ours.utcoffset() else ""


def with_urls(slug: str, rows: Iterable[Activity]) -> list[Activity]:
    """The same *rows*, each knowing its addresses: a template that reverses four for every row is slow."""
    one = workspace_url("activity", slug, 0)
    deal, company = _pattern("deal", slug), _pattern("company", slug)
    found = list(rows)
    for row in found:
        url = one.replace("/0/", f"/{row.pk}/")
        row.url, row.edit_url, row.complete_url = url, f"{url}edit/", f"{url}complete/"  # type: ignore[attr-defined]
        row.due_iso = row.due_at.isoformat()  # type: ignore[attr-defined]
        row.there = there(row)  # type: ignore[attr-defined]
        row.reschedule_url = f"{url}reschedule/"  # type: ignore[attr-defined]
        row.deal_url = deal.replace("/0/", f"/{row.deal.number}/") if row.deal else ""  # type: ignore[attr-defined]
        row.company_url = company.replace("/0/", f"/{row.company_id}/") if row.company_id else ""  # type: ignore[attr-defined]
    return found


def _pattern(name: str, slug: str) -> str:
    try:
        return workspace_url(name, slug, 0)
    except NoReverseMatch:
        return ""


def deal_url(slug: str, deal: Deal, name: str = "deal") -> str:
    """The card of a deal (or another of its addresses); "" where nobody has built the screen."""
    try:
        return workspace_url(name, slug, deal.number)
    except NoReverseMatch:
        return ""


def undo_of(request: HttpRequest, activity_id: int) -> str:
    """The address that takes back the last thing done to the activity; "" where there is none."""
    event = (
        Event.objects.filter(
            subjects__kind="activity",
            subjects__object_id=activity_id,
            cause=None,
            type__startswith="activity.",
        )
        .order_by("-id")
        .first()
    )
    if event is None:
        return ""
    try:
        return workspace_url("undo", request.workspace.slug, event.pk)  # type: ignore[attr-defined]
    except NoReverseMatch:
        return ""
