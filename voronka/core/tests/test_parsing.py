"""Dates and sums in the notations people use; what cannot be read says so."""

# ruff: noqa: DTZ001  (moments without a zone are what files hold)

import contextlib
import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from voronka.core import parsing
from voronka.core.parsing import Unreadable, parse_amount, parse_date, parse_day, parse_moment

DAY = dt.date(2026, 11, 22)
MOSCOW = ZoneInfo("Europe/Moscow")


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22",
        "2026/11/22",
        "2026.11.22",
        "20261122",
        "22.11.2026",
        "22.11.26",
        "22-11-2026",
        "22/11/2026",
        "11/22/2026",
        "22 ноября 2026",
        "22 ноября 2026 г.",
        "22 ноября 2026 года",
        "22 нояб. 2026 г.",
        "22 Ноя 2026",
        "вс, 22 ноября 2026 г.",
        "22-Nov-2026",
        "22 Nov 26",
        "Nov 22, 2026",
        "Sunday, November 22nd, 2026",
        " 22.11.2026 ",
        "22.11.2026\u00a0г.",
        "'22.11.2026",
        "46348",
        46348,
        46348.0,
        Decimal(46348),
        DAY,
    ],
)
def test_every_usual_notation_reads_as_the_same_day(text: Any) -> None:
    assert parse_date(text) == DAY


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22T10:15:30", dt.datetime(2026, 11, 22, 10, 15, 30)),
        ("2026-11-22 10:15", dt.datetime(2026, 11, 22, 10, 15)),
        ("22.11.2026 10:15:30", dt.datetime(2026, 11, 22, 10, 15, 30)),
        ("22.11.2026, 10:15", dt.datetime(2026, 11, 22, 10, 15)),
        ("22.11.2026 в 10:15", dt.datetime(2026, 11, 22, 10, 15)),
        ("22 ноября 2026 г., 9:05", dt.datetime(2026, 11, 22, 9, 5)),
        ("11/22/2026 3:15 PM", dt.datetime(2026, 11, 22, 15, 15)),
        ("11/22/2026 12:15 AM", dt.datetime(2026, 11, 22, 0, 15)),
        ("2026-11-22T10:15:30Z", dt.datetime(2026, 11, 22, 10, 15, 30, tzinfo=dt.UTC)),
        ("2026-11-22T10:15:30.546Z", dt.datetime(2026, 11, 22, 10, 15, 30, 546000, tzinfo=dt.UTC)),
        ("2026-11-22T10:15:30+03:00", dt.datetime(2026, 11, 22, 7, 15, 30, tzinfo=dt.UTC)),
        ("2026-11-22 10:15:30-0530", dt.datetime(2026, 11, 22, 15, 45, 30, tzinfo=dt.UTC)),
        (46348.5, dt.datetime(2026, 11, 22, 12, 0)),
        ("46348,5", dt.datetime(2026, 11, 22, 12, 0)),
    ],
)
def test_a_time_makes_it_a_moment(text: Any, moment: Any) -> None:
    assert parse_date(text) == moment


def test_a_slashed_date_with_two_readings_has_the_day_first_unless_told_otherwise() -> None:
    assert parse_date("03/04/2026") == dt.date(2026, 4, 3)
    assert parse_date("03/04/2026", month_first=True) == dt.date(2026, 3, 4)
    assert parse_date("03.04.2026", month_first=True) == dt.date(2026, 4, 3)


def test_a_column_tells_which_reading_it_uses() -> None:
    assert parsing.guess_month_first(["03/04/2026", None, "11/22/2026"])
    assert not parsing.guess_month_first(["03/04/2026", "22/11/2026"])
    assert not parsing.guess_month_first(["03/04/2026", "22.11.2026", 5])


@pytest.mark.parametrize(
    "nothing", [None, "", "  ", "-", "—", "нет", "не закрыта", "N/A", "0000-00-00", "\u200b"]
)
def test_what_stands_for_nothing_is_nothing(nothing: Any) -> None:
    assert parse_date(nothing) is None
    assert parse_amount(nothing) is None


@pytest.mark.parametrize(
    "text",
    [
        "завтра",
        "31.02.2026",
        "2026-13-01",
        "22.11",
        "ноябрь 2026",
        "22.11.2026 25:00",
        "22.11.2026 13:15 PM",
        "22.11.2026 10:15+99:00",
        "1e5",
        "x" * 1_000_000,
        "2" * 1_000_000,
        "٢٢.١١.٢٠٢٦",
        "😀",
        "\x00",
        "22\x0011.2026",
        True,
        float("nan"),
        float("inf"),
        -5,
        10**12,
        dt.timedelta(1),
        dt.time(1),
        "0001-01-01",
        "9999-12-31",
        dt.date(1, 1, 1),
    ],
)
def test_what_is_no_date_says_so(text: Any) -> None:
    # A NUL is dropped, not kept: «\x00» alone is therefore nothing at all.
    if text == "\x00":
        assert parse_date(text) is None
        return
    with pytest.raises(Unreadable) as refusal:
        parse_date(text)
    assert 10 < len(str(refusal.value)) < 200


@given(st.dates(dt.date(1970, 1, 1), dt.date(2069, 12, 31)))
def test_what_is_written_in_any_notation_reads_back(day: Any) -> None:
    for pattern in (
        "%Y-%m-%d",
        "%d.%m.%Y",
        "%d.%m.%y",
        "%Y/%m/%d",
        "%d/%m/%Y",
        "%d %b %Y",
        "%B %d, %Y",
        "%Y%m%d",
    ):
        assert parse_date(day.strftime(pattern)) == day
    assert parse_date(day.strftime("%m/%d/%Y"), month_first=True) == day


