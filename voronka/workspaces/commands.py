"""How a command enters a workspace: scope, time zone and language, as the middleware does for a page."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import CommandError
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from voronka.core.tenancy import scope
from voronka.workspaces.models import Member, Workspace


@contextmanager
def inside(slug: str) -> Iterator[Workspace]:
    """Be inside the workspace *slug*. Raises `CommandError` with a sentence if there is none."""
    workspace = Workspace.objects.filter(slug=slug).first()
    if workspace is None:
        known = ", ".join(Workspace.objects.order_by("slug").values_list("slug", flat=True)[:10])
        raise CommandError(
            _("There is no company “%(slug)s”. Known: %(known)s.") % {"slug": slug, "known": known or "—"}
        )
    with (
        scope(workspace),
        timezone.override(zoneinfo.ZoneInfo(workspace.time_zone)),
        translation.override(workspace.language),
    ):
        yield workspace


def member_by_email(email: str) -> Member:
    """The member with this e-mail in the current workspace. Raises `CommandError`."""
    member = Member.objects.filter(email__iexact=email).exclude(status="invited").first()
    if member is None:
        raise CommandError(_("Nobody here has the e-mail “%(email)s”.") % {"email": email})
    return member
