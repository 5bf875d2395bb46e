"""An open card says so every few seconds, and learns who else has it open."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from voronka.clients.models import Company, Person
from voronka.deals.models import Deal
from voronka.desk.presence import forget_viewing, note_viewing, others_viewing
from voronka.ui.access import get_or_404, workspace_view

CARDS: dict[str, Any] = {"deal": Deal, "company": Company, "person": Person}


@require_POST
@workspace_view()
def here(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """The card is open; with `gone` it was closed. The answer shows the others."""
    member = request.member  # type: ignore[attr-defined]
    if kind not in CARDS:
        raise Http404
    card = get_or_404(CARDS[kind].objects.visible_to(member), pk)
    if request.POST.get("gone"):
        forget_viewing(member, kind, card.pk)
        return HttpResponse(status=204)
    note_viewing(member, kind, card.pk)
    return render(request, "components/here.html", {"others": others_viewing(member, kind, card.pk)})
