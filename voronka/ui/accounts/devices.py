"""What a browser says of itself, in words: «Chrome, Windows»."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

# In this order: each says the names of those below it as well.
BROWSERS = [
    (r"YaBrowser/", "Yandex Browser"),
    (r"Edg(?:e|A|iOS)?/", "Edge"),
    (r"OPR/|Opera", "Opera"),
    (r"SamsungBrowser/", "Samsung Internet"),
    (r"Firefox/|FxiOS/", "Firefox"),
    (r"Chrome/|CriOS/|Chromium/", "Chrome"),
    (r"Safari/", "Safari"),
]
SYSTEMS = [
    (r"iPhone", "iPhone"),
    (r"iPad", "iPad"),
    (r"Android", "Android"),
    (r"Windows", "Windows"),
    (r"Macintosh|Mac OS X", "macOS"),
    (r"CrOS", "ChromeOS"),
    (r"Linux|X11", "Linux"),
]
PHONES = {"iPhone", "Android"}


def _first(said: str, known: list[tuple[str, str]]) -> str:
    return next((name for pattern, name in known if re.search(pattern, said)), "")


def device(user_agent: str) -> str:
    """«Chrome, Windows»; what is not known is left out, and of nothing known a word remains."""
    parts = [_first(user_agent, BROWSERS), _first(user_agent, SYSTEMS)]
    return ", ".join(part for part in parts if part) or _("Unknown browser")


def device_icon(user_agent: str) -> str:
    """A telephone or a screen."""
    return "device-mobile" if _first(user_agent, SYSTEMS) in PHONES else "device-desktop"
