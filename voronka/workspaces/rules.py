"""Rules that several verbs of this room share."""

from __future__ import annotations

import hashlib
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from voronka.core.errors import NoWorkspace, Refused
from voronka.core.text import clean, length_problem
from voronka.workspaces.models import Workspace

CURRENCIES = (
    "RUB",
    "USD",
    "EUR",
    "CNY",
    "BYN",
    "KZT",
    "UZS",
    "AMD",
    "GEL",
    "KGS",
    "AED",
    "TRY",
    "INR",
    "GBP",
)


def locked_workspace(workspace_id: int | None) -> Workspace:
    """The workspace's row, locked: changes of its staff, teams and settings take turns.

    Everything else goes on: every row of the company refers to this one, and an import that notes a former colleague
    holds it for minutes.
    """
    if workspace_id is None:
        raise NoWorkspace("a member without a workspace")
    return Workspace.objects.select_for_update(no_key=True).get(pk=workspace_id)


def require_text(value: Any, model: type[models.Model], field_name: str) -> str:
    """*value* cleaned; raises `Refused` (naming the field) when it is empty or longer than the column."""
    text = clean(value)
    if not text:
        raise Refused(_("Fill in this field."), field=field_name)
    return fitting_text(text, model, field_name)


def fitting_text(value: Any, model: type[models.Model], field_name: str) -> str:
    """*value* cleaned, may be empty; raises `Refused` when it is longer than the column."""
    text = clean(value)
    field: Any = model._meta.get_field(field_name)
    if problem := length_problem(text, field.max_length):
        raise Refused(problem, field=field_name)
    return text


def email_confirmed(user: Any) -> bool:
    """Whether *user* has shown that the e-mail address is theirs, or came in where nobody asks for it."""
    addresses = apps.get_model("account", "EmailAddress").objects.filter(user_id=user.pk)
    known = list(addresses.values_list("verified", flat=True))
    return not known or any(known)


def invitation_token(invitation: Any) -> str:
    """The secret of an invitation's link.

    Made from the row and the installation's key, so that it is stored nowhere, not even in the letters' queue;
    a new term makes a new secret and the old link dies.
    """
    seed = f"{invitation.workspace_id}:{invitation.pk}:{invitation.email}:{invitation.expires_at.isoformat()}"
    return salted_hmac(
        "voronka.invitation", seed, secret=settings.SECRET_KEY, algorithm="sha256"
    ).hexdigest()[:40]


def token_digest(token: str) -> str:
    """What is stored of an invitation's secret."""
    return hashlib.sha256(token.encode()).hexdigest()
