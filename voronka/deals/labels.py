"""What the fields of a deal are called on the screen and in its feed."""

from __future__ import annotations

from django.utils.translation import gettext as _

from voronka.deals.models import Deal


def label_of(name: str) -> str:
    """The label of a field by its name (`company`, `amount`…), in the active language."""
    named = {
        "company": _("Client"),
        "person": _("Contact person"),
        "source": _("Source"),
        "product": _("Product"),
        "category": _("Category"),
        "head_category": _("Category by the head"),
    }
    return named.get(name) or str(Deal._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
