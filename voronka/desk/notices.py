"""The bell: one line for one member, written once however often it is sent.

An address inside the house is given as `kind:id` (`deal:17`); the interface knows where that lives. What else than the
bell a line comes by is the business of `desk.delivery`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from voronka.core import clock
from voronka.desk.delivery.kinds import KINDS
from voronka.desk.delivery.sending import Line, in_words_of, tell
from voronka.desk.models import Notice

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

# The bell says «99+» rather than count further.
MOST_COUNTED = 100
KEPT = dt.timedelta(days=90)

__all__ = [
    "KINDS",
    "MOST_COUNTED",
    "forget_old",
    "in_words_of",
    "mark_read",
    "newest",
    "notify",
    "react",
    "unread_count",
]


def notify(member: Member, *, kind: str, text: str, key: str, url: str = "") -> None:
    """Tell *member* something; a second notice with the same *key* is a no-op.

    *kind* chooses the icon and the ways it comes by; *url* is `kind:id` or a path beginning with "/". Members who do
    not work here (invited, former) get nothing, nor do those who have done without this kind.
    """
    tell([Line(member, kind, text, key, url)])


def unread_count(member: Member) -> int:
    """How many lines are unread, at most `MOST_COUNTED`."""
    return Notice.objects.filter(member=member, read_at=None, in_bell=True)[:MOST_COUNTED].count()


def newest(member: Member, *, before: int | None = None, limit: int = 20) -> list[Any]:
    """The newest lines, read and unread; older than the line *before* for the next page."""
    notices = Notice.objects.filter(member=member, in_bell=True)
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


def react(member: Member, notice: Notice) -> None:
    """The member has opened the line, or done something about it: it is read, and was not in vain."""
    now = clock.now()
    Notice.objects.filter(pk=notice.pk, member=member, read_at=None).update(read_at=now)
    Notice.objects.filter(pk=notice.pk, member=member, reacted_at=None).update(reacted_at=now)


def forget_old() -> int:
    """Drop lines older than `KEPT`, read or not; return how many."""
    _deleted, per_model = Notice.objects.filter(created_at__lt=clock.now() - KEPT).delete()
    return per_model.get(Notice._meta.label, 0)
