"""Texts of the command line. They are needed before Django's settings exist, so gettext is used directly."""

from __future__ import annotations

import gettext as _gettext
import os
from functools import cache
from pathlib import Path

LOCALE = Path(__file__).resolve().parents[1] / "locale"


@cache
def _catalogue(language: str) -> _gettext.NullTranslations:
    return _gettext.translation("django", LOCALE, [language], fallback=True)


def gettext(text: str) -> str:
    """*text* in the language of the installation (`VORONKA_LANGUAGE`, Russian by default)."""
    return _catalogue(os.environ.get("VORONKA_LANGUAGE") or "ru").gettext(text)


class Fault(Exception):
    """The command cannot go on; the message is one sentence that says what is wrong and what to do."""
