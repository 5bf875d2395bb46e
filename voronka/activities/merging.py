"""Activities with two clients that become one."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from voronka.activities.models import Activity, Places
from voronka.activities.summaries import refresh_places
from voronka.clients.checks import require_unmerged
from voronka.clients.merging import Column, register
from voronka.clients.models import Company, Person
from voronka.journal.models import Event
from voronka.journal.registry import on

register(
    Column("activities", "company", Activity, "company", label=_("Activities")),
    Column("activities", "person", Activity, "person", label=_("Activities")),
)


@on("company.merged", "person.merged")
def _contacts_are_counted_together(event: Any, payload: Any) -> None:
    _recount(event.type, event.payload)


@on("event.undone")
def _and_apart_again(event: Any, payload: Any) -> None:
    if payload.what in ("company.merged", "person.merged"):
        _recount(payload.what, Event.objects.get(pk=payload.event).payload)


def _recount(what: str, payload: dict[str, Any]) -> None:
    kind = what.partition(".")[0]
    for pk in (payload[kind], payload["loser"]):
        refresh_places(Places(None, pk if kind == "company" else None, pk if kind == "person" else None))


@on("activity.planned", "activity.logged", "activity.edited")
def _not_on_a_card_that_is_gone(event: Any, payload: Any) -> None:
    """The client was merged between the form and its saving: the row would be lost from sight."""
    gone = Activity.objects.filter(pk=payload.activity).filter(
        Q(company__merged_into__isnull=False) | Q(person__merged_into__isnull=False)
    )
    for company_id, person_id in gone.values_list("company_id", "person_id"):
        require_unmerged(Company, company_id)
        require_unmerged(Person, person_id)
