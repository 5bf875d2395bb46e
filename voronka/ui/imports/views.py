"""Imports: what was brought in, bringing a file, following one and taking it back."""

from __future__ import annotations

import datetime as dt
import secrets
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from voronka.core import clock
from voronka.core.errors import Refused
from voronka.core.formats import number
from voronka.core.spreadsheets.reading import MAX_BYTES
from voronka.core.text import clean
from voronka.desk.models import ImportBatch, ImportStatus
from voronka.integrations.spreadsheets import running
from voronka.integrations.spreadsheets.undoing import undo_import
from voronka.ui.access import MemberRequest, get_or_404, workspace_view
from voronka.ui.htmx import done, render_page
from voronka.ui.navigation import workspace_url
from voronka.ui.settings.tabs import tabs
from voronka.workspaces.rights import Action, Subject

PAGE = 50
DRAFTS_KEPT = dt.timedelta(days=7)
TONES = {
    ImportStatus.DONE: "good", ImportStatus.FAILED: "bad", ImportStatus.RUNNING: "accent", ImportStatus.QUEUED: "accent",
}  # fmt: skip


def frame(request: MemberRequest, **context: Any) -> dict[str, Any]:
    """What every page of the room needs."""
    return {"room": "settings", "tab": "imports", "tabs": tabs(request), **context}


def url(request: MemberRequest, name: str, *args: Any) -> str:
    """An address of this workspace."""
    return workspace_url(name, request.workspace.slug, *args)


def batch_or_404(pk: int) -> ImportBatch:
    """The import, whoever of those who may import began it."""
    return get_or_404(ImportBatch.objects.select_related("member", "member__user", "member__workspace"), pk)


@workspace_view(Subject.IMPORT, Action.CREATE)
def imports(request: MemberRequest) -> HttpResponse:
    """What was imported, newest first; drafts can be gone on with."""
    found = ImportBatch.objects.select_related("member")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    for batch in page:
        running.notice_if_broken(batch)
        batch.tone = TONES.get(batch.status, "")
    return render_page(request, "imports/list.html", frame(request, page=page), fragment="list")


