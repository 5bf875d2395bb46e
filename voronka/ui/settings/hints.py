"""Which hints sellers get, switched for the whole company."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from voronka.deals.hints.actions import switch_hint
from voronka.deals.hints.reading import switched_off
from voronka.deals.hints.registry import PRESSING, rules
from voronka.ui.access import MemberRequest, workspace_view
from voronka.ui.book.answers import undo_url
from voronka.ui.htmx import done, render_page
from voronka.ui.navigation import workspace_url
from voronka.ui.settings.tabs import tabs
from voronka.workspaces.rights import Action, Subject


@require_GET
@workspace_view(Subject.BOOK, Action.CONFIGURE)
def hints(request: MemberRequest) -> HttpResponse:
    """Every rule with what raises it, the most pressing first."""
    off = switched_off()
    context = {
        "room": "settings",
        "tabs": tabs(request),
        "tab": "hints",
        "rows": [(rule, rule.code not in off, rule.weight >= PRESSING) for rule in rules()],
    }
    return render_page(request, "settings/hints.html", context, "page")


@require_POST
@workspace_view(Subject.BOOK, Action.CONFIGURE)
def switch(request: MemberRequest, code: str) -> HttpResponse:
    """Switch one rule: `on` is "1" or nothing."""
    on = request.POST.get("on") == "1"
    event = switch_hint(code, actor=request.member, on=on)
    text = _("The hint is on") if on else _("The hint is off")
    back = workspace_url("hints", request.workspace.slug)
    return done(request, text, redirect=back, undo_url=undo_url(request, event) if event else None)
