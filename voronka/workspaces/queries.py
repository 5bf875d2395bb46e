"""What the screens of settings need to know."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from voronka.workspaces.models import Invitation, Member, MemberStatus, Team


@dataclass(frozen=True)
class TeamRow:
    """A team in the order of the tree: *depth* 0 on top, *people* active members of this very team."""

    team: Team
    depth: int
    people: int

    @property
    def label(self) -> str:
        """The name, set in by two no-break spaces for every step down, for lists to choose from."""
        return "\u00a0\u00a0" * self.depth + self.team.name


def team_tree(*, archived: bool = False) -> list[TeamRow]:
    """The teams of the workspace as a tree written in lines; two queries however deep it is."""
    counted = Count("members", filter=Q(members__status=MemberStatus.ACTIVE))
    teams: Iterable[Any] = Team.objects.select_related("head").annotate(staff=counted).order_by("name", "pk")
    shown = [team for team in teams if archived or team.archived_at is None]
    known = {team.pk for team in shown}
    below: dict[int | None, list[Any]] = {}
    for team in shown:
        # Below an archived team that is not shown, a team stands on top.
        below.setdefault(team.parent_id if team.parent_id in known else None, []).append(team)
    rows: list[TeamRow] = []

    def walk(parent_id: int | None, depth: int) -> None:
        for team in below.get(parent_id, ()):
            rows.append(TeamRow(team, depth, team.staff))
            walk(team.pk, depth + 1)

    walk(None, 0)
    return rows


def members_list(*, former: bool = False) -> Any:
    """Members with role and team, by name: those who work here, or those who left."""
    status = MemberStatus.FORMER if former else MemberStatus.ACTIVE
    return Member.objects.filter(status=status).select_related("role", "team", "user").order_by("name", "pk")


def waiting_invitations() -> Any:
    """Invitations without an answer, expired ones too, newest first."""
    return (
        Invitation.objects.filter(accepted_at=None, revoked_at=None)
        .select_related("role", "team", "invited_by")
        .order_by("-pk")
    )


def overseers(member: Member) -> list[Member]:
    """Who answers for what *member* does: the heads of the team and of those above it, and the administrators."""
    heads: set[int] = set()
    teams = {
        pk: (parent, head) for pk, parent, head in Team.objects.values_list("pk", "parent_id", "head_id")
    }
    team = member.team_id
    while team in teams:
        team, head = teams.pop(team)
        if head:
            heads.add(head)
    active = Member.objects.active().select_related("user", "workspace", "role").exclude(pk=member.pk)
    return list(active.filter(Q(pk__in=heads) | Q(role__rights__workspace__configure__gt=0)).order_by("pk"))
