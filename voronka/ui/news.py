"""What a live stream may tell its member: which cards changed, of those within reach."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from voronka.activities.models import Activity
from voronka.clients.models import Company, Person
from voronka.core.tenancy import scope
from voronka.deals.models import Deal
from voronka.journal.models import EventSubject
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Reach, Subject

# Kinds of cards that not everybody sees: whose rows to ask, and which right.
GUARDED: dict[str, tuple[Any, Subject]] = {
    "deal": (Deal, Subject.DEAL),
    "company": (Company, Subject.CLIENT),
    "person": (Person, Subject.CLIENT),
    "activity": (Activity, Subject.ACTIVITY),
}
# After these a card may have gone out of somebody's reach: its kind is told to all, without saying which card.
LEAVING = frozenset(
    [
        "deal.assigned",
        "company.assigned",
        "person.assigned",
        "company.merged",
        "person.merged",
        "activity.edited",
    ]
)
# More cards than this are told as «many»: an import or a bulk action would flood the pages.
MOST_CARDS = 100
ANYTHING = "*"


@dataclass(frozen=True)
class News:
    """What happened since the last message: who acted, which cards are concerned, which kinds at large."""

    by: frozenset[int] = frozenset()
    cards: frozenset[tuple[str, int]] = frozenset()
    kinds: frozenset[str] = frozenset()

    def __or__(self, other: News) -> News:
        return News(self.by | other.by, self.cards | other.cards, self.kinds | other.kinds)


@dataclass(frozen=True)
class Happening:
    """An event as the watcher reads it."""

    id: int
    workspace_id: int
    actor_id: int | None = None
    type: str = ""
    cards: tuple[tuple[str, int], ...] = field(default=())

    @property
    def news(self) -> News:
        kinds = {kind for kind, _pk in self.cards} if self.type in LEAVING else set()
        return News(
            by=frozenset([self.actor_id or 0]),
            cards=frozenset(self.cards),
            kinds=frozenset(kinds if self.cards else [ANYTHING]),
        )


def cards_of(events: list[int]) -> dict[int, list[tuple[str, int]]]:
    """The cards that each of *events* concerns."""
    found: dict[int, list[tuple[str, int]]] = {}
    rows = EventSubject.objects.unscoped().filter(event_id__in=events)
    for event_id, kind, pk in rows.values_list("event_id", "kind", "object_id"):
        found.setdefault(event_id, []).append((kind, pk))
    return found


def told(news: News, member: Member) -> dict[str, Any] | None:
    """The message for *member*: nothing when all of it lies out of reach.

    At most one small query for each kind of card, none for those who see everything.
    """
    asked: dict[str, set[int]] = {}
    for kind, pk in news.cards:
        asked.setdefault(kind, set()).add(pk)
    kinds, cards = set(news.kinds), []
    with scope(member.workspace_id):
        for kind, pks in asked.items():
            seen = _seen(member, kind, pks)
            if seen:
                kinds.add(kind)
                cards += [f"{kind}:{pk}" for pk in seen]
    if not kinds:
        return None
    message: dict[str, Any] = {"by": sorted(news.by), "kinds": sorted(kinds)}
    if len(cards) > MOST_CARDS:
        message["many"] = True
    else:
        message["on"] = sorted(cards)
    return message


def _seen(member: Member, kind: str, pks: set[int]) -> set[int]:
    if kind not in GUARDED:
        return pks
    model, subject = GUARDED[kind]
    if member.reach(subject, Action.SEE) == Reach.ALL:
        return pks
    return set(model.objects.visible_to(member).filter(pk__in=pks).values_list("pk", flat=True))
