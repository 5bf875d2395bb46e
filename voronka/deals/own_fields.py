"""Fields of one's own on deals."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from voronka.deals.labels import label_of
from voronka.deals.models import Deal
from voronka.desk.fields.registry import FieldSubject, register_subject

PLACED = ("kind", "priority", "interest", "source", "product", "comment")
MAY_REQUIRE = ("company", "person", "amount", "expected_close", "source", "product", "interest")


def _labels() -> dict[str, Any]:
    return {name: label_of(name) for name in dict.fromkeys((*PLACED, *MAY_REQUIRE))}


register_subject(
    FieldSubject("deal", Deal, _("Deals"), _labels, placed=PLACED, may_require=MAY_REQUIRE, by_funnel=True)
)
