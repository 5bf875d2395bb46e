"""Materials of a task: lines of text in the book, a link in each, with a title if one was written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_LINK: Final = re.compile(r"https?://\S+")
_BETWEEN: Final = " \t—–-:|,;()"


@dataclass(frozen=True)
class Material:
    """A link with its title; *url* is "" for a line without one («образец лежит у руководителя»)."""

    title: str
    url: str = ""


def read_materials(lines: Iterable[str]) -> list[Material]:
    """«Презентация — https://…» as a titled link; only web addresses become links."""
    found = []
    for line in lines:
        text = line.strip()
        if not text:
            continue
        link = _LINK.search(text)
        if link is None:
            found.append(Material(text))
            continue
        url = link.group().rstrip(").,;")
        title = text.replace(url, " ").strip(_BETWEEN)
        found.append(Material(" ".join(title.split()) or url.split("://", 1)[1].rstrip("/"), url))
    return found
