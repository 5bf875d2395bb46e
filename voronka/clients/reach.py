"""Who works with a client: the rooms above say it here, so that `clients` need not know them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q

# Each takes a filter on owner/team (built from `owner_field`, `team_field` names) and returns an Exists() over
# OuterRef("pk") of the company: "somebody within that reach has a deal (an activity, a ticket) with it".
CompanyTie = Callable[[Callable[[str, str], Q]], Any]

_ties: list[CompanyTie] = []


def company_tie(tie: CompanyTie) -> CompanyTie:
    """Register a way in which members work with companies."""
    _ties.append(tie)
    return tie


def ties() -> list[CompanyTie]:
    return list(_ties)
