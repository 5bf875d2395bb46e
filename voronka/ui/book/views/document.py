"""The book as a document: on screen with contents and search, and as PDF."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from voronka.core import clock
from voronka.core.text import clip
from voronka.playbook.document import MOST_HITS, document_of, search_in
from voronka.playbook.handbook import handbook
from voronka.playbook.models import BookVersion
from voronka.playbook.snapshot import book_snapshot
from voronka.playbook.versions import newest_version
from voronka.ui.access import get_or_404, workspace_view
from voronka.ui.htmx import render_page
from voronka.workspaces.rights import Action, Subject

LONGEST_SEARCH = 80


def _asked(request: HttpRequest) -> tuple[dict[str, Any], BookVersion | None, bool]:
    """The book asked for: its snapshot, its version, whether it is the present one."""
    number = request.GET.get("version", "")
    newest = newest_version()
    if number.isdecimal() and len(number) < 10 and (newest is None or int(number) != newest.number):
        version = get_or_404(BookVersion.objects.all(), number=int(number))
        return version.content, version, False
    return book_snapshot(), newest, True


@require_GET
@workspace_view(Subject.BOOK, Action.SEE)
def document(request: HttpRequest) -> HttpResponse:
    """The whole book on one page; `q` lists where it says these words, `version` shows an older book."""
    content, version, is_present = _asked(request)
    told = document_of(content)
    words = clip(request.GET.get("q", "").strip(), LONGEST_SEARCH)
    hits = search_in(told, words)
    context = {
        "room": "book",
        "tab": "document",
        "book": told,
        "version": version,
        "is_present": is_present,
        "words": words,
        "hits": hits,
        "cut": len(hits) >= MOST_HITS,
        "is_empty": not told["funnels"] and not told["cells"],
        "may_configure": request.member.may(Subject.BOOK, Action.CONFIGURE),  # type: ignore[attr-defined]
    }
    return render_page(request, "book/document.html", context, "hits")


@require_GET
@workspace_view(Subject.BOOK, Action.SEE)
def pdf(request: HttpRequest) -> HttpResponse:
    """The same on paper."""
    content, version, is_present = _asked(request)
    company = request.workspace.name  # type: ignore[attr-defined]
    day = clock.today() if is_present or version is None else version.at.date()
    made = handbook(content, company=company, version=version.number if version else None, day=day)
    name = clip(f"{_('Sales book')} — {company}", 120)
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f"inline; filename=\"book.pdf\"; filename*=UTF-8''{quote(name)}.pdf"
    return answer
