"""The funnel report as the page draws it: bars, table, sentences, each number with the address of its list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from voronka.analytics.funnel import output
from voronka.analytics.funnel.drill import MOVE_CELLS
from voronka.analytics.funnel.query import By, Form
from voronka.analytics.funnel.results import Bottleneck, FunnelReport, LossReason, StageFigures, Tally
from voronka.core import formats
from voronka.deals.choices import VisitEnd

WON_TONE = "#27823b"
MOVE_TONES = {
    VisitEnd.FORWARD.value: "#2f5bea",
    VisitEnd.BACK.value: "#67738a",
    VisitEnd.WON.value: WON_TONE,
    VisitEnd.LOST.value: "#c92a2a",
    VisitEnd.FUNNEL.value: "#7a4fc9",
    VisitEnd.DELETED.value: "#4c576b",
}


@dataclass(frozen=True)
class Figure:
    """A number on the page: its text, the address of its list, how it is meant."""

    text: str = formats.EMPTY
    url: str = ""
    tone: str = ""
    hint: str = ""
    # A wide column's figure on a phone is labelled by it.
    css: str = ""


@dataclass(frozen=True)
class Bar:
    """One bar of the diagram: `width` in per cent of the widest, `ink` the readable colour on its tone."""

    name: str
    name_url: str
    text: str
    url: str
    width: float
    tone: str
    ink: str
    share: str
    share_url: str = ""
    # Of a stage: its losses are shown beside; of a part: it is wide enough for its text.
    is_marked: bool = False
    parts: list[Bar] = field(default_factory=list)


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    cells: list[Figure]
    is_total: bool = False
    hint: str = ""


@dataclass(frozen=True)
class Losses:
    """Why deals are refused at one stage."""

    stage: str
    bars: list[Bar]
    total: Figure


@dataclass
class Page:
    """Everything the template shows of a report."""

    heads: list[tuple[str, str]] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    legend: list[tuple[str, str]] = field(default_factory=list)
    losses: Losses | None = None
    footnote: list[Figure] = field(default_factory=list)
    insight: SafeString | str = ""
    insight_tone: str = ""


class Drawer:
    """Draws one report. `listed(cell, prev)` is the address of the list behind a cell, `loss_of(stage)` of the panel."""

    def __init__(
        self,
        report: FunnelReport,
        *,
        currency: str,
        listed: Callable[..., str],
        loss_of: Callable[[int], str],
        chosen_loss: int | None,
    ) -> None:
        self.report = report
        self.currency = currency
        self.listed = listed
        self.loss_of = loss_of
        self.chosen_loss = chosen_loss
        self.by = report.by
        self.form = report.context.query.form

    def page(self) -> Page:
        """Draw it all."""
        page = Page()
        if self.form == Form.COHORT:
            self._cohort(page)
        elif self.form == Form.MOVEMENT:
            self._movement(page)
        else:
            self._pipeline(page)
        page.footnote = [
            Figure(text, self.listed(cell) if cell else "") for text, cell in output.footnote(self.report)
        ]
        self._ripening(page)
        return page

    # -- numbers ------------------------------------------------------------------------------------------------

    def unit(self, tally: Tally | None, cell: str, *, tone: str = "") -> Figure:
        """A tally in the asked unit; zero and nothing open no list."""
        if tally is None:
            return Figure()
        value = tally.by(self.by)
        text = self.money(value) if self.by == By.SUM else formats.number(value)
        return Figure(text, self.listed(cell) if tally.count else "", tone)

    def sum_of(self, tally: Tally | None, cell: str) -> Figure:
        """The sum of a tally, opening the list of what it sums."""
        if tally is None:
            return Figure()
        return Figure(self.money(tally.sum), self.listed(cell) if tally.count else "")

    def weighted(self, value: Decimal | None, cell: str) -> Figure:
        return Figure(self.money(value), self.listed(cell) if value else "")

    def money(self, value: Any) -> str:
        if self.report.context.hides_sums:
            return "—"
        return formats.short_money(value, self.currency)

    def ratio(self, value: Decimal | None, cell: str, digits: int = 0) -> Figure:
        """A share of one; a small one keeps a decimal."""
        if value is None:
            return Figure()
        if 0 < value < Decimal("0.095"):
            digits = 1 if value >= Decimal("0.00095") else 2
        return Figure(formats.percent(value, digits), self.listed(cell))

    def days(self, stage: StageFigures) -> Figure:
        """The median time in stage, red beyond the limit (five working days of seven)."""
        if stage.time is None or stage.time.median is None:
            return Figure()
        median, limit = stage.time.median, stage.line.limit_days
        late = limit is not None and median > limit * 7 / 5
        hint = ngettext("%(n)s deal measured", "%(n)s deals measured", stage.time.n) % {
            "n": formats.number(stage.time.n)
        }
        return Figure(
            formats.number(median, 1),
            self.listed(f"median:{stage.line.id}"),
            "bad" if late else "",
            hint + (" · " + _("longer than the limit") if late else ""),
        )

    @staticmethod
    def limit(stage: StageFigures) -> Figure:
        limit = stage.line.limit_days
        return Figure() if limit is None else Figure(formats.number(limit), tone="quiet")

    def stage_name(self, stage: StageFigures) -> str:
        if stage.line.is_archived:
            return _("%(stage)s (archived)") % {"stage": stage.line.name}
        return stage.line.name

    # -- cohort -------------------------------------------------------------------------------------------------

    def _cohort(self, page: Page) -> None:
        report, by = self.report, self.by
        won = report.won or Tally()
        first = report.total.by(by) or 1
        chosen = self._loss_stage()
        for stage in report.stages:
            reached = stage.reached or Tally()
            page.bars.append(
                Bar(
                    name=self.stage_name(stage),
                    name_url=self.loss_of(stage.line.id),
                    text=self.unit(reached, "").text,
                    url=self.listed(f"reached:{stage.line.id}") if reached.count else "",
                    width=float(reached.by(by) / Decimal(first) * 100),
                    tone=stage.line.color,
                    ink=ink_on(stage.line.color),
                    share=self.ratio(stage.share, "share").text,
                    share_url=self.listed(f"share:{stage.line.id}"),
                    is_marked=bool(chosen and chosen.line.id == stage.line.id),
                )
            )
        page.bars.append(
            Bar(
                _("Won"),
                "",
                self.unit(won, "").text,
                self.listed("won") if won.count else "",
                float(won.by(by) / Decimal(first) * 100),
                WON_TONE,
                "#fff",
                self.ratio(report.overall, "overall").text,
                self.listed("overall"),
            )
        )
        page.heads = [
            (_("Stage"), ""),
            (pgettext("funnel", "Reached"), _("Deals that came to the stage or further")),
            (_("From stage to stage"), _("The share of those who reached the stage before")),
            (_("Lost here"), _("Lost deals whose furthest stage it is")),
            (_("Still here"), _("Open deals whose furthest stage it is")),
            (
                _("Lost from the stage"),
                _("Deals that stood in the stage when they were lost; after a step back it differs"),
            ),
            (_("Median, d."), _("Days in the stage, of the deals that left it in the period")),
            (_("Limit, working d."), _("Working days that the sales book gives to the stage")),
        ]
        if by != By.SUM:
            page.heads.append((_("Sum"), _("Of the deals that reached the stage")))
        if report.previous:
            page.heads.append((_("To the previous"), output.compared_words(report)))
        before: StageFigures | None = None
        for stage in report.stages:
            pk = stage.line.id
            cells = [
                self.unit(stage.reached, f"reached:{pk}"),
                self._step_into(before),
                self.unit(stage.lost_here, f"lost:{pk}"),
                self.unit(stage.open_here, f"open:{pk}"),
                self.unit(stage.lost_from, f"lostfrom:{pk}"),
                self.days(stage),
                self.limit(stage),
            ]
            if by != By.SUM:
                cells.append(self.sum_of(stage.reached, f"reached:{pk}"))
            if report.previous:
                cells.append(self._change(stage, before))
            page.rows.append(Row(self.stage_name(stage), cells))
            before = stage
        cells = [
            self.unit(won, "won"),
            self._step_into(before),
            *[Figure("")] * 5,
        ]
        if by != By.SUM:
            cells.append(self.sum_of(won, "won"))
        if report.previous:
            cells.append(self._change_overall())
        page.rows.append(Row(_("Won"), cells, is_total=True))
        page.losses = self._losses(chosen)
        page.insight, page.insight_tone = self._cohort_insight()

    def _step_into(self, before: StageFigures | None) -> Figure:
        if before is None:
            return Figure()
        return self.ratio(before.step_conversion, f"step:{before.line.id}")

    def _change(self, stage: StageFigures, before: StageFigures | None) -> Figure:
        """The first stage: how many more; the others: points of the conversion into them."""
        previous = self.report.previous
        assert previous is not None
        if before is None:
            then, now = previous.total.by(self.by), self.report.total.by(self.by)
            return self._delta(Decimal(now) / Decimal(then) - 1 if then else None, points=False, cell="all")
        other = previous.stages.get(before.line.id)
        if other is None or other.step_conversion is None or before.step_conversion is None:
            return Figure()
        change = before.step_conversion - other.step_conversion
        return self._delta(change, points=True, cell=f"step:{before.line.id}")

    def _change_overall(self) -> Figure:
        previous = self.report.previous
        assert previous is not None
        if previous.overall is None or self.report.overall is None:
            return Figure()
        return self._delta(self.report.overall - previous.overall, points=True, cell="overall")

    def _delta(self, change: Decimal | None, *, points: bool, cell: str) -> Figure:
        if change is None:
            return Figure()
        percent = change * 100
        digits = 0 if abs(percent) >= Decimal("9.95") or not points else 1
        rounded = round(percent, digits)
        sign = "+" if rounded > 0 else ""
        unit = _("p.p.") if points else "%"
        text = f"{sign}{formats.number(rounded, digits)}{formats.NBSP}{unit}"
        tone = "" if abs(rounded) < 1 else "good" if rounded > 0 else "bad"
        return Figure(
            text, self.listed(cell, prev=True), tone or "quiet", _("Opens what it is compared with")
        )

    # -- losses -------------------------------------------------------------------------------------------------

    def _loss_stage(self) -> StageFigures | None:
        stages = {stage.line.id: stage for stage in self.report.stages}
        if self.chosen_loss in stages:
            return stages[self.chosen_loss]
        for found in self.report.bottlenecks:
            if found.kind == "loss" and found.line.id in stages and self._lost_from(stages[found.line.id]):
                return stages[found.line.id]
        lost = [stage for stage in self.report.stages if self._lost_from(stage)]
        return max(lost, key=self._lost_from) if lost else None

    def _lost_from(self, stage: StageFigures) -> Any:
        return stage.lost_from.by(self.by) if stage.lost_from else 0

    def _losses(self, chosen: StageFigures | None) -> Losses | None:
        if chosen is None:
            return None
        reasons = [loss for loss in self.report.losses if loss.stage_id == chosen.line.id]
        whole = Decimal(self._lost_from(chosen) or 0)
        top = max((Decimal(loss.tally.by(self.by)) for loss in reasons), default=Decimal(0))
        return Losses(
            chosen.line.name,
            [self._reason(loss, top, whole) for loss in reasons],
            self.unit(chosen.lost_from, f"lostfrom:{chosen.line.id}"),
        )

    def _reason(self, loss: LossReason, top: Decimal, whole: Decimal) -> Bar:
        value = Decimal(loss.tally.by(self.by))
        cell = f"reason:{loss.stage_id}:{loss.reason_id or 0}"
        name = loss.name[:1].upper() + loss.name[1:]
        return Bar(
            name,
            "",
            self.unit(loss.tally, "").text,
            self.listed(cell),
            float(value / top * 100) if top else 0,
            "#b9525b",
            "#fff",
            formats.percent(value / whole) if whole else formats.EMPTY,
        )

    # -- sentences ----------------------------------------------------------------------------------------------

    def _cohort_insight(self) -> tuple[SafeString | str, str]:
        report = self.report
        if report.is_partial:
            return "", ""
        if not report.bottlenecks:
            if report.total.count < 10:
                return _("There are too few deals yet to name a bottleneck."), "plain"
            return _("Losses and times are within their norms on every stage."), "good"
        loss = next((b for b in report.bottlenecks if b.kind == "loss"), None)
        time = next((b for b in report.bottlenecks if b.kind == "time"), None)
        parts = []
        if loss:
            parts.append(self._loss_words(loss))
        if time:
            same = bool(loss and loss.line.id == time.line.id)
            parts.append(self._time_words(time, same=same))
        return format_html_join(" ", "{}", ((part,) for part in parts)), ""

    def _loss_words(self, loss: Bottleneck) -> SafeString:
        words = {
            "stage": format_html("<b>«{}»</b>", loss.line.name),
            "share": formats.percent(loss.share),
            "norm": formats.percent(loss.norm),
            "money": format_html("<b>≈ {}</b>", self.money(loss.money)),
        }
        if loss.norm is None:
            text = _("We lose most on the stage {stage}: {share} leave, there is no norm yet to judge by.")
        elif loss.money is None:
            text = _("We lose most on the stage {stage}: {share} leave (norm {norm}).")
        else:
            text = _(
                "We lose most on the stage {stage}: {share} leave (norm {norm}), that is {money} in the period."
            )
        return format_html(text, **words)

    def _time_words(self, time: Bottleneck, *, same: bool) -> SafeString:
        beyond = time.beyond or Tally()
        standing: SafeString | str = ""
        if beyond.count:
            deals = ngettext("%(n)s deal", "%(n)s deals", beyond.count) % {"n": formats.number(beyond.count)}
            words = _("%(deals)s worth %(sum)s") % {"deals": deals, "sum": self.money(beyond.sum)}
            standing = format_html('<a href="{}">{}</a>', self.listed(f"beyond:{time.line.id}"), words)
        if time.median is not None:
            median = formats.days(time.median, 1)
        else:
            longest = round(time.longer_than or 0)
            median = ngettext("more than %(n)s day", "more than %(n)s days", longest) % {"n": longest}
        if same:
            text = _(
                "There too it takes longer than it should: median with those still there {median}, limit {limit}, {calendar} by the calendar"
            )
        else:
            text = _(
                "It takes too long on the stage {stage}: median with those still there {median}, limit {limit}, {calendar} by the calendar"
            )
        text += _("; beyond it now: {standing}.") if standing else "."
        return format_html(
            text,
            stage=format_html("<b>«{}»</b>", time.line.name),
            median=median,
            limit=formats.working_days(time.limit),
            # Both in the days that the median is measured in.
            calendar=formats.days(time.limit_calendar, 1),
            standing=standing,
        )

    def _ripening(self, page: Page) -> None:
        ripening = self.report.ripening
        if ripening is None or not ripening.n:
            return
        text = _(
            "ripening: median %(median)s, half of deals in %(low)s–%(high)s (%(n)s won in the period)"
        ) % {
            "median": formats.days(ripening.median, 0),
            "low": formats.number(ripening.low, 0),
            "high": formats.days(ripening.high, 0),
            "n": formats.number(ripening.n),
        }
        page.footnote.append(Figure(text, self.listed("ripening")))
        measured = sum(stage.time.n for stage in self.report.stages if stage.time)
        if measured:
            text = ngettext(
                "times in stages are of %(n)s finished stay",
                "times in stages are of %(n)s finished stays",
                measured,
            )
            page.footnote.append(Figure(text % {"n": formats.number(measured)}))

    # -- pipeline -----------------------------------------------------------------------------------------------

    def _pipeline(self, page: Page) -> None:
        report, by = self.report, self.by
        is_now = self.form == Form.NOW
        top = max((Decimal(s.open_here.by(by)) for s in report.stages if s.open_here), default=Decimal(0))
        for stage in report.stages:
            here = stage.open_here or Tally()
            other = formats.number(here.count) if by == By.SUM else self.money(here.sum)
            page.bars.append(
                Bar(
                    self.stage_name(stage),
                    "",
                    self.unit(here, "").text,
                    self.listed(f"standing:{stage.line.id}") if here.count else "",
                    float(Decimal(here.by(by)) / top * 100) if top else 0,
                    stage.line.color,
                    ink_on(stage.line.color),
                    other,
                )
            )
        page.heads = [
            (_("Stage"), ""),
            (_("Clients") if by == By.CLIENTS else _("Deals"), ""),
            (_("Sum"), ""),
            (_("Weighted sum"), _("Sum × probability of the deal, else of its stage")),
        ]
        if is_now:
            page.heads += [
                (_("Beyond the limit"), _("Stand in the stage longer than the sales book gives")),
                (_("No next step"), _("Nothing is planned with the client")),
                (_("Limit, working d."), _("Working days that the sales book gives to the stage")),
            ]
        for stage in report.stages:
            pk, here = stage.line.id, stage.open_here or Tally()
            cells = [
                Figure(formats.number(here.count), self.listed(f"standing:{pk}") if here.count else ""),
                self.sum_of(here, f"standing:{pk}"),
                self.weighted(stage.weighted, f"weighted:{pk}"),
            ]
            if is_now:
                cells += [
                    self.unit(
                        stage.beyond,
                        f"beyond:{pk}",
                        tone="bad" if stage.beyond and stage.beyond.count else "",
                    ),
                    self.unit(stage.no_next_step, f"nostep:{pk}"),
                    self.limit(stage),
                ]
            page.rows.append(Row(self.stage_name(stage), cells))
        total = [
            Figure(formats.number(report.total.count), self.listed("pipeline") if report.total.count else ""),
            self.sum_of(report.total, "pipeline"),
            self.weighted(report.weighted, "pipeline_weighted"),
        ]
        page.rows.append(Row(_("Total"), total + [Figure("")] * (len(page.heads) - 4), is_total=True))
        if is_now:
            page.insight, page.insight_tone = self._standing_insight()

    def _standing_insight(self) -> tuple[SafeString | str, str]:
        late = [stage for stage in self.report.stages if stage.beyond and stage.beyond.count]
        if not late:
            if not any(stage.line.limit_days for stage in self.report.stages):
                return _("The stages have no time limits yet. Give them in the sales book."), "plain"
            return _("No deal stands longer than its stage allows."), "good"
        worst = max(late, key=lambda stage: stage.beyond.sum if stage.beyond else 0)
        beyond = worst.beyond or Tally()
        count = sum(stage.beyond.count for stage in late if stage.beyond)
        deals = ngettext("%(n)s deal stands", "%(n)s deals stand", count) % {"n": formats.number(count)}
        return (
            format_html(
                _(
                    "{deals} longer than their stages allow, worth {money}; most on the stage {stage}: {worst}."
                ),
                deals=deals,
                money=format_html(
                    "<b>{}</b>",
                    self.money(sum((s.beyond.sum for s in late if s.beyond), Decimal(0))),
                ),
                stage=format_html("<b>«{}»</b>", worst.line.name),
                worst=format_html(
                    '<a href="{}">{}</a>', self.listed(f"beyond:{worst.line.id}"), self.money(beyond.sum)
                ),
            ),
            "",
        )

    # -- movement -----------------------------------------------------------------------------------------------

    def _movement(self, page: Page) -> None:
        report, by = self.report, self.by
        kinds = output.shown_moves(report)
        exits = [(what, title) for what, title in kinds if what != "entry"]
        left = {
            stage.line.id: sum(
                (Decimal(stage.moves.get(what, Tally()).by(by)) for what, _t in exits), Decimal(0)
            )
            for stage in report.stages
        }
        top = max(left.values(), default=Decimal(0))
        page.legend = [(title, MOVE_TONES[what]) for what, title in exits]
        for stage in report.stages:
            parts = []
            whole = left[stage.line.id]
            for what, title in exits:
                tally = stage.moves.get(what, Tally())
                if tally.count:
                    cell = f"{MOVE_CELLS[what]}:{stage.line.id}"
                    share = float(Decimal(tally.by(by)) / whole * 100) if whole else 0
                    tone = MOVE_TONES[what]
                    parts.append(
                        Bar(
                            title,
                            "",
                            self.unit(tally, "").text,
                            self.listed(cell),
                            share,
                            tone,
                            "#fff",
                            formats.percent(share / 100),
                            # A number that does not fit into its part is left to the hint and the table.
                            is_marked=bool(top) and share * float(whole / top) >= 5,
                        )
                    )
            came = stage.moves.get("entry", Tally())
            page.bars.append(
                Bar(
                    self.stage_name(stage),
                    "",
                    "",
                    "",
                    float(whole / top * 100) if top else 0,
                    stage.line.color,
                    "#fff",
                    self.unit(came, "").text,
                    self.listed(f"entry:{stage.line.id}") if came.count else "",
                    parts=parts,
                )
            )
        page.heads = [
            (_("Stage"), ""),
            (_("At the beginning"), _("Open in the stage just before the period")),
            *((title, "") for _what, title in kinds),
            (_("At the end"), ""),
            (_("Lost of those who left"), _("Of those who went forward, were won or lost")),
            (_("Median, d."), _("Days in the stage, of the deals that left it in the period")),
        ]
        for stage in report.stages:
            pk = stage.line.id
            cells = [
                self.unit(stage.at_start, f"start:{pk}"),
                *(
                    self.unit(stage.moves.get(what, Tally()), f"{MOVE_CELLS[what]}:{pk}")
                    for what, _t in kinds
                ),
                self.unit(stage.at_end, f"end:{pk}"),
                self.ratio(stage.lost_share, f"lostshare:{pk}"),
                self.days(stage),
            ]
            page.rows.append(Row(self.stage_name(stage), cells))
        if not report.context.credit.is_all:
            page.footnote.append(Figure(_("deals handed over in the period are not movement")))


def ink_on(tone: str) -> str:
    """White or near-black, whichever reads better on *tone* («#rrggbb»), by the contrast of WCAG 2."""
    try:
        red, green, blue = (int(tone[i : i + 2], 16) / 255 for i in (1, 3, 5))
    except ValueError:
        return "#fff"

    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    light = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    return "#fff" if 1.05 / (light + 0.05) >= 4.5 else "#10141c"
