"""What deals, companies and people repeat of their activities: the next one, the last contact.

Kept in the transaction of the verb by `refresh()`, for whole batches by `recount()`, which also answers how many
rows were wrong: the nightly job expects none.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import Max, Min

from voronka.activities.models import Activity, Places
from voronka.clients.models import Company, Person
from voronka.core.tenancy import require_workspace_id
from voronka.deals.actions import note_contacts
from voronka.deals.models import Deal
from voronka.playbook.models import Channel


def hold(places: Places) -> None:
    """Lock the rows whose summaries will be written, always in the same order (deal, company, person).

    Two people who finish two activities of one deal at once would else each miss the other's.
    """
    for model, pk in ((Deal, places.deal_id), (Company, places.company_id), (Person, places.person_id)):
        if pk is not None:
            list(model.objects.select_for_update(of=("self",), no_key=True).filter(pk=pk).values_list("pk"))


def refresh(activity: Activity, *others: Places) -> None:
    """Bring the summaries of the deal, company and person of *activity* (and of the places it left) up to date."""
    for places in dict.fromkeys((activity.places, *others)):
        refresh_places(places)


def refresh_places(places: Places) -> None:
    """The same for these places alone."""
    hold(places)
    if places.deal_id is not None:
        _refresh_deal(places.deal_id)
    if places.company_id is not None:
        _refresh_company(places.company_id)
    if places.person_id is not None:
        _refresh_person(places.person_id)


def _last_contact(**place: int) -> Any:
    done = Activity.objects.done().filter(**place).exclude(channel=Channel.TASK)
    return done.aggregate(last=Max("done_at"))["last"]


def _refresh_deal(deal_id: int) -> None:
    upcoming = (
        Activity.objects.planned()
        .filter(deal_id=deal_id)
        .order_by("due_at", "id")
        .values_list("due_at", "has_time", "subject", "kind__icon")
        .first()
    )
    at, has_time, text, icon = upcoming or (None, True, "", "")
    note_contacts(
        deal_id,
        next_at=at,
        next_has_time=has_time,
        next_text=text,
        next_icon=icon,
        last_contact_at=_last_contact(deal_id=deal_id),
    )


def _refresh_company(company_id: int) -> None:
    upcoming = Activity.objects.planned().filter(company_id=company_id).aggregate(at=Min("due_at"))["at"]
    Company.objects.filter(pk=company_id).update(
        next_activity_at=upcoming, last_contact_at=_last_contact(company_id=company_id)
    )


def _refresh_person(person_id: int) -> None:
    Person.objects.filter(pk=person_id).update(last_contact_at=_last_contact(person_id=person_id))


def recount(
    *, deal_ids: Iterable[int] | None = None, company_ids: Iterable[int] | None = None
) -> dict[str, int]:
    """Write all summaries of the workspace anew, set-wise; return how many rows of each kind were wrong.

    Only of these deals and companies where they are given (people are always all).
    """
    workspace_id = require_workspace_id()
    params = {
        "workspace": workspace_id,
        "deals": None if deal_ids is None else list(deal_ids),
        "companies": None if company_ids is None else list(company_ids),
    }
    wrong = {}
    with connection.cursor() as cursor:
        for name, statement in (("deal", _DEALS), ("company", _COMPANIES), ("person", _PEOPLE)):
            cursor.execute(statement, params)
            wrong[name] = cursor.rowcount
    return wrong


_DEALS = """
WITH upcoming AS (
  SELECT DISTINCT ON (a.deal_id) a.deal_id, a.due_at, a.has_time, a.subject, k.icon
  FROM activities_activity a
  JOIN playbook_activitykind k ON k.workspace_id = a.workspace_id AND k.id = a.kind_id
  WHERE a.workspace_id = %(workspace)s AND a.done_at IS NULL AND a.cancelled_at IS NULL
    AND a.deal_id IS NOT NULL AND (%(deals)s::bigint[] IS NULL OR a.deal_id = ANY(%(deals)s))
  ORDER BY a.deal_id, a.due_at, a.id
), contact AS (
  SELECT a.deal_id, max(a.done_at) AS last
  FROM activities_activity a
  WHERE a.workspace_id = %(workspace)s AND a.done_at IS NOT NULL AND a.channel <> 'task'
    AND a.deal_id IS NOT NULL AND (%(deals)s::bigint[] IS NULL OR a.deal_id = ANY(%(deals)s))
  GROUP BY a.deal_id
), right_one AS (
  SELECT d.id, u.due_at, coalesce(u.has_time, true) AS has_time, coalesce(u.subject, '') AS subject,
         coalesce(u.icon, '') AS icon, c.last
  FROM deals_deal d
  LEFT JOIN upcoming u ON u.deal_id = d.id
  LEFT JOIN contact c ON c.deal_id = d.id
  WHERE d.workspace_id = %(workspace)s AND (%(deals)s::bigint[] IS NULL OR d.id = ANY(%(deals)s))
)
UPDATE deals_deal d
SET next_activity_at = r.due_at, next_activity_has_time = r.has_time, next_activity_text = r.subject,
    next_activity_icon = r.icon, last_contact_at = r.last
FROM right_one r
WHERE d.workspace_id = %(workspace)s AND d.id = r.id
  AND (d.next_activity_at, d.next_activity_has_time, d.next_activity_text, d.next_activity_icon, d.last_contact_at)
      IS DISTINCT FROM (r.due_at, r.has_time, r.subject, r.icon, r.last)
"""

_COMPANIES = """
WITH right_one AS (
  SELECT c.id,
         min(a.due_at) FILTER (WHERE a.done_at IS NULL AND a.cancelled_at IS NULL) AS upcoming,
         max(a.done_at) FILTER (WHERE a.channel <> 'task') AS last
  FROM clients_company c
  LEFT JOIN activities_activity a ON a.workspace_id = c.workspace_id AND a.company_id = c.id
  WHERE c.workspace_id = %(workspace)s AND (%(companies)s::bigint[] IS NULL OR c.id = ANY(%(companies)s))
  GROUP BY c.id
)
UPDATE clients_company c
SET next_activity_at = r.upcoming, last_contact_at = r.last
FROM right_one r
WHERE c.workspace_id = %(workspace)s AND c.id = r.id
  AND (c.next_activity_at, c.last_contact_at) IS DISTINCT FROM (r.upcoming, r.last)
"""

_PEOPLE = """
WITH right_one AS (
  SELECT p.id, max(a.done_at) FILTER (WHERE a.channel <> 'task') AS last
  FROM clients_person p
  LEFT JOIN activities_activity a ON a.workspace_id = p.workspace_id AND a.person_id = p.id
  WHERE p.workspace_id = %(workspace)s
  GROUP BY p.id
)
UPDATE clients_person p
SET last_contact_at = r.last
FROM right_one r
WHERE p.workspace_id = %(workspace)s AND p.id = r.id AND p.last_contact_at IS DISTINCT FROM r.last
"""
