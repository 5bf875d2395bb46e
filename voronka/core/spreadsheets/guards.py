"""What is looked at before a stranger's workbook reaches the reader.

The reader builds a dense grid in memory and inflates what it is given. A file of a few kilobytes can
therefore ask for gigabytes in two ways: by compression, and by one cell in the far corner of a sheet.
Both are measured here with bounded memory, by inflating the parts ourselves: the sizes that an archive
declares about itself may lie.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Final, Literal

from django.utils.translation import gettext as _

MAX_UNPACKED: Final = 600_000_000
MAX_CELLS: Final = 15_000_000
_SUSPICIOUS: Final = 50_000_000
_MAX_RATIO: Final = 250
_MAX_PARTS: Final = 5_000
_CHUNK: Final = 1 << 20
_OVERLAP: Final = 256

BookKind = Literal["xlsx", "ods"]


class NotATable(ValueError):
    """The file cannot be read as a table; the message is a whole sentence for the person who brought it."""


def not_a_spreadsheet() -> NotATable:
    return NotATable(_("This is not a spreadsheet. An xlsx, xls, ods or csv file is needed."))


def damaged() -> NotATable:
    return NotATable(_("The file is damaged and cannot be read. Open it in Excel and save it again."))


def protected() -> NotATable:
    return NotATable(_("The file is protected by a password. Save it without a password."))


def bomb() -> NotATable:
    return NotATable(_("The file unpacks to a size that no real spreadsheet has. It was not opened."))


def too_many_cells() -> NotATable:
    return NotATable(
        _("The sheet stretches over too many cells. Delete the empty rows and columns around the table.")
    )


def check_archive(file: BinaryIO) -> BookKind:
    """Return what kind of workbook the zip archive is. Raises `NotATable` if it is none, or is dangerous."""
    try:
        archive = zipfile.ZipFile(file)
        parts = archive.infolist()
    except (
        zipfile.BadZipFile,
        struct.error,
        ValueError,
        NotImplementedError,
        OverflowError,
        OSError,
    ) as error:
        raise damaged() from error
    names = {part.filename.lower().replace("\\", "/").lstrip("/") for part in parts}
    kind = _kind(names)
    if len(parts) > _MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise bomb()
    total = 0
    for part in parts:
        if part.flag_bits & 1:
            raise protected()
        size = 0
        scan: XlsxExtent | OdsExtent = XlsxExtent() if kind == "xlsx" else OdsExtent()
        is_xml = not part.filename.lower().endswith((".png", ".jpg", ".jpeg", ".gif", ".emf", ".bin"))
        for chunk in _inflate(file, part):
            size += len(chunk)
            if total + size > MAX_UNPACKED or (size > _SUSPICIOUS and size > _MAX_RATIO * part.compress_size):
                raise bomb()
            if is_xml:
                scan.feed(chunk)
        total += size
        scan.close()
        if kind == "ods" and part.filename == "META-INF/manifest.xml":
            _refuse_encrypted_ods(archive, part)
    return kind


def _kind(names: set[str]) -> BookKind:
    if "xl/workbook.xml" in names or any(re.fullmatch(r"xl/workbook\d*\.xml", name) for name in names):
        return "xlsx"
    if "content.xml" in names and "mimetype" in names:
        return "ods"
    if any(name.endswith((".csv", ".xlsx", ".xls", ".ods", ".txt")) for name in names):
        raise NotATable(_("This is an archive. Unpack it and choose the spreadsheet inside."))
    raise not_a_spreadsheet()


def _refuse_encrypted_ods(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    with archive.open(part) as manifest:
        if b"encryption-data" in manifest.read(1 << 20):
            raise protected()


def _inflate(file: BinaryIO, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the content of a part in chunks, however long it truly is."""
    try:
        file.seek(part.header_offset)
        head = file.read(30)
        if head[:4] != b"PK\x03\x04":
            raise damaged()
        name_length, extra_length = struct.unpack("<HH", head[26:30])
        file.seek(name_length + extra_length, 1)
        left = part.compress_size
        if part.compress_type == zipfile.ZIP_STORED:
            while left > 0 and (data := file.read(min(_CHUNK, left))):
                left -= len(data)
                yield data
            return
        if part.compress_type != zipfile.ZIP_DEFLATED:
            raise not_a_spreadsheet()
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        while left > 0 and not inflater.eof and (data := file.read(min(_CHUNK, left))):
            left -= len(data)
            while data and not inflater.eof:
                out = inflater.decompress(data, _CHUNK)
                data = inflater.unconsumed_tail
                if out:
                    yield out
    except (zlib.error, struct.error, OSError) as error:
        raise damaged() from error


class XlsxExtent:
    """How far the cells of a worksheet reach, from the addresses in its XML."""

    _FAR: Final = re.compile(rb"""\br\s*=\s*["']([A-Z]{0,4})([0-9]{1,9})["']""")

    def __init__(self) -> None:
        self._tail = b""
        self.rows = 0
        self.columns = 0

    def feed(self, chunk: bytes) -> None:
        data = self._tail + chunk
        for letters, row in self._FAR.findall(data):
            if letters:
                column = 0
                for letter in letters:
                    column = column * 26 + letter - 64
                if column > self.columns:
                    self.columns = column
            number = int(row)
            if number > self.rows:
                self.rows = number
        self._tail = data[-_OVERLAP:]
        self._check()

    def _check(self) -> None:
        if self.rows * self.columns > MAX_CELLS:
            raise too_many_cells()

    def close(self) -> None:
        self._check()


class OdsExtent:
    """How many cells the tables of an OpenDocument sheet expand to, by their repeat counts."""

    _TAG: Final = re.compile(rb"<(/?)table:(table-row|table-cell|covered-table-cell|table)\b([^>]*)>")
    _REPEAT: Final = re.compile(rb"""number-(?:columns|rows)-repeated\s*=\s*["']([0-9]{1,9})["']""")

    def __init__(self) -> None:
        self._tail = b""
        self._rows = 0
        self._widest = 0
        self._repeat = 1
        self._width = 0
        self._filled = 0

    def feed(self, chunk: bytes) -> None:
        data = self._tail + chunk
        end = 0
        for match in self._TAG.finditer(data):
            end = match.end()
            self._take(match[1] == b"/", match[2], match[3])
        # An unfinished tag is read with the next chunk; text between tags is of no interest.
        start = data.rfind(b"<", max(end, len(data) - 65_536))
        self._tail = data[start:] if start >= end else b""

    def _take(self, closing: bool, name: bytes, attributes: bytes) -> None:
        found = self._REPEAT.search(attributes)
        repeat = int(found[1]) if found else 1
        empty = attributes.rstrip().endswith(b"/")
        if name == b"table":
            self._rows = self._widest = 0
        elif name == b"table-row":
            if not closing:
                self._repeat, self._width, self._filled = repeat, 0, 0
            if closing and self._filled:
                self._rows += self._repeat
                self._widest = max(self._widest, self._filled)
                if self._rows * self._widest > MAX_CELLS:
                    raise too_many_cells()
        elif not closing:
            self._width += repeat
            if not empty or b"office:value" in attributes:
                self._filled = self._width
                if self._filled > MAX_CELLS:
                    raise too_many_cells()

    def close(self) -> None:
        """Every row was judged when it ended."""
