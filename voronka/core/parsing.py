"""Dates and sums as people and programs write them in files.

A value either reads in exactly one way by the rules below, or is refused with a sentence (`Unreadable`);
nothing is guessed from the value alone. Where a notation has two readings, the rule is written here, and
the caller may settle it for a whole column (`guess_month_first`, `guess_decimal_comma`).

Dates
    ISO ``2026-11-22`` with time, fractions, ``Z`` or an offset; ``2026/11/22``, ``20261122``;
    ``22.11.2026``, ``22.11.26``, ``22-11-2026``; ``22/11/2026``, and ``11/22/2026`` where the second
    number cannot be a month; «22 ноября 2026 г.», «22 нояб. 2026», ``22-Nov-2026``, ``Nov 22, 2026``;
    the serial number of Excel. Any of them may be followed by a time (``10:15``, ``10:15:30``, ``3:15 PM``).
    *With slashes both of whose first numbers are ≤ 12 the day comes first* unless `month_first`.
    With dots the day always comes first. Two digits of a year: 00-69 are 2000-2069, 70-99 are 1970-1999.

Sums
    Spaces of any kind and apostrophes group thousands. With both ``,`` and ``.`` the last is the decimal
    mark and the other groups. A mark met several times groups. A single dot is decimal (programs write it
    so). A single comma is decimal (Russian), except before exactly three digits after one to three digits
    («12,345»: English thousands), unless `decimal_comma` says otherwise. Groups must have three digits.
    «тыс.», «млн», «млрд», ``k``, ``M`` multiply; brackets or a minus at either end make a sum negative.
"""

import datetime as dt
import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Final

from django.utils.translation import gettext as _

from voronka.core.text import clip, fold

# What a column of 15 digits, two of them after the mark, holds.
MAX_SUM: Final = Decimal("9999999999999.99")
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 2199
_EXCEL_EPOCH: Final = dt.datetime(1899, 12, 30)  # noqa: DTZ001  (a serial number has no time zone)
_LAST_SERIAL: Final = (dt.date(_LAST_YEAR, 12, 31) - _EXCEL_EPOCH.date()).days
_LONGEST: Final = 120

# What programs write where there is nothing (amoCRM: «не закрыта»).
_NOTHING: Final = frozenset(
    {
        "", "-", "--", "---", "n/a", "#n/a", "na", "nan", "nat", "none", "null", "nil", "нет", "нет данных", "не указан",
        "не указана", "не указано", "не задан", "не задана", "не задано", "не закрыта", "не закрыто", "not closed",
        "0000-00-00", "00.00.0000", "0000-00-00 00:00:00",
    }
)  # fmt: skip

Cell = str | int | float | Decimal | dt.date | dt.datetime | dt.time | dt.timedelta | bool | None


class Unreadable(ValueError):
    """The value cannot be read; the message is a whole sentence that quotes it."""


def is_nothing(value: Cell) -> bool:
    """Return whether `value` stands for an absent one: empty, a dash, «нет», "N/A"."""
    return value is None or (isinstance(value, str) and len(value) <= _LONGEST and fold(value) in _NOTHING)


