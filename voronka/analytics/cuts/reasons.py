"""«Причины»: why deals are won and lost, against any attribute (metrics.md, Funnel: lost on a stage; Source, campaign)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from voronka.analytics.cuts.dimensions import DIMENSIONS, NONE, Dimension, choices, dimension, own_choices
from voronka.analytics.cuts.outcomes import of_cut
from voronka.analytics.cuts.rows import closed
from voronka.analytics.frame import Rows, Unanswerable, fetch, reading
from voronka.analytics.funnel.cohort import final_reason
from voronka.analytics.listing import Spec
from voronka.analytics.reporting.answer import NOTHING, Answer, Bar, Column, Kind, Picture, Row, Table, Value
from voronka.analytics.reporting.question import Asking, Choice, Question
from voronka.analytics.reporting.registry import Instrument, register
from voronka.analytics.reporting.scope import Scope
from voronka.core import formats
from voronka.playbook.models import Reason

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

ZERO = Decimal(0)
MOST_COLUMNS = 12
WHY = DIMENSIONS["why"]

ASKING = Asking(
    default="last_12_months",
    choices=(
        Choice(
            "end",
            gettext_lazy("Outcome"),
            (("lost", pgettext_lazy("reasons of", "refusals")), ("won", pgettext_lazy("reasons of", "wins"))),
        ),
        Choice(
            "by",
            gettext_lazy("Counted by"),
            (("deals", pgettext_lazy("count by", "deals")), ("sum", pgettext_lazy("count by", "sum"))),
            needs_sums=frozenset({"sum"}),
        ),
        Choice(
            "against",
            gettext_lazy("Against"),
            choices(
                "at-stage",
                "owner",
                "team",
                "group",
                "segment",
                "source",
                "region",
                "industry",
                "in-funnel",
                "month",
            ),
            many=True,
            more=own_choices,
        ),
    ),
)


def run(question: Question, member: Member | None) -> Answer:
    """Reasons by size, each told apart by the asked attribute."""
    scope = Scope.of(question, member)
    period, end, other = (
        question.days(),
        question.choice("end"),
        dimension(question.choice("against"), member),
    )
    by_sum = question.choice("by") == "sum"
    merged = dict(Reason.objects.values_list("pk", "merged_into_id"))
    answer = Answer(
        str(REASONS.title),
        (period.label(), ASKING.choice("end").label_of(end), str(other.label)),
        currency=scope.currency,
        hides_sums=scope.hides_sums,
    )
    counted: dict[tuple[str, str], tuple[int, Decimal]] = {}
    with reading():
        relation = _rows(question, member)
        for why, value, deals, amount in fetch(
            relation.select("r.cut, r.other_cut, count(*), sum(r.amount)", tail="GROUP BY 1, 2")
        ):
            key = _final(merged, why), value
            before = counted.get(key, (0, ZERO))
            counted[key] = (before[0] + deals, before[1] + (amount or ZERO))
    if not counted:
        answer.is_empty = True
        return answer
    place = 1 if by_sum else 0
    sizes: dict[str, Decimal] = {}
    widths: dict[str, Decimal] = {}
    for (why, value), figures in counted.items():
        sizes[why] = sizes.get(why, ZERO) + figures[place]
        widths[value] = widths.get(value, ZERO) + figures[place]
    lanes = sorted(widths) if other.is_ordered else sorted(widths, key=lambda code: (-widths[code], code))
    shown = lanes[:MOST_COLUMNS] if not other.is_ordered else lanes[-MOST_COLUMNS:]
    why_names = WHY.names([code for code in sizes if code != NONE])
    lane_names = other.names(shown)
    kind = Kind.MONEY if by_sum else Kind.COUNT
    strongest = (
        max((figures[place] for (_w, value), figures in counted.items() if value in shown), default=0) or 1
    )
    whole = sum(sizes.values(), ZERO)

    def number(why: str, value: str, figures: tuple[int, Decimal]) -> Value:
        if not figures[0]:
            return NOTHING
        weight = float(figures[place]) / float(strongest) if value != "all" and why != "all" else None
        return Value(figures[place], f"{why}|{value}", weight=weight)

    def line(why: str, name: str) -> Row:
        mine = [(value, figures) for (of, value), figures in counted.items() if why in ("all", of)]
        total = (sum(f[0] for _v, f in mine), sum((f[1] for _v, f in mine), ZERO))
        values = [number(why, "all", total), Value(Decimal(total[place]) / whole if whole else None)]
        for lane in shown:
            found = [figures for value, figures in mine if value == lane]
            values.append(number(why, lane, (sum(f[0] for f in found), sum((f[1] for f in found), ZERO))))
        return Row(why, name, values)

    order = sorted(sizes, key=lambda code: (-sizes[code], code))
    rows = [line(why, why_names.get(why, _("not given"))) for why in order]
    columns = [Column("all", _("Total"), kind), Column("share", _("Share"), Kind.PERCENT)]
    columns += [Column(lane, lane_names.get(lane, _("not given")), kind) for lane in shown]
    note = ""
    if len(lanes) > len(shown):
        note = _("The %(n)s largest columns; the total is of all.") % {"n": len(shown)}
    answer.tables = [
        Table(
            "reasons",
            str(REASONS.title),
            _("Reason"),
            columns,
            rows,
            line("all", _("Total")),
            note=note,
            heat=True,
        )
    ]
    answer.pictures = [
        Picture(
            "bars",
            str(ASKING.choice("end").label_of(end)).capitalize(),
            kind,
            [
                Bar(
                    why_names.get(why, _("not given")),
                    sizes[why],
                    f"{why}|all",
                    "good" if end == "won" else "bad",
                )
                for why in order
            ],
        )
    ]
    largest = order[0]
    if largest != NONE and whole:
        sentence = (
            _("The main reason of refusals is “%(reason)s”: %(share)s.")
            if end == "lost"
            else _("We win most of all because of “%(reason)s”: %(share)s.")
        )
        answer.sentence = sentence % {
            "reason": why_names.get(largest, ""),
            "share": formats.percent(sizes[largest] / whole),
        }
    return answer


def _rows(question: Question, member: Member | None) -> Rows:
    other: Dimension = dimension(question.choice("against"), member)
    scope = Scope.of(question, member)
    end = question.choice("end")
    relation = closed(scope, question.days(), WHY, other)
    return Rows(relation.select("*", None, f"WHERE r.outcome = '{'won' if end == 'won' else 'lost'}'"))


def _final(merged: dict[int, int | None], why: str) -> str:
    return str(final_reason(merged, int(why))) if why.isdecimal() else why


def spec(question: Question, member: Member | None, cell: str) -> Spec:
    """The deals behind a number: `reason|value`; merged reasons count as what they were merged into."""
    why, _sep, value = cell.partition("|")
    other = dimension(question.choice("against"), member)
    merged = dict(Reason.objects.values_list("pk", "merged_into_id"))
    known = {"all", NONE, *(str(pk) for pk in merged)}
    if why not in known or not value:
        raise Unanswerable(_("This number has no list behind it."))
    same = [str(pk) for pk in merged if _final(merged, str(pk)) == why] or [why]
    where, name = of_cut(WHY, why)
    if why != "all":
        listed = ", ".join(f"'{code}'" for code in same if code == NONE or code.isdecimal())
        where = type(where)(f"r.cut IN ({listed})")
    lane, lane_name = of_cut(other, value, "r.other_cut")
    title = ", ".join(part for part in (name, lane_name) if part)
    end = str(ASKING.choice("end").label_of(question.choice("end"))).capitalize()
    return Spec(
        _rows(question, member),
        f"{end}: {title}" if title else end,
        where + " AND " + lane,
        at_title=_("Closed"),
    )


REASONS = register(
    Instrument(
        "reasons",
        gettext_lazy("Reasons"),
        gettext_lazy(
            "Why deals are won and lost: by stages, sellers, products, segments, sources, regions and over time."
        ),
        "help-circle",
        gettext_lazy("Results"),
        ASKING,
        run,
        spec,
    )
)
