"""How clients are found by words."""

from __future__ import annotations

from django.db.models import Q

from voronka.core.text import company_key, fold
from voronka.desk.search import matching


def found(kind: str, text: str) -> Q:
    """Clients of *kind* found by their words; by the beginning of the name when the text is too short."""
    rows = matching(kind, text)
    if rows is None:
        # Too short for the index of words: the beginning of the name.
        return Q(name_key__startswith=company_key(text) if kind == "company" else fold(text))
    return Q(pk__in=rows.values("object_id"))
