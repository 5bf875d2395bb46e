"""Cleaning, folding and cutting of texts, nasty ones included."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voronka.core.text import clean, clip, company_key, digits, fold, length_problem, like_escape, swap_layout

anything = st.text(
    st.one_of(
        st.characters(codec=None),
        st.sampled_from("\x00\r\n\t\u200b\u202e\ufeff\u00a0\u0301\u0327\ud800ёЁйİß\u200d👍🏽"),
    ),
    max_size=200,
)


@given(anything)
def test_a_clean_text_can_be_stored_and_stays_the_same(value: Any) -> None:
    for multiline in (False, True):
        text = clean(value, multiline=multiline)
        assert "\x00" not in text
        text.encode("utf-8")
        assert clean(text, multiline=multiline) == text
        assert text == text.strip()
        assert unicodedata.is_normalized("NFC", text)
        if not multiline:
            assert "\n" not in text


@given(anything, st.integers(1, 50))
def test_a_limit_holds_for_any_text(value: Any, limit: Any) -> None:
    assert len(clean(value, limit)) <= limit
    assert len(clip(value, limit)) <= limit


@given(anything)
def test_a_folded_text_folds_to_itself(value: Any) -> None:
    assert fold(fold(value)) == fold(value)
    assert fold(clean(value)) == fold(value)


def test_controls_and_invisible_marks_go_while_words_and_emoji_stay() -> None:
    assert clean("Ёл\x00ки\u200b и\u00a0 щит\x07") == "Ёлки и щит"
    assert clean("счёт\u202efdp.exe") == "счётfdp.exe"
    assert clean("مرحبا") == "مرحبا"
    assert clean("👨‍👩‍👧 👍🏽") == "👨‍👩‍👧 👍🏽"
    assert clean("\ud83d одинокий") == "одинокий"
    assert clean(None) == ""
    assert clean(1043) == "1043"


def test_line_breaks_stay_only_where_asked() -> None:
    assert clean("раз\r\nдва\u2028три") == "раз два три"
    assert clean("раз \r\n два\r\r\r\r\r\rтри\n", multiline=True) == "раз\nдва\n\n\nтри"


def test_a_decomposed_letter_is_the_same_letter() -> None:
    assert clean("и\u0306") == "й"
    assert fold("Е\u0308лка") == fold("ёлка") == "елка"


@pytest.mark.parametrize(
    ("value", "cleaned"),
    [
        ("а" * 1_000_000, "а" * 1_000_000),
        (" \u00a0" * 500_000, ""),
        ("\x00" * 1_000_000, ""),
    ],
)
def test_a_megabyte_is_cleaned_like_a_word(value: str, cleaned: str) -> None:
    assert clean(value) == fold(value) == cleaned
    assert company_key(value) == cleaned


def test_a_megabyte_of_marks_on_one_letter_is_thinned_out() -> None:
    value = "a" + "\u0301\u0327" * 500_000
    assert clean(value).startswith(clean("a\u0301\u0327")[0])
    assert len(clean(value)) < 100


def test_too_long_a_text_is_told_not_cut() -> None:
    assert length_problem("абв", 3) is None
    assert "4" in str(length_problem("абвг", 3))


@pytest.mark.parametrize(
    "name",
    [
        "ООО «Ёлки и Щит»",
        'ооо "елки и щит"',
        "Елки и Щит, ООО",
        "Общество с ограниченной ответственностью «Ёлки и щит»",
        "О.О.О. Ёлки и щит",
        "  ООО\u00a0„Ёлки  и щит“ ",
        "Елки и щит LLC",
    ],
)
def test_one_company_has_one_key_however_it_is_written(name: Any) -> None:
    assert company_key(name) == "елки и щит"


def test_the_key_keeps_what_tells_companies_apart() -> None:
    assert company_key("ИП Иванов") == company_key("Индивидуальный предприниматель Иванов") == "иванов"
    assert company_key("Procter & Gamble Ltd.") == "procter & gamble"
    assert company_key("Foo Co., Ltd") == "foo"
    assert company_key("ООО") == "ооо"
    assert company_key("Кооператив АО Восток") == "кооператив ао восток"
    assert company_key("«»") == "«»"
    assert company_key("") == ""


def test_a_text_typed_in_the_wrong_layout_is_read_in_the_other() -> None:
    assert swap_layout("hjvfirf") == "ромашка"
    assert swap_layout(";ehyfk") == "журнал"
    assert swap_layout("кщьфы 5") == "romas 5"
    assert swap_layout("Hjvfirf") == "Ромашка"


@given(
    st.text("абвгдежзийклмнопрстуфхцчшщъыьэюяё", min_size=1).filter(lambda word: set(word) - set("ёхъжэбю"))
)
def test_a_word_survives_both_layouts(word: Any) -> None:
    typed = swap_layout(word)
    assert swap_layout(typed) == word


def test_only_digits_are_left() -> None:
    assert digits("+7 (916) 123-45-67") == "79161234567"
    assert digits("٣") == ""
    assert digits(None) == ""


def test_a_cut_keeps_whole_words_and_whole_emoji() -> None:
    assert clip("привет мир как дела", 12) == "привет мир…"
    assert clip("короткий", 20) == "короткий"
    assert clip("словобезпробелов", 6) == "слово…"
    assert clip("аб👨‍👩‍👧в", 5) == "аб…"
    assert clip("а", 0) == ""


def test_like_takes_the_text_literally() -> None:
    assert like_escape(r"100%_\ ") == r"100\%\_\\ "
