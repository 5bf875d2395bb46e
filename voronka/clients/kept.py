"""Which facts of a client a role may be kept from, and what is left of an event when they are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from voronka.workspaces.rights import field_of, register_hideable
from voronka.workspaces.viewer import hidden_now

register_hideable(
    "client",
    ("phones", _("Phones")),
    ("emails", _("E-mails")),
    ("messengers", _("Messengers")),
    ("inn", _("INN")),
    ("kpp", _("KPP")),
    ("ogrn", _("OGRN")),
    ("legal_name", _("Full legal name")),
    ("legal_address", _("Legal address")),
    ("accounts", _("Bank accounts")),
    ("address", _("Address")),
    ("site", _("Site")),
    ("source", _("Source")),
    ("birthday", _("Birthday")),
    ("about", _("About")),
)

# Kind of a contact point -> the field that all of the kind are.
CONTACT_FIELDS = {"phone": "phones", "email": "emails", "messenger": "messengers"}


def hidden_contact_kinds() -> list[str]:
    """The kinds of contact points that the present viewer is kept from."""
    hidden = hidden_now("client")
    return [kind for kind, field in CONTACT_FIELDS.items() if field in hidden] if hidden else []


def edited(payload: Any) -> Any:
    """`company.edited`, `person.edited` without the hidden fields; None when nothing else was changed."""
    hidden = hidden_now("client")
    if not hidden or not any(field_of(name) in hidden for name in payload.changes):
        return payload
    changes = {n: pair for n, pair in payload.changes.items() if field_of(n) not in hidden}
    return replace(payload, changes=changes) if changes else None


def merged(payload: Any) -> Any:
    """`company.merged`, `person.merged` without what it tells of hidden fields."""
    hidden = hidden_now("client")
    if not hidden:
        return payload
    return replace(
        payload,
        taken=[row for row in payload.taken if row[0] not in hidden],
        left=[row for row in payload.left if row[0] not in hidden],
    )


def of_contact(payload: Any) -> Any:
    """An event about a contact point; None for a kind that is hidden."""
    kinds = hidden_contact_kinds()
    if not kinds:
        return payload
    # A change of before the kind was written tells nobody which kind it was.
    kind = getattr(payload, "kind", "")
    return None if not kind or kind in kinds else payload


def of_account(payload: Any) -> Any:
    """An event about a settlement account."""
    return None if "accounts" in hidden_now("client") else payload
