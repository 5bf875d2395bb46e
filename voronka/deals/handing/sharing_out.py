"""Who gets the next of many deals: equally, or by how many open ones each has already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import Count
from django.utils.translation import gettext_lazy, pgettext_lazy

if TYPE_CHECKING:
    from voronka.deals.models import Deal
    from voronka.workspaces.models import Member

EQUALLY, BY_LOAD = "equally", "load"
RULES: dict[str, Any] = {
    EQUALLY: pgettext_lazy("share out", "equally"),
    BY_LOAD: gettext_lazy("by load: who has fewer open deals gets more"),
}


class Turns:
    """Deals one after another among *members*: always to whoever has the fewest by the *rule*; ties by their order."""

    def __init__(self, members: Sequence[Member], rule: str) -> None:
        from voronka.deals.models import Deal

        self.members = list(members)
        self.has = dict.fromkeys((member.pk for member in members), 0)
        self.by_load = rule == BY_LOAD
        if self.by_load:
            rows = Deal.objects.open().filter(owner__in=list(self.has)).order_by().values("owner")
            self.has |= {row["owner"]: row["count"] for row in rows.annotate(count=Count("pk"))}

    def next(self, deal: Deal) -> Member:
        """Whose turn it is; it counts as given."""
        if self.by_load and deal.is_open and deal.owner_id in self.has:
            self.has[deal.owner_id] -= 1
        chosen = min(self.members, key=lambda member: self.has[member.pk])
        self.has[chosen.pk] += 1
        return chosen