_MONTHS: Final = {
    **dict.fromkeys(("янв", "январь", "января", "jan", "january"), 1),
    **dict.fromkeys(("фев", "февр", "февраль", "февраля", "feb", "february"), 2),
    **dict.fromkeys(("мар", "март", "марта", "mar", "march"), 3),
    **dict.fromkeys(("апр", "апрель", "апреля", "apr", "april"), 4),
    **dict.fromkeys(("май", "мая", "may"), 5),
    **dict.fromkeys(("июн", "июнь", "июня", "jun", "june"), 6),
    **dict.fromkeys(("июл", "июль", "июля", "jul", "july"), 7),
    **dict.fromkeys(("авг", "август", "августа", "aug", "august"), 8),
    **dict.fromkeys(("сен", "сент", "сентябрь", "сентября", "sep", "sept", "september"), 9),
    **dict.fromkeys(("окт", "октябрь", "октября", "oct", "october"), 10),
    **dict.fromkeys(("ноя", "нояб", "ноябрь", "ноября", "nov", "november"), 11),
    **dict.fromkeys(("дек", "декабрь", "декабря", "dec", "december"), 12),
}
_TIME: Final = re.compile(
    r"(?:^|[t\s,]|\bв\s|\bat\s)\s*([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?\s*(am|pm)?"
    r"\s*(z|utc|gmt|мск|msk|[+-][0-9]{2}:?(?:[0-9]{2})?)?$"
)
_YEAR_FIRST: Final = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})")
_COMPACT: Final = re.compile(r"((?:19|20|21)[0-9]{2})([0-9]{2})([0-9]{2})")
_DAY_FIRST: Final = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})")
_DAY_WORD: Final = re.compile(
    r"([0-9]{1,2})(?:-?(?:го|е|st|nd|rd|th))?[\s.-]+([a-zа-я]+)\.?[\s,.-]+([0-9]{4}|[0-9]{2})"
)
_WORD_DAY: Final = re.compile(r"([a-zа-я]+)\.?[\s-]+([0-9]{1,2})(?:st|nd|rd|th)?[\s,-]+([0-9]{4})")
_WEEKDAY: Final = re.compile(
    r"^(?:пн|вт|ср|чт|пт|сб|вс|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье|"
    r"mon(?:day)?|tue(?:sday)?|wed(?:nesday)?|thu(?:rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)\.?[\s,]+"
)
_YEAR_WORD: Final = re.compile(r"(?<=[0-9])\s*(?:года|год|г)\.?(?=\s|,|$)")
_SERIAL: Final = re.compile(r"([0-9]{5})(?:[.,][0-9]+)?")
_MOSCOW: Final = dt.timezone(dt.timedelta(hours=3))


def parse_date(value: Cell, *, month_first: bool = False) -> dt.date | dt.datetime | None:
    """Return the day, or the moment if a time is given, that `value` means; None if there is nothing in it.

    A moment is aware only if the text names a zone; use `parse_moment` to get it in a known zone.
    Raises `Unreadable` for anything else, and for years outside 1900-2199.
    """
    if is_nothing(value):
        return None
    if isinstance(value, dt.datetime | dt.date):
        found: dt.date | dt.datetime | None = value
    elif isinstance(value, bool):
        found = None
    elif isinstance(value, int | float | Decimal):
        found = _from_serial(value)
    elif isinstance(value, str):
        found = _from_text(value, month_first) if len(value) <= _LONGEST else None
    else:
        found = None
    if found is None:
        raise Unreadable(_("“%(value)s” is not a date.") % {"value": clip(str(value), 60)})
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise Unreadable(
            _("The year of the date “%(value)s” is out of bounds.") % {"value": clip(str(value), 60)}
        )
    return found


def parse_day(value: Cell, zone: dt.tzinfo, *, month_first: bool = False) -> dt.date | None:
    """Return the calendar day that `value` means in `zone`. Raises `Unreadable` as `parse_date`."""
    found = parse_date(value, month_first=month_first)
    if isinstance(found, dt.datetime):
        return (found.astimezone(zone) if found.tzinfo else found).date()
    return found


def parse_moment(value: Cell, zone: dt.tzinfo, *, month_first: bool = False) -> dt.datetime | None:
    """Return an aware moment: a text without a zone is local to `zone`, a day is its midnight."""
    found = parse_date(value, month_first=month_first)
    if found is None:
        return None
    if not isinstance(found, dt.datetime):
        return dt.datetime.combine(found, dt.time.min, tzinfo=zone)
    return found if found.tzinfo else found.replace(tzinfo=zone)


def guess_month_first(values: Iterable[Cell]) -> bool:
    """Return True if the slashed dates of a column can only be month/day/year: one has a 13th second number."""
    proof = False
    for value in values:
        match = _DAY_FIRST.match(value.strip()) if isinstance(value, str) else None
        if match and match[2] == "/":
            if int(match[1]) > 12:
                return False
            proof = proof or int(match[3]) > 12
    return proof