@workspace_view(Subject.IMPORT, Action.CREATE)
def start(request: MemberRequest) -> HttpResponse:
    """Choose the files."""
    problem = None
    if request.method == "POST":
        try:
            batch = _taken(request)
        except Refused as refusal:
            problem = refusal
        else:
            return HttpResponseRedirect(url(request, "import_columns", batch.pk))
    context = frame(request, problem=problem, limit=MAX_BYTES // 1_000_000)
    return render_page(request, "imports/start.html", context, status=422 if problem else 200)


def _taken(request: MemberRequest) -> ImportBatch:
    """Keep the files that came and begin a draft. Raises `Refused` for what cannot be read."""
    given, history = request.FILES.get("file"), request.FILES.get("history")
    if not isinstance(given, UploadedFile):
        raise Refused(_("Choose a file."), field="file")
    _forget_old_drafts()
    paths: list[Path] = []
    try:
        paths.append(_kept(given))
        if isinstance(history, UploadedFile):
            paths.append(_kept(history))
        files = running.open_files(
            paths[0],
            given.name or "",
            history=paths[1] if len(paths) > 1 else None,
            history_name=(history.name or "") if isinstance(history, UploadedFile) else "",
        )
        return ImportBatch.objects.create(
            subject="deals",
            member=request.member,
            file_name=clean(given.name, 255),
            file_path=str(paths[0]),
            history_name=clean(history.name, 255) if isinstance(history, UploadedFile) else "",
            history_path=str(paths[1]) if len(paths) > 1 else "",
            options=running.first_options(files).dump(),
            total_rows=files.deals.count,
        )
    except Exception:
        for path in paths:
            path.unlink(missing_ok=True)
        raise


def _kept(given: UploadedFile) -> Path:
    if (given.size or 0) > MAX_BYTES:
        raise Refused(
            _("The file is bigger than %(limit)s MB. Split it into parts.")
            % {"limit": MAX_BYTES // 1_000_000},
            field="file",
        )
    # The name is ours: nothing of a stranger's name gets into a path.
    path = running.files_folder() / f"{secrets.token_hex(16)}.upload"
    with path.open("wb") as kept:
        for chunk in given.chunks():
            kept.write(chunk)
    return path


def _forget_old_drafts() -> None:
    old = ImportBatch.objects.filter(status=ImportStatus.DRAFT, created_at__lt=clock.now() - DRAFTS_KEPT)
    for batch in old:
        running.forget_files(batch, errors=True)
        batch.delete()


@workspace_view(Subject.IMPORT, Action.CREATE)
def one(request: MemberRequest, pk: int) -> HttpResponse:
    """Where an import is: its wizard, its progress, or what came of it."""
    batch = running.notice_if_broken(batch_or_404(pk))
    if batch.status == ImportStatus.DRAFT:
        return HttpResponseRedirect(url(request, "import_columns", batch.pk))
    return render_page(request, "imports/result.html", _result(request, batch), fragment="result")


def _result(request: MemberRequest, batch: ImportBatch) -> dict[str, Any]:
    running_now = batch.status in (ImportStatus.QUEUED, ImportStatus.RUNNING)
    return frame(
        request,
        batch=batch,
        result=batch.result,
        undone=batch.result.get("undone"),
        is_running=running_now,
        **_job(request, batch),
    )


def _job(request: MemberRequest, batch: ImportBatch) -> dict[str, Any]:
    """What `components/job.html` draws."""
    if batch.status == ImportStatus.QUEUED:
        note = _("Waiting for its turn. You can leave this page: the bell will tell when it is done.")
    elif batch.done_rows <= 40:
        note = _("The file is being read. You can leave this page: the bell will tell when it is done.")
    else:
        note = _("The deals are being written. You can leave this page: the bell will tell when it is done.")
    return {
        "job_url": url(request, "import_progress", batch.pk),
        "job_percent": batch.done_rows if batch.status == ImportStatus.RUNNING else None,
        "job_note": note,
    }


@workspace_view(Subject.IMPORT, Action.CREATE)
def progress(request: MemberRequest, pk: int) -> HttpResponse:
    """How far it is; asked every second. When it is over, the page is loaded anew."""
    batch = running.notice_if_broken(batch_or_404(pk))
    if batch.status not in (ImportStatus.QUEUED, ImportStatus.RUNNING):
        response = HttpResponse(status=204)
        response.headers["HX-Redirect"] = url(request, "import_one", batch.pk)
        return response
    return render_page(request, "imports/result.html", _result(request, batch), fragment="job")


@workspace_view(Subject.IMPORT, Action.CREATE)
def errors(request: MemberRequest, pk: int) -> Any:
    """The rows that were not taken, with their reasons."""
    batch = batch_or_404(pk)
    path = Path(batch.error_path) if batch.error_path else None
    if path is None or not path.is_file() or path.suffix != ".xlsx":
        raise Http404
    name = _("Rejected rows of %(file)s") % {"file": Path(batch.file_name).stem}
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"{clean(name, 150)}.xlsx")


@require_POST
@workspace_view(Subject.IMPORT, Action.CREATE)
def undo(request: MemberRequest, pk: int) -> HttpResponse:
    """Take the import back."""
    batch = batch_or_404(pk)
    undone = undo_import(batch, actor=request.member)
    text = ngettext("%(count)s deal removed", "%(count)s deals removed", undone.deals) % {
        "count": number(undone.deals)
    }
    return done(request, text, redirect=url(request, "import_one", pk), go=True)


@require_POST
@workspace_view(Subject.IMPORT, Action.CREATE)
def discard(request: MemberRequest, pk: int) -> HttpResponse:
    """Throw a draft, or a failed import, away with its files."""
    batch = batch_or_404(pk)
    if batch.status not in (ImportStatus.DRAFT, ImportStatus.FAILED):
        raise Refused(_("This import has been started already."))
    running.forget_files(batch, errors=True)
    batch.delete()
    return done(request, _("The file was thrown away"), redirect=url(request, "imports"), go=True)
