"""The three kinds of cards that have notes and a feed, and how a token reaches them."""

from __future__ import annotations

from typing import Any, Final

from voronka.api.access import ApiRequest, found, require_scope
from voronka.clients.models import Company, Person
from voronka.deals.models import Deal

# Kind of a card -> its model and the area of scopes that opens it.
CARDS: Final[dict[str, tuple[Any, str]]] = {
    "deal": (Deal, "deals"),
    "company": (Company, "clients"),
    "person": (Person, "clients"),
}


def card(request: ApiRequest, kind: str, pk: int, mode: str) -> Any:
    """The card's object, if the token's scopes open it for *mode* ("read", "write") and the member sees it."""
    model, area = CARDS[kind]
    require_scope(request, f"{area}:{mode}")
    return found(model.objects.present().visible_to(request.member), pk)
