"""The tree of teams and sellers in which reports unfold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.utils.translation import gettext as _

from voronka.analytics.frame import Sql, Unanswerable
from voronka.workspaces.models import Member, Team

F = TypeVar("F")
# In a key: no team, no owner.
NONE = "-"


@dataclass(frozen=True)
class Node(Generic[F]):
    """A team with everything below it, or a seller in a team.

    Keys: «t5» a team, «t5.o7» seller 7 with what belongs to team 5, «-» stands for none.
    """

    key: str
    name: str
    level: int
    parent: str
    figures: F
    owner_id: int | None = None
    is_seller: bool = False


class Teams:
    """Teams and members by their numbers, read once (two queries)."""

    def __init__(self) -> None:
        self.teams = {team.pk: team for team in Team.objects.all()}
        self.members = dict(Member.objects.values_list("pk", "name"))

    def below(self, team_id: int) -> list[int]:
        """The team and all teams under it."""
        found, queue = [team_id], [team_id]
        while queue:
            upper = queue.pop()
            children = [pk for pk, team in self.teams.items() if team.parent_id == upper and pk not in found]
            found += children
            queue += children
        return found

    def tree(
        self, figures: Mapping[tuple[int | None, int | None], F], add: Callable[[Iterable[F]], F]
    ) -> list[Node[F]]:
        """The nodes from the top, teams by name, sellers by name under their team; (team, owner) -> figures.

        A team's figures are those of everything below it: `add` sums up.
        """
        nodes: list[Node[F]] = []

        def walk(parent: int | None, level: int, above: str) -> None:
            for team in sorted(self.teams.values(), key=lambda team: team.name):
                if team.parent_id != parent:
                    continue
                within = set(self.below(team.pk))
                own = [found for (team_id, _owner), found in figures.items() if team_id in within]
                if not own:
                    continue
                key = f"t{team.pk}"
                nodes.append(Node(key, team.name, level, above, add(own)))
                sellers(team.pk, key, level + 1)
                walk(team.pk, level + 1, key)

        def sellers(team_id: int | None, key: str, level: int) -> None:
            mine = [(owner, found) for (team, owner), found in figures.items() if team == team_id]
            for owner, found in sorted(mine, key=lambda pair: self.name_of(pair[0])):
                nodes.append(
                    Node(
                        f"{key}.o{owner or NONE}",
                        self.name_of(owner),
                        level,
                        key,
                        found,
                        owner_id=owner,
                        is_seller=True,
                    )
                )

        walk(None, 0, "")
        if any(team is None for team, _owner in figures):
            loose = [found for (team, _owner), found in figures.items() if team is None]
            nodes.append(Node(f"t{NONE}", _("No team"), 0, "", add(loose)))
            sellers(None, f"t{NONE}", 1)
        return nodes

    def name_of(self, owner: int | None) -> str:
        return self.members.get(owner, "") if owner else _("Nobody is responsible")

    def condition(self, key: str) -> Sql:
        """What makes a row belong to the node *key*: a condition on `r.team_id` and `r.owner_id`.

        Raises `Unanswerable` for a key that names nothing.
        """
        if key == "all":
            return Sql("TRUE")
        team, _sep, owner = key.partition(".")
        where = self._team(team, whole=not owner)
        if owner:
            pk = owner.removeprefix("o")
            where = where + (
                " AND r.owner_id IS NULL" if pk == NONE else Sql(" AND r.owner_id = %s", (_number(pk),))
            )
        return where

    def title_of(self, key: str) -> str:
        """The node in words; "" for all."""
        team, _sep, owner = key.partition(".")
        if owner:
            pk = owner.removeprefix("o")
            return self.name_of(None if pk == NONE else _number(pk))
        if key == "all":
            return ""
        pk = team.removeprefix("t")
        found = self.teams.get(_number(pk)) if pk != NONE else None
        return found.name if found else _("No team")

    def _team(self, key: str, *, whole: bool) -> Sql:
        pk = key.removeprefix("t")
        if pk == NONE:
            return Sql("r.team_id IS NULL")
        if _number(pk) not in self.teams:
            raise Unanswerable(_("This number has no list behind it."))
        return Sql("r.team_id = ANY(%s)", (self.below(_number(pk)) if whole else [_number(pk)],))


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise Unanswerable(_("This number has no list behind it."))
    return int(text)


def folded_from(nodes: list[Node[F]]) -> int:
    """From which level on a tree is folded: what stands alone at the top is open, and a single team too."""
    if sum(not node.is_seller for node in nodes) < 2:
        return 0
    return 2 if sum(node.level == 0 for node in nodes) == 1 else 1
