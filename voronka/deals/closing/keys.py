"""Whether a loss needs a second key: above a sum, or after too few contacts, the head has to agree."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from voronka.playbook.closing import rules_for
from voronka.workspaces.rights import Action, Reach, Subject
from voronka.workspaces.viewer import seen_now

if TYPE_CHECKING:
    from voronka.deals.models import Deal
    from voronka.playbook.models import ClosingRules
    from voronka.workspaces.models import Member

SUM, ATTEMPTS = "sum", "attempts"

Counter = Callable[["Deal"], int]
_counters: list[Counter] = []


def counts_attempts(counter: Counter) -> Counter:
    """Let a room above say how many times somebody tried to reach the client in this deal."""
    if counter not in _counters:
        _counters.append(counter)
    return counter


def attempts(deal: Deal) -> int:
    """Contacts of the deal so far, reached or not."""
    return sum(counter(deal) for counter in _counters)


def decides(member: Member, deal: Deal) -> bool:
    """Whether the member holds the second key of this deal: a head within whose reach it is."""
    return member.reach(Subject.DEAL, Action.EDIT) >= Reach.TEAM and member.reaches(
        Subject.DEAL, Action.EDIT, owner_id=deal.owner_id, team_id=deal.team_id
    )


def second_key(deal: Deal, actor: Member, rules: ClosingRules | None = None) -> list[str]:
    """Why *actor* alone may not lose the deal (`SUM`, `ATTEMPTS`); empty when one key is enough.

    A sum without a rate to the company's currency counts as a large one: it cannot be compared.
    """
    if decides(actor, deal):
        return []
    rules = rules or rules_for(deal.funnel_id)
    because = []
    limit = rules.confirm_above
    has_sum = deal.amount is not None
    if limit is not None and has_sum and (deal.amount_base is None or deal.amount_base > limit):
        because.append(SUM)
    if rules.confirm_attempts is not None and attempts(deal) < rules.confirm_attempts:
        because.append(ATTEMPTS)
    return because


def told(because: Iterable[str]) -> str:
    """The same in words; of the sum only to who may see it."""
    words = {ATTEMPTS: _("there were few contacts")}
    if seen_now("deal", "amount"):
        words[SUM] = _("the sum is large")
    return ", ".join(words[one] for one in because if one in words)
