"""Forms of the second step and of setting it up."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from allauth.account.forms import ReauthenticateForm
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as CodeReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, AuthenticateWebAuthnForm, LoginWebAuthnForm
from django import forms
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from voronka.core.text import clean
from voronka.ui.accounts.forms import calm

# A code is taken a step before and after its own: as long it is remembered that it was used.
SPENT_SECONDS = 120
logger = logging.getLogger(__name__)
CODE = {"autocomplete": "one-time-code", "spellcheck": "false", "autocapitalize": "off"}


def _code_field(form: forms.Form, label: Any, **attributes: str) -> None:
    field: Any = form.fields["code"]
    field.label = label
    field.max_length = 100
    field.widget.attrs = {**CODE, **attributes}
    calm(form)


class _OnceOnly:
    """A code of the application opens once, even within the minute in which it would be taken."""

    def clean_code(self) -> str:
        code = super().clean_code()  # type: ignore[misc]
        user: Any = self.user  # type: ignore[attr-defined]
        digits = "".join(code.split())
        if not cache.add(f"voronka.code.{user.pk}.{digits}", "spent", timeout=SPENT_SECONDS):
            raise get_adapter().validation_error("incorrect_code")
        return code


class SecondStepForm(_OnceOnly, AuthenticateForm):
    """The code of the application, or a recovery code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code_field(self, _("Code"), autofocus="")


class CodeAgainForm(_OnceOnly, CodeReauthenticateForm):
    """The same, of somebody who is signed in and does something grave."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code_field(self, _("Code"), autofocus="")


class AgainForm(ReauthenticateForm):
    """The password, of somebody who is signed in and does something grave."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = _("Password")
        self.fields["password"].help_text = ""
        calm(self)
        self.fields["password"].widget.attrs["autofocus"] = ""


class AppForm(ActivateTOTPForm):
    """The first code: it shows that the application has the key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code_field(self, _("Code from the app"), inputmode="numeric")


def _sound(check: Callable[[], Any]) -> Any:
    """What *check* says of a device's answer. Anything can be sent as one, and the parsers below do not tell a
    bad one from a fault of their own: all of it is a refusal."""
    try:
        return check()
    except forms.ValidationError:
        raise
    except Exception:
        logger.info("A passkey's answer could not be read", exc_info=True)
        raise get_adapter().validation_error("incorrect_code") from None


class PasskeyStepForm(AuthenticateWebAuthnForm):
    """The second step with a passkey."""

    def clean_credential(self) -> Any:
        return _sound(super().clean_credential)


class PasskeySignInForm(LoginWebAuthnForm):
    """A passkey instead of the password."""

    def clean_credential(self) -> Any:
        return _sound(super().clean_credential)


class PasskeyForm(AddWebAuthnForm):
    """A name, and what the device answered. A passkey always stands for the password as well."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["passwordless"]
        name: Any = self.fields["name"]
        name.label = _("Name")
        name.help_text = _("By which you recognise it in the list: the device or the key.")
        name.widget.attrs.update({"maxlength": "60", "autocomplete": "off"})
        calm(self)

    def clean_name(self) -> str:
        self.cleaned_data["name"] = clean(self.cleaned_data.get("name", ""), 60)
        return super().clean_name()

    def clean(self) -> dict[str, Any]:
        # The parent then insists that the device has asked for a finger, a face or a PIN.
        self.cleaned_data["passwordless"] = True
        return _sound(super().clean)
