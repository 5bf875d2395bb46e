"""What a visit leaves behind: when a member was last here, and whether the e-mail is still to be confirmed.

The moment is noted to the quarter of an hour, which costs one small write in as much time; the missing
confirmation is kept in the session, so that the banner on every page costs nothing.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from allauth.account.signals import email_confirmed
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.utils import timezone

from voronka.workspaces.models import Member
from voronka.workspaces.rules import email_confirmed as is_confirmed

EVERY = dt.timedelta(minutes=15)
UNCONFIRMED = "unconfirmed"


def note_seen(member: Member) -> None:
    """Called by every request inside a workspace."""
    now = timezone.now()
    if member.last_seen_at is None or now - member.last_seen_at > EVERY:
        Member.objects.unscoped().filter(pk=member.pk).update(last_seen_at=now)


@receiver(user_logged_in, dispatch_uid="voronka.seen")
def note_signed_in(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    """Who signs in is seen in each of the companies."""
    Member.objects.unscoped().of_user(user).update(last_seen_at=timezone.now())
    remember_confirmation(request, user)


@receiver(email_confirmed, dispatch_uid="voronka.confirmed")
def note_confirmed(sender: Any, request: Any, **kwargs: Any) -> None:
    """The banner goes with the click on the link, in this browser at once, in others with the next visit."""
    if request is not None and hasattr(request, "session"):
        request.session.pop(UNCONFIRMED, None)


def remember_confirmation(request: Any, user: Any) -> None:
    """Keep in the session whether the e-mail of *user* is still to be confirmed."""
    if request is None or not hasattr(request, "session"):
        return
    if is_confirmed(user):
        request.session.pop(UNCONFIRMED, None)
    else:
        request.session[UNCONFIRMED] = True
