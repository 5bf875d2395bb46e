"""Coming in, and trying to. Told to the audit of each company the person works in, not to feeds."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_noop as N_

from voronka.journal.registry import event_type


@event_type(
    "member.signed_in",
    sentence=N_("{name} signed in: {device}, {address}"),
    icon="login",
    webhook=False,
    personal=("name", "address", "device"),
    quiet=True,
)
@dataclass(frozen=True)
class SignedIn:
    """*address* of the network, *device* in words."""

    member: int
    name: str
    address: str
    device: str


@event_type(
    "member.sign_in_failed",
    sentence=N_("{name}: somebody tried to sign in with a wrong password: {device}, {address}"),
    icon="lock-exclamation",
    webhook=False,
    personal=("name", "address", "device"),
    quiet=True,
)
@dataclass(frozen=True)
class SignInFailed:
    """Nobody knows who it was: the event has no actor."""

    member: int
    name: str
    address: str
    device: str
