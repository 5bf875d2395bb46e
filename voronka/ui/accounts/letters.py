"""The letter that carries an invitation."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import override

from voronka.core import formats
from voronka.journal.models import Event
from voronka.journal.registry import effect
from voronka.workspaces.events import MemberInvited, MemberInvitedAgain
from voronka.workspaces.models import Invitation
from voronka.workspaces.rules import invitation_token


def invitation_url(found: Invitation) -> str:
    """The whole address for a letter."""
    return settings.BASE_URL + reverse("invitation", args=[invitation_token(found)])


@effect("member.invited", "member.invited_again")
def send_invitation(event: Event, payload: MemberInvited | MemberInvitedAgain) -> None:
    """Hand the letter to the mail within the verb's transaction: what is rolled back invites nobody."""
    found = Invitation.objects.select_related("workspace", "invited_by", "role").get(pk=payload.invitation)
    with override(found.workspace.language):
        context = {
            "invitation": found,
            "url": invitation_url(found),
            "until": formats.long_date(found.expires_at),
        }
        subject = render_to_string("accounts/mail/invitation_subject.txt", context)
        body = render_to_string("accounts/mail/invitation.txt", context)
    EmailMessage(" ".join(subject.split()), body, to=[found.email]).send()
