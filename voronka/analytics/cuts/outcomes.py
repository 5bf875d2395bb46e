"""«Итоги продаж»: what was won and lost in a period, by any attribute (metrics.md, Outcomes)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from voronka.analytics.cuts.dimensions import NONE, Dimension, choices, dimension, own_choices
from voronka.analytics.cuts.rows import closed
from voronka.analytics.frame import Sql, Unanswerable, fetch, reading
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
from voronka.analytics.reporting.scope import Scope
from voronka.core import formats
from voronka.targets.facts import corrections

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

ZERO = Decimal(0)
MOST_ROWS = 200
MOST_BARS = 12
DAY = 86400

ASKING = Asking(
    default="this_quarter",
    choices=(
        Choice(
            "cut",
            gettext_lazy("Cut"),
            choices(
                "owner",
                "team",
                "group",
                "product",
                "segment",
                "source",
                "region",
                "industry",
                "kind",
                "in-funnel",
                "month",
            ),
            many=True,
            more=own_choices,
        ),
    ),
)

# One aggregate over the rows; the cells of a row are conditions on the same rows.
_FIGURES = (
    "count(*), count(*) FILTER (WHERE r.outcome = 'won'), sum(r.amount) FILTER (WHERE r.outcome = 'won'),"
    " count(r.amount) FILTER (WHERE r.outcome = 'won'), sum(r.amount), count(r.amount),"
    " percentile_cont(0.5) WITHIN GROUP (ORDER BY r.spent)"
)


def run(question: Question, member: Member | None) -> Answer:
    """Results of the period by the asked attribute, largest first."""
    scope = Scope.of(question, member)
    period = question.days()
    cut = dimension(question.choice("cut"), member)
    answer = Answer(
        str(OUTCOMES.title),
        (period.label(), str(cut.label)),
        currency=scope.currency,
        hides_sums=scope.hides_sums,
    )
    relation = closed(scope, period, cut)
    with reading():
        found = fetch(
            relation.select(
                "r.cut, grouping(r.cut), " + _FIGURES, tail="GROUP BY GROUPING SETS ((r.cut), ())"
            )
        )
    whole = next(row for row in found if row[1])[2:]
    if not whole[0]:
        answer.is_empty = True
        return answer
    groups = [(row[0], row[2:]) for row in found if not row[1]]
    by_sum = not scope.hides_sums
    if cut.is_ordered:
        groups.sort(key=lambda pair: pair[0])
    else:
        groups.sort(key=lambda pair: (-(pair[1][2] or ZERO) if by_sum else -pair[1][1], -pair[1][0], pair[0]))
    names = cut.names([code for code, _figures in groups])
    rows = [
        Row(code, _name(cut, names, code), _values(scope, code, figures, whole))
        for code, figures in groups[:MOST_ROWS]
    ]
    total = Row("all", _("Total"), _values(scope, "all", whole, whole))
    note = ""
    if len(groups) > MOST_ROWS:
        note = _("The first %(n)s rows; the total is of all.") % {"n": MOST_ROWS}
    answer.tables = [
        Table("outcomes", str(cut.label), str(cut.label), _columns(scope), rows, total, note=note)
    ]
    answer.figures = _headlines(scope, whole)
    answer.pictures = [_picture(scope, cut, names, groups)]
    answer.sentence = _sentence(scope, cut, names, groups, whole)
    if (
        by_sum
        and not question.filter.without("funnel", "owner", "team").to_params()
        and scope.credit.is_all
        and not scope.funnel_id
    ):
        later = sum((one.amount for one in corrections(period)), ZERO)
        if later:
            text = _("corrections of sums after the closing add %(sum)s to the fact of these days")
            answer.notes.append(Note(text % {"sum": formats.money(later, scope.currency)}))
    priced = whole[1] - whole[3]
    if priced and by_sum:
        answer.notes.append(
            Note(_("won without a sum: %(n)s") % {"n": formats.number(priced)}, "all|unpriced")
        )
    return answer


def _name(cut: Dimension, names: dict[str, str], code: str) -> str:
    return _("not given") if code == NONE else names.get(code, _("not found"))


def _columns(scope: Scope) -> list[Column]:
    columns = [Column("won", pgettext("deals", "Won"), Kind.COUNT, better=1)]
    if not scope.hides_sums:
        columns += [
            Column("sum", _("Won sum"), Kind.MONEY, better=1),
            Column("share", _("Share"), Kind.PERCENT, _("Of the won sum")),
        ]
    columns += [
        Column("lost", pgettext("deals", "Lost"), Kind.COUNT, better=-1),
        Column("rate", _("Win rate"), Kind.PERCENT, _("Won of those closed in the period"), better=1),
    ]
    if not scope.hides_sums:
        columns += [
            Column("rate_sum", _("Win rate by sum"), Kind.PERCENT, better=1),
            Column("average", _("Average deal"), Kind.MONEY, _("Won sum by won deals with a sum"), better=1),
        ]
    columns.append(
        Column("length", _("Length, d."), Kind.DAYS, _("Median from opening to closing"), better=-1)
    )
    return columns


def _values(scope: Scope, code: str, figures: tuple, whole: tuple) -> list[Value]:
    count, won, won_sum, won_priced, all_sum, _all_priced, median = figures
    won_sum, all_sum = won_sum or ZERO, all_sum or ZERO
    lost = count - won
    values = [Value(won, f"{code}|won" if won else "")]
    if not scope.hides_sums:
        values.append(Value(won_sum, f"{code}|won" if won else ""))
        values.append(Value(won_sum / whole[2]) if whole[2] else NOTHING)
    values.append(Value(lost, f"{code}|lost" if lost else ""))
    values.append(Value(Decimal(won) / count, f"{code}|closed", n=count) if count else NOTHING)
    if not scope.hides_sums:
        values.append(Value(won_sum / all_sum, f"{code}|closed") if all_sum else NOTHING)
        values.append(Value(_money(won_sum / won_priced), n=won_priced) if won_priced else NOTHING)
    values.append(Value(round(median / DAY, 1), f"{code}|length", n=count) if median is not None else NOTHING)
    return values


def _money(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"))


def _headlines(scope: Scope, whole: tuple) -> list[Headline]:
    count, won, won_sum, won_priced, _all_sum, _n, median = whole
    figures = [Headline(_("Won deals"), Value(won, "all|won" if won else ""), Kind.COUNT, better=1)]
    if not scope.hides_sums:
        figures.insert(
            0, Headline(_("Won sum"), Value(won_sum or ZERO, "all|won" if won else ""), Kind.MONEY, better=1)
        )
    figures.append(
        Headline(_("Win rate"), Value(Decimal(won) / count, "all|closed", n=count), Kind.PERCENT, better=1)
    )
    if won_priced and not scope.hides_sums:
        figures.append(Headline(_("Average deal"), Value(_money(won_sum / won_priced)), Kind.MONEY, better=1))
    if median is not None:
        figures.append(Headline(_("Length, d."), Value(round(median / DAY, 1)), Kind.DAYS, better=-1))
    return figures


def _picture(scope: Scope, cut: Dimension, names: dict[str, str], groups: list) -> Picture:
    place, kind = (1, Kind.COUNT) if scope.hides_sums else (2, Kind.MONEY)
    title = pgettext("deals", "Won") if scope.hides_sums else _("Won sum")
    shown = groups if cut.is_ordered else groups[:MOST_BARS]
    bars = [
        Bar(_name(cut, names, code), figures[place] or 0, f"{code}|won" if figures[1] else "", "base")
        for code, figures in shown
    ]
    return Picture("bars", title, kind, bars)


def _sentence(scope: Scope, cut: Dimension, names: dict[str, str], groups: list, whole: tuple) -> str:
    if scope.hides_sums or not whole[2] or cut.is_ordered or len(groups) < 2:
        return ""
    code, figures = groups[0]
    return _("Most of all was won by “%(name)s”: %(sum)s, %(share)s of everything won.") % {
        "name": _name(cut, names, code),
        "sum": formats.short_money(figures[2] or ZERO, scope.currency),
        "share": formats.percent((figures[2] or ZERO) / whole[2]),
    }


def spec(question: Question, member: Member | None, cell: str) -> Spec:
    """The closed deals behind a number: `value|what`."""
    scope = Scope.of(question, member)
    cut = dimension(question.choice("cut"), member)
    code, _sep, what = cell.rpartition("|")
    relation = closed(scope, question.days(), cut)
    where, title = of_cut(cut, code)
    titles = {
        "won": _("Won"),
        "lost": _("Lost"),
        "closed": _("Closed, the won are marked"),
        "length": _("Closed: from opening to closing"),
        "unpriced": _("Won without a sum"),
    }
    if what not in titles:
        raise Unanswerable(_("This number has no list behind it."))
    condition = {
        "won": " AND r.outcome = 'won'",
        "lost": " AND r.outcome = 'lost'",
        "unpriced": " AND r.outcome = 'won' AND r.amount IS NULL",
    }.get(what, "")
    return Spec(
        relation,
        f"{titles[what]}: {title}" if title else titles[what],
        where + condition,
        mark=Sql("r.outcome = 'won'") if what == "closed" else None,
        mark_title=_("Won"),
        spent="r.spent" if what == "length" else "",
        at_title=_("Closed"),
    )


def of_cut(cut: Dimension, code: str, column: str = "r.cut") -> tuple[Sql, str]:
    """The condition of one value of a dimension and its name; «all» asks nothing."""
    if code == "all":
        return Sql("TRUE"), ""
    return Sql(f"{column} = %s", (code,)), _name(cut, cut.names([code]), code)


OUTCOMES = register(
    Instrument(
        "outcomes",
        gettext_lazy("Results of sales"),
        gettext_lazy(
            "Won and lost, win rate, average deal and length by sellers, products, segments, regions, months, own fields."
        ),
        "trophy",
        gettext_lazy("Results"),
        ASKING,
        run,
        spec,
    )
)
