"""Work on many rows and exports: what is asked first, how far it is, what came of it, the file, the way back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from voronka.core import clock, formats
from voronka.core.errors import Refused
from voronka.deals.handing.sharing_out import RULES
from voronka.desk.jobs import run_list_job
from voronka.desk.lists import bulk, exporting
from voronka.desk.lists.fields import TIMES, Field, Kind
from voronka.desk.lists.models import JobKind, JobStatus, ListJob
from voronka.desk.models import Tag
from voronka.playbook.models import ActivityKind, Reason
from voronka.ui.access import get_or_404, workspace_view
from voronka.ui.htmx import done, render_page, toast, trigger, wants_fragment
from voronka.ui.lists.editing import editor_type, options_for, posted, source_url
from voronka.ui.lists.screens import Screen, get_screen
from voronka.ui.lists.state import ListState, read
from voronka.ui.lists.table import with_columns
from voronka.ui.navigation import workspace_url
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action

MOST_LISTED = 100


@require_http_methods(["GET", "POST"])
@workspace_view()
def bulk_dialog(request: HttpRequest, code: str, verb: str) -> HttpResponse:
    """What the verb needs to know (GET), and its carrying out (POST).

    The rows are `ids`, or everything found (`all=1`) by the state in the address.
    """
    screen = get_screen(code)
    member: Member = request.member  # type: ignore[attr-defined]
    try:
        wanted = bulk.find_verb(screen.listing, member, verb)
    except KeyError:
        raise Http404 from None
    if request.method == "POST":
        state = read(request, screen)
        ids = _ids(request.POST, state)
        params = _params(request.POST, screen, member, wanted.code)
        job = bulk.ask(screen.listing, wanted, actor=member, ids=ids, params=params)
        return _carry_out(request, job)
    state = read(request, screen)
    count = _count(request.GET, state)
    slug = request.workspace.slug  # type: ignore[attr-defined]
    context = {
        "room": screen.room,
        "screen": screen,
        "state": state,
        "verb": wanted,
        "counted": screen.listing.counted(count),
        "count": count,
        "ids": request.GET.get("ids", "")[:400_000],
        "every": request.GET.get("all", ""),
        "url": workspace_url("list_bulk", slug, code, verb) + f"?{state.query()}",
        "back": f"{screen.url(slug)}?{state.query()}",
        "too_many": count > bulk.MOST_ROWS,
        **_asked(request, screen, state, wanted.needs),
    }
    return render_page(request, "lists/bulk.html", context, fragment="form")


def _asked(request: HttpRequest, screen: Screen, state: ListState, needs: str) -> dict[str, Any]:
    """Choices for what the verb asks."""
    slug = request.workspace.slug  # type: ignore[attr-defined]
    if needs == "owner":
        return {"options": [(row.pk, row.name) for row in Member.objects.active()]}
    if needs == "sharing":
        return {
            "options": [(row.pk, row.name) for row in Member.objects.active()],
            "rules": list(RULES.items()),
        }
    if needs == "stage":
        field = screen.listing.fields_for(state.member).get("stage")
        return {"options": list(field.options()) if field and field.options else []}
    if needs == "reason":
        return {
            "options": [(row.pk, row.name) for row in Reason.objects.filter(kind="lost", archived_at=None)]
        }
    if needs == "tag":
        return {"options": [(row.pk, row.name) for row in Tag.objects.all()]}
    if needs == "plan":
        return {
            "options": [(row.pk, row.name) for row in ActivityKind.objects.filter(archived_at=None)],
            "today": clock.today().isoformat(),
        }
    if needs == "day":
        return {"today": clock.today().isoformat()}
    if needs == "field":
        # The name of a row is its own: nobody gives one to many.
        editable = [f for f in state.fields.values() if f.editable and f.name != screen.listing.main]
        name = request.GET.get("field", "")
        field = next((known for known in editable if known.name == name), None) or _shared(editable)
        if field is None:
            return {"editable": []}
        return {
            "editable": editable,
            "field": field,
            "may_be_empty": field.nullable or field.kind == Kind.LONGTEXT,
            "type": editor_type(field),
            "options": options_for(field, ""),
            "source": source_url(field, slug),
            "field_url": workspace_url("list_bulk", slug, screen.code, "set"),
        }
    return {}


def _shared(editable: list[Field]) -> Field | None:
    """The field that is changed for many soonest: one of a few values or a day, not somebody (handing over is a verb)."""
    few = [known for known in editable if known.kind in (Kind.CHOICE, Kind.DICTIONARY, *TIMES)]
    return next(iter([*few, *editable]), None)


def _params(given: QueryDict, screen: Screen, member: Member, verb: str) -> dict[str, Any]:
    """What was posted for the verb, as it is kept with the job."""
    if verb == "set":
        field = screen.listing.fields_for(member).get(given.get("field", ""))
        if field is None:
            raise Refused(_("Choose the field to change."), field="field")
        return {"field": field.name, "value": posted(field, given.getlist("value"))}
    skipped = {"ids", "all", "csrfmiddlewaretoken", "once"}
    return {
        name: values if len(values) > 1 else values[-1]
        for name, values in given.lists()
        if name not in skipped and values
    }


def _ids(given: QueryDict, state: ListState) -> list[int]:
    if given.get("all") == "1":
        return list(state.rows().order_by("pk").values_list("pk", flat=True)[: bulk.MOST_ROWS + 1])
    texts = [part for part in given.get("ids", "").split(",") if part.isascii() and part.isdecimal()]
    chosen = [int(part) for part in texts[: bulk.MOST_ROWS + 1] if len(part) < 19]
    # Only what the list shows: an id out of reach is as good as none.
    seen = set(
        state.listing.rows(state.member, Action.SEE, state.where)
        .filter(pk__in=chosen)
        .values_list("pk", flat=True)
    )
    return [pk for pk in chosen if pk in seen]


def _count(given: QueryDict, state: ListState) -> int:
    if given.get("all") == "1":
        return state.rows().order_by().count()
    return len([part for part in given.get("ids", "").split(",") if part.isdecimal()])


def _carry_out(request: HttpRequest, job: ListJob) -> HttpResponse:
    """At once when it is little, else in the background; the dialog shows how far it is, then what came of it."""
    if job.total <= bulk.AT_ONCE and job.kind != JobKind.EXPORT:
        bulk.run(job)
    else:
        run_list_job.defer(workspace_id=job.workspace_id, job=job.pk)
    return _job_answer(request, job)


def _job_answer(request: HttpRequest, job: ListJob) -> HttpResponse:
    slug = request.workspace.slug  # type: ignore[attr-defined]
    if not wants_fragment(request):
        return done(request, job.title, redirect=workspace_url("list_job", slug, job.pk))
    if job.kind != JobKind.EXPORT and job.status == JobStatus.DONE and not job.result.get("refused"):
        # Nothing to read: a toast with the way back is enough.
        response = HttpResponse(status=204)
        trigger(response, "dialog:close")
        trigger(response, "refresh")
        undo = workspace_url("list_job_undo", slug, job.pk) if _may_undo(job) else None
        return toast(response, f"{job.title}. {_sentence(bulk.summary(job))}", undo_url=undo)
    response = render_page(request, "lists/job.html", job_context(request, job), fragment="dialog")
    return (
        trigger(response, "refresh")
        if job.status == JobStatus.DONE and job.kind != JobKind.EXPORT
        else response
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def _may_undo(job: ListJob) -> bool:
    return job.kind == JobKind.BULK and bool(job.result.get("changed"))


def job_context(request: HttpRequest, job: ListJob) -> dict[str, Any]:
    """What the page and the dialog of a job draw."""
    slug = request.workspace.slug  # type: ignore[attr-defined]
    running = not job.is_over
    refusals = job.refusals[:MOST_LISTED]
    screen = get_screen(job.subject)
    rows = {
        row.pk: screen.row_url(row, slug)
        for row in screen.listing.base().filter(pk__in=[pk for pk, _name, _why in refusals])
    }
    if job.kind == JobKind.EXPORT:
        note = _("The file is being written.") if running else job.message
    else:
        note = (
            _("You can leave this page: the bell will tell when it is done.")
            if running
            else job.message or _sentence(bulk.summary(job))
        )
    expired = job.kind == JobKind.EXPORT and job.status == JobStatus.DONE and not job.file_path
    return {
        "room": screen.room,
        "screen": screen,
        "job": job,
        "running": running,
        "failed": job.status == JobStatus.FAILED,
        "percent": job.done * 100 // job.total if job.total else None,
        "note": note,
        "why": sorted(job.result.get("why", {}).items(), key=lambda pair: -pair[1]),
        "refusals": [(name, why, rows.get(pk, "")) for pk, name, why in refusals],
        "more_refusals": max(job.result.get("refused", 0) - len(refusals), 0),
        "job_url": workspace_url("list_job", slug, job.pk),
        "file_url": workspace_url("list_job_file", slug, job.pk) if job.file_path else "",
        "file_rows": screen.listing.counted(job.total),
        "expired": expired,
        "kept_days": exporting.KEPT_DAYS,
        "undo_url": workspace_url("list_job_undo", slug, job.pk)
        if job.is_over and _may_undo(job) and (job.event is None or job.event.undone_by_id is None)
        else "",
        "list_url": screen.url(slug),
        "rows_shown": formats.number(job.total),
    }


def _own(request: HttpRequest, pk: int) -> ListJob:
    """One's own job: what others exported or changed is in the log, not here."""
    jobs: Any = ListJob.objects.filter(member=request.member).select_related("member__workspace", "event")  # type: ignore[attr-defined]
    return get_or_404(jobs, pk)


