"""An answer as the page draws it: every number as text with the address of its list, every bar with its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from voronka.analytics.reporting.answer import Answer, Bar, Column, Headline, Kind, Picture, Row, Table, Value
from voronka.core import formats

TONES = {
    "good": "var(--v-good-solid)",
    "bad": "var(--v-bad-solid)",
    "soon": "#d08700",
    "base": "var(--v-accent-solid)",
    "quiet": "var(--v-quiet)",
}
Listed = Callable[[str], str]


@dataclass(frozen=True)
class Shown:
    """A number on the page. `change` is how it differs from before, `heat` the strength of its colour in per cent."""

    text: str
    url: str = ""
    tone: str = ""
    hint: str = ""
    change: str = ""
    change_tone: str = ""
    heat: int = 0


@dataclass(frozen=True)
class ShownRow:
    """A line of a table; `url` is where its name leads."""

    row: Row
    url: str
    cells: list[Shown]
    has_children: bool = False
    is_hidden: bool = False
    is_unfolded: bool = False


@dataclass(frozen=True)
class ShownTable:
    """A table with texts."""

    table: Table
    columns: list[Column]
    rows: list[ShownRow]
    total: ShownRow | None


@dataclass(frozen=True)
class ShownBar:
    """One bar: where it begins and how wide it is, in per cent of the picture."""

    name: str
    text: str
    url: str
    left: float
    width: float
    tone: str
    parts: list[ShownBar] = field(default_factory=list)


@dataclass(frozen=True)
class ShownPicture:
    """A picture made of bars, or an ECharts option."""

    picture: Picture
    bars: list[ShownBar]
    legend: list[tuple[str, str]]
    chart: dict[str, Any] | None = None


@dataclass(frozen=True)
class ShownHeadline:
    """A figure over the report."""

    headline: Headline
    shown: Shown


@dataclass
class Page:
    """Everything that the template shows of an answer."""

    figures: list[ShownHeadline]
    pictures: list[ShownPicture]
    tables: list[ShownTable]
    notes: list[tuple[str, str]]


MOST_WHOLE = 5
# Readable in both themes beside each other, never two alike in a row.
PARTS = ["#2f5bea", "#2f9e8f", "#b8860b", "#7044c4", "#c2566a", "#67738a", "#2a8a3f", "#a0522d"]


class Drawer:
    """Draws an answer; `listed(cell)` is the address of a list, `leads(about)` that of an object's card."""

    def __init__(self, answer: Answer, *, listed: Listed, leads: Listed) -> None:
        self.answer = answer
        self.listed = listed
        self.leads = leads

    def page(self) -> Page:
        return Page(
            [ShownHeadline(one, self._value(one.value, one.kind, one.better)) for one in self.answer.figures],
            [self._picture(one) for one in self.answer.pictures],
            [self._table(one) for one in self.answer.tables],
            [(note.text, self.listed(note.cell) if note.cell else "") for note in self.answer.notes],
        )

    def text(self, raw: Any, kind: Kind, *, short: bool = False) -> str:
        """A number as people read it."""
        if raw is None:
            return formats.EMPTY
        if isinstance(raw, str):
            return raw
        if kind == Kind.MONEY:
            if self.answer.hides_sums:
                return formats.EMPTY
            say = formats.short_money if short else formats.money
            return say(Decimal(raw).quantize(Decimal(1)) if not short else raw, self.answer.currency)
        if kind == Kind.PERCENT:
            share = abs(float(raw))
            return formats.percent(raw, 1 if 0 < share < 0.095 else 0)
        if kind == Kind.DAYS:
            return formats.number(raw, 1)
        if kind == Kind.NUMBER:
            return formats.number(raw, 1 if abs(float(raw)) < 100 else 0)
        return formats.number(raw)

    def _value(
        self, value: Value, kind: Kind, better: int, *, heat: bool = False, short: bool = False
    ) -> Shown:
        change, tone = self._change(value, kind, better)
        hint = value.hint
        short = short and kind == Kind.MONEY and value.raw is not None
        if short:
            whole = self.text(value.raw, kind)
            hint = f"{whole} · {hint}" if hint else whole
        if value.n is not None:
            measured = ngettext("%(n)s measured", "%(n)s measured", value.n) % {"n": formats.number(value.n)}
            hint = f"{hint} · {measured}" if hint else measured
        return Shown(
            self.text(value.raw, kind, short=short),
            self.listed(value.cell) if value.cell else "",
            value.tone,
            hint,
            change,
            tone,
            round(min(max(value.weight, 0), 1) * 45) if heat and value.weight else 0,
        )

    def _change(self, value: Value, kind: Kind, better: int) -> tuple[str, str]:
        """By how much more or less than before; shares differ by points."""
        now, before = value.raw, value.before
        if before is None or now is None or isinstance(now, str):
            return "", ""
        now, then = Decimal(str(now)), Decimal(str(before))
        if kind == Kind.PERCENT:
            points = round((now - then) * 100, 1)
            text = f"{formats.number(points, 1)}{formats.NBSP}{_('p.p.')}"
            size = points
        elif then == 0:
            return ("", "") if now == 0 else (_("was 0"), _tone(better))
        else:
            size = Decimal(round((now / then - 1) * 100))
            text = f"{formats.number(size)}{formats.NBSP}%"
        sign = "+" if size > 0 else ""
        return f"{sign}{text}", _tone(better * (1 if size > 0 else -1 if size < 0 else 0))

    # -- tables ---------------------------------------------------------------------------------------------------

    def _table(self, table: Table) -> ShownTable:
        parents = {row.parent for row in table.rows if row.parent} if table.folded_from else set()
        return ShownTable(
            table,
            list(table.columns),
            [self._row(table, row, row.key in parents) for row in table.rows],
            self._row(table, table.total) if table.total else None,
        )

    def _row(self, table: Table, row: Row, has_children: bool = False) -> ShownRow:
        # Many sums side by side are read better short; the whole sum is in the hint and in the list.
        short = sum(column.kind == Kind.MONEY for column in table.columns) > MOST_WHOLE
        cells = [
            self._value(value, column.kind, column.better, heat=table.heat, short=short)
            for column, value in zip(table.columns, row.values, strict=True)
        ]
        folded = table.folded_from
        return ShownRow(
            row,
            self.leads(row.about) if row.about else "",
            cells,
            has_children,
            is_hidden=bool(folded and row.parent and row.level >= folded),
            is_unfolded=bool(folded and row.level + 1 < folded),
        )

    # -- pictures -------------------------------------------------------------------------------------------------

    def _picture(self, picture: Picture) -> ShownPicture:
        if picture.shape == "lines":
            return ShownPicture(picture, [], [], self._lines(picture))
        if picture.shape == "waterfall":
            return self._waterfall(picture)
        largest = max((float(_length(bar)) for bar in picture.bars), default=0) or 1
        names = list(dict.fromkeys(name for bar in picture.bars for name, value, _c in bar.parts if value))
        colours = {name: PARTS[place % len(PARTS)] for place, name in enumerate(names)}
        bars = [
            ShownBar(
                bar.name,
                self.text(_length(bar), picture.kind, short=True),
                self.listed(bar.cell) if bar.cell else "",
                0,
                float(_length(bar)) / largest * 100,
                TONES.get(bar.tone, bar.tone or TONES["base"]),
                [
                    ShownBar(
                        name,
                        self.text(value, picture.kind, short=True),
                        self.listed(cell) if cell else "",
                        0,
                        float(value) / float(_length(bar) or 1) * 100,
                        colours[name],
                    )
                    for name, value, cell in bar.parts
                    if value
                ],
            )
            for bar in picture.bars
        ]
        return ShownPicture(picture, bars, [(name, colours[name]) for name in names])

    def _waterfall(self, picture: Picture) -> ShownPicture:
        ends = [float(bar.base) + abs(float(bar.value)) for bar in picture.bars]
        low = min((float(bar.base) for bar in picture.bars), default=0)
        floor = min(low, 0.0)
        whole = (max(ends, default=0) - floor) or 1
        bars = []
        for bar in picture.bars:
            sign = "" if bar.tone == "base" or float(bar.value) <= 0 else "+"
            bars.append(
                ShownBar(
                    bar.name,
                    sign + self.text(bar.value, picture.kind, short=True),
                    self.listed(bar.cell) if bar.cell and bar.value else "",
                    (float(bar.base) - floor) / whole * 100,
                    abs(float(bar.value)) / whole * 100,
                    TONES.get(bar.tone, TONES["base"]),
                )
            )
        return ShownPicture(picture, bars, [])

    def _lines(self, picture: Picture) -> dict[str, Any]:
        series = [(picture.name or picture.title, [bar.value for bar in picture.bars]), *picture.more]
        formatted = {Kind.MONEY: "money", Kind.PERCENT: "percent", Kind.DAYS: "days"}
        return {
            "format": formatted.get(picture.kind, "number"),
            "legend": {"show": len(series) > 1, "top": 0},
            "grid": {
                "left": 8,
                "right": 24,
                "top": 34 if len(series) > 1 else 16,
                "bottom": 8,
                "containLabel": True,
            },
            "xAxis": {"type": "category", "data": [bar.name for bar in picture.bars]},
            "yAxis": {"type": "value"},
            "series": [
                {
                    "type": "line",
                    "name": name,
                    "data": [None if value is None else float(value) for value in values],
                    "connectNulls": False,
                }
                for name, values in series
            ],
        }


def _length(bar: Bar) -> Any:
    return sum((value for _name, value, _cell in bar.parts), start=Decimal(0)) if bar.parts else bar.value


def _tone(better: int) -> str:
    return "good" if better > 0 else "bad" if better < 0 else "quiet"
