"""The verb on cells of the grid: what a target group buys a product group for, and how it chooses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from voronka.catalog.models import ProductGroup
from voronka.clients.models import Segment
from voronka.core.errors import Refused
from voronka.desk.dictionaries.actions import BOOK_FEED, cleaned, merged
from voronka.desk.dictionaries.events import locked_row, require_configure
from voronka.journal.actions import record
from voronka.playbook.actions.stages import LONGEST_TEXT, write_versioned
from voronka.playbook.cell_events import CellWritten
from voronka.playbook.models import Cell

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

CELL_FIELDS = ("buys_for", "chooses_by", "buying_steps")


@transaction.atomic
def write_cell(
    product_group: ProductGroup,
    segment: Segment,
    *,
    actor: Member | None,
    changes: Mapping[str, Any],
    was: Mapping[str, Any] | None = None,
) -> Cell | None:
    """Say what *segment* buys *product_group* for (`CELL_FIELDS`); None when nothing is said and nothing was.

    Raises `Refused` (a text that is too long, a group or segment out of use), `Conflict`, `Forbidden`.
    """
    require_configure(actor)
    if unknown := set(changes) - set(CELL_FIELDS):
        raise TypeError(f"a cell has no fields {sorted(unknown)}")
    group = locked_row(ProductGroup, product_group.pk)
    target = locked_row(Segment, segment.pk, no_key=True)
    if group.archived_at is not None or target.archived_at is not None:
        raise Refused(_("This product group or target group is in the archive."))
    values = cleaned(Cell, changes)
    for field, text in values.items():
        if len(text) > LONGEST_TEXT:
            raise Refused(
                _("This text is too long for a stage: at most %(limit)s characters.")
                % {"limit": LONGEST_TEXT},
                field=field,
            )
    row = Cell.objects.select_for_update().filter(product_group=group, segment=target).first()
    # A row that is not there yet says nothing: the rules are the same.
    present = row or Cell(product_group=group, segment=target)
    real = merged(present, values, was)
    if not real:
        return row
    if row is None:
        present.save()
    payload = write_versioned(present, real)
    record(
        CellWritten(present.pk, group.name, target.name, **payload),
        actor=actor,
        subjects=[("cell", present.pk), BOOK_FEED],
    )
    return present
