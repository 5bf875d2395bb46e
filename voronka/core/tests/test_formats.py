"""How sums, dates and names look in both languages."""

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from voronka.core import formats
from voronka.core.clock import frozen

NOW = dt.datetime(2026, 11, 22, 9, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _moscow_in_russian() -> Any:
    with translation.override("ru"), timezone.override(ZoneInfo("Europe/Moscow")), frozen(NOW):
        yield


def plain(text: Any) -> Any:
    """The same text with ordinary spaces; that they were non-breaking is tested once."""
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("amount", "ru", "en"),
    [
        (12_450_000, "12 450 000 ₽", "12,450,000 ₽"),
        (Decimal("1234.50"), "1 234,50 ₽", "1,234.50 ₽"),
        (Decimal("12450000.00"), "12 450 000 ₽", "12,450,000 ₽"),
        (-5000, "−5 000 ₽", "−5,000 ₽"),
        (Decimal("-0.001"), "0 ₽", "0 ₽"),
        (0, "0 ₽", "0 ₽"),
        (None, "—", "—"),
        (float("nan"), "—", "—"),
    ],
)
def test_a_sum_is_grouped_and_shows_kopecks_only_if_there_are_any(amount: Any, ru: Any, en: Any) -> None:
    assert plain(formats.money(amount)) == ru
    assert plain(formats.money(amount, locale="en")) == en


def test_the_sign_of_a_currency_stands_where_its_readers_expect_it() -> None:
    assert formats.money(-1234, "USD", locale="en") == "−$1,234"
    assert plain(formats.money(1234, "USD")) == "1 234 $"
    assert plain(formats.money(1, "XYZ")) == "1 XYZ"


def test_spaces_inside_a_value_do_not_break() -> None:
    for text in (
        formats.money(12_450_000),
        formats.short_money(12_450_000),
        formats.days(3),
        formats.day_month(NOW),
    ):
        assert " " not in text


@pytest.mark.parametrize(
    ("amount", "ru", "en"),
    [
        (12_450_000, "12,4 млн ₽", "12.4M ₽"),
        (999_999, "1 млн ₽", "1M ₽"),
        (999_900, "999,9 тыс. ₽", "999.9K ₽"),
        (-1500, "−1,5 тыс. ₽", "−1.5K ₽"),
        (12, "12 ₽", "12 ₽"),
        (10**13, "10 трлн ₽", "10T ₽"),
        (None, "—", "—"),
    ],
)
def test_a_short_sum_has_one_decimal_of_its_unit(amount: Any, ru: Any, en: Any) -> None:
    assert plain(formats.short_money(amount)) == ru
    assert plain(formats.short_money(amount, locale="en")) == en


@given(st.decimals(allow_nan=True, allow_infinity=True) | st.floats() | st.integers())
def test_no_number_breaks_the_screen(value: Any) -> None:
    for show in (
        formats.money,
        formats.short_money,
        formats.number,
        formats.percent,
        formats.duration,
        formats.days,
    ):
        assert show(value)


@given(st.integers(-(10**15), 10**15))
def test_the_shown_sum_is_the_sum(amount: Any) -> None:
    shown = formats.money(amount).removesuffix("\u00a0₽").replace("\u00a0", "").replace("−", "-")
    assert int(shown) == amount


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        (dt.date(2026, 11, 22), "сегодня"),
        (dt.date(2026, 11, 21), "вчера"),
        (dt.date(2026, 11, 23), "завтра"),
        (dt.date(2026, 11, 20), "20 нояб."),
        (dt.date(2026, 5, 1), "1 мая"),
        (dt.date(2025, 11, 20), "20 нояб. 2025"),
        (None, "—"),
    ],
)
def test_a_date_is_as_short_as_it_can_be(day: Any, shown: Any) -> None:
    assert plain(formats.short_date(day)) == shown


def test_a_moment_shows_its_day_and_time_here() -> None:
    late = dt.datetime(2026, 11, 21, 22, 5, tzinfo=dt.UTC)
    assert formats.short_date(late) == "сегодня"
    assert formats.short_datetime(late) == "сегодня, 01:05"
    assert formats.clock_time(late) == "01:05"
    assert formats.numeric_date(late) == "22.11.2026"


def test_dates_in_words() -> None:
    assert plain(formats.long_date(dt.date(2026, 11, 22))) == "22 ноября 2026 г."
    assert plain(formats.long_date(dt.date(2026, 11, 22), locale="en")) == "22 November 2026"
    assert plain(formats.day_month(dt.date(2026, 3, 8), locale="en")) == "8 Mar"
    assert plain(formats.month(dt.date(2026, 11, 22))) == "Ноябрь 2026"
    assert plain(formats.month(dt.date(2026, 11, 22), short=True)) == "нояб. 2026"


@pytest.mark.parametrize(
    ("count", "ru", "working"),
    [
        (1, "1 день", "1 рабочий день"),
        (3, "3 дня", "3 рабочих дня"),
        (5, "5 дней", "5 рабочих дней"),
        (11, "11 дней", "11 рабочих дней"),
        (21, "21 день", "21 рабочий день"),
        (0, "0 дней", "0 рабочих дней"),
    ],
)
def test_days_have_the_right_plural(count: Any, ru: Any, working: Any) -> None:
    assert plain(formats.days(count)) == ru
    assert plain(formats.working_days(count)) == working


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 мин"),
        (720, "12 мин"),
        (5 * 3600, "5 ч"),
        (1.5 * 86400, "1,5 дня"),
        (2 * 86400, "2 дня"),
        (34.4 * 86400, "34 дня"),
        (None, "—"),
    ],
)
def test_a_length_of_time_is_in_its_sensible_unit(seconds: Any, shown: Any) -> None:
    assert plain(formats.duration(seconds)) == shown


def test_percents() -> None:
    assert plain(formats.percent(0.42)) == "42 %"
    assert plain(formats.percent(Decimal("0.1234"), 1)) == "12,3 %"
    assert plain(formats.percent(0.5, 1)) == "50 %"
    assert formats.percent(0.1234, 1, locale="en") == "12.3%"
    assert formats.percent(None) == "—"


def test_names() -> None:
    assert formats.initials("Иванов Пётр Сергеевич") == "ИП"
    assert formats.initials("«Ромашка»") == "Р"
    assert formats.initials("😀") == formats.initials(None) == "?"
    assert plain(formats.short_name("Иванов Пётр Сергеевич")) == "Иванов П. С."
    assert formats.short_name("Мадонна") == "Мадонна"
    assert formats.short_name("") == "—"
