"""English is the language of the code: a Russian text stands in the catalogues or among data, nowhere else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "voronka"
CYRILLIC = re.compile("[А-Яа-яЁё]")

# What is Russian by its nature. A new line here is a decision: nobody translates what stands in these places.
DATA = {
    "clients/industries.py": "names of the Russian classification",
    "clients/matching": "letters that sound alike",
    "clients/regions.py": "names of the regions of Russia",
    "config/doctor.py": "what the database must be able to sort and fold",
    "config/environment.py": "the sender's name; VORONKA_EMAIL_FROM gives another",
    "config/messages.py": "the rule itself",
    "config/settings.py": "a language is called by its own name",
    "core/formats.py": "a pattern of Russian dates",
    "core/parsing.py": "dates and sums as Russians write them",
    "core/spreadsheets": "alphabets by which an encoding is guessed",
    "core/text.py": "keyboard layouts and alphabets",
    "desk/fields/values.py": "yes and no as files write them",
    "desk/search.py": "legal forms that search leaves out",
    "integrations/bench": "what the bench fills in",
    "integrations/demo": "the demo company is Russian",
    "integrations/management/commands/demo.py": "and so is the making of it",
    "integrations/spreadsheets": "headings and words of other systems' files",
    "journal/audit.py": "a letter written in two ways",
    "playbook/templates_data": "templates of sales books, in both languages",
    "ui/feed.py": "a letter written in two ways",
    "ui/palette/commands.py": "words by which commands are found, in both languages",
    "ui/showcase": "samples for who builds the interface",
    "ui/templates/500.html": "both languages at once: nothing can be translated any more",
    "ui/templates/showcase": "samples for who builds the interface",
    "workspaces/slugs.py": "transliteration",
}
APART = {"tests", "migrations", "vendor", "locale"}
_COMMENTS = {
    ".html": re.compile(r"{% comment %}.*?{% endcomment %}|{#.*?#}|<!--.*?-->", re.DOTALL),
    ".txt": re.compile(r"{% comment %}.*?{% endcomment %}|{#.*?#}", re.DOTALL),
    ".js": re.compile(r"/\*.*?\*/|(?m:^\s*//.*$)|(?m:\s//\s.*$)", re.DOTALL),
}


def files() -> Iterator[tuple[str, Path]]:
    for path in sorted(PACKAGE.rglob("*")):
        inside = path.relative_to(PACKAGE)
        if path.suffix not in {".py", *_COMMENTS} or APART & set(inside.parts):
            continue
        if path.suffix == ".txt" and "templates" not in inside.parts:
            continue
        if not any(inside.as_posix() == known or known in map(str, inside.parents) for known in DATA):
            yield inside.as_posix(), path


def strings(source: str) -> Iterator[tuple[int, str]]:
    """The literals of a Python file that are not docstrings."""
    tree = ast.parse(source)
    told = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.lineno, node.value


def lines(path: Path) -> Iterator[tuple[int, str]]:
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        yield from strings(source)
    else:
        yield from enumerate(_COMMENTS[path.suffix].sub("", source).splitlines(), start=1)


def test_no_russian_text_stands_in_the_code() -> None:
    found = [
        f"voronka/{name}:{line}: {text.strip()[:80]}"
        for name, path in files()
        for line, text in lines(path)
        if CYRILLIC.search(text)
    ]

    assert found == []


def test_every_exception_is_needed() -> None:
    unused = [
        known
        for known in DATA
        if not any(
            CYRILLIC.search(path.read_text(encoding="utf-8"))
            for path in ([PACKAGE / known] if (PACKAGE / known).is_file() else (PACKAGE / known).rglob("*.*"))
            if path.suffix in {".py", *_COMMENTS}
        )
    ]

    assert unused == []
