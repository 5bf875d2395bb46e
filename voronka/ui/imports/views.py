"""Imports: what was brought in, bringing files, following an import and taking it back."""

from __future__ import annotations

import datetime as dt
import secrets
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.db import transaction
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
from voronka.integrations.jobs import undo_import as undo_job
from voronka.integrations.spreadsheets import lots, running
from voronka.integrations.spreadsheets.detecting import MATCHED, SUBJECTS, SYSTEMS
from voronka.integrations.spreadsheets.options import Options
from voronka.integrations.spreadsheets.undoing import QUICKLY, objects_of, undo_import
from voronka.ui.access import MemberRequest, workspace_view
from voronka.ui.htmx import done, render_page
from voronka.ui.imports.drafts import batch_or_404, guess_funnel, url
from voronka.ui.settings.tabs import tabs
from voronka.workspaces.rights import Action, Subject

PAGE = 50
DRAFTS_KEPT = dt.timedelta(days=7)
TONES = {
    ImportStatus.DONE: "good", ImportStatus.FAILED: "bad", ImportStatus.RUNNING: "accent", ImportStatus.QUEUED: "accent",
    ImportStatus.CHECKING: "accent", ImportStatus.UNDOING: "accent",
}  # fmt: skip
AT_WORK = (ImportStatus.QUEUED, ImportStatus.RUNNING, ImportStatus.CHECKING, ImportStatus.UNDOING)
ICONS = {
    "companies": "building", "people": "user", "deals": "layout-kanban", "products": "package", "activities": "checkbox", "notes": "note",
}  # fmt: skip


def frame(request: MemberRequest, **context: Any) -> dict[str, Any]:
    """What every page of the room needs."""
    return {"room": "settings", "tab": "imports", "tabs": tabs(request), **context}


def subject_name(subject: str) -> str:
    """What a file holds, in words."""
    return str(SUBJECTS.get(subject, ""))


def system_name(batch: ImportBatch) -> str:
    """The system that wrote the file, if one was recognised."""
    source = batch.options.get("source", "")
    return str(SYSTEMS[source]) if source in SYSTEMS and source != "file" else ""


@workspace_view(Subject.IMPORT, Action.CREATE)
def imports(request: MemberRequest) -> HttpResponse:
    """What was imported, newest first; drafts can be gone on with."""
    found = ImportBatch.objects.filter(lot=None).select_related("member")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    for batch in page:
        running.notice_if_broken(batch)
        batch.tone = TONES.get(batch.status, "")
        batch.what = subject_name(batch.subject)
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
            return HttpResponseRedirect(url(request, "import_files", batch.pk))
    context = frame(
        request,
        problem=problem,
        limit=MAX_BYTES // 1_000_000,
        subjects=[(ICONS[code], label) for code, label in SUBJECTS.items()],
    )
    return render_page(request, "imports/start.html", context, status=422 if problem else 200)


def _taken(request: MemberRequest) -> ImportBatch:
    """Keep the files that came and begin a draft. Raises `Refused` for what cannot be read."""
    given = [one for one in request.FILES.getlist("file") if isinstance(one, UploadedFile)]
    if not given:
        raise Refused(_("Choose a file."), field="file")
    _forget_old_drafts()
    kept: list[lots.Given] = []
    try:
        for one in given:
            kept.append(lots.Given(_kept(one), clean(one.name, 255)))
        unreadable: list[tuple[lots.Given, str]] = []
        batch = lots.begin(kept, member=request.member, unreadable=unreadable)
        for part in lots.all_parts_of(batch):
            guess_funnel(part)
    except Exception:
        for each in kept:
            each.path.unlink(missing_ok=True)
        raise
    for spoilt, _sentence in unreadable:
        spoilt.path.unlink(missing_ok=True)
    return batch


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
    old = ImportBatch.objects.filter(
        lot=None, status=ImportStatus.DRAFT, created_at__lt=clock.now() - DRAFTS_KEPT
    )
    for batch in old:
        running.forget_files(batch, errors=True)
        batch.delete()


def lot_of(request: MemberRequest, pk: int) -> ImportBatch | HttpResponse:
    """The whole import; a part of one leads to it."""
    batch = running.notice_if_broken(batch_or_404(pk))
    if batch.lot_id is not None:
        return HttpResponseRedirect(url(request, "import_one", batch.lot_id))
    return batch


