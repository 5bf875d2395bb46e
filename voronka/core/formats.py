"""How sums, dates, durations and names look on every screen, in the active language.

Pure functions: no request, no database. The language is Django's active one (Russian or English)
unless `locale` names it. Spaces inside a value are non-breaking, so a sum never falls apart at the end
of a line. What is absent reads `EMPTY`.
"""

import datetime as dt
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

from babel.dates import format_date as _babel_date
from babel.numbers import format_compact_decimal
from babel.units import format_unit
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from voronka.core import clock

EMPTY: Final = "—"
NBSP: Final = "\u00a0"
MINUS: Final = "\u2212"

Number = Decimal | int | float

_SYMBOLS: Final = {
    "RUB": "₽",
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "CNY": "¥",
    "JPY": "¥",
    "KZT": "₸",
    "BYN": "Br",
    "UAH": "₴",
    "TRY": "₺",
    "INR": "₹",
    "AMD": "֏",
    "GEL": "₾",
}
_SIGN_FIRST: Final = frozenset({"$", "€", "£", "¥", "₹", "₺"})


def _language(locale: str | None) -> str:
    """Return "ru" or "en": the languages the product speaks."""
    return "en" if (locale or get_language() or "ru").startswith("en") else "ru"


def _decimal(value: Number | None) -> Decimal | None:
    """Return `value` exactly as it prints, or None if there is no finite number in it."""
    if value is None:
        return None
    try:
        result = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        return None
    return result if result.is_finite() else None


def _plain(value: Decimal, digits: int | None, language: str) -> str:
    """Return `value` with grouped thousands; `digits` None keeps the significant decimals."""
    if digits is None:
        text = f"{value:,f}"
        if "." in text:
            text = text.rstrip("0").rstrip(".")
    else:
        text = f"{_rounded(value, digits):,f}"
    if text.startswith("-"):
        text = text[1:] if not any(char in "123456789" for char in text) else MINUS + text[1:]
    if language == "ru":
        text = text.replace(",", NBSP).replace(".", ",")
    return text


def _rounded(value: Decimal, digits: int = 0) -> Decimal:
    """Return `value` with `digits` decimals, halves away from zero, as people round."""
    if digits and abs(value) < 10**20:  # beyond that quantize() overflows the default context
        return value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return value.to_integral_value(rounding=ROUND_HALF_UP)


def number(value: Number | None, digits: int | None = None, *, locale: str | None = None) -> str:
    """Return a number with grouped thousands: «12 450,5». `digits` fixes the number of decimals."""
    exact = _decimal(value)
    return EMPTY if exact is None else _plain(exact, digits, _language(locale))


def currency_symbol(currency: str) -> str:
    """Return «₽» for "RUB"; the code itself for a currency without a usual sign."""
    return _SYMBOLS.get(currency, currency)


def _with_sign(text: str, currency: str, language: str) -> str:
    sign = currency_symbol(currency)
    if language == "en" and sign in _SIGN_FIRST:
        return MINUS + sign + text[1:] if text.startswith(MINUS) else sign + text
    return text + NBSP + sign


def money(amount: Number | None, currency: str = "RUB", *, locale: str | None = None) -> str:
    """Return «12 450 000 ₽»; kopecks appear only if there are any: «1 234,50 ₽»."""
    exact = _decimal(amount)
    if exact is None:
        return EMPTY
    language = _language(locale)
    cents = _rounded(exact, 2)
    whole = cents == cents.to_integral_value()
    return _with_sign(_plain(exact, 0 if whole else 2, language), currency, language)


def short_money(amount: Number | None, currency: str = "RUB", *, locale: str | None = None) -> str:
    """Return «12,4 млн ₽»: the sum to one decimal of its greatest unit, for heads of columns and charts."""
    exact = _decimal(amount)
    if exact is None:
        return EMPTY
    language = _language(locale)
    return _with_sign(_compact(exact, language), currency, language)


