"""Where the address inside a notice leads."""

from __future__ import annotations

from django.urls import NoReverseMatch

from voronka.deals.models import Deal
from voronka.ui.navigation import optional_url, workspace_url


def place_of(slug: str, url: str) -> str:
    """The address that `kind:id` of a notice means; "" when there is none (any more)."""
    kind, _colon, pk = url.partition(":")
    if url.startswith(f"/w/{slug}/"):
        return url
    if not pk.isdecimal() or len(pk) > 18:
        return "" if pk or not kind else optional_url(kind, slug)
    argument = int(pk)
    if kind == "deal":
        number = Deal.objects.filter(pk=argument).values_list("number", flat=True).first()
        if number is None:
            return ""
        argument = number
    try:
        return workspace_url(kind, slug, argument)
    except NoReverseMatch:
        return ""
