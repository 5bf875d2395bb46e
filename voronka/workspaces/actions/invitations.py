"""Asking colleagues in."""

from __future__ import annotations

import datetime as dt
import secrets

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from voronka.core import clock
from voronka.core.errors import Refused
from voronka.core.text import clean
from voronka.journal.actions import record
from voronka.workspaces.actions.members import refuse_more_than_own
from voronka.workspaces.events import InvitationRevoked, MemberInvited, MemberInvitedAgain, MemberJoined
from voronka.workspaces.models import Invitation, Member, MemberStatus, Role, Team, User
from voronka.workspaces.rights import Action, Subject
from voronka.workspaces.rules import (
    email_confirmed,
    fitting_text,
    invitation_token,
    locked_workspace,
    token_digest,
)

TERM = dt.timedelta(days=14)
MOST_OPEN = 200


@transaction.atomic
def invite(*, actor: Member, email: str, role: Role, name: str = "", team: Team | None = None) -> Invitation:
    """Invite a colleague; the letter goes out as an effect of the event.

    Raises `Refused` for a bad address, a member's address, an invitation that is still open, an archived team, or
    when the inviting person's own address is not confirmed (else strangers' names could be used to send letters).
    """
    actor.require(Subject.MEMBER, Action.CREATE)
    refuse_more_than_own(actor, role)
    if actor.user and not email_confirmed(actor.user):
        raise Refused(_("Confirm your own e-mail first: the letter with the link is in your mailbox."))
    email = clean(email).lower()
    try:
        validate_email(email)
    except ValidationError:
        raise Refused(_("This does not look like an e-mail address."), field="email") from None
    email = fitting_text(email, Invitation, "email")
    name = fitting_text(name, Invitation, "name")
    if team is not None and team.archived_at:
        raise Refused(_("The team is archived: choose another one."), field="team")
    locked_workspace(actor.workspace_id)
    present = Member.objects.filter(status=MemberStatus.ACTIVE)
    if present.filter(email__iexact=email).exists() or present.filter(user__email__iexact=email).exists():
        raise Refused(_("%(email)s is in the company already.") % {"email": email}, field="email")
    now = clock.now()
    waiting = Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=now)
    if waiting.filter(email=email).exists():
        raise Refused(
            _("%(email)s is invited already; the invitation can be sent again.") % {"email": email},
            field="email",
        )
    if waiting.count() >= MOST_OPEN:
        raise Refused(_("Too many invitations are waiting for an answer: revoke some of them first."))
    invitation = Invitation(
        email=email, name=name, role=role, team=team, invited_by=actor, created_at=now, expires_at=now + TERM
    )
    # The link's secret is made from the row's id, so the row comes first, with a digest of nothing in particular.
    invitation.token_digest = token_digest(secrets.token_urlsafe())
    invitation.save()
    _renew(invitation, now)
    record(
        MemberInvited(invitation=invitation.pk, email=email, name=name, role=role.code),
        actor=actor,
        subjects=[("invitation", invitation.pk)],
    )
    return invitation


def _renew(invitation: Invitation, now: dt.datetime) -> None:
    invitation.expires_at = now + TERM
    invitation.token_digest = token_digest(invitation_token(invitation))
    invitation.save(update_fields=["expires_at", "token_digest"])


@transaction.atomic
def invite_again(invitation: Invitation, *, actor: Member) -> Invitation:
    """Send the letter anew, with a fresh link and term; the old link stops working.

    Raises `Refused` when it was accepted or revoked.
    """
    actor.require(Subject.MEMBER, Action.CREATE)
    invitation = _locked(invitation)
    _refuse_answered(invitation)
    _renew(invitation, clock.now())
    record(
        MemberInvitedAgain(invitation=invitation.pk, email=invitation.email),
        actor=actor,
        subjects=[("invitation", invitation.pk)],
    )
    return invitation


@transaction.atomic
def revoke_invitation(invitation: Invitation, *, actor: Member) -> Invitation:
    """Make the link worthless; a no-op if it is already. Raises `Refused` when it was accepted."""
    actor.require(Subject.MEMBER, Action.CREATE)
    invitation = _locked(invitation)
    if invitation.revoked_at:
        return invitation
    _refuse_answered(invitation)
    invitation.revoked_at = clock.now()
    invitation.save(update_fields=["revoked_at"])
    record(
        InvitationRevoked(invitation=invitation.pk, email=invitation.email),
        actor=actor,
        subjects=[("invitation", invitation.pk)],
    )
    return invitation


@transaction.atomic
def accept_invitation(invitation: Invitation, *, user: User) -> Member:
    """*user* becomes a member (a former one returns to the place kept by the name).

    Call it inside the invitation's scope. Raises `Refused` when the link is spent or expired, or the invitation
    is for another address. The acting member is the one who joins.
    """
    invitation = _locked(invitation)
    if user.email.lower() != invitation.email.lower():
        raise Refused(
            _("This invitation is for %(email)s, and you are signed in as %(mine)s.")
            % {"email": invitation.email, "mine": user.email}
        )
    member = Member.objects.select_for_update(of=("self",)).filter(user=user).first()
    if invitation.accepted_at and member and member.is_active:
        return member
    if not invitation.is_open:
        raise Refused(spent_reason(invitation))
    team = invitation.team if invitation.team and not invitation.team.archived_at else None
    returned = member is not None and not member.is_active
    if member is None:
        member = Member(user=user, name=user.name or invitation.name or user.email, email=user.email)
    if not member.pk or returned:
        member.role, member.team, member.status = invitation.role, team, MemberStatus.ACTIVE
        member.save()
    invitation.accepted_at = clock.now()
    invitation.save(update_fields=["accepted_at"])
    record(
        MemberJoined(member=member.pk, name=member.name, returned=returned),
        actor=member,
        subjects=[("member", member.pk), ("invitation", invitation.pk)],
    )
    return member


def spent_reason(invitation: Invitation) -> str:
    """Why the invitation cannot be accepted any more, as a sentence."""
    if invitation.accepted_at:
        return _("This invitation has been used already: just sign in.")
    if invitation.revoked_at:
        return _("This invitation has been revoked. Ask your administrator for a new one.")
    return _("This invitation has expired. Ask your administrator to send it again.")


def _locked(invitation: Invitation) -> Invitation:
    return (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("role", "team", "workspace")
        .get(pk=invitation.pk)
    )


def _refuse_answered(invitation: Invitation) -> None:
    if invitation.accepted_at or invitation.revoked_at:
        raise Refused(spent_reason(invitation))
