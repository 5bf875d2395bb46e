"""Tables in text: which encoding, which delimiter, and HTML that calls itself .xls.

Russian files come in UTF-8, cp1251 (Excel), cp866 (old programs of banks), KOI8-R and UTF-16 (Excel's
"Unicode text"), mostly without saying which.
"""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import islice
from typing import BinaryIO, Final

from django.utils.translation import gettext as _

from voronka.core.spreadsheets.guards import NotATable, damaged, not_a_spreadsheet

DELIMITERS: Final = (";", "\t", ",", "|")
_SAMPLE: Final = 1 << 18
_LONGEST_FIELD: Final = 4_000_000
_MOST_LINES_IN_FIELD: Final = 5_000
# The limit of the csv module is one for the process; ours is checked with a sentence.
csv.field_size_limit(_LONGEST_FIELD * 2)

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LETTER: Final = "а-яА-ЯёЁ"
_COMMON: Final = re.compile("[оеаинтсрвлОЕАИНТСРВЛ]")
_RARE: Final = re.compile("[ъэфщёцЪЭФЩЁЦ]")
_ANY: Final = re.compile(f"[{_LETTER}]")
_WRONG_CASE: Final = re.compile("[а-яё][А-ЯЁ]")
_MIXED: Final = re.compile(f"[a-zA-Z][{_LETTER}]|[{_LETTER}][a-zA-Z]")
_ODD: Final = re.compile(f"[^\x00-\x7f{_LETTER}«»№—–…“”„’‘°§©®€±·•₽\xa0]")
_ACCENTED: Final = re.compile("(?<=[a-zA-Z])[À-ÖØ-öø-ÿ]|[À-ÖØ-öø-ÿ](?=[a-zA-Z])")
_ACCENTS_RUN: Final = re.compile("[À-ÖØ-öø-ÿ]{2,}")
_HTML: Final = re.compile(r"<\s*(?:!doctype\s+html|html|table|body|meta)\b", re.IGNORECASE)


