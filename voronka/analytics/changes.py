"""«Что изменилось»: the bridge from the pipeline at one moment to the pipeline at another (metrics.md, pipeline change).

Each deal contributes exactly the difference of its values at the two moments, by the first cause that fits, so the
steps close to the kopeck. A won deal's change of sum is told apart from its winning: «won» is the won sum.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from voronka.analytics.frame import Rows, Sql, Unanswerable, fetch, reading
from voronka.analytics.listing import Spec
from voronka.analytics.reporting.answer import (
    NOTHING,
    Answer,
    Bar,
    Column,
    Headline,
    Kind,
    Note,
    Picture,
    Row,
    Table,
    Value,
)
from voronka.analytics.reporting.question import Asking, Choice, Question
from voronka.analytics.reporting.registry import Instrument, register
from voronka.analytics.reporting.scope import Scope, local_day, standing
from voronka.core import formats
from voronka.core.periods import Period, add_months, end_of, preset, start_of

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

ANY = "any"

ASKING = Asking(
    default="this_month",
    compares=False,
    choices=(
        Choice(
            "due",
            gettext_lazy("Expected to close"),
            (
                (ANY, pgettext_lazy("expected close", "at any time")),
                ("this_month", gettext_lazy("this month")),
                ("next_month", gettext_lazy("next month")),
                ("this_quarter", gettext_lazy("this quarter")),
                ("next_quarter", gettext_lazy("next quarter")),
                ("this_year", gettext_lazy("this year")),
            ),
            many=True,
        ),
    ),
)

# Steps in the order of the bridge: code -> (title, whether it adds).
STEPS = {
    "new": (pgettext_lazy("pipeline change", "New"), 1),
    "reopened": (pgettext_lazy("pipeline change", "Reopened"), 1),
    "came": (pgettext_lazy("pipeline change", "Came from another seller, team or funnel"), 1),
    "pulled": (pgettext_lazy("pipeline change", "Pulled in"), 1),
    "grew": (pgettext_lazy("pipeline change", "Grew"), 1),
    "shrank": (pgettext_lazy("pipeline change", "Shrank"), -1),
    "rate": (pgettext_lazy("pipeline change", "Exchange rates"), 0),
    "pushed": (pgettext_lazy("pipeline change", "Pushed out"), -1),
    "went": (pgettext_lazy("pipeline change", "Went to another seller, team or funnel"), -1),
    "lost": (pgettext_lazy("pipeline change", "Lost"), -1),
    "deleted": (pgettext_lazy("pipeline change", "Deleted"), -1),
    "won": (pgettext_lazy("pipeline change", "Won"), -1),
}
# What an expected close at any time can never do.
_DATED = frozenset({"pulled", "pushed"})


@dataclass(frozen=True)
class Bridge:
    """The two moments and what is in the pipeline at each; `due` None: whatever the expected close."""

    scope: Scope
    period: Period
    due: Period | None

    @classmethod
    def of(cls, question: Question, member: Member | None) -> Bridge:
        scope = Scope.of(question, member)
        return cls(scope, question.days(), due_period(question.choice("due"), scope.today))

    @cached_property
    def opening(self) -> dt.datetime:
        return self.scope.moment(start_of(self.period.first))

    @cached_property
    def closing(self) -> dt.datetime:
        return self.scope.moment(end_of(self.period.last))

    def standing(self, at: dt.datetime) -> Rows:
        """What is in the pipeline just before *at*."""
        return standing(self.scope, at, *self._due("s.expected_close", at))

    def _due(self, column: str, at: dt.datetime) -> list[Sql]:
        if self.due is None:
            return []
        day = local_day(at)
        within = Sql(f"{column} BETWEEN %s AND %s", (self.due.first, self.due.last))
        if self.due.first <= day <= self.due.last:
            # What should have closed before the period counts in the period in which it still waits.
            within = Sql(f"{column} <= %s", (self.due.last,))
        return [within]

    def rows(self) -> Rows:
        """A row for each step of each deal: `id`, `deal_id`, `client`, `step`, `amount` (signed), `at`, `stage_id`.

        Both ends of the bridge are rows too, as «opening» and «closing».
        """
        scope = self.scope
        began, ended = self.opening, self.closing
        won = (
            Sql("SELECT DISTINCT v.deal_id FROM deals_stagevisit v")
            + scope.visible("v.deal_id")
            + Sql(" WHERE v.workspace_id = %s AND ", (scope.workspace_id,))
            # The funnel in which it was won may be another one by now: the state decides, not the visit.
            + scope.in_funnel("v")
            + Sql(" AND v.left >= %s AND v.left < %s AND v.end = 'won'", (began, ended))
        )
        mine = scope.credit.sql("x.owner_id", "x.team_id") + " AND " + scope.in_funnel("x")
        state = (
            "SELECT x.outcome, x.amount_base, x.amount, x.currency, x.stage_id, x.valid_from, ("
            + mine
            + ") AS is_mine FROM deals_dealstate x"
        )

        def last_before(at: dt.datetime, unless: str) -> Sql:
            # The condition stands inside, or the state would be looked up for those that need none as well.
            where = (
                f" WHERE NOT p.{unless} AND x.workspace_id = %s AND x.deal_id = p.deal_id AND NOT x.void"
                " AND x.valid_from < %s ORDER BY x.valid_from DESC LIMIT 1)"
            )
            return "(" + state + Sql(where, (scope.workspace_id, at))

        amount = scope.amount("f.amount_base")
        pairs = (
            "SELECT coalesce(a.deal_id, b.deal_id) AS deal_id, a.deal_id IS NOT NULL AS in_a, b.deal_id IS NOT NULL AS in_b,"
            " a.amount AS va, b.amount AS vb, a.currency AS ca, a.own_amount AS oa, b.currency AS cb, b.own_amount AS ob,"
            " coalesce(b.stage_id, a.stage_id) AS stage_id, a.valid_from AS at_a, b.valid_from AS at_b FROM ("
            + self.standing(began).sql
            + ") a FULL JOIN ("
            + self.standing(ended).sql
            + ") b ON b.deal_id = a.deal_id"
        )
        # The won that stood in neither come and go within the period.
        pairs = (
            "WITH pairs AS MATERIALIZED ("
            + pairs
            + ") SELECT * FROM pairs UNION ALL SELECT w.deal_id, FALSE, FALSE, NULL, NULL, NULL, NULL, NULL, NULL, NULL,"
            " NULL, NULL FROM ("
            + won
            + ") w WHERE NOT EXISTS (SELECT FROM pairs p WHERE p.deal_id = w.deal_id)"
        )
        # Both in: what changed is the sum or the rate; the rate's part is what the old sum would have become.
        rate = (
            "CASE WHEN p.ca = p.cb AND p.oa IS NOT NULL AND p.ob > 0 AND p.va IS NOT NULL AND p.vb IS NOT NULL"
            " THEN CASE WHEN p.oa = p.ob THEN p.vb - p.va ELSE round(p.oa * p.vb / p.ob, 2) - p.va END ELSE 0 END"
        )
        rates = Sql("(CASE WHEN p.ca = %s THEN 0 ELSE " + rate + " END)", (scope.currency,))
        entered = (
            "CASE WHEN was.outcome IS NULL THEN 'new' WHEN was.outcome <> 'open' THEN 'reopened'"
            " WHEN NOT was.is_mine THEN 'came' ELSE 'pulled' END"
        )
        changed = "CASE WHEN {0} > 0 THEN 'grew' WHEN {0} < 0 THEN 'shrank' END"
        inside = "(coalesce(p.vb, 0) - coalesce(p.va, 0) - r.rate)"
        at_end = f"coalesce({amount}, 0)"
        until = f"({at_end} - coalesce(p.va, 0))"
        is_won = "f.outcome = 'won' AND f.is_mine AND coalesce(was.outcome, '') <> 'won'"
        steps = (
            "VALUES"
            " (CASE WHEN p.in_a THEN 'opening' END, coalesce(p.va, 0), p.at_a),"
            " (CASE WHEN p.in_b THEN 'closing' END, coalesce(p.vb, 0), p.at_b),"
            f" (CASE WHEN p.in_a AND p.in_b AND r.rate <> 0 THEN 'rate' END, r.rate, p.at_b),"
            f" (CASE WHEN p.in_a AND p.in_b THEN {changed.format(inside)} END, {inside}, p.at_b),"
            f" (CASE WHEN p.in_b AND NOT p.in_a THEN {entered} END, coalesce(p.vb, 0), p.at_b),"
            f" (CASE WHEN NOT p.in_a AND NOT p.in_b AND {is_won} THEN {entered} END, {at_end}, f.valid_from),"
            f" (CASE WHEN p.in_a AND NOT p.in_b AND {is_won} THEN {changed.format(until)} END, {until}, f.valid_from),"
            " (CASE WHEN p.in_b THEN NULL"
            f" WHEN {is_won} THEN 'won'"
            " WHEN NOT p.in_a THEN NULL"
            " WHEN f.outcome = 'lost' THEN 'lost' WHEN f.outcome = 'deleted' THEN 'deleted'"
            " WHEN NOT f.is_mine THEN 'went' ELSE 'pushed' END,"
            f" CASE WHEN {is_won} THEN -{at_end} ELSE -coalesce(p.va, 0) END, f.valid_from)"
        )
        return Rows(
            "SELECT p.deal_id AS id, p.deal_id, NULL::bigint AS client, t.step,"
            f" {'NULL::numeric' if scope.hides_sums else 't.amount'} AS amount, t.at,"
            " coalesce(f.stage_id, p.stage_id) AS stage_id FROM ("
            + pairs
            + ") p LEFT JOIN LATERAL "
            + last_before(began, "in_a")
            + " was ON TRUE LEFT JOIN LATERAL "
            + last_before(ended, "in_b")
            + " f ON TRUE CROSS JOIN LATERAL (SELECT "
            + rates
            + "::numeric AS rate) r CROSS JOIN LATERAL ("
            + steps
            + ") AS t(step, amount, at) WHERE t.step IS NOT NULL"
        )


def due_period(code: str, today: dt.date) -> Period | None:
    """The days of an expected close by their word; None for «at any time»."""
    if code == ANY:
        return None
    if code == "next_month":
        return preset("this_month", add_months(today.replace(day=1), 1))
    if code == "next_quarter":
        return preset("this_quarter", add_months(today.replace(day=1), 3))
    return preset(code, today)


def run(question: Question, member: Member | None) -> Answer:
    """The bridge. Its steps add up to the difference of its ends, to the kopeck."""
    bridge = Bridge.of(question, member)
    with reading():
        found = {
            step: (count, total or Decimal(0))
            for step, count, total in fetch(
                bridge.rows().select("r.step, count(*), sum(r.amount)", tail="GROUP BY r.step")
            )
        }
    answer = Answer(
        str(CHANGES.title), asked(bridge), currency=bridge.scope.currency, hides_sums=bridge.scope.hides_sums
    )
    if not found:
        answer.is_empty = True
        return answer
    nothing = (0, Decimal(0))
    opening, closing = found.get("opening", nothing), found.get("closing", nothing)
    shown = [
        code for code in STEPS if code in found or (code not in _DATED and code in ("new", "lost", "won"))
    ]
    answer.figures = [
        _headline(bridge, _("At the beginning"), opening, "opening"),
        _headline(bridge, _("At the end"), closing, "closing"),
    ]
    change = closing[1] - opening[1]
    answer.figures.insert(
        1,
        Headline(
            pgettext("pipeline change", "Change"),
            Value(change, tone="good" if change > 0 else "bad" if change < 0 else ""),
            Kind.MONEY,
        ),
    )
    bars, level = [Bar(_("Beginning"), opening[1], "opening", "base")], opening[1]
    for code in shown:
        _n, amount = found.get(code, nothing)
        bars.append(
            Bar(
                str(STEPS[code][0]),
                amount,
                code,
                "good" if amount > 0 or code == "won" else "bad",
                base=min(level, level + amount),
            )
        )
        level += amount
    bars.append(Bar(_("End"), closing[1], "closing", "base"))
    rows = [
        Row("opening", _("In the pipeline at the beginning"), _values(opening, "opening"), tone="strong"),
        *(Row(code, str(STEPS[code][0]), _values(found.get(code, nothing), code)) for code in shown),
    ]
    total = Row("closing", _("In the pipeline at the end"), _values(closing, "closing"))
    answer.tables = [
        Table(
            "steps",
            _("Steps"),
            _("What happened"),
            [Column("deals", _("Deals"), Kind.COUNT), Column("sum", _("Sum"), Kind.MONEY)],
            rows,
            total,
        )
    ]
    if not bridge.scope.hides_sums:
        answer.pictures = [Picture("waterfall", _("From the beginning to the end"), Kind.MONEY, bars)]
    answer.sentence = _sentence(found, change, bridge.scope.currency)
    answer.tone = "good" if change >= 0 else ""
    answer.notes = [
        Note(
            _(
                "a deal contributes the difference of its sums at the two moments, by the first cause that fits"
            )
        ),
        Note(_("a change of the sum of a won deal is told apart, so that “Won” is the won sum")),
    ]
    if bridge.scope.hides_sums:
        answer.figures = []
        answer.sentence = ""
    return answer


def _headline(bridge: Bridge, title: str, figure: tuple[int, Decimal], cell: str) -> Headline:
    count, total = figure
    hint = ngettext("%(n)s deal", "%(n)s deals", count) % {"n": formats.number(count)}
    return Headline(title, Value(total, cell if count else ""), Kind.MONEY, hint)


def _values(figure: tuple[int, Decimal], cell: str) -> list[Value]:
    count, total = figure
    opens = cell if count else ""
    return [Value(count, opens), Value(total, opens)] if count else [Value(0), NOTHING]


def _sentence(found: dict[str, tuple[int, Decimal]], change: Decimal, currency: str) -> str:
    moved = [(abs(amount), code) for code, (_n, amount) in found.items() if code in STEPS and amount]
    if not moved:
        return _("Nothing has changed in the pipeline in these days.")
    _size, code = max(moved)
    count, amount = found[code]
    words = {
        "change": formats.short_money(abs(change), currency),
        "step": str(STEPS[code][0]).lower(),
        "sum": formats.short_money(abs(amount), currency),
        "deals": ngettext("%(n)s deal", "%(n)s deals", count) % {"n": formats.number(count)},
    }
    if change > 0:
        return _("The pipeline grew by %(change)s. Most of all by “%(step)s”: %(deals)s, %(sum)s.") % words
    if change < 0:
        return _("The pipeline shrank by %(change)s. Most of all by “%(step)s”: %(deals)s, %(sum)s.") % words
    return (
        _("The pipeline is as large as it was. Most of all changed “%(step)s”: %(deals)s, %(sum)s.") % words
    )


def asked(bridge: Bridge) -> tuple[str, ...]:
    """What was asked, in words."""
    due = ASKING.choice("due").label_of(bridge.scope.question.choice("due"))
    return bridge.period.label(), _("expected to close: %(when)s") % {"when": due}


def spec(question: Question, member: Member | None, cell: str) -> Spec:
    """The deals of a step, or of one end of the bridge."""
    bridge = Bridge.of(question, member)
    titles = {
        "opening": _("In the pipeline at the beginning"),
        "closing": _("In the pipeline at the end"),
        **{code: str(title) for code, (title, _sign) in STEPS.items()},
    }
    if cell not in titles:
        raise Unanswerable(_("This number has no list behind it."))
    return Spec(bridge.rows(), titles[cell], Sql("r.step = %s", (cell,)), at_title=_("Since"))


CHANGES = register(
    Instrument(
        "changes",
        gettext_lazy("What changed"),
        gettext_lazy(
            "The pipeline between two days: what came, grew, slipped, was won and lost, to the kopeck."
        ),
        "arrows-diff",
        gettext_lazy("Pipeline and forecast"),
        ASKING,
        run,
        spec,
    )
)
