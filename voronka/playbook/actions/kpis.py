"""Verbs on the five KPIs of the book."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.db import connection, transaction
from django.utils.translation import gettext as _

from voronka.core import clock
from voronka.core.edits import jsonable, shown
from voronka.core.errors import Refused
from voronka.core.tenancy import require_workspace_id
from voronka.core.text import fold
from voronka.desk.dictionaries.actions import BOOK_FEED, cleaned, merged, name_for, rearranged, validate
from voronka.desk.dictionaries.events import locked_row, put_in_order, require_configure
from voronka.journal.actions import record
from voronka.playbook.kpi_events import KpiAdded, KpiEdited, KpiPutAway, KpisReordered
from voronka.playbook.kpi_models import Kpi
from voronka.playbook.measures import measure_of

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

# More than five numbers lead nobody.
MOST_KPIS: Final = 5
LONGEST_METHOD = 4000
KPI_FIELDS = (
    "name",
    "measure",
    "funnel",
    "segment",
    "product_group",
    "target",
    "weight",
    "better",
    "good",
    "fair",
    "method",
)


@transaction.atomic
def add_kpi(*, actor: Member | None, name: str, measure: str, **values: Any) -> Kpi:
    """Add a KPI at the end. Raises `Refused` (a sixth one, a name taken, numbers that make no sense), `Forbidden`."""
    require_configure(actor)
    _known(values)
    _one_at_a_time()
    require_room()
    kind = measure_of(measure)
    given = {"better": kind.better, "method": str(kind.method), **values} if kind else values
    row = Kpi(
        name=name_for(Kpi, name),
        measure=measure,
        order=Kpi.objects.count() + 1,
        **cleaned(Kpi, given),
    )
    _check(row)
    row.save()
    record(KpiAdded(row.pk, row.name), actor=actor, subjects=_feed(row))
    return row


@transaction.atomic
def edit_kpi(
    kpi: Kpi, *, actor: Member | None, changes: Mapping[str, Any], was: Mapping[str, Any] | None = None
) -> Kpi:
    """Change a KPI. Raises `Refused`, `Conflict`, `Forbidden`."""
    require_configure(actor)
    _known(changes)
    _one_at_a_time()
    row: Kpi = locked_row(Kpi, kpi.pk)
    real = merged(row, cleaned(Kpi, changes), was)
    if not real:
        return row
    before = {attname: getattr(row, attname) for attname in real}
    fields = [f.name for f in row._meta.concrete_fields if f.attname in real]
    texts_before = {name: _told(row, name) for name in fields}
    for attname, value in real.items():
        setattr(row, attname, value)
    _check(row)
    row.version += 1
    row.save(update_fields=[*real, "version"])
    record(
        KpiEdited(
            row.pk,
            row.name,
            changes={name: [jsonable(before[name]), jsonable(getattr(row, name))] for name in real},
            texts={name: [texts_before[name], _told(row, name)] for name in fields},
        ),
        actor=actor,
        subjects=_feed(row),
    )
    return row


@transaction.atomic
def put_kpi_away(kpi: Kpi, *, actor: Member | None) -> Kpi:
    """Take a KPI out of the book; a no-op if it is away. Raises `Forbidden`."""
    require_configure(actor)
    row: Kpi = locked_row(Kpi, kpi.pk)
    if row.archived_at is not None:
        return row
    row.archived_at = clock.now()
    row.save(update_fields=["archived_at"])
    record(KpiPutAway(row.pk, row.name), actor=actor, subjects=_feed(row))
    return row


@transaction.atomic
def reorder_kpis(ids: Sequence[int], *, actor: Member | None) -> None:
    """Put the KPIs *ids* in this order. Raises `Refused`, `Forbidden`."""
    require_configure(actor)
    rows = {row.pk: row for row in Kpi.objects.select_for_update().order_by("order", "id")}
    before = list(rows)
    after = rearranged(before, ids)
    if after == before:
        return
    put_in_order(rows, after)
    record(KpisReordered(before, after), actor=actor, subjects=[BOOK_FEED])


def require_room() -> None:
    """Raise `Refused` when there are five already."""
    if Kpi.objects.filter(archived_at=None).count() >= MOST_KPIS:
        raise Refused(_("There are five KPIs already, and more of them lead nobody: take one out first."))


def _feed(row: Kpi) -> list[tuple[str, int | None]]:
    return [("kpi", row.pk), BOOK_FEED]


def _known(values: Mapping[str, Any]) -> None:
    if unknown := set(values) - set(KPI_FIELDS):
        raise TypeError(f"a KPI has no fields {sorted(unknown)}")


def _one_at_a_time() -> None:
    """Five is a rule over all rows, and a row that is not there yet cannot be locked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('kpis'), hashtext(%s))", [str(require_workspace_id())]
        )


def _told(row: Kpi, name: str) -> str:
    if name == "measure":
        kind = measure_of(row.measure)
        return str(kind.title) if kind else row.measure
    return shown(row, name)


def _check(row: Kpi) -> None:
    """The rules of one KPI; raises `Refused`."""
    if measure_of(row.measure) is None:
        raise Refused(_("There is no such measure."), field="measure")
    key = fold(row.name)
    if any(fold(k.name) == key for k in Kpi.objects.filter(archived_at=None).exclude(pk=row.pk)):
        raise Refused(_("There is a KPI “%(name)s” already.") % {"name": row.name}, field="name")
    if row.target is not None:
        row.target = Decimal(row.target)
        if not row.target.is_finite() or not 0 < row.target < Decimal(10) ** 13:
            raise Refused(_("The target is a number above zero, or empty."), field="target")
        row.target = row.target.quantize(Decimal("0.01"))
    if not 1 <= row.weight <= 100:
        raise Refused(_("The weight is from 1 to 100 per cent."), field="weight")
    if not 1 <= row.good <= 200:
        raise Refused(_("From 1 to 200 per cent of the target."), field="good")
    if not 1 <= row.fair <= row.good:
        raise Refused(_("What is bearable lies below what is good."), field="fair")
    if len(row.method) > LONGEST_METHOD:
        raise Refused(
            _("This text is too long for a KPI: at most %(limit)s characters.") % {"limit": LONGEST_METHOD},
            field="method",
        )
    validate(row, ["name", "better"])
