"""Address books as tables: vCard 2.1, 3.0 and 4.0, one person a row, under the names that imports know."""

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from voronka.core.spreadsheets.guards import damaged, not_a_spreadsheet
from voronka.core.spreadsheets.plaintext import open_text

HEADER: Final = (
    "id", "name", "first_name", "middle_name", "last_name", "company", "title", "phones", "emails", "messengers", "birthday",
    "address", "site", "about", "tags",
)  # fmt: skip
_LONGEST_LINE: Final = 20_000_000
_LONGEST_VALUE: Final = 100_000
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_SEPARATOR: Final = re.compile(r"(?<!\\);")
_PLACES: Final = {
    "UID": "id", "FN": "name", "TITLE": "title", "TEL": "phones", "EMAIL": "emails", "IMPP": "messengers", "BDAY": "birthday",
    "URL": "site", "NOTE": "about", "CATEGORIES": "tags",
}  # fmt: skip
# What of a card is no text: pictures, sounds, keys.
_HEAVY: Final = frozenset({"PHOTO", "LOGO", "SOUND", "KEY", "AGENT"})


def looks_like_vcard(sample: str) -> bool:
    """Return whether the text is an address book."""
    return sample.lstrip("\ufeff \r\n\t")[:11].upper() == "BEGIN:VCARD"


def read_vcards(file: BinaryIO, encoding: str, max_rows: int) -> list[list[str]]:
    """Return the header and a row for every card. Raises `NotATable` for a card that is never closed."""
    rows: list[list[str]] = [list(HEADER)]
    card: dict[str, list[str]] | None = None
    depth = 0
    with open_text(file, encoding) as text:
        for name, parameters, value in _properties(_unfolded(text)):
            if name == "BEGIN" and value.strip().upper() == "VCARD":
                depth += 1
                if depth == 1:
                    card = {}
            elif name == "END" and value.strip().upper() == "VCARD":
                depth -= 1
                if depth == 0 and card is not None:
                    rows.append(_row(card))
                    card = None
                    if len(rows) > max_rows + 2:
                        break
            elif card is not None and depth == 1 and name not in _HEAVY:
                _take(card, name, parameters, value)
    if card is not None or len(rows) < 2:
        raise damaged() if card is not None else not_a_spreadsheet()
    return rows


def _unfolded(lines: Iterator[str]) -> Iterator[str]:
    """Yield whole lines: a line that begins with a space goes on, as does one of 2.1 that ends with «=»."""
    pending: str | None = None
    for raw in lines:
        line = raw.rstrip("\r\n")
        if pending is not None and line[:1] in (" ", "\t"):
            pending += line[1:]
        elif pending is not None and pending.endswith("=") and _is_quoted(pending):
            pending = f"{pending[:-1]}{line}"
        else:
            if pending:
                yield pending
            pending = line
        if pending is not None and len(pending) > _LONGEST_LINE:
            raise not_a_spreadsheet()
    if pending:
        yield pending


def _is_quoted(line: str) -> bool:
    return "QUOTED-PRINTABLE" in line.partition(":")[0].upper()


def _properties(lines: Iterator[str]) -> Iterator[tuple[str, dict[str, str], str]]:
    for line in lines:
        head, colon, value = line.partition(":")
        # A colon may stand inside a quoted parameter.
        while colon and head.count('"') % 2:
            more, colon, value = value.partition(":")
            head = f"{head}:{more}"
        if not colon:
            continue
        name, *rest = head.split(";")
        parameters: dict[str, str] = {}
        for one in rest:
            key, equals, text = one.partition("=")
            parameters[key.upper() if equals else "TYPE"] = (
                f"{parameters.get('TYPE', '')} {text or key}".strip()
                if (key.upper() == "TYPE" or not equals)
                else text
            )
        # «item1.TEL»: a group in front of the name says nothing here.
        yield name.rpartition(".")[2].strip().upper(), parameters, value


def _decoded(parameters: dict[str, str], value: str) -> str:
    encoding = f"{parameters.get('ENCODING', '')} {parameters.get('TYPE', '')}".upper()
    if "QUOTED-PRINTABLE" in encoding:
        data = quopri.decodestring(value.encode("utf-8", "replace"))
    elif "BASE64" in encoding or parameters.get("ENCODING", "").upper() == "B":
        try:
            data = base64.b64decode(value)
        except (binascii.Error, ValueError):
            return ""
    else:
        return value
    for codec in (parameters.get("CHARSET", "").strip('"') or "utf-8", "utf-8", "cp1251"):
        try:
            return data.decode(codec)
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("utf-8", "replace")


def _plain(value: str) -> str:
    return _ESCAPE.sub(lambda match: "\n" if match[1] in "nN" else match[1], value)[:_LONGEST_VALUE].strip()


def _take(card: dict[str, list[str]], name: str, parameters: dict[str, str], value: str) -> None:
    text = _decoded(parameters, value)
    if name == "N":
        parts = [_plain(part) for part in _SEPARATOR.split(text)] + ["", "", ""]
        for place, part in zip(("last_name", "first_name", "middle_name"), parts, strict=False):
            card.setdefault(place, []).append(part)
    elif name == "ORG":
        card.setdefault("company", []).append(_plain(_SEPARATOR.split(text)[0]))
    elif name == "ADR":
        parts = [_plain(part) for part in _SEPARATOR.split(text)] + [""] * 7
        street, city, region, code, country = parts[2:7]
        told = ", ".join(part for part in (code, country, region, city, street) if part)
        card.setdefault("address", []).append(told)
    elif name == "BDAY":
        # «--0131» has no year: there is no day to be told from it.
        if not text.startswith("--"):
            card.setdefault("birthday", []).append(_plain(text)[:10].rstrip("T"))
    elif name == "TEL":
        card.setdefault("phones", []).append(_plain(text.removeprefix("tel:")))
    elif name == "IMPP" or (name.startswith("X-") and name[2:] in ("SKYPE", "TELEGRAM", "ICQ", "JABBER")):
        card.setdefault("messengers", []).append(_plain(text))
    elif name in _PLACES:
        card.setdefault(_PLACES[name], []).append(_plain(text))


def _row(card: dict[str, list[str]]) -> list[str]:
    joined = {"phones": "; ", "emails": "; ", "messengers": "; ", "about": "\n", "tags": ", "}
    return [
        joined.get(place, "").join(v for v in card.get(place, []) if v)
        if place in joined
        else next((v for v in card.get(place, []) if v), "")
        for place in HEADER
    ]
