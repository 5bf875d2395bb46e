"""The bell: one line for one member, written once however often it is sent.

An address inside the house is given as `kind:id` (`deal:17`); the interface knows where that lives.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from voronka.core import clock
from voronka.core.text import clip
from voronka.desk.models import Notice

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

# The bell says «99+» rather than count further.
MOST_COUNTED = 100
# What one may do without; a kind that is not here asks for an answer and always comes.
KINDS = {
    "reminder": _("Reminders of my calls, meetings and tasks"),
    "activity": _("Calls, meetings and tasks given to me"),
    "deal": _("Deals handed over to me or taken away"),
    "limit": _("Deals that stand on a stage for long"),
    "member": _("New colleagues"),
    "import": _("Finished imports"),
    "list": _("Finished bulk actions and exports"),
    "export": _("Exports by the people I answer for"),
}
KEPT = dt.timedelta(days=90)


@contextmanager
def in_words_of(member: Member) -> Iterator[None]:
    """The language and time zone of *member*, for whom a text is being written."""
    user = member.user
    language = (user.language if user else "") or member.workspace.language or settings.LANGUAGE_CODE
    own = zoneinfo.ZoneInfo(user.time_zone) if user and user.time_zone else None
    company = zoneinfo.ZoneInfo(member.workspace.time_zone)
    with translation.override(language), timezone.override(company), clock.shown_in(own):
        yield


def notify(member: Member, *, kind: str, text: str, key: str, url: str = "") -> None:
    """Put a line into the bell of *member*; a second one with the same *key* is a no-op.

    *kind* chooses the icon; *url* is `kind:id` or a path beginning with "/". Members who do not work here
    (invited, former) get nothing, nor do those who have done without this kind.
    """
    if not member.is_active or (kind in KINDS and kind in member.muted_notices):
        return
    notice = Notice(
        member=member, kind=kind, text=clip(text, 300), url=url[:300], key=key[:120], created_at=clock.now()
    )
    Notice.objects.bulk_create([notice], ignore_conflicts=True)


def unread_count(member: Member) -> int:
    """How many lines are unread, at most `MOST_COUNTED`."""
    return Notice.objects.filter(member=member, read_at=None)[:MOST_COUNTED].count()


def newest(member: Member, *, before: int | None = None, limit: int = 20) -> list[Any]:
    """The newest lines, read and unread; older than the line *before* for the next page."""
    notices = Notice.objects.filter(member=member)
    if before is not None:
        notices = notices.filter(pk__lt=before)
    return list(notices.order_by("-id")[:limit])


def mark_read(member: Member, ids: Iterable[int] | None = None) -> int:
    """Mark these lines of *member* (all, if None) as read; return how many were not.

    No event: it is a matter between the member and the bell.
    """
    unread = Notice.objects.filter(member=member, read_at=None)
    if ids is not None:
        unread = unread.filter(pk__in=ids)
    return unread.update(read_at=clock.now())


def forget_old() -> int:
    """Drop lines older than `KEPT`, read or not; return how many."""
    deleted, _per_model = Notice.objects.filter(created_at__lt=clock.now() - KEPT).delete()
    return deleted
