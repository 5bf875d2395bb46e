"""Which activities a member may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import Q

from voronka.clients.querysets import owned_within
from voronka.core.tenancy import WorkspaceQuerySet
from voronka.workspaces.rights import Action, Reach, Subject

if TYPE_CHECKING:
    from voronka.workspaces.models import Member


class ActivityQuerySet(WorkspaceQuerySet):
    """Activities."""

    def planned(self) -> Any:
        return self.filter(done_at=None, cancelled_at=None)

    def done(self) -> Any:
        return self.filter(done_at__isnull=False)

    def visible_to(self, member: Member, action: Action = Action.SEE) -> Any:
        """Own and the reach's; to see, also those of the deals and clients one sees (read along, not edit)."""
        reach = member.reach(Subject.ACTIVITY, action)
        if reach == Reach.ALL:
            return self
        if reach == Reach.NONE:
            return self.none()
        condition = owned_within(member, reach)("owner_id", "team_id")
        if action == Action.SEE:
            deals = apps.get_model("deals", "Deal").objects.visible_to(member)
            companies = apps.get_model("clients", "Company").objects.visible_to(member)
            condition |= Q(deal__in=deals.values("pk")) | Q(deal=None, company__in=companies.values("pk"))
        return self.filter(condition)
