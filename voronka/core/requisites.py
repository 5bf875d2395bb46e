"""Numbers of Russian companies and bank accounts: brought to their form, and checked by their sums.

A `…_problem` function takes a value as it is stored and returns None if it is right, else a sentence that
says what is wrong. An empty value is nobody's problem here: whether it must be given is the form's matter.
"""

import re
from typing import Final

from django.utils.translation import gettext as _
from stdnum.ru import inn as stdnum_inn

_SEPARATORS: Final = re.compile(r"[\s\u00a0\u2007\u202f.\-–—_/]+")
_FLOAT: Final = re.compile(r"([0-9]+)[.,]0*|([0-9])[.,]([0-9]+)e\+?([0-9]{1,2})", re.IGNORECASE)
_KPP: Final = re.compile(r"[0-9]{4}[0-9A-Z]{2}[0-9]{3}")
_ACCOUNT_WEIGHTS: Final = (7, 1, 3) * 8
_TREASURY_ACCOUNTS: Final = ("03", "40102")


def _compact(value: object) -> str:
    """Return the value without separators, and without what Excel makes of a long number."""
    if isinstance(value, float) and value.is_integer() and 0 <= value < 1e20:
        return str(int(value))
    text = "" if value is None else str(value)[:100].strip().lstrip("'").upper()
    match = _FLOAT.fullmatch(text)
    if match and match[1]:
        return match[1]
    if match:  # 7.707083893E9: exact only if every digit is there
        fraction, power = match[3].rstrip("0"), int(match[4])
        if len(fraction) <= power:
            return match[2] + fraction.ljust(power, "0")
    return _SEPARATORS.sub("", text)


def _padded(value: object, lengths: tuple[int, ...]) -> str:
    """Return the compact value, with the one leading zero that a spreadsheet drops put back."""
    text = _compact(value)
    return "0" + text if text.isascii() and text.isdigit() and len(text) + 1 in lengths else text


def normalise_inn(value: object) -> str:
    """Return an ИНН from a file or a form: ``7.707083893e9`` is 7707083893, 560006690 is 0560006690."""
    return _padded(value, (10, 12))


def normalise_kpp(value: object) -> str:
    """Return a КПП with its leading zero."""
    return _padded(value, (9,))


def normalise_ogrn(value: object) -> str:
    """Return an ОГРН or ОГРНИП without separators."""
    return _compact(value)


def normalise_bic(value: object) -> str:
    """Return a БИК with its leading zero."""
    return _padded(value, (9,))


def normalise_account(value: object) -> str:
    """Return the number of an account without separators."""
    return _compact(value)


def _digits(value: str) -> bool:
    return value.isascii() and value.isdigit()


def inn_problem(value: str) -> str | None:
    """Check an ИНН: 10 digits of a company or 12 of a person, with one or two check digits."""
    if not value:
        return None
    if not _digits(value):
        return _("An INN consists of digits only.")
    if len(value) not in (10, 12):
        return _("An INN has 10 digits (a company) or 12 (an entrepreneur); here there are %(count)s.") % {
            "count": len(value)
        }
    # All zeros pass the sum, but no tax office gives them out.
    if not stdnum_inn.is_valid(value) or not int(value):
        return _("The check digit of the INN is wrong: there is a misprint in it.")
    return None


def kpp_problem(value: str) -> str | None:
    """Check the form of a КПП: four digits, two digits or capitals, three digits; it has no check digit."""
    if not value or _KPP.fullmatch(value):
        return None
    return _("A KPP has 9 characters: digits, the fifth and sixth may be Latin capitals.")


def ogrn_problem(value: str) -> str | None:
    """Check an ОГРН (13 digits) or an ОГРНИП (15 digits) by its check digit."""
    if not value:
        return None
    if not _digits(value):
        return _("An OGRN consists of digits only.")
    if len(value) not in (13, 15):
        return _(
            "An OGRN has 13 digits (a company), an OGRNIP 15 (an entrepreneur); here there are %(count)s."
        ) % {"count": len(value)}
    # The remainder may have two digits; the last of it is the check digit.
    if int(value[:-1]) % (11 if len(value) == 13 else 13) % 10 != int(value[-1]) or not int(value):
        return _("The check digit of the OGRN is wrong: there is a misprint in it.")
    return None


def is_treasury(bic: str) -> bool:
    """Return whether the БИК belongs to the Treasury, whose accounts follow other rules."""
    return bic.startswith("01")


def bic_problem(value: str) -> str | None:
    """Check the form of a БИК: nine digits, 04… for banks and 01… for the Treasury."""
    if not value:
        return None
    if not _digits(value) or len(value) != 9:
        return _("A BIC has 9 digits.")
    if not value.startswith(("04", "01")):
        return _("A Russian BIC begins with 04 (a bank) or 01 (the Treasury).")
    return None


def _account_form(value: str) -> str | None:
    if not _digits(value) or len(value) != 20:
        return _("An account has 20 digits.")
    return None


def _sums_up(prefix: str, account: str) -> bool:
    return (
        sum(weight * int(digit) for weight, digit in zip(_ACCOUNT_WEIGHTS, prefix + account, strict=False))
        % 10
        == 0
    )


def account_problem(value: str, bic: str) -> str | None:
    """Check a settlement account against the БИК of its bank; without a right БИК only its form."""
    if not value:
        return None
    problem = _account_form(value)
    if problem or not bic or bic_problem(bic) or is_treasury(bic) or value.startswith(_TREASURY_ACCOUNTS):
        return problem
    if not _sums_up(bic[-3:], value):
        return _("The account does not fit the BIC: there is a misprint in one of them.")
    return None


def correspondent_problem(value: str, bic: str) -> str | None:
    """Check a correspondent account (301…) against the БИК of its bank; without a right БИК only its form."""
    if not value:
        return None
    problem = _account_form(value)
    if problem or not bic or bic_problem(bic) or is_treasury(bic) or value.startswith(_TREASURY_ACCOUNTS):
        return problem
    if not value.startswith("301"):
        return _("A correspondent account of a bank begins with 301.")
    if value[-3:] != bic[-3:] or not _sums_up("0" + bic[4:6], value):
        return _("The correspondent account does not fit the BIC: there is a misprint in one of them.")
    return None