def _from_serial(value: float | Decimal) -> dt.date | dt.datetime | None:
    """Return the day (and time, to the second) of an Excel serial number."""
    number = float(value)
    if not 1 <= number <= _LAST_SERIAL:  # also refuses NaN
        return None
    moment = _EXCEL_EPOCH + dt.timedelta(seconds=round(number * 86400))
    return moment.date() if number == int(number) else moment


def _from_text(value: str, month_first: bool) -> dt.date | dt.datetime | None:
    text = _WEEKDAY.sub("", fold(value).strip("'\""))
    moment: tuple[dt.time, dt.tzinfo | None] | None = None
    match = _TIME.search(text)
    if match:
        moment = _time(match)
        if moment is None:
            return None
        text = text[: match.start()].rstrip(" ,")
    day = _day(_YEAR_WORD.sub("", text).strip(" ,"), month_first)
    if day is None:
        serial = _SERIAL.fullmatch(text) if moment is None else None
        return _from_serial(float(text.replace(",", "."))) if serial else None
    return day if moment is None else dt.datetime.combine(day, moment[0], tzinfo=moment[1])


def _time(match: re.Match[str]) -> tuple[dt.time, dt.tzinfo | None] | None:
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    if match[5]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match[5] == "pm" else 0)
    micro = int(((match[4] or "") + "000000")[:6])
    zone: dt.tzinfo | None = None
    if match[6] in ("z", "utc", "gmt"):
        zone = dt.UTC
    elif match[6] in ("мск", "msk"):
        zone = _MOSCOW
    elif match[6]:
        hours, minutes = int(match[6][1:3]), int(match[6][3:].lstrip(":") or 0)
        if hours > 15 or minutes > 59:
            return None
        offset = dt.timedelta(hours=hours, minutes=minutes)
        zone = dt.timezone(-offset if match[6][0] == "-" else offset)
    try:
        return dt.time(hour, minute, second, micro), zone
    except ValueError:
        return None


def _day(text: str, month_first: bool) -> dt.date | None:
    if match := _YEAR_FIRST.fullmatch(text):
        return _date(match[1], match[3], match[4])
    if match := _COMPACT.fullmatch(text):
        return _date(match[1], match[2], match[3])
    if match := _DAY_FIRST.fullmatch(text):
        first, second = match[1], match[3]
        slashed = match[2] == "/"
        if slashed and (int(second) > 12 or (month_first and int(first) <= 12)):
            first, second = second, first
        return _date(match[4], second, first)
    if match := _DAY_WORD.fullmatch(text):
        return _date(match[3], _MONTHS.get(match[2]), match[1])
    if match := _WORD_DAY.fullmatch(text):
        return _date(match[3], _MONTHS.get(match[1]), match[2])
    return None


def _date(year: str, month: str | int | None, day: str) -> dt.date | None:
    full = int(year) if len(year) == 4 else int(year) + (2000 if int(year) < 70 else 1900)
    try:
        return dt.date(full, int(month or 0), int(day))
    except ValueError:
        return None


_UNITS: Final = {
    **dict.fromkeys(("тыс", "тысяч", "тысяча", "тысячи", "т", "тр", "k", "thousand"), 10**3),
    **dict.fromkeys(("млн", "миллион", "миллиона", "миллионов", "m", "mln", "mn", "million"), 10**6),
    **dict.fromkeys(("млрд", "миллиард", "миллиарда", "миллиардов", "bn", "b", "billion"), 10**9),
}
_CURRENCY: Final = re.compile(
    r"(?:₽|\$|€|£|¥|₸|₴|(?<![a-zа-я])(?:рублей|рубля|рубль|рубли|руб|р|rub|rur|usd|eur|gbp|cny|kzt|тенге|долл|евро)"
    r"(?![a-zа-я])\.?)"
)
_NUMBER: Final = re.compile(r"([0-9][0-9 .,]*|[.,][0-9]+)\s*([a-zа-я]*)\.?")
_SCIENTIFIC: Final = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?e[+-]?[0-9]{1,3}")
_GROUPED: Final = {
    mark: re.compile(rf"[0-9]{{1,3}}(?:{re.escape(mark)}[0-9]{{3}})+") for mark in (",", ".", " ")
}


