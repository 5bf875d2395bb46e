"""Verbs on the options of a field: added in bulk, renamed, archived, merged."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from voronka.core import clock
from voronka.core.errors import Refused
from voronka.core.text import clean, fold, length_problem
from voronka.desk.dictionaries.events import locked_row
from voronka.desk.fields import events
from voronka.desk.fields.models import CustomField, FieldKind, FieldOption
from voronka.desk.fields.writing import hold_alone, keep, kept_values, write_values
from voronka.journal.actions import caused_by, record
from voronka.journal.models import Event
from voronka.workspaces.models import Member

MOST_OPTIONS = 20_000


def option_name(value: object) -> str:
    """A name fit for an option; `Refused` for none or too long a one."""
    name = clean(value)
    if not name:
        raise Refused(_("Give it a name."), field="name")
    if problem := length_problem(name, 150):
        raise Refused(problem, field="name")
    return name


@transaction.atomic
def add_options(
    field: CustomField, names: Iterable[object], *, actor: Member | None, cause: Event | None = None
) -> list[FieldOption]:
    """Add choices to the end of the list; those that are there already (any case) are passed over.

    Empty lines are passed over too. Raises `Refused`, `Forbidden`.
    """
    events.require_configure(actor)
    row = locked_row(CustomField, field.pk)
    if not row.has_options:
        raise Refused(_("This field has no list of choices."))
    made = make_options(row, names)
    if not made:
        return []
    shown = ", ".join(option.name for option in made[:5])
    payload = events.OptionsAdded(
        field=row.pk,
        label=row.label,
        names=shown
        if len(made) <= 5
        else _("%(names)s and others, %(count)s in all") % {"names": shown, "count": len(made)},
        options=[option.pk for option in made],
    )
    if cause is None:
        record(payload, actor=actor, subjects=[("field", row.pk), ("fields", 1)])
    else:
        with caused_by(cause):
            record(payload, actor=actor, subjects=[("field", row.pk)])
    return made


def make_options(field: CustomField, names: Iterable[object]) -> list[FieldOption]:
    """The rows of `add_options` without its event: for what records an event of its own."""
    wanted: dict[str, str] = {}
    for value in names:
        if clean(value):
            name = option_name(value)
            wanted.setdefault(fold(name), name)
    present = set(FieldOption.objects.filter(field=field).values_list("name_key", flat=True))
    fresh = {key: name for key, name in wanted.items() if key not in present}
    if len(present) + len(fresh) > MOST_OPTIONS:
        raise Refused(_("A list holds at most %(limit)s choices.") % {"limit": MOST_OPTIONS}, field="options")
    last = FieldOption.objects.filter(field=field).aggregate(last=Max("order"))["last"] or 0
    return FieldOption.objects.bulk_create(
        (
            FieldOption(field=field, name=name, name_key=key[:150], order=last + at)
            for at, (key, name) in enumerate(fresh.items(), start=1)
        ),
        batch_size=2000,
    )


@transaction.atomic
def rename_option(option: FieldOption, name: object, *, actor: Member | None) -> FieldOption:
    """Give a choice another name; what refers to it shows the new one. Raises `Refused`, `Forbidden`."""
    events.require_configure(actor)
    row = locked_row(FieldOption, option.pk)
    new, key = option_name(name), fold(option_name(name))[:150]
    if new == row.name:
        return row
    twin = FieldOption.objects.filter(field=row.field_id, name_key=key).exclude(pk=row.pk).first()
    if twin is not None:
        raise Refused(_("“%(name)s” is already in the list.") % {"name": twin.name}, field="name")
    changes: dict[str, list[Any]] = {"name": [row.name, new], "name_key": [row.name_key, key]}
    was, row.name, row.name_key = row.name, new, key
    row.save(update_fields=["name", "name_key"])
    record(
        events.OptionRenamed(row.field_id, row.field.label, row.pk, was, new, changes),
        actor=actor,
        subjects=[("field", row.field_id), ("fields", 1)],
    )
    return row


@transaction.atomic
def set_option_archived(option: FieldOption, archived: bool, *, actor: Member | None) -> FieldOption:
    """Offer a choice no more, or again; values that name it stay. Raises `Refused` for a merged one, `Forbidden`."""
    events.require_configure(actor)
    row = locked_row(FieldOption, option.pk)
    if (row.archived_at is not None) == archived:
        return row
    if row.merged_into_id:
        raise Refused(
            _("“%(name)s” was merged into “%(into)s”. Undo the merge instead.")
            % {"name": row.name, "into": row.merged_into}
        )
    row.archived_at = clock.now() if archived else None
    row.save(update_fields=["archived_at"])
    payload_class = events.OptionArchived if archived else events.OptionRestored
    record(
        payload_class(row.field_id, row.field.label, row.pk, row.name),
        actor=actor,
        subjects=[("field", row.field_id), ("fields", 1)],
    )
    return row


@transaction.atomic
def merge_option(option: FieldOption, into: FieldOption, *, actor: Member | None) -> FieldOption:
    """Let every value that names *option* name *into*, and archive it. Raises `Refused`, `Forbidden`."""
    events.require_configure(actor)
    if option.pk == into.pk:
        raise Refused(_("Choose another entry to merge into."), field="into")
    # Nobody writes values meanwhile: one that still named the old choice would stay behind.
    hold_alone()
    rows = {
        row.pk: row
        for row in FieldOption.objects.select_for_update().filter(pk__in=[option.pk, into.pk]).order_by("pk")
    }
    if len(rows) < 2 or len({row.field_id for row in rows.values()}) > 1:
        raise Refused(_("Only entries of one list can be merged."))
    row, goal = rows[option.pk], rows[into.pk]
    if row.merged_into_id == goal.pk:
        return row
    if row.merged_into_id is not None or goal.archived_at is not None:
        raise Refused(_("Only an active entry can take in another one."), field="into")
    field = CustomField.objects.get(pk=row.field_id)
    many = field.kind == FieldKind.CHOICES
    named = Q(custom__contains={field.key: [row.pk] if many else row.pk})
    before = kept_values(field.subject, field.key, named)
    after = {
        pk: sorted({goal.pk if one == row.pk else one for one in value}) if many else goal.pk
        for pk, value in before.items()
    }
    payload = events.OptionMerged(
        field=field.pk,
        subject=field.subject,
        key=field.key,
        label=field.label,
        option=row.pk,
        name=row.name,
        into=goal.pk,
        into_name=goal.name,
        was_archived=row.archived_at is not None,
    )
    event = record(payload, actor=actor, subjects=[("field", field.pk), ("fields", 1)])
    keep(event, field.subject, field.key, before, after)
    write_values(field.subject, field.key, after)
    row.merged_into = goal
    row.archived_at = row.archived_at or clock.now()
    row.save(update_fields=["merged_into", "archived_at"])
    return row
