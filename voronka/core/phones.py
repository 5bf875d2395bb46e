"""Telephone numbers as people write them, brought to E.164 with an extension."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import phonenumbers
from django.utils.translation import gettext as _
from phonenumbers import NumberParseException, PhoneNumberFormat

from voronka.core.text import clean, digits

REGION: Final = "RU"
_LONGEST: Final = 150
# Where one number ends and the next begins; a comma may also stand before an extension.
_NEXT_NUMBER: Final = re.compile(r"[;\n]|\s+/\s+|,\s*(?=[+8(])")


@dataclass(frozen=True, slots=True)
class Phone:
    """A number: `e164` «+74951234567», `extension` «123» or empty, `display` «+7 495 123-45-67 доб. 123»."""

    e164: str
    extension: str

    @property
    def display(self) -> str:
        """Return the number as it is shown, in the active language."""
        return display(self.e164, self.extension)

    @property
    def normal(self) -> str:
        """Return the form that is stored and compared: E.164, with «;ext=123» if there is an extension."""
        return f"{self.e164};ext={self.extension}" if self.extension else self.e164


def parse_phone(text: object) -> Phone | None:
    """Return the number in `text`, read as a Russian one unless it names another country; None if there is none.

    Numbers of other countries without a plus («375 29 123-45-67») are understood if they are valid so.
    A local number without a city code is no number.
    """
    value = clean(text).lstrip("'")
    if not value or len(value) > _LONGEST:
        return None
    found = _valid(value)
    if found is None and not value.startswith("+") and 11 <= len(digits(value)) <= 15:
        found = _valid("+" + value.lstrip("( "))
    if found is None:
        return None
    return Phone(phonenumbers.format_number(found, PhoneNumberFormat.E164), digits(found.extension)[:10])


def _valid(value: str) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(value, REGION)
    except NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def parse_phones(text: object) -> list[Phone]:
    """Return every number in a cell like «8 495 123-45-67, 8 916 123-45-67», in order and without doubles."""
    value = clean(text, multiline=True)[:2000]
    found = [parse_phone(part) for part in _NEXT_NUMBER.split(value)]
    return list(dict.fromkeys(phone for phone in found if phone))


def normalise(text: object) -> str:
    """Return the stored form of the number in `text`; an empty string if there is none."""
    phone = parse_phone(text)
    return phone.normal if phone else ""


def display(normal: str, extension: str = "") -> str:
    """Return a stored number as it is shown: «+7 495 123-45-67», with «доб. 123» / "ext. 123" if it has one."""
    e164, _mark, inner = normal.partition(";ext=")
    extension = extension or inner
    shown = _international(e164)
    return (
        _("%(phone)s ext. %(extension)s") % {"phone": shown, "extension": extension} if extension else shown
    )


@lru_cache(maxsize=4096)
def _international(e164: str) -> str:
    try:
        return phonenumbers.format_number(phonenumbers.parse(e164), PhoneNumberFormat.INTERNATIONAL)
    except NumberParseException:
        return e164


def search_digits(text: object) -> str:
    """Return the last ten digits: what a number is looked up by, however its beginning is written.

    An extension that can be told from the number is left out.
    """
    phone = parse_phone(text)
    return digits(phone.e164 if phone else clean(text)[:_LONGEST])[-10:]
