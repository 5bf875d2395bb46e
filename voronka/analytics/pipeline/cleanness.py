"""The clean sum: how much of the pipeline rests on bad data, each problem with the deals to clean."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from voronka.analytics.frame import Rows, Sql, Unanswerable, fetch_one
from voronka.analytics.reporting.answer import NOTHING, Column, Headline, Kind, Row, Table, Value
from voronka.core import formats

if TYPE_CHECKING:
    from voronka.analytics.pipeline.rows import Pipeline

SILENT_DAYS = 30
MANY_PUSHES = 3


@dataclass(frozen=True)
class Problem:
    """A reason not to trust a deal's sum: a condition on `examined` rows."""

    code: str
    title: str | Promise
    where: str


PROBLEMS = [
    Problem("passed", gettext_lazy("Expected date has passed"), "r.is_passed"),
    Problem("pushed", gettext_lazy("Expected date pushed three times or more"), f"r.pushes >= {MANY_PUSHES}"),
    Problem("nostep", gettext_lazy("No next step"), "r.next_activity_at IS NULL"),
    Problem("nobody", gettext_lazy("No decision maker known"), "NOT r.has_decider"),
    Problem("silent", gettext_lazy("Silent for more than 30 days"), "r.is_silent"),
]
ANY = " OR ".join(f"({one.where})" for one in PROBLEMS)


@dataclass(frozen=True)
class Clean:
    """What the report shows of it."""

    table: Table
    headline: Headline
    sentence: str
    tone: str


def problem(code: str) -> Problem:
    """Raises `Unanswerable` for an unknown one."""
    if code == "any":
        return Problem("any", gettext_lazy("with any of the problems"), f"({ANY})")
    if code == "none":
        return Problem("none", gettext_lazy("without problems"), f"NOT ({ANY})")
    found = next((one for one in PROBLEMS if one.code == code), None)
    if found is None:
        raise Unanswerable(_("This number has no list behind it."))
    return found


def examined(pipeline: Pipeline, relation: Rows) -> Rows:
    """The open deals of now with what tells how far to trust them."""
    # Materialized: else the planner asks for the decision makers anew in every filter of the aggregate.
    return Rows(
        Sql(
            "WITH e AS MATERIALIZED (SELECT q.*, d.pushes, d.next_activity_at, coalesce(q.expected_close < %s, FALSE) AS is_passed,"
            " coalesce(d.last_contact_at, d.opened_at) < %s - make_interval(days => %s) AS is_silent,"
            " (EXISTS (SELECT FROM deals_dealparticipant t WHERE t.workspace_id = d.workspace_id"
            " AND t.deal_id = d.id AND t.kind = 'decision')"
            " OR EXISTS (SELECT FROM clients_position t WHERE t.workspace_id = d.workspace_id"
            " AND t.company_id = d.company_id AND t.kind = 'decision')) AS has_decider FROM (",
            (pipeline.scope.today, pipeline.scope.now, SILENT_DAYS),
        )
        + relation.sql
        + Sql(
            ") q JOIN deals_deal d ON d.id = q.deal_id AND d.workspace_id = %s AND d.outcome = 'open') SELECT * FROM e",
            (pipeline.scope.workspace_id,),
        )
    )


def table(pipeline: Pipeline, deals: int, total: Decimal) -> Clean:
    """The problems, each with its deals and sum, and what stays clean."""
    counts = ", ".join(
        f"count(*) FILTER (WHERE {one.where}), sum(r.amount) FILTER (WHERE {one.where})"
        for one in [*PROBLEMS, problem("any"), problem("none")]
    )
    found = fetch_one(examined(pipeline, pipeline.standing()).select(counts))
    hides = pipeline.scope.hides_sums

    def values(place: int, code: str) -> list[Value]:
        count, amount = found[place * 2], found[place * 2 + 1] or Decimal(0)
        cell = f"all|dirty-{code}" if count else ""
        cells = [Value(count, cell)]
        if not hides:
            cells.append(Value(amount, cell))
            cells.append(Value(amount / total) if total else NOTHING)
        return cells

    columns = [Column("deals", _("Deals"), Kind.COUNT)]
    if not hides:
        columns += [Column("sum", _("Sum"), Kind.MONEY), Column("share", _("Share of the sum"), Kind.PERCENT)]
    rows = [Row(one.code, str(one.title), values(place, one.code)) for place, one in enumerate(PROBLEMS)]
    rows.append(Row("any", _("Any of these"), values(len(PROBLEMS), "any"), tone="strong"))
    clean_place = len(PROBLEMS) + 1
    count, amount = found[clean_place * 2], found[clean_place * 2 + 1] or Decimal(0)
    cell = "all|dirty-none" if count else ""
    if hides or not total:
        share = Decimal(count) / deals if deals else Decimal(0)
        headline = Headline(_("Clean deals"), Value(count, cell), Kind.COUNT)
    else:
        share = amount / total
        headline = Headline(
            _("Clean sum"), Value(amount, cell), Kind.MONEY, _("without any of the problems below")
        )
    sentence = _(
        "%(share)s of the pipeline can be trusted: the rest has passed dates, no next step or no contact."
    ) % {"share": formats.percent(share)}
    tone = "good" if share >= Decimal("0.8") else "bad" if share < Decimal("0.5") else ""
    return Clean(
        Table("clean", _("What the sum rests on"), _("Problem"), columns, rows),
        headline,
        sentence if share < 1 else _("The whole pipeline rests on good data."),
        tone,
    )
