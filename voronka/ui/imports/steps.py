"""The steps of the wizard: what the files are, what the columns are, what the stages mean, what will come of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
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
from voronka.integrations.spreadsheets.more_fields import NEED_ONE
from voronka.integrations.spreadsheets.options import Options, check_columns
from voronka.integrations.spreadsheets.own_fields import SUBJECTS as OWN_SUBJECTS
from voronka.integrations.spreadsheets.own_fields import own_fields
from voronka.integrations.spreadsheets.words import propose, usual_order
from voronka.playbook.models import Funnel, Stage
from voronka.ui.access import MemberRequest, workspace_view
from voronka.ui.htmx import render_page
from voronka.ui.imports.views import batch_or_404, frame, shown_part, subject_name, system_name, url
from voronka.workspaces.rights import Action, Subject

SAMPLES = 3
MOST_VALUES = 100


# A larger import is looked through in the background.
AT_ONCE = 3_000
NEW_FIELD = "+"


def _draft(request: MemberRequest, pk: int) -> ImportBatch | HttpResponse:
    """The import, or a part of one, while it can still be prepared (a failed one can be prepared anew), or the way to
    its page.
    """
    batch = batch_or_404(pk)
    whole = batch.lot or batch
    if whole.status not in (ImportStatus.DRAFT, ImportStatus.FAILED):
        return HttpResponseRedirect(url(request, "import_one", whole.pk))
    return batch


def _file(request: MemberRequest, pk: int, *, subject: str = "") -> ImportBatch | HttpResponse:
    """One file of a draft, which holds *subject* if that is said; else the way to the page of all files."""
    batch = _draft(request, pk)
    if isinstance(batch, HttpResponse):
        return batch
    if batch.subject == lots.LOT or (subject and batch.subject != subject):
        return HttpResponseRedirect(url(request, "import_files", batch.pk))
    return batch


def _after(request: MemberRequest, batch: ImportBatch) -> HttpResponse:
    """Where one goes when a file is prepared: to the others, or on to the check when it is alone."""
    if batch.lot_id is not None:
        return HttpResponseRedirect(url(request, "import_files", batch.lot_id))
    return HttpResponseRedirect(url(request, "import_preview", batch.pk))


def _opened(batch: ImportBatch, options: Options) -> running.Files:
    return running.open_files(
        batch.file_path,
        batch.file_name,
        history=batch.history_path or None,
        history_name=batch.history_name,
        options=options,
    )


def _keep(batch: ImportBatch, options: Options) -> None:
    batch.options = options.dump()
    batch.save(update_fields=["options"])
    _forget_preview(batch)


def _forget_preview(batch: ImportBatch) -> None:
    """What was seen before an answer changed is no longer what will come of it."""
    whole = batch.lot or batch
    ImportBatch.objects.filter(Q(pk=whole.pk) | Q(lot=whole)).update(result={}, message="")


# --- files


@workspace_view(Subject.IMPORT, Action.CREATE)
def files(request: MemberRequest, pk: int) -> HttpResponse:
    """What each file was recognised as, and what is still to be said of it."""
    batch = _draft(request, pk)
    if isinstance(batch, HttpResponse):
        return batch
    if batch.lot_id is not None:
        return HttpResponseRedirect(url(request, "import_files", batch.lot_id))
    parts = []
    for part in lots.parts_of(batch):
        shown = shown_part(part, {})
        parts.append({**shown, "problem": _missing(part)})
    context = frame(
        request,
        batch=batch,
        step="files",
        parts=parts,
        subjects=list(SUBJECTS.items()),
        ready=not any(part["problem"] for part in parts),
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
    batch = _file(request, pk)
    if isinstance(batch, HttpResponse):
        return batch
    lots.take_for(batch, request.POST.get("subject", ""))
    _forget_preview(batch)
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
    batch = _file(request, pk)
    if isinstance(batch, HttpResponse):
        return batch
    kind = batch.subject
    options = Options.load(batch.options)
    problem: Refused | None = None
    if sheet := request.GET.get("sheet", "")[:200]:
        options = Options(
            sheet=sheet, source=options.source, history_columns=options.history_columns, only=options.only
        )
    files = _opened(batch, options)
    if sheet:
        options.columns = match(files.deals.header, kind)
        options.sheet = files.deals.sheet
        _keep(batch, options)
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
            _keep(batch, options)
            if kind == "deals":
                return HttpResponseRedirect(url(request, "import_stages", pk))
            return _after(request, batch)
    shown = _shown(files.deals, options.columns, "c")
    own = own_fields(kind)
    context = frame(
        request,
        batch=batch,
        step="columns",
        problem=problem,
        what=subject_name(kind),
        system=system_name(batch),
        columns=shown,
        matched=sum(bool(column.field) for column in shown),
        fields=FIELDS[kind],
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


def _values(files: running.Files, options: Options) -> Counter[str]:
    """Values of the stage column (of the history, if there is one) with the number of their rows."""
    met: Counter[str] = Counter()
    for table, columns in ((files.deals, options.columns), (files.history, options.history_columns)):
        title = columns.get("stage")
        if table is not None and title in table.header:
            place = table.header.index(title)
            met.update(clean(row.cells[place], 100) for row in table.rows())
    del met[""]
    return met


def _likely_funnel(options: Options, funnels: list[Funnel], met: Counter[str]) -> Funnel | None:
    """The funnel that knows most stages of the file; None if a new one is the better guess.

    A file whose stages no funnel knows must not grow them into a working funnel just because nobody looked.
    """
    closing = propose(met, {})
    wanted = {fold(value) for value in met if not closing[value].startswith("=")}
    if not funnels or not wanted or "funnel" in options.columns:
        return funnels[0] if funnels else None
    known: Counter[int] = Counter()
    for funnel_id, name in Stage.objects.filter(funnel__in=funnels, archived_at=None).values_list(
        "funnel_id", "name"
    ):
        known[funnel_id] += fold(name) in wanted
    best = max(funnels, key=lambda funnel: known[funnel.pk])
    return best if known[best.pk] else None


def _funnel_chosen(request: MemberRequest, options: Options, funnels: list[Funnel], met: Counter[str]) -> str:
    """The name of the funnel the deals go to: asked for, answered before, or the likeliest one."""
    data = request.POST if request.method == "POST" else request.GET
    given = data.get("funnel")
    likely = None if given or options.funnel else _likely_funnel(options, funnels, met)
    if given == "new" or (given is None and not options.funnel and likely is None):
        return clean(data.get("new_funnel", ""), 150) or _free_name(options.funnel or _("Sales"), funnels)
    if given is not None:
        return next((f.name for f in funnels if str(f.pk) == given), options.funnel)
    return options.funnel or (likely.name if likely else "")


def _free_name(name: str, funnels: list[Funnel]) -> str:
    """*name* as a new funnel can have it: «Продажи 2» beside «Продажи»."""
    taken = {fold(funnel.name) for funnel in funnels}
    found, turn = name, 1
    while fold(found) in taken:
        turn += 1
        found = f"{name} {turn}"
    return found


@workspace_view(Subject.IMPORT, Action.CREATE)
def stages(request: MemberRequest, pk: int) -> HttpResponse:
    """Into which funnel, what the values of the stage column mean, and what to do where the file is silent."""
    batch = _file(request, pk, subject="deals")
    if isinstance(batch, HttpResponse):
        return batch
    options = Options.load(batch.options)
    files = _opened(batch, options)
    funnels = list(Funnel.objects.filter(archived_at=None))
    met = _values(files, options)
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
            _keep(batch, options)
            return _after(request, batch)
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
    batch = _draft(request, pk)
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
        parts.append({**shown_part(part, seen.get("summary", {})), "seen": seen})
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
