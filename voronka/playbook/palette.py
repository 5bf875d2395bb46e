"""The colours of stages.

All have the same luminance, chosen so that each gives 4.5 : 1 against white (as text, or under white text) and
3 : 1 against the cards of the dark theme (as a line or a dot): WCAG AA in both themes without a second set.
Red is left out on purpose: on our screens it means trouble.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Tone:
    """One colour: its value (`#rrggbb`, lower case) and what it is called."""

    color: str
    name: Any


PALETTE: Final = (
    Tone("#61738b", _("slate")),
    Tone("#396ed0", _("blue")),
    Tone("#167a9c", _("sea blue")),
    Tone("#167f71", _("teal")),
    Tone("#31804b", _("green")),
    Tone("#5c7b1f", _("olive")),
    Tone("#936a0c", _("ochre")),
    Tone("#b6551e", _("terracotta")),
    Tone("#c04377", _("raspberry")),
    Tone("#8a5ac1", _("violet")),
    Tone("#6666cc", _("lavender")),
)

# Neighbouring stages should differ at a glance: the order in which a new stage takes its colour.
_SEQUENCE: Final = (0, 1, 3, 6, 9, 4, 8, 2, 7, 5, 10)
_HEX: Final = re.compile(r"#[0-9a-f]{6}")


def color_at(index: int) -> str:
    """The colour of the stage that stands at *index* (from 0) when nobody chose one."""
    return PALETTE[_SEQUENCE[index % len(_SEQUENCE)]].color


def is_color(value: str) -> bool:
    """Whether *value* is `#rrggbb` in lower case."""
    return bool(_HEX.fullmatch(value))
