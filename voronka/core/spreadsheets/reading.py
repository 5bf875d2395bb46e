"""One way to read any table: a header with unique titles, and rows as often as one wants them."""

import datetime as dt
import io
import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, Final, cast

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetVisibleEnum

from voronka.core.spreadsheets import plaintext, vcards
from voronka.core.spreadsheets.guards import NotATable, check_archive, damaged, not_a_spreadsheet, protected
from voronka.core.text import clean

MAX_ROWS: Final = 200_000
MAX_COLUMNS: Final = 500
MAX_BYTES: Final = 100_000_000
_WIDEST: Final = 16_384
_LOOKED_AT: Final = 50
_TITLE_LENGTH: Final = 200

Cell = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta | None
Source = str | os.PathLike[str] | bytes | BinaryIO
_Records = Iterator[tuple[int, Sequence[Cell]]]

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHER_FILES: Final = (
    b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ",
    b"{\\rtf", b"MZ", b"\x7fELF", b"ID3", b"OggS", b"RIFF", b"SQLite format", b"-----BEGIN",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One row under the header: `number` as Excel shows it, `cells` in the order of the table's header.

    A cell is None if empty; a text is trimmed and keeps its line breaks; a whole number is an int.
    """

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """A table found in a file. `rows()` may be called again; each call reads from the start."""

    header: tuple[str, ...]
    header_row: int
    count: int
    sheet: str
    sheets: tuple[str, ...]
    encoding: str | None
    delimiter: str | None
    _columns: tuple[int, ...]
    _records: Callable[[], _Records]

    def rows(self) -> Iterator[Row]:
        """Yield the rows that have at least one value, in the order of the file."""
        columns = self._columns
        width = max(columns) + 1
        for number, record in self._records():
            if number <= self.header_row:
                continue
            cells = [_cell(value) for value in record[:width]]
            if any(cell is not None for cell in cells):
                cells.extend([None] * (width - len(cells)))
                yield Row(number, tuple([cells[index] for index in columns]))

    def sample(self, size: int = 20) -> list[Row]:
        """Return the first rows: for a preview and for guessing what the columns hold."""
        return list(islice(self.rows(), size))


def open_table(
    source: Source,
    filename: str = "",
    *,
    sheet: str | None = None,
    header_row: int | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    max_rows: int = MAX_ROWS,
    max_columns: int = MAX_COLUMNS,
    max_bytes: int = MAX_BYTES,
) -> Table:
    """Return the table in a file given by path, bytes or binary file; its kind is told by its content.

    Without `sheet` the first visible sheet with a table is taken; without `header_row` (as Excel numbers
    rows) the header is looked for under titles and empty rows. `encoding` and `delimiter` overrule what
    is detected in a text. The whole file is looked through once, so that `count` is exact and a fault
    far down is told now. A binary file is read into memory; a path is read as a stream.

    Raises `NotATable` with a sentence: not a spreadsheet, empty, no rows, too many rows or columns, too
    big, protected, damaged, dangerous, no such sheet.
    """
    opened = _opener(source, max_bytes)
    limits = (max_rows, max_columns)
    with opened() as file:
        head = file.read(8)
        if not head:
            raise NotATable(_("The file is empty."))
        if head.startswith(_OTHER_FILES):
            raise not_a_spreadsheet()
        is_ole = head == _OLE
        if is_ole or head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
            if is_ole:
                _refuse_encrypted(file)
            else:
                check_archive(file)
            return _from_book(opened(), sheet, header_row, limits)
        codec = _known_codec(encoding) if encoding else plaintext.detect_encoding(file)
        beginning = plaintext.peek(file, codec).lstrip("\ufeff")
        if vcards.looks_like_vcard(beginning):
            cards = vcards.read_vcards(opened(), codec, max_rows)
            title = Path(filename).stem if filename else ""
            return _table(lambda: enumerate(cards, 1), title, (title,), codec, "vcard", 1, limits)
        if plaintext.looks_like_html(beginning):
            html = plaintext.read_html(file, codec, max_rows + _LOOKED_AT + 2)
            return _table(lambda: enumerate(html, 1), "", ("",), codec, None, header_row, limits)
    if not beginning.strip():
        raise NotATable(_("The file is empty."))
    if beginning.lstrip()[0] in "<{[":
        raise not_a_spreadsheet()
    named = plaintext.separator_line(beginning)
    mark = delimiter or named or plaintext.detect_delimiter(beginning)

    def records() -> _Records:
        return enumerate(plaintext.read_records(opened(), codec, mark, skip_first_line=bool(named)), 1)

    title = Path(filename).stem if filename else ""
    return _table(records, title, (title,), codec, mark, header_row, limits)


def _opener(source: Source, max_bytes: int) -> Callable[[], BinaryIO]:
    """Return a function that opens the source anew, so that two readings never share a position."""
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        size = path.stat().st_size
        content = b""
    else:
        path = None
        if not isinstance(source, bytes):
            source.seek(0)
            source = source.read(max_bytes + 1)
        content, size = source, len(source)
    if size > max_bytes:
        raise NotATable(
            _("The file is bigger than %(limit)s MB. Split it into parts.")
            % {"limit": max_bytes // 1_000_000}
        )

    def opened() -> BinaryIO:
        return path.open("rb") if path else io.BytesIO(content)

    return opened


def _known_codec(name: str) -> str:
    try:
        "".encode(name)
    except LookupError as error:
        raise NotATable(_("There is no encoding “%(name)s”.") % {"name": name[:40]}) from error
    return name


@contextmanager
def _reader_faults() -> Iterator[None]:
    """Turn every fault of the workbook reader into a sentence: a panic of its core is no `Exception`."""
    try:
        yield
    except (NotATable, KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
        raise
    except PasswordError as error:
        raise protected() from error
    except CalamineError as error:
        raise (protected() if "password" in str(error).lower() else damaged()) from error
    except BaseException as error:
        raise damaged() from error


def _from_book(file: BinaryIO, sheet: str | None, header_row: int | None, limits: tuple[int, int]) -> Table:
    with _reader_faults():
        book = CalamineWorkbook.from_filelike(file)
        names = tuple(book.sheet_names)
        shown = [meta.name for meta in book.sheets_metadata if meta.visible == SheetVisibleEnum.Visible]
    if sheet is not None and sheet not in names:
        raise NotATable(_("There is no sheet “%(name)s” in the file.") % {"name": clean(sheet, 60)})
    fault: NotATable | None = None
    for name in [sheet] if sheet is not None else (shown or list(names)):
        with _reader_faults():
            found = book.get_sheet_by_name(name)
        try:
            return _table(partial(_grid, found), name, names, None, None, header_row, limits)
        except NotATable as error:
            # Of several sheets without a table the first tells why: it is the one people look at.
            fault = fault or error
    raise fault or NotATable(_("The file is empty."))


def _refuse_encrypted(file: BinaryIO) -> None:
    file.seek(0)
    if "EncryptedPackage".encode("utf-16-le") in file.read():
        raise protected()


def _grid(sheet: CalamineSheet) -> _Records:
    with _reader_faults():
        if sheet.start is None:
            return
        # Rows come from the first of the sheet, columns from the first that is filled.
        yield from enumerate(cast("Iterable[Sequence[Cell]]", sheet.iter_rows()), 1)


def _cell(value: Cell) -> Cell:
    """Return the value of a cell without what the file's format added to it."""
    if isinstance(value, str):
        text = value.strip().replace("\x00", "")
        # An apostrophe before a sign or a digit is how programs keep Excel from reading a formula.
        if len(text) > 1 and text[0] == "'" and text[1] in "+-=@0123456789":
            text = text[1:]
        return text or None
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return int(value) if value == int(value) and abs(value) < 1e15 else value
    return value


def _table(
    read: Callable[[], _Records],
    sheet: str,
    sheets: tuple[str, ...],
    encoding: str | None,
    delimiter: str | None,
    header_row: int | None,
    limits: tuple[int, int],
) -> Table:
    """Look through the records once: find the header, count the rows, see which columns are used."""
    records = read()
    first = [(number, [_cell(value) for value in record]) for number, record in islice(records, _LOOKED_AT)]
    if not any(value is not None for _number, record in first for value in record):
        raise NotATable(_("The file is empty."))
    if header_row is None:
        header_row = first[_find_header([record for _number, record in first])][0]
    titles: list[Cell] = []
    used: set[int] = set()
    count = 0
    for number, record in chain(first, records):
        if number < header_row:
            continue
        if len(record) > _WIDEST:
            raise _too_many_columns(len(record), limits[1])
        if number == header_row:
            titles = [_cell(value) for value in record]
            continue
        filled = {index for index, value in enumerate(record) if value is not None and value != ""} - used
        if filled:
            filled = {index for index in filled if _cell(record[index]) is not None}
            used |= filled
        if filled or any(_cell(value) is not None for value in record):
            count += 1
            if count > limits[0]:
                raise NotATable(
                    _("The file has more than %(limit)s rows. Split it into parts.") % {"limit": limits[0]}
                )
    named = {index for index, title in enumerate(titles) if title is not None}
    columns = sorted(named | used)
    if len(columns) > limits[1]:
        raise _too_many_columns(len(columns), limits[1])
    if not count:
        raise NotATable(_("There is a header in the file, but no rows under it."))
    return Table(
        header=_unique_titles([titles[index] if index < len(titles) else None for index in columns], columns),
        header_row=header_row,
        count=count,
        sheet=sheet,
        sheets=sheets,
        encoding=encoding,
        delimiter=delimiter,
        _columns=tuple(columns),
        _records=read,
    )


def _too_many_columns(count: int, limit: int) -> NotATable:
    return NotATable(
        _("The file has %(count)s columns, at most %(limit)s can be read. Delete those that are not needed.")
        % {"count": count, "limit": limit}
    )


def _find_header(records: list[list[Cell]]) -> int:
    """Return the index of the record that names the columns: wide enough, and of words rather than numbers."""
    filled = [sum(value is not None for value in record) for record in records]
    enough = max(filled) / 2
    for index, record in enumerate(records):
        if filled[index] and filled[index] >= enough:
            words = sum(isinstance(value, str) and not value[:1].isdigit() for value in record)
            if words >= 0.6 * filled[index]:
                return index
    return next(index for index, width in enumerate(filled) if width)


def _unique_titles(titles: list[Cell], columns: list[int]) -> tuple[str, ...]:
    """Return titles cleaned and told apart: «Note», «Note (2)»; a column without one is named by its letter."""
    result: list[str] = []
    taken: set[str] = set()
    for title, column in zip(titles, columns, strict=True):
        base = clean(title, _TITLE_LENGTH) or _("Column %(letter)s") % {"letter": _letter(column)}
        name, turn = base, 1
        while name.casefold() in taken:
            turn += 1
            name = f"{base} ({turn})"
        taken.add(name.casefold())
        result.append(name)
    return tuple(result)


def _letter(index: int) -> str:
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