def short_number(value: Number | None, *, locale: str | None = None) -> str:
    """Return «12,4 тыс.»: a count for a narrow place."""
    exact = _decimal(value)
    return EMPTY if exact is None else _compact(exact, _language(locale))


@lru_cache(maxsize=4096)
def _compact(value: Decimal, language: str) -> str:
    size = abs(value)
    if size < 1000 or size >= 10**24:
        return _plain(value, 0, language)
    unit = Decimal(1000) ** min(size.adjusted() // 3, 4)
    # Rounded in its unit first: 999 999 is «1 млн», not «1000 тыс.».
    size = (size / unit).quantize(Decimal("0.1"), rounding=ROUND_HALF_EVEN) * unit
    text = format_compact_decimal(size, locale=language, fraction_digits=1).replace(" ", NBSP)
    return (MINUS if value < 0 else "") + text


def percent(share: Number | None, digits: int = 0, *, locale: str | None = None) -> str:
    """Return a share of one as «42 %»; `digits` is the greatest number of decimals."""
    exact = _decimal(share)
    if exact is None:
        return EMPTY
    language = _language(locale)
    text = _plain(exact * 100, digits, language)
    if digits:
        point = "," if language == "ru" else "."
        if point in text:
            text = text.rstrip("0").rstrip(point)
    return text + (NBSP if language == "ru" else "") + "%"


def _day(value: dt.date | dt.datetime) -> dt.date:
    """Return the calendar day of `value` in the active time zone."""
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value


@lru_cache(maxsize=4096)
def _pattern(day: dt.date, pattern: str, language: str) -> str:
    return _babel_date(day, pattern, locale=language).replace(" ", NBSP)


def day_month(value: dt.date | dt.datetime | None, *, locale: str | None = None) -> str:
    """Return «22 нояб.» whatever the year."""
    return EMPTY if value is None else _pattern(_day(value), "d MMM", _language(locale))


def short_date(
    value: dt.date | dt.datetime | None, *, today: dt.date | None = None, locale: str | None = None
) -> str:
    """Return «вчера», «сегодня», «завтра», «22 нояб.», or «22 нояб. 2025» if it is not this year.

    A moment is shown by its day in the active time zone; `today` is the clock's day unless given.
    """
    if value is None:
        return EMPTY
    day, today = _day(value), today or clock.today()
    distance = (day - today).days
    if -1 <= distance <= 1:
        return (_("today"), _("tomorrow"), _("yesterday"))[distance]
    return _pattern(day, "d MMM" if day.year == today.year else "d MMM y", _language(locale))


def long_date(value: dt.date | dt.datetime | None, *, locale: str | None = None) -> str:
    """Return «22 ноября 2026 г.» / "22 November 2026"."""
    if value is None:
        return EMPTY
    language = _language(locale)
    return _pattern(_day(value), "d MMMM y 'г.'" if language == "ru" else "d MMMM y", language)


def numeric_date(value: dt.date | dt.datetime | None) -> str:
    """Return «22.11.2026», the same in both languages: for tables and fields."""
    return EMPTY if value is None else _day(value).strftime("%d.%m.%Y")


def clock_time(value: dt.datetime | dt.time | None) -> str:
    """Return «15:05» in the reader's time zone."""
    if value is None:
        return EMPTY
    if isinstance(value, dt.datetime) and timezone.is_aware(value):
        value = timezone.localtime(value, clock.shown_zone())
    return f"{value.hour:02d}:{value.minute:02d}"


def short_datetime(
    value: dt.datetime | None, *, today: dt.date | None = None, locale: str | None = None
) -> str:
    """Return «сегодня, 15:05» or «22 нояб., 15:05», both in the reader's time zone."""
    if value is None:
        return EMPTY
    return f"{own_day(value, today=today, locale=locale)}, {clock_time(value)}"


def own_day(value: dt.datetime | None, *, today: dt.date | None = None, locale: str | None = None) -> str:
    """Return the day of a moment like `short_date()`, but by the reader's clock: to stand beside its hour."""
    if value is None or not timezone.is_aware(value):
        return short_date(value, today=today, locale=locale)
    zone = clock.shown_zone()
    today = today or timezone.localdate(clock.about_now(), zone)
    return short_date(timezone.localdate(value, zone), today=today, locale=locale)


def month(value: dt.date, *, short: bool = False, locale: str | None = None) -> str:
    """Return «Ноябрь 2026», or «нояб. 2026» if `short`: heads of columns."""
    language = _language(locale)
    if short:
        return _pattern(value.replace(day=1), "LLL y", language)
    name = _pattern(value.replace(day=1), "LLLL y", language)
    return name[:1].upper() + name[1:]


def _count(value: Number | None, unit: str, length: str, digits: int, locale: str | None) -> str:
    exact = _decimal(value)
    if exact is None:
        return EMPTY
    language = _language(locale)
    exact = _rounded(exact, digits)
    if abs(exact) >= 10**15:
        return _plain(exact, 0, language)
    # The words follow the size of the number: «−2 дня» as «2 дня».
    return (MINUS if exact < 0 else "") + _in_words(abs(exact.normalize()), unit, length, language)


@lru_cache(maxsize=4096)
def _in_words(size: Decimal, unit: str, length: str, language: str) -> str:
    return format_unit(size, unit, length, locale=language).replace(" ", NBSP)  # type: ignore[arg-type]


def days(value: Number | None, digits: int = 0, *, locale: str | None = None) -> str:
    """Return «3 дня», «5 дней»; with `digits` 1 also «4,5 дня»."""
    return _count(value, "duration-day", "long", digits, locale)


def working_days(value: int | None) -> str:
    """Return «3 рабочих дня»."""
    if value is None:
        return EMPTY
    words = ngettext("%(count)s working day", "%(count)s working days", abs(value)) % {"count": value}
    return words.replace(" ", NBSP)


def duration(seconds: Number | None, *, locale: str | None = None) -> str:
    """Return a length of time in its greatest sensible unit: «12 мин», «5 ч», «1,5 дня», «34 дня».

    Under ten days one decimal is kept, because half a day matters there and not in a month.
    """
    exact = _decimal(seconds)
    if exact is None:
        return EMPTY
    size = abs(exact)
    if size < 3600:
        return _count(exact / 60, "duration-minute", "short", 0, locale)
    if size < 86400:
        return _count(exact / 3600, "duration-hour", "short", 0, locale)
    return days(exact / 86400, 1 if size < 10 * 86400 else 0, locale=locale)


def file_size(size: int) -> str:
    """Return the size of a file: «512 Б», «34 КБ», «1,2 МБ»."""
    if size < 1024:
        text, unit = number(size), _("B")
    elif size < 1024 * 1024:
        text, unit = number(Decimal(size) / 1024, 0), _("KB")
    else:
        text, unit = number(Decimal(size) / (1024 * 1024), 1), _("MB")
    return f"{text}{NBSP}{unit}"


def initials(name: str | None) -> str:
    """Return up to two letters for an avatar: «Иванов Пётр Сергеевич» is «ИП»; «?» if there is no letter."""
    letters = [
        next((char for char in word if char.isalnum()), "")
        for word in (name or "")[:200].replace("«", " ").replace('"', " ").split()
    ]
    return "".join(letter for letter in letters if letter)[:2].upper() or "?"


def short_name(name: str | None) -> str:
    """Return «Иванов П. С.» for «Иванов Пётр Сергеевич»; a name of one word stays."""
    words = (name or "").split()
    if len(words) < 2:
        return words[0] if words else EMPTY
    rest = [f"{word[0].upper()}." for word in words[1:3] if word[0].isalpha()]
    return NBSP.join([words[0], *rest])
