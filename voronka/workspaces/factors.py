"""Second factors: who has one, and whom a company keeps out for want of it.

django-allauth keeps them; recovery codes alone are none, they only replace one that was lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import apps

from voronka.workspaces.models import Member, User

KINDS = ("totp", "webauthn")


def factors_of(user: User, *, with_codes: bool = False) -> Any:
    """The authenticators of *user*, oldest first; *with_codes*: the recovery codes too."""
    found = apps.get_model("mfa", "Authenticator").objects.filter(user_id=user.pk).order_by("pk")
    return found if with_codes else found.filter(type__in=KINDS)


def has_second_factor(user: User) -> bool:
    """Whether *user* can prove more than a password."""
    return factors_of(user).exists()


def must_set_up(member: Member) -> bool:
    """Whether *member* may do nothing in the company before setting up a second factor.

    Asked at every door: pages, the API, the live stream. Costs a query only where a factor is required.
    """
    return bool(
        member.workspace.second_factor_required and not (member.user and has_second_factor(member.user))
    )


def kinds_of(users: Iterable[int]) -> dict[int, set[str]]:
    """User id -> kinds of second factors ("totp", "webauthn"); users without any are left out."""
    rows = apps.get_model("mfa", "Authenticator").objects.filter(user_id__in=list(users), type__in=KINDS)
    found: dict[int, set[str]] = {}
    for user_id, kind in rows.values_list("user_id", "type"):
        found.setdefault(user_id, set()).add(kind)
    return found
