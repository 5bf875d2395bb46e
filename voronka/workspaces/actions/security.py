"""A person's way in, as each of the person's companies is told of it; the second factor a company asks for.

Passwords, factors and sessions are kept by django-allauth; these verbs write what its flows have done into the
journals, since a person belongs to no company and a journal belongs to one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from voronka.core.errors import Refused
from voronka.core.tenancy import scope
from voronka.journal.actions import record
from voronka.workspaces import security_events as events
from voronka.workspaces.factors import factors_of, has_second_factor
from voronka.workspaces.models import Member, User, Workspace
from voronka.workspaces.rights import Action, Subject
from voronka.workspaces.rules import locked_workspace


def tell_companies(user: User, payload: Callable[[Member], Any]) -> None:
    """Record what *payload* makes of each of the person's memberships in that company's journal."""
    with transaction.atomic():
        for member in Member.objects.unscoped().of_user(user).order_by("pk"):
            with scope(member.workspace_id):
                record(payload(member), actor=member, subjects=[("member", member.pk)])


def note_password(user: User) -> None:
    """The password was changed, or set anew by a link."""
    tell_companies(user, lambda member: events.PasswordChanged(member.pk, member.name))


@transaction.atomic
def note_email(user: User) -> None:
    """The address for signing in was changed and confirmed: the memberships take it over; a no-op if they have it."""
    members = Member.objects.unscoped().filter(user=user).exclude(email=user.email)
    was = dict(members.values_list("pk", "email"))
    if not was:
        return
    members.update(email=user.email)
    tell_companies(
        user, lambda member: events.EmailChanged(member.pk, member.name, was.get(member.pk, ""), user.email)
    )


def note_app(user: User, *, on: bool) -> None:
    """Codes of an application were switched on or off."""
    made = events.AppSetUp if on else events.AppRemoved
    tell_companies(user, lambda member: made(member.pk, member.name))


def note_passkey(user: User, name: str, *, added: bool) -> None:
    """A passkey of that *name* was added or removed."""
    made = events.PasskeyAdded if added else events.PasskeyRemoved
    tell_companies(user, lambda member: made(member.pk, member.name, name))


def note_new_codes(user: User) -> None:
    """The recovery codes of before do not work any more."""
    tell_companies(user, lambda member: events.CodesRenewed(member.pk, member.name))


def note_spent_code(user: User) -> None:
    """Somebody came in with a recovery code."""
    tell_companies(user, lambda member: events.CodeSpent(member.pk, member.name))


def note_wrong_code(user: User) -> None:
    """The password was right, the second step was not."""
    tell_companies(user, lambda member: events.CodeWrong(member.pk, member.name))


def note_sessions_ended(user: User, count: int) -> None:
    """*count* other browsers were signed out; none is nothing to tell."""
    if count:
        tell_companies(user, lambda member: events.SessionsEnded(member.pk, member.name, count))


@transaction.atomic
def reset_factors(user: User) -> int:
    """Take away every second factor of somebody who has lost them all; return how many there were.

    For the operator of the server only: an administrator of one company must not open the way into another.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    count = factors_of(user).count()
    factors_of(user, with_codes=True).delete()
    if count:
        tell_companies(user, lambda member: events.FactorsReset(member.pk, member.name))
    return count


@transaction.atomic
def require_second_factor(*, actor: Member, on: bool) -> Workspace:
    """Ask a second factor of everybody in the actor's company, or ask no longer; a no-op if it is so.

    Raises `Refused` when the actor has none: the first thing would be to lock out oneself.
    """
    actor.require(Subject.WORKSPACE, Action.CONFIGURE)
    workspace = locked_workspace(actor.workspace_id)
    if workspace.second_factor_required == on:
        return workspace
    if on and not (actor.user and has_second_factor(actor.user)):
        raise Refused(_("Set up a second factor for yourself first: otherwise you would lock yourself out."))
    workspace.second_factor_required = on
    workspace.save(update_fields=["second_factor_required"])
    record(
        events.FactorRequired(workspace.pk) if on else events.FactorOptional(workspace.pk),
        actor=actor,
        subjects=[("workspace", workspace.pk)],
    )
    return workspace
