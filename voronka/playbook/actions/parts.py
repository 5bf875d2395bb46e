"""Verbs on what a stage asks: its tasks, exit criteria and objections. One set of verbs for all three.

A closing status has criteria too, by the same verbs. Put away, never deleted: activities and events of deals refer to
them. `order` is dense over the rows of one stage (or status).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from voronka.core import clock
from voronka.core.edits import jsonable, shown
from voronka.core.errors import Refused
from voronka.core.parsing import Unreadable, parse_amount
from voronka.core.text import clean
from voronka.desk.dictionaries.actions import BOOK_FEED, cleaned, merged, rearranged, validate
from voronka.desk.dictionaries.events import locked_row, put_in_order, require_configure
from voronka.journal.actions import record
from voronka.playbook.criteria import kind_of
from voronka.playbook.events import PartAdded, PartEdited, PartPutAway, PartsReordered
from voronka.playbook.models import ClosingStatus, Criterion, Objection, Stage, StagePart, StageTask
from voronka.playbook.parts import PARTS, held_by, holder_of, part_code, title_of

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

MOST_PARTS = 30
LONGEST_TEXT = 4000
LONGEST_WAIT = 365
P = TypeVar("P", bound=StagePart)

_FIELDS: dict[type[StagePart], tuple[str, ...]] = {
    StageTask: ("kind", "text", "after_days", "role", "required", "script", "materials"),
    Criterion: ("kind", "params", "strictness"),
    Objection: ("text", "answer"),
}


@transaction.atomic
def add_part(model: type[P], stage: Stage | ClosingStatus, *, actor: Member | None, **values: Any) -> P:
    """Add a task, criterion or objection (*model*) at the end of the stage, or a criterion to a closing status.

    Raises `Refused`, `Forbidden`.
    """
    require_configure(actor)
    stage = locked_row(type(stage), stage.pk)
    held = held_by(stage)
    rows = list(model.objects.filter(**held))
    if sum(row.archived_at is None for row in rows) >= MOST_PARTS:
        raise Refused(_("That is enough for one stage: at most %(count)s.") % {"count": MOST_PARTS})
    _known(model, values)
    row = model(**held, order=len(rows) + 1, **cleaned(model, values))
    _check(row)
    row.save()
    record(
        PartAdded(stage.pk, stage.name, part_code(model), row.pk, title_of(row), "closing" in held),
        actor=actor,
        subjects=_feed(stage),
    )
    return row


@transaction.atomic
def edit_part(
    part: P, *, actor: Member | None, changes: Mapping[str, Any], was: Mapping[str, Any] | None = None
) -> P:
    """Change a task, criterion or objection. Raises `Refused`, `Conflict`, `Forbidden`."""
    require_configure(actor)
    stage = _locked_holder(part)
    row = locked_row(type(part), part.pk)
    _known(type(part), changes)
    real = merged(row, cleaned(type(part), changes), was)
    if not real:
        return row
    before = {attname: getattr(row, attname) for attname in real}
    fields = [f.name for f in row._meta.concrete_fields if f.attname in real]
    told = [name for name in fields if name != "params"]
    texts_before = {name: shown(row, name) for name in told}
    title_before = title_of(row)
    for attname, value in real.items():
        setattr(row, attname, value)
    _check(row)
    row.version += 1
    row.save(update_fields=[*real, "version"])
    texts = {name: [texts_before[name], shown(row, name)] for name in told}
    if "params" in real:
        texts["what"] = [title_before, title_of(row)]
    record(
        PartEdited(
            stage.pk,
            stage.name,
            part_code(type(part)),
            row.pk,
            title_of(row),
            changes={name: [jsonable(before[name]), jsonable(getattr(row, name))] for name in real},
            texts=texts,
            closing=isinstance(stage, ClosingStatus),
        ),
        actor=actor,
        subjects=_feed(stage),
    )
    return row


@transaction.atomic
def put_part_away(part: P, *, actor: Member | None) -> P:
    """Take a task, criterion or objection out of the book; a no-op if it is away. Raises `Forbidden`."""
    require_configure(actor)
    stage = _locked_holder(part)
    row = locked_row(type(part), part.pk)
    if row.archived_at is not None:
        return row
    row.archived_at = clock.now()
    row.save(update_fields=["archived_at"])
    record(
        PartPutAway(
            stage.pk,
            stage.name,
            part_code(type(part)),
            row.pk,
            title_of(row),
            isinstance(stage, ClosingStatus),
        ),
        actor=actor,
        subjects=_feed(stage),
    )
    return row


@transaction.atomic
def reorder_parts(
    model: type[StagePart], stage: Stage | ClosingStatus, ids: Sequence[int], *, actor: Member | None
) -> None:
    """Put the rows *ids* in this order. Raises `Refused` when one is not of this stage, `Forbidden`."""
    require_configure(actor)
    stage = locked_row(type(stage), stage.pk)
    held = held_by(stage)
    rows = {row.pk: row for row in model.objects.filter(**held).order_by("order", "id")}
    before = list(rows)
    after = rearranged(before, ids)
    if after == before:
        return
    put_in_order(rows, after)
    record(
        PartsReordered(stage.pk, stage.name, part_code(model), before, after, "closing" in held),
        actor=actor,
        subjects=_feed(stage),
    )


def _locked_holder(part: StagePart) -> Any:
    holder = holder_of(part)
    return locked_row(type(holder), holder.pk)


def _feed(stage: Stage | ClosingStatus) -> list[tuple[str, int | None]]:
    of_stage = [("stage", stage.pk)] if isinstance(stage, Stage) else []
    return [*of_stage, ("funnel", stage.funnel_id), BOOK_FEED]


def _known(model: type[StagePart], values: Mapping[str, Any]) -> None:
    if unknown := set(values) - set(_FIELDS[model]):
        raise TypeError(f"{PARTS[part_code(model)]} has no fields {sorted(unknown)}")


def _check(row: StagePart) -> None:
    """The rules of one row; raises `Refused`."""
    if isinstance(row, StageTask):
        _check_task(row)
    elif isinstance(row, Criterion):
        _check_criterion(row)
    elif isinstance(row, Objection) and not row.text:
        raise Refused(_("Write what clients object."), field="text")
    for field in ("script", "materials", "answer"):
        if len(getattr(row, field, "")) > LONGEST_TEXT:
            raise Refused(
                _("This text is too long for a stage: at most %(limit)s characters.")
                % {"limit": LONGEST_TEXT},
                field=field,
            )
    validate(row, [name for name in ("text", "strictness") if hasattr(row, name)])


def _check_task(row: StageTask) -> None:
    if not row.text:
        raise Refused(_("Write what is to be done."), field="text")
    if not 0 <= row.after_days <= LONGEST_WAIT:
        raise Refused(_("Between 0 and 365 working days after entering."), field="after_days")
    if row.kind.archived_at is not None:
        raise Refused(
            _("“%(kind)s” is no longer used: choose another kind.") % {"kind": row.kind}, field="kind"
        )


def _check_criterion(row: Criterion) -> None:
    kind = kind_of(row.kind)
    if kind is None:
        raise Refused(_("There is no such criterion."), field="kind")
    given = row.params if isinstance(row.params, dict) else {}
    # A closing status has no tasks and no place of its own: its criteria are about the deal.
    place = row.stage or Stage()
    row.params = {param.name: value_of(param, given.get(param.name), place) for param in kind.params}


def value_of(param: Any, given: Any, stage: Stage) -> Any:
    """A parameter as it is stored; raises `Refused`."""
    name = str(param.label)
    if param.kind == "lines":
        lines = given if isinstance(given, list) else str(given or "").split("\n")
        kept = [text for line in lines if (text := clean(line)[:200])]
        if not kept or len(kept) > 20:
            raise Refused(_("“%(name)s”: from 1 to 20 lines.") % {"name": name}, field=param.name)
        return kept
    text = str(given if given is not None else "").strip()
    if param.kind == "choice":
        options = param.options(stage) if param.options else []
        if text not in {value for value, _label in options}:
            raise Refused(_("“%(name)s”: choose one.") % {"name": name}, field=param.name)
        return text
    try:
        amount = parse_amount(text)
    except Unreadable:
        amount = None
    limit = Decimal(10) ** (13 if param.kind == "sum" else 3)
    if amount is None or not 0 < amount < limit or (param.kind == "count" and amount != int(amount)):
        raise Refused(_("“%(name)s”: give a number above zero.") % {"name": name}, field=param.name)
    return int(amount) if param.kind == "count" else str(amount)
