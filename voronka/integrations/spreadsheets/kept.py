"""Columns that the role of whoever imports is kept from: they are left alone, else an import would tell what is there.

A hidden phone is not only not shown. «Known by a phone: 3» would say whose phones a file holds, and a value that is
written where nobody may look or write is written past the rights.
"""

from __future__ import annotations

from typing import Final

from voronka.core.edits import PREFIX
from voronka.integrations.spreadsheets.columns import base_name
from voronka.integrations.spreadsheets.own_fields import SUBJECTS
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Subject

_CLIENT: Final = Subject.CLIENT
_DEAL: Final = Subject.DEAL
# Subject of the file → column → whose field it is, and which.
_FIELDS: Final[dict[str, dict[str, tuple[Subject, str]]]] = {
    "companies": {
        name: (_CLIENT, name)
        for name in (
            "phones", "emails", "messengers", "inn", "kpp", "ogrn", "legal_name", "legal_address", "address", "site", "source",
        )
    },
    "people": {
        name: (_CLIENT, name)
        for name in ("phones", "emails", "messengers", "address", "site", "source", "birthday", "about")
    },
    "deals": {
        **{name: (_DEAL, name) for name in ("amount", "expected_close", "source", "product", "comment")},
        **dict.fromkeys(("currency", "price", "quantity"), (_DEAL, "amount")),
        **{name: (_CLIENT, name) for name in ("phones", "emails", "inn")},
    },
}  # fmt: skip


def kept_columns(kind: str, member: Member) -> frozenset[str]:
    """Names of the columns of a file of *kind* that *member* may not carry over."""
    rights = {
        subject: member.hidden_fields(subject) | member.readonly_fields(subject)
        for subject in (_CLIENT, _DEAL)
    }
    found = {name for name, (subject, field) in _FIELDS.get(kind, {}).items() if field in rights[subject]}
    if own := SUBJECTS.get(kind):
        of_own = member.hidden_fields(own) | member.readonly_fields(own)
        found |= {name for name in of_own if name.startswith(PREFIX)}
    return frozenset(found)


def without_kept(columns: dict[str, str], kind: str, member: Member) -> dict[str, str]:
    """*columns* (field → header) without those that *member* is kept from."""
    kept = kept_columns(kind, member)
    return (
        {name: title for name, title in columns.items() if base_name(name) not in kept} if kept else columns
    )
