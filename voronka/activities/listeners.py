"""What follows from activities at once: the summaries of their deal, company and person."""

from __future__ import annotations

from typing import Any

from voronka.activities import events as events
from voronka.activities import mentions as mentions
from voronka.activities import merging as merging
from voronka.activities import repeating as repeating
from voronka.activities import stage_criteria as stage_criteria
from voronka.activities import stage_work as stage_work
from voronka.activities.actions import cancel_as_consequence
from voronka.activities.models import Activity, Places
from voronka.activities.summaries import refresh
from voronka.clients import events as client_events  # noqa: F401
from voronka.clients.search import let_find
from voronka.deals import events as deal_events  # noqa: F401
from voronka.deals.models import Deal
from voronka.journal.models import Event
from voronka.journal.registry import on


@on("activity.planned", "activity.logged", "activity.done", "activity.cancelled", "activity.reopened")
def _keep_summaries(event: Event, payload: Any) -> None:
    activity = Activity.objects.get(pk=payload.activity)
    refresh(activity)
    let_find(activity.company_id, activity.owner_id, activity.team_id)


@on("activity.edited")
def _keep_summaries_of_both(event: Event, payload: Any) -> None:
    """An activity that went to another deal or client leaves a gap behind."""
    activity = Activity.objects.get(pk=payload.activity)
    now = activity.places
    left = Places(*(payload.before.get(name, value) for name, value in now._asdict().items()))
    refresh(activity, left)
    let_find(activity.company_id, activity.owner_id, activity.team_id)


@on("deal.edited")
def _follow_the_deal(event: Event, payload: Any) -> None:
    if "company_id" in payload.after:
        _plan_with_the_deals_client(payload.deal)


@on("event.undone")
def _follow_the_deal_back(event: Event, payload: Any) -> None:
    if payload.what == "deal.edited":
        undone = Event.objects.get(pk=payload.event).payload
        if "company_id" in undone["after"]:
            _plan_with_the_deals_client(undone["deal"])


def _plan_with_the_deals_client(deal_id: int) -> None:
    """What is still planned on the deal is planned with its present client; what was done, was done with the former."""
    company_id = Deal.objects.values_list("company_id", flat=True).get(pk=deal_id)
    for activity in Activity.objects.planned().filter(deal_id=deal_id).exclude(company_id=company_id):
        left = activity.places
        activity.company_id = company_id
        activity.save(update_fields=["company_id"])
        refresh(activity, left)


@on("deal.deleted", "company.deleted")
def _cancel_with_it(event: Event, payload: Any) -> None:
    """Nobody is to call about what was deleted. Undoing the deletion undoes this as well."""
    planned = Activity.objects.planned().select_related("kind")
    if event.type == "deal.deleted":
        planned = planned.filter(deal_id=payload.deal)
    else:
        planned = planned.filter(company_id=payload.company, deal=None)
    for activity in planned.order_by("id"):
        cancel_as_consequence(activity, event=event)
