"""Drafts of imports: reaching them, keeping answers, and the guess about the funnel that spares a question."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from voronka.core.text import clean, fold
from voronka.desk.models import ImportBatch, ImportStatus
from voronka.integrations.spreadsheets import lots, running
from voronka.integrations.spreadsheets.options import Options
from voronka.integrations.spreadsheets.words import propose, usual_order
from voronka.playbook.models import Funnel, Stage
from voronka.ui.access import MemberRequest, get_or_404
from voronka.ui.navigation import workspace_url


def url(request: MemberRequest, name: str, *args: Any) -> str:
    """An address of this workspace."""
    return workspace_url(name, request.workspace.slug, *args)


def batch_or_404(pk: int) -> ImportBatch:
    """The import, whoever of those who may import began it."""
    return get_or_404(ImportBatch.objects.select_related("member", "member__user", "member__workspace"), pk)


def draft(request: MemberRequest, pk: int) -> ImportBatch | HttpResponse:
    """The import, or a part of one, while it can still be prepared (a failed one can be prepared anew), or the way to
    its page.
    """
    batch = batch_or_404(pk)
    whole = batch.lot or batch
    if whole.status not in (ImportStatus.DRAFT, ImportStatus.FAILED):
        return HttpResponseRedirect(url(request, "import_one", whole.pk))
    return batch


def file_of_draft(request: MemberRequest, pk: int, *, subject: str = "") -> ImportBatch | HttpResponse:
    """One file of a draft, which holds *subject* if that is said; else the way to the page of all files."""
    batch = draft(request, pk)
    if isinstance(batch, HttpResponse):
        return batch
    if batch.subject == lots.LOT or (subject and batch.subject != subject):
        return HttpResponseRedirect(url(request, "import_files", batch.pk))
    return batch


def after(request: MemberRequest, batch: ImportBatch) -> HttpResponse:
    """Where one goes when a file is prepared: to the others, or on to the check when it is alone."""
    if batch.lot_id is not None:
        return HttpResponseRedirect(url(request, "import_files", batch.lot_id))
    return HttpResponseRedirect(url(request, "import_preview", batch.pk))


def opened(batch: ImportBatch, options: Options) -> running.Files:
    """The files of a part, ready to be read."""
    return running.open_files(
        batch.file_path,
        batch.file_name,
        history=batch.history_path or None,
        history_name=batch.history_name,
        options=options,
    )


def keep(batch: ImportBatch, options: Options) -> None:
    """Keep the answers; what was seen before is forgotten."""
    batch.options = options.dump()
    batch.save(update_fields=["options"])
    forget_preview(batch)


def forget_preview(batch: ImportBatch) -> None:
    """What was seen before an answer changed is no longer what will come of it."""
    whole = batch.lot or batch
    ImportBatch.objects.filter(Q(pk=whole.pk) | Q(lot=whole)).update(result={}, message="")


# --- the funnel


def values_of(files: running.Files, options: Options) -> Counter[str]:
    """Values of the stage column (of the history, if there is one) with the number of their rows."""
    met: Counter[str] = Counter()
    for table, columns in ((files.deals, options.columns), (files.history, options.history_columns)):
        title = columns.get("stage")
        if table is not None and title in table.header:
            place = table.header.index(title)
            met.update(clean(row.cells[place], 100) for row in table.rows())
    del met[""]
    return met


def likely_funnel(options: Options, funnels: list[Funnel], met: Counter[str]) -> Funnel | None:
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


def free_name(name: str, funnels: list[Funnel]) -> str:
    """*name* as a new funnel can have it: «Продажи 2» beside «Продажи»."""
    taken = {fold(funnel.name) for funnel in funnels}
    found, turn = name, 1
    while fold(found) in taken:
        turn += 1
        found = f"{name} {turn}"
    return found


def guess_funnel(part: ImportBatch) -> None:
    """Answer the question about the funnel of a file of deals as its page would propose it, stages in usual order.

    Nobody need open that page then; what was answered for such a file before stays.
    """
    options = Options.load(part.options)
    if part.subject != "deals" or options.funnel:
        return
    files = opened(part, options)
    funnels = list(Funnel.objects.filter(archived_at=None))
    met = values_of(files, options)
    funnel = likely_funnel(options, funnels, met)
    options.funnel = funnel.name if funnel else free_name(_("Sales"), funnels)
    if funnel is None and not options.stages:
        meant = propose(met, {})
        options.stages = {value: meant[value] for value in met}
        if files.history is None:
            options.stage_order = usual_order([v for v in met if not meant[v].startswith("=")])
    part.options = options.dump()
    part.save(update_fields=["options"])


def where_deals_go(part: ImportBatch) -> str:
    """The funnel of a file of deals in a sentence; "" while it is not known."""
    options = Options.load(part.options)
    if part.subject != "deals" or not options.funnel:
        return ""
    names = {"funnel": options.funnel, "column": options.columns.get("funnel", "")}
    if names["column"]:
        return _("Deals go to the funnels of the column “%(column)s”, the others to “%(funnel)s”.") % names
    if any(
        fold(name) == fold(options.funnel)
        for name in Funnel.objects.filter(archived_at=None).values_list("name", flat=True)
    ):
        return _("Deals go to the funnel “%(funnel)s”.") % names
    return _("Deals go to a new funnel, “%(funnel)s”.") % names