@given(st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2199, 12, 31), timezones=st.just(dt.UTC)))
def test_an_iso_moment_reads_back(moment: Any) -> None:
    assert parse_date(moment.isoformat()) == moment


@given(st.one_of(st.text(max_size=200), st.floats(), st.integers()))
def test_no_value_breaks_the_reader(value: Any) -> None:
    for read in (parse_date, parse_amount):
        with contextlib.suppress(Unreadable):
            read(value)


def test_a_day_and_a_moment_are_taken_in_the_given_zone() -> None:
    assert parse_day("2026-11-21T22:30:00Z", MOSCOW) == DAY
    assert parse_day("21.11.2026 22:30", MOSCOW) == dt.date(2026, 11, 21)
    assert parse_moment("22.11.2026", MOSCOW) == dt.datetime(2026, 11, 22, tzinfo=MOSCOW)
    assert parse_moment("22.11.2026 10:00", MOSCOW) == dt.datetime(2026, 11, 22, 7, tzinfo=dt.UTC)
    assert parse_moment("-", MOSCOW) is None


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1234567.89", "1234567.89"),
        ("1234567,89", "1234567.89"),
        ("1 234 567,89 ₽", "1234567.89"),
        ("1\u00a0234\u00a0567,89\u00a0₽", "1234567.89"),
        ("1\u202f234\u202f567,89", "1234567.89"),
        ("1\u2009234\u2009567", "1234567"),
        ("1.234.567,89", "1234567.89"),
        ("1,234,567.89", "1234567.89"),
        ("$1,234,567.89", "1234567.89"),
        ("1'234'567.89", "1234567.89"),
        ("1.234.567", "1234567"),
        ("1,234,567", "1234567"),
        ("12,345", "12345"),
        ("12.345", "12.35"),
        ("0,345", "0.35"),
        ("1234,567", "1234.57"),
        ("12,5", "12.5"),
        ("12.", "12"),
        (",5", "0.5"),
        ("12 тыс.", "12000"),
        ("12 тыс. руб.", "12000"),
        ("150 т.р.", "150000"),
        ("1,5 млн", "1500000"),
        ("1,125 млн ₽", "1125000"),
        ("2 млрд", "2000000000"),
        ("100k", "100000"),
        ("1.5M", "1500000"),
        ("5000 руб", "5000"),
        ("5000р.", "5000"),
        ("5000 р", "5000"),
        ("500 RUB", "500"),
        ("-5 000", "-5000"),
        ("\u22125 000 ₽", "-5000"),
        ("5000-", "-5000"),
        ("(1 234,50)", "-1234.50"),
        ("+100", "100"),
        ("'+100", "100"),
        ("1E+06", "1000000"),
        ("1,5e3", "1500"),
        (1100.04, "1100.04"),
        (0.1 + 0.2, "0.3"),
        (2.675, "2.68"),
        (5, "5"),
        (Decimal("-7.005"), "-7.01"),
        ("0", "0"),
        ("-0", "0"),
    ],
)
def test_a_sum_reads_in_one_way(text: Any, amount: Any) -> None:
    found = parse_amount(text)
    assert found == Decimal(amount)
    assert not (found.is_zero() and found.is_signed())


@pytest.mark.parametrize(
    "text",
    [
        "договорная",
        "10 000 - 20 000",
        "от 100",
        "~100",
        "12 34",
        "1 23 456",
        "1.23.456",
        "1,2,3",
        "1,234.567.8",
        "--5",
        "(-5)",
        "5 штук",
        "12:30",
        "1" * 1_000_000,
        "=1+1",
        "٥٠٠",
        "1e999",
        10**20,
        1e300,
        float("nan"),
        float("-inf"),
        True,
        dt.date(2026, 1, 1),
    ],
)
def test_what_is_no_sum_says_so(text: Any) -> None:
    with pytest.raises(Unreadable) as refusal:
        parse_amount(text)
    assert 10 < len(str(refusal.value)) < 200


def test_the_column_settles_a_lone_mark() -> None:
    assert parse_amount("12,345", decimal_comma=True) == Decimal("12.35")
    assert parse_amount("12.345", decimal_comma=True) == 12345
    assert parse_amount("12.345", decimal_comma=False) == Decimal("12.35")
    assert parsing.guess_decimal_comma(["5", "12,345", "7,5"]) is True
    assert parsing.guess_decimal_comma(["12.345", "1,234.50"]) is False
    assert parsing.guess_decimal_comma(["12,345", None, 7.5]) is None


@given(st.decimals(-(10**12), 10**12, places=2, allow_nan=False, allow_infinity=False))
def test_a_written_sum_reads_back(amount: Any) -> None:
    english = f"{amount:,.2f}"
    russian = english.replace(",", "\u00a0").replace(".", ",")
    german = english.translate(str.maketrans(",.", ".,"))
    for text in (str(amount), english, russian, german, f"{russian}\u00a0₽"):
        assert parse_amount(text) == amount


def test_the_refusal_is_in_the_readers_language() -> None:
    with translation.override("ru"), pytest.raises(Unreadable, match="«завтра» — не дата"):
        parse_date("завтра")
