"""The measures that KPIs can count (metrics.md, Outcomes and «KPI and motivation»).

A measure is one relation of rows (member, what was counted, number, moment). The figure is an
aggregate over it and the list behind the figure is the same rows, so the two cannot disagree. Won sums are the plan's
fact, with its corrections (`targets.facts`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from voronka.core import clock
from voronka.core.periods import Period
from voronka.core.tenancy import require_workspace_id
from voronka.deals.filters import DealFilter
from voronka.playbook.kpi_models import Better, Kpi
from voronka.playbook.measures import KEY_STAGE, Figures, MeasureKind, Unit, declare
from voronka.targets.facts import corrections, won_by_member

ZERO = Decimal(0)
MOST_ROWS = 500
CONTACTS = ("call", "meeting", "demo", "visit")


@dataclass(frozen=True)
class Counted:
    """A row behind a figure. *value*: what it adds, or the number that is compared; None: it has no sum.

    *kind*: "deal" (*key* is its number) or "activity" (its id). *counts*: in the numerator of a share. *note* tells
    of a correction.
    """

    kind: Literal["deal", "activity"]
    key: int
    title: str
    member_id: int | None
    at: dt.datetime
    value: Decimal | None
    counts: bool = True
    note: str = ""


@dataclass(frozen=True)
class Query:
    """SQL of a measure's rows: columns member_id, id, num, at. *fold*: how rows become a figure."""

    sql: str
    kind: Literal["deal", "activity"]
    fold: Literal["sum", "share", "mean", "median"]

    def count(self, kpi: Kpi, period: Period, member_ids: Collection[int]) -> Figures:
        empty = ZERO if self.fold == "sum" else None
        text = (
            f"SELECT member_id, {_FOLDS[self.fold]} FROM ({self._rows(kpi)}) r"
            " WHERE member_id = ANY(%(members)s) GROUP BY GROUPING SETS ((member_id), ())"
        )
        figures: dict[int | None, Any] = dict(_fetch(text, _params(kpi, period, member_ids)))
        whole = figures.pop(None, None)
        return Figures(
            empty if whole is None else Decimal(whole),
            {pk: empty if figures.get(pk) is None else Decimal(figures[pk]) for pk in member_ids},
        )

    def rows(self, kpi: Kpi, period: Period, member_ids: Collection[int]) -> list[Any]:
        named = (
            "SELECT d.number, d.title, r.member_id, r.at, r.num FROM ({rows}) r"
            " JOIN deals_deal d ON d.workspace_id = %(workspace)s AND d.id = r.id"
            if self.kind == "deal"
            else "SELECT a.id, a.subject, r.member_id, r.at, r.num FROM ({rows}) r"
            " JOIN activities_activity a ON a.workspace_id = %(workspace)s AND a.id = r.id"
        ).format(rows=self._rows(kpi))
        text = f"{named} WHERE r.member_id = ANY(%(members)s) ORDER BY r.at DESC, r.id DESC LIMIT {MOST_ROWS}"
        return [
            Counted(self.kind, key, title, member_id, at, num, counts=self.fold != "share" or bool(num))
            for key, title, member_id, at, num in _fetch(text, _params(kpi, period, member_ids))
        ]

    def _rows(self, kpi: Kpi) -> str:
        return self.sql.replace("{deals}", _deals_of(kpi)).replace("{acts}", _activities_of(kpi))


_FOLDS = {
    "sum": "sum(num)",
    "share": "100.0 * avg(num)",
    "mean": "avg(num)",
    "median": "percentile_cont(0.5) WITHIN GROUP (ORDER BY num)",
}


