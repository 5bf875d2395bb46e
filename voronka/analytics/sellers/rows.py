"""Activities as rows of a report: finished ones to who did them, planned ones to whose they are (metrics.md, Credit)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import F, Q

from voronka.activities.models import Activity
from voronka.analytics.frame import Rows

if TYPE_CHECKING:
    from voronka.analytics.reporting.scope import Scope
    from voronka.core.periods import Period

_TYPES = (
    "id bigint, deal_id bigint, company_id bigint, person_id bigint, owner_id bigint, team_id bigint, channel text,"
    " is_cold bool, reached bool, minutes int, done_at timestamptz, due_at timestamptz, has_time bool"
)
_NAMES = (
    "id, deal_id, company_id, person_id, owner_id, team_id, channel, is_cold, reached, minutes, done_at, due_at,"
    " has_time"
)


def done(scope: Scope, period: Period) -> Rows:
    """Activities finished in *period*. Columns: `id`, `deal_id`, `client`, `owner_id`, `team_id`, `channel`,
    `is_cold`, `reached`, `minutes`, `at`; `amount` is none, so that lists have no sums."""
    return _rows(scope, Q(done_at__gte=period.start, done_at__lt=period.end), "q.done_at")


def overdue(scope: Scope) -> Rows:
    """Planned activities whose time has passed, in the same columns; `at` is when they were due."""
    late = Q(has_time=True, due_at__lt=scope.now) | Q(has_time=False, due_at__lt=scope.today_starts)
    return _rows(scope, Q(done_at=None, cancelled_at=None) & late, "q.due_at")


def _rows(scope: Scope, condition: Q, moment: str) -> Rows:
    found: Any = Activity.objects.all() if scope.member is None else Activity.objects.visible_to(scope.member)
    found = found.filter(condition, scope.credit.q("owner_id", "team_id"))
    if scope.question.filter.without("owner", "team").to_params():
        deals = scope.credit.deals()
        if scope.funnel_id:
            deals = deals.filter(funnel_id=scope.funnel_id)
        found = found.filter(deal__in=deals.values("pk"))
    rows = Rows.of(
        found.annotate(deal_=F("deal_id")).values_list(
            "id",
            "deal_",
            "company_id",
            "person_id",
            "owner_id",
            "team_id",
            "channel",
            "is_cold",
            "reached",
            "minutes",
            "done_at",
            "due_at",
            "has_time",
        ),
        _TYPES,
    )
    return Rows(
        "SELECT q.id, q.deal_id, coalesce(q.company_id, -q.person_id) AS client, q.owner_id, q.team_id, q.channel,"
        f" q.is_cold, q.reached, q.minutes, {moment} AS at, NULL::numeric AS amount FROM ("
        + rows.sql
        + f") AS q({_NAMES})"
    )
