"""Cells of a file as values: texts, dates, phones, e-mails, tags."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final

from django.utils.translation import gettext as _

from voronka.core.emails import is_email, parse_emails
from voronka.core.parsing import guess_month_first, is_nothing, parse_date
from voronka.core.phones import parse_phones
from voronka.core.text import clean, clip

_MOST_TAGS: Final = 30
# Of people's numbers and addresses nobody has more; a cell with hundreds is no list of phones.
_MOST_CONTACTS: Final = 30


def text_of(value: Any) -> str:
    """A cell as one line of text: a whole number without a fraction, a day as people write it here."""
    if value is None or value is False:
        return ""
    if isinstance(value, str):
        return "" if is_nothing(value) else clean(value)
    if isinstance(value, dt.datetime | dt.date):
        return value.strftime("%d.%m.%Y")
    return clean(value)


class Dates:
    """Dates of one column, read alike; the same text is read once."""

    def __init__(self, samples: Sequence[Any], zone: dt.tzinfo) -> None:
        month_first, self._zone = guess_month_first(samples), zone
        self._read = lru_cache(maxsize=20_000)(lambda text: self._parse(text, month_first))

    def _parse(self, value: Any, month_first: bool) -> tuple[dt.datetime | None, bool]:
        if isinstance(value, str) and len(value) > 18 and value[4:5] == "-":
            try:
                moment = dt.datetime.fromisoformat(value)
            except ValueError:
                moment = None
            # The slow way checks the year.
            if moment is not None and 1900 <= moment.year <= 2199:
                return (moment if moment.tzinfo else moment.replace(tzinfo=self._zone)).astimezone(
                    dt.UTC
                ), False
        found = parse_date(value, month_first=month_first)
        if found is None:
            return None, False
        if not isinstance(found, dt.datetime):
            return dt.datetime.combine(found, dt.time.min, tzinfo=self._zone).astimezone(dt.UTC), True
        return (found if found.tzinfo else found.replace(tzinfo=self._zone)).astimezone(dt.UTC), False

    def read(self, value: Any) -> tuple[dt.datetime | None, bool]:
        """The moment (UTC) and whether only a day was given. Raises `Unreadable`."""
        if value is None:
            return None, False
        return self._read(value)


def phones_of(cells: Iterable[Any], warnings: Counter[str] | None = None) -> list[str]:
    """Every number in *cells* in its stored form; *warnings* counts the cells that hold none."""
    found: dict[str, None] = {}
    for text in filter(None, map(text_of, cells)):
        phones = _phones(text)
        if not phones and warnings is not None:
            warnings[_("“%(value)s” is not a phone: left out.") % {"value": clip(text, 40)}] += 1
        found.update(dict.fromkeys(phones))
    return list(found)[:_MOST_CONTACTS]


@lru_cache(maxsize=20_000)
def _phones(text: str) -> tuple[str, ...]:
    return tuple(phone.normal for phone in parse_phones(text))


def emails_of(cells: Iterable[Any], warnings: Counter[str] | None = None) -> list[str]:
    """Every address in *cells*, normalised; *warnings* counts the cells that hold none."""
    found: dict[str, None] = {}
    for text in filter(None, map(text_of, cells)):
        emails = [email for email in parse_emails(text) if is_email(email)]
        if not emails and warnings is not None:
            warnings[_("“%(value)s” is not an e-mail: left out.") % {"value": clip(text, 40)}] += 1
        found.update(dict.fromkeys(emails))
    return list(found)[:_MOST_CONTACTS]


def tags_of(cells: Iterable[Any]) -> list[str]:
    """The words of *cells*, which commas or semicolons part."""
    words = (clean(word, 50) for text in map(text_of, cells) for word in text.replace(";", ",").split(","))
    return list(dict.fromkeys(word for word in words if word))[:_MOST_TAGS]


def texts_of(cells: Iterable[Any], longest: int) -> list[str]:
    """Texts of several lines, one for each cell that says something."""
    texts = (clean(cell, multiline=True) if isinstance(cell, str) else text_of(cell) for cell in cells)
    return list(dict.fromkeys(clip(text, longest) for text in texts if text))
