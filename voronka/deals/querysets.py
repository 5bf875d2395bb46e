"""Which deals a member may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q

from voronka.clients.querysets import owned_within
from voronka.core.tenancy import WorkspaceQuerySet
from voronka.workspaces.rights import Action, Reach, Subject

if TYPE_CHECKING:
    from voronka.workspaces.models import Member


class DealQuerySet(WorkspaceQuerySet):
    """Deals."""

    def present(self) -> Any:
        """All but the deleted."""
        return self.exclude(outcome="deleted")

    def open(self) -> Any:
        return self.filter(outcome="open")

    def visible_to(self, member: Member, action: Action = Action.SEE, *, only_open: bool = False) -> Any:
        """One's own and the reach's; to see, also those one owned when they closed (metrics.md, credit).

        *only_open* for those who look at open deals alone: nobody has closed them, and without that question an index
        answers.
        """
        deals = self.open() if only_open else self
        reach = member.reach(Subject.DEAL, action)
        if reach == Reach.ALL:
            return deals
        if reach == Reach.NONE:
            return self.none()
        within = owned_within(member, reach)
        condition = within("owner_id", "team_id")
        if action == Action.SEE and not only_open:
            condition |= Q(outcome__in=("won", "lost")) & within("closed_owner_id", "closed_team_id")
        return deals.filter(condition)
