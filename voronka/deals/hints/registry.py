"""Rules of hints and the facts they look at. Rooms above register theirs:

@fact("talks")
def talks_of(deals): ...          # {deal id: whatever the rule looks at}, one query for all of them
register(Rule("single_threaded", 45, "users-minus", _("All contacts with one person"), …, find))
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

if TYPE_CHECKING:
    from voronka.deals.models import Deal

# Above this weight a hint is a trouble, below it a good idea.
PRESSING = 85


@dataclass(frozen=True)
class Situation:
    """A deal at a moment, with the *facts* that were asked for it at once with others."""

    deal: Deal
    now: dt.datetime
    today: dt.date
    facts: Mapping[str, Mapping[int, Any]]

    def fact(self, name: str) -> Any:
        """What the fact says of this deal; None where it says nothing."""
        return self.facts[name].get(self.deal.pk)


@dataclass(frozen=True)
class Found:
    """What a rule found, in words. *do* names the button (`ui.deals.hints`) and *target* what it is about.

    *short* is one line for lists, where *text* has no room. *weight* stands instead of the rule's own.
    """

    title: str
    text: str
    do: str
    target: str = ""
    short: str = ""
    icon: str = ""
    weight: int | None = None


@dataclass(frozen=True)
class Rule:
    """A kind of hint. The heavier *weight* is said first.

    *explains* tells people when it is raised; *fields* of the deal it speaks of (hidden ones silence it); *deep* ones
    cost questions of their own for each deal and are asked on the card only.
    """

    code: str
    weight: int
    icon: str
    title: str | Promise
    explains: str | Promise
    find: Callable[[Situation], Found | None]
    fields: tuple[str, ...] = ()
    deep: bool = False


Loader = Callable[[Sequence["Deal"]], Mapping[int, Any]]


@dataclass
class _Known:
    rules: dict[str, Rule] = field(default_factory=dict)
    facts: dict[str, Loader] = field(default_factory=dict)


_known = _Known()


def register(rule: Rule) -> Rule:
    """Let the deals be looked at by this rule too."""
    if rule.code in _known.rules:
        raise ValueError(f"hint {rule.code} is declared twice")
    _known.rules[rule.code] = rule
    return rule


def fact(name: str) -> Callable[[Loader], Loader]:
    """Declare how a fact is read for many deals at once."""

    def add(loader: Loader) -> Loader:
        if name in _known.facts:
            raise ValueError(f"fact {name} is declared twice")
        _known.facts[name] = loader
        return loader

    return add


def rules() -> list[Rule]:
    """Every rule, the heaviest first."""
    return sorted(_known.rules.values(), key=lambda rule: -rule.weight)


def rule_of(code: str) -> Rule | None:
    """The rule called *code*, if any room declares it."""
    return _known.rules.get(code)


def facts() -> Mapping[str, Loader]:
    """How each fact is read."""
    return _known.facts
