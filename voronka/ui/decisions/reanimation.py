"""Reanimation: lost deals that come back, those that marketing has, and what was won back by whom."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse

from voronka.core import formats
from voronka.deals.closing import comebacks
from voronka.deals.closing.models import Comeback
from voronka.deals.models import Deal
from voronka.ui.access import workspace_view
from voronka.ui.htmx import render_page
from voronka.ui.navigation import workspace_url
from voronka.workspaces.rights import Subject
from voronka.workspaces.viewer import seen_now

SHOWN = 50


@workspace_view(Subject.DEAL)
def reanimation(request: HttpRequest) -> HttpResponse:
    """Nothing falls into a black hole: what comes back, what is in work again, what marketing has, what was won back."""
    member = request.member  # type: ignore[attr-defined]
    coming, again = comebacks.to_come_back(member), comebacks.in_work_again(member)
    marketing = comebacks.for_marketing(member)
    won = comebacks.won_back(member)
    waiting = Prefetch("comebacks", Comeback.objects.filter(done_at=None).select_related("member"))
    context: dict[str, Any] = {
        "room": "deals",
        "sees_sum": seen_now("deal", "amount"),
        "coming": [_coming(request, deal) for deal in _rows(coming.prefetch_related(waiting))],
        "coming_count": coming.order_by().count(),
        "returning_reasons": comebacks.returning_reasons(),
        "again": [_row(request, deal) for deal in _rows(again)],
        "again_count": again.order_by().count(),
        "marketing": [_row(request, deal) for deal in _rows(marketing)],
        "marketing_count": marketing.order_by().count(),
        "won": won,
        "won_deals": sum(row.deals for row in won),
        "won_amount": sum(row.amount for row in won),
    }
    return render_page(request, "decisions/reanimation.html", context, "list")


def _rows(deals: Any) -> list[Deal]:
    return list(deals.select_related("company", "reason", "owner", "stage")[:SHOWN])


def _row(request: HttpRequest, deal: Deal) -> dict[str, Any]:
    return {"deal": deal, "url": workspace_url("deal", request.workspace.slug, deal.number)}  # type: ignore[attr-defined]


def _coming(request: HttpRequest, deal: Deal) -> dict[str, Any]:
    """The day and the hand of a return: the deal's own, else the planned talk's."""
    own = next(iter(deal.comebacks.all()), None)
    if own is not None:
        day, who = formats.short_date(own.due_on), own.member or deal.owner
    else:
        day, who = formats.short_date(deal.next_activity_at), deal.owner
    return {**_row(request, deal), "day": day, "who": who, "is_deal": own is not None}
