"""Inline SVG icons, drawn from the one file that the package build brings in."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

_FILE = Path(__file__).resolve().parent / "vendor" / "icons.json"


@lru_cache(maxsize=1)
def _drawings() -> dict[str, str]:
    return json.loads(_FILE.read_text(encoding="utf-8"))


@lru_cache(maxsize=2048)
def icon_svg(name: str, css: str = "", title: str = "") -> SafeString:
    """The icon as `<svg>`; decorative unless it has a *title*.

    An unknown name raises KeyError while developing and in tests, and draws an empty icon in production:
    a missing picture must not take a page down.
    """
    drawing = _drawings().get(name)
    if drawing is None:
        if settings.DEBUG or getattr(settings, "STRICT_TEMPLATES", False):
            raise KeyError(f"no icon named {name!r}")
        drawing = ""
    meaning = format_html('role="img" aria-label="{}"', title) if title else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon{}" viewBox="0 0 24 24" width="24" height="24" stroke-width="1.75" stroke="currentColor"'
        ' fill="none" stroke-linecap="round" stroke-linejoin="round" {}>{}</svg>',
        f" {css}" if css else "",
        meaning,
        mark_safe(drawing),
    )
