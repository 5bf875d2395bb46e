"""A block diagram of a sequence with branches, as SVG: for screens and for paper alike.

Steps stand one under another; from their right side a rail leads to the bad end, below the last stands the good one;
what begins elsewhere stands on the left. Nothing is measured by a browser, so widths are estimated on the safe side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 724
BOX_X, BOX_W = 170, 330
RAIL_X = 540
BAD_X, BAD_W = 560, 160
SIDE_X, SIDE_W = 0, 140
GAP = 26
LINE = 16
# The mean width of a letter of Onest by its size; capitals and «Ш» are wider, so it is on the safe side.
LETTER = 0.57


@dataclass(frozen=True)
class Palette:
    """Colours, as SVG understands them."""

    ink: str
    quiet: str
    line: str
    surface: str
    good: str
    bad: str
    accent: str


PAPER = Palette("#141b2b", "#5a667c", "#c3cddd", "#ffffff", "#25803a", "#c92a2a", "#2f5bea")
SCREEN = Palette(
    "var(--v-ink)",
    "var(--v-quiet)",
    "var(--v-line-strong)",
    "var(--v-surface)",
    "var(--v-good)",
    "var(--v-bad)",
    "var(--v-accent)",
)


@dataclass(frozen=True)
class Step:
    """A box of the main line. *leads*: what it opens elsewhere, in words. *href*: where a click leads."""

    title: str
    note: str = ""
    color: str = "#64748b"
    is_key: bool = False
    leads: Sequence[str] = ()
    href: str = ""


@dataclass(frozen=True)
class End:
    """A way to end: its title, the statuses under it and what it opens elsewhere."""

    title: str
    statuses: Sequence[str] = ()
    leads: Sequence[str] = ()


@dataclass(frozen=True)
class Flow:
    """The whole: *about* describes it to who cannot see it."""

    about: str
    steps: Sequence[Step]
    good: End
    bad: End
    key_word: str = ""


def wrapped(text: str, width: float, size: float, *, most: int = 3) -> list[str]:
    """*text* in lines of at most *width* at font *size*; what does not fit into *most* lines ends with «…»."""
    fits = max(4, int(width / (size * LETTER)))
    lines: list[str] = []
    for word in text.split():
        while len(word) > fits:
            head, word = word[: fits - 1] + "-", word[fits - 1 :]
            lines.append(head)
        if lines and len(lines[-1]) + 1 + len(word) <= fits and not lines[-1].endswith("-"):
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1][: fits - 1].rstrip(" ,.;:") + "…"]
    return lines


def is_wide(flow: Flow) -> bool:
    """Whether something stands on the left of the main line."""
    return bool(flow.good.leads) or any(step.leads for step in flow.steps)


def flow_svg(flow: Flow, palette: Palette = SCREEN) -> str:
    """The diagram. It fills the width it is given and never grows beyond its own."""
    drawing = _Drawing(palette)
    top = 4.0
    middles: list[float] = []
    for place, step in enumerate(flow.steps):
        height = drawing.step(step, top, place + 1, flow.key_word)
        middles.append(top + height / 2)
        drawing.leads(step.leads, middles[-1])
        following = max(height, drawing.leads_height(step.leads))
        drawing.arrow(BOX_X + BOX_W / 2, top + height, top + following + GAP)
        top += following + GAP
    good_height = drawing.end(flow.good, BOX_X, BOX_W, top, palette.good)
    drawing.leads(flow.good.leads, top + good_height / 2)
    bad_height = drawing.end(flow.bad, BAD_X, BAD_W, top, palette.bad)
    drawing.rail(middles, top)
    bottom = top + max(good_height, bad_height, drawing.leads_height(flow.good.leads))
    if flow.bad.leads:
        bottom += 8
        bottom = drawing.leads(flow.bad.leads, 0, x=BAD_X, width=BAD_W, top=bottom, linked=False)
    return drawing.svg(flow.about, bottom + 4, wide=is_wide(flow))


class _Drawing:
    """Pieces in the order of drawing."""

    def __init__(self, palette: Palette) -> None:
        self.palette = palette
        self.pieces: list[str] = []

    def svg(self, about: str, height: float, *, wide: bool) -> str:
        # Without anything on the left the drawing begins where its boxes do.
        left = 0 if wide else BOX_X - 4
        # Inside a picture there are no links.
        role = "group" if any(piece.startswith("<a") for piece in self.pieces) else "img"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left} 0 {WIDTH - left} {height:.0f}" width="{WIDTH - left}"'
            f' height="{height:.0f}" role="{role}" aria-label="{escape(about)}" font-family="Onest">'
            + "".join(self.pieces)
            + "</svg>"
        )

    def step(self, step: Step, top: float, number: int, key_word: str) -> float:
        title = wrapped(step.title, BOX_W - 76, 14, most=2)
        note = [step.note] if step.note else []
        if step.is_key and key_word:
            note.append(key_word)
        small = wrapped(" · ".join(note), BOX_W - 76, 11, most=2)
        height = max(46.0, 16 + len(title) * 18 + len(small) * 15)
        color = step.color if step.color.startswith("#") else self.palette.accent
        inside = (
            self._rect(BOX_X, top, BOX_W, height, self.palette.accent if step.is_key else self.palette.line)
            + f'<rect x="{BOX_X}" y="{top:.0f}" width="7" height="{height:.0f}" rx="3" fill="{color}"/>'
            + self._text(BOX_X + 28, top + height / 2 + 6, str(number), 17, self.palette.quiet, 600, "middle")
        )
        y = top + (height - len(title) * 18 - len(small) * 15) / 2 + 13
        for line in title:
            inside += self._text(BOX_X + 50, y, line, 14, self.palette.ink, 600)
            y += 18
        for line in small:
            inside += self._text(BOX_X + 50, y - 2, line, 11, self.palette.quiet)
            y += 15
        if step.is_key:
            inside += self._star(BOX_X + BOX_W - 20, top + 17)
        self.pieces.append(f'<a href="{escape(step.href)}">{inside}</a>' if step.href else inside)
        return height

    def end(self, end: End, x: float, width: float, top: float, color: str) -> float:
        lines = wrapped(end.title, width - 20, 14, most=2)
        small = [line for status in end.statuses for line in wrapped(f"• {status}", width - 24, 11, most=2)]
        height = 20 + len(lines) * 18 + len(small) * LINE
        self.pieces.append(self._rect(x, top, width, height, color, thick=2))
        y = top + 23
        for line in lines:
            self.pieces.append(self._text(x + 14, y, line, 14, color, 600))
            y += 18
        for line in small:
            self.pieces.append(self._text(x + 14, y, line, 11, self.palette.ink))
            y += LINE
        return height

    def leads_height(self, leads: Sequence[str]) -> float:
        return sum(self._lead_height(text, SIDE_W) + 6 for text in leads)

    def _lead_height(self, text: str, width: float) -> float:
        return 14 + LINE * len(wrapped(text, width - 16, 11))

    def leads(
        self,
        leads: Sequence[str],
        middle: float,
        *,
        x: float = SIDE_X,
        width: float = SIDE_W,
        top: float | None = None,
        linked: bool = True,
    ) -> float:
        """Dashed boxes of what is opened elsewhere; the bottom of the last one."""
        y = max(4.0, middle - 24) if top is None else top
        for text in leads:
            height = self._lead_height(text, width)
            self.pieces.append(self._rect(x, y, width, height, self.palette.accent, dashed=True))
            line_y = y + 18
            for line in wrapped(text, width - 16, 11):
                self.pieces.append(self._text(x + 8, line_y, line, 11, self.palette.ink))
                line_y += LINE
            if linked:
                at = y + min(24, height / 2)
                self._line(BOX_X, at, x + width + 7, at, self.palette.accent, dashed=True)
                self._head(x + width + 1, at, "left", self.palette.accent)
            y += height + 6
        return y

    def arrow(self, x: float, top: float, bottom: float) -> None:
        self._line(x, top, x, bottom - 7, self.palette.quiet)
        self._head(x, bottom - 1, "down", self.palette.quiet)

    def rail(self, middles: Sequence[float], bottom: float) -> None:
        """From every step to the bad end."""
        if not middles:
            return
        for middle in middles:
            self._line(BOX_X + BOX_W, middle, RAIL_X, middle, self.palette.bad, thin=True)
        self._line(RAIL_X, middles[0], RAIL_X, bottom + 19, self.palette.bad, thin=True)
        self._line(RAIL_X, bottom + 19, BAD_X - 7, bottom + 19, self.palette.bad, thin=True)
        self._head(BAD_X - 1, bottom + 19, "right", self.palette.bad)

    def _rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        stroke: str,
        *,
        thick: float = 1.4,
        dashed: bool = False,
    ) -> str:
        dash = ' stroke-dasharray="5 4"' if dashed else ""
        return (
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="8"'
            f' fill="{self.palette.surface}" stroke="{stroke}" stroke-width="{thick}"{dash}/>'
        )

    def _text(
        self, x: float, y: float, text: str, size: float, color: str, weight: int = 400, anchor: str = "start"
    ) -> str:
        return (
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" fill="{color}"'
            f' text-anchor="{anchor}">{escape(text)}</text>'
        )

    def _line(
        self,
        x1: float,
        y1: float,
        x2: float,
        y2: float,
        stroke: str,
        *,
        dashed: bool = False,
        thin: bool = False,
    ) -> None:
        dash = ' stroke-dasharray="5 4"' if dashed else ""
        width = 1.1 if thin else 1.5
        self.pieces.append(
            f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" fill="none" stroke="{stroke}"'
            f' stroke-width="{width}"{dash}/>'
        )

    def _head(self, x: float, y: float, way: str, color: str) -> None:
        points = {
            "down": f"{x - 4.5:.1f},{y - 8:.1f} {x + 4.5:.1f},{y - 8:.1f} {x:.1f},{y:.1f}",
            "left": f"{x + 8:.1f},{y - 4.5:.1f} {x + 8:.1f},{y + 4.5:.1f} {x:.1f},{y:.1f}",
            "right": f"{x - 8:.1f},{y - 4.5:.1f} {x - 8:.1f},{y + 4.5:.1f} {x:.1f},{y:.1f}",
        }[way]
        self.pieces.append(f'<polygon points="{points}" fill="{color}"/>')

    def _star(self, x: float, y: float) -> str:
        return (
            f'<path transform="translate({x - 8:.1f} {y - 8:.1f}) scale(.67)" fill="#d08700" d="M12 17.75l-6.172'
            ' 3.245l1.179 -6.873l-5 -4.867l6.9 -1l3.086 -6.253l3.086 6.253l6.9 1l-5 4.867l1.179 6.873z"/>'
        )
