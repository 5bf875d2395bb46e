"""How django-allauth speaks here: its words, its letters' language, where it sends people."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from voronka.core import clock
from voronka.core.formats import short_datetime
from voronka.ui.accounts.devices import device
from voronka.workspaces.factors import factors_of

# Of django-allauth's messages, those that tell what one does not see anyway.
WORTH_A_WORD = (
    "email_confirmed.txt",
    "password_changed.txt",
    "email_confirmation_failed.txt",
    "totp_deactivated.txt",
    "webauthn_added.txt",
    "webauthn_removed.txt",
)
# What the letters about one's way in say, by django-allauth's name of the letter.
CHANGES = {
    "account/email/password_changed": _("Your password was changed."),
    "account/email/password_reset": _("Your password was set anew by a link from a letter."),
    "account/email/password_set": _("Your password was changed."),
    "account/email/email_changed": _("Your address for signing in was changed to another one."),
    "mfa/email/totp_activated": _("An authenticator app was switched on for signing in."),
    "mfa/email/totp_deactivated": _("The authenticator app was switched off for signing in."),
    "mfa/email/webauthn_added": _("A passkey was added."),
    "mfa/email/webauthn_removed": _("A passkey was removed."),
    "mfa/email/recovery_codes_generated": _("New recovery codes were made; the old ones no longer work."),
}


class AccountAdapter(DefaultAccountAdapter):
    """Sentences that say what to do, letters in the reader's language, no messages for what one can see."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _(
            "The e-mail or the password is wrong. Check the keyboard layout and Caps Lock."
        ),
        "too_many_login_attempts": _("Too many attempts. Wait five minutes, or set a new password."),
        "account_inactive": _("This account is switched off."),
        "email_taken": _("This address has an account already. Sign in, or set a new password."),
        "incorrect_password": _("The present password is wrong."),
        "enter_current_password": _("The present password is wrong."),
        "rate_limited": _("Too many attempts. Wait a few minutes."),
        "duplicate_email": _("This is your address already."),
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """In the language of the account, where there is one."""
        language = getattr(context.get("user"), "language", "")
        if language not in dict(settings.LANGUAGES):
            super().send_mail(template_prefix, email, context)
            return
        with override(language):
            super().send_mail(template_prefix, email, context)

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        """ "You have signed in" tells nothing; what was changed and what went wrong are worth a word."""
        if kwargs.get("message") or (message_template and message_template.endswith(WORTH_A_WORD)):
            super().add_message(request, level, message_template, *args, **kwargs)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Any,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """One short letter for every change of somebody's way in: what, when, from where."""
        what = CHANGES.get(template_prefix)
        if what is None:
            return
        with override(user.language or settings.LANGUAGE_CODE):
            told = {
                "user": user,
                "what": what,
                "at": short_datetime(clock.now()),
                "device": device(self.get_http_user_agent(self.request)),
                "address": self.get_client_ip(self.request),
            }
            body = render_to_string("accounts/mail/security.txt", told)
            EmailMessage(str(what), body, to=[email or user.email]).send()

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, str]]:
        """Before something grave: the password or, with a second factor, a code."""
        if not user.is_authenticated:
            return []
        found = [{"id": "password", "url": reverse("account_reauthenticate"), "description": ""}]
        if factors_of(user).filter(type="totp").exists():
            found.append({"id": "code", "url": reverse("mfa_reauthenticate"), "description": ""})
        return found

    def get_email_verification_redirect_url(self, email_address: Any) -> str:
        return "/" if self.request.user.is_authenticated else reverse("account_login")
