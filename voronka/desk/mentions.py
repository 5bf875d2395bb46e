"""«@Анна Седова» in a note or a result: who is meant, and telling them.

A mention stays plain text, so that it reads the same in exports and letters; whom it means is found by name when the
text is saved. The desk stands below all subjects: rooms say who sees a card of theirs.

    sees("deal")(lambda member: Deal.objects.present().visible_to(member))
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from voronka.core.text import clip, fold
from voronka.desk.notices import in_words_of, notify
from voronka.workspaces.models import Member

Rows = Callable[[Member], Any]
SubjectOf = tuple[str, int]

_rows: dict[str, Rows] = {}

MOST_MENTIONED = 30


def sees(kind: str) -> Callable[[Rows], Rows]:
    """Register which cards of *kind* a member sees."""

    def register(rows: Rows) -> Rows:
        _rows[kind] = rows
        return rows

    return register


def mentioned_in(text: str) -> list[Member]:
    """Active members whose name stands in *text* after an @ (all of that name); no question where there is no @."""
    if "@" not in text:
        return []
    named: dict[str, list[Member]] = {}
    for member in Member.objects.active().select_related("role", "user", "workspace"):
        named.setdefault(fold(member.name), []).append(member)
    rest = fold(text)
    found: list[Member] = []
    # The longer name first: «@Анна Седова-Крамер» is not «@Анна Седова».
    for name in sorted(named, key=len, reverse=True):
        pattern = _pattern(name)
        if pattern.search(rest):
            found += named[name]
            rest = pattern.sub(" ", rest)
    return found[:MOST_MENTIONED]


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w@])@{re.escape(name)}(?![\w-])")


def highlighted(text: str, names: Iterable[str]) -> list[tuple[str, bool]]:
    """*text* in pieces, each with whether it is a mention of one of *names*."""
    known = sorted({name for name in names if name}, key=len, reverse=True)
    if "@" not in text or not known:
        return [(text, False)]
    pattern = re.compile(r"(?<![\w@])(@(?:" + "|".join(map(re.escape, known)) + r"))(?![\w-])", re.IGNORECASE)
    return [(piece, at % 2 == 1) for at, piece in enumerate(pattern.split(text)) if piece]


def parted(text: str, *, actor: Member, subject: SubjectOf) -> tuple[list[Member], list[Member]]:
    """Those mentioned in *text* who see the card, and those who do not; the author is neither."""
    seeing: list[Member] = []
    unseeing: list[Member] = []
    for member in mentioned_in(text):
        if member.pk != actor.pk:
            rows = _rows[subject[0]](member)
            (seeing if rows.filter(pk=subject[1]).exists() else unseeing).append(member)
    return seeing, unseeing


def tell_mentioned(
    text: str, *, actor: Member, subject: SubjectOf, source: str, before: str = ""
) -> Sequence[Member]:
    """Put a line into the bell of those mentioned who may see the card; return those who may not.

    *source* (`note:5`) makes a second telling of the same text harmless; who stood in *before* was told then.
    """
    seeing, unseeing = parted(text, actor=actor, subject=subject)
    told = {member.pk for member in mentioned_in(before)}
    for member in seeing:
        if member.pk in told:
            continue
        with in_words_of(member):
            words = _("%(who)s mentions you: %(text)s") % {"who": actor.name, "text": clip(text, 160)}
        notify(
            member,
            kind="mention",
            text=words,
            key=f"mention:{source}:{member.pk}",
            url=f"{subject[0]}:{subject[1]}",
        )
    return unseeing
