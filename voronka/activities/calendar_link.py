"""The secret link to a member's calendar: one at a time, made anew or closed by the member alone."""

from __future__ import annotations

import datetime as dt
import secrets

from django.db import transaction

from voronka.activities.events import CalendarClosed, CalendarOpened
from voronka.activities.models import CalendarLink
from voronka.core import clock
from voronka.journal.actions import record
from voronka.workspaces.actions.tokens import secret_digest
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Subject

# Programs ask every few minutes; who reads «last read» wants no more than the hour.
NOTED_EVERY = dt.timedelta(hours=1)


def link_of(member: Member) -> CalendarLink | None:
    """The member's open link."""
    return CalendarLink.objects.filter(member=member, closed_at=None).first()


@transaction.atomic
def open_link(*, actor: Member) -> str:
    """A new secret for the actor's own calendar; a former link is closed at once. The secret is kept nowhere.

    Raises `Forbidden` for who sees no activities.
    """
    actor.require(Subject.ACTIVITY, Action.SEE)
    now = _lock(actor)
    CalendarLink.objects.filter(member=actor, closed_at=None).update(closed_at=now)
    secret = secrets.token_urlsafe(32)
    CalendarLink.objects.create(member=actor, digest=secret_digest(secret), created_at=now)
    record(CalendarOpened(actor.pk, actor.name), actor=actor, subjects=[("member", actor.pk)], at=now)
    return secret


@transaction.atomic
def close_link(*, actor: Member) -> bool:
    """Make the actor's link worthless; False if there is none."""
    now = _lock(actor)
    if not CalendarLink.objects.filter(member=actor, closed_at=None).update(closed_at=now):
        return False
    record(CalendarClosed(actor.pk, actor.name), actor=actor, subjects=[("member", actor.pk)], at=now)
    return True


def _lock(member: Member) -> dt.datetime:
    Member.objects.select_for_update(of=("self",)).get(pk=member.pk)
    return clock.now()


def reader_of(secret: str) -> Member | None:
    """Whose calendar the secret opens, with role, team, user and workspace; None for one that opens nothing.

    Asked before any workspace is known. That it was read is noted, once an hour.
    """
    if not secret.isascii() or len(secret) > 100:
        return None
    found = (
        CalendarLink.objects.unscoped()
        .filter(digest=secret_digest(secret), closed_at=None)
        .select_related("member__role", "member__team", "member__user", "member__workspace")
        .first()
    )
    if found is None or not found.member.is_active or not found.member.may(Subject.ACTIVITY, Action.SEE):
        return None
    user = found.member.user
    if user is None or not user.is_active:
        return None
    now = clock.about_now()
    if found.read_at is None or now - found.read_at > NOTED_EVERY:
        CalendarLink.objects.unscoped().filter(pk=found.pk).update(read_at=now)
    member: Member = found.member
    return member
