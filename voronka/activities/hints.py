"""What activities say about the next step of a deal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from voronka.activities.models import Activity
from voronka.deals.hints.registry import Found, Rule, Situation, fact, register
from voronka.deals.models import Deal
from voronka.playbook.models import Channel

# So many contacts with one person only, and the deal hangs on that person.
ENOUGH = 3


@fact("contacts")
def contacts_of(deals: Sequence[Deal]) -> Mapping[int, Any]:
    """Finished contacts of each deal whose person is known: (how many, with how many people)."""
    rows = (
        Activity.objects.filter(
            deal__in=[deal.pk for deal in deals], done_at__isnull=False, person__isnull=False
        )
        .exclude(channel=Channel.TASK)
        .order_by()
        .values("deal_id")
        .annotate(contacts=Count("pk"), people=Count("person", distinct=True))
    )
    return {row["deal_id"]: (row["contacts"], row["people"]) for row in rows}


def _single(s: Situation) -> Found | None:
    contacts, people = s.fact("contacts") or (0, 0)
    if not s.deal.company_id or contacts < ENOUGH or people != 1:
        return None
    return Found(
        _("All contacts are with one person"),
        _("If this person leaves, the deal goes too: get to know a second one."),
        "person",
    )


register(
    Rule(
        "single_threaded",
        45,
        "users-minus",
        gettext_lazy("All contacts with one person"),
        gettext_lazy("Three contacts or more, all of them with the same person of the client."),
        _single,
    )
)
