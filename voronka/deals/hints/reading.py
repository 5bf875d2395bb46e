"""The hints of deals: one statement per fact, however many deals are asked about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from voronka.core import clock
from voronka.deals.hints.models import HintOff
from voronka.deals.hints.registry import PRESSING, Found, Rule, Situation, facts, rules

if TYPE_CHECKING:
    from voronka.deals.models import Deal
    from voronka.workspaces.models import Member

MOST = 3


@dataclass(frozen=True)
class Hint:
    """One thing to do about a deal."""

    rule: Rule
    found: Found

    @property
    def code(self) -> str:
        return self.rule.code

    @property
    def weight(self) -> int:
        return self.rule.weight if self.found.weight is None else self.found.weight

    @property
    def is_pressing(self) -> bool:
        return self.weight >= PRESSING

    @property
    def icon(self) -> str:
        return self.found.icon or self.rule.icon

    @property
    def line(self) -> str:
        """The hint in one line."""
        return self.found.short or self.found.title


def switched_off() -> frozenset[str]:
    """Codes of the rules that this company does without."""
    return frozenset(HintOff.objects.values_list("code", flat=True))


def hints_of(
    deals: Sequence[Deal],
    member: Member,
    *,
    deep: bool = False,
    most: int = MOST,
    known: Mapping[str, Mapping[int, Any]] | None = None,
    off: frozenset[str] | None = None,
) -> dict[int, list[Hint]]:
    """By deal id at most *most* hints for each of *deals* (open, with `stage` loaded), the most pressing first.

    *known* facts are not asked again. *deep* asks also what costs questions for each deal: for one card, not for
    lists. Rules about fields that the member may not see or change keep silent.
    """
    if not deals:
        return {}
    kept = member.hidden_fields("deal") | member.readonly_fields("deal")
    without = switched_off() if off is None else off
    asked = [
        rule
        for rule in rules()
        if rule.code not in without and not kept.intersection(rule.fields) and (deep or not rule.deep)
    ]
    read = dict(known or {})
    for name, load in facts().items():
        if name not in read:
            read[name] = load(deals)
    now, today = clock.now(), clock.today()
    result = {}
    for deal in deals:
        situation = Situation(deal, now, today, read)
        found = [Hint(rule, words) for rule in asked if (words := rule.find(situation)) is not None]
        result[deal.pk] = sorted(found, key=lambda hint: -hint.weight)[:most]
    return result
