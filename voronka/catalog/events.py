"""What imports leave in the log of products; single entries are events of the dictionaries."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_noop as N_

from voronka.journal.registry import event_type


@event_type(
    "products.imported",
    sentence=N_("Products imported: {created}, updated: {updated}"),
    icon="file-import",
    quiet=True,
)
@dataclass(frozen=True)
class ProductsImported:
    """One batch of products came in by import."""

    created: int
    updated: int
