"""Short answers given on the pages of an import: this file stays out, these names are the same, these columns become
fields of one's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from voronka.core.errors import Refused
from voronka.desk.fields.actions import create_field
from voronka.desk.fields.models import FieldKind
from voronka.integrations.spreadsheets.fields import numbered
from voronka.integrations.spreadsheets.options import Options, left_out
from voronka.integrations.spreadsheets.own_fields import SUBJECTS as OWN_SUBJECTS
from voronka.ui.access import MemberRequest, workspace_view
from voronka.ui.imports.drafts import file_of_draft, keep, opened, url
from voronka.workspaces.rights import Action, Subject

# Where a visitor came from: nobody has a place for it, and everybody wants it in reports.
_MARKS: Final = re.compile(
    r"^(utm[_ ]\w+|_?ym_uid|_?ga(_\w+)?|roistat\w*|gclid|yclid|fbclid|from|referr?er)$"
)


# --- a file that stays out


@require_POST
@workspace_view(Subject.IMPORT, Action.CREATE)
def leave(request: MemberRequest, pk: int) -> HttpResponse:
    """Leave one file of several out (`out` = 1), or take it along again."""
    batch = file_of_draft(request, pk)
    if isinstance(batch, HttpResponse):
        return batch
    if batch.lot_id is None:
        raise Refused(_("It is the only file: throw it away instead."))
    options = Options.load(batch.options)
    options.leave_out = request.POST.get("out") == "1"
    keep(batch, options)
    return HttpResponseRedirect(url(request, "import_files", batch.lot_id))


# --- names that are the same


@require_POST
@workspace_view(Subject.IMPORT, Action.CREATE)
def same(request: MemberRequest, pk: int) -> HttpResponse:
    """Say which names of the file mean names that are here: `same`, keys as the preview offered them."""
    batch = file_of_draft(request, pk)
    if isinstance(batch, HttpResponse):
        return batch
    offered = {one["key"]: one["like"] for one in batch.result.get("preview", {}).get("alike", ())}
    chosen = set(request.POST.getlist("same"))
    options = Options.load(batch.options)
    kept = {key: like for key, like in options.same.items() if key not in offered}
    options.same = kept | {key: like for key, like in offered.items() if key in chosen}
    keep(batch, options)
    return HttpResponseRedirect(url(request, "import_preview", batch.lot_id or batch.pk))


# --- columns that become fields


def marks_of(subject: str, left_out: Iterable[str]) -> list[str]:
    """Of columns without a place those that tell where a visitor came from."""
    if subject not in OWN_SUBJECTS:
        return []
    return [title for title in left_out if _MARKS.match(title.strip().lower())]


@require_POST
@workspace_view(Subject.WORKSPACE, Action.CONFIGURE)
def make_fields(request: MemberRequest, pk: int) -> HttpResponse:
    """Make own fields of the columns that tell where a visitor came from (utm_source…), and fill them."""
    request.member.require(Subject.IMPORT, Action.CREATE)
    batch = file_of_draft(request, pk)
    if isinstance(batch, HttpResponse):
        return batch
    options = Options.load(batch.options)
    files = opened(batch, options)
    made = [
        (
            create_field(
                actor=request.member,
                subject=OWN_SUBJECTS[batch.subject],
                label=title[:100],
                kind=FieldKind.TEXT,
            ).name,
            title,
        )
        for title in marks_of(batch.subject, left_out(files.deals.header, options.columns))
    ]
    options.columns |= numbered(made)
    keep(batch, options)
    return HttpResponseRedirect(url(request, "import_preview", batch.lot_id or batch.pk))
