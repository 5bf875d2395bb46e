"""Text as people and machines bring it: cleaned for the database, folded for comparing and searching.

Everything here is a pure function of its arguments and safe for megabyte-long strings, emoji,
right-to-left text, NUL bytes and lone surrogates.
"""

import re
import unicodedata
from typing import Final

from django.utils.translation import gettext as _

# PostgreSQL refuses NUL in text, and a lone surrogate cannot be encoded as UTF-8 at all; the other
# controls have no business in a name or a note. Tab and line feed are dealt with separately.
_CONTROLS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
# Invisible characters that make two equal-looking texts differ or turn the reading order of the
# whole screen around. The zero-width joiner and non-joiner stay: emoji and Persian words need them.
_INVISIBLE: Final = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
# Most texts are of these only, and need no more than their spaces collapsed.
_ORDINARY: Final = re.compile("[ -~А-яЁё«»№–—]*")
_JOINERS: Final = re.compile("[\u200c\u200d\ufe0e\ufe0f]")
_LINE_ENDS: Final = re.compile("\r\n?|[\x85\u2028\u2029]")
_SPACES: Final = re.compile(r"\s+")
_SPACES_IN_LINE: Final = re.compile(r"[^\S\n]+")
_MANY_EMPTY_LINES: Final = re.compile(r"\n{4,}")

_MARKS: Final = "".join(chr(code) for code in range(0x300, 0x1F000) if unicodedata.combining(chr(code)))
_MARKS_IN_A_ROW: Final = 8
# Ordering a run of combining marks costs the square of its length, so a run is cut before normalising.
_LONG_MARKS: Final = re.compile(f"([{_MARKS}]{{{_MARKS_IN_A_ROW}}})[{_MARKS}]+")

_FOLDED: Final = str.maketrans(
    {"ё": "е", "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-"}
)


def _normal(value: str) -> str:
    """Return `value` without characters the database or the eye cannot take, in Unicode form C."""
    if value.isascii():
        return _CONTROLS.sub("", value)
    value = _INVISIBLE.sub("", _CONTROLS.sub("", value))
    if unicodedata.is_normalized("NFC", _LONG_MARKS.sub(r"\1", value)):
        return _LONG_MARKS.sub(r"\1", value)
    return unicodedata.normalize("NFC", _LONG_MARKS.sub(r"\1", value))


def clean(value: object, max_length: int | None = None, *, multiline: bool = False) -> str:
    """Return `value` fit to be stored: no NULs, controls, lone surrogates or invisible marks; NFC; trimmed.

    Spaces of every kind collapse to one; with `multiline` the line breaks (as ``\\n``) and up to two
    empty lines stay. None becomes an empty string.

    `max_length` cuts silently and is meant for text made by machines. A form must not lose what a
    person typed: call ``clean(value)`` and then show `length_problem`.
    """
    if value is None:
        return ""
    if (
        isinstance(value, str)
        and _ORDINARY.fullmatch(value)
        and (max_length is None or len(value) <= max_length)
    ):
        return _SPACES.sub(" ", value).strip() if "  " in value else value.strip(" ")
    text = _LINE_ENDS.sub("\n", value if isinstance(value, str) else str(value))
    text = _normal(text)
    if multiline:
        text = _SPACES_IN_LINE.sub(" ", text).replace(" \n", "\n").replace("\n ", "\n")
        text = _MANY_EMPTY_LINES.sub("\n\n\n", text).strip()
    else:
        text = _SPACES.sub(" ", text).strip()
    if max_length is not None and len(text) > max_length:
        text = text[: _whole(text, max_length)].rstrip()
    return text


def length_problem(value: str, max_length: int) -> str | None:
    """Return a sentence if `value` has more than `max_length` characters, else None."""
    if len(value) <= max_length:
        return None
    return _("This text is too long: %(length)s characters, at most %(limit)s fit.") % {
        "length": len(value),
        "limit": max_length,
    }


def fold(value: object) -> str:
    """Return the key by which texts are compared, sorted and searched.

    Lower case, ё as е, every dash as a hyphen, spaces collapsed, nothing invisible. `fold` of a folded
    text is the same text.
    """
    if value is None:
        return ""
    if isinstance(value, str) and _ORDINARY.fullmatch(value):
        return _SPACES.sub(" ", value.lower().translate(_FOLDED)).strip()
    text = _normal(_LINE_ENDS.sub("\n", value if isinstance(value, str) else str(value)))
    if text.isascii():
        return _SPACES.sub(" ", text.lower()).strip()
    text = _JOINERS.sub("", text).lower()
    # Lower-casing and dropping joiners may bring a base and its mark together again.
    text = _normal(text).translate(_FOLDED)
    return _SPACES.sub(" ", text).strip()


