"""A company's own fields may be kept from a role like the built-in ones."""

from __future__ import annotations

from collections.abc import Iterable

from voronka.desk.fields.models import CustomField
from voronka.workspaces.rights import Hideable, provide_hideable


@provide_hideable
def _own() -> Iterable[Hideable]:
    """The fields in use of every subject."""
    return [
        Hideable(field.subject, field.name, field.label)
        for field in CustomField.objects.filter(archived_at=None).order_by("order", "pk")
    ]
