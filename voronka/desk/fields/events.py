"""What happens to the fields themselves, and how it is taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_

from voronka.core.errors import Refused
from voronka.desk.dictionaries.events import changed_since, locked_row, put_back, put_in_order, set_archived
from voronka.desk.fields.models import CardLayout, CustomField, FieldKind, FieldOption
from voronka.desk.fields.writing import hold_alone, kept_values, require_unchanged, write_values
from voronka.desk.models import Numbering
from voronka.journal.registry import event_type
from voronka.workspaces.rights import Action, Subject

# Keys of advisory locks: the order and names of fields.
ORDER_LOCK = 30_502


def require_configure(actor: Any) -> None:
    """Raise `Forbidden` unless the member may change the company's settings; None is the system itself."""
    if actor is not None:
        actor.require(Subject.WORKSPACE, Action.CONFIGURE)


def _kind_names(payload: Any) -> dict[str, Any]:
    return {
        "label": payload.label,
        "was": _kind_label(payload.was),
        "now": _kind_label(payload.now),
    }


def _kind_label(kind: str) -> str:
    return str(FieldKind(kind).label) if kind in FieldKind.values else kind


def _told_values(payload: Any) -> str:
    lines = [_("values turned: %(count)s") % {"count": payload.converted}]
    if payload.dropped:
        lines.append(_("values put aside: %(count)s") % {"count": payload.dropped})
    return "\n".join(lines)


