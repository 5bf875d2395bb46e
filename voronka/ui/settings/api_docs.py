"""The API told to whoever writes a program: how to begin, and every operation out of the interface's own description."""

from __future__ import annotations

import json

from django.conf import settings
from django.http import Http404, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from voronka.playbook.models import Funnel
from voronka.ui.access import MemberRequest, workspace_view
from voronka.ui.htmx import render_page
from voronka.ui.settings.reference import sections
from voronka.ui.settings.tabs import tabs

# What the sections are about; one that is not named here goes by its own word.
TITLES = {
    "activities": _("Activities"),
    "companies": _("Companies"),
    "contacts": _("Contacts"),
    "deals": _("Deals"),
    "dictionaries": _("Lists of the sales book"),
    "events": _("History"),
    "fields": _("Own fields"),
    "funnels": _("Funnels and stages"),
    "me": _("Who asks"),
    "members": _("Colleagues"),
    "notes": _("Notes"),
    "people": _("People"),
    "products": _("Products"),
    "reports": _("Reports"),
    "search": _("Search"),
}


@workspace_view()
def api_docs(request: MemberRequest, section: str = "") -> HttpResponse:
    """How to begin, or the operations of one *section*. Raises `Http404` for one that is not there."""
    found = sections(settings.BASE_URL)
    if section and section not in found:
        raise Http404
    context = {
        "room": "settings",
        "tab": "tokens",
        "tabs": tabs(request),
        "base_url": settings.BASE_URL,
        "per_minute": settings.API_PER_MINUTE,
        "sections": [(slug, TITLES.get(slug, one.title), len(one.operations)) for slug, one in found.items()],
        "section": section,
        "title": TITLES.get(section, found[section].title) if section else _("How to begin"),
        "operations": found[section].operations if section else [],
        "begin": _beginnings(settings.BASE_URL),
    }
    return render_page(request, "settings/api_docs.html", context)


def _beginnings(base: str) -> list[tuple[object, str]]:
    """The first steps of a program: what is done, and the command that does it."""
    who = "-H 'Authorization: Bearer vrk_…'"
    funnel = Funnel.objects.filter(archived_at=None).values_list("pk", flat=True).first() or 1
    wanted = {"title": gettext("Racks for a warehouse"), "funnel": funnel, "amount": "150000.00"}
    lead = json.dumps(wanted, ensure_ascii=False)
    body = "-H 'Content-Type: application/json'"
    return [
        (_("See whether the token works"), f"curl {base}/api/v1/me/ \\\n  {who}"),
        (
            _("Send a lead from the site; the same key never makes it twice"),
            f"curl -X POST {base}/api/v1/deals/ \\\n  {who} \\\n  {body} \\\n  -H 'Idempotency-Key: form-1043' \\\n"
            f"  -d '{lead}'",
        ),
        (
            _("Read one's deals by sum, fifty at a time; the answer's “next” goes into “cursor”"),
            f"curl -G {base}/api/v1/deals/ \\\n  {who} \\\n  --data-urlencode 'sort=-amount' \\\n"
            '  --data-urlencode \'where=[["owner","in","me"]]\'',
        ),
    ]
