"""What leaves the house by way of reports, and who is told when anything is exported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_

from voronka.core import formats
from voronka.desk.notices import in_words_of, notify
from voronka.journal.models import Event
from voronka.journal.registry import event_type, on
from voronka.journal.sentences import tell
from voronka.workspaces.queries import overseers


@event_type(
    "report.exported",
    sentence=N_("Report exported: {report}, {filter}"),
    icon="file-export",
    describe=lambda p: {"report": p.report, "filter": p.filter or _("no filter")},
    webhook=False,
)
@dataclass(frozen=True)
class ReportExported:
    """*report* and *filter* in the words of whoever exported."""

    report: str
    filter: str
    rows: int


@on("report.exported", "deals.exported", "list.exported", "audit.exported")
def _tell_overseers(event: Event, payload: Any) -> None:
    if event.actor is None:
        return
    for member in overseers(event.actor):
        with in_words_of(member):
            name = formats.short_name(event.actor.name)
            text = f"{name}: {tell(event).sentence}"
            notify(member, kind="export", text=text, url=f"member:{event.actor_id}", key=f"event:{event.pk}")
