"""Which clients a member may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import Exists, OuterRef, Q

from voronka.clients.kept import hidden_contact_kinds
from voronka.clients.reach import ties
from voronka.core.tenancy import WorkspaceQuerySet
from voronka.workspaces.rights import Action, Reach, Subject

if TYPE_CHECKING:
    from voronka.workspaces.models import Member


def owned_within(member: Member, reach: Reach) -> Any:
    """A function of the owner and team field names -> Q: belongs to *member* or to the member's teams."""

    def condition(owner_field: str, team_field: str) -> Q:
        mine = Q(**{owner_field: member.pk})
        if reach >= Reach.TEAM:
            mine |= Q(**{f"{team_field}__in": member.team_ids})
        return mine

    return condition


class ContactPointQuerySet(WorkspaceQuerySet):
    """Phones, e-mails, messengers."""

    def seen(self) -> Any:
        """Without the kinds that the present viewer is kept from."""
        kinds = hidden_contact_kinds()
        return self.exclude(kind__in=kinds) if kinds else self


class CompanyQuerySet(WorkspaceQuerySet):
    """Companies."""

    def present(self) -> Any:
        return self.filter(deleted_at=None)

    def visible_to(self, member: Member, action: Action = Action.SEE, *, by_row: bool = False) -> Any:
        """Those whom the member, or somebody within the member's reach, is responsible for or works with.

        *by_row* for a question about a few known ones: each is asked, instead of first listing all within reach.
        """
        reach = member.reach(Subject.CLIENT, action)
        if reach == Reach.ALL:
            return self
        if reach == Reach.NONE:
            return self.none()
        if by_row or _is_wide(member, reach):
            within = owned_within(member, reach)
            return self.filter(within("owner_id", "team_id") | _worked_with(within, "pk"))
        return self.filter(pk__in=_company_ids(member, reach))


class PersonQuerySet(WorkspaceQuerySet):
    """People."""

    def present(self) -> Any:
        return self.filter(deleted_at=None)

    def visible_to(self, member: Member, action: Action = Action.SEE, *, by_row: bool = False) -> Any:
        """One's own, and those who work in a company that one sees. *by_row* as for companies."""
        reach = member.reach(Subject.CLIENT, action)
        if reach == Reach.ALL:
            return self
        if reach == Reach.NONE:
            return self.none()
        people = apps.get_model("clients", "Person").objects
        positions = apps.get_model("clients", "Position").objects
        if by_row or _is_wide(member, reach):
            within = owned_within(member, reach)
            # Both bounds for the same reason as in `_worked_with`.
            this = Q(person_id__gte=OuterRef("pk"), person_id__lte=OuterRef("pk"))
            known = positions.filter(this).filter(
                within("company__owner_id", "company__team_id") | _worked_with(within, "company_id")
            )
            let_in = _let_in(within).filter(this)
            return self.filter(within("owner_id", "team_id") | Exists(known) | Exists(let_in))
        own = people.filter(owned_within(member, reach)("owner_id", "team_id")).order_by().values("pk")
        known = positions.filter(company__in=_company_ids(member, reach)).order_by().values("person")
        let_in = _let_in(owned_within(member, reach)).order_by().values("person")
        return self.filter(pk__in=own.union(known, let_in))


def _let_in(within: Any) -> Any:
    """Requests by which somebody within reach was given access to a person."""
    requests = apps.get_model("clients", "AccessRequest").objects
    return requests.filter(status="granted", person__isnull=False).filter(
        within("member_id", "member__team_id")
    )


# A head of one team of twenty had pages of companies in 0.7 s by the list and 0.06 s row by row; a seller, who sees one
# company of 250, has to be listed.
_WIDE = 0.04


def _is_wide(member: Member, reach: Reach) -> bool:
    """Whether *member* reaches so much that it is quicker to ask each row on the page than to list all first.

    For the head of everybody the list held 2.4 million ids at a million deals, and a page took seconds.
    """
    return reach == Reach.TEAM and member.share_of_teams >= _WIDE


def _worked_with(within: Any, company: str) -> Q:
    """Condition: somebody within reach works with the company in the column *company* of the outer row.

    Both bounds instead of an equality: PostgreSQL would answer an equality by hashing all deals and activities first.
    """
    found = Q()
    for tie in ties():
        found |= Q(
            Exists(tie(within).filter(company_id__gte=OuterRef(company), company_id__lte=OuterRef(company)))
        )
    return found


def _company_ids(member: Member, reach: Reach) -> Any:
    """Ids of the companies that *member* reaches, as a subquery.

    A union, not a condition: the database then begins with the member's few companies instead of asking every
    company whether it is one of them.
    """
    within = owned_within(member, reach)
    companies = apps.get_model("clients", "Company").objects
    own = companies.filter(within("owner_id", "team_id")).order_by().values("pk")
    return own.union(*(tie(within).order_by() for tie in ties()))
