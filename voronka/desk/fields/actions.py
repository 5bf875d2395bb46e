"""Verbs on fields: made, changed, ordered, archived; never deleted, since history speaks of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from voronka.core import clock
from voronka.core.edits import jsonable, merge
from voronka.core.errors import Refused
from voronka.core.tenancy import require_workspace_id
from voronka.core.text import clean, length_problem
from voronka.desk.dictionaries.actions import rearranged
from voronka.desk.dictionaries.events import locked_row, put_in_order
from voronka.desk.fields import events
from voronka.desk.fields.models import CustomField, FieldKind
from voronka.desk.fields.options import add_options
from voronka.desk.fields.registry import get_subject
from voronka.journal.actions import record
from voronka.workspaces.models import Member
from voronka.workspaces.slugs import transliterate

MOST_FIELDS = 200
EDITABLE = ("label", "group", "help", "required_at_creation", "funnel_ids")


@transaction.atomic
def create_field(
    *,
    actor: Member | None,
    subject: str,
    label: str,
    kind: str,
    group: str = "",
    help: str = "",
    options: Iterable[str] = (),
    required_at_creation: bool = False,
    funnel_ids: Iterable[int] = (),
) -> CustomField:
    """Add a field to the cards of *subject*; its key is made of the label and stays. Raises `Refused`, `Forbidden`."""
    events.require_configure(actor)
    get_subject(subject)
    if kind not in FieldKind.values:
        raise Refused(_("There is no such choice: choose from the list."), field="kind")
    present = _under_lock(subject)
    if sum(row.archived_at is None for row in present.values()) >= MOST_FIELDS:
        raise Refused(_("There are %(limit)s fields already: archive one first.") % {"limit": MOST_FIELDS})
    values = _checked(
        {"label": label, "group": group, "help": help, "funnel_ids": funnel_ids}, subject, present.values()
    )
    field = CustomField.objects.create(
        subject=subject,
        kind=kind,
        key=_free_key(values["label"], {row.key for row in present.values()}),
        required_at_creation=required_at_creation,
        order=max((row.order for row in present.values()), default=0) + 1,
        **values,
    )
    payload = events.FieldCreated(field=field.pk, subject=subject, label=field.label)
    event = record(payload, actor=actor, subjects=feeds(field))
    if field.has_options and (names := list(options)):
        add_options(field, names, actor=actor, cause=event)
    return field


@transaction.atomic
def edit_field(
    field: CustomField,
    *,
    actor: Member | None,
    changes: Mapping[str, Any],
    was: Mapping[str, Any] | None = None,
) -> CustomField:
    """Change label, group, hint, funnels, or whether it is required. Raises `Refused`, `Conflict`, `Forbidden`."""
    events.require_configure(actor)
    if unknown := set(changes) - set(EDITABLE):
        raise TypeError(f"a field has no {sorted(unknown)}")
    present = _under_lock(field.subject)
    row = present.get(field.pk)
    if row is None:
        raise Refused(_("This is no longer there: it was deleted meanwhile."))
    real = merge(row, _checked(changes, row.subject, present.values(), but=row.pk), was)
    if not real:
        return row
    before = {name: getattr(row, name) for name in real}
    for name, value in real.items():
        setattr(row, name, value)
    row.save(update_fields=list(real))
    texts = [
        [str(row._meta.get_field(name).verbose_name), _word(before[name]), _word(value)]  # type: ignore[union-attr]
        for name, value in real.items()
        if name != "funnel_ids"
    ]
    record(
        events.FieldEdited(
            field=row.pk,
            label=row.label,
            changes={name: [jsonable(before[name]), jsonable(value)] for name, value in real.items()},
            texts=texts,
        ),
        actor=actor,
        subjects=feeds(row),
    )
    return row


@transaction.atomic
def reorder_fields(subject: str, ids: Sequence[int], *, actor: Member | None) -> None:
    """Put the fields *ids* in this order, in the places that they hold together. Raises `Refused`, `Forbidden`."""
    events.require_configure(actor)
    rows = _under_lock(subject)
    before = list(rows)
    after = rearranged(before, ids)
    if after == before:
        return
    put_in_order(rows, after)
    record(events.FieldsReordered(subject, before, after), actor=actor, subjects=[("fields", 1)])


@transaction.atomic
def archive_field(field: CustomField, *, actor: Member | None) -> CustomField:
    """Take a field off the cards; what was said in it stays, and comes back with it."""
    events.require_configure(actor)
    row = locked_row(CustomField, field.pk)
    if row.archived_at is None:
        row.archived_at = clock.now()
        row.save(update_fields=["archived_at"])
        record(events.FieldArchived(field=row.pk, label=row.label), actor=actor, subjects=feeds(row))
    return row


@transaction.atomic
def restore_field(field: CustomField, *, actor: Member | None) -> CustomField:
    """Show an archived field again, with all that was said in it."""
    events.require_configure(actor)
    row = locked_row(CustomField, field.pk)
    if row.archived_at is not None:
        row.archived_at = None
        row.save(update_fields=["archived_at"])
        record(events.FieldRestored(field=row.pk, label=row.label), actor=actor, subjects=feeds(row))
    return row


def feeds(field: CustomField) -> list[tuple[str, int | None]]:
    """The field's own feed, and the feed of all fields."""
    return [("field", field.pk), ("fields", 1)]


def _under_lock(subject: str) -> dict[int, CustomField]:
    """All fields of a subject by id, in their order; whoever adds or moves waits for the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [events.ORDER_LOCK, require_workspace_id()])
    return {row.pk: row for row in CustomField.objects.select_for_update().filter(subject=subject)}


def _checked(
    changes: Mapping[str, Any], subject: str, present: Iterable[CustomField], but: int | None = None
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in changes.items():
        if name == "required_at_creation":
            values[name] = bool(value)
        elif name == "funnel_ids":
            values[name] = sorted({int(pk) for pk in value}) if get_subject(subject).by_funnel else []
        else:
            text = clean(value)
            limit = CustomField._meta.get_field(name).max_length or 0  # type: ignore[union-attr]
            if problem := length_problem(text, limit):
                raise Refused(problem, field=name)
            values[name] = text
    if "label" in values:
        if not values["label"]:
            raise Refused(_("Give it a name."), field="label")
        for other in present:
            if other.pk != but and other.label.casefold() == values["label"].casefold():
                text = (
                    _("There is already a field “%(name)s”.")
                    if other.archived_at is None
                    else _(
                        "There is a field “%(name)s” in the archive: take it out instead of adding another."
                    )
                )
                raise Refused(text % {"name": other.label}, field="label")
    return values


def _free_key(label: str, taken: set[str]) -> str:
    stem = re.sub(r"[^a-z0-9]+", "_", transliterate(label))[:32].strip("_")
    if not stem or not stem[0].isalpha():
        stem = f"field_{stem}".rstrip("_")
    # Names that end in `_id` mean related objects elsewhere.
    if stem.endswith("_id"):
        stem = f"{stem}_value"
    key, number = stem, 2
    while key in taken:
        key, number = f"{stem}_{number}", number + 1
    return key


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value) or "—"
