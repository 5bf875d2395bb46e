"""Documents on paper: a Typst template and a value become PDF, or pictures of its pages.

Values reach the template as data and are never part of its source: whatever people type is only text there. Fonts are
ours and those inside Typst (for signs that Onest lacks), so that a document looks the same on every machine; a warning
is an error.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
from pathlib import Path
from typing import Any, Literal

import typst

from voronka.core import clock

# Onest as TTF: with woff2 Typst prints blanks.
PAPER = Path(__file__).resolve().parents[1] / "ui" / "vendor" / "paper"


class Unprintable(Exception):
    """The template does not make a document of this value; the message is Typst's."""


@functools.cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[PAPER])


def to_pdf(template: Path, data: dict[str, Any]) -> bytes:
    """The PDF that *template* makes of *data* (plain JSON values, `#d` in the template).

    Raises `Unprintable`, with warnings too.
    """
    made = _compile(template, data, "pdf")
    return made if isinstance(made, bytes) else b"".join(made)


def to_pictures(template: Path, data: dict[str, Any], *, ppi: float = 110) -> list[bytes]:
    """The same as PNG, a page each."""
    made = _compile(template, data, "png", ppi)
    return [made] if isinstance(made, bytes) else list(made)


def _compile(
    template: Path, data: dict[str, Any], kind: Literal["pdf", "png"], ppi: float | None = None
) -> bytes | list[bytes]:
    source = "#let d = json(bytes(sys.inputs.data))\n" + template.read_text(encoding="utf-8")
    try:
        made, warnings = typst.compile_with_warnings(  # type: ignore[type-var]  # its stub forgets bytes
            source.encode(),
            root=PAPER,
            font_paths=_fonts(),
            ignore_system_fonts=True,
            format=kind,
            ppi=ppi,
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            timestamp=clock.now().astimezone(dt.UTC).replace(microsecond=0),
        )
    except typst.TypstError as fault:
        raise Unprintable(str(fault)) from fault
    if warnings:
        raise Unprintable("; ".join(warning.message for warning in warnings))
    return made
