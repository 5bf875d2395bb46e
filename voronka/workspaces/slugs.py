"""Addresses of workspaces: «ООО «Ромашка и Ко»» lives at /w/romashka-i-ko/."""

from __future__ import annotations

import re
import unicodedata

from voronka.core.text import company_key
from voronka.workspaces.models import Workspace

MAX_LENGTH = 40
# Words that would read as a part of the program, or that somebody could pretend with.
RESERVED = frozenset(
    [
        "admin",
        "api",
        "app",
        "auth",
        "components",
        "demo-admin",
        "help",
        "live",
        "login",
        "logout",
        "new",
        "root",
        "settings",
        "sign-in",
        "sign-out",
        "sign-up",
        "static",
        "support",
        "system",
        "voronka",
        "w",
        "welcome",
        "www",
    ]
)
_LETTERS = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        [
            "a",
            "b",
            "v",
            "g",
            "d",
            "e",
            "e",
            "zh",
            "z",
            "i",
            "y",
            "k",
            "l",
            "m",
            "n",
            "o",
            "p",
            "r",
            "s",
            "t",
            "u",
            "f",
            "kh",
            "ts",
            "ch",
            "sh",
            "shch",
            "_",
            "y",
            "_",
            "e",
            "yu",
            "ya",
        ],
        strict=True,
    )
)


def transliterate(text: str) -> str:
    """*text* in lower-case Latin letters, digits and hyphens; "" when nothing of it can be written so."""
    letters = "".join(_LETTERS.get(letter, letter) for letter in text.lower())
    plain = unicodedata.normalize("NFKD", letters.replace("_", ""))
    return re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode()).strip("-")


def slug_for(name: str) -> str:
    """A free address made of a company's name (without «ООО» and its like)."""
    stem = transliterate(company_key(name))[:MAX_LENGTH].strip("-")
    if len(stem) < 2:
        stem = "company"
    taken = set(Workspace.objects.filter(slug__startswith=stem).values_list("slug", flat=True)) | RESERVED
    if stem not in taken:
        return stem
    number = 2
    while f"{stem}-{number}" in taken:
        number += 1
    return f"{stem}-{number}"
