"""Rows of a file into deals, without looking into the database.

A row is read whole or rejected with all its reasons. Decisions, where files leave freedom:

- The history decides the stages; the stage column is then read only for what the history does not say.
- A value of a stage that means an outcome (`=won`, `=lost`) closes the deal; in a history its moment is the
  closing date unless the row has one.
- Dates without a time are midnights here. An opening up to a day later than the first entry into a stage is
  drawn back to it, a closing up to a day earlier than the last entry is drawn forward (days and moments mixed);
  more is a contradiction, and the row is rejected. Between the opening and the first entry the deal stood in
  its first stage.
- Moments that are equal follow one another in the order of the file, a microsecond apart.
- An open deal with a closing date in the future expects to be closed then; in the past it is a contradiction.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import zoneinfo
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import Any, Final

from django.utils.translation import gettext as _

from voronka.core import clock
from voronka.core.edits import PREFIX
from voronka.core.errors import Refused
from voronka.core.parsing import Unreadable, guess_decimal_comma, is_nothing, parse_amount
from voronka.core.spreadsheets import RejectedRow, Row, Table
from voronka.core.text import clean, clip, fold, length_problem
from voronka.integrations.spreadsheets.cells import Dates, emails_of, phones_of, tags_of, text_of, texts_of
from voronka.integrations.spreadsheets.columns import base_name
from voronka.integrations.spreadsheets.options import Options
from voronka.integrations.spreadsheets.own_fields import OwnValues
from voronka.integrations.spreadsheets.words import (
    currency_of,
    outcome_of,
    passing_order,
    propose,
    usual_order,
)

TICK: Final = dt.timedelta(microseconds=1)
DAY: Final = dt.timedelta(days=1)
_LIMITS: Final = {
    "title": 250, "company": 250, "person": 200, "product": 250, "owner": 150, "stage": 100, "funnel": 150,
    "lost_reason": 150, "source": 150, "id": 120, "inn": 12, "person_post": 150, "person_first": 100,
    "person_middle": 100, "person_last": 100,
}  # fmt: skip
_LONGEST_COMMENT: Final = 20_000
_LOOKED_AT: Final = 2_000

Progress = Callable[[int, int], None]
# A file says the same names again and again.
folded = lru_cache(maxsize=50_000)(fold)


@dataclass(slots=True)
class ParsedDeal:
    """A deal as the file tells it. `path`: (moment, folded name of the stage), at least one, strictly rising."""

    number: int
    external_id: str
    title: str
    amount: Decimal | None
    currency: str
    company: str
    person: str
    product: str
    owner: str
    source: str
    funnel: str
    comment: str
    reason: str
    outcome: str
    opened_at: dt.datetime
    closed_at: dt.datetime | None
    expected_close: dt.date | None
    path: list[tuple[dt.datetime, str]]
    assumed: bool
    # Of the client: of the contact person if the row names one, else of the company.
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    inn: str = ""
    person_post: str = ""
    notes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    # Values of own fields as they are stored, by key.
    custom: dict[str, Any] = field(default_factory=dict)
    product_rows: int = 1
    # What was sold, row by row, when the file has a row for every product.
    products: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """What the row says, in short."""
        said = (
            self.title, self.amount, self.currency, self.company, self.person, self.product, self.owner, self.source,
            self.funnel, self.comment, self.reason, self.outcome, self.opened_at, self.closed_at, self.expected_close,
            self.path, self.assumed, self.phones, self.emails, self.inn, self.person_post, self.notes, self.tags, self.products, sorted(self.custom.items()),
        )  # fmt: skip
        return hashlib.sha1(repr(said).encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


@dataclass
class Parsed:
    """All that a file says.

    `stages`: folded name → name, of every stage met, in the order they are to stand if new. `ordered`: whether
    that order is known (from a history, from the answers) or only supposed. `stray`: rows of the history that
    belong to no deal taken.
    """

    deals: list[ParsedDeal] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    stages: dict[str, str] = field(default_factory=dict)
    ordered: bool = False
    total: int = 0
    stray: int = 0
    no_opening: int = 0
    # Values that were left out of rows that were taken: phones that are none…
    warnings: Counter[str] = field(default_factory=Counter)

    def reject(self, row: Row, reasons: Sequence[str]) -> None:
        self.rejected.append(RejectedRow(row.number, row.cells, " ".join(reasons)))
        self.reasons.update(reasons)


class Reader:
    """Reads a deals file, with its history if there is one. Raises `Refused` for what no row can help."""

    def __init__(
        self,
        table: Table,
        options: Options,
        *,
        zone: zoneinfo.ZoneInfo,
        currency: str,
        history: Table | None = None,
        known_stages: dict[str, str] | None = None,
    ) -> None:
        """*known_stages*: folded name → name of the stages of the funnel that the deals go to."""
        self._table, self._history, self._options = table, history, options
        self._zone, self._currency = zone, options.currency or currency
        self._now = clock.now()
        self._known = known_stages or {}
        self._at = _places(table, options.columns)
        self._history_at = _places(history, options.history_columns) if history else {}
        self._meanings = {folded(value): meaning for value, meaning in options.stages.items()}
        self._proposed: dict[str, str] = {}
        day = options.check_day()
        self._default_opened = (
            dt.datetime.combine(day, dt.time.min, tzinfo=zone).astimezone(dt.UTC) if day else None
        )
        samples = list(islice(table.rows(), _LOOKED_AT))
        self._dates = {
            name: Dates([row.cells[self._at[name]] for row in samples], zone)
            for name in ("opened_at", "closed_at", "expected_close", "changed_at")
            if name in self._at
        }
        amounts = [row.cells[self._at["amount"]] for row in samples] if "amount" in self._at else []
        self._decimal_comma = guess_decimal_comma(amounts)
        self._merges_products = options.source == "bitrix24"
        # Their own word for «when it was closed» may be missing; the last change stands in for it.
        self._knows_changes = options.source in ("amocrm", "bitrix24")
        self._only = (
            (table.header.index(options.only["column"]), folded(options.only.get("value", "")))
            if options.only.get("column") in table.header
            else None
        )
        # Fields that several columns may be, or that the file repeats.
        self._further = _further_places(table, options.columns)
        self._own_names = [name for name in self._further if name.startswith(PREFIX)]
        self._own = OwnValues("deals", self._own_names)
        self._parsed = Parsed()
        # Of the history: entries by deal, and what is wrong with entries by deal.
        self._paths: dict[str, list[tuple[dt.datetime, int, str]]] = {}
        self._faulty: dict[str, list[str]] = {}

    def read(self, progress: Progress = lambda done, total: None) -> Parsed:
        """Read everything; *progress* is told how many rows of how many were read."""
        parsed = self._parsed
        parsed.total = self._table.count
        entries = self._entries()
        first = self._first_stage()
        seen: dict[str, int] = {}
        taken: dict[str, ParsedDeal] = {}
        for count, row in enumerate(self._table.rows(), start=1):
            if count % 2000 == 0:
                progress(count, parsed.total)
            if self._only and folded(text_of(row.cells[self._only[0]])) != self._only[1]:
                parsed.total -= 1
                continue
            deal = self._deal(row, entries, seen, taken, first)
            if deal is not None:
                parsed.deals.append(deal)
                taken[deal.external_id] = deal
        self._order_stages()
        for deal in parsed.deals:
            if len(deal.products) > 1:
                sold = "\n".join(deal.products)
                deal.comment = clip("\n".join(filter(None, [deal.comment, sold])), _LONGEST_COMMENT)
        parsed.stray = sum(map(len, entries.values()))
        progress(parsed.total, parsed.total)
        return parsed

    # --- stages

    def _meaning(self, value: str) -> str:
        """`=won`, `=lost` or the name of the stage that *value* means."""
        found = self._proposed.get(value)
        if found is None:
            found = self._meanings.get(folded(value)) or propose([value], self._known)[value]
            self._proposed[value] = found
        return found

    def _stage(self, name: str) -> str:
        """The key of the stage *name*, noted among the stages met."""
        key = folded(name)
        if key not in self._parsed.stages:
            self._parsed.stages[key] = self._known.get(key, name)
        return key

    def _first_stage(self) -> dict[str, str]:
        """Names of the first and the last stage, for deals that say nothing of theirs."""
        names: list[str] = []
        if self._history is None and "stage" in self._at:
            index = self._at["stage"]
            met = dict.fromkeys(text_of(row.cells[index]) for row in self._table.rows())
            for value in met:
                if value and len(value) <= _LIMITS["stage"]:
                    meaning = self._meaning(value)
                    if not meaning.startswith("="):
                        names.append(meaning)
        elif self._history is not None:
            names = [self._parsed.stages[key] for key in self._history_order()]
        new = [n for n in dict.fromkeys(names) if folded(n) not in self._known]
        ordered = [*self._known.values(), *self._arranged(new)] if self._history is None else names
        if not ordered:
            ordered = list(self._known.values()) or [_("New")]
        for name in ordered if not self._known else new:
            self._stage(name)
        if not self._parsed.stages and self._known:
            self._stage(ordered[0])
        return {"first": ordered[0], "last": ordered[-1]}

    def _arranged(self, names: Sequence[str]) -> list[str]:
        wanted = {folded(name): place for place, name in enumerate(self._options.stage_order)}
        usual = usual_order(names)
        return sorted(usual, key=lambda name: wanted.get(folded(name), len(wanted)))

    def _order_stages(self) -> None:
        parsed = self._parsed
        names = [parsed.stages[key] for key in parsed.stages]
        told = {folded(name) for name in self._options.stage_order}
        if told:
            names = self._arranged(names)
        parsed.stages = {folded(name): name for name in names}
        new = [key for key in parsed.stages if key not in self._known]
        parsed.ordered = self._history is not None or set(new) <= told or len(new) < 2

    # --- the history

    def _entries(self) -> dict[str, list[tuple[dt.datetime, int, str]]]:
        """Deal id → its entries (moment, row, value), as the file has them."""
        found = self._paths
        if self._history is None:
            return found
        deal_at, stage_at, moment_at = (self._history_at[name] for name in ("deal_id", "stage", "entered_at"))
        dates = Dates([row.cells[moment_at] for row in islice(self._history.rows(), _LOOKED_AT)], self._zone)
        for row in self._history.rows():
            external_id, value = text_of(row.cells[deal_at]), text_of(row.cells[stage_at])
            if not external_id:
                self._parsed.stray += 1
                continue
            problem = ""
            moment = None
            try:
                moment, _day = dates.read(row.cells[moment_at])
            except Unreadable as fault:
                problem = str(fault)
            if not value or len(value) > _LIMITS["stage"]:
                problem = (
                    _("The stage is not named.") if not value else _("The name of the stage is too long.")
                )
            elif moment is None and not problem:
                problem = _("There is no date.")
            if problem:
                self._faulty.setdefault(external_id, []).append(
                    _("History, row %(row)s: %(problem)s") % {"row": row.number, "problem": problem}
                )
            elif moment is not None:
                found.setdefault(external_id, []).append((moment, row.number, value))
        for moments in found.values():
            moments.sort(key=lambda entry: entry[:2])
        return found

    def _history_order(self) -> list[str]:
        """Keys of the stages of the history in the order in which deals pass them; notes their names."""
        indexes: dict[str, int] = {}
        names: dict[str, str] = {}
        paths: Counter[tuple[int, ...]] = Counter()
        for moments in self._paths.values():
            path: dict[int, None] = {}
            for _moment, _row, value in moments:
                meaning = self._meaning(value)
                if not meaning.startswith("="):
                    key = folded(meaning)
                    if key not in indexes:
                        indexes[key] = len(indexes)
                        names[key] = self._known.get(key, meaning)
                    path[indexes[key]] = None
            paths[tuple(path)] += 1
        keys = list(indexes)
        ordered = [keys[index] for index in passing_order(paths.items(), len(keys))]
        for key in ordered:
            self._parsed.stages[key] = names[key]
        return ordered

    # --- one row

    def _deal(
        self,
        row: Row,
        entries: dict[str, list[tuple[dt.datetime, int, str]]],
        seen: dict[str, int],
        taken: dict[str, ParsedDeal],
        ends: dict[str, str],
    ) -> ParsedDeal | None:
        parsed = self._parsed
        problems: list[str] = []
        texts = {name: self._words(row, name, problems) for name in _LIMITS}
        if not texts["person"]:
            # Leads of Bitrix24 have the name in parts.
            names = (texts[f"person_{part}"] for part in ("first", "middle", "last"))
            texts["person"] = " ".join(filter(None, names))[: _LIMITS["person"]]
        comment = self._cell(row, "comment")
        comment = clean(comment, multiline=True) if isinstance(comment, str) else text_of(comment)
        if problem := length_problem(comment, _LONGEST_COMMENT):
            problems.append(_("%(field)s: %(problem)s") % {"field": _("Comment"), "problem": problem})
        amount = self._amount(row, problems)
        opened, _day = self._moment(row, "opened_at", problems)
        closed, closed_day = self._moment(row, "closed_at", problems)
        expected, _day = self._moment(row, "expected_close", problems)
        external_id = self._id(row, texts, seen, taken, amount, problems)
        history = entries.pop(external_id, [])
        problems += self._faulty.pop(external_id, [])
        outcome, stage, closing_moment = self._outcome(row, texts["stage"], history, problems)
        if external_id == "":
            # Merged into an earlier row (a deal in as many rows as it has products).
            return None
        entered = [(moment, meaning) for moment, meaning in self._path(history)]
        if outcome != "open" and closed is None:
            closed = closing_moment
            if closed is None and self._knows_changes:
                # Bitrix24 has one column for the day of closing, expected or real.
                changed, _day = self._moment(row, "changed_at", problems)
                closed = expected if expected and expected <= self._now else changed
            if closed is None and not self._faulty_date(row, "closed_at"):
                problems.append(_("The deal is closed, but there is no closing date."))
        if opened is None and not self._faulty_date(row, "opened_at"):
            if entered:
                opened = entered[0][0]
            elif self._default_opened is not None:
                opened = self._default_opened
            else:
                self._parsed.no_opening += 1
                problems.append(_("There is no opening date."))
        if outcome == "open" and closed is not None:
            if closed > self._now:
                expected = expected or closed
            else:
                problems.append(_("The deal is open, but has a closing date in the past."))
            closed = None
        currency = self._money_of(row, problems)
        custom = self._custom(row, problems)
        path: list[tuple[dt.datetime, str]] = []
        if opened is not None and not problems:
            opened, closed, path = self._times(opened, closed, closed_day, entered, problems)
        if problems:
            parsed.reject(row, problems)
            return None
        assert opened is not None
        assumed = not entered
        if not path:
            path = [(opened, self._stage(stage or self._supposed(outcome, ends)))]
        return ParsedDeal(
            number=row.number,
            external_id=external_id,
            title=texts["title"] or self._title(texts, external_id),
            amount=amount,
            currency=currency,
            company=texts["company"],
            person=texts["person"],
            product=texts["product"],
            owner=texts["owner"],
            source=texts["source"],
            funnel=texts["funnel"],
            comment=comment,
            reason=texts["lost_reason"] if outcome == "lost" else "",
            outcome=outcome,
            opened_at=opened,
            closed_at=closed,
            expected_close=expected.astimezone(self._zone).date() if expected else None,
            path=path,
            assumed=assumed,
            phones=tuple(phones_of(self._cells(row, "phones"), parsed.warnings)),
            emails=tuple(emails_of(self._cells(row, "emails"), parsed.warnings)),
            inn=_digits_only(texts["inn"]),
            person_post=texts["person_post"],
            notes=tuple(texts_of(self._cells(row, "notes"), _LONGEST_COMMENT)),
            tags=tuple(tags_of(self._cells(row, "tags"))),
            products=self._sold(row, texts["product"]),
            custom=custom,
        )

    def _cells(self, row: Row, name: str) -> list[Any]:
        """All that the row says of a field of several columns."""
        return [row.cells[index] for index in self._further.get(name, ()) if row.cells[index] is not None]

    def _cell(self, row: Row, name: str) -> Any:
        indexes = self._further.get(name)
        if not indexes:
            return None
        # Of a column that the file repeats the last that says something counts.
        if len(indexes) > 1:
            return next((cell for i in reversed(indexes) if not is_nothing(cell := row.cells[i])), None)
        return row.cells[indexes[0]]

    def _custom(self, row: Row, problems: list[str]) -> dict[str, Any]:
        read = (
            self._own.read(name, self._cells(row, name), problems, self._parsed.warnings)
            for name in self._own_names
        )
        return {key: value for key, value in read if value is not None}

    def _sold(self, row: Row, product: str) -> tuple[str, ...]:
        """«Кирпич М150 — 2 × 61000», where the file says how many and for how much."""
        quantity, price = text_of(self._cell(row, "quantity")), text_of(self._cell(row, "price"))
        if not self._merges_products or not product:
            return ()
        return (f"{product} — {quantity or 1} × {price}" if price else product,)

    def _words(self, row: Row, name: str, problems: list[str]) -> str:
        text = text_of(self._cell(row, name))
        if len(text) > _LIMITS[name]:
            problem = length_problem(text, _LIMITS[name])
            problems.append(
                _("%(field)s: %(problem)s") % {"field": self._options.columns[name], "problem": problem}
            )
            return ""
        return text

    def _amount(self, row: Row, problems: list[str]) -> Decimal | None:
        try:
            amount = parse_amount(self._cell(row, "amount"), decimal_comma=self._decimal_comma)
        except Unreadable as fault:
            problems.append(str(fault))
            return None
        if amount is not None and amount < 0:
            problems.append(_("The sum “%(sum)s” is negative.") % {"sum": amount})
        return amount

    def _moment(self, row: Row, name: str, problems: list[str]) -> tuple[dt.datetime | None, bool]:
        if name not in self._dates:
            return None, False
        try:
            moment, only_day = self._dates[name].read(self._cell(row, name))
        except Unreadable as fault:
            problems.append(str(fault))
            return None, False
        if moment is not None and name == "opened_at" and moment > self._now:
            problems.append(_("The opening date has not come yet."))
        return moment, only_day

    def _faulty_date(self, row: Row, name: str) -> bool:
        """Whether there is something in the column that could not be read: one reason is enough."""
        return name in self._dates and not is_nothing(self._cell(row, name))

    def _money_of(self, row: Row, problems: list[str]) -> str:
        value = text_of(self._cell(row, "currency"))
        if not value:
            return self._currency
        code = currency_of(value)
        if code is None:
            problems.append(_("The currency “%(value)s” is not known.") % {"value": clip(value, 40)})
        return code or self._currency

    def _id(
        self,
        row: Row,
        texts: dict[str, str],
        seen: dict[str, int],
        taken: dict[str, ParsedDeal],
        amount: Decimal | None,
        problems: list[str],
    ) -> str:
        """The row's id, or one made of what it says; "" when the row was added to an earlier one."""
        external_id = texts["id"]
        if not external_id:
            said = "\x1f".join(
                [
                    *(texts[name] for name in ("title", "company", "person", "product")),
                    str(self._cell(row, "opened_at")),
                ]
            )
            key = hashlib.sha1(said.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()
            count = seen[key] = seen.get(key, 0) + 1
            return f"~{key}:{count}"
        if external_id in seen:
            first = taken.get(external_id)
            if self._merges_products and first is not None and not problems and first.title == texts["title"]:
                if amount is not None:
                    first.amount = amount + (first.amount or 0)
                first.products += self._sold(row, texts["product"])
                first.product_rows += 1
                return ""
            problems.append(
                _("The number %(id)s is in row %(row)s already.")
                % {"id": clip(external_id, 40), "row": seen[external_id]}
            )
        else:
            seen[external_id] = row.number
        return external_id

    def _outcome(
        self,
        row: Row,
        value: str,
        history: Sequence[tuple[dt.datetime, int, str]],
        problems: list[str],
    ) -> tuple[str, str, dt.datetime | None]:
        """The outcome, the stage that the row names ("" for none), and the moment of closing by the history."""
        meaning = self._meaning(value) if value else ""
        by_stage = meaning[1:] if meaning.startswith("=") else ""
        stage = "" if by_stage else meaning
        last = self._meaning(history[-1][2]) if history else ""
        by_history = last[1:] if last.startswith("=") else ""
        said = text_of(self._cell(row, "outcome"))
        outcome = by_stage or by_history or "open"
        if said:
            read = outcome_of(said)
            if read is None:
                problems.append(
                    _("The outcome “%(value)s” is not known: won, lost or open.") % {"value": clip(said, 40)}
                )
            elif by_stage and read != by_stage:
                problems.append(
                    _("The outcome “%(value)s” contradicts the stage “%(stage)s”.")
                    % {"value": clip(said, 40), "stage": value}
                )
            outcome = read or outcome
        elif not by_stage and not by_history and "outcome" not in self._at and "stage" not in self._at:
            # A file with neither outcomes nor stages: the reason of refusal alone tells a lost deal.
            outcome = (
                "lost" if text_of(self._cell(row, "lost_reason")) and self._cell(row, "closed_at") else "open"
            )
        closing = history[-1][0] if by_history == outcome and outcome != "open" else None
        return outcome, stage, closing

    def _path(self, history: Sequence[tuple[dt.datetime, int, str]]) -> Iterator[tuple[dt.datetime, str]]:
        """Entries into stages: outcomes left out, a stage entered twice in a row once."""
        before = ""
        for moment, _row, value in history:
            meaning = self._meaning(value)
            if meaning.startswith("="):
                continue
            key = self._stage(meaning)
            if key != before:
                yield moment, key
                before = key

    def _times(
        self,
        opened: dt.datetime,
        closed: dt.datetime | None,
        closed_day: bool,
        entered: list[tuple[dt.datetime, str]],
        problems: list[str],
    ) -> tuple[dt.datetime, dt.datetime | None, list[tuple[dt.datetime, str]]]:
        """Opening, closing and the path brought into one order, or the reasons why they cannot be."""
        if closed is not None and closed < opened and not (closed_day and opened - closed < DAY):
            problems.append(_("The closing date is before the opening date."))
            return opened, closed, []
        if closed is not None and closed > self._now:
            problems.append(_("The deal is closed, but the closing date has not come yet."))
        path: list[tuple[dt.datetime, str]] = []
        if entered:
            if entered[0][0] < opened:
                if opened - entered[0][0] >= DAY:
                    problems.append(_("The history begins before the opening date."))
                opened = entered[0][0]
            if entered[-1][0] > self._now:
                problems.append(_("The history has a date that has not come yet."))
            previous = opened - TICK
            for index, (moment, key) in enumerate(entered):
                moment = max(moment if index else opened, previous + TICK)
                path.append((moment, key))
                previous = moment
        last = path[-1][0] if path else opened
        if closed is not None:
            if entered and entered[-1][0] - closed >= DAY:
                problems.append(_("The history goes on after the closing date."))
            closed = max(closed, last + TICK)
        return opened, closed, path

    def _supposed(self, outcome: str, ends: dict[str, str]) -> str:
        """Where a deal stood whose stage nobody tells: won deals went to the end."""
        if outcome == "won":
            return ends["last"]
        return ends[self._options.lost_stage if outcome == "lost" else "first"]

    def _title(self, texts: dict[str, str], external_id: str) -> str:
        told = [texts[name] for name in ("product", "company") if texts[name]] or [texts["person"]]
        if told[0]:
            return clean(" · ".join(told), _LIMITS["title"])
        if external_id.startswith("~"):
            return _("Deal")
        return clean(_("Deal %(id)s") % {"id": external_id}, _LIMITS["title"])


def _places(table: Table, columns: dict[str, str]) -> dict[str, int]:
    places = {title: index for index, title in enumerate(table.header)}
    try:
        return {name: places[title] for name, title in columns.items() if title}
    except KeyError as error:
        raise Refused(
            _("There is no column “%(title)s” in the file. There are: %(known)s.")
            % {"title": error.args[0], "known": ", ".join(table.header[:30])}
        ) from None


def _further_places(table: Table, columns: dict[str, str]) -> dict[str, list[int]]:
    """Field → all places where the file has it."""
    found: dict[str, list[int]] = {}
    for name, place in _places(table, columns).items():
        found.setdefault(base_name(name), []).append(place)
    return found


def _digits_only(text: str) -> str:
    return "".join(char for char in text if char.isdigit())
