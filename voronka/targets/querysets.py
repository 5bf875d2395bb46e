"""Whose plans a member may see and set."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from voronka.core.tenancy import WorkspaceQuerySet
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Reach, Subject


class SalesPlanQuerySet(WorkspaceQuerySet):
    """Plans."""

    def visible_to(self, member: Member, action: Action = Action.SEE) -> Any:
        """One's own, those of one's teams, or all, as the right on plans reaches."""
        reach = member.reach(Subject.PLAN, action)
        if reach == Reach.ALL:
            return self
        return self.filter(member__in=planned_members(member, action).values("pk"))


def planned_members(member: Member, action: Action = Action.SEE) -> Any:
    """The members, former ones too, whose plans *member* may see (or set)."""
    reach = member.reach(Subject.PLAN, action)
    members = Member.objects.all()
    if reach == Reach.ALL:
        return members
    if reach == Reach.NONE:
        return members.none()
    condition = Q(pk=member.pk)
    if reach == Reach.TEAM:
        condition |= Q(team__in=member.team_ids)
    return members.filter(condition)
