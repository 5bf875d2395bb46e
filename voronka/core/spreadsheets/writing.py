"""Tables out: xlsx for people, csv for programs, and the file of rejected rows.

Nothing that a person typed becomes a formula on somebody else's computer: every text is written as a
text in xlsx, and gets an apostrophe in csv if it begins like a formula. Memory does not grow with the
number of rows.
"""

import csv
import datetime as dt
import math
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, Final

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from voronka.core.formats import currency_symbol
from voronka.core.text import clean

Value = str | int | float | Decimal | bool | dt.date | dt.datetime | dt.time | dt.timedelta | None

_MAX_SHEET_ROWS: Final = 1_048_576
_MAX_TEXT: Final = 32_767
_EXACT: Final = 10**15  # beyond it Excel loses digits, so the number goes out as text
_WIDTHS_FROM: Final = 500
_BAD_IN_NAME: Final = re.compile(r"[\[\]:*?/\\]")
_FIRST_DAY: Final = dt.date(1900, 3, 1)  # before it Excel's calendar is one day off


class Kind(StrEnum):
    """What a column holds. `ANY` follows the type of each value."""

    TEXT = "text"
    INT = "int"
    NUMBER = "number"
    MONEY = "money"
    PERCENT = "percent"
    DATE = "date"
    DATETIME = "datetime"
    ANY = "any"


@dataclass(frozen=True)
class Column:
    """A column of a sheet: `width` in characters is measured from the first rows if not given."""

    title: str
    kind: Kind | str = Kind.TEXT
    width: float | None = None
    currency: str = "RUB"


@dataclass(frozen=True)
class Sheet:
    """A sheet: `notes` stand above the header (what was asked and when), `total` below the rows in bold.

    Rows may come from a generator. A percent is a share of one; an aware moment is shown in the active
    time zone.
    """

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]
    notes: Sequence[str] = ()
    total: Sequence[Value] | None = None


@dataclass(frozen=True)
class RejectedRow:
    """A row that was not taken: its number in the file, its cells as they were, and why."""

    number: int
    cells: Sequence[Value]
    reason: str


def write_xlsx(target: str | os.PathLike[str] | BinaryIO, sheets: Sequence[Sheet]) -> int:
    """Write a workbook to a path or a binary file; return how many rows went out.

    Each sheet has a frozen header with a filter. What does not fit into one sheet of Excel goes on in
    the next, «Deals (2)».
    """
    book = xlsxwriter.Workbook(
        os.fspath(target) if isinstance(target, str | os.PathLike) else target,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": False,
        },
    )
    try:
        writer = _Book(book)
        return sum(writer.add(sheet) for sheet in sheets)
    finally:
        book.close()


class _Book:
    """The workbook being written, its formats and the names already taken."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._names: set[str] = set()
        self._formats: dict[tuple[str, str, bool], Any] = {}
        self._header = book.add_format(
            {"bold": True, "bg_color": "#E9EEF6", "bottom": 1, "valign": "top", "text_wrap": True}
        )
        self._note = book.add_format({"font_color": "#666666"})

    def add(self, sheet: Sheet) -> int:
        """Write one sheet (and its continuations); return the number of its rows."""
        written, rows, more = 0, iter(sheet.rows), True
        while more:
            page = _Page(self, sheet, self._book.add_worksheet(self._name(sheet.name)))
            more = False
            for row in rows:
                page.put(row)
                written += 1
                if page.full:
                    more = True
                    break
            page.finish(None if more else sheet.total)
        return written

    def _name(self, wanted: str) -> str:
        base = _BAD_IN_NAME.sub(" ", clean(wanted)).strip("' ")[:31] or "Sheet"
        name, turn = base, 1
        while name.casefold() in self._names:
            turn += 1
            tail = f" ({turn})"
            name = base[: 31 - len(tail)].rstrip() + tail
        self._names.add(name.casefold())
        return name

    @property
    def header(self) -> Any:
        return self._header

    @property
    def note(self) -> Any:
        return self._note

    def format(self, kind: str, currency: str = "", *, bold: bool = False) -> Any:
        """Return the cell format of a kind, made once."""
        key = (kind, currency, bold)
        if key not in self._formats:
            options: dict[str, Any] = {"bold": True, "top": 1} if bold else {}
            pattern = {
                Kind.INT: "#,##0",
                Kind.NUMBER: "#,##0.##",
                Kind.MONEY: f'#,##0.00\\ "{currency_symbol(currency)}"',
                Kind.PERCENT: "0.0%",
                Kind.DATE: "dd.mm.yyyy",
                Kind.DATETIME: "dd.mm.yyyy hh:mm",
            }.get(Kind(kind))
            if pattern:
                options["num_format"] = pattern
            if kind in (Kind.TEXT, Kind.ANY):
                options["valign"] = "top"
            self._formats[key] = self._book.add_format(options)
        return self._formats[key]


class _Page:
    """One worksheet being written from top to bottom."""

    def __init__(self, book: _Book, sheet: Sheet, page: Any) -> None:
        self._book, self._columns, self._page = book, sheet.columns, page
        self._line = 0
        self._widths = [float(len(column.title)) + 4 for column in sheet.columns]
        for note in sheet.notes:
            page.write_string(self._line, 0, _text(note), book.note)
            self._line += 1
        self._line += 1 if sheet.notes else 0
        self._head = self._line
        for index, column in enumerate(sheet.columns):
            page.write_string(self._line, index, _text(column.title), book.header)
        self._line += 1

    @property
    def full(self) -> bool:
        """Return whether only the row of the total still fits."""
        return self._line >= _MAX_SHEET_ROWS - 1

    def put(self, row: Sequence[Value], *, bold: bool = False) -> None:
        measured = self._line < _WIDTHS_FROM
        for index, (column, value) in enumerate(zip(self._columns, row, strict=False)):
            shown = self._put(index, column, value, bold)
            if measured and shown > self._widths[index]:
                self._widths[index] = shown
        self._line += 1

    def _put(self, index: int, column: Column, value: Value, bold: bool) -> int:
        """Write one cell; return how many characters it needs."""
        kind = Kind(column.kind)
        if value is None or value == "":
            if bold:
                self._page.write_blank(self._line, index, None, self._book.format(Kind.TEXT, bold=True))
            return 0
        if isinstance(value, dt.datetime | dt.date):
            return self._put_date(index, kind, value, bold)
        number = _finite(value)
        if number is not None and kind is not Kind.TEXT and abs(number) < _EXACT:
            if kind in (Kind.ANY, Kind.DATE, Kind.DATETIME):
                style = self._book.format(Kind.ANY, bold=bold)
            else:
                style = self._book.format(kind, column.currency if kind is Kind.MONEY else "", bold=bold)
            self._page.write_number(self._line, index, number, style)
            return len(f"{number:,.2f}") + 3
        text = _text(value)
        self._page.write_string(self._line, index, text, self._book.format(Kind.TEXT, bold=bold))
        return max(map(len, text[:300].split("\n"))) + 2

    def _put_date(self, index: int, kind: Kind, value: dt.date | dt.datetime, bold: bool) -> int:
        moment = isinstance(value, dt.datetime)
        if isinstance(value, dt.datetime) and timezone.is_aware(value):
            value = timezone.make_naive(value)
        day = value.date() if isinstance(value, dt.datetime) else value
        if kind is Kind.DATE:
            value, moment = day, False
        if day < _FIRST_DAY:
            self._page.write_string(
                self._line, index, value.isoformat(), self._book.format(Kind.TEXT, bold=bold)
            )
        else:
            style = self._book.format(Kind.DATETIME if moment else Kind.DATE, bold=bold)
            self._page.write_datetime(self._line, index, value, style)
        return 18 if moment else 12

    def finish(self, total: Sequence[Value] | None) -> None:
        """Write the total, then what needs the whole sheet to be known: filter, frozen head, widths."""
        last = max(self._line - 1, self._head)
        if total is not None:
            self.put(total, bold=True)
        if self._columns:
            self._page.autofilter(self._head, 0, last, len(self._columns) - 1)
        self._page.freeze_panes(self._head + 1, 0)
        for index, column in enumerate(self._columns):
            width = column.width or min(max(self._widths[index], 8), 60)
            self._page.set_column(index, index, width)


def _finite(value: Value) -> float | int | None:
    """Return the number in `value` if Excel can hold it; a truth value is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    if isinstance(value, int):
        return value
    number = float(value)
    return number if math.isfinite(number) else None


