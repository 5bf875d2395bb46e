"""The list behind a number: the same rows, under the number's own condition.

A cell is a name like `reached:12` (stage 12) or `reason:12:3` (lost from stage 12 for reason 3); `prev` asks the
same of the other cohort. For a ratio the list is that of its denominator, the numerator marked; for a median it is
what was measured.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from voronka.analytics.frame import Rows, Sql, Unanswerable, fetch, fetch_one, reading
from voronka.analytics.funnel import pipeline, rows
from voronka.analytics.funnel.bottlenecks import now_form
from voronka.analytics.funnel.cohort import final_reason
from voronka.analytics.funnel.context import Context, StageLine, placing, resolve
from voronka.analytics.funnel.query import By, FunnelQuery
from voronka.deals.choices import VisitEnd
from voronka.playbook.models import Reason

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

PAGE = 50


@dataclass(frozen=True)
class Spec:
    """One kind of cell: its rows, the condition, what is marked, and its sentence.

    `having` replaces the condition when clients are counted and the client as a whole decides; `spent` names a
    length in seconds that the list shows; `always_rows` marks cells that never count clients.
    """

    relation: Rows
    title: str
    where: Sql | None = None
    having: Sql | None = None
    mark: Sql | None = None
    mark_title: str = ""
    spent: str = ""
    always_rows: bool = False
    at_title: str = ""


@dataclass(frozen=True)
class Line:
    """One row of the list: a deal (or a move of one), or a client with its deals."""

    id: int
    deal_id: int | None
    client_id: int | None
    number: int | None
    title: str
    client: str
    amount: Decimal | None
    stage: str
    outcome: str
    owner: str
    opened_at: dt.datetime | None
    closed_at: dt.datetime | None
    at: dt.datetime | None
    spent: int | None
    marked: bool
    deals: int


@dataclass
class Listing:
    """A page of the list with the totals of the whole."""

    context: Context
    cell: str
    title: str
    by_clients: bool
    lines: list[Line]
    count: int
    sum: Decimal
    unpriced: int
    marked: int | None
    marked_sum: Decimal | None
    mark_title: str
    has_spent: bool
    at_title: str
    following: str = ""


def open_cell(
    query: FunnelQuery,
    member: Member | None,
    cell: str,
    *,
    prev: bool = False,
    after: str = "",
    limit: int | None = PAGE,
) -> Listing:
    """The list that the number in *cell* opens, largest sums first; a page of *limit* after the key *after*.

    Raises `Unanswerable` for a cell that the form does not have.
    """
    ctx = resolve(query, member)
    if prev:
        before = ctx.previous()
        if before is None:
            raise Unanswerable(_("There is nothing to compare with."))
        ctx = before
    spec = spec_of(ctx, cell)
    by_clients = query.by == By.CLIENTS and not spec.always_rows
    listed = _by_client(spec) if by_clients else _by_row(spec)
    with reading():
        n, total, priced, marked, marked_sum, deals = fetch_one(
            listed.select(
                "count(*), sum(r.amount), sum(r.priced)::bigint, count(*) FILTER (WHERE r.marked),"
                " sum(r.amount) FILTER (WHERE r.marked), sum(r.deals)::bigint"
            )
        )
        lines = _page(listed, by_clients, after, limit)
    following = ""
    if limit is not None and len(lines) > limit:
        lines = lines[:limit]
        last = lines[-1]
        following = f"{'' if last.amount is None else last.amount}_{last.id}"
    return Listing(
        context=ctx,
        cell=cell,
        title=spec.title,
        by_clients=by_clients,
        lines=lines,
        count=n,
        sum=total or Decimal(0),
        unpriced=(deals or 0) - (priced or 0),
        marked=marked if spec.mark else None,
        marked_sum=(marked_sum or Decimal(0)) if spec.mark else None,
        mark_title=spec.mark_title,
        has_spent=bool(spec.spent),
        at_title=spec.at_title,
        following=following,
    )


def _by_row(spec: Spec) -> Rows:
    mark = spec.mark or Sql("FALSE")
    spent = spec.spent or "NULL::bigint"
    return Rows(
        spec.relation.select(
            f"r.id, r.deal_id, NULL::bigint AS client, r.amount, r.at, {spent} AS spent,"
            " (r.amount IS NOT NULL)::int AS priced, 1 AS deals, " + mark + " AS marked",
            spec.where,
        )
    )


def _by_client(spec: Spec) -> Rows:
    mark = spec.mark or Sql("FALSE")
    where = spec.where if spec.where and not spec.having else Sql("TRUE")
    having = " HAVING " + spec.having if spec.having else Sql("")
    return Rows(
        spec.relation.select(
            "r.client AS id, NULL::bigint AS deal_id, r.client, sum(r.amount) AS amount, max(r.at) AS at,"
            " NULL::bigint AS spent, count(r.amount) AS priced, count(*) AS deals, bool_or("
            + mark
            + ") AS marked",
            "r.client IS NOT NULL AND (" + where + ")",
        )
        + " GROUP BY r.client"
        + having
    )


def _page(listed: Rows, by_clients: bool, after: str, limit: int | None) -> list[Line]:
    where = Sql("TRUE")
    amount, _sep, pk = after.rpartition("_")
    if pk.lstrip("-").isdecimal():
        where = (
            Sql("r.amount IS NULL AND r.id > %s", (int(pk),))
            if not amount
            else Sql(
                "(r.amount < %s OR r.amount IS NULL OR (r.amount = %s AND r.id > %s))",
                (_decimal(amount), _decimal(amount), int(pk)),
            )
        )
    tail = "ORDER BY r.amount DESC NULLS LAST, r.id" + ("" if limit is None else f" LIMIT {limit + 1}")
    page = listed.select("*", where, tail)
    if by_clients:
        found = fetch(
            "SELECT p.id, coalesce(c.name, h.name), p.amount, p.at, p.marked, p.deals FROM ("
            + page
            + ") p LEFT JOIN clients_company c ON c.id = p.client LEFT JOIN clients_person h ON h.id = -p.client"
            " ORDER BY p.amount DESC NULLS LAST, p.id"
        )
        return [
            Line(pk, None, pk, None, "", name or "", amount, "", "", "", None, None, at, None, marked, deals)
            for pk, name, amount, at, marked, deals in found
        ]
    found = fetch(
        "SELECT p.id, p.deal_id, d.company_id, d.number, d.title, coalesce(c.name, h.name, ''), p.amount,"
        " s.name, d.outcome, coalesce(o.name, ''), d.opened_at, d.closed_at, p.at, p.spent, p.marked FROM ("
        + page
        + ") p JOIN deals_deal d ON d.id = p.deal_id JOIN playbook_stage s ON s.id = d.stage_id"
        " LEFT JOIN clients_company c ON c.id = d.company_id LEFT JOIN clients_person h ON h.id = d.person_id"
        " LEFT JOIN workspaces_member o ON o.id ="
        " CASE WHEN d.outcome IN ('won', 'lost') THEN d.closed_owner_id ELSE d.owner_id END"
        " ORDER BY p.amount DESC NULLS LAST, p.id"
    )
    return [Line(*[*row, 1]) for row in found]


def _decimal(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except ArithmeticError:
        return Decimal(0)
    return value if value.is_finite() and abs(value) < 10**18 else Decimal(0)


# -- cells --------------------------------------------------------------------------------------------------------


def spec_of(ctx: Context, cell: str) -> Spec:
    """The rows and the condition of *cell*. Raises `Unanswerable` for an unknown one."""
    kind, *rest = cell.split(":")
    maker = _CELLS.get(kind)
    numbers = [int(part) for part in rest if part.isdecimal() and len(part) < 19]
    if maker is None or len(numbers) != len(rest):
        raise Unanswerable(_("This number has no list behind it."))
    needs_stage, make = maker
    line = None
    if needs_stage:
        line = ctx.stage(numbers[0]) if numbers else None
        if line is None:
            raise Unanswerable(_("This stage is not part of the funnel."))
    return make(ctx, line, numbers[1:] if needs_stage else numbers)  # type: ignore[arg-type]


Maker = Callable[[Context, StageLine, list[int]], Spec]


def _stage_is(line: StageLine) -> Sql:
    return Sql("r.stage_id = ANY(%s)", (list(line.ids),))


def _of_cohort(ctx: Context, title: str, where: Sql | None = None, **more: Any) -> Spec:
    return Spec(rows.cohort(ctx), title, where, at_title=_("Opened"), **more)


def _deep(pos: int) -> Sql:
    return Sql("r.pos >= %s", (pos,))


def _next_pos(ctx: Context, line: StageLine) -> int:
    """The stage that a conversion from *line* leads to: archived ones that the page leaves out change nothing."""
    following = [stage for stage in ctx.stages if stage.pos > line.pos and not stage.is_archived]
    return following[0].pos if following else ctx.won_pos


def _reached(ctx: Context, line: StageLine, _more: list[int]) -> Spec:
    return _of_cohort(ctx, _("Reached “%(stage)s”") % {"stage": line.name}, _deep(line.pos))


def _share(ctx: Context, line: StageLine, _more: list[int]) -> Spec:
    title = _("Of all opened, those that reached “%(stage)s” are marked") % {"stage": line.name}
    return _of_cohort(
        ctx, title, mark=_deep(line.pos), mark_title=_("Reached “%(stage)s”") % {"stage": line.name}
    )


def _step(ctx: Context, line: StageLine, _more: list[int]) -> Spec:
    title = _("Reached “%(stage)s”; those that went further are marked") % {"stage": line.name}
    return _of_cohort(
        ctx, title, _deep(line.pos), mark=_deep(_next_pos(ctx, line)), mark_title=_("Went further")
    )


def _here(ctx: Context, line: StageLine, outcome: str, title: str) -> Spec:
    is_open = Sql("coalesce(max(r.pos) FILTER (WHERE r.outcome = 'open') = max(r.pos), FALSE)")
    having = Sql("max(r.pos) = %s AND ", (line.pos,)) + (is_open if outcome == "open" else "NOT " + is_open)
    where = Sql("r.pos = %s AND r.outcome = %s", (line.pos, outcome))
    return _of_cohort(ctx, title % {"stage": line.name}, where, having=having)


def _lost(ctx: Context, line: StageLine, _more: list[int]) -> Spec:
    return _here(ctx, line, "lost", _("Lost, “%(stage)s” was the furthest stage"))


def _open(ctx: Context, line: StageLine, _more: list[int]) -> Spec:
    return _here(ctx, line, "open", _("Still open, “%(stage)s” is the furthest stage"))


def _lost_from(ctx: Context, line: StageLine, _more: list[int]) -> Spec:
    where = Sql("r.outcome = 'lost' AND ") + _stage_is(line)
    return _of_cohort(ctx, _("Lost from “%(stage)s”") % {"stage": line.name}, where)


def _reason(ctx: Context, line: StageLine, more: list[int]) -> Spec:
    wanted = more[0] if more else 0
    same = [wanted]
    name = _("not given")
    if wanted:
        known = {reason.pk: reason for reason in Reason.objects.all()}
        name = known[wanted].name if wanted in known else _("not found")
        merged = {pk: reason.merged_into_id for pk, reason in known.items()}
        same = [pk for pk in known if final_reason(merged, pk) == wanted] or same
    where = Sql("r.outcome = 'lost' AND ") + _stage_is(line)
    where = where + (Sql(" AND r.reason_id = ANY(%s)", (same,)) if wanted else " AND r.reason_id IS NULL")
    title = _("Lost from “%(stage)s”: %(reason)s") % {"stage": line.name, "reason": name}
    return _of_cohort(ctx, title, where)


def _won(ctx: Context, _line: StageLine, _more: list[int]) -> Spec:
    return _of_cohort(ctx, _("Won"), _deep(ctx.won_pos))


def _overall(ctx: Context, _line: StageLine, _more: list[int]) -> Spec:
    return _of_cohort(ctx, _("All opened, the won are marked"), mark=_deep(ctx.won_pos), mark_title=_("Won"))


def _all(ctx: Context, _line: StageLine, _more: list[int]) -> Spec:
    return _of_cohort(ctx, _("All opened in the period"))


def _unpriced(ctx: Context, _line: StageLine, _more: list[int]) -> Spec:
    return _of_cohort(ctx, _("Without a sum"), Sql("r.amount IS NULL"), always_rows=True)


def _back(ctx: Context, _line: StageLine, _more: list[int]) -> Spec:
    where = Sql("FALSE")
    for stage in ctx.stages:
        where = where + " OR (" + _stage_is(stage) + Sql(" AND r.pos > %s)", (stage.pos,))
    return _of_cohort(
        ctx,
        _("Went back from their furthest stage"),
        "r.outcome <> 'won' AND (" + where + ")",
        always_rows=True,
    )


def _assumed(ctx: Context, _line: StageLine, _more: list[int]) -> Spec:
    return _of_cohort(ctx, _("Imported without history"), Sql("r.assumed"), always_rows=True)


def _standing(ctx: Context, line: StageLine, _more: list[int]) -> Spec:
    title = _("Stand in “%(stage)s”") % {"stage": line.name}
    return Spec(rows.standing(ctx), title, _stage_is(line), at_title=_("Since"))


def _pipeline(ctx: Context, _line: StageLine, _more: list[int]) -> Spec:
    return Spec(rows.standing(ctx), _("All open"), _known_stage(ctx), at_title=_("Since"))


def _pipeline_unpriced(ctx: Context, _line: StageLine, _more: list[int]) -> Spec:
    return Spec(
        rows.standing(ctx),
        _("Without a sum"),
        Sql("r.amount IS NULL"),
        always_rows=True,
        at_title=_("Since"),
    )


def _chances(ctx: Context) -> Rows:
    """The pipeline with each sum times its probability: the deal's own, else its stage's."""
    amount = "r.amount * coalesce(r.probability, " + placing(ctx.stages, "probability") + ") / 100 AS amount"
    return Rows(rows.standing(ctx).select("r.id, r.deal_id, r.client, r.stage_id, r.at, " + amount))


def _weighted(ctx: Context, line: StageLine, _more: list[int]) -> Spec:
    title = _("Stand in “%(stage)s”: sums times probability") % {"stage": line.name}
    return Spec(_chances(ctx), title, _stage_is(line), at_title=_("Since"))


def _pipeline_weighted(ctx: Context, _line: StageLine, _more: list[int]) -> Spec:
    return Spec(_chances(ctx), _("All open: sums times probability"), _known_stage(ctx), at_title=_("Since"))


def _known_stage(ctx: Context) -> Sql:
    return Sql("r.stage_id = ANY(%s)", (list(ctx.place),))


def _beyond(ctx: Context, line: StageLine, _more: list[int]) -> Spec:
    title = _("Stand in “%(stage)s” beyond its limit") % {"stage": line.name}
    where = _stage_is(line) + " AND (" + pipeline.beyond(ctx) + ")"
    at_cohort = ctx.query.form not in ("now", "asof")
    relation = rows.standing(now_form(ctx) if at_cohort else ctx)
    return Spec(relation, title, where, always_rows=at_cohort, at_title=_("Since"))


def _no_step(ctx: Context, line: StageLine, _more: list[int]) -> Spec:
    title = _("Stand in “%(stage)s” without a next step") % {"stage": line.name}
    where = _stage_is(line) + " AND r.next_activity_at IS NULL"
    return Spec(rows.standing(ctx), title, where, at_title=_("Since"))


def _move(what: str, title: Callable[[], str]) -> Maker:
    def make(ctx: Context, line: StageLine, _more: list[int]) -> Spec:
        where = _stage_is(line) + Sql(" AND r.what = %s", (what,))
        return Spec(
            rows.movement(ctx, priced=True), title() % {"stage": line.name}, where, at_title=_("When")
        )

    return make


def _balance(*, at_end: bool) -> Maker:
    def make(ctx: Context, line: StageLine, _more: list[int]) -> Spec:
        title = _("In “%(stage)s” at the end") if at_end else _("In “%(stage)s” at the beginning")
        relation = rows.balance(ctx, at_end=at_end, priced=True)
        return Spec(relation, title % {"stage": line.name}, _stage_is(line), at_title=_("Since"))

    return make


def _lost_share(ctx: Context, line: StageLine, _more: list[int]) -> Spec:
    left = [VisitEnd.FORWARD.value, VisitEnd.WON.value, VisitEnd.LOST.value]
    return Spec(
        rows.movement(ctx, priced=True),
        _("Left “%(stage)s”; the lost are marked") % {"stage": line.name},
        _stage_is(line) + Sql(" AND r.what = ANY(%s)", (left,)),
        mark=Sql("r.what = 'lost'"),
        mark_title=_("Lost"),
        at_title=_("When"),
    )


def _priced_visits(ctx: Context) -> Rows:
    """The measured visits with the sums of their deals, which the list shows."""
    found = rows.visits(ctx)
    return Rows(
        f"SELECT v.*, {'NULL::numeric' if ctx.hides_sums else 'd.amount_base'} AS amount,"
        + Sql(
            " date_part('epoch', coalesce(v.\"left\", %s) - v.entered)::bigint AS length FROM (", (ctx.now,)
        )
        + found.sql
        + ") v JOIN deals_deal d ON d.id = v.deal_id"
    )


def _median(ctx: Context, line: StageLine, _more: list[int]) -> Spec:
    return Spec(
        _priced_visits(ctx),
        _("Left “%(stage)s” in the period: how long they stood there") % {"stage": line.name},
        _stage_is(line) + " AND r.finished",
        spent="r.spent",
        always_rows=True,
        at_title=pgettext("stage", "Left"),
    )


def _honest(ctx: Context, line: StageLine, _more: list[int]) -> Spec:
    return Spec(
        _priced_visits(ctx),
        _("Came to “%(stage)s” in the period; those still there are marked") % {"stage": line.name},
        _stage_is(line) + " AND r.began",
        mark=Sql('r."left" IS NULL'),
        mark_title=_("Still there"),
        spent="r.length",
        always_rows=True,
        at_title=pgettext("stage", "Left"),
    )


def _ripening(ctx: Context, _line: StageLine, _more: list[int]) -> Spec:
    return Spec(
        rows.ripened(ctx),
        _("Won in the period: from opening to winning"),
        spent="r.spent",
        always_rows=True,
        at_title=_("Won"),
    )


# Name -> (whether a stage belongs to it, how it is made).
_CELLS: dict[str, tuple[bool, Maker]] = {
    "reached": (True, _reached),
    "share": (True, _share),
    "step": (True, _step),
    "lost": (True, _lost),
    "open": (True, _open),
    "lostfrom": (True, _lost_from),
    "reason": (True, _reason),
    "won": (False, _won),
    "overall": (False, _overall),
    "all": (False, _all),
    "unpriced": (False, _unpriced),
    "back": (False, _back),
    "assumed": (False, _assumed),
    "standing": (True, _standing),
    "pipeline": (False, _pipeline),
    "pipeline_unpriced": (False, _pipeline_unpriced),
    "weighted": (True, _weighted),
    "pipeline_weighted": (False, _pipeline_weighted),
    "beyond": (True, _beyond),
    "nostep": (True, _no_step),
    "entry": (True, _move("entry", lambda: _("Came to “%(stage)s”"))),
    "forward": (True, _move(VisitEnd.FORWARD.value, lambda: _("Went forward from “%(stage)s”"))),
    "backward": (True, _move(VisitEnd.BACK.value, lambda: _("Went back from “%(stage)s”"))),
    "movewon": (True, _move(VisitEnd.WON.value, lambda: _("Won from “%(stage)s”"))),
    "movelost": (True, _move(VisitEnd.LOST.value, lambda: _("Lost from “%(stage)s”"))),
    "funnel": (True, _move(VisitEnd.FUNNEL.value, lambda: _("Left “%(stage)s” for another funnel"))),
    "deleted": (True, _move(VisitEnd.DELETED.value, lambda: _("Deleted in “%(stage)s”"))),
    "start": (True, _balance(at_end=False)),
    "end": (True, _balance(at_end=True)),
    "lostshare": (True, _lost_share),
    "median": (True, _median),
    "honest": (True, _honest),
    "ripening": (False, _ripening),
}

# What of a movement -> the cell that lists it.
MOVE_CELLS = {
    "entry": "entry",
    VisitEnd.FORWARD.value: "forward",
    VisitEnd.BACK.value: "backward",
    VisitEnd.WON.value: "movewon",
    VisitEnd.LOST.value: "movelost",
    VisitEnd.FUNNEL.value: "funnel",
    VisitEnd.DELETED.value: "deleted",
}