@workspace_view()
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a job is and what came of it; asked every second while it runs."""
    found = _own(request, pk)
    fragment = "progress" if request.GET.get("part") == "progress" else "dialog"
    response = render_page(request, "lists/job.html", job_context(request, found), fragment=fragment)
    if fragment == "progress" and found.is_over and wants_fragment(request) and found.kind != JobKind.EXPORT:
        trigger(response, "refresh")
    return response


@workspace_view()
def job_file(request: HttpRequest, pk: int) -> Any:
    """The exported file: for whoever exported it, while the right to export lasts."""
    found = _own(request, pk)
    screen = get_screen(found.subject)
    screen.listing.require(request.member, Action.EXPORT)  # type: ignore[attr-defined]
    path = Path(found.file_path) if found.file_path else None
    if path is None or exporting.is_expired(found) or not path.is_file():
        raise Http404
    response = FileResponse(path.open("rb"), as_attachment=True, filename=found.file_name)
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_POST
@workspace_view()
def job_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a whole bulk action back."""
    back = bulk.ask_undo(_own(request, pk), actor=request.member)  # type: ignore[attr-defined]
    if back.total <= bulk.AT_ONCE:
        bulk.run(back)
        slug = request.workspace.slug  # type: ignore[attr-defined]
        text = _sentence(bulk.summary(back))
        return done(
            request,
            text,
            redirect=workspace_url("list_job", slug, back.pk),
            go=bool(back.result.get("refused")),
            level="warning" if back.result.get("refused") else "success",
        )
    run_list_job.defer(workspace_id=back.workspace_id, job=back.pk)
    return done(
        request,
        back.title,
        redirect=workspace_url("list_job", request.workspace.slug, back.pk),  # type: ignore[attr-defined]
        go=True,
    )


