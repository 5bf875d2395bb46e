"""What happens to entries of dictionaries, and how it is taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_

from voronka.core import clock
from voronka.core.edits import jsonable, restored
from voronka.core.errors import Refused
from voronka.desk.dictionaries.moving import move_back
from voronka.desk.dictionaries.registry import Dictionary, find_dictionary, get_dictionary
from voronka.journal.registry import event_type
from voronka.workspaces.rights import Action, Subject


def require_configure(actor: Any) -> None:
    """Raise `Forbidden` unless the member may change the book; None is the system itself."""
    if actor is not None:
        actor.require(Subject.BOOK, Action.CONFIGURE)


def changed_since() -> Refused:
    """Something was built on it: the undo gives way."""
    return Refused(_("This was changed again since then, so it cannot be undone."))


def locked_row(model: Any, pk: int, *, no_key: bool = False) -> Any:
    """The row under lock (with *no_key* others may be made to refer to it); `Refused` when it is gone."""
    row = model.objects.select_for_update(no_key=no_key).filter(pk=pk).first()
    if row is None:
        raise Refused(_("This is no longer there: it was deleted meanwhile."))
    return row


def put_back(row: models.Model, changes: dict[str, list[Any]]) -> None:
    """Write the values before, if the present ones are still those after."""
    if any(jsonable(getattr(row, attname)) != after for attname, (_before, after) in changes.items()):
        raise changed_since()
    fields = list(changes)
    for attname, (before, _after) in changes.items():
        setattr(row, attname, restored(row, attname, before))
    if hasattr(row, "version"):
        row.version += 1
        fields.append("version")
    try:
        with transaction.atomic():
            row.save(update_fields=fields)
    except IntegrityError:
        # The old name has been given to somebody else meanwhile.
        raise changed_since() from None


def remove_unused(row: models.Model) -> None:
    """Delete what was just created; `Refused` when something refers to it already."""
    try:
        row.delete()
    except (models.ProtectedError, models.RestrictedError):
        raise Refused(
            _("“%(name)s” is already in use, so creating it cannot be undone. You can archive it.")
            % {"name": row}
        ) from None


def set_archived(row: Any, archived: bool) -> None:
    """Move into or out of the archive; `Refused` when it is there already."""
    if (row.archived_at is not None) == archived:
        raise changed_since()
    row.archived_at = clock.now() if archived else None
    row.save(update_fields=["archived_at"])


def told_changes(model: type[models.Model], texts: dict[str, list[str]]) -> str:
    """«Price: 10 → 20», a line for each field (by its bare name, if the model has it no more)."""
    labels = {f.name: str(f.verbose_name).capitalize() for f in model._meta.concrete_fields}
    return "\n".join(
        f"{labels.get(name, name)}: {before} → {after}" for name, (before, after) in texts.items()
    )


def _told_entry(payload: Any) -> str:
    dictionary = find_dictionary(payload.dictionary)
    return told_changes(dictionary.model, payload.texts) if dictionary else ""


def put_in_order(rows: dict[int, Any], order: list[int]) -> None:
    """Number the rows 1..n as *order* says; only those that move are written."""
    moved = []
    for place, pk in enumerate(order, start=1):
        if rows[pk].order != place:
            rows[pk].order = place
            moved.append(rows[pk])
    if moved:
        type(moved[0]).objects.bulk_update(moved, ["order"])


def _list(payload: Any) -> dict[str, Any]:
    # The log outlives lists: one that a later version lacks is told by its code.
    dictionary = find_dictionary(payload.dictionary)
    title = str(dictionary.title) if dictionary else payload.dictionary
    return {"list": title, "name": getattr(payload, "name", ""), "into": getattr(payload, "into_name", "")}


def _row(payload: Any) -> Any:
    return locked_row(get_dictionary(payload.dictionary).model, payload.entry)


def _undo_created(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    remove_unused(_row(payload))


def _undo_edited(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    put_back(_row(payload), payload.changes)


def _undo_archived(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    set_archived(_row(payload), False)


def _undo_restored(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    set_archived(_row(payload), True)


def rows_under_lock(dictionary: Dictionary) -> dict[int, Any]:
    """All rows of a list by id, in their order, locked: whoever adds or moves waits for the other. Deals that refer to
    them can be written meanwhile.
    """
    return {row.pk: row for row in dictionary.entries().select_for_update(no_key=True)}


def _undo_reordered(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    rows = rows_under_lock(get_dictionary(payload.dictionary))
    if list(rows) != payload.after:
        raise changed_since()
    put_in_order(rows, payload.before)


def _undo_merged(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    row = _row(payload)
    if row.merged_into_id != payload.into:
        raise changed_since()
    row.merged_into = None
    row.archived_at = None if not payload.was_archived else row.archived_at
    row.save(update_fields=["merged_into", "archived_at"])
    type(row).objects.filter(pk__in=payload.followers, merged_into_id=payload.into).update(merged_into=row)
    if get_dictionary(payload.dictionary).moves:
        move_back(row, locked_row(type(row), payload.into), event=event)


@event_type(
    "entry.created",
    sentence=N_("Added to the list “{list}”: {name}"),
    icon="plus",
    describe=_list,
    undo=_undo_created,
)
@dataclass(frozen=True)
class EntryCreated:
    dictionary: str
    entry: int
    name: str


@event_type(
    "entry.edited",
    sentence=N_("Changed in the list “{list}”: {name}"),
    icon="pencil",
    describe=_list,
    body=_told_entry,
    undo=_undo_edited,
)
@dataclass(frozen=True)
class EntryEdited:
    """`changes`: attribute -> [before, after]; `texts`: field -> the same as people read them."""

    dictionary: str
    entry: int
    name: str
    changes: dict[str, list[Any]]
    texts: dict[str, list[str]]


@event_type(
    "entry.archived",
    sentence=N_("Archived from the list “{list}”: {name}"),
    icon="archive",
    describe=_list,
    undo=_undo_archived,
)
@dataclass(frozen=True)
class EntryArchived:
    dictionary: str
    entry: int
    name: str


@event_type(
    "entry.restored",
    sentence=N_("Restored to the list “{list}”: {name}"),
    icon="archive-off",
    describe=_list,
    undo=_undo_restored,
)
@dataclass(frozen=True)
class EntryRestored:
    dictionary: str
    entry: int
    name: str


@event_type(
    "entry.reordered",
    sentence=N_("Order changed in the list “{list}”"),
    icon="arrows-sort",
    describe=_list,
    undo=_undo_reordered,
)
@dataclass(frozen=True)
class EntriesReordered:
    dictionary: str
    before: list[int]
    after: list[int]


@event_type(
    "entry.merged",
    sentence=N_("Merged in the list “{list}”: {name} → {into}"),
    icon="git-merge",
    describe=_list,
    undo=_undo_merged,
)
@dataclass(frozen=True)
class EntryMerged:
    """`followers` were merged into the entry before and now follow it."""

    dictionary: str
    entry: int
    name: str
    into: int
    into_name: str
    followers: list[int]
    was_archived: bool
