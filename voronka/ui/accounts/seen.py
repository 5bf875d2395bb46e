"""What a visit leaves behind: when a member was last here, in which company and from which browser, and whether
the e-mail is still to be confirmed.

The moment is noted to the quarter of an hour, which costs small writes in as much time; the missing confirmation
is kept in the session, so that the banner on every page costs nothing.
"""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from typing import Any

from allauth.account.signals import email_confirmed
from allauth.usersessions.models import UserSession
from django.contrib.auth.signals import user_logged_in
from django.core.exceptions import PermissionDenied
from django.dispatch import receiver
from django.utils import timezone

from voronka.workspaces.models import Member, User
from voronka.workspaces.rules import email_confirmed as is_confirmed

EVERY = dt.timedelta(minutes=15)
UNCONFIRMED = "unconfirmed"
BROWSER_SEEN = "browser_seen"


def note_seen(request: Any, member: Member) -> None:
    """Called by every request inside a workspace."""
    now = timezone.now()
    if request.user.last_workspace_id != member.workspace_id:
        User.objects.filter(pk=request.user.pk).update(last_workspace=member.workspace_id)
        request.user.last_workspace_id = member.workspace_id
    if member.last_seen_at is None or now - member.last_seen_at > EVERY:
        Member.objects.unscoped().filter(pk=member.pk).update(last_seen_at=now)
    if now.timestamp() - request.session.get(BROWSER_SEEN, 0) > EVERY.total_seconds():
        note_browser(request)


def note_browser(request: Any) -> None:
    """Keep when and from where this session was last used, for the list of sessions."""
    request.session[BROWSER_SEEN] = int(timezone.now().timestamp())
    # Behind a socket no address is known: then the list lacks a line, and nobody is kept out.
    with suppress(PermissionDenied):
        UserSession.objects.create_from_request(request)


@receiver(user_logged_in, dispatch_uid="voronka.seen")
def note_signed_in(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    """Who signs in is seen in each of the companies; who has only one is in it at once."""
    members = Member.objects.unscoped().of_user(user)
    members.update(last_seen_at=timezone.now())
    workspaces = list(members.values_list("workspace_id", flat=True)[:2])
    if user.last_workspace_id is None and len(workspaces) == 1:
        User.objects.filter(pk=user.pk).update(last_workspace=workspaces[0])
    if request is not None and hasattr(request, "session"):
        # The sign-in itself has noted the browser.
        request.session[BROWSER_SEEN] = int(timezone.now().timestamp())
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
