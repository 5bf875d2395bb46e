"""E-mail addresses: brought to one form and checked without asking the network."""

import re
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from voronka.core.text import clean

_LONGEST: Final = 254
_VALID: Final = EmailValidator()
_INSIDE: Final = re.compile(r"<([^<>]*)>")
_NEXT: Final = re.compile(r"[;,\s]+")


def normalise_email(value: object) -> str:
    """Return the form that is stored and compared: lower case, without ``mailto:`` and a name around it."""
    text = clean(value)[: _LONGEST * 4]
    inside = _INSIDE.search(text)
    return (inside[1] if inside else text).strip(" '\"<>.,;").removeprefix("mailto:").lower()


def is_email(value: object) -> bool:
    """Return whether the normalised `value` is one well-formed address (Cyrillic domains too)."""
    text = normalise_email(value)
    if not text or len(text) > _LONGEST:
        return False
    try:
        _VALID(text)
    except ValidationError:
        return False
    return True


def parse_emails(text: object) -> list[str]:
    """Return every address in a cell like «a@x.ru, Пётр <b@x.ru>», normalised, in order and without doubles."""
    value = clean(text, multiline=True)[:5000]
    parts = [*_INSIDE.findall(value), *_NEXT.split(_INSIDE.sub(" ", value))]
    found = (normalise_email(part) for part in sorted(filter(None, parts), key=value.find))
    return list(dict.fromkeys(address for address in found if is_email(address)))
