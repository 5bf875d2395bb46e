"""Signing in, as each of the person's companies is told of it. An unknown address belongs to no company."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from voronka.core.tenancy import scope
from voronka.core.text import clip
from voronka.journal.actions import record
from voronka.workspaces.models import Member, User
from voronka.workspaces.signin_events import SignedIn, SignInFailed


def note_signed_in(user: Any, *, address: str, device: str) -> None:
    """Somebody came in from *address* with *device* (in words)."""
    _tell(user, SignedIn, address, device, known=True)


def note_failed(email: str, *, address: str, device: str) -> None:
    """Somebody tried the password of the person with this e-mail; an e-mail that nobody has is told to nobody."""
    user = User.objects.filter(email__iexact=email).first()
    if user is not None:
        _tell(user, SignInFailed, address, device, known=False)


def _tell(user: Any, made: Any, address: str, device: str, *, known: bool) -> None:
    with transaction.atomic():
        for member in Member.objects.unscoped().of_user(user).order_by("pk"):
            with scope(member.workspace_id):
                record(
                    made(member.pk, member.name, clip(address, 60), clip(device, 100)),
                    actor=member if known else None,
                    subjects=[("member", member.pk)],
                )
