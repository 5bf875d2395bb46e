"""What a card asks of the palette: to be remembered as opened, and whether it has a star."""

from __future__ import annotations

from django.http import HttpRequest

from voronka.desk import at_hand
from voronka.ui.htmx import target, wants_fragment
from voronka.workspaces.models import Member


def remember(request: HttpRequest, kind: str, pk: int) -> bool:
    """Note that the card was opened (not that it refreshed itself); return whether it is a favourite."""
    member: Member = request.member  # type: ignore[attr-defined]
    if wants_fragment(request) and target(request) != "panel":
        return at_hand.is_favourite(member, kind, pk)
    return at_hand.note_opened(member, kind, pk)
