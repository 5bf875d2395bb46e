"""Interface texts: merges what the rooms translate and compiles it, without GNU gettext.

English texts stand in the code and are their own keys. Each room keeps its Russian in
`voronka/locale/parts/<room>.po`; together they make `voronka/locale/ru/LC_MESSAGES/django.mo`, which is built and
not kept in the repository.

    python -m voronka.config.messages            merge and compile
    python -m voronka.config.messages --check    also: what is used and not translated, clashes, broken placeholders
    python -m voronka.config.messages --check voronka/ui/deals    the same for the texts of one place
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileParser

PACKAGE = Path(__file__).resolve().parents[1]
PARTS = PACKAGE / "locale" / "parts"
LOCALE = "ru"
COMPILED = PACKAGE / "locale" / LOCALE / "LC_MESSAGES" / "django.mo"

# Function -> which of its arguments are texts; "c" marks the context.
KEYWORDS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("_", "N_", "gettext", "gettext_lazy", "gettext_noop"), ("id",)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), ("id", "plural")),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ("context", "id")),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ("context", "id", "plural")),
}

Key = tuple[str | None, str]  # context and (singular) text

_PLACEHOLDER = re.compile(r"%\((\w+)\)[sdf]|(?<!\{)\{(\w*)[^{}]*\}(?!\})")
_CYRILLIC = re.compile(r"[А-Яа-яЁё]")


@dataclass(frozen=True)
class Used:
    """A text met in the code: where, and whether it has a plural."""

    key: Key
    plural: str | None
    path: Path
    line: int


@dataclass
class Findings:
    """What the check has to say; `errors` fail it, `notes` do not."""

    errors: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class _PartCatalog(Catalog):
    """A catalogue that remembers every entry of its file: Babel's own silently keeps one of two alike."""

    def __init__(self) -> None:
        super().__init__(locale=LOCALE, domain="django")
        self.entries: list[Message] = []

    def __setitem__(self, id, message) -> None:  # type: ignore[no-untyped-def]
        if id:
            self.entries.append(message)
        super().__setitem__(id, message)


def _key(message: Message) -> Key:
    text = message.id if isinstance(message.id, str) else message.id[0]
    return (message.context, text)


def _forms(message: Message) -> list[str]:
    """The translation: one text, or one for each plural form."""
    if message.string is None or isinstance(message.string, str):
        return [message.string or ""]
    return list(message.string)


def _translated(message: Message) -> bool:
    return all(_forms(message)) and not message.fuzzy


def _read_part(path: Path) -> list[Message]:
    catalog = _PartCatalog()
    with path.open(encoding="utf-8") as file:
        PoFileParser(catalog, abort_invalid=True).parse(file)
    return catalog.entries


def _placeholders(text: str) -> set[str]:
    return {a or b for a, b in _PLACEHOLDER.findall(text)}


def _placeholder_faults(message: Message) -> Iterator[str]:
    """A translation that names what its text does not give raises an error on the page."""
    if isinstance(message.id, str):
        wanted, given = _placeholders(message.id), _placeholders(str(message.string))
        if wanted != given:
            yield f"placeholders {sorted(wanted)} became {sorted(given)}"
        return
    wanted = _placeholders(message.id[0]) | _placeholders(message.id[1])
    forms = _forms(message)
    for string in forms:
        if not _placeholders(string) <= wanted:
            yield f"unknown placeholders {sorted(_placeholders(string) - wanted)}"
    if len(forms) != 3:
        yield f"{len(forms)} plural forms instead of 3"


def merge(parts: Path = PARTS) -> tuple[Catalog, Findings]:
    """All parts in one catalogue, and what is wrong with them."""
    catalog = Catalog(locale=LOCALE, domain="django", fuzzy=False)
    findings = Findings()
    seen: dict[Key, tuple[Path, Message]] = {}
    for path in sorted(parts.glob("*.po")):
        for message in _read_part(path):
            key = _key(message)
            if not _translated(message):
                findings.errors.append(f"{path.name}:{message.lineno}: not translated: {key[1]!r}")
                continue
            findings.errors += [
                f"{path.name}:{message.lineno}: {fault}: {key[1]!r}" for fault in _placeholder_faults(message)
            ]
            if key in seen:
                first_path, first = seen[key]
                if first.string != message.string and first.pluralizable == message.pluralizable:
                    findings.errors.append(
                        f"{path.name}:{message.lineno}: {key[1]!r} is {message.string!r} here"
                        f" and {first.string!r} in {first_path.name}:{first.lineno}"
                    )
                # Of a plain and a plural entry the plural one serves both.
                if first.pluralizable or not message.pluralizable:
                    continue
                catalog.delete(first.id, first.context)
            seen[key] = (path, message)
            catalog.add(message.id, message.string, context=message.context)
    return catalog, findings