def _fetch(text: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(text, params)
        return cursor.fetchall()


def _params(kpi: Kpi, period: Period, member_ids: Collection[int]) -> dict[str, Any]:
    groups = (
        DealFilter(product_group=(kpi.product_group_id,)).product_group_ids() if kpi.product_group_id else ()
    )
    return {
        "workspace": require_workspace_id(),
        "start": period.start,
        "end": period.end,
        "now": clock.now(),
        "zone": str(period.start.tzinfo),
        "members": list(member_ids),
        "funnel": kpi.funnel_id,
        "segment": kpi.segment_id,
        "groups": list(groups),
    }


def _deals_of(kpi: Kpi) -> str:
    """The KPI's own conditions on the deal `d`."""
    asked = ["TRUE"]
    if kpi.funnel_id:
        asked.append("d.funnel_id = %(funnel)s")
    if kpi.product_group_id:
        asked.append("d.product_group_id = ANY(%(groups)s)")
    if kpi.segment_id:
        asked.append(
            "EXISTS (SELECT 1 FROM clients_company c WHERE c.workspace_id = d.workspace_id"
            " AND c.id = d.company_id AND c.segment_id = %(segment)s)"
        )
    return " AND ".join(asked)


def _activities_of(kpi: Kpi) -> str:
    """The same of an activity `a`, through its deal."""
    if not (kpi.funnel_id or kpi.product_group_id or kpi.segment_id):
        return "TRUE"
    return (
        "EXISTS (SELECT 1 FROM deals_deal d WHERE d.workspace_id = a.workspace_id AND d.id = a.deal_id"
        f" AND {_deals_of(kpi)})"
    )


def _won_sum(kpi: Kpi, period: Period, member_ids: Collection[int]) -> Figures:
    """The fact of the plan; with conditions, of the deals that meet them."""
    if _deals_of(kpi) == "TRUE":
        facts = {pk: fact.total for pk, fact in won_by_member(period, member_ids).items() if pk}
    else:
        facts = {pk: value or ZERO for pk, value in _WON.count(kpi, period, member_ids).by_member.items()}
        for change in _corrections(kpi, period, member_ids):
            facts[change.member_id] += change.value or ZERO
    by_member: dict[int, Decimal | None] = {pk: facts.get(pk, ZERO) for pk in member_ids}
    return Figures(sum(facts.values(), start=ZERO), by_member)


def _won_rows(kpi: Kpi, period: Period, member_ids: Collection[int]) -> list[Any]:
    return [*_WON.rows(kpi, period, member_ids), *_corrections(kpi, period, member_ids)]


def _corrections(kpi: Kpi, period: Period, member_ids: Collection[int]) -> list[Any]:
    found = [change for change in corrections(period, member_ids) if change.amount]
    if _deals_of(kpi) != "TRUE" and found:
        params = {**_params(kpi, period, member_ids), "ids": [change.deal_id for change in found]}
        kept = _fetch(
            "SELECT d.id FROM deals_deal d WHERE d.workspace_id = %(workspace)s AND d.id = ANY(%(ids)s)"
            f" AND {_deals_of(kpi)}",
            params,
        )
        ids = {pk for (pk,) in kept}
        found = [change for change in found if change.deal_id in ids]
    return [
        Counted(
            "deal",
            change.number,
            change.title,
            change.owner_id,
            change.at,
            change.amount,
            note=_("reopened") if change.reopened else _("correction"),
        )
        for change in found
    ]


_CLOSED = """
SELECT d.closed_owner_id AS member_id, d.id, {what} AS at FROM deals_deal d
WHERE d.workspace_id = %(workspace)s AND d.closed_at >= %(start)s AND d.closed_at < %(end)s
  AND d.outcome IN ({outcomes}) AND {deals}
"""


def _closed(num: str, outcomes: str = "'won'") -> str:
    return _CLOSED.replace("{what}", f"{num} AS num, d.closed_at").replace("{outcomes}", outcomes)


_WON = Query(_closed("d.amount_base"), "deal", "sum")
_WON_COUNT = Query(_closed("1"), "deal", "sum")
_AVERAGE = Query(_closed("d.amount_base") + " AND d.amount_base IS NOT NULL", "deal", "mean")
_WIN_RATE = Query(_closed("CASE d.outcome WHEN 'won' THEN 1 ELSE 0 END", "'won', 'lost'"), "deal", "share")
_RIPENING = Query(
    _closed("round(extract(epoch FROM d.closed_at - d.opened_at)::numeric / 86400, 1)")
    + " AND d.basis <> 'assumed'",
    "deal",
    "median",
)

_OPENED = Query(
    """
SELECT coalesce(first.owner_id, d.owner_id) AS member_id, d.id, 1 AS num, d.opened_at AS at
FROM deals_deal d
CROSS JOIN LATERAL (
  SELECT x.owner_id FROM deals_dealstate x
  WHERE x.workspace_id = d.workspace_id AND x.deal_id = d.id AND NOT x.void ORDER BY x.valid_from LIMIT 1
) first
WHERE d.workspace_id = %(workspace)s AND d.opened_at >= %(start)s AND d.opened_at < %(end)s
  AND d.outcome <> 'deleted' AND {deals}
""",
    "deal",
    "sum",
)

# Reached: entered the key stage of the deal's funnel or one after it, or won, for the first time. A deal that came
# with its history unknown says nothing about when.
_KEY = """
WITH keys AS MATERIALIZED (
  SELECT s.funnel_id, s."order" AS place FROM playbook_stage s
  WHERE s.workspace_id = %(workspace)s AND s.is_key AND s.archived_at IS NULL
), places AS MATERIALIZED (
  SELECT s.id, coalesce(m.funnel_id, s.funnel_id) AS funnel_id, coalesce(m."order", s."order") AS place
  FROM playbook_stage s
  LEFT JOIN playbook_stage m ON m.workspace_id = s.workspace_id AND m.id = s.merged_into_id
  WHERE s.workspace_id = %(workspace)s
), moments AS (
  SELECT v.deal_id, v.entered AS at FROM keys k
  JOIN deals_stagevisit v ON v.workspace_id = %(workspace)s AND v.funnel_id = k.funnel_id
    AND v.entered >= %(start)s AND v.entered < %(end)s AND v.basis <> 'assumed'
  JOIN places p ON p.id = v.stage_id AND p.funnel_id = k.funnel_id AND p.place >= k.place
  UNION ALL
  SELECT w.id, w.closed_at FROM deals_deal w JOIN keys k ON k.funnel_id = w.funnel_id
  WHERE w.workspace_id = %(workspace)s AND w.outcome = 'won' AND w.basis <> 'assumed'
    AND w.closed_at >= %(start)s AND w.closed_at < %(end)s
), firsts AS (
  SELECT deal_id, min(at) AS at FROM moments GROUP BY deal_id
)
SELECT s.owner_id AS member_id, d.id, 1 AS num, f.at
FROM firsts f
JOIN deals_deal d ON d.workspace_id = %(workspace)s AND d.id = f.deal_id AND d.outcome <> 'deleted'
JOIN keys k ON k.funnel_id = d.funnel_id
LEFT JOIN LATERAL (
  SELECT x.owner_id FROM deals_dealstate x
  WHERE x.workspace_id = d.workspace_id AND x.deal_id = d.id AND NOT x.void AND x.valid_from <= f.at
  ORDER BY x.valid_from DESC LIMIT 1
) s ON TRUE
WHERE {deals} AND NOT EXISTS (
  SELECT 1 FROM deals_stagevisit b JOIN places p ON p.id = b.stage_id
  WHERE b.workspace_id = d.workspace_id AND b.deal_id = d.id AND b.entered < %(start)s
    AND p.funnel_id = d.funnel_id AND p.place >= k.place
)
"""
_REACHED = Query(_KEY, "deal", "sum")

_DONE = """
SELECT a.owner_id AS member_id, a.id, 1 AS num, a.done_at AS at FROM activities_activity a
WHERE a.workspace_id = %(workspace)s AND a.owner_id = ANY(%(members)s) AND a.done_at >= %(start)s
  AND a.done_at < %(end)s AND a.cancelled_at IS NULL AND a.channel IN ({channels}) AND {acts}
"""


def _done(*channels: str) -> Query:
    listed = ", ".join(f"'{channel}'" for channel in channels)
    return Query(_DONE.replace("{channels}", listed), "activity", "sum")


# What was written down after the fact was never promised.
_KEPT = Query(
    """
SELECT a.owner_id AS member_id, a.id,
       CASE WHEN (a.done_at AT TIME ZONE %(zone)s)::date <= (a.due_at AT TIME ZONE %(zone)s)::date
            THEN 1 ELSE 0 END AS num,
       a.due_at AS at
FROM activities_activity a
WHERE a.workspace_id = %(workspace)s AND a.owner_id = ANY(%(members)s) AND a.cancelled_at IS NULL
  AND a.due_at >= %(start)s AND a.due_at < %(end)s AND a.due_at <= %(now)s
  AND a.due_at IS DISTINCT FROM a.done_at AND {acts}
""",
    "activity",
    "share",
)


def _declare(
    code: str,
    title: Any,
    method: Any,
    unit: Unit,
    query: Query,
    *,
    better: Better = Better.MORE,
    count: Callable[..., Figures] | None = None,
    rows: Callable[..., list[Any]] | None = None,
    of_plan: bool = False,
) -> None:
    declare(
        MeasureKind(
            code,
            title,
            method,
            unit,
            better,
            count or query.count,
            rows or query.rows,
            adds=query.fold == "sum",
            of_plan=of_plan,
        )
    )


_declare(
    KEY_STAGE,
    gettext_lazy("Deals that reached the key stage"),
    gettext_lazy(
        "Deals that came to the key stage of their funnel, or beyond it, for the first time in the month. It is"
        " credited to whoever was responsible at that moment."
    ),
    Unit.COUNT,
    _REACHED,
)
_declare(
    "won_sum",
    gettext_lazy("Won sum"),
    gettext_lazy(
        "The sums of the deals won in the month, with the corrections made after closing; it is the fact of the"
        " sales plan. Without a target of its own it is judged by the plan."
    ),
    Unit.SUM,
    _WON,
    count=_won_sum,
    rows=_won_rows,
    of_plan=True,
)
_declare(
    "won_count",
    gettext_lazy("Deals won"),
    gettext_lazy("Deals won in the month, credited to whoever was responsible when they were closed."),
    Unit.COUNT,
    _WON_COUNT,
)
_declare(
    "average_deal",
    gettext_lazy("Average deal"),
    gettext_lazy("The won sum divided by the deals won; deals without a sum are left out."),
    Unit.SUM,
    _AVERAGE,
)
_declare(
    "win_rate",
    gettext_lazy("Share won"),
    gettext_lazy("Of the deals closed in the month, the share that was won."),
    Unit.PERCENT,
    _WIN_RATE,
)
_declare(
    "new_deals",
    gettext_lazy("New deals"),
    gettext_lazy("Deals opened in the month, credited to whoever was responsible first."),
    Unit.COUNT,
    _OPENED,
)
_declare(
    "contacts",
    gettext_lazy("Contacts held"),
    gettext_lazy("Finished calls, meetings, demonstrations and visits, credited to whoever held them."),
    Unit.COUNT,
    _done(*CONTACTS),
)
_declare("calls", gettext_lazy("Calls made"), gettext_lazy("Finished calls."), Unit.COUNT, _done("call"))
_declare(
    "meetings",
    gettext_lazy("Meetings held"),
    gettext_lazy("Finished meetings, demonstrations and visits."),
    Unit.COUNT,
    _done("meeting", "demo", "visit"),
)
_declare(
    "kept_dates",
    gettext_lazy("Share of dates kept"),
    gettext_lazy(
        "Of the activities planned for the month whose time has come, the share done on the day planned or before."
    ),
    Unit.PERCENT,
    _KEPT,
)
_declare(
    "ripening",
    gettext_lazy("From opening to winning"),
    gettext_lazy(
        "The median length of the deals won in the month, from opening to winning, in calendar days."
    ),
    Unit.DAYS,
    _RIPENING,
    better=Better.LESS,
)
