"""How django-allauth speaks here: its words, its letters' language, where it sends people."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override


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
        """ "You have signed in" tells nothing; a confirmed address and a new password are worth a word."""
        if message_template and message_template.endswith(
            ("email_confirmed.txt", "password_changed.txt", "email_confirmation_failed.txt")
        ):
            super().add_message(request, level, message_template, *args, **kwargs)

    def get_email_verification_redirect_url(self, email_address: Any) -> str:
        return "/" if self.request.user.is_authenticated else reverse("account_login")
