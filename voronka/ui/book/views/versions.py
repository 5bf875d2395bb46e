"""The book through time: who changed what, and the book of any date."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET

from voronka.core import clock
from voronka.journal.sentences import tell
from voronka.playbook.comparing import differences
from voronka.playbook.models import BookVersion
from voronka.playbook.versions import newest_version, version_at
from voronka.ui.access import get_or_404, workspace_view
from voronka.ui.book.answers import book_url
from voronka.ui.book.reading import grouped
from voronka.ui.htmx import render_page
from voronka.workspaces.rights import Action, Subject

PER_PAGE = 50


@require_GET
@workspace_view(Subject.BOOK, Action.SEE)
def versions(request: HttpRequest) -> HttpResponse:
    """Every change of the book, newest first; `on` (a day) leads to the book of that day."""
    missing = None
    if day := _day(request.GET.get("on", "")):
        end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), timezone.get_current_timezone())
        if found := version_at(end - dt.timedelta(microseconds=1)):
            return redirect(f"{book_url(request, 'book_document')}?version={found.number}")
        missing = day
    rows = BookVersion.objects.defer("content").select_related("actor__user", "event__actor__user")
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 10:
        rows = rows.filter(number__lt=int(before))
    page = list(rows.order_by("-number")[: PER_PAGE + 1])
    context = {
        "room": "book",
        "tab": "versions",
        "rows": [_row(version) for version in page[:PER_PAGE]],
        "older": page[PER_PAGE - 1].number if len(page) > PER_PAGE else None,
        "missing": missing,
        "today": clock.today(),
    }
    return render_page(request, "book/versions.html", context)


def _row(version: BookVersion) -> dict[str, Any]:
    return {"version": version, "told": tell(version.event) if version.event else None}


@require_GET
@workspace_view(Subject.BOOK, Action.SEE)
def version(request: HttpRequest, number: int) -> HttpResponse:
    """One version: what it changed (against the one before it, or `with` another); the document reads it whole."""
    shown = get_or_404(BookVersion.objects.select_related("actor__user", "event__actor__user"), number=number)
    wanted = request.GET.get("with", "")
    other_number = int(wanted) if wanted.isdecimal() and len(wanted) < 10 else number - 1
    other = BookVersion.objects.filter(number=other_number).first()
    newest = newest_version()
    context = {
        "room": "book",
        "tab": "versions",
        **_row(shown),
        "other": other,
        "changes": grouped(_between(shown, other)),
        "newest": newest.number if newest else number,
        "later": BookVersion.objects.defer("content").filter(number=number + 1).first(),
    }
    return render_page(request, "book/version.html", context)


def _between(shown: BookVersion, other: BookVersion | None) -> list[Any]:
    if other is None:
        return []
    first, second = sorted([shown, other], key=lambda row: row.number)
    return differences(first.content, second.content)


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
