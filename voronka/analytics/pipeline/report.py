"""The pipeline: who has how much where (metrics.md, Credit and Dates), unfolding from team to seller, to the deals by any number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from voronka.analytics.frame import Rows, Sql, Unanswerable, fetch, reading
from voronka.analytics.listing import Spec
from voronka.analytics.pipeline import cleanness
from voronka.analytics.pipeline.rows import ASKING, CATEGORIES, Pipeline
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
from voronka.analytics.reporting.question import Question
from voronka.analytics.reporting.registry import Instrument, register
from voronka.analytics.reporting.teams import Node, Teams, folded_from
from voronka.core import formats
from voronka.playbook.models import ForecastCategory

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

ZERO = Decimal(0)
# Clients that the cut by clients names; the others are one row.
MOST_CLIENTS = 100


@dataclass
class Held:
    """What stands somewhere, by lane: how many and how much in the asked unit; `unpriced` of them have no sum."""

    deals: int = 0
    sum: Decimal = ZERO
    unpriced: int = 0
    lanes: dict[str, tuple[int, Decimal]] = field(default_factory=dict)

    def put(self, lane: str, deals: int, amount: Decimal, unpriced: int) -> None:
        self.deals += deals
        self.sum += amount
        self.unpriced += unpriced
        before = self.lanes.get(lane, (0, ZERO))
        self.lanes[lane] = (before[0] + deals, before[1] + amount)


def _together(all_held: Iterable[Held]) -> Held:
    whole = Held()
    for held in all_held:
        for lane, (deals, amount) in held.lanes.items():
            whole.put(lane, deals, amount, 0)
        whole.unpriced += held.unpriced
    return whole


def run(question: Question, member: Member | None) -> Answer:
    """The pipeline in the asked cut."""
    pipeline = Pipeline.of(question, member)
    answer = Answer(
        str(PIPELINE.title),
        (_when(pipeline),),
        currency=pipeline.scope.currency,
        hides_sums=pipeline.scope.hides_sums,
    )
    teams = Teams()
    held: dict[tuple[int | None, int | None], Held] = {}
    with reading():
        relation = pipeline.standing()
        for team, owner, lane, deals, amount, priced in fetch(
            relation.select(
                "r.team_id, r.owner_id, r.lane, count(*), sum(r.amount), count(r.amount)",
                tail="GROUP BY r.team_id, r.owner_id, r.lane",
            )
        ):
            held.setdefault((team, owner), Held()).put(lane, deals, amount or ZERO, deals - priced)
        if not held:
            answer.is_empty = True
            return answer
        whole = _together(held.values())
        answer.figures = _figures(pipeline, whole)
        if pipeline.cut == "clients":
            answer.tables.append(_clients(pipeline, relation, whole))
        else:
            answer.tables.append(_tree(pipeline, teams, held, whole))
        if pipeline.cut == "forecast":
            table, picture = _categories(pipeline, relation)
            answer.tables.append(table)
            if not pipeline.scope.hides_sums:
                answer.pictures.append(picture)
        elif pipeline.cut == "stages":
            answer.pictures.append(_lanes(pipeline, whole))
        if pipeline.at is None:
            clean = cleanness.table(pipeline, whole.deals, whole.sum)
            answer.tables.append(clean.table)
            answer.figures.append(clean.headline)
            answer.sentence, answer.tone = clean.sentence, clean.tone
    if whole.unpriced:
        text = ngettext("%(n)s deal has no sum", "%(n)s deals have no sum", whole.unpriced)
        answer.notes.append(Note(text % {"n": formats.number(whole.unpriced)}, "all|unpriced"))
    if pipeline.by == "weighted":
        answer.notes.append(
            Note(_("weighted: the sum times the probability set by the seller, else the stage's"))
        )
    return answer


def _when(pipeline: Pipeline) -> str:
    if pipeline.at is None:
        return formats.short_datetime(pipeline.scope.now)
    return _("at the end of %(day)s") % {"day": formats.long_date(pipeline.day)}


def _kind(pipeline: Pipeline) -> Kind:
    return Kind.COUNT if pipeline.by == "deals" else Kind.MONEY


def _unit(pipeline: Pipeline, figure: tuple[int, Decimal], cell: str) -> Value:
    deals, amount = figure
    if not deals:
        return NOTHING
    hint = ngettext("%(n)s deal", "%(n)s deals", deals) % {"n": formats.number(deals)}
    if pipeline.by == "deals":
        return Value(deals, cell)
    return Value(amount, cell, hint=hint)


def _figures(pipeline: Pipeline, whole: Held) -> list[Headline]:
    figures = [Headline(_("Open deals"), Value(whole.deals, "all|any"), Kind.COUNT)]
    if pipeline.scope.hides_sums:
        return figures
    if pipeline.by != "deals":
        title = _("Weighted sum") if pipeline.by == "weighted" else _("Sum")
        figures.append(Headline(title, Value(whole.sum, "all|any"), Kind.MONEY))
    return figures


def _tree(
    pipeline: Pipeline, teams: Teams, held: dict[tuple[int | None, int | None], Held], whole: Held
) -> Table:
    nodes = teams.tree(held, _together)
    used = [lane for lane in pipeline.lanes if whole.lanes.get(lane.code)]
    lanes = pipeline.lanes if pipeline.cut == "forecast" else used
    kind = _kind(pipeline)
    sellers = [_amount(pipeline, node.figures) for node in nodes if node.is_seller]
    middle = Decimal(str(median(sellers))) if len(sellers) > 2 else None
    total = _amount(pipeline, whole)

    def values(key: str, found: Held, node: Node[Held] | None) -> list[Value]:
        cells = [_unit(pipeline, (found.deals, found.sum), f"{key}|any")]
        cells += [
            _unit(pipeline, found.lanes.get(lane.code, (0, ZERO)), f"{key}|{lane.code}") for lane in lanes
        ]
        mine = _amount(pipeline, found)
        cells.append(Value(mine / total) if total else NOTHING)
        away = mine / middle - 1 if node is not None and node.is_seller and middle else None
        cells.append(Value(away) if away is not None else NOTHING)
        return cells

    rows = [
        Row(node.key, node.name, values(node.key, node.figures, node), node.level, parent=node.parent)
        for node in nodes
    ]
    return Table(
        "tree",
        _("Teams and sellers"),
        _("Who"),
        [
            Column("all", _("Total"), kind),
            *(Column(lane.code, lane.title, kind) for lane in lanes),
            Column("share", _("Share"), Kind.PERCENT, _("Of everything in the report")),
            Column(
                "median",
                _("To the median"),
                Kind.PERCENT,
                _("By how much more or less than the middle seller"),
            ),
        ],
        rows,
        Row("all", _("Total"), values("all", whole, None)),
        folded_from=folded_from(nodes),
    )


def _amount(pipeline: Pipeline, held: Held) -> Decimal:
    return Decimal(held.deals) if pipeline.by == "deals" else held.sum


def _lanes(pipeline: Pipeline, whole: Held) -> Picture:
    title = _("By stages") if pipeline.scope.funnel_id else _("By funnels")
    bars = []
    for lane in pipeline.lanes:
        deals, amount = whole.lanes.get(lane.code, (0, ZERO))
        bars.append(
            Bar(
                lane.title,
                deals if pipeline.by == "deals" else amount,
                f"all|{lane.code}" if deals else "",
                "base",
            )
        )
    return Picture("bars", title, _kind(pipeline), bars)


def _categories(pipeline: Pipeline, relation: Rows) -> tuple[Table, Picture]:
    """Forecast categories by months: the seller's own, else the stage's."""
    found: dict[str, Held] = {}
    for category, lane, deals, amount in fetch(
        relation.select("r.category, r.lane, count(*), sum(r.amount)", tail="GROUP BY r.category, r.lane")
    ):
        found.setdefault(category, Held()).put(lane, deals, amount or ZERO, 0)
    kind = _kind(pipeline)
    rows = []
    for category in CATEGORIES:
        held = found.get(category.value, Held())
        key = f"c-{category.value}"
        cells = [_unit(pipeline, (held.deals, held.sum), f"{key}|any")]
        cells += [
            _unit(pipeline, held.lanes.get(lane.code, (0, ZERO)), f"{key}|{lane.code}")
            for lane in pipeline.lanes
        ]
        rows.append(Row(key, str(category.label), cells))
    table = Table(
        "categories",
        _("Forecast categories"),
        _("Category"),
        [Column("all", _("Total"), kind), *(Column(lane.code, lane.title, kind) for lane in pipeline.lanes)],
        rows,
    )
    bars = [
        Bar(
            lane.title,
            0,
            "",
            "base",
            parts=tuple(
                (
                    str(category.label),
                    _of_lane(pipeline, found.get(category.value), lane.code),
                    f"c-{category.value}|{lane.code}",
                )
                for category in CATEGORIES
            ),
        )
        for lane in pipeline.lanes
    ]
    return table, Picture("stacked", _("By month of the expected close"), kind, bars)


def _of_lane(pipeline: Pipeline, held: Held | None, lane: str) -> Decimal:
    deals, amount = held.lanes.get(lane, (0, ZERO)) if held else (0, ZERO)
    return Decimal(deals) if pipeline.by == "deals" else amount


def _clients(pipeline: Pipeline, relation: Rows, whole: Held) -> Table:
    """The clients with most in work, their deals and what is planned next."""
    found = fetch(
        "SELECT g.company_id, g.person_id, coalesce(c.name, h.name), g.deals, g.amount, g.next_at, g.last_at, g.oldest"
        " FROM (SELECT d.company_id, CASE WHEN d.company_id IS NULL THEN d.person_id END AS person_id, count(*) AS deals,"
        " sum(r.amount) AS amount, min(d.next_activity_at) AS next_at, max(d.last_contact_at) AS last_at,"
        " min(d.opened_at) AS oldest FROM ("
        + relation.sql
        + Sql(
            ") r CROSS JOIN LATERAL (SELECT x.* FROM deals_deal x WHERE x.id = r.deal_id OFFSET 0) d GROUP BY 1, 2 ORDER BY amount DESC NULLS LAST, deals DESC, 1, 2 LIMIT %s"
            ") g LEFT JOIN clients_company c ON c.id = g.company_id LEFT JOIN clients_person h ON h.id = g.person_id"
            " ORDER BY g.amount DESC NULLS LAST, g.deals DESC, g.company_id, g.person_id",
            (MOST_CLIENTS + 1,),
        )
    )
    now = pipeline.read_at
    rows, shown, keys = [], Held(), []
    for company, person, name, deals, amount, next_at, last_at, _oldest in found[:MOST_CLIENTS]:
        key = f"k{company}" if company else f"p{person}" if person else "k-"
        keys.append(key)
        shown.put("any", deals, amount or ZERO, 0)
        silent = (now - last_at).total_seconds() / 86400 if last_at and pipeline.at is None else None
        values = [Value(deals, f"{key}|any")]
        if not pipeline.scope.hides_sums:
            values.append(Value(amount, f"{key}|any") if amount is not None else NOTHING)
            values.append(Value((amount or ZERO) / whole.sum) if whole.sum else NOTHING)
        if pipeline.at is None:
            values.append(
                Value(
                    round(silent, 1) if silent is not None else None,
                    tone="bad" if silent and silent > cleanness.SILENT_DAYS else "",
                )
            )
            values.append(
                Value(formats.short_date(next_at) if next_at else _("none"), tone="" if next_at else "bad")
            )
        about = f"company:{company}" if company else f"person:{person}" if person else ""
        rows.append(Row(key, name or _("No client"), values, about=about))
    columns = [Column("deals", _("Deals"), Kind.COUNT)]
    if not pipeline.scope.hides_sums:
        columns.append(
            Column("sum", _("Weighted sum") if pipeline.by == "weighted" else _("Sum"), Kind.MONEY)
        )
        columns.append(Column("share", _("Share"), Kind.PERCENT))
    if pipeline.at is None:
        columns.append(Column("silent", _("Silent, days"), Kind.DAYS, _("Since the last finished contact")))
        columns.append(Column("next", _("Next step"), Kind.TEXT))
    note = ""
    if len(found) > MOST_CLIENTS:
        note = _("The %(n)s clients with most in work; the total is of all clients.") % {"n": MOST_CLIENTS}
    total = [Value(whole.deals, "all|any")]
    if not pipeline.scope.hides_sums:
        total += [Value(whole.sum, "all|any"), Value(Decimal(1)) if whole.sum else NOTHING]
    total += [NOTHING] * (len(columns) - len(total))
    return Table(
        "clients", _("Clients"), _("Client"), columns, rows, Row("all", _("Total"), total), note=note
    )


def spec(question: Question, member: Member | None, cell: str) -> Spec:
    """The open deals behind a number: `who|where`."""
    pipeline = Pipeline.of(question, member)
    who, _sep, where = cell.partition("|")
    relation = pipeline.standing()
    conditions, titles = _who(who, relation)
    at_title = _("Since")
    if where == "any":
        pass
    elif where == "unpriced":
        conditions = conditions + " AND r.amount IS NULL"
        titles.append(_("without a sum"))
    elif where.startswith("dirty-"):
        problem = cleanness.problem(where.removeprefix("dirty-"))
        relation = cleanness.examined(pipeline, relation)
        conditions = conditions + " AND " + problem.where
        titles.append(str(problem.title))
    else:
        lane = next((lane for lane in pipeline.lanes if lane.code == where), None)
        if lane is None:
            raise Unanswerable(_("This number has no list behind it."))
        conditions = conditions + Sql(" AND r.lane = %s", (lane.code,))
        titles.append(lane.title)
    title = ": ".join([_("Open deals"), ", ".join(titles)]) if titles else _("Open deals")
    return Spec(relation, title, conditions, at_title=at_title)


def _who(who: str, relation: Rows) -> tuple[Sql, list[str]]:
    kind, rest = who[:1], who[1:]
    if who.startswith("c-"):
        category = who.removeprefix("c-")
        if category not in ForecastCategory.values:
            raise Unanswerable(_("This number has no list behind it."))
        return Sql("r.category = %s", (category,)), [str(ForecastCategory(category).label)]
    if kind in ("k", "p"):
        if rest == "-":
            mine = "x.company_id IS NULL AND x.person_id IS NULL"
            return Sql(f"EXISTS (SELECT FROM deals_deal x WHERE x.id = r.deal_id AND {mine})"), [
                _("No client")
            ]
        if not rest.isdecimal() or len(rest) > 18:
            raise Unanswerable(_("This number has no list behind it."))
        column = "x.company_id = %s" if kind == "k" else "x.company_id IS NULL AND x.person_id = %s"
        return Sql(f"EXISTS (SELECT FROM deals_deal x WHERE x.id = r.deal_id AND {column})", (int(rest),)), []
    teams = Teams()
    title = teams.title_of(who)
    return teams.condition(who), [title] if title else []


PIPELINE = register(
    Instrument(
        "pipeline",
        pgettext_lazy("report", "Pipeline"),
        gettext_lazy(
            "Open deals by stages, by forecast and by clients: teams, sellers, deals; now or on any past day."
        ),
        "layout-kanban",
        gettext_lazy("Pipeline and forecast"),
        ASKING,
        run,
        spec,
    )
)
