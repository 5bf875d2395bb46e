"""To whom a figure belongs and who may read it (metrics.md, credit).

Results belong to the owner and team at the moment of closing, the pipeline to those of the as-of moment. The
reach of the reader's right to reports and the filter by seller and team are conditions on the same two columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from voronka.analytics.filters import narrowed
from voronka.analytics.frame import Sql, all_of
from voronka.deals.choices import Outcome
from voronka.deals.filters import NOT_GIVEN, DealFilter
from voronka.deals.models import Deal
from voronka.workspaces.rights import Action, Reach, Subject

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

CLOSED = (Outcome.WON.value, Outcome.LOST.value)


@dataclass(frozen=True)
class Credit:
    """Whose figures are asked and may be read; `member` None is the command line with full rights."""

    member: Member | None
    reach: Reach
    owners: tuple[int, ...]
    teams: tuple[int, ...]
    filter: DealFilter

    @classmethod
    def of(cls, member: Member | None, query: DealFilter) -> Credit:
        """Raises `Forbidden` when *member* may not read reports at all."""
        reach = Reach.ALL
        if member is not None:
            member.require(Subject.REPORT, Action.SEE)
            member.require(Subject.DEAL, Action.SEE)
            reach = member.reach(Subject.REPORT, Action.SEE)
        return cls(member, reach, query.owner, query.team_ids(), query)

    @property
    def is_all(self) -> bool:
        """Whether the owner does not matter."""
        return self.reach == Reach.ALL and not self.owners and not self.teams

    @property
    def is_wide(self) -> bool:
        """Whether most deals are the reader's and nothing but the reach chooses among them."""
        chosen = bool(self.owners or self.teams or self.filter.without("funnel", "owner", "team").to_params())
        most = self.member is not None and self.member.reaches_most_teams
        return self.reach == Reach.TEAM and most and not chosen

    @property
    def asks_deals(self) -> bool:
        """Whether attributes of deals matter: the filter's, or the reader's right to see them."""
        attributes = self.filter.without("funnel", "owner", "team")
        limited = self.member is not None and (self.member.reach(Subject.DEAL, Action.SEE) != Reach.ALL)
        return limited or bool(attributes.to_params())

    def deals(self) -> Any:
        """Deals whose figures may be read and whose attributes are asked, whoever has the credit."""
        base = Deal.objects.all() if self.member is None else Deal.objects.visible_to(self.member)
        return narrowed(self.filter, base)

    def deals_now(self) -> Any:
        """The same with the credit as it is: open deals by their owner, closed ones by who closed them."""
        if self.member is None or self.member.reach(Subject.DEAL, Action.SEE) < self.reach:
            return self.deals().filter(self.now())
        # Whose figures one may read, those deals one may see: the same columns need not be looked at twice.
        return narrowed(self.filter, Deal.objects.filter(self.now()))

    def q(self, owner: str, team: str) -> Q:
        """The condition on the columns *owner* and *team* as a `Q`."""
        condition = Q()
        if self.reach != Reach.ALL:
            mine = Q(**{owner: self.member.pk})  # type: ignore[union-attr]
            if self.reach == Reach.TEAM:
                mine |= Q(**{f"{team}__in": sorted(self.member.team_ids)})  # type: ignore[union-attr]
            condition &= mine
        for column, ids in ((owner, self.owners), (team, self.teams)):
            if ids:
                among = Q(**{f"{column}__in": [pk for pk in ids if pk != NOT_GIVEN]})
                condition &= among | Q(**{f"{column}__isnull": True}) if NOT_GIVEN in ids else among
        return condition

    def now(self) -> Q:
        """The condition on a deal as it is: open deals by their owner, closed ones by who closed them."""
        if self.is_all:
            return Q()
        return Q(outcome=Outcome.OPEN) & self.q("owner_id", "team_id") | Q(outcome__in=CLOSED) & self.q(
            "closed_owner_id", "closed_team_id"
        )

    def sql(self, owner: str, team: str) -> Sql:
        """The condition on the SQL expressions *owner* and *team*."""
        conditions = []
        if self.reach != Reach.ALL:
            mine = Sql(f"{owner} = %s", (self.member.pk,))  # type: ignore[union-attr]
            if self.reach == Reach.TEAM:
                mine = mine + Sql(f" OR {team} = ANY(%s)", (sorted(self.member.team_ids),))  # type: ignore[union-attr]
            conditions.append(mine)
        for column, ids in ((owner, self.owners), (team, self.teams)):
            if ids:
                among = Sql(f"{column} = ANY(%s)", ([pk for pk in ids if pk != NOT_GIVEN],))
                conditions.append(among + f" OR {column} IS NULL" if NOT_GIVEN in ids else among)
        return all_of(conditions)
