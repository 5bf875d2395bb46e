"""Forms of people who are not signed in (yet)."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm, ResetPasswordForm, ResetPasswordKeyForm, SignupForm
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from voronka.core.errors import Refused
from voronka.core.text import clean
from voronka.workspaces.actions import create_user, create_workspace
from voronka.workspaces.models import Member, User


def calm(form: forms.BaseForm) -> None:
    """Labels say it all: no placeholders, which vanish while one types, and no help as a bulleted list."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)
        field.label_suffix = ""


def add_refusal(form: forms.BaseForm, refusal: Refused) -> None:
    """Put a verb's sentence to the field it belongs to, else over the form."""
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)


class PasswordOnce(forms.CharField):
    """A new password, asked once: managers fill it in, and it can be set anew by e-mail."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
        super().__init__(
            label=kwargs.pop("label", _("Password")),
            help_text=kwargs.pop(
                "help_text", _("At least 10 characters; a phrase of several words is best.")
            ),
            widget=widget,
            strip=False,
            max_length=1000,
            **kwargs,
        )


class SignInForm(LoginForm):
    """E-mail and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail")
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        self.fields["password"].label = _("Password")
        # The link to the reset stands beside the label in the template.
        self.fields["password"].help_text = ""
        calm(self)


class SignUpForm(SignupForm):
    """One form: the company, its first administrator, the way in."""

    company = forms.CharField(
        label=_("Company name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    name = forms.CharField(
        label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    field_order = ["company", "name", "email", "password1"]

    member: Member | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"] = PasswordOnce()
        self.fields["email"].label = _("E-mail")
        self.order_fields(self.field_order)
        calm(self)
        self.fields["company"].widget.attrs["autofocus"] = True

    def clean_company(self) -> str:
        return _something(self.cleaned_data["company"])

    def clean_name(self) -> str:
        return _something(self.cleaned_data["name"])

    def save(self, request: HttpRequest) -> User:
        """Person and company in one transaction; raises `Refused` if somebody was quicker with the address."""
        language = (get_language() or "ru")[:2]
        data = self.cleaned_data
        with transaction.atomic():
            user = create_user(
                email=data["email"], name=data["name"], password=data["password1"], language=language
            )
            self.member = create_workspace(
                user=user, name=data["company"], language=language, time_zone="Europe/Moscow"
            )
        return user


def _something(value: str) -> str:
    text = clean(value)
    if not text:
        raise forms.ValidationError(_("Fill in this field."))
    return text


class ForgottenForm(ResetPasswordForm):
    """Where to send the link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail")
        calm(self)


class NewPasswordForm(ResetPasswordKeyForm):
    """The new password, by a link from a letter."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        self.fields["password1"] = PasswordOnce(label=_("New password"))
        calm(self)

    def clean_password1(self) -> str:
        password = self.cleaned_data["password1"]
        validate_password(password, self.user)
        return password


class JoinForm(forms.Form):
    """An invited colleague without an account: a name and a password."""

    name = forms.CharField(
        label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = PasswordOnce()

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean_name(self) -> str:
        return _something(self.cleaned_data["name"])

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        validate_password(password, User(email=self.email, name=self.cleaned_data.get("name", "")))
        return password


class CompanyForm(forms.Form):
    """One more company for somebody who has an account."""

    company = forms.CharField(
        label=_("Company name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )

    def clean_company(self) -> str:
        return _something(self.cleaned_data["company"])
