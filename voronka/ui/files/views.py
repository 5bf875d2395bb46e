"""Files on cards. A file is never drawn by its own name or type: only images and PDF are, and nothing in them runs."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from voronka.activities.actions import subjects_of
from voronka.activities.models import Activity
from voronka.core.errors import Refused
from voronka.desk.dictionaries.actions import BOOK_FEED
from voronka.desk.files.actions import (
    MAX_BYTES,
    MOST_AT_ONCE,
    MOST_FILES,
    add_file,
    delete_file,
    files_of,
    files_of_many,
)
from voronka.desk.files.kinds import IMAGES, PDF
from voronka.desk.files.rules import BOOK_TASK
from voronka.desk.models import File
from voronka.playbook.models import StageTask
from voronka.ui.access import get_or_404, workspace_view
from voronka.ui.book.answers import answer, book_url, listening, undo_url
from voronka.ui.clients.notes import card_url, visible_subject
from voronka.ui.files.shown import FileRow, file_row, given_files
from voronka.ui.htmx import render_page, toast, trigger, wants_fragment
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Subject

# What is drawn inside a page of ours runs nothing and asks nobody.
FRAMED = (
    "default-src 'none'; img-src 'self'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
)


@require_http_methods(["GET", "POST"])
@workspace_view()
def files(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """The files of a card; POST `files` (several) adds to them."""
    obj = _card(request, kind, pk)
    if request.method == "GET":
        return _panel(request, kind, obj)
    if kind == BOOK_TASK:
        request.member.require(Subject.BOOK, Action.CONFIGURE)  # type: ignore[attr-defined]
    given = given_files(request)
    if not given:
        raise Refused(_("Choose a file."), field="files")
    if len(given) > MOST_AT_ONCE:
        raise Refused(
            _("Not more than %(count)s files go up at once.") % {"count": MOST_AT_ONCE}, field="files"
        )
    also = subjects_of(obj)[1:] if kind == "activity" else _also(kind, obj)
    member: Member = request.member  # type: ignore[attr-defined]
    with listening(request) as heard:
        for name, content in given:
            add_file(actor=member, subject=(kind, pk), name=name, content=content, also=also)
    text = ngettext("File added", "%(count)s files added", len(given)) % {"count": len(given)}
    if not wants_fragment(request):
        return answer(request, heard, text, redirect=_back(request, kind, obj))
    # One undo takes back one file: of several none is offered.
    back = undo_url(request, heard.event) if heard.event and len(given) == 1 else None
    return trigger(toast(_panel(request, kind, obj), text, undo_url=back), "feed:refresh")


def _also(kind: str, obj: Any) -> list[tuple[str, int | None]]:
    if kind == BOOK_TASK:
        return [("stage", obj.stage_id), ("funnel", obj.stage.funnel_id), BOOK_FEED]
    return [("company", obj.company_id), ("person", obj.person_id)] if kind == "deal" else []


def _card(request: HttpRequest, kind: str, pk: int) -> Any:
    """What the files are on: a client, a person, a deal, an activity, a task of the book.

    Raises `Http404`, `Forbidden`.
    """
    if kind == BOOK_TASK:
        request.member.require(Subject.BOOK, Action.SEE)  # type: ignore[attr-defined]
        return get_or_404(StageTask.objects.select_related("stage"), pk)
    if kind != "activity":
        return visible_subject(request, kind, pk)
    member: Member = request.member  # type: ignore[attr-defined]
    member.require(Subject.ACTIVITY, "see")
    return get_or_404(Activity.objects.visible_to(member), pk)


def _rows(request: HttpRequest, kind: str, obj: Any) -> list[FileRow]:
    """The card's own files and those of its activities, newest first."""
    found = files_of(kind, obj.pk)
    if kind in ("activity", BOOK_TASK):
        return [file_row(request, file) for file in found]
    member: Member = request.member  # type: ignore[attr-defined]
    here = Activity.objects.visible_to(member).filter(**{kind: obj})
    found = found | files_of_many("activity", here.values("pk"))
    files = list(found[:MOST_FILES])
    activities = Activity.objects.in_bulk({f.subject_id for f in files if f.subject_kind == "activity"})
    return [
        file_row(request, file, str(activities[file.subject_id]) if file.subject_kind == "activity" else "")
        for file in files
    ]


def _room(kind: str) -> str:
    return {"deal": "deals", "activity": "today", BOOK_TASK: "book"}.get(kind, "clients")


def _back(request: HttpRequest, kind: str, obj: Any) -> str:
    """Where the card is that the files are on."""
    return (
        book_url(request, "book_stage", obj.stage_id) if kind == BOOK_TASK else card_url(request, kind, obj)
    )


def _panel(request: HttpRequest, kind: str, obj: Any) -> HttpResponse:
    context = {
        "room": _room(kind),
        "kind": kind,
        "pk": obj.pk,
        "title": str(obj),
        "back": _back(request, kind, obj),
        "rows": _rows(request, kind, obj),
        "limit": MAX_BYTES // (1 << 20),
        "may_add": kind != BOOK_TASK or request.member.may(Subject.BOOK, Action.CONFIGURE),  # type: ignore[attr-defined]
    }
    return render_page(request, "files/panel.html", context, "panel")


def _visible(request: HttpRequest, pk: int) -> tuple[File, Any]:
    file = get_or_404(File.objects.select_related("author"), pk)
    if file.deleted_at is not None:
        raise Http404
    return file, _card(request, file.subject_kind, file.subject_id)


@require_GET
@workspace_view()
def download(request: HttpRequest, pk: int) -> FileResponse:
    """The file, to be saved, never to be drawn."""
    file, _obj = _visible(request, pk)
    response = _bytes(file)
    response.headers["Content-Type"] = "application/octet-stream"
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name)}"
    return response


@require_GET
@workspace_view()
@xframe_options_sameorigin
def content(request: HttpRequest, pk: int) -> FileResponse:
    """An image or a PDF, to be drawn inside our own preview; anything else is 404."""
    file, _obj = _visible(request, pk)
    if file.content_type not in IMAGES and file.content_type != PDF:
        raise Http404
    response = _bytes(file)
    response.headers["Content-Type"] = file.content_type
    response.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(file.name)}"
    return response


def _bytes(file: File) -> FileResponse:
    try:
        response = FileResponse(default_storage.open(file.path, "rb"))
    except FileNotFoundError:
        raise Http404 from None
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = FRAMED
    response.headers["Cache-Control"] = "private, max-age=0, must-revalidate"
    return response


@require_GET
@workspace_view()
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The dialog that shows an image or a PDF."""
    file, obj = _visible(request, pk)
    row = file_row(request, file)
    if not row.has_preview:
        raise Http404
    context = {
        "row": row,
        "file": file,
        "room": _room(file.subject_kind),
        "back": _back(request, file.subject_kind, obj),
    }
    return render_page(request, "files/preview.html", context, "preview")


@require_POST
@workspace_view()
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the file off the card."""
    file, obj = _visible(request, pk)
    with listening(request) as heard:
        delete_file(file, actor=request.member)  # type: ignore[attr-defined]
    return answer(request, heard, _("File deleted"), redirect=_back(request, file.subject_kind, obj))
