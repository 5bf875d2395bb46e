"""Addresses of static files carry a digest of the content, so a browser may keep them and never shows old ones."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage


class DigestStorage(StaticFilesStorage):
    """Serves the files where they lie (no collectstatic): `/static/voronka/app.js?v=1f0c9a2b`."""

    def url(self, name: str | None) -> str:
        address = super().url(name)
        digest = _digest(name, _changed(name)) if name else ""
        return f"{address}?v={digest}" if digest else address


def _changed(name: str) -> float:
    """In development a file may change while the server runs."""
    if not settings.DEBUG:
        return 0.0
    found = finders.find(name)
    return Path(found).stat().st_mtime if found else 0.0


@cache
def _digest(name: str, changed: float) -> str:
    found = finders.find(name)
    return hashlib.sha256(Path(found).read_bytes()).hexdigest()[:8] if found else ""


def never_changes(path: str, url: str) -> bool:
    """Whether a browser may keep it for ever. Our own scripts may import each other without a digest."""
    return "/vendor/" in url
