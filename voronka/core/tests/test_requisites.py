"""Requisites: right ones pass, a misprint is told, files' damage is mended."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from voronka.core import requisites as r

SBER_BIC, SBER_CORRESPONDENT, SBER_ACCOUNT = "044525225", "30101810400000000225", "40702810138250123017"


@pytest.mark.parametrize("inn", ["7707083893", "7736050003", "500100732259", ""])
def test_a_right_inn_passes(inn: Any) -> None:
    assert r.inn_problem(inn) is None


@pytest.mark.parametrize(
    "inn",
    [
        "7707083894",
        "500100732258",
        "770708389",
        "77070838931",
        "770708389а",
        "0000000000",
        "７７０７０８３８９３",
        "x" * 10**6,
    ],
)
def test_a_wrong_inn_is_told(inn: Any) -> None:
    assert r.inn_problem(inn)


@given(st.integers(0, 9), st.integers(0, 9))
def test_any_changed_digit_of_an_inn_is_seen(place: Any, digit: Any) -> None:
    inn = "7707083893"
    changed = inn[:place] + str(digit) + inn[place + 1 :]
    assert (r.inn_problem(changed) is None) == (changed == inn)


@pytest.mark.parametrize("ogrn", ["1027700132195", "304500116000157", "304463210700212", ""])
def test_a_right_ogrn_or_ogrnip_passes(ogrn: Any) -> None:
    assert r.ogrn_problem(ogrn) is None


@pytest.mark.parametrize(
    "ogrn", ["1027700132196", "304500116000158", "10277001321", "102770013219x", "0" * 13]
)
def test_a_wrong_ogrn_is_told(ogrn: Any) -> None:
    assert r.ogrn_problem(ogrn)


@given(st.integers(10**13, 10**14 - 1))
def test_every_ogrnip_has_exactly_one_check_digit(body: Any) -> None:
    assert sum(r.ogrn_problem(f"{body}{digit}") is None for digit in range(10)) == 1


def test_the_form_of_a_kpp() -> None:
    assert r.kpp_problem("770701001") is None
    assert r.kpp_problem("7707AB001") is None
    assert r.kpp_problem("") is None
    for wrong in ("77070100", "7707аб001", "770701001\n", "A70701001"):
        assert r.kpp_problem(wrong)


def test_a_bic_is_of_a_bank_or_of_the_treasury() -> None:
    assert r.bic_problem(SBER_BIC) is None
    assert r.bic_problem("015402901") is None
    for wrong in ("44525225", "944525225", "04452522x"):
        assert r.bic_problem(wrong)


def test_accounts_are_checked_against_the_bank() -> None:
    assert r.account_problem(SBER_ACCOUNT, SBER_BIC) is None
    assert r.correspondent_problem(SBER_CORRESPONDENT, SBER_BIC) is None
    assert r.account_problem(SBER_ACCOUNT[:-1] + "8", SBER_BIC)
    assert r.account_problem(SBER_ACCOUNT, "044525974")
    assert r.correspondent_problem("30101810400000000226", SBER_BIC)
    assert r.correspondent_problem(SBER_ACCOUNT, SBER_BIC)
    assert r.account_problem("4070281013825012301", SBER_BIC)


def test_only_the_form_is_checked_without_a_bank_and_for_the_treasury() -> None:
    changed = SBER_ACCOUNT[:-1] + "8"
    assert r.account_problem(changed, "") is None
    assert r.account_problem(changed, "12") is None
    assert r.account_problem("03100643000000018500", "015402901") is None
    assert r.correspondent_problem("40102810045370000043", "015402901") is None
    assert r.account_problem("031006430000000185", "015402901")


@given(st.integers(0, 19), st.integers(0, 9))
def test_any_changed_digit_of_an_account_is_seen(place: Any, digit: Any) -> None:
    changed = SBER_ACCOUNT[:place] + str(digit) + SBER_ACCOUNT[place + 1 :]
    assume(not changed.startswith(("03", "40102")))  # accounts of the Treasury
    assert (r.account_problem(changed, SBER_BIC) is None) == (changed == SBER_ACCOUNT)


@pytest.mark.parametrize(
    ("raw", "inn"),
    [
        (7707083893.0, "7707083893"),
        (7707083893, "7707083893"),
        ("7.707083893e9", "7707083893"),
        ("7,707083893E+09", "7707083893"),
        ("7707083893.0", "7707083893"),
        (560006690, "0560006690"),
        ("560006690", "0560006690"),
        (26401234567, "026401234567"),
        (" 7707 083 893\u00a0", "7707083893"),
        ("'7707083893", "7707083893"),
        (None, ""),
        ("нет", "НЕТ"),
        (float("nan"), "NAN"),
    ],
)
def test_what_a_spreadsheet_did_to_an_inn_is_undone(raw: Any, inn: Any) -> None:
    assert r.normalise_inn(raw) == inn


def test_a_rounded_number_is_not_made_up() -> None:
    assert r.inn_problem(r.normalise_inn("7.70708e+09"))


def test_other_numbers_are_brought_to_their_form() -> None:
    assert r.normalise_kpp(10101001) == "010101001"
    assert r.normalise_kpp("7707ab001") == "7707AB001"
    assert r.normalise_bic(44525225.0) == SBER_BIC
    assert r.normalise_account("40702 810 1 3825 0123017") == SBER_ACCOUNT
    assert r.normalise_ogrn("1 027 700 132 195") == "1027700132195"


@given(st.text(max_size=60) | st.floats() | st.integers())
def test_nothing_breaks_the_checks(value: Any) -> None:
    for normalise, problem in (
        (r.normalise_inn, r.inn_problem),
        (r.normalise_kpp, r.kpp_problem),
        (r.normalise_ogrn, r.ogrn_problem),
        (r.normalise_bic, r.bic_problem),
    ):
        problem(normalise(value))
        problem(str(value))
    r.account_problem(str(value), SBER_BIC)
    r.correspondent_problem(SBER_CORRESPONDENT, str(value))
