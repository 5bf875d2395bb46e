"""Reading the log is free; taking it out is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_
from django.utils.translation import ngettext

from voronka.journal.registry import event_type


def _described(payload: Any) -> dict[str, Any]:
    rows = ngettext("%(n)s line", "%(n)s lines", payload.rows) % {"n": payload.rows}
    return {"rows": rows, "filter": payload.filter or _("no filter")}


@event_type(
    "audit.exported",
    sentence=N_("Audit log exported: {rows}, {filter}"),
    icon="file-export",
    describe=_described,
    webhook=False,
)
@dataclass(frozen=True)
class AuditExported:
    """*filter* in the words of whoever exported."""

    rows: int
    filter: str
