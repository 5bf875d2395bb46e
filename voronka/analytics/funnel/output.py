"""The funnel report as a table (file, terminal) and as JSON: the figures of the page, nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from voronka.analytics.funnel.query import Age, By, Compare, Form
from voronka.analytics.funnel.results import FunnelReport, StageFigures, Tally
from voronka.analytics.survival import Spread
from voronka.core import formats
from voronka.core.spreadsheets import Column, Kind, Sheet
from voronka.deals.choices import VisitEnd

# Movement in the order of its columns: what -> title.
MOVES: list[tuple[str, Callable[[], str]]] = [
    ("entry", lambda: _("Came")),
    (VisitEnd.FORWARD.value, lambda: _("Forward")),
    (VisitEnd.BACK.value, lambda: _("Back")),
    (VisitEnd.WON.value, lambda: _("Won")),
    (VisitEnd.LOST.value, lambda: _("Lost")),
    (VisitEnd.FUNNEL.value, lambda: _("To another funnel")),
    (VisitEnd.DELETED.value, lambda: _("Deleted")),
]
# Shown only where there is something.
RARE_MOVES = {VisitEnd.FUNNEL.value, VisitEnd.DELETED.value}


@dataclass(frozen=True)
class Cell:
    """One column of the table: its title, kind, and what a stage has in it."""

    title: str
    kind: Kind
    of: Callable[[StageFigures], Any]


def shown_moves(report: FunnelReport) -> list[tuple[str, str]]:
    """The kinds of movement that the table has columns for: (what, title)."""
    return [
        (what, title())
        for what, title in MOVES
        if what not in RARE_MOVES or any(stage.moves.get(what) for stage in report.stages)
    ]


def columns(report: FunnelReport) -> list[Cell]:
    """The columns of *report*'s form, the stage's name first."""
    by = report.by
    unit = Kind.MONEY if by == By.SUM else Kind.INT
    stage = Cell(_("Stage"), Kind.TEXT, lambda s: s.line.name)
    time = [
        Cell(_("Median, days"), Kind.NUMBER, lambda s: _days(s.time.median if s.time else None)),
        Cell(_("Measured deals"), Kind.INT, lambda s: s.time.n if s.time else None),
        Cell(_("Limit, working days"), Kind.INT, lambda s: s.line.limit_days),
    ]
    if report.context.query.form == Form.MOVEMENT:
        return [
            stage,
            Cell(_("At the beginning"), unit, lambda s: _by(s.at_start, by)),
            *(Cell(title, unit, _moved(what, by)) for what, title in shown_moves(report)),
            Cell(_("At the end"), unit, lambda s: _by(s.at_end, by)),
            Cell(_("Lost of those who left"), Kind.PERCENT, lambda s: s.lost_share),
            *time,
        ]
    if report.context.query.form != Form.COHORT:
        cells = [
            stage,
            Cell(_("Clients") if by == By.CLIENTS else _("Deals"), Kind.INT, lambda s: _count(s.open_here)),
            Cell(_("Sum"), Kind.MONEY, lambda s: _sum(s.open_here)),
            Cell(_("Weighted sum"), Kind.MONEY, lambda s: s.weighted),
        ]
        if report.context.query.form == Form.NOW:
            cells += [
                Cell(_("Beyond the limit"), unit, lambda s: _by(s.beyond, by)),
                Cell(_("No next step"), unit, lambda s: _by(s.no_next_step, by)),
                Cell(_("Limit, working days"), Kind.INT, lambda s: s.line.limit_days),
            ]
        return cells
    cells = [
        stage,
        Cell(pgettext("funnel", "Reached"), unit, lambda s: _by(s.reached, by)),
        Cell(_("Of the first"), Kind.PERCENT, lambda s: s.share),
        Cell(_("To the next stage"), Kind.PERCENT, lambda s: s.step_conversion),
        Cell(_("Lost here"), unit, lambda s: _by(s.lost_here, by)),
        Cell(_("Still here"), unit, lambda s: _by(s.open_here, by)),
        Cell(_("Lost from the stage"), unit, lambda s: _by(s.lost_from, by)),
        *time,
    ]
    if by != By.SUM:
        cells.append(Cell(_("Sum"), Kind.MONEY, lambda s: _sum(s.reached)))
    return cells


def _moved(what: str, by: By) -> Callable[[StageFigures], Any]:
    return lambda stage: _by(stage.moves.get(what, Tally()), by)


def sheet(report: FunnelReport) -> Sheet:
    """The table of *report* for a spreadsheet, with what was asked above it."""
    cells = columns(report)
    currency = _currency(report)
    rows = [[cell.of(stage) for cell in cells] for stage in report.stages]
    total = _total(report, cells)
    if report.context.hides_sums:
        # Whoever is kept from sums gets the table without them, not with zeros.
        kept = [place for place, cell in enumerate(cells) if cell.kind != Kind.MONEY]
        cells = [cells[place] for place in kept]
        rows = [[row[place] for place in kept] for row in rows]
        total = [total[place] for place in kept] if total else []
    return Sheet(
        name=_("Sales funnel"),
        columns=[Column(cell.title, cell.kind, currency=currency) for cell in cells],
        rows=rows,
        notes=notes(report),
        total=total,
    )


def _currency(report: FunnelReport) -> str:
    from voronka.workspaces.models import Workspace

    return Workspace.objects.only("currency").get(pk=report.context.workspace_id).currency


def _total(report: FunnelReport, cells: list[Cell]) -> list[Any]:
    by = report.by
    if report.won is not None:
        blank: list[Any] = [None] * len(cells)
        blank[0], blank[1], blank[2] = _("Won"), report.won.by(by), report.overall
        if by != By.SUM:
            blank[-1] = report.won.sum
        return blank
    if report.weighted is not None:
        total: list[Any] = [None] * len(cells)
        total[0], total[1], total[2], total[3] = (
            _("Total"),
            report.total.count,
            report.total.sum,
            report.weighted,
        )
        return total
    return []


def notes(report: FunnelReport) -> list[str]:
    """What was asked, in words: form, funnel, days, unit, filters, comparison."""
    ctx, query = report.context, report.context.query
    lines = [f"{query.form.label} · {ctx.funnel.name}", asked_days(report)]
    lines.append(_("Counted by: %(unit)s") % {"unit": query.by.label})
    lines += [f"{chip.label}: {chip.text}" for chip in query.filter.chips()]
    return lines


def asked_days(report: FunnelReport) -> str:
    """The days of the report in words."""
    ctx = report.context
    if ctx.query.form == Form.NOW:
        return formats.short_datetime(ctx.now)
    if ctx.query.form == Form.ASOF:
        return _("at the end of %(day)s") % {"day": formats.long_date(ctx.query.date or ctx.today)}
    return ctx.period.label()


def compared_words(report: FunnelReport) -> str:
    """With what a cohort is compared, in words."""
    query = report.context.query
    if query.compare == Compare.NONE:
        return _("not compared")
    if query.compare == Compare.YEAR:
        return (
            _("against a year ago, at the same age")
            if query.age == Age.SAME
            else _("against a year ago, as it stands now")
        )
    return (
        _("against the previous period, at the same age")
        if query.age == Age.SAME
        else _("against the previous period, as it stands now")
    )


def footnote(report: FunnelReport) -> list[tuple[str, str]]:
    """What stands behind the figures: (words, the cell that lists it or "")."""
    form = report.context.query.form
    words: list[tuple[str, str]] = []
    deals = report.total.count
    if form == Form.COHORT:
        if report.by == By.CLIENTS:
            opened = ngettext(
                "%(n)s client with deals opened in the period",
                "%(n)s clients with deals opened in the period",
                deals,
            )
        else:
            opened = ngettext("%(n)s deal opened in the period", "%(n)s deals opened in the period", deals)
        words.append((opened % {"n": formats.number(deals)}, "all"))
        _add(words, report.moved_back, lambda n: ngettext("%(n)s went back", "%(n)s went back", n), "back")
        if not report.context.hides_sums:
            _add(words, report.total.unpriced, _no_sum, "unpriced")
        _add(
            words,
            report.assumed,
            lambda n: ngettext(
                "%(n)s deal has no history and is not in the durations",
                "%(n)s deals have no history and are not in the durations",
                n,
            ),
            "assumed",
        )
    elif form == Form.MOVEMENT:
        _add(
            words,
            report.assumed,
            lambda n: ngettext(
                "%(n)s deal without history is left out",
                "%(n)s deals without history are left out",
                n,
            ),
            "",
        )
    else:
        opened = ngettext("%(n)s open deal", "%(n)s open deals", deals)
        if report.by == By.CLIENTS:
            opened = ngettext("%(n)s client with open deals", "%(n)s clients with open deals", deals)
        words.append((opened % {"n": formats.number(deals)}, "pipeline"))
        if not report.context.hides_sums:
            _add(words, report.total.unpriced, _no_sum, "pipeline_unpriced")
    _add(
        words,
        report.without_client,
        lambda n: ngettext(
            "%(n)s deal without a client is not counted", "%(n)s deals without a client are not counted", n
        ),
        "",
    )
    return words


def _no_sum(n: int) -> str:
    return ngettext("%(n)s deal has no sum", "%(n)s deals have no sum", n)


def _add(words: list[tuple[str, str]], n: int, text: Callable[[int], str], cell: str) -> None:
    if n:
        words.append((text(n) % {"n": formats.number(n)}, cell))


def as_json(report: FunnelReport) -> dict[str, Any]:
    """The report for programs. Sums are numbers in the workspace's currency, shares are of one, days of 24 hours.

    `step_conversion` of a stage is reached(k + 1) / reached(k); what a form does not define is null.
    """
    ctx, query = report.context, report.context.query
    return {
        "report": "funnel",
        "form": query.form.value,
        "by": query.by.value,
        "funnel": ctx.funnel.name,
        "period": _period(report),
        "currency": _currency(report),
        "filter": query.filter.to_params(),
        "stages": [_stage(stage, report) for stage in report.stages],
        "total": _tally(report.total),
        "won": _tally(report.won),
        "overall_conversion": _share(report.overall),
        "weighted": _number(report.weighted),
        "moved_back": report.moved_back if query.form == Form.COHORT else None,
        "without_history": report.assumed if query.form in (Form.COHORT, Form.MOVEMENT) else None,
        "without_sum": report.total.unpriced if query.form != Form.MOVEMENT else None,
        "ripening": _spread(report.ripening),
        "losses": [
            {
                "stage": next((s.line.name for s in report.stages if s.line.id == loss.stage_id), None),
                "reason": loss.name if loss.reason_id else None,
                "count": loss.tally.count,
                "sum": _number(loss.tally.sum),
            }
            for loss in report.losses
        ],
        "bottlenecks": [
            {
                "kind": found.kind,
                "stage": found.line.name,
                "share_lost": _share(found.share),
                "norm": _share(found.norm),
                "money": _number(found.money),
                "median_days": _days(found.median),
                "limit_days": found.limit,
                "beyond": _tally(found.beyond),
            }
            for found in report.bottlenecks
        ],
        "previous": _previous(report),
    }


def _period(report: FunnelReport) -> dict[str, str | None]:
    ctx = report.context
    if ctx.query.form == Form.NOW:
        return {"at": ctx.now.isoformat()}
    if ctx.query.form == Form.ASOF:
        return {"at": (ctx.query.date or ctx.today).isoformat()}
    return {"from": ctx.period.first.isoformat(), "to": ctx.period.last.isoformat()}


def _stage(stage: StageFigures, report: FunnelReport) -> dict[str, Any]:
    by = report.by
    return {
        "id": stage.line.id,
        "name": stage.line.name,
        "reached": _number(_by(stage.reached, by)),
        "share_of_first": _share(stage.share),
        "step_conversion": _share(stage.step_conversion),
        "lost_here": _number(_by(stage.lost_here, by)),
        "open_here": _number(_by(stage.open_here, by)),
        "lost_from": _number(_by(stage.lost_from, by)),
        "sum": _number(_sum(stage.reached or stage.open_here)),
        "weighted": _number(stage.weighted),
        "beyond_limit": _number(_by(stage.beyond, by)),
        "no_next_step": _number(_by(stage.no_next_step, by)),
        "at_start": _number(_by(stage.at_start, by)),
        "moves": (
            {what: _number(_by(stage.moves.get(what, Tally()), by)) for what, _title in MOVES}
            if stage.at_start is not None
            else None
        ),
        "at_end": _number(_by(stage.at_end, by)),
        "lost_share": _share(stage.lost_share),
        "median_days": _days(stage.time.median) if stage.time else None,
        "mean_days": _days(stage.time.mean) if stage.time else None,
        "p90_days": _days(stage.time.p90) if stage.time else None,
        "measured": stage.time.n if stage.time else None,
        "honest_median_days": _days(stage.honest.median) if stage.honest else None,
        "limit_days": stage.line.limit_days,
    }


def _previous(report: FunnelReport) -> dict[str, Any] | None:
    before = report.previous
    if before is None:
        return None
    ctx, by = before.context, report.by
    return {
        "period": {"from": ctx.period.first.isoformat(), "to": ctx.period.last.isoformat()},
        "read_at": ctx.read_at.isoformat() if ctx.read_at else None,
        "stages": [
            {
                "name": stage.line.name,
                "reached": _number(_by(stage.reached, by)),
                "step_conversion": _share(stage.step_conversion),
            }
            for stage in before.stages.values()
        ],
        "won": _tally(before.won),
        "overall_conversion": _share(before.overall),
    }


def _by(tally: Tally | None, by: By) -> Any:
    return None if tally is None else tally.by(by)


def _count(tally: Tally | None) -> int | None:
    return None if tally is None else tally.count


def _sum(tally: Tally | None) -> Decimal | None:
    return None if tally is None else tally.sum


def _days(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _share(value: Decimal | None) -> float | None:
    return None if value is None else round(float(value), 6)


def _number(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value) if value % 1 else int(value)
    return value


def _tally(tally: Tally | None) -> dict[str, Any] | None:
    if tally is None:
        return None
    return {"count": tally.count, "sum": _number(tally.sum), "without_sum": tally.unpriced}


def _spread(found: Spread | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "n": found.n,
        "median_days": _days(found.median),
        "quartile_1_days": _days(found.low),
        "quartile_3_days": _days(found.high),
        "mean_days": _days(found.mean),
    }
