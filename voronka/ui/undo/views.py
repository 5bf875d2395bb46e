"""«Undo» of toasts and feeds."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from voronka.journal import actions
from voronka.journal.models import Event
from voronka.ui.access import get_or_404, workspace_view
from voronka.ui.htmx import done


@require_POST
@workspace_view()
def undo(request: HttpRequest, event_id: int) -> HttpResponse:
    """Reverse an event, if the verb lets; what has left the house is named."""
    member = request.member  # type: ignore[attr-defined]
    event = get_or_404(Event.objects.select_related("actor"), event_id)
    left = actions.undo(event, actor=member)
    text = " ".join([str(_("Undone.")), *left])
    back = request.headers.get("Referer", "/")
    return done(request, text, redirect=back if back.startswith(request.build_absolute_uri("/")) else "/")
