"""Rows of a file of companies, people, products, activities or notes, read without looking into the database.

A row is read whole or rejected with all its reasons. What a row is known by again: its number in the file, else
what its subject says of it (`keys`). A second row of the file without a number that is known by the same adds to
the first.
"""

from __future__ import annotations

import hashlib
import zoneinfo
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from django.utils.translation import gettext as _

from voronka.core import clock
from voronka.core.errors import Refused
from voronka.core.parsing import Unreadable, guess_decimal_comma, parse_amount
from voronka.core.spreadsheets import RejectedRow, Row, Table
from voronka.core.text import clean, clip, fold, length_problem
from voronka.integrations.spreadsheets.cells import Dates, emails_of, phones_of, tags_of, text_of, texts_of
from voronka.integrations.spreadsheets.columns import Field, base_name
from voronka.integrations.spreadsheets.fields import fields_for
from voronka.integrations.spreadsheets.options import Options
from voronka.integrations.spreadsheets.own_fields import OwnValues

_LONGEST: Final = 20_000
_LOOKED_AT: Final = 2_000
_FLAGS: Final = {
    **dict.fromkeys(("да", "yes", "true", "1", "y", "+", "x", "х", "истина", "v", "✓", "ок", "ok"), True),
    **dict.fromkeys(("нет", "no", "false", "0", "n", "-", "ложь", ""), False),
}

Progress = Callable[[int, int], None]
Check = Callable[["Record", list[str]], None]