def detect_encoding(file: BinaryIO) -> str:
    """Return the name of the codec in which `file` (at its start) is written.

    A byte-order mark decides; then valid UTF-8 (a few broken sequences are forgiven); then UTF-16 without
    a mark; then the 8-bit encoding in which the text looks most like Russian. Raises `NotATable` if the
    bytes are not text.
    """
    file.seek(0)
    head = file.read(_SAMPLE)
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    if b"\x00" in head:
        return _utf16(head)
    if len(re.findall(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]", head)) > len(head) * 0.02:
        raise not_a_spreadsheet()
    file.seek(0)
    if _is_utf8(file):
        return "utf-8"
    file.seek(0)
    return _eight_bit(b"".join(_lines_with_high_bytes(file)))


def _utf16(head: bytes) -> str:
    even = head[: len(head) // 2 * 2]
    for name in ("utf-16-le", "utf-16-be"):
        text = even.decode(name, "replace")
        usual = sum(
            1 for char in text if char.isascii() or "\u0400" <= char <= "\u04ff" or char in "«»№—–…\xa0₽"
        )
        if "\x00" not in text and usual > 0.9 * len(text):
            return name
    # A stray NUL inside an ordinary text is dropped when the cells are read.
    if head.count(0) <= max(3, len(head) // 1000):
        return "utf-8" if _is_utf8(io.BytesIO(head)) else _eight_bit(head)
    raise not_a_spreadsheet()


def _is_utf8(file: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    good = broken = 0
    while data := file.read(1 << 20):
        text = decoder.decode(data)
        if not text.isascii():
            bad = text.count("\ufffd")
            broken += bad
            good += len(text) - len(text.encode("ascii", "ignore")) - bad
    return broken * 200 <= good


def _lines_with_high_bytes(file: BinaryIO) -> Iterator[bytes]:
    taken = 0
    while taken < _SAMPLE and (line := file.readline(_SAMPLE)):
        if not line.isascii():
            taken += len(line)
            yield line


def _eight_bit(sample: bytes) -> str:
    names = ("cp1251", "cp866", "koi8-r", "cp1252")
    return max(names, key=lambda name: _likeness(sample.decode(name, "replace"), name))


def _likeness(text: str, name: str) -> int:
    """Return how much `text` looks like words: the most for the encoding it was written in."""
    if name == "cp1252":
        return (
            3 * len(_ACCENTED.findall(text))
            - 4 * sum(map(len, _ACCENTS_RUN.findall(text)))
            - len(_ODD.findall(text)) // 9
        )
    return (
        len(_ANY.findall(text))
        + 2 * len(_COMMON.findall(text))
        - 2 * len(_RARE.findall(text))
        - 4 * len(_WRONG_CASE.findall(text))
        - 4 * len(_MIXED.findall(text))
        - 4 * len(_ODD.findall(text))
    )


def open_text(file: BinaryIO, encoding: str) -> io.TextIOWrapper:
    """Return `file` from its start as text, with line ends as they are and undecodable bytes replaced."""
    file.seek(0)
    return io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="")


def peek(file: BinaryIO, encoding: str) -> str:
    """Return the first part of the text, without disturbing `file`."""
    file.seek(0)
    return codecs.getincrementaldecoder(encoding)("replace").decode(file.read(_SAMPLE))


def looks_like_html(sample: str) -> bool:
    """Return whether the text is a page: Bitrix24 and others export HTML tables named .xls."""
    return bool(_HTML.match(sample.lstrip()[:200])) or "<table" in sample[:4000].lower()


def separator_line(sample: str) -> str | None:
    """Return the delimiter that Excel's first line ``sep=;`` names, if there is one."""
    match = re.match(r'"?sep=(.)"?\r?\n', sample, re.IGNORECASE)
    return match[1] if match else None


def detect_delimiter(sample: str) -> str:
    """Return the delimiter that cuts the sample into the most even records; «;» for a table of one column."""
    best, best_score = ";", 0.0
    for delimiter in DELIMITERS:
        widths = Counter(
            len(record)
            for record in islice(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter), 60)
            if any(record)
        )
        if not widths:
            continue
        width, times = max(widths.items(), key=lambda item: (item[1], item[0]))
        # A long table with a ragged row or two is still a table; one comma in one title is not.
        score = times / sum(widths.values()) if width > 1 else 0.0
        if score > best_score + 0.05:
            best, best_score = delimiter, score
    return best


def read_records(
    file: BinaryIO, encoding: str, delimiter: str, *, skip_first_line: bool
) -> Iterator[list[str]]:
    """Yield the records of a delimited text, then close it. Raises `NotATable` at a quote that is never closed."""
    with open_text(file, encoding) as text:
        if skip_first_line:
            text.readline()
        number = 0
        reader = csv.reader((line.replace("\x00", "") for line in text), delimiter=delimiter)
        while True:
            number += 1
            try:
                record = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise _open_quote(number) from error
            except UnicodeError as error:
                raise damaged() from error
            if any(len(field) > 10_000 and _swallowed(field) for field in record):
                raise _open_quote(number)
            yield record


def _swallowed(field: str) -> bool:
    """Return whether the field is rather a piece of the file after a quote that is never closed."""
    return len(field) > _LONGEST_FIELD or field.count("\n") > _MOST_LINES_IN_FIELD


def _open_quote(number: int) -> NotATable:
    return NotATable(
        _(
            "In row %(row)s a quotation mark is opened and never closed, so the rest of the file cannot be read."
        )
        % {"row": number}
    )


class _Tables(HTMLParser):
    """Collects the rows of every table of a page."""

    def __init__(self, max_rows: int) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self._open: list[list[list[str]]] = []
        self._cell: list[str] | None = None
        self._span = 1
        self._left = max_rows

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._end_cell()
            self._open.append([])
            self.tables.append(self._open[-1])
        elif tag == "tr" and self._open and self._left > 0:
            self._end_cell()
            self._left -= 1
            self._open[-1].append([])
        elif tag in ("td", "th") and self._open and self._open[-1]:
            self._end_cell()
            self._cell = []
            span = dict(attrs).get("colspan") or "1"
            self._span = min(int(span), 500) if span.isascii() and span.isdigit() and len(span) < 5 else 1
        elif tag == "br" and self._cell is not None:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr"):
            self._end_cell()
        elif tag == "table" and self._open:
            self._end_cell()
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def _end_cell(self) -> None:
        if self._cell is not None and self._open and self._open[-1]:
            self._open[-1][-1].extend(["".join(self._cell).strip(), *[""] * (self._span - 1)])
        self._cell = None


def read_html(file: BinaryIO, encoding: str, max_rows: int) -> list[list[str]]:
    """Return the rows of the longest table of a page, at most `max_rows` of all tables together."""
    parser = _Tables(max_rows)
    with open_text(file, encoding) as text:
        while data := text.read(1 << 18):
            parser.feed(data)
    parser.close()
    if not parser.tables:
        raise not_a_spreadsheet()
    return max(parser.tables, key=len)
