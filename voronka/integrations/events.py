"""What imports leave in the log."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_noop as N_

from voronka.journal.registry import event_type


@event_type(
    "import.done",
    sentence=N_("Import of “{file}” done: created {created}, updated {updated}, rejected {rejected}"),
    icon="file-import",
)
@dataclass(frozen=True)
class ImportDone:
    """A file came in; the counts are of rows."""

    batch: int
    file: str
    created: int
    updated: int
    rejected: int


@event_type(
    "import.undone",
    sentence=N_("Import of “{file}” undone: removed {removed}, kept {kept}"),
    icon="arrow-back-up",
)
@dataclass(frozen=True)
class ImportUndone:
    """What a file had brought was taken away; `kept` were built on meanwhile."""

    batch: int
    file: str
    removed: int
    kept: int