@require_http_methods(["GET", "POST"])
@workspace_view()
def export(request: HttpRequest, code: str) -> HttpResponse:
    """Choose a format (GET); write exactly what the list shows into a file (POST)."""
    screen = get_screen(code)
    member: Member = request.member  # type: ignore[attr-defined]
    screen.listing.require(member, Action.EXPORT)
    state = with_columns(read(request, screen), request.GET.get("columns", ""))
    slug = request.workspace.slug  # type: ignore[attr-defined]
    if request.method == "POST":
        chosen = request.POST.get("ids", "") and request.POST.get("all") != "1"
        found = exporting.ask(
            screen.listing,
            actor=member,
            where=state.where,
            search=state.search,
            sort=state.sort,
            columns=[field.name for field in state.columns],
            ids=_ids(request.POST, state) if chosen else None,
            kind=request.POST.get("format", "xlsx"),
        )
        return _carry_out(request, found)
    ids = "" if request.GET.get("all") == "1" else request.GET.get("ids", "")[:400_000]
    rows = state.rows(Action.EXPORT)
    count = len([part for part in ids.split(",") if part.isdecimal()]) if ids else rows.order_by().count()
    context = {
        "room": screen.room,
        "screen": screen,
        "state": state,
        "counted": screen.listing.counted(count),
        "ids": ids,
        "url": workspace_url("list_export", slug, code)
        + f"?{state.query()}&columns={','.join(field.name for field in state.columns)}",
        "back": f"{screen.url(slug)}?{state.query()}",
    }
    return render_page(request, "lists/export.html", context, fragment="form")
