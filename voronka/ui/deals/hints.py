"""«Следующий шаг» in words with its button: what a rule says to do becomes an address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from voronka.deals.hints.reading import Hint, hints_of
from voronka.deals.models import Deal
from voronka.ui.deals.shown import BAD, SOON
from voronka.ui.navigation import workspace_url


@dataclass(frozen=True)
class HintShown:
    """A hint for a template. `url` opens in the dialog."""

    kind: str
    icon: str
    tone: str
    title: str
    text: str
    line: str
    label: str
    url: str


def card_hints(
    request: HttpRequest, deal: Deal, known: Mapping[str, Mapping[int, Any]] | None = None
) -> list[HintShown]:
    """The hints of one deal for its card; *known* facts are not asked again."""
    member = request.member  # type: ignore[attr-defined]
    return [shown(request, deal, hint) for hint in hints_of([deal], member, deep=True, known=known)[deal.pk]]


def shown(request: HttpRequest, deal: Deal, hint: Hint) -> HintShown:
    """One hint with its button."""
    slug = request.workspace.slug  # type: ignore[attr-defined]
    found = hint.found

    def of_deal(name: str, query: str = "") -> str:
        return workspace_url(name, slug, deal.number) + query

    label, url = {
        "plan": (
            _("Plan"),
            f"{workspace_url('activity_new', slug)}?deal={deal.pk}&mode=plan&channel=call",
        ),
        "move": (_("Move"), of_deal("deal_move")),
        "missing": (_("Fill in"), of_deal("deal_move")),
        "date": (_("Set the date"), of_deal("deal_dates")),
        "sum": (_("Set the sum"), of_deal("deal_dates")),
        "person": (_("Add"), of_deal("deal_person", f"?kind={found.target}" if found.target else "")),
        "offer": (pgettext("do", "Answer"), of_deal("deal_offer", "?side=ours")),
        "rival": (pgettext("do", "Answer"), of_deal("deal_rival", f"?competitor={found.target}")),
    }[found.do]
    if hint.code == "rival_no_price":
        label = _("Write down")
    return HintShown(
        kind=hint.code,
        icon=hint.icon,
        tone=BAD if hint.is_pressing else SOON,
        title=found.title,
        text=found.text,
        line=hint.line,
        label=label,
        url=url,
    )
