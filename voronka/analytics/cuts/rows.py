"""The rows behind the cuts: closed deals credited to who closed them, opened deals to whose they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Case, DecimalField, F, Q, Value, When
from django.db.models.functions import Cast

from voronka.analytics.cuts.dimensions import Dimension
from voronka.analytics.frame import Rows
from voronka.analytics.reporting.scope import Scope
from voronka.deals.choices import Outcome

if TYPE_CHECKING:
    from voronka.core.periods import Period

CLOSED = (Outcome.WON.value, Outcome.LOST.value)
_MONEY = DecimalField(max_digits=15, decimal_places=2)
_COLUMNS = "deal_id, company_id, person_id, outcome, amount, at, spent_from, spent_to, cut, other_cut"
_TYPES = (
    "deal_id bigint, company_id bigint, person_id bigint, outcome text, amount numeric, at timestamptz,"
    " spent_from timestamptz, spent_to timestamptz, cut text, other_cut text"
)


def closed(scope: Scope, period: Period, cut: Dimension, other: Dimension | None = None) -> Rows:
    """Deals won or lost in *period*, of who closed them.

    Columns: `id`, `deal_id`, `client`, `outcome`, `amount` (none where hidden), `at` (closing), `spent` (seconds from
    opening to closing), `cut`, `other_cut`.
    """
    credit = scope.credit.q("closed_owner_id", "closed_team_id")
    asked = Q(outcome__in=CLOSED, closed_at__gte=period.start, closed_at__lt=period.end)
    return _rows(
        scope,
        scope.credit.deals().filter(credit, asked),
        "closed_at",
        F("closed_owner_id"),
        F("closed_team_id"),
        cut,
        other,
    )


def opened(scope: Scope, period: Period, cut: Dimension, other: Dimension | None = None) -> Rows:
    """Deals opened in *period*, as they are now, in the same columns; `at` is the opening."""
    asked = Q(opened_at__gte=period.start, opened_at__lt=period.end)
    deals = scope.credit.deals_now().filter(asked).exclude(outcome=Outcome.DELETED)
    is_closed = Q(outcome__in=CLOSED)
    owner = Case(When(is_closed, then=F("closed_owner_id")), default=F("owner_id"))
    team = Case(When(is_closed, then=F("closed_team_id")), default=F("team_id"))
    return _rows(scope, deals, "opened_at", owner, team, cut, other)


def _rows(
    scope: Scope, deals: Any, moment: str, owner: Any, team: Any, cut: Dimension, other: Dimension | None
) -> Rows:
    if scope.funnel_id:
        deals = deals.filter(funnel_id=scope.funnel_id)
    amount = Cast(Value(None), _MONEY) if scope.hides_sums else F("amount_base")
    second = other or cut
    found = Rows.of(
        deals.annotate(
            deal_id=F("id"),
            amount_=amount,
            at_=F(moment),
            cut_=cut.expression(owner=owner, team=team, moment=moment),
            other_=second.expression(owner=owner, team=team, moment=moment),
        ).values_list(
            "deal_id",
            "company_id",
            "person_id",
            "outcome",
            "amount_",
            "at_",
            "opened_at",
            "closed_at",
            "cut_",
            "other_",
        ),
        _TYPES,
    )
    return Rows(
        "SELECT q.deal_id AS id, q.deal_id, coalesce(q.company_id, -q.person_id) AS client, q.outcome, q.amount, q.at,"
        " extract(epoch FROM q.spent_to - q.spent_from)::bigint AS spent, q.cut, q.other_cut FROM ("
        + found.sql
        + f") AS q({_COLUMNS})"
    )