@workspace_view(Subject.IMPORT, Action.CREATE)
def one(request: MemberRequest, pk: int) -> HttpResponse:
    """Where an import is: its wizard, its progress, or what came of it."""
    batch = lot_of(request, pk)
    if isinstance(batch, HttpResponse):
        return batch
    if batch.status == ImportStatus.DRAFT:
        return HttpResponseRedirect(url(request, "import_files", batch.pk))
    return render_page(request, "imports/result.html", _result(request, batch), fragment="result")


def _result(request: MemberRequest, batch: ImportBatch) -> dict[str, Any]:
    return frame(
        request,
        batch=batch,
        parts=[shown_part(part, part.result) for part in lots.parts_of(batch)],
        is_lot=batch.subject == lots.LOT,
        undone=batch.result.get("undone"),
        is_running=batch.status in AT_WORK,
        **_job(request, batch),
    )


def shown_part(part: ImportBatch, summary: dict[str, Any]) -> dict[str, Any]:
    """One file of an import as pages show it: what it holds, the counts of *summary*."""
    return {
        "batch": part,
        "icon": ICONS.get(part.subject, "file-spreadsheet"),
        "what": subject_name(part.subject),
        "system": system_name(part),
        "summary": summary,
        "matched": [
            (MATCHED[how], count) for how, count in summary.get("matched", {}).items() if how in MATCHED
        ],
        "columns": len(Options.load(part.options).columns),
    }


def _job(request: MemberRequest, batch: ImportBatch) -> dict[str, Any]:
    """What `components/job.html` draws."""
    leave = _("You can leave this page: the bell will tell when it is done.")
    words = {
        ImportStatus.QUEUED: _("Waiting for its turn."),
        ImportStatus.CHECKING: _("The files are being looked through."),
        ImportStatus.UNDOING: _("What the import brought is being taken away."),
    }
    reading = _("The files are being read.") if batch.done_rows <= 40 else _("All of it is being written.")
    return {
        "job_url": url(request, "import_progress", batch.pk),
        "job_title": {
            ImportStatus.CHECKING: _("Check of the files"),
            ImportStatus.UNDOING: _("Undoing the import"),
        }.get(ImportStatus(batch.status), _("Moving from an old system")),
        "job_percent": batch.done_rows if batch.started_at and batch.status != ImportStatus.QUEUED else None,
        "job_note": f"{words.get(ImportStatus(batch.status), reading)} {leave}",
    }


@workspace_view(Subject.IMPORT, Action.CREATE)
def progress(request: MemberRequest, pk: int) -> HttpResponse:
    """How far it is; asked every second. When it is over, the page is loaded anew."""
    batch = running.notice_if_broken(batch_or_404(pk))
    if batch.status not in AT_WORK:
        response = HttpResponse(status=204)
        looked = batch.status == ImportStatus.DRAFT
        response.headers["HX-Redirect"] = url(request, "import_preview" if looked else "import_one", batch.pk)
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
    """Take the import back: at once when it is small, else in the background."""
    batch = batch_or_404(pk)
    if objects_of(batch) > QUICKLY:
        with transaction.atomic():
            batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
            if batch.lot_id is not None or batch.status not in (ImportStatus.DONE, ImportStatus.UNDOING):
                raise Refused(_("Only an import that is done can be undone."))
            if batch.status == ImportStatus.DONE:
                batch.status, batch.started_at, batch.done_rows = ImportStatus.UNDOING, None, 0
                batch.save(update_fields=["status", "started_at", "done_rows"])
                undo_job.defer(workspace_id=batch.workspace_id, batch=batch.pk, member=request.member.pk)
        return done(
            request, _("The import is being undone"), redirect=url(request, "import_one", pk), go=True
        )
    undone = undo_import(batch, actor=request.member)
    count = undone.deals + undone.others
    text = ngettext("%(count)s record removed", "%(count)s records removed", count) % {"count": number(count)}
    return done(request, text, redirect=url(request, "import_one", pk), go=True)


@require_POST
@workspace_view(Subject.IMPORT, Action.CREATE)
def discard(request: MemberRequest, pk: int) -> HttpResponse:
    """Throw a draft, or a failed import, away with its files."""
    batch = batch_or_404(pk)
    if batch.lot is not None:
        batch = batch.lot
    if batch.status not in (ImportStatus.DRAFT, ImportStatus.FAILED):
        raise Refused(_("This import has been started already."))
    running.forget_files(batch, errors=True)
    batch.delete()
    return done(request, _("The files were thrown away"), redirect=url(request, "imports"), go=True)
