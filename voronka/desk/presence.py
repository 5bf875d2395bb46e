"""Who looks at a card right now. Nothing of it is history: no events, and rows are worth nothing after seconds."""

from __future__ import annotations

import datetime as dt

from voronka.core import clock
from voronka.desk.models import Viewing
from voronka.workspaces.models import Member

# A page says it every ten seconds: three times unheard, and one has gone.
GONE_AFTER = dt.timedelta(seconds=30)
FORGOTTEN_AFTER = dt.timedelta(hours=1)


def note_viewing(member: Member, kind: str, object_id: int) -> None:
    """*member* has the card open now."""
    Viewing.objects.bulk_create(
        [Viewing(member=member, kind=kind, object_id=object_id, at=clock.now())],
        update_conflicts=True,
        unique_fields=["workspace", "kind", "object_id", "member"],
        update_fields=["at"],
    )


def forget_viewing(member: Member, kind: str, object_id: int) -> None:
    """*member* has closed the card; what was left of earlier ones goes too."""
    mine = Viewing.objects.filter(member=member)
    mine.filter(kind=kind, object_id=object_id).delete()
    mine.filter(at__lt=clock.now() - FORGOTTEN_AFTER).delete()


def others_viewing(member: Member, kind: str, object_id: int) -> list[Member]:
    """The colleagues who have the card open, by name."""
    fresh = Viewing.objects.filter(kind=kind, object_id=object_id, at__gt=clock.now() - GONE_AFTER)
    rows = fresh.exclude(member=member).select_related("member").order_by("member__name", "member_id")
    return [row.member for row in rows]
