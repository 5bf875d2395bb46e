"""Who works with a client: the rooms above say it here, so that `clients` need not know them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from django.db.models import Q

# Each takes a filter on owner/team (built from `owner_field`, `team_field` names) and returns a queryset of company
# ids: "somebody within that reach has a deal (an activity, a ticket) with these".
CompanyTie = Callable[[Callable[[str, str], Q]], Any]

_ties: list[CompanyTie] = []


def company_tie(tie: CompanyTie) -> CompanyTie:
    """Register a way in which members work with companies."""
    _ties.append(tie)
    return tie


def ties() -> list[CompanyTie]:
    return list(_ties)


# Takes company ids; yields (company id, owner id, team id) of all who work with them: the same as the ties say, in
# the form in which search rows keep it.
CompanyWorkers = Callable[[Sequence[int]], Iterable[tuple[int, int | None, int | None]]]

_workers: list[CompanyWorkers] = []


def company_workers(ask: CompanyWorkers) -> CompanyWorkers:
    """Register who works with companies, beside those responsible for them."""
    _workers.append(ask)
    return ask


def workers_of(company_ids: Sequence[int]) -> Iterator[tuple[int, int | None, int | None]]:
    """Everybody whom the rooms above know to work with these companies."""
    for ask in _workers:
        yield from ask(company_ids)
