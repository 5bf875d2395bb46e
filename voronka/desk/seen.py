"""What a member has been shown and need not be shown again: tours, the checklist of first steps. No event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voronka.desk.models import Seen

if TYPE_CHECKING:
    from voronka.workspaces.models import Member


def note_seen(member: Member, code: str) -> None:
    """*code* is over for *member*; a second time is a no-op."""
    Seen.objects.bulk_create([Seen(member=member, code=code[:60])], ignore_conflicts=True)


def has_seen(member: Member, code: str) -> bool:
    """Whether *code* is over for *member*."""
    return Seen.objects.filter(member=member, code=code).exists()


def forget_seen(member: Member, code: str) -> None:
    """Show *code* anew."""
    Seen.objects.filter(member=member, code=code).delete()
