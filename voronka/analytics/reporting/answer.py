"""What a report answers: sentences, head figures, pictures and tables of typed numbers.

Every number may name a *cell*: the list behind it, which the report opens by the same name. Page, workbook, JSON and
the command line show the same answer, each in its own way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from voronka.core import spreadsheets
from voronka.core.spreadsheets import Sheet

Number = int | float | Decimal


class Kind(StrEnum):
    """What a number means. Shares are shares of one, durations are days."""

    COUNT = "count"
    MONEY = "money"
    PERCENT = "percent"
    DAYS = "days"
    NUMBER = "number"
    TEXT = "text"


_SHEETS = {
    Kind.COUNT: spreadsheets.Kind.INT,
    Kind.MONEY: spreadsheets.Kind.MONEY,
    Kind.PERCENT: spreadsheets.Kind.PERCENT,
    Kind.DAYS: spreadsheets.Kind.NUMBER,
    Kind.NUMBER: spreadsheets.Kind.NUMBER,
    Kind.TEXT: spreadsheets.Kind.TEXT,
}


@dataclass(frozen=True)
class Column:
    """A column of numbers: `better` is 1 where more is good, -1 where less is, 0 where neither."""

    code: str
    title: str
    kind: Kind
    hint: str = ""
    better: int = 0


@dataclass(frozen=True)
class Value:
    """A number: None is «—». `n` is how many it was measured on, where that matters; `before` is the same number
    of the days it is compared with."""

    raw: Number | str | None
    cell: str = ""
    tone: str = ""
    hint: str = ""
    n: int | None = None
    before: Number | None = None
    # 0…1: how strong the number stands among its like; a table marked `heat` colours by it.
    weight: float | None = None


NOTHING = Value(None)


@dataclass(frozen=True)
class Row:
    """A line of a table. `key` is steady between two answers; `level` indents; `about` names an object («deal:12»)
    to which the name leads; `parent` is the key of the row under which it unfolds."""

    key: str
    name: str
    values: Sequence[Value]
    level: int = 0
    about: str = ""
    tone: str = ""
    parent: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Table:
    """Rows under typed columns; `total` is a row of the same shape."""

    code: str
    title: str
    first: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    total: Row | None = None
    note: str = ""
    heat: bool = False
    # Rows with a `parent` from this level on are folded away until asked; 0: none are.
    folded_from: int = 0


@dataclass(frozen=True)
class Headline:
    """A figure over the report."""

    title: str
    value: Value
    kind: Kind
    hint: str = ""
    better: int = 0


@dataclass(frozen=True)
class Bar:
    """One bar: `base` is where it starts (a waterfall's floats), `parts` are pieces of a stacked one."""

    name: str
    value: Number
    cell: str = ""
    tone: str = ""
    base: Number = 0
    parts: tuple[tuple[str, Number, str], ...] = ()


@dataclass(frozen=True)
class Picture:
    """A picture: `shape` is one of «bars», «waterfall», «stacked», «lines».

    Lines: `bars` are the points of the first line, `more` the other lines (name, values).
    """

    shape: str
    title: str
    kind: Kind
    bars: Sequence[Bar]
    more: Sequence[tuple[str, Sequence[Number | None]]] = ()
    name: str = ""


@dataclass(frozen=True)
class Note:
    """A remark under the tables; with a cell it opens a list."""

    text: str
    cell: str = ""


@dataclass
class Answer:
    """Everything a report says. `asked` is what was asked in words; `is_empty` when there is nothing to show."""

    title: str
    asked: tuple[str, ...]
    sentence: str = ""
    tone: str = ""
    figures: list[Headline] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    is_empty: bool = False
    currency: str = "RUB"
    hides_sums: bool = False

    def against(self, other: Answer) -> None:
        """Put the numbers of *other* (the same report about other days) beside these, row by row."""
        for place, headline in enumerate(self.figures):
            found = next((one for one in other.figures if one.title == headline.title), None)
            if found is not None:
                self.figures[place] = replace(headline, value=_beside(headline.value, found.value))
        for place, table in enumerate(self.tables):
            twin = next((one for one in other.tables if one.code == table.code), None)
            if twin is None:
                continue
            known = {row.key: row for row in twin.rows}
            columns = [column.code for column in twin.columns]
            self.tables[place] = replace(
                table,
                rows=[_row_beside(table, row, known.get(row.key), columns) for row in table.rows],
                total=_row_beside(table, table.total, twin.total, columns) if table.total else None,
            )

    def json(self) -> dict[str, Any]:
        """For programs: raw numbers, sums as strings of roubles and kopecks."""
        return {
            "title": self.title,
            "asked": list(self.asked),
            "sentence": self.sentence,
            "figures": [
                {"title": one.title, "kind": one.kind.value, **_value_json(one.value)} for one in self.figures
            ],
            "tables": [
                {
                    "code": table.code,
                    "title": table.title,
                    "columns": [
                        {"code": c.code, "title": c.title, "kind": c.kind.value} for c in table.columns
                    ],
                    "rows": [_row_json(table, row) for row in table.rows],
                    "total": _row_json(table, table.total) if table.total else None,
                }
                for table in self.tables
            ],
            "notes": [note.text for note in self.notes],
        }

    def sheets(self) -> list[Sheet]:
        """For a workbook: a sheet for each table, with what was asked above it."""
        return [self._sheet(table) for table in self.tables]

    def _sheet(self, table: Table) -> Sheet:
        compared = any(v.before is not None for row in table.rows for v in row.values)
        columns = [spreadsheets.Column(table.first, width=34)]
        for column in table.columns:
            columns.append(spreadsheets.Column(column.title, _SHEETS[column.kind], currency=self.currency))
            if compared:
                title = _("%(column)s, before") % {"column": column.title}
                columns.append(spreadsheets.Column(title, _SHEETS[column.kind], currency=self.currency))

        def line(row: Row) -> list[Any]:
            cells: list[Any] = ["    " * row.level + row.name]
            for value in row.values:
                cells.append(value.raw)
                if compared:
                    cells.append(value.before)
            return cells

        notes = [self.title, *self.asked, *([self.sentence] if self.sentence else [])]
        return Sheet(
            name=(table.title or self.title)[:31],
            columns=columns,
            rows=[line(row) for row in table.rows],
            notes=notes,
            total=line(table.total) if table.total else None,
        )


def _beside(value: Value, other: Value) -> Value:
    return replace(value, before=other.raw) if isinstance(other.raw, int | float | Decimal) else value


def _row_beside(table: Table, row: Row, other: Row | None, columns: list[str]) -> Row:
    """What a row of numbers was before: a row that was not there counted nothing and summed up to nothing."""
    values = []
    for column, value in zip(table.columns, row.values, strict=True):
        if other is not None and column.code in columns:
            values.append(_beside(value, other.values[columns.index(column.code)]))
        elif other is None and column.kind in (Kind.COUNT, Kind.MONEY):
            values.append(replace(value, before=0))
        else:
            values.append(value)
    return replace(row, values=values)


def _plain(raw: Any) -> Any:
    return str(raw) if isinstance(raw, Decimal) else raw


def _value_json(value: Value) -> dict[str, Any]:
    found: dict[str, Any] = {"value": _plain(value.raw)}
    if value.cell:
        found["list"] = value.cell
    if value.n is not None:
        found["n"] = value.n
    if value.before is not None:
        found["before"] = _plain(value.before)
    return found


def _row_json(table: Table, row: Row) -> dict[str, Any]:
    return {
        "key": row.key,
        "name": row.name,
        "level": row.level,
        **({"parent": row.parent} if row.parent else {}),
        "values": {
            column.code: _value_json(value) for column, value in zip(table.columns, row.values, strict=True)
        },
    }
