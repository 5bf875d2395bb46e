"""Deals of two clients that become one: they move with all their history, which does not say whose they are."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from voronka.clients.checks import require_unmerged
from voronka.clients.merging import Column, register
from voronka.clients.models import Company, Person
from voronka.deals.models import Deal, DealParticipant, Offer
from voronka.deals.search import refresh_deals
from voronka.journal.models import Event
from voronka.journal.registry import on

register(
    Column("deals", "company", Deal, "company", label=_("Deals")),
    Column("deals", "person", Deal, "person", label=_("Deals")),
    Column(
        "participants",
        "person",
        DealParticipant,
        "person",
        label=_("Takes part in deals"),
        unique="deal",
        fill=("kind", "influence", "attitude"),
    ),
    Column("offers", "person", Offer, "person", label=_("Talks about prices")),
)


def _moved(payload: Any) -> list[int]:
    return payload.moved.get("deals", {}).get("ids", [])


@on("company.merged")
def _deals_are_found_by_the_client_that_stays(event: Any, payload: Any) -> None:
    refresh_deals(_moved(payload))


@on("event.undone")
def _and_by_both_again(event: Any, payload: Any) -> None:
    if payload.what == "company.merged":
        undone = Event.objects.get(pk=payload.event)
        refresh_deals(undone.payload["moved"].get("deals", {}).get("ids", []))


@on("deal.created", "deal.edited")
def _not_on_a_card_that_is_gone(event: Any, payload: Any) -> None:
    """The client was merged between the form and its saving: the row would be lost from sight."""
    if event.type == "deal.edited" and not {"company_id", "person_id"} & payload.after.keys():
        return
    gone = Deal.objects.filter(pk=payload.deal).filter(
        Q(company__merged_into__isnull=False) | Q(person__merged_into__isnull=False)
    )
    for company_id, person_id in gone.values_list("company_id", "person_id"):
        require_unmerged(Company, company_id)
        require_unmerged(Person, person_id)