_LEGAL_FORMS: Final = (
    "общество с ограниченной ответственностью",
    "товарищество с ограниченной ответственностью",
    "публичное акционерное общество",
    "непубличное акционерное общество",
    "открытое акционерное общество",
    "закрытое акционерное общество",
    "акционерное общество",
    "индивидуальный предприниматель",
    "крестьянское (фермерское) хозяйство",
    "крестьянское фермерское хозяйство",
    "автономная некоммерческая организация",
    "некоммерческая организация",
    "федеральное государственное унитарное предприятие",
    "федеральное государственное бюджетное учреждение",
    "государственное унитарное предприятие",
    "муниципальное унитарное предприятие",
    "производственный кооператив",
    "самозанятый",
    "самозанятая",
)
_LEGAL_WORDS: Final = frozenset(
    [
        "ооо",
        "оао",
        "зао",
        "пао",
        "нао",
        "ао",
        "ип",
        "пбоюл",
        "тоо",
        "чп",
        "чуп",
        "оду",
        "ано",
        "нко",
        "гуп",
        "муп",
        "фгуп",
        "фгбу",
        "фгау",
        "фгку",
        "гбу",
        "мбу",
        "мау",
        "кфх",
        "тсж",
        "тсн",
        "пк",
        "спк",
        "llc",
        "llp",
        "lp",
        "ltd",
        "limited",
        "inc",
        "incorporated",
        "corp",
        "corporation",
        "co",
        "company",
        "plc",
        "gmbh",
        "ag",
        "kg",
        "ug",
        "sa",
        "sas",
        "sarl",
        "srl",
        "spa",
        "bv",
        "nv",
        "oy",
        "ab",
        "as",
        "sro",
        "zao",
        "ooo",
        "oao",
        "pao",
        "ao",
        "pte",
        "pty",
        "jsc",
        "pjsc",
        "ojsc",
        "cjsc",
        "dmcc",
        "fze",
        "kft",
        "doo",
        "eood",
        "ood",
    ]
)
_LEGAL_PHRASES: Final = re.compile(
    r"(?<!\w)(?:" + "|".join(re.escape(phrase) for phrase in _LEGAL_FORMS) + r")(?!\w)"
)
_DOTTED: Final = re.compile(r"(?<=\b\w)\.\s*(?=\w\b)")
_NOT_WORD: Final = re.compile(r"[^\w&+]+|_+")


def company_key(name: object) -> str:
    """Return the name of a company as a key for finding doubles: no legal form, quotes or punctuation.

    «ООО "Ёлки и щит"», «Елки и Щит, ООО» and «Общество с ограниченной ответственностью Ёлки и щит»
    share one key. A name made of nothing but a legal form keeps it.
    """
    folded = fold(name)
    text = _DOTTED.sub("", _LEGAL_PHRASES.sub(" ", folded))
    words = [word for word in _NOT_WORD.split(text) if word]
    start, end = 0, len(words)
    # Forms stand at the edges («ООО …», «…, Co Ltd»); inside a name the same letters are a word of it.
    while start < end and words[start] in _LEGAL_WORDS:
        start += 1
    while end > start and words[end - 1] in _LEGAL_WORDS:
        end -= 1
    return " ".join(words[start:end]) or " ".join(words) or folded


_LATIN: Final = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
_CYRILLIC: Final = "ёйцукенгшщзхъфывапролджэячсмитьбю"
_LATIN_SHIFTED: Final = '~QWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>'
_TO_CYRILLIC: Final = str.maketrans(_LATIN + _LATIN_SHIFTED, _CYRILLIC + _CYRILLIC.upper())
_TO_LATIN: Final = str.maketrans(_CYRILLIC + _CYRILLIC.upper(), _LATIN + _LATIN_SHIFTED)
_CYRILLIC_LETTER: Final = re.compile("[а-яё]", re.IGNORECASE)
_LATIN_LETTER: Final = re.compile("[a-z]", re.IGNORECASE)


def swap_layout(text: str) -> str:
    """Return `text` as if typed with the other keyboard layout switched on: «hjvfirf» is «ромашка».

    The direction follows the alphabet that prevails; digits and other scripts stay as they are.
    """
    if len(_CYRILLIC_LETTER.findall(text)) > len(_LATIN_LETTER.findall(text)):
        return text.translate(_TO_LATIN)
    return text.translate(_TO_CYRILLIC)


_NOT_DIGIT: Final = re.compile(r"[^0-9]+")


def digits(text: object) -> str:
    """Return only the ASCII digits of `text`."""
    return "" if text is None else _NOT_DIGIT.sub("", str(text))


_BINDS: Final = "\u200c\u200d\ufe0e\ufe0f"


def _binds(char: str) -> bool:
    """Return whether `char` belongs to the visible character before it."""
    return char in _BINDS or bool(unicodedata.combining(char)) or "\U0001f3fb" <= char <= "\U0001f3ff"


def _whole(text: str, length: int) -> int:
    """Return the greatest cut ≤ `length` that does not tear a visible character apart."""
    cut = length
    while 0 < cut < len(text) and (_binds(text[cut]) or text[cut - 1] == "\u200d"):
        cut -= 1
    return cut or length


def clip(text: str, length: int) -> str:
    """Return `text` in at most `length` characters, cut at a word if one ends near, with «…» at the end."""
    if len(text) <= length:
        return text
    if length <= 1:
        return "…"[:length]
    cut = _whole(text, length - 1)
    head = text[:cut]
    space = head.rfind(" ")
    if not text[cut].isspace() and space >= cut * 2 // 3:
        head = head[:space]
    return head.rstrip(" ,;:.-–—") + "…"


def like_escape(text: str) -> str:
    """Return `text` with the special characters of SQL LIKE escaped by a backslash."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
