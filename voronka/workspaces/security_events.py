"""What happens to a person's way in. A person is in several companies: each of their journals tells it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_noop as N_

from voronka.journal.registry import event_type


@event_type(
    "member.password_changed",
    sentence=N_("{name}: the password was changed"),
    icon="lock-password",
    webhook=False,
    personal=("name",),
)
@dataclass(frozen=True)
class PasswordChanged:
    member: int
    name: str


@event_type(
    "member.email_changed",
    sentence=N_("{name}: the e-mail for signing in is now {email}"),
    icon="at",
    webhook=False,
    personal=("name", "email", "was"),
)
@dataclass(frozen=True)
class EmailChanged:
    member: int
    name: str
    was: str
    email: str


@event_type(
    "member.app_set_up",
    sentence=N_("{name}: authenticator app switched on"),
    icon="shield-check",
    webhook=False,
    personal=("name",),
)
@dataclass(frozen=True)
class AppSetUp:
    member: int
    name: str


@event_type(
    "member.app_removed",
    sentence=N_("{name}: authenticator app switched off"),
    icon="shield-off",
    webhook=False,
    personal=("name",),
)
@dataclass(frozen=True)
class AppRemoved:
    member: int
    name: str


@event_type(
    "member.passkey_added",
    sentence=N_("{name}: passkey “{key}” added"),
    icon="fingerprint",
    webhook=False,
    personal=("name", "key"),
)
@dataclass(frozen=True)
class PasskeyAdded:
    member: int
    name: str
    key: str


@event_type(
    "member.passkey_removed",
    sentence=N_("{name}: passkey “{key}” removed"),
    icon="key-off",
    webhook=False,
    personal=("name", "key"),
)
@dataclass(frozen=True)
class PasskeyRemoved:
    member: int
    name: str
    key: str


@event_type(
    "member.codes_renewed",
    sentence=N_("{name}: new recovery codes made"),
    icon="refresh",
    webhook=False,
    personal=("name",),
)
@dataclass(frozen=True)
class CodesRenewed:
    member: int
    name: str


@event_type(
    "member.code_spent",
    sentence=N_("{name}: a recovery code was used"),
    icon="lifebuoy",
    webhook=False,
    personal=("name",),
)
@dataclass(frozen=True)
class CodeSpent:
    member: int
    name: str


@event_type(
    "member.code_wrong",
    sentence=N_("{name}: a wrong code at the second step of signing in"),
    icon="shield-exclamation",
    webhook=False,
    personal=("name",),
    quiet=True,
)
@dataclass(frozen=True)
class CodeWrong:
    member: int
    name: str


@event_type(
    "member.sessions_ended",
    sentence=N_("{name}: signed out in other browsers"),
    icon="logout",
    webhook=False,
    personal=("name",),
)
@dataclass(frozen=True)
class SessionsEnded:
    """*count* browsers."""

    member: int
    name: str
    count: int


@event_type(
    "member.factors_reset",
    sentence=N_("{name}: the second factor was taken away on the server"),
    icon="shield-off",
    webhook=False,
    personal=("name",),
)
@dataclass(frozen=True)
class FactorsReset:
    member: int
    name: str


@event_type(
    "workspace.factor_required",
    sentence=N_("A second factor is required from everybody"),
    icon="shield-lock",
)
@dataclass(frozen=True)
class FactorRequired:
    workspace: int


@event_type(
    "workspace.factor_optional",
    sentence=N_("A second factor is no longer required"),
    icon="shield",
)
@dataclass(frozen=True)
class FactorOptional:
    workspace: int