def parse_amount(value: Cell, *, decimal_comma: bool | None = None, places: int = 2) -> Decimal | None:
    """Return the sum that `value` means, rounded half up to `places` decimals; None if there is nothing in it.

    `decimal_comma` settles what a single mark before three digits is: True makes the comma decimal and the
    dot a mark of thousands, False the other way, None follows the rules of the module. Raises `Unreadable`
    for anything that is not one sum, and for one too big to store (`MAX_SUM`).
    """
    if is_nothing(value):
        return None
    found: Decimal | None = None
    if isinstance(value, bool):
        found = None
    elif isinstance(value, int | float | Decimal):
        found = Decimal(str(value))
    elif isinstance(value, str) and len(value) <= _LONGEST:
        found = _sum_from_text(value, decimal_comma)
    if found is None or not found.is_finite():
        raise Unreadable(_("“%(value)s” is not a sum.") % {"value": clip(str(value), 60)})
    if abs(found) > MAX_SUM:
        raise Unreadable(_("The sum “%(value)s” is too big.") % {"value": clip(str(value), 60)})
    return found.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP) + 0


def guess_decimal_comma(values: Iterable[Cell]) -> bool | None:
    """Return which mark is decimal in a column, judged by sums that can be read in one way only; None if none is."""
    for value in values:
        if not isinstance(value, str) or len(value) > _LONGEST:
            continue
        match = _NUMBER.search(fold(value))
        body = match[1].replace(" ", "") if match else ""
        comma, dot = body.count(","), body.count(".")
        if comma and dot:
            return body.rfind(",") > body.rfind(".")
        if comma > 1 or dot > 1:
            return dot > 1
        mark = "," if comma else "." if dot else ""
        if mark:
            whole, part = body.split(mark)
            if len(part) != 3 or not 1 <= len(whole) <= 3 or whole.startswith("0"):
                return mark == ","
    return None


def _sum_from_text(value: str, decimal_comma: bool | None) -> Decimal | None:
    text = fold(value).lstrip("'").strip()
    if _SCIENTIFIC.fullmatch(text):
        return Decimal(text.replace(",", "."))
    negative = False
    if text.startswith("(") and text.endswith(")"):
        negative, text = True, text[1:-1]
    text = _CURRENCY.sub(" ", text).strip()
    for mark in "+-":
        if text.startswith(mark) or text.endswith(mark):
            if negative:
                return None
            negative, text = mark == "-", (text[1:] if text.startswith(mark) else text[:-1]).strip()
            break
    match = _NUMBER.fullmatch(text.replace("'", "").replace("’", "").replace("/", ""))
    if not match or (match[2] and match[2] not in _UNITS):
        return None
    number = _number(match[1].strip().rstrip(".,"), decimal_comma, bool(match[2]))
    if number is None:
        return None
    number *= _UNITS.get(match[2], 1)
    return -number if negative else number


def _number(body: str, decimal_comma: bool | None, has_unit: bool) -> Decimal | None:
    """Return the number written as `body` (digits, spaces, dots and commas only), or None."""
    comma, dot = body.count(","), body.count(".")
    group, decimal = "", ""
    if comma and dot:
        decimal, group = (",", ".") if body.rfind(",") > body.rfind(".") else (".", ",")
    elif comma or dot:
        mark, times = (",", comma) if comma else (".", dot)
        thousands = bool(_GROUPED[mark].fullmatch(body)) and not has_unit and not body.startswith("0")
        if times > 1 or (
            thousands and (decimal_comma is (mark == ".") if decimal_comma is not None else mark == ",")
        ):
            group = mark
        else:
            decimal = mark
    whole, _mark, part = body.partition(decimal) if decimal else (body, "", "")
    if decimal and decimal in part:
        return None
    whole = whole.strip()
    if " " in whole:
        if group or not _GROUPED[" "].fullmatch(whole):
            return None
        whole = whole.replace(" ", "")
    if group:
        if not _GROUPED[group].fullmatch(whole):
            return None
        whole = whole.replace(group, "")
    try:
        return Decimal(f"{whole or '0'}.{part or '0'}")
    except InvalidOperation:
        return None
