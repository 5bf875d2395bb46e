"""The list behind a number: the same rows, under the number's own condition.

A cell is a name like `reached:12` (stage 12) or `reason:12:3` (lost from stage 12 for reason 3); `prev` asks the
same of the other cohort. For a ratio the list is that of its denominator, the numerator marked; for a median it is
what was measured.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from voronka.analytics.frame import Rows, Sql, Unanswerable
from voronka.analytics.funnel import output, pipeline, rows
from voronka.analytics.funnel.bottlenecks import now_form
from voronka.analytics.funnel.cohort import final_reason
from voronka.analytics.funnel.context import Context, StageLine, placing, resolve
from voronka.analytics.funnel.query import By, FunnelQuery
from voronka.analytics.funnel.results import FunnelReport, Tally
from voronka.analytics.listing import PAGE, Listing, Spec, open_spec
from voronka.deals.choices import VisitEnd
from voronka.playbook.models import Reason

if TYPE_CHECKING:
    from voronka.workspaces.models import Member


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
    return open_spec(
        spec_of(ctx, cell),
        cell=cell,
        by_clients=query.by == By.CLIENTS,
        after=after,
        limit=limit,
        asked=(ctx.funnel.name, output.asked_days(FunnelReport(ctx, [], Tally()))),
    )


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
