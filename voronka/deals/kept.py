"""Which facts of a deal a role may be kept from, and what is left of an event when they are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from voronka.workspaces import rights
from voronka.workspaces.rights import register_hideable
from voronka.workspaces.viewer import hidden_now

register_hideable(
    "deal",
    ("amount", _("Sum")),
    ("expected_close", _("Expected close")),
    ("probability", _("Probability, %")),
    ("category", _("Category")),
    ("source", _("Source")),
    ("product", _("Product")),
    ("interest", _("Interest")),
    ("comment", _("Comment")),
)

# Columns that tell of another field.
_TELLS = {
    "amount_base": "amount",
    "currency": "amount",
    "head_category": "category",
    "interest_at": "interest",
}


def field_of(attname: str) -> str:
    """The hideable name of a column: "amount_base" tells of "amount"."""
    name = rights.field_of(attname)
    return _TELLS.get(name, name)


def edited(payload: Any) -> Any:
    """`deal.edited` without the hidden fields; None when nothing else was changed."""
    hidden = hidden_now("deal")
    if not hidden or not any(field_of(name) in hidden for name in payload.after):
        return payload
    after = {name: value for name, value in payload.after.items() if field_of(name) not in hidden}
    if not after:
        return None
    # Lines of before the names were kept cannot be told apart: none of them is told.
    shown = [line for line in payload.shown if line.get("name") and line["name"] not in hidden]
    return replace(payload, after=after, before={n: payload.before.get(n) for n in after}, shown=shown)


def priced(payload: Any) -> Any:
    """An event that tells the sum, without it."""
    return payload if "amount" not in hidden_now("deal") else replace(payload, amount=None)
