"""E-mail as a channel: single notices and the morning letter, as text and as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from voronka.core import formats
from voronka.core.text import clip
from voronka.desk.delivery.channels import Channel
from voronka.desk.delivery.digest import Digest
from voronka.desk.delivery.models import Delivery, DeliveryState
from voronka.ui.navigation import workspace_url
from voronka.ui.notices.places import place_of
from voronka.workspaces.models import Member
from voronka.workspaces.rules import email_confirmed


class Mail(Channel):
    """Letters to the address with which the member signs in, once it is known to be theirs."""

    code = "mail"
    label = gettext_lazy("E-mail")
    icon = "mail"
    takes_digests = True

    def obstacle(self, member: Member) -> str:
        """People of the demo company are invented, whatever is known of their addresses: nothing is sent to them."""
        if member.workspace.is_demo:
            return _("E-mail: the demo company sends no letters.")
        if member.user is None or not email_confirmed(member.user):
            return _("E-mail: there is no confirmed address to send to yet.")
        return ""

    def deliver(self, member: Member, deliveries: Sequence[Delivery], *, letter: str) -> DeliveryState:
        slug = member.workspace.slug
        notices = [row.notice for row in deliveries if row.notice is not None]
        lines = [(notice.text, _whole(workspace_url("notice", slug, notice.pk))) for notice in notices]
        subject = (
            notices[0].text
            if len(notices) == 1
            else ngettext("%(count)s notice", "%(count)s notices", len(notices)) % {"count": len(notices)}
        )
        return self._send(member, subject, "notices", {"lines": lines}, deliveries, letter)

    def deliver_digest(self, digest: Digest, *, delivery: Delivery) -> DeliveryState:
        slug = digest.member.workspace.slug
        parts = [
            {
                "title": part.title,
                "lines": [(line.text, _whole(place_of(slug, line.url))) for line in part.lines],
                "more": part.more,
                "url": _whole(place_of(slug, part.url)),
            }
            for part in digest.parts
        ]
        subject = _("Your day, %(day)s") % {"day": formats.long_date(digest.day)}
        context = {"parts": parts, "today": _whole(workspace_url("today", slug))}
        return self._send(digest.member, subject, "digest", context, [delivery], delivery.letter)

    def _send(
        self,
        member: Member,
        subject: str,
        template: str,
        context: dict[str, Any],
        deliveries: Sequence[Delivery],
        letter: str,
    ) -> DeliveryState:
        whole = {
            **context,
            "subject": subject,
            "company": member.workspace.name,
            "language": get_language() or "ru",
            "wishes": _whole(workspace_url("profile_notices", member.workspace.slug)),
        }
        message = EmailMultiAlternatives(
            clip(" ".join(subject.split()), 150),
            render_to_string(f"notices/mail/{template}.txt", whole),
            to=[member.user.email],  # type: ignore[union-attr]
            # The same name each time: a letter that a dying worker sent twice is known to be one.
            headers={"Message-ID": f"<{letter}@{urlsplit(settings.BASE_URL).hostname or 'localhost'}>"},
        )
        message.attach_alternative(render_to_string(f"notices/mail/{template}.html", whole), "text/html")
        message.deliveries = [row.pk for row in deliveries]  # type: ignore[attr-defined]
        message.workspace_id = member.workspace_id  # type: ignore[attr-defined]
        message.send()
        return DeliveryState.HANDED if getattr(message, "is_queued", False) else DeliveryState.SENT


def _whole(path: str) -> str:
    """The address as a letter needs it; "" stays what it is."""
    return f"{settings.BASE_URL}{path}" if path else ""
