"""«Приток»: what the deals opened in a period became, by source or any attribute (metrics.md, Source, campaign)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from voronka.analytics.cuts.dimensions import NONE, choices, dimension, own_choices
from voronka.analytics.cuts.outcomes import MOST_BARS, MOST_ROWS, of_cut
from voronka.analytics.cuts.rows import opened
from voronka.analytics.frame import Sql, Unanswerable, fetch, reading
from voronka.analytics.listing import Spec
from voronka.analytics.reporting.answer import (
    NOTHING,
    Answer,
    Bar,
    Column,
    Headline,
    Kind,
    Picture,
    Row,
    Table,
    Value,
)
from voronka.analytics.reporting.question import Asking, Choice, Question
from voronka.analytics.reporting.registry import Instrument, register
from voronka.analytics.reporting.scope import Scope
from voronka.core import formats

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

ZERO = Decimal(0)
# Below this many deals a share says little, and the sentence names no source.
FEW = 10

ASKING = Asking(
    default="last_12_months",
    choices=(
        Choice(
            "cut",
            gettext_lazy("Cut"),
            choices(
                "source",
                "segment",
                "region",
                "industry",
                "group",
                "product",
                "kind",
                "owner",
                "team",
                "in-funnel",
                "month",
            ),
            many=True,
            more=own_choices,
        ),
    ),
)

_FIGURES = (
    "count(*), count(DISTINCT r.client), count(*) FILTER (WHERE r.outcome = 'open'),"
    " sum(r.amount) FILTER (WHERE r.outcome = 'open'), count(*) FILTER (WHERE r.outcome = 'won'),"
    " sum(r.amount) FILTER (WHERE r.outcome = 'won'), count(*) FILTER (WHERE r.outcome = 'lost')"
)


def run(question: Question, member: Member | None) -> Answer:
    """The deals opened in the period: how many clients, what is in work, won and lost of them by now."""
    scope = Scope.of(question, member)
    period = question.days()
    cut = dimension(question.choice("cut"), member)
    answer = Answer(
        str(INTAKE.title),
        (period.label(), str(cut.label)),
        currency=scope.currency,
        hides_sums=scope.hides_sums,
    )
    with reading():
        found = fetch(
            opened(scope, period, cut).select(
                "r.cut, grouping(r.cut), " + _FIGURES, tail="GROUP BY GROUPING SETS ((r.cut), ())"
            )
        )
    whole = next(row for row in found if row[1])[2:]
    if not whole[0]:
        answer.is_empty = True
        return answer
    groups = [(row[0], row[2:]) for row in found if not row[1]]
    groups.sort(key=lambda pair: (pair[0],) if cut.is_ordered else (-pair[1][0], pair[0]))
    names = cut.names([code for code, _figures in groups])

    def name(code: str) -> str:
        return _("not given") if code == NONE else names.get(code, _("not found"))

    hides = scope.hides_sums
    columns = [
        Column("deals", _("Deals"), Kind.COUNT, _("Opened in the period"), better=1),
        Column("share", _("Share"), Kind.PERCENT, _("Of the deals opened")),
        Column("clients", _("Clients"), Kind.COUNT, better=1),
        Column("open", _("In work"), Kind.COUNT),
        Column("won", pgettext("deals", "Won"), Kind.COUNT, better=1),
        *([] if hides else [Column("sum", _("Won sum"), Kind.MONEY, better=1)]),
        Column("lost", pgettext("deals", "Lost"), Kind.COUNT, better=-1),
        Column("rate", _("Conversion"), Kind.PERCENT, _("Won of those opened, by now"), better=1),
        *(
            []
            if hides
            else [Column("per_deal", _("Per deal"), Kind.MONEY, _("Won sum by opened deal"), better=1)]
        ),
    ]

    def values(code: str, figures: tuple) -> list[Value]:
        count, clients, kept, _kept_sum, won, won_sum, lost = figures
        return [
            Value(count, f"{code}|all"),
            Value(Decimal(count) / whole[0]),
            Value(clients),
            Value(kept, f"{code}|open" if kept else ""),
            Value(won, f"{code}|won" if won else ""),
            *([] if hides else [Value(won_sum or ZERO, f"{code}|won" if won else "")]),
            Value(lost, f"{code}|lost" if lost else ""),
            Value(Decimal(won) / count, f"{code}|marked", n=count) if count else NOTHING,
            *([] if hides else [Value(((won_sum or ZERO) / count).quantize(Decimal("0.01")))]),
        ]

    rows = [Row(code, name(code), values(code, figures)) for code, figures in groups[:MOST_ROWS]]
    answer.tables = [
        Table(
            "intake",
            str(cut.label),
            str(cut.label),
            columns,
            rows,
            Row("all", _("Total"), values("all", whole)),
        )
    ]
    answer.figures = [
        Headline(_("Deals opened"), Value(whole[0], "all|all"), Kind.COUNT, better=1),
        Headline(_("Clients"), Value(whole[1]), Kind.COUNT, better=1),
        Headline(
            _("Conversion"),
            Value(Decimal(whole[4]) / whole[0], "all|marked", n=whole[0]),
            Kind.PERCENT,
            better=1,
        ),
    ]
    if not hides:
        answer.figures.append(
            Headline(
                _("Won sum"), Value(whole[5] or ZERO, "all|won" if whole[4] else ""), Kind.MONEY, better=1
            )
        )
    shown = groups if cut.is_ordered else groups[:MOST_BARS]
    answer.pictures = [
        Picture(
            "stacked",
            _("What became of the deals"),
            Kind.COUNT,
            [
                Bar(
                    name(code),
                    0,
                    parts=(
                        (pgettext("deals", "Won"), figures[4], f"{code}|won"),
                        (_("In work"), figures[2], f"{code}|open"),
                        (pgettext("deals", "Lost"), figures[6], f"{code}|lost"),
                    ),
                )
                for code, figures in shown
            ],
        )
    ]
    known = [
        (figures[4] / figures[0], code, figures)
        for code, figures in groups
        if figures[0] >= FEW and code != NONE
    ]
    if len(known) > 1 and not cut.is_ordered:
        best = max(known, key=lambda one: (one[0], one[1]))
        if best[0]:
            answer.sentence = _(
                "The best conversion is at “%(name)s”: %(rate)s of %(deals)s deals opened; on average %(whole)s."
            ) % {
                "name": name(best[1]),
                "rate": formats.percent(Decimal(str(best[0]))),
                "deals": formats.number(best[2][0]),
                "whole": formats.percent(Decimal(whole[4]) / whole[0]),
            }
    return answer


def spec(question: Question, member: Member | None, cell: str) -> Spec:
    """The opened deals behind a number: `value|what`."""
    cut = dimension(question.choice("cut"), member)
    code, _sep, what = cell.rpartition("|")
    titles = {
        "all": _("Opened in the period"),
        "open": _("Opened and still in work"),
        "won": _("Opened and won"),
        "lost": _("Opened and lost"),
        "marked": _("Opened in the period, the won are marked"),
    }
    if what not in titles:
        raise Unanswerable(_("This number has no list behind it."))
    where, title = of_cut(cut, code)
    if what in ("open", "won", "lost"):
        where = where + Sql(" AND r.outcome = %s", (what,))
    return Spec(
        opened(Scope.of(question, member), question.days(), cut),
        f"{titles[what]}: {title}" if title else titles[what],
        where,
        mark=Sql("r.outcome = 'won'") if what == "marked" else None,
        mark_title=_("Won"),
        at_title=_("Opened"),
    )


INTAKE = register(
    Instrument(
        "intake",
        gettext_lazy("Sources and intake"),
        gettext_lazy(
            "Where deals come from and what becomes of them: clients, deals, wins and sums by source or any attribute."
        ),
        "arrow-big-down-lines",
        gettext_lazy("Results"),
        ASKING,
        run,
        spec,
    )
)
