"""Who asks, of whose deals and at what moment: what the statements of a report need besides the question."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from voronka.analytics.credit import Credit
from voronka.analytics.frame import Rows, Sql, Unanswerable, all_of
from voronka.analytics.reporting.question import Question
from voronka.core import clock
from voronka.core.periods import start_of
from voronka.core.tenancy import require_workspace_id
from voronka.playbook.models import Funnel
from voronka.workspaces.models import Workspace

if TYPE_CHECKING:
    from voronka.workspaces.models import Member


@dataclass(frozen=True)
class Scope:
    """The asker's reach and the moment of asking; `member` None is the command line with full rights."""

    question: Question
    member: Member | None
    credit: Credit
    workspace_id: int
    currency: str
    now: dt.datetime
    today: dt.date

    @classmethod
    def of(cls, question: Question, member: Member | None) -> Scope:
        """Raises `Unanswerable` for a funnel that is not there, `Forbidden` without the right to reports."""
        funnel = question.filter.funnel
        if funnel and not Funnel.objects.filter(pk=funnel).exists():
            raise Unanswerable(_("There is no such funnel. Choose another one."))
        workspace_id = require_workspace_id()
        return cls(
            question,
            member,
            Credit.of(member, question.filter),
            workspace_id,
            Workspace.objects.only("currency").get(pk=workspace_id).currency,
            clock.now(),
            clock.today(),
        )

    @property
    def hides_sums(self) -> bool:
        return self.member is not None and not self.member.sees("deal", "amount")

    @property
    def funnel_id(self) -> int | None:
        return self.question.filter.funnel

    def moment(self, at: dt.datetime) -> dt.datetime:
        """*at*, but never later than now: what has not come yet is read as it stands."""
        return min(at, self.now)

    @property
    def today_starts(self) -> dt.datetime:
        return start_of(self.today)

    @cached_property
    def funnel_ids(self) -> list[int]:
        """The asked funnel, or all of them: the indexes of the history begin with it."""
        return [self.funnel_id] if self.funnel_id else list(Funnel.objects.values_list("pk", flat=True))

    def in_funnel(self, alias: str) -> Sql:
        """The condition of the asked funnel on `alias.funnel_id`."""
        return Sql(f"{alias}.funnel_id = ANY(%s)", (self.funnel_ids,))

    def amount(self, expression: str) -> str:
        """The sum, or none for whoever is kept from sums."""
        return "NULL::numeric" if self.hides_sums else expression

    def visible(self, deal_id: str) -> Sql:
        """A join to the deals that the asker may see and the filter asks for; "" where that is all of them."""
        if not self.credit.asks_deals:
            return Sql("")
        deals = Rows.of(self.credit.deals().values_list("id"), "id bigint")
        return " JOIN (" + deals.sql + f") AS seen(id) ON seen.id = {deal_id}"


_STANDING = (
    "s.deal_id, s.stage_id, s.funnel_id, s.owner_id, s.team_id, s.currency, s.amount AS own_amount,"
    " s.expected_close, s.probability, s.category, s.valid_from"
)


def standing(scope: Scope, at: dt.datetime, *more: Sql) -> Rows:
    """The deals that were open just before *at*, with the state they were in.

    Columns: `deal_id`, `stage_id`, `funnel_id`, `owner_id`, `team_id`, `currency`, `own_amount` (in that currency),
    `amount` (in the workspace's), `expected_close`, `probability`, `category`, `valid_from`. *more* conditions are on `s`.
    """
    amount = scope.amount("s.amount_base")
    columns = f"SELECT {_STANDING}, {amount} AS amount FROM deals_dealstate s"
    conditions = [
        Sql("s.workspace_id = %s", (scope.workspace_id,)),
        scope.in_funnel("s"),
        Sql("NOT s.void AND s.outcome = 'open' AND s.valid_from < %s", (at,)),
        scope.credit.sql("s.owner_id", "s.team_id"),
        *more,
    ]
    # Two branches, so that each is a range of the index; OR would read the whole table.
    branches = [Sql("s.valid_to IS NULL"), Sql("s.valid_to >= %s", (at,))]
    join = scope.visible("s.deal_id")
    parts = [columns + join + " WHERE " + all_of([*conditions, branch]) for branch in branches]
    return Rows("(" + parts[0] + ") UNION ALL (" + parts[1] + ")")


def local_day(at: dt.datetime) -> dt.date:
    """The day of the workspace in which *at* lies."""
    return timezone.localdate(at)