def build(parts: Path = PARTS, compiled: Path = COMPILED) -> Findings:
    """Merge and compile; the file is touched only if its content changes."""
    catalog, findings = merge(parts)
    # A date of its own would make every build differ.
    catalog.revision_date = catalog.creation_date = datetime(1970, 1, 1, tzinfo=UTC)
    content = BytesIO()
    write_mo(content, catalog)
    if not compiled.is_file() or compiled.read_bytes() != content.getvalue():
        compiled.parent.mkdir(parents=True, exist_ok=True)
        compiled.write_bytes(content.getvalue())
    return findings


def _as_python(path: Path) -> str:
    """The text of a Python file, or of a template turned into calls of gettext."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return source
    from django.utils.translation.template import templatize

    # What is not a text is blanked out but keeps its indentation, which Python would mind.
    return "\n".join(line.strip() for line in templatize(source, origin=str(path)).splitlines())


def used_in(path: Path) -> Iterator[Used]:
    """The texts of one Python file or template."""
    content = BytesIO(_as_python(path).encode())
    found: Any = extract_python(content, dict.fromkeys(KEYWORDS), [], {})
    for line, function, arguments, _comments in found:
        given = arguments if isinstance(arguments, tuple) else (arguments,)
        named = dict(zip(KEYWORDS[function], given, strict=False))
        if named.get("id"):
            yield Used((named.get("context"), named["id"]), named.get("plural"), path, line)


def used(root: Path = PACKAGE) -> Iterator[Used]:
    """Every text of the package (tests and migrations apart)."""
    for path in sorted([*root.rglob("*.py"), *root.rglob("*.html"), *root.rglob("*.txt")]):
        inside = path.relative_to(root).parts
        if {"tests", "migrations", "vendor", "static", "locale"} & set(inside[:-1]):
            continue
        if path.suffix == ".txt" and "templates" not in inside:
            continue
        yield from used_in(path)


def check(places: list[Path] | None = None) -> Findings:
    """What `merge` finds, and the texts of *places* (everywhere if none) that have no Russian."""
    catalog, findings = merge()
    known = {_key(message): message for message in catalog if message.id}
    met: set[Key] = set()
    missing: dict[Key, list[Used]] = defaultdict(list)
    for use in used():
        met.add(use.key)
        if places and not any(use.path.resolve().is_relative_to(place.resolve()) for place in places):
            continue
        message = known.get(use.key)
        if _CYRILLIC.search(use.key[1]):
            findings.errors.append(f"{_where(use)}: texts in the code are English: {use.key[1]!r}")
        elif message is None or (use.plural and not message.pluralizable):
            missing[use.key].append(use)
    for key, uses in missing.items():
        plural = next((use.plural for use in uses if use.plural), None)
        context = f" (context {key[0]!r})" if key[0] else ""
        findings.errors.append(
            f"{_where(uses[0])}: no Russian: {key[1]!r}{f' / {plural!r}' if plural else ''}{context}"
        )
    if not places:
        findings.notes += [f"not used anywhere: {key[1]!r}" for key in known if key not in met]
    return findings


def _where(use: Used) -> str:
    return f"{use.path.relative_to(PACKAGE.parent)}:{use.line}"


def main() -> int:
    parser = argparse.ArgumentParser(description="Merge and compile the interface texts.")
    parser.add_argument(
        "--check", action="store_true", help="fail on missing, clashing or broken translations"
    )
    parser.add_argument("places", nargs="*", type=Path, help="check only the texts of these files or folders")
    arguments = parser.parse_args()
    findings = build()
    if arguments.check:
        findings = check(arguments.places)
        print("\n".join(findings.notes))
    print("\n".join(findings.errors), file=sys.stderr)
    if findings.errors:
        print(f"{len(findings.errors)} faults in the interface texts.", file=sys.stderr)
    return 1 if findings.errors and arguments.check else 0


if __name__ == "__main__":
    raise SystemExit(main())
