"""The search field of the head: what is found while typing, and the page of results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from voronka.desk.search import Found
from voronka.ui.access import workspace_view
from voronka.ui.htmx import render_page
from voronka.ui.navigation import workspace_url
from voronka.ui.palette.registry import Asked
from voronka.ui.palette.views import palette_commands
from voronka.ui.search.found import KINDS, find, items_of

SUGGESTED = 10
ON_PAGE = 60
COMMANDS = 5


@dataclass(frozen=True)
class Group:
    """Found things of one kind."""

    kind: str
    label: Any
    icon: str
    items: list[dict[str, Any]]


@workspace_view()
def suggest(request: HttpRequest) -> HttpResponse:
    """What is found while typing: a list under the field."""
    text = request.GET.get("q", "").strip()[:100]
    found = find(request, text, SUGGESTED)
    asked = Asked(request, request.member, request.workspace.slug)  # type: ignore[attr-defined]
    context = {
        "text": text,
        "found": found,
        "groups": groups(request, found),
        "commands": palette_commands(asked, text)[:COMMANDS],
        "page_url": workspace_url("search", request.workspace.slug),  # type: ignore[attr-defined]
    }
    return render(request, "search/suggest.html", context)


@workspace_view()
def search_page(request: HttpRequest) -> HttpResponse:
    """All that is found, as a page."""
    text = request.GET.get("q", "").strip()[:100]
    found = find(request, text, ON_PAGE)
    context = {"room": "search", "text": text, "found": found, "groups": groups(request, found)}
    return render_page(request, "search/page.html", context, "results")


def groups(request: HttpRequest, found: Found) -> list[Group]:
    """Hits by kind; the kind of the best hit first."""
    items = items_of(request, found.hits)
    return [
        Group(kind, KINDS[kind][0], KINDS[kind][1], [item for item in items if item["kind"] == kind])
        for kind in dict.fromkeys(item["kind"] for item in items)
    ]
