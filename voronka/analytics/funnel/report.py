"""Run the funnel report: a question in, a typed answer out."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Max, Min
from django.utils import timezone
from django.utils.translation import gettext as _

from voronka.analytics.frame import reading
from voronka.analytics.funnel import bottlenecks, cohort, durations, moves, pipeline
from voronka.analytics.funnel.cohort import Counts, final_reason
from voronka.analytics.funnel.context import Context, resolve
from voronka.analytics.funnel.query import By, Form, FunnelQuery
from voronka.analytics.funnel.results import Comparison, FunnelReport, LossReason, Tally
from voronka.deals.choices import Outcome
from voronka.playbook.models import Reason

if TYPE_CHECKING:
    from voronka.workspaces.models import Member


# From so many deals on, a page may show the counts first and the rest a moment later.
LARGE = 30_000


def run(query: FunnelQuery, member: Member | None, *, quick: bool = False) -> FunnelReport:
    """Answer *query* as *member* may see it (None: everything), inside the workspace's scope.

    With *quick* a large answer comes without durations, bottlenecks and comparison and says so (`is_partial`).
    Raises `Unanswerable` with a sentence, `Forbidden` without the right to reports.
    """
    ctx = resolve(query, member)
    with reading():
        if query.form == Form.COHORT:
            report = _cohort(ctx, quick)
        elif query.form == Form.MOVEMENT:
            report = _movement(ctx, quick)
        else:
            report = _pipeline(ctx)
        if report.is_empty:
            report.known = _known(ctx)
    return report


def _cohort(ctx: Context, quick: bool) -> FunnelReport:
    counts = cohort.count(ctx)
    found = cohort.fold(ctx, counts)
    report = FunnelReport(
        ctx,
        found.stages,
        found.total,
        won=found.won,
        overall=found.overall,
        moved_back=found.moved_back,
        assumed=counts.assumed,
        without_client=counts.without_client,
    )
    report.losses = _losses(ctx, counts)
    if quick and found.total.count > LARGE:
        report.is_partial = True
        return report
    times = durations.times(ctx)
    for stage in found.stages:
        stage.time, stage.honest = times[stage.line.pos]
    report.ripening = durations.ripening(ctx)
    if found.total.count:
        report.bottlenecks = bottlenecks.of_cohort(ctx, found, found.stages)
        report.previous = _previous(ctx)
    return report


def _previous(ctx: Context) -> Comparison | None:
    before = ctx.previous()
    if before is None:
        return None
    if before.read_at is not None and before.read_at <= before.period.start:
        # The present period has only just begun: nothing of the other had been opened at that age.
        return None
    found = cohort.fold(before, cohort.count(before))
    if not found.total.count:
        return None
    return Comparison(
        before, {stage.line.id: stage for stage in found.stages}, found.won, found.total, found.overall
    )


def _losses(ctx: Context, counts: Counts) -> list[LossReason]:
    """Losses by the stage in which the deals stood and the reason, largest first."""
    found: dict[tuple[int | None, int | None], Tally] = {}
    reasons = {reason.pk: reason for reason in Reason.objects.all()}
    merged = {pk: reason.merged_into_id for pk, reason in reasons.items()}
    for (_pos, outcome, stage_id, reason_id), tally in counts.groups.items():
        if outcome == Outcome.LOST:
            key = (ctx.place.get(stage_id), final_reason(merged, reason_id))
            found[key] = found.get(key, Tally()) + tally
    if ctx.query.by == By.CLIENTS:
        found = {key: Tally(counts.client_losses.get(key, 0), t.sum, t.unpriced) for key, t in found.items()}
    losses = [
        LossReason(
            ctx.stages[stood - 1].id if stood else None,
            reason_id,
            reasons[reason_id].name if reason_id in reasons else _("not given"),
            tally,
        )
        for (stood, reason_id), tally in found.items()
    ]
    return sorted(losses, key=lambda loss: (-Decimal(loss.tally.by(ctx.query.by)), loss.name))


def _pipeline(ctx: Context) -> FunnelReport:
    found = pipeline.count(ctx)
    return FunnelReport(
        ctx, found.stages, found.total, weighted=found.weighted, without_client=found.without_client
    )


def _movement(ctx: Context, quick: bool) -> FunnelReport:
    found = moves.count(ctx)
    report = FunnelReport(ctx, found.stages, found.total, assumed=found.assumed)
    if quick and found.total.count > LARGE:
        report.is_partial = True
        return report
    times = durations.times(ctx)
    for stage in found.stages:
        stage.time, stage.honest = times[stage.line.pos]
    report.ripening = durations.ripening(ctx)
    return report


def _known(ctx: Context) -> tuple | None:
    deals = ctx.credit.deals().filter(funnel_id=ctx.funnel.pk).exclude(outcome=Outcome.DELETED)
    ends = deals.aggregate(first=Min("opened_at"), last=Max("opened_at"))
    if ends["first"] is None:
        return None
    return timezone.localdate(ends["first"]), timezone.localdate(ends["last"])