def _text(value: Value) -> str:
    """Return any value as text that an xlsx file and PostgreSQL can hold."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, float | Decimal) and not math.isfinite(value):
        return ""
    return clean(value, _MAX_TEXT, multiline=True)


def write_csv(
    target: str | os.PathLike[str] | BinaryIO, columns: Sequence[Column], rows: Iterable[Sequence[Value]]
) -> int:
    """Write a csv that Russian Excel opens by a double click; return the number of rows.

    UTF-8 with a byte-order mark, «;», CRLF, decimal comma, ``dd.mm.yyyy``. A text that begins like a
    formula gets an apostrophe, which `open_table` takes off again.
    """
    if isinstance(target, str | os.PathLike):
        with Path(target).open("wb") as file:
            return write_csv(file, columns, rows)
    lines = _Lines(target)
    writer = csv.writer(lines, delimiter=";", lineterminator="\r\n")
    target.write(b"\xef\xbb\xbf")
    writer.writerow([_csv_value(column.title, column) for column in columns])
    count = 0
    for row in rows:
        writer.writerow([_csv_value(value, column) for column, value in zip(columns, row, strict=False)])
        count += 1
    return count


class _Lines:
    """A text file of one method over a binary one, which stays open."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, text: str) -> int:
        return self._file.write(text.encode("utf-8"))


def _csv_value(value: Value, column: Column) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        if timezone.is_aware(value):
            value = timezone.make_naive(value)
        return value.strftime("%d.%m.%Y" if Kind(column.kind) is Kind.DATE else "%d.%m.%Y %H:%M:%S")
    if isinstance(value, dt.date):
        return value.strftime("%d.%m.%Y")
    if _finite(value) is not None:
        number = Decimal(str(value)) if isinstance(value, float) else value
        return f"{number:f}".replace(".", ",") if isinstance(number, Decimal) else str(number)
    text = _text(value)
    return "'" + text if text.startswith(("=", "+", "-", "@")) else text


def write_rejected(
    target: str | os.PathLike[str] | BinaryIO, header: Sequence[str], rows: Iterable[RejectedRow]
) -> int:
    """Write the rows that were not taken as xlsx: the columns of the file, then the row number and the reason.

    The file can be corrected and brought again as it is: the two last columns are simply not matched.
    """
    columns = [Column(title, Kind.ANY) for title in header]
    columns += [Column(_("Row in the file"), Kind.INT), Column(_("Why it was not taken"), Kind.TEXT, 60)]
    width = len(header)

    def cells(row: RejectedRow) -> list[Value]:
        own = list(row.cells[:width])
        return [*own, *[None] * (width - len(own)), row.number, row.reason]

    return write_xlsx(target, [Sheet(_("Rejected rows"), columns, map(cells, rows))])
