"""Names of a file that are nearly those that are here: «GTXPro» beside «GTX Pro». People say whether they are the same.

The answers stand in `Options.same` as `<field>:<folded name of the file>` → the name that is meant, and are remembered
with the other answers for such a file.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from voronka.core.text import fold
from voronka.desk.dictionaries.registry import get_dictionary

# More names here than this are compared by their bare letters only: closeness costs the product of both lists.
MOST_COMPARED: Final = 2_000
MOST_SHOWN: Final = 30
CLOSE: Final = 0.86
SHORTEST: Final = 5
_NOT_LETTERS: Final = re.compile(r"[\W_]+")
_DIGITS: Final = re.compile(r"\d+")
# Words of deals: field of the file → dictionary, column of the deal read.
OF_DEALS: Final = {
    "product": ("product", "product"),
    "source": ("source", "source"),
    "lost_reason": ("lost_reason", "reason"),
}


@dataclass(frozen=True)
class Alike:
    """The *name* of the file is nearly *like*, which is here (or comes before); *same*: it was said to be that."""

    field: str
    name: str
    like: str
    same: bool = False

    @property
    def key(self) -> str:
        return answer_key(self.field, self.name)


def answer_key(field: str, name: str) -> str:
    """Where the answer about *name* stands in `Options.same`."""
    return f"{field}:{fold(name)}"


def meant(same: Mapping[str, str], field: str, name: str) -> str:
    """The name that is meant by *name* of the file."""
    return same.get(answer_key(field, name), name) if name else name


def names_of(code: str) -> list[str]:
    """The names that are in use in a dictionary."""
    return list(get_dictionary(code).active().values_list("name", flat=True))


def alike(field: str, new: Iterable[str], there: Iterable[str]) -> list[Alike]:
    """Of the *new* names those that are nearly one of those *there*; figures must agree: «M100» is not «M200»."""
    by_letters: dict[str, str] = {}
    for name in there:
        by_letters.setdefault(_bare(name), name)
    found = []
    for name in dict.fromkeys(new):
        bare = _bare(name)
        like = by_letters.get(bare)
        if like is None and len(bare) >= SHORTEST and len(by_letters) <= MOST_COMPARED:
            close = difflib.get_close_matches(bare, by_letters, n=1, cutoff=CLOSE)
            if close and _DIGITS.findall(close[0]) == _DIGITS.findall(bare):
                like = by_letters[close[0]]
        if like is not None and fold(like) != fold(name):
            found.append(Alike(field, name, like))
        if len(found) == MOST_SHOWN:
            break
    return found


def _bare(name: str) -> str:
    return _NOT_LETTERS.sub("", fold(name))


def as_json(found: Iterable[Alike]) -> list[dict[str, Any]]:
    """For the preview that stands in the batch."""
    return [
        {"field": one.field, "name": one.name, "like": one.like, "key": one.key, "same": one.same}
        for one in found
    ]
