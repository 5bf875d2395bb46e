"""What deals do when something happens elsewhere, and what they tell the rooms below."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Exists, OuterRef, Q

from voronka.clients.reach import company_tie
from voronka.deals.models import Deal


@company_tie
def has_a_deal(within: Callable[[str, str], Q]) -> Any:
    """Who has a deal with a client sees the client."""
    deals = Deal.objects.present().filter(company=OuterRef("pk"))
    return Exists(deals.filter(within("owner_id", "team_id")))
