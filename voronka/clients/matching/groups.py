"""The pairs found in bulk, as a member may see them: grouped, so that three cards of one client stand together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from voronka.clients.matching.bulk import MOST_PAIRS
from voronka.clients.matching.keys import reason_words, told_reasons, weight_of
from voronka.clients.models import Company, DuplicatePair, Person
from voronka.workspaces.models import Member


@dataclass(frozen=True)
class Pair:
    """Two cards of a group and why they look the same."""

    first: Any
    second: Any
    score: int
    why: str


@dataclass
class Group:
    """Cards that look like one, the surest pair first."""

    cards: dict[int, Any] = field(default_factory=dict)
    pairs: list[Pair] = field(default_factory=list)

    @property
    def score(self) -> int:
        return max(pair.score for pair in self.pairs)


def groups(member: Member, kind: str, *, start: int = 0, size: int = 20) -> tuple[list[Group], int]:
    """Groups *start* to *start + size* of cards that the member sees both of, the surest first, and how many in all."""
    model: Any = Company if kind == "company" else Person
    rows = list(
        DuplicatePair.objects.filter(kind=kind, dismissed_at=None, score__gt=0)
        .order_by("-score", "first_id", "second_id")
        .values_list("first_id", "second_id", "score", "reasons")[:MOST_PAIRS]
    )
    ids = {pk for first, second, *_rest in rows for pk in (first, second)}
    seen = set(model.objects.present().visible_to(member).filter(pk__in=ids).values_list("pk", flat=True))
    rows = [row for row in rows if row[0] in seen and row[1] in seen]
    if hidden := member.hidden_fields("client"):
        # Two cards that only a hidden phone joins are no pair for those who may not know whose it is.
        told = [(first, second, told_reasons(reasons, hidden)) for first, second, _score, reasons in rows]
        rows = [
            (first, second, score, reasons)
            for first, second, reasons in told
            if reasons and (score := weight_of(reasons))
        ]
    parts = _joined(rows)
    shown = parts[start : start + size]
    wanted = {pk for part in shown for pk in (pk for row in part for pk in row[:2])}
    cards = model.objects.select_related("owner").in_bulk(wanted)
    result = []
    for part in shown:
        group = Group()
        for first, second, score, reasons in part:
            group.cards |= {first: cards[first], second: cards[second]}
            group.pairs.append(Pair(cards[first], cards[second], score, reason_words(reasons)))
        result.append(group)
    return result, len(parts)


def _joined(rows: list[Any]) -> list[list[Any]]:
    """Pairs that share a card stand in one list; lists and pairs keep their order."""
    root: dict[int, int] = {}

    def find(pk: int) -> int:
        while root.setdefault(pk, pk) != pk:
            root[pk] = root[root[pk]]
            pk = root[pk]
        return pk

    for first, second, *_rest in rows:
        root[find(second)] = find(first)
    parts: dict[int, list[Any]] = {}
    for row in rows:
        parts.setdefault(find(row[0]), []).append(row)
    return list(parts.values())
