"""How django-allauth keeps second factors here: encrypted, in our words, and never so that one locks oneself out."""

from __future__ import annotations

import base64
import hashlib
from io import BytesIO
from typing import Any

import segno
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from voronka.ui.accounts.devices import device
from voronka.workspaces.factors import factors_of
from voronka.workspaces.models import Member, User


def _box() -> Fernet:
    """The key is the installation's: a copy of the database alone opens nobody's account."""
    digest = hashlib.sha256(b"voronka.factors:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


def asked_by_companies(user: User) -> list[str]:
    """Names of the person's companies that require a second factor."""
    members = Member.objects.unscoped().of_user(user).filter(workspace__second_factor_required=True)
    return list(members.order_by("workspace__name").values_list("workspace__name", flat=True))


def is_last_needed(authenticator: Any) -> bool:
    """Whether a company would keep the person out without this factor."""
    others = factors_of(authenticator.user).exclude(pk=authenticator.pk)
    return not others.exists() and bool(asked_by_companies(authenticator.user))


class FactorAdapter(DefaultMFAAdapter):
    """Sentences, names, secrets."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy("The code is wrong or has been used already. Wait for the next one."),
        "cannot_delete_authenticator": gettext_lazy(
            "One of your companies requires a second factor: add another one first."
        ),
        "cannot_generate_recovery_codes": gettext_lazy(
            "Recovery codes replace a second factor: set one up first."
        ),
    }

    def get_totp_issuer(self) -> str:
        return _("Voronka")

    def build_totp_svg(self, url: str) -> str:
        """Black on white in both themes: telephones read nothing else well."""
        drawing = BytesIO()
        segno.make(url, error="m", micro=False).save(
            drawing, kind="svg", scale=5, border=3, dark="#111", light="#fff", xmldecl=False
        )
        return drawing.getvalue().decode()

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _box().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        return not is_last_needed(authenticator)

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        return device(context.request.META.get("HTTP_USER_AGENT", ""))

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": _("Voronka")}
