"""The whole book as one file: taken away, brought back, looked at before it is applied."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from voronka.core import clock, formats
from voronka.core.errors import Refused
from voronka.core.text import clip
from voronka.playbook.bookfile import Fault, Unreadable, apply_book, preview, read_book, write_book
from voronka.playbook.bookfile.reading import LARGEST
from voronka.playbook.snapshot import book_snapshot
from voronka.playbook.versions import newest_version
from voronka.ui.access import workspace_view
from voronka.ui.book.answers import book_url
from voronka.ui.book.reading import grouped
from voronka.ui.htmx import done, render_page
from voronka.ui.once import once
from voronka.workspaces.rights import Action, Subject


@require_GET
@workspace_view(Subject.BOOK, Action.SEE)
def save(request: HttpRequest) -> HttpResponse:
    """The present book as YAML."""
    company = request.workspace.name  # type: ignore[attr-defined]
    title = f"{_('Sales book')} — {company}, {formats.long_date(clock.today())}"
    answer = HttpResponse(
        write_book(book_snapshot(), title=title), content_type="application/yaml; charset=utf-8"
    )
    name = clip(f"{_('Sales book')} — {company}", 120)
    answer["Content-Disposition"] = f"attachment; filename=\"book.yaml\"; filename*=UTF-8''{quote(name)}.yaml"
    return answer


@once
@workspace_view(Subject.BOOK, Action.CONFIGURE)
def read(request: HttpRequest) -> HttpResponse:
    """GET: choose a file. POST `file` or `text`: its faults, or what it would change. POST with `apply`: change it."""
    if request.method != "POST":
        return _show(request, {})
    name, text = _given(request)
    exact = bool(request.POST.get("exact"))
    asked: dict[str, Any] = {"name": name, "text": text, "exact": exact}
    if text is None:
        fault = Fault(1, _("the file is not a text in UTF-8, or it is too large for a book."))
        return _show(request, {**asked, "faults": [fault]}, status=422)
    if not text.strip():
        return _show(request, {**asked, "refusal": _("Choose a file.")}, status=422)
    member = request.member  # type: ignore[attr-defined]
    newest = newest_version()
    seen = str(newest.number) if newest else ""
    try:
        book = read_book(text)
        if request.POST.get("apply") and request.POST.get("seen") == seen:
            apply_book(book, actor=member, exact=exact, name=name)
            return done(
                request, _("The book is read in"), redirect=book_url(request, "book_document"), go=True
            )
        changes = preview(book, actor=member, exact=exact)
    except Unreadable as unreadable:
        return _show(request, {**asked, "faults": unreadable.faults}, status=422)
    except Refused as refusal:
        return _show(request, {**asked, "refusal": refusal.message}, status=422)
    changed_meanwhile = bool(request.POST.get("apply"))
    return _show(
        request,
        {
            **asked,
            "looked": True,
            "changes": grouped(changes),
            "count": len(changes),
            "seen": seen,
            "meanwhile": changed_meanwhile,
        },
    )


def _given(request: HttpRequest) -> tuple[str, str | None]:
    """(name, text) of what was sent; no text where it cannot be read."""
    file = request.FILES.get("file")
    if file is None:
        return request.POST.get("name", ""), request.POST.get("text", "").replace("\r\n", "\n")
    name = str(file.name or "")
    if (file.size or 0) > LARGEST:
        return name, None
    try:
        return name, file.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        return name, None


def _show(request: HttpRequest, asked: dict[str, Any], status: int = 200) -> HttpResponse:
    return render_page(
        request, "book/file.html", {"room": "book", "tab": "document", **asked}, "steps", status=status
    )
