"""What django-allauth's flows have done to somebody's way in is told to the journals."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.dispatch import receiver

from voronka.workspaces.actions import security

APP, PASSKEY, CODES = Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN, Authenticator.Type.RECOVERY_CODES


@receiver([account.password_changed, account.password_set, account.password_reset], dispatch_uid="heard.pw")
def password(sender: Any, user: Any, **kwargs: Any) -> None:
    security.note_password(user)


@receiver(account.email_changed, dispatch_uid="heard.email")
def email(sender: Any, user: Any, **kwargs: Any) -> None:
    security.note_email(user)


@receiver(mfa.authenticator_added, dispatch_uid="heard.added")
def added(sender: Any, user: Any, authenticator: Any, **kwargs: Any) -> None:
    if authenticator.type == APP:
        security.note_app(user, on=True)
    elif authenticator.type == PASSKEY:
        security.note_passkey(user, authenticator.wrap().name, added=True)


@receiver(mfa.authenticator_removed, dispatch_uid="heard.removed")
def removed(sender: Any, user: Any, authenticator: Any, **kwargs: Any) -> None:
    if authenticator.type == APP:
        security.note_app(user, on=False)
    elif authenticator.type == PASSKEY:
        security.note_passkey(user, authenticator.wrap().name, added=False)


@receiver(mfa.authenticator_reset, dispatch_uid="heard.reset")
def renewed(sender: Any, user: Any, **kwargs: Any) -> None:
    security.note_new_codes(user)


@receiver(mfa.authenticator_used, dispatch_uid="heard.used")
def used(sender: Any, user: Any, authenticator: Any, **kwargs: Any) -> None:
    if authenticator.type == CODES:
        security.note_spent_code(user)


@receiver(mfa.authentication_failed, dispatch_uid="heard.failed")
def failed(sender: Any, user: Any, **kwargs: Any) -> None:
    security.note_wrong_code(user)
