"""Which happenings of a card a member may be told: the feed of a client also speaks of deals."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef

from voronka.deals.models import Deal
from voronka.journal.models import Event, EventSubject
from voronka.journal.registry import quiet_types
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Reach


def events_of(member: Member, subject: tuple[str, int]) -> Any:
    """Events of the card *subject* that *member* may be told, the newest first; the caller has reached the card.

    Of deals out of the member's reach a client's feed keeps silent.
    """
    silent = quiet_types()
    events = (
        Event.objects.feed_of(*subject)
        .exclude(type__in=[*silent, "event.undone"])
        .select_related("actor", "undone_by__actor")
    )
    if subject[0] != "deal" and member.reach("deal", "see") != Reach.ALL:
        seen = Deal.objects.visible_to(member).filter(pk=OuterRef("object_id"))
        hidden = EventSubject.objects.filter(event=OuterRef("pk"), kind="deal").exclude(Exists(seen))
        events = events.filter(~Exists(hidden))
    return events
