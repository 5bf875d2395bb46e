"""The steps of the wizard: what the files are, what the columns are, what the stages mean, what will come of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from voronka.core.errors import Refused
from voronka.core.formats import numeric_date
from voronka.core.spreadsheets import Table
from voronka.core.text import clean, clip, fold
from voronka.desk.fields.actions import create_field
from voronka.desk.fields.models import FieldKind
from voronka.desk.models import ImportBatch, ImportStatus
from voronka.integrations.jobs import look_through, run_import
from voronka.integrations.spreadsheets import lots, running
from voronka.integrations.spreadsheets.columns import without_turn
from voronka.integrations.spreadsheets.detecting import SUBJECTS
from voronka.integrations.spreadsheets.fields import (
    FIELDS,
    REQUIRED,
    base_name,
    fields_for,
    label_of,
    match,
    numbered,
)
from voronka.integrations.spreadsheets.kept import kept_columns
from voronka.integrations.spreadsheets.more_fields import NEED_ONE
from voronka.integrations.spreadsheets.options import Options, check_columns
from voronka.integrations.spreadsheets.own_fields import SUBJECTS as OWN_SUBJECTS
from voronka.integrations.spreadsheets.own_fields import own_fields
from voronka.integrations.spreadsheets.words import propose, usual_order
from voronka.playbook.models import Funnel
from voronka.ui.access import MemberRequest, workspace_view
from voronka.ui.htmx import render_page
from voronka.ui.imports.answers import marks_of
from voronka.ui.imports.drafts import (
    after,
    batch_or_404,
    draft,
    file_of_draft,
    forget_preview,
    free_name,
    guess_funnel,
    keep,
    likely_funnel,
    opened,
    url,
    values_of,
    where_deals_go,
)
from voronka.ui.imports.views import frame, shown_part, subject_name, system_name
from voronka.workspaces.rights import Action, Subject

SAMPLES = 3
MOST_VALUES = 100


# A larger import is looked through in the background.
AT_ONCE = 3_000
NEW_FIELD = "+"


# --- files


@workspace_view(Subject.IMPORT, Action.CREATE)
def files(request: MemberRequest, pk: int) -> HttpResponse:
    """What each file was recognised as, and what is still to be said of it."""
    batch = draft(request, pk)
    if isinstance(batch, HttpResponse):
        return batch
    if batch.lot_id is not None:
        return HttpResponseRedirect(url(request, "import_files", batch.lot_id))
    parts = []
    for part in lots.all_parts_of(batch):
        is_out = bool(part.options.get("leave_out"))
        parts.append(
            {
                **shown_part(part, {}),
                "is_out": is_out,
                "problem": "" if is_out else _missing(part),
                "goes": "" if is_out else where_deals_go(part),
            }
        )
    context = frame(
        request,
        batch=batch,
        step="files",
        parts=parts,
        subjects=list(SUBJECTS.items()),
        unreadable=batch.options.get("unreadable", ()) if batch.subject == lots.LOT else (),
        ready=not any(part["problem"] for part in parts) and not all(part["is_out"] for part in parts),
        is_lot=batch.subject == lots.LOT,
    )
    return render_page(request, "imports/files.html", context)


def _missing(part: ImportBatch) -> str:
    """What must be said of the columns before the file can be taken; "" when nothing is missing."""
    names = {base_name(name) for name in Options.load(part.options).columns}
    missing = REQUIRED[part.subject] - names
    one_of = NEED_ONE.get(part.subject, frozenset[str]())
    if missing:
        labels = ", ".join(label_of(part.subject, name) for name in sorted(missing))
        return _("Say which column is: %(names)s.") % {"names": labels}
    if one_of and not one_of & names:
        labels = ", ".join(label_of(part.subject, name) for name in sorted(one_of))
        return _("Say which column is one of: %(names)s.") % {"names": labels}
    return ""


@require_POST
@workspace_view(Subject.IMPORT, Action.CREATE)
def subject(request: MemberRequest, pk: int) -> HttpResponse:
    """The file holds something else than was recognised."""
    batch = file_of_draft(request, pk)
    if isinstance(batch, HttpResponse):
        return batch
    guess_funnel(lots.take_for(batch, request.POST.get("subject", "")))
    forget_preview(batch)
    return HttpResponseRedirect(url(request, "import_files", batch.lot_id or batch.pk))


# --- columns


@dataclass
class ShownColumn:
    """A column of the file: its form field, title, first values and what it is taken for."""

    name: str
    title: str
    samples: list[str]
    field: str


def _shown(table: Table, chosen: dict[str, str], prefix: str) -> list[ShownColumn]:
    rows = table.sample(30)
    by_title = {title: base_name(field) for field, title in chosen.items()}
    columns = []
    for index, title in enumerate(table.header):
        values = dict.fromkeys(_cell(row.cells[index]) for row in rows)
        samples = [clip(value, 40) for value in values if value][:SAMPLES]
        columns.append(ShownColumn(f"{prefix}{index}", title, samples, by_title.get(title, "")))
    return columns


def _cell(value: Any) -> str:
    return numeric_date(value) if hasattr(value, "year") else clean(value)


def _posted(request: MemberRequest, table: Table, kind: str, prefix: str) -> dict[str, str]:
    chosen: list[tuple[str, str]] = []
    taken: set[str] = set()
    for index, title in enumerate(table.header):
        field = request.POST.get(f"{prefix}{index}", "")
        if not field:
            continue
        if field == NEW_FIELD and kind in OWN_SUBJECTS:
            field = create_field(
                actor=request.member, subject=OWN_SUBJECTS[kind], label=title[:100], kind=FieldKind.TEXT
            ).name
        known = next((one for one in fields_for(kind) if one.name == field), None)
        repeats = known is not None and (known.many or without_turn(title) != title)
        if field in taken and not repeats:
            raise Refused(
                _("“%(field)s” is chosen for two columns.") % {"field": known.label if known else field}
            )
        taken.add(field)
        chosen.append((field, title))
    return check_columns(numbered(chosen), table.header, kind)


@workspace_view(Subject.IMPORT, Action.CREATE)
def columns(request: MemberRequest, pk: int) -> HttpResponse:
    """Which column is which."""
    batch = file_of_draft(request, pk)
    if isinstance(batch, HttpResponse):
        return batch
    kind = batch.subject
    options = Options.load(batch.options)
    problem: Refused | None = None
    if sheet := request.GET.get("sheet", "")[:200]:
        options = Options(
            sheet=sheet, source=options.source, history_columns=options.history_columns, only=options.only
        )
    files = opened(batch, options)
    if sheet:
        options.columns = match(files.deals.header, kind)
        options.sheet = files.deals.sheet
        keep(batch, options)
    if request.method == "POST":
        try:
            options.columns = _posted(request, files.deals, kind, "c")
            if files.history is not None:
                options.history_columns = _posted(request, files.history, "history", "h")
        except Refused as refusal:
            problem = refusal
            options.columns = numbered(
                (request.POST[f"c{i}"], title)
                for i, title in enumerate(files.deals.header)
                if request.POST.get(f"c{i}") not in (None, "", NEW_FIELD)
            )
        else:
            keep(batch, options)
            if kind == "deals":
                return HttpResponseRedirect(url(request, "import_stages", pk))
            return after(request, batch)
    shown = _shown(files.deals, options.columns, "c")
    kept = kept_columns(kind, request.member)
    own = [one for one in own_fields(kind) if one.name not in kept]
    context = frame(
        request,
        batch=batch,
        step="columns",
        problem=problem,
        what=subject_name(kind),
        system=system_name(batch),
        columns=shown,
        matched=sum(bool(column.field) for column in shown),
        fields=[one for one in FIELDS[kind] if one.name not in kept],
        own=own,
        may_make=kind in OWN_SUBJECTS and request.member.may(Subject.WORKSPACE, Action.CONFIGURE),
        history=_shown(files.history, options.history_columns, "h") if files.history else None,
        history_fields=FIELDS["history"],
        history_done=REQUIRED["history"] <= set(options.history_columns),
        sheets=files.deals.sheets if len(files.deals.sheets) > 1 else (),
        sheet=files.deals.sheet,
        rows=files.deals.count,
    )
    return render_page(request, "imports/columns.html", context, status=422 if problem else 200)


# --- stages and the rest


@dataclass
class ShownValue:
    """A value of the stage column: how many rows have it and what it is taken for."""

    value: str
    count: int
    chosen: str


def _funnel_chosen(request: MemberRequest, options: Options, funnels: list[Funnel], met: Counter[str]) -> str:
    """The name of the funnel the deals go to: asked for, answered before, or the likeliest one."""
    data = request.POST if request.method == "POST" else request.GET
    given = data.get("funnel")
    likely = None if given or options.funnel else likely_funnel(options, funnels, met)
    if given == "new" or (given is None and not options.funnel and likely is None):
        there = any(fold(funnel.name) == fold(options.funnel) for funnel in funnels)
        usual = options.funnel if options.funnel and not there else _("Sales")
        return clean(data.get("new_funnel", ""), 150) or free_name(usual, funnels)
    if given is not None:
        return next((f.name for f in funnels if str(f.pk) == given), options.funnel)
    return options.funnel or (likely.name if likely else "")


@workspace_view(Subject.IMPORT, Action.CREATE)
def stages(request: MemberRequest, pk: int) -> HttpResponse:
    """Into which funnel, what the values of the stage column mean, and what to do where the file is silent."""
    batch = file_of_draft(request, pk, subject="deals")
    if isinstance(batch, HttpResponse):
        return batch
    options = Options.load(batch.options)
    files = opened(batch, options)
    funnels = list(Funnel.objects.filter(archived_at=None))
    met = values_of(files, options)
    options.funnel = _funnel_chosen(request, options, funnels, met)
    problem: Refused | None = None
    if request.method == "POST":
        options.default_opened = request.POST.get("default_opened", "").strip()
        options.lost_stage = "last" if request.POST.get("lost_stage") == "last" else "first"
        values, meanings = request.POST.getlist("value"), request.POST.getlist("meaning")
        options.stages = {v: clean(m, 100) or v for v, m in zip(values, meanings, strict=False)}
        # With a history the deals themselves tell the order.
        ordered = [m for m in options.stages.values() if not m.startswith("=")]
        options.stage_order = [] if files.history is not None else ordered
        try:
            options.check_day()
        except Refused as refusal:
            problem = refusal
        else:
            keep(batch, options)
            return after(request, batch)
    _default, known = running.targets(files, options)
    named = {fold(value): meaning for value, meaning in options.stages.items()}
    proposed = propose(met, known)
    ordered = _ordered(met, proposed, options, has_history=files.history is not None)
    chosen_funnel = next((f for f in funnels if fold(f.name) == fold(options.funnel)), None)
    context = frame(
        request,
        batch=batch,
        step="stages",
        problem=problem,
        funnels=funnels,
        funnel=chosen_funnel,
        new_name=options.funnel if chosen_funnel is None else "",
        by_column=options.columns.get("funnel"),
        values=[ShownValue(v, met[v], named.get(fold(v)) or proposed[v]) for v in ordered[:MOST_VALUES]],
        too_many=len(ordered) > MOST_VALUES,
        known=list(known.values()),
        known_keys=set(known),
        has_history=files.history is not None,
        has_opened="opened_at" in options.columns or files.history is not None,
        options=options,
    )
    return render_page(
        request, "imports/stages.html", context, fragment="form", status=422 if problem else 200
    )


def _ordered(
    met: Counter[str], proposed: dict[str, str], options: Options, *, has_history: bool
) -> list[str]:
    """The values as they are listed: stages in their order, those that close deals behind them."""
    open_values = [value for value in met if not proposed[value].startswith("=")]
    if options.stage_order:
        places = {fold(name): place for place, name in enumerate(options.stage_order)}
        open_values.sort(key=lambda value: places.get(fold(proposed[value]), len(places)))
    elif not has_history:
        open_values = usual_order(open_values)
    return [*open_values, *(value for value in met if proposed[value].startswith("="))]


# --- preview


@workspace_view(Subject.IMPORT, Action.CREATE)
def preview(request: MemberRequest, pk: int) -> HttpResponse:
    """A dry run of all files: the first rows as they will be, counts, and what will not be taken.

    A large import is looked through in the background; the page then waits for it.
    """
    batch = draft(request, pk)
    if isinstance(batch, HttpResponse):
        return batch
    if batch.lot_id is not None:
        return HttpResponseRedirect(url(request, "import_preview", batch.lot_id))
    message = ""
    if "preview" not in batch.result:
        if request.GET.get("again") or not batch.message or batch.status == ImportStatus.FAILED:
            if batch.total_rows > AT_ONCE:
                _look_later(batch)
                return HttpResponseRedirect(url(request, "import_one", batch.pk))
            running.look_through(batch)
        message = batch.message
    parts = []
    for part in lots.parts_of(batch) if not message else ():
        seen = part.result.get("preview", {})
        summary = seen.get("summary", {})
        may_make = request.member.may(Subject.WORKSPACE, Action.CONFIGURE)
        marks = marks_of(part.subject, summary.get("left_out", ())) if may_make else []
        parts.append({**shown_part(part, summary), "seen": seen, "marks": marks})
    nothing = bool(parts) and all(part["seen"].get("nothing") for part in parts)
    context = frame(
        request,
        batch=batch,
        step="preview",
        problem=Refused(message) if message else None,
        # The question about the funnel is answered on a page of its own.
        deals=next((part for part in lots.parts_of(batch) if part.subject == "deals"), None)
        if message
        else None,
        parts=parts,
        nothing=nothing,
        rejected=sum(part["summary"].get("rejected", 0) for part in parts),
        is_lot=batch.subject == lots.LOT,
    )
    return render_page(request, "imports/preview.html", context, status=422 if message else 200)


def _look_later(batch: ImportBatch) -> None:
    with transaction.atomic():
        found = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if found.status in (ImportStatus.DRAFT, ImportStatus.FAILED):
            found.status, found.message = ImportStatus.CHECKING, ""
            found.started_at, found.done_rows = None, 0
            found.save(update_fields=["status", "message", "started_at", "done_rows"])
            look_through.defer(workspace_id=found.workspace_id, batch=found.pk)


@require_POST
@workspace_view(Subject.IMPORT, Action.CREATE)
def run(request: MemberRequest, pk: int) -> HttpResponse:
    """Hand the import over to the background; a second press finds it on its way."""
    whole = batch_or_404(pk)
    whole = whole.lot or whole
    with transaction.atomic():
        batch = ImportBatch.objects.select_for_update().filter(pk=whole.pk).get()
        if batch.status in (ImportStatus.DRAFT, ImportStatus.FAILED):
            batch.status, batch.message, batch.done_rows = ImportStatus.QUEUED, "", 0
            batch.member = request.member
            batch.save(update_fields=["status", "message", "member", "done_rows"])
            ImportBatch.objects.filter(lot=batch).update(member=request.member)
            run_import.defer(workspace_id=batch.workspace_id, batch=batch.pk)
    return HttpResponseRedirect(url(request, "import_one", batch.pk))