def _undo_created(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    hold_alone()
    field = locked_row(CustomField, payload.field)
    if kept_values(field.subject, field.key):
        raise Refused(
            _("“%(name)s” is filled in already: put it into the archive instead.") % {"name": field.label}
        )
    field.delete()


def _undo_edited(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    put_back(locked_row(CustomField, payload.field), payload.changes)


def _undo_archived(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    set_archived(locked_row(CustomField, payload.field), payload.back)


def _undo_reordered(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    rows = {row.pk: row for row in CustomField.objects.select_for_update().filter(subject=payload.subject)}
    if list(rows) != payload.after:
        raise changed_since()
    put_in_order(rows, payload.before)


def _undo_kind(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    hold_alone()
    field = locked_row(CustomField, payload.field)
    if field.kind != payload.now:
        raise changed_since()
    before = require_unchanged(event, field.subject, field.key)
    FieldOption.objects.filter(pk__in=payload.options).delete()
    field.kind = payload.was
    field.save(update_fields=["kind"])
    write_values(field.subject, field.key, before)


def _undo_options(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    hold_alone()
    field = locked_row(CustomField, payload.field)
    made = set(payload.options)
    for value in kept_values(field.subject, field.key).values():
        if made & set(value if isinstance(value, list) else [value]):
            raise Refused(
                _("Some of these are chosen already, so adding them cannot be undone. Archive them.")
            )
    FieldOption.objects.filter(field=field, pk__in=made).delete()


def _undo_option(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    put_back(locked_row(FieldOption, payload.option), payload.changes)


def _undo_option_archived(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    set_archived(locked_row(FieldOption, payload.option), payload.back)


def _undo_merged(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    hold_alone()
    option = locked_row(FieldOption, payload.option)
    if option.merged_into_id != payload.into:
        raise changed_since()
    before = require_unchanged(event, payload.subject, payload.key)
    option.merged_into = None
    option.archived_at = option.archived_at if payload.was_archived else None
    option.save(update_fields=["merged_into", "archived_at"])
    write_values(payload.subject, payload.key, before)


@event_type("field.created", sentence=N_("Field added: {label}"), icon="forms", undo=_undo_created)
@dataclass(frozen=True)
class FieldCreated:
    field: int
    subject: str
    label: str


@event_type(
    "field.edited",
    sentence=N_("Field changed: {label}"),
    icon="pencil",
    body=lambda p: "\n".join("{}: {} → {}".format(*line) for line in p.texts),
    undo=_undo_edited,
)
@dataclass(frozen=True)
class FieldEdited:
    """`changes`: attribute -> [before, after]; `texts`: [label, before, after] as people read them."""

    field: int
    label: str
    changes: dict[str, list[Any]]
    texts: list[list[str]]


@event_type(
    "field.archived",
    sentence=N_("Field put into the archive: {label}"),
    icon="archive",
    undo=_undo_archived,
)
@dataclass(frozen=True)
class FieldArchived:
    field: int
    label: str
    back: bool = False


@event_type(
    "field.restored",
    sentence=N_("Field taken out of the archive: {label}"),
    icon="archive-off",
    undo=_undo_archived,
)
@dataclass(frozen=True)
class FieldRestored:
    field: int
    label: str
    back: bool = True


@event_type(
    "field.reordered", sentence=N_("Order of the fields changed"), icon="arrows-sort", undo=_undo_reordered
)
@dataclass(frozen=True)
class FieldsReordered:
    subject: str
    before: list[int]
    after: list[int]


@event_type(
    "field.kind_changed",
    sentence=N_("Field “{label}”: {was} → {now}"),
    icon="transform",
    describe=_kind_names,
    body=_told_values,
    undo=_undo_kind,
)
@dataclass(frozen=True)
class FieldKindChanged:
    """Replaced values are kept beside the event; *options* were made for it; *dropped* could not be turned."""

    field: int
    label: str
    was: str
    now: str
    converted: int
    dropped: int
    options: list[int]


@event_type(
    "field.options_added",
    sentence=N_("Choices added to “{label}”: {names}"),
    icon="list-details",
    undo=_undo_options,
)
@dataclass(frozen=True)
class OptionsAdded:
    """*names* are the first of them, in words."""

    field: int
    label: str
    names: str
    options: list[int]


@event_type(
    "field.option_renamed",
    sentence=N_("Choice renamed in “{label}”: {was} → {now}"),
    icon="pencil",
    undo=_undo_option,
)
@dataclass(frozen=True)
class OptionRenamed:
    field: int
    label: str
    option: int
    was: str
    now: str
    changes: dict[str, list[Any]]


@event_type(
    "field.option_archived",
    sentence=N_("Choice archived in “{label}”: {name}"),
    icon="archive",
    undo=_undo_option_archived,
)
@dataclass(frozen=True)
class OptionArchived:
    field: int
    label: str
    option: int
    name: str
    back: bool = False


@event_type(
    "field.option_restored",
    sentence=N_("Choice restored in “{label}”: {name}"),
    icon="archive-off",
    undo=_undo_option_archived,
)
@dataclass(frozen=True)
class OptionRestored:
    field: int
    label: str
    option: int
    name: str
    back: bool = True


@event_type(
    "field.option_merged",
    sentence=N_("Choices merged in “{label}”: {name} → {into_name}"),
    icon="git-merge",
    undo=_undo_merged,
)
@dataclass(frozen=True)
class OptionMerged:
    """Values that named the one name the other now; what they were is kept beside the event."""

    field: int
    subject: str
    key: str
    label: str
    option: int
    name: str
    into: int
    into_name: str
    was_archived: bool


def _undo_layout(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    rows = CardLayout.objects.select_for_update(of=("self",)).filter(
        subject=payload.subject, role=payload.role, funnel_id=payload.funnel
    )
    row = rows.first()
    present = None if row is None else {"groups": row.groups, "required": row.required}
    if present != payload.after:
        raise changed_since()
    if payload.before is None:
        rows.delete()
    else:
        CardLayout.objects.update_or_create(
            subject=payload.subject,
            role_id=payload.role,
            funnel_id=payload.funnel,
            defaults=payload.before,
        )


@event_type(
    "layout.saved",
    sentence=N_("Layout of the card changed: {title}"),
    icon="layout-cards",
    undo=_undo_layout,
)
@dataclass(frozen=True)
class LayoutSaved:
    """`before` and `after`: {"groups", "required"} of `CardLayout`, None for none."""

    subject: str
    title: str
    role: int | None
    funnel: int | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def _undo_numbering(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    row = Numbering.objects.select_for_update().filter(kind=payload.kind).first()
    present = None if row is None else {name: getattr(row, name) for name in PATTERN}
    if present != payload.after:
        raise changed_since()
    if payload.before is None:
        Numbering.objects.filter(kind=payload.kind).delete()
    else:
        Numbering.objects.filter(kind=payload.kind).update(**payload.before)


PATTERN = ("prefix", "with_year", "yearly", "width")


@event_type(
    "numbering.changed",
    sentence=N_("Numbers of deals look like this now: {sample}"),
    icon="hash",
    undo=_undo_numbering,
)
@dataclass(frozen=True)
class NumberingChanged:
    """`before` and `after`: the pattern's parts by name, None for none."""

    kind: str
    sample: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
