"""How numbers read: «Д-2026/0043». The number itself stays a plain count, by which things are addressed."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from voronka.core import clock
from voronka.core.errors import Refused
from voronka.core.text import clean, length_problem
from voronka.desk.fields import events
from voronka.desk.models import Numbering
from voronka.journal.actions import record
from voronka.workspaces.models import Member
from voronka.workspaces.numbering import next_numbers

WIDEST = 9


def pattern_of(kind: str) -> Numbering | None:
    """The pattern in use; None: plain numbers."""
    return Numbering.objects.filter(kind=kind).first()


def written(pattern: Numbering, count: int, year: int) -> str:
    """«Д-2026/0043» for the 43rd of 2026."""
    return f"{pattern.prefix}{f'{year}/' if pattern.with_year else ''}{count:0{pattern.width}d}"


def next_code(kind: str, number: int) -> str:
    """The text for the thing of *kind* that has just got *number*; "" where there is no pattern.

    A pattern that begins anew each year counts for itself, under the lock of its counter, as numbers do.
    """
    pattern = pattern_of(kind)
    if pattern is None:
        return ""
    year = clock.today().year
    count = next_numbers(f"{kind}:{year}") if pattern.yearly else number
    return written(pattern, count, year)


@transaction.atomic
def set_numbering(
    kind: str,
    *,
    actor: Member | None,
    prefix: str = "",
    with_year: bool = False,
    yearly: bool = False,
    width: int = 1,
) -> Numbering:
    """Number what comes from now on by this pattern; what has its number keeps it. Raises `Refused`, `Forbidden`."""
    events.require_configure(actor)
    prefix = clean(prefix)
    if problem := length_problem(prefix, 20):
        raise Refused(problem, field="prefix")
    if not 1 <= width <= WIDEST:
        raise Refused(_("From 1 to %(most)s digits.") % {"most": WIDEST}, field="width")
    if yearly and not with_year:
        raise Refused(_("Without the year in it the numbers of the next year would repeat."), field="yearly")
    after = {"prefix": prefix, "with_year": with_year, "yearly": yearly, "width": width}
    row = Numbering.objects.select_for_update().filter(kind=kind).first()
    before = None if row is None else {name: getattr(row, name) for name in after}
    if row is not None and before == after:
        return row
    row, _made = Numbering.objects.update_or_create(kind=kind, defaults=after)
    payload = events.NumberingChanged(
        kind=kind, sample=written(row, 43, clock.today().year), before=before, after=after
    )
    record(payload, actor=actor, subjects=[("fields", 1)])
    return row
