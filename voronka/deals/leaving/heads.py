"""Who is a deal's head: whom the book tells, and who decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voronka.workspaces.models import Member, Team
from voronka.workspaces.rights import Action, Reach, Subject

if TYPE_CHECKING:
    from voronka.deals.models import Deal

# Where no team has a head, so many of those who reach everything are told instead.
MOST = 3


class Heads:
    """Looks heads up for many deals with the teams and members read once."""

    def __init__(self) -> None:
        self._teams = {team.pk: team for team in Team.objects.all()}
        self._members = {
            member.pk: member
            for member in Member.objects.active().select_related("role", "user", "workspace").order_by("id")
        }

    def of(self, deal: Deal) -> list[Member]:
        """The head of the deal's team, or of the nearest team above that has one who may decide about the deal.

        The responsible is not his own head. Without any, those who reach every deal.
        """
        team = self._teams.get(deal.team_id or 0)
        while team is not None:
            head = self._members.get(team.head_id or 0)
            if head is not None and head.pk != deal.owner_id and self._decides(head, deal):
                return [head]
            team = self._teams.get(team.parent_id or 0)
        return self._everywhere(deal)[:MOST]

    def above(self, deal: Deal, head: Member) -> list[Member]:
        """Whom to tell when *head* does not react: the next head up the teams, else those who reach every deal."""
        team = self._teams.get(deal.team_id or 0)
        passed = False
        while team is not None:
            found = self._members.get(team.head_id or 0)
            if passed and found is not None and found.pk != head.pk and self._decides(found, deal):
                return [found]
            passed = passed or team.head_id == head.pk
            team = self._teams.get(team.parent_id or 0)
        return [member for member in self._everywhere(deal) if member.pk != head.pk][:MOST]

    def _everywhere(self, deal: Deal) -> list[Member]:
        return [
            member
            for member in self._members.values()
            if member.pk != deal.owner_id
            and member.may(Subject.DEAL, Action.HAND_OVER)
            and member.reach(Subject.DEAL, Action.EDIT) == Reach.ALL
        ]

    @staticmethod
    def _decides(member: Member, deal: Deal) -> bool:
        return member.reach(Subject.DEAL, Action.EDIT) >= Reach.TEAM and member.reaches(
            Subject.DEAL, Action.EDIT, owner_id=deal.owner_id, team_id=deal.team_id
        )
