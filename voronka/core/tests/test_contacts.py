"""Phones and e-mail addresses as people write them."""

from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from voronka.core import emails, phones


@pytest.mark.parametrize(
    "text",
    [
        "8 (495) 123-45-67",
        "+7 495 1234567",
        "74951234567",
        "4951234567",
        "'+74951234567",
        "тел.: 8-495-123-45-67",
        "8\u00a0495\u202f123 45 67",
    ],
)
def test_one_number_however_it_is_written(text: Any) -> None:
    assert phones.normalise(text) == "+74951234567"
    assert phones.search_digits(text) == "4951234567"


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("+7 916 123-45-67 доб. 123", "+79161234567;ext=123"),
        ("8-800-555-35-35,45", "+78005553535;ext=45"),
        ("375 29 123-45-67", "+375291234567"),
        ("+375 (29) 123-45-67", "+375291234567"),
        ("8 701 123 45 67", "+77011234567"),
        ("+1 650 253 0000", "+16502530000"),
        ("86 10 6552 9988", "+861065529988"),
    ],
)
def test_extensions_and_other_countries_are_understood(text: Any, normal: Any) -> None:
    assert phones.normalise(text) == normal


@pytest.mark.parametrize(
    "text", ["", None, "123-45-67", "нет", "8" * 40, "1" * 10**6, "\x00", "😀", "+7 999", "12.05.2026"]
)
def test_what_is_no_number_is_none(text: Any) -> None:
    assert phones.parse_phone(text) is None
    assert phones.normalise(text) == ""


def test_a_number_is_shown_in_the_readers_language() -> None:
    phone = phones.parse_phone("8 495 123-45-67 доб 5")
    with translation.override("ru"):
        assert phone.display == phones.display(phone.normal) == "+7 495 123-45-67 доб. 5"
    with translation.override("en"):
        assert phone.display == "+7 495 123-45-67 ext. 5"
    assert phones.display("+74951234567") == "+7 495 123-45-67"
    assert phones.display("not a number") == "not a number"


def test_a_cell_may_hold_several_numbers() -> None:
    cell = "8 (495) 123-45-67, 8(916)1234567; +7 812 333-44-55 доб. 5\n8 495 123 45 67"
    assert [phone.normal for phone in phones.parse_phones(cell)] == [
        "+74951234567",
        "+79161234567",
        "+78123334455;ext=5",
    ]


def test_a_part_of_a_number_is_looked_up_by_its_digits() -> None:
    assert phones.search_digits("123-45") == "12345"
    assert phones.search_digits("+7 495 123-45-67 доб. 99") == "4951234567"


@given(st.text(max_size=80))
def test_no_text_breaks_the_reading_of_contacts(text: Any) -> None:
    normal = phones.normalise(text)
    assert not normal or phones.normalise(normal) == normal
    phones.parse_phones(text)
    address = emails.normalise_email(text)
    if emails.is_email(text):
        assert emails.normalise_email(address) == address
    emails.parse_emails(text)


def test_an_address_has_one_form() -> None:
    for text in (
        " Petr@Example.RU ",
        "mailto:petr@example.ru",
        "Пётр Иванов <petr@example.ru>",
        "petr@example.ru;",
    ):
        assert emails.normalise_email(text) == "petr@example.ru"
        assert emails.is_email(text)
    assert emails.is_email("mail@пример.рф")


@pytest.mark.parametrize(
    "text", ["", None, "petr", "petr@", "@example.ru", "a b@example.ru", "a@b@c.ru", "a@" + "b" * 300 + ".ru"]
)
def test_what_is_no_address_is_told(text: Any) -> None:
    assert not emails.is_email(text)


def test_a_cell_may_hold_several_addresses() -> None:
    assert emails.parse_emails("a@x.ru, Пётр <B@x.ru>; a@x.ru c@y.ru и прочее") == [
        "a@x.ru",
        "b@x.ru",
        "c@y.ru",
    ]
    assert emails.parse_emails("") == []