@dataclass(slots=True)
class Record:
    """A row: its number in the file, its id there ("" without one), what it says by field.

    `keys`: what the thing may be known by here, best first (`inn:…`, `contact:…`, `name:…`). `identity`: what tells
    rows without a number apart in the file itself.
    """

    number: int
    external_id: str
    values: dict[str, Any]
    cells: tuple[Any, ...] = ()
    keys: list[str] = field(default_factory=list)
    identity: str = ""

    def get(self, name: str, empty: Any = "") -> Any:
        return self.values.get(name, empty)

    @property
    def digest(self) -> str:
        """What the row says, in short."""
        said = repr(sorted(self.values.items()))
        return hashlib.sha1(said.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


@dataclass
class Records:
    """All that a file says of one subject."""

    records: list[Record] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    total: int = 0
    # Rows that say more of what an earlier row told of.
    doubles: int = 0
    # Values that were left out of rows that were taken: phones that are none…
    warnings: Counter[str] = field(default_factory=Counter)

    def reject(self, row: Row | Record, reasons: list[str]) -> None:
        self.rejected.append(RejectedRow(row.number, row.cells, " ".join(reasons)))
        self.reasons.update(reasons)


class RecordReader:
    """Reads a table of *kind*. Raises `Refused` for what no row can help."""

    def __init__(self, table: Table, kind: str, options: Options, *, zone: zoneinfo.ZoneInfo) -> None:
        self._table, self._options, self._zone = table, options, zone
        self._now = clock.now()
        self._records = Records()
        places = {title: index for index, title in enumerate(table.header)}
        at: dict[str, list[int]] = {}
        for name, title in options.columns.items():
            if not title:
                continue
            if title not in places:
                raise Refused(
                    _("There is no column “%(title)s” in the file. There are: %(known)s.")
                    % {"title": clip(title, 80), "known": ", ".join(table.header[:30])}
                )
            at.setdefault(base_name(name), []).append(places[title])
        self._fields = [(one, at[one.name]) for one in fields_for(kind) if one.name in at]
        self._own = OwnValues(kind, [one.name for one, _places in self._fields if one.kind == "own"])
        self._only: tuple[int, str] | None = None
        if options.only.get("column") in places:
            self._only = (places[options.only["column"]], fold(options.only.get("value", "")))
        samples = list(islice(table.rows(), _LOOKED_AT))
        self._dates = {
            one.name: Dates([row.cells[i] for row in samples for i in indexes], zone)
            for one, indexes in self._fields
            if one.kind in ("moment", "day")
        }
        self._commas = {
            one.name: guess_decimal_comma([row.cells[i] for row in samples for i in indexes])
            for one, indexes in self._fields
            if one.kind in ("money", "number")
        }

    def read(self, check: Check, progress: Progress = lambda done, total: None) -> Records:
        """Read everything. *check* completes a record (its keys above all) and adds what is wrong with it."""
        found = self._records
        found.total = 0
        seen: dict[str, int] = {}
        by_key: dict[str, Record] = {}
        for count, row in enumerate(self._table.rows(), start=1):
            if count % 2000 == 0:
                progress(count, self._table.count)
            if self._only and fold(clean(row.cells[self._only[0]])) != self._only[1]:
                continue
            found.total += 1
            problems: list[str] = []
            record = self._record(row, problems)
            if record.external_id:
                first = seen.setdefault(record.external_id, row.number)
                if first != row.number:
                    problems.append(
                        _("The number %(id)s is in row %(row)s already.")
                        % {"id": clip(record.external_id, 40), "row": first}
                    )
            if not problems:
                check(record, problems)
            if problems:
                found.reject(row, list(dict.fromkeys(problems)))
                continue
            if not record.external_id and record.identity:
                if earlier := by_key.get(record.identity):
                    _add(earlier, record)
                    found.doubles += 1
                    continue
                by_key[record.identity] = record
            found.records.append(record)
        progress(self._table.count, self._table.count)
        return found

    def _record(self, row: Row, problems: list[str]) -> Record:
        values: dict[str, Any] = {}
        for one, indexes in self._fields:
            cells = [cell for index in indexes if (cell := row.cells[index]) is not None]
            if not cells:
                continue
            if one.kind == "own":
                key, value = self._own.read(one.name, cells, problems, self._records.warnings)
                if value is not None:
                    values.setdefault("custom", {})[key] = value
                continue
            value = self._value(one, cells, problems)
            if value not in (None, "", [], ()):
                values[one.name] = value
        external_id = str(values.pop("id", ""))
        return Record(row.number, external_id, values, row.cells)

    def _value(self, one: Field, cells: list[Any], problems: list[str]) -> Any:
        if one.kind == "phones":
            return phones_of(cells, self._records.warnings)
        if one.kind == "emails":
            return emails_of(cells, self._records.warnings)
        if one.kind == "tags":
            return tags_of(cells)
        if one.kind == "long":
            texts = texts_of(cells, _LONGEST if one.many else _LONGEST + 1)
            return texts if one.many else self._fitting(one, "\n".join(texts), _LONGEST, problems)
        if one.many:
            return list(dict.fromkeys(filter(None, (text_of(cell)[: one.limit] for cell in cells))))
        # Of a column that the file repeats the last that says something counts.
        cell = next((cell for cell in reversed(cells) if text_of(cell)), None)
        if cell is None:
            return None
        try:
            if one.kind in ("moment", "day"):
                moment, only_day = self._dates[one.name].read(cell)
                if moment is None:
                    return None
                if one.kind == "day":
                    return moment.astimezone(self._zone).date()
                return (moment, only_day)
            if one.kind in ("money", "number"):
                amount = parse_amount(cell, decimal_comma=self._commas[one.name])
                if amount is not None and amount < 0:
                    problems.append(_("The sum “%(sum)s” is negative.") % {"sum": amount})
                return amount if one.kind == "money" or amount is None else _whole(amount)
        except Unreadable as fault:
            problems.append(str(fault))
            return None
        if one.kind == "flag":
            return _FLAGS.get(fold(text_of(cell)), True) if not isinstance(cell, bool) else cell
        return self._fitting(one, text_of(cell), one.limit, problems)

    def _fitting(self, one: Field, text: str, limit: int, problems: list[str]) -> str:
        if len(text) > limit and (problem := length_problem(text, limit)):
            problems.append(_("%(field)s: %(problem)s") % {"field": one.label, "problem": problem})
            return ""
        return text


def _whole(amount: Decimal) -> int:
    return int(min(amount.to_integral_value(), Decimal(10**9)))


def _add(earlier: Record, later: Record) -> None:
    """What a second row of the same thing says besides: blanks filled, phones and notes added."""
    for name, value in later.values.items():
        if isinstance(value, list):
            earlier.values[name] = list(dict.fromkeys([*earlier.values.get(name, []), *value]))
        else:
            earlier.values.setdefault(name, value)
