"""Verbs on entries of dictionaries. Archived or merged, never deleted: deals and clients refer to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from voronka.core import clock
from voronka.core.edits import jsonable, merge, shown
from voronka.core.errors import Refused
from voronka.core.text import clean, fold, length_problem
from voronka.desk.dictionaries.events import (
    EntriesReordered,
    EntryArchived,
    EntryCreated,
    EntryEdited,
    EntryMerged,
    EntryRestored,
    locked_row,
    put_in_order,
    require_configure,
    rows_under_lock,
)
from voronka.desk.dictionaries.moving import move_references
from voronka.desk.dictionaries.registry import Dictionary, dictionary_of, get_dictionary
from voronka.journal.actions import record, recording

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

# The feed of the whole book: everything that changes it is one of its subjects.
BOOK_FEED = ("book", 1)


def name_for(model: type[models.Model], value: object) -> str:
    """A name as it is to be stored; `Refused` when it is empty or too long for *model*."""
    name = clean(value)
    if not name:
        raise Refused(_("Give it a name."), field="name")
    limit = model._meta.get_field("name").max_length or 0  # type: ignore[union-attr]
    if problem := length_problem(name, limit):
        raise Refused(problem, field="name")
    return name


def validate(row: models.Model, names: Sequence[str]) -> None:
    """Hold the values of the fields *names* to what the model says; `Refused` with the first objection."""
    others = [f.name for f in row._meta.concrete_fields if f.name not in names]
    try:
        row.clean_fields(exclude=others)
    except ValidationError as fault:
        field, messages = next(iter(fault.message_dict.items()))
        raise Refused(messages[0], field=field) from None


def cleaned(model: type[models.Model], values: Mapping[str, Any]) -> dict[str, Any]:
    """Texts among *values* fit to be stored; the name is held to its rules."""
    result: dict[str, Any] = {}
    for name, value in values.items():
        if name == "name":
            result[name] = name_for(model, value)
        elif isinstance(value, str):
            field = model._meta.get_field(name)
            result[name] = clean(value, multiline=isinstance(field, models.TextField))
        else:
            result[name] = value
    return result


def merged(row: models.Model, changes: Mapping[str, Any], was: Mapping[str, Any] | None) -> dict[str, Any]:
    """`core.edits.merge`, with values that no field of the row can hold refused in words."""
    try:
        return merge(row, changes, was)
    except ValidationError as fault:
        raise Refused(fault.messages[0]) from None


def _require_free(dictionary: Dictionary, name: str, but: int | None = None) -> None:
    """The name must be new in its list. Held by the database too, where the table has a folded name."""
    key = fold(name)
    for other in dictionary.entries().exclude(pk=but):
        if fold(other.name) == key:
            raise _taken(other)


def _taken(other: Any) -> Refused:
    if other.archived_at is not None:
        text = _("“%(name)s” is already in the list, in the archive. Take it out instead of adding another.")
    else:
        text = _("“%(name)s” is already in the list.")
    return Refused(text % {"name": other.name}, field="name")


def _save(dictionary: Dictionary, row: Any, fields: list[str] | None = None) -> None:
    if dictionary.check is not None:
        dictionary.check(row)
    try:
        with transaction.atomic():
            row.save(update_fields=fields)
    except IntegrityError:
        # Somebody saved the same name between our look and our write.
        raise Refused(_("“%(name)s” is already in the list.") % {"name": row.name}, field="name") from None


def _create(dictionary: Dictionary, actor: Member | None, name: str, values: Mapping[str, Any]) -> Any:
    unknown = set(values) - set(dictionary.fields)
    if unknown:
        raise TypeError(f"{dictionary.code} has no fields {sorted(unknown)}")
    rows = rows_under_lock(dictionary) if dictionary.ordered else {}
    _require_free(dictionary, name)
    row = dictionary.model(name=name, **dictionary.fixed, **cleaned(dictionary.model, values))
    if dictionary.keyed:
        row.name_key = fold(name)  # type: ignore[attr-defined]
    if dictionary.ordered:
        row.order = max((r.order for r in rows.values()), default=0) + 1  # type: ignore[attr-defined]
    validate(row, ["name", *values])
    _save(dictionary, row)
    record(
        EntryCreated(dictionary.code, row.pk, name),
        actor=actor,
        subjects=[(dictionary.code, row.pk), BOOK_FEED],
    )
    return row


@transaction.atomic
def create_entry(code: str, *, actor: Member | None, name: str, **values: Any) -> Any:
    """Add an entry to the end of the list *code*. Raises `Refused`, `Forbidden`; `KeyError` for no such list."""
    require_configure(actor)
    dictionary = get_dictionary(code)
    return _create(dictionary, actor, name_for(dictionary.model, name), values)


@transaction.atomic
def ensure_entry(code: str, *, actor: Member | None, name: str, **values: Any) -> Any:
    """The entry with this name (any case, ё as е, archived too; the one it was merged into), else a new one.

    For imports and templates: whoever may do those may bring their names along.
    """
    dictionary = get_dictionary(code)
    name = name_for(dictionary.model, name)
    key = fold(name)
    if dictionary.keyed:
        found = dictionary.entries().filter(name_key=key).first()
    else:
        found = next((row for row in dictionary.entries() if fold(row.name) == key), None)
    if found is None:
        return _create(dictionary, actor, name, values)
    return (found.merged_into or found) if dictionary.mergeable else found


@transaction.atomic
def edit_entry(
    entry: Any, *, actor: Member | None, changes: Mapping[str, Any], was: Mapping[str, Any] | None = None
) -> Any:
    """Change the name or fields of an entry; nothing happens when nothing differs.

    Raises `Refused`, `Conflict` (somebody changed the same field since *was*), `Forbidden`.
    """
    require_configure(actor)
    dictionary = dictionary_of(entry)
    unknown = set(changes) - {"name", *dictionary.fields}
    if unknown:
        raise TypeError(f"{dictionary.code} has no fields {sorted(unknown)}")
    if dictionary.ordered:
        # The whole list: two moves crosswise must not put two groups inside each other.
        rows_under_lock(dictionary)
    row = locked_row(dictionary.model, entry.pk)
    real = merged(row, cleaned(dictionary.model, changes), was)
    if not real:
        return row
    if "name" in real:
        _require_free(dictionary, real["name"], but=row.pk)
        if dictionary.keyed:
            real["name_key"] = fold(real["name"])
    names = [f.name for f in row._meta.concrete_fields if f.attname in real]
    told = [name for name in names if name != "name_key"]
    before = {name: shown(row, name) for name in told}
    old = {attname: jsonable(getattr(row, attname)) for attname in real}
    for attname, value in real.items():
        setattr(row, attname, value)
    validate(row, told)
    _save(dictionary, row, list(real))
    record(
        EntryEdited(
            dictionary.code,
            row.pk,
            row.name,
            changes={attname: [old[attname], jsonable(getattr(row, attname))] for attname in real},
            texts={name: [before[name], shown(row, name)] for name in told},
        ),
        actor=actor,
        subjects=[(dictionary.code, row.pk), BOOK_FEED],
    )
    return row


@transaction.atomic
def archive_entry(entry: Any, *, actor: Member | None) -> Any:
    """Take an entry out of choice; what refers to it keeps it. Raises `Refused`, `Forbidden`."""
    require_configure(actor)
    dictionary = dictionary_of(entry)
    row = locked_row(dictionary.model, entry.pk)
    if row.archived_at is not None:
        return row
    _require_another(dictionary, row)
    for object_to in dictionary.guards:
        object_to(row)
    row.archived_at = clock.now()
    row.save(update_fields=["archived_at"])
    record(
        EntryArchived(dictionary.code, row.pk, row.name),
        actor=actor,
        subjects=[(dictionary.code, row.pk), BOOK_FEED],
    )
    return row


def _require_another(dictionary: Dictionary, row: Any) -> None:
    if not dictionary.keep_one:
        return
    # All of them under lock: two people must not archive the last two at once.
    others = [r for r in rows_under_lock(dictionary).values() if r.pk != row.pk and r.archived_at is None]
    if not others:
        raise Refused(
            _("“%(name)s” is the last one in the list “%(list)s”, and one is needed. Add another first.")
            % {"name": row.name, "list": dictionary.title}
        )


@transaction.atomic
def restore_entry(entry: Any, *, actor: Member | None) -> Any:
    """Offer an archived entry again. Raises `Refused` for a merged one, `Forbidden`."""
    require_configure(actor)
    dictionary = dictionary_of(entry)
    row = locked_row(dictionary.model, entry.pk)
    if row.archived_at is None:
        return row
    if dictionary.mergeable and row.merged_into_id:
        raise Refused(
            _("“%(name)s” was merged into “%(into)s”. Undo the merge instead.")
            % {"name": row.name, "into": row.merged_into}
        )
    row.archived_at = None
    row.save(update_fields=["archived_at"])
    record(
        EntryRestored(dictionary.code, row.pk, row.name),
        actor=actor,
        subjects=[(dictionary.code, row.pk), BOOK_FEED],
    )
    return row


@transaction.atomic
def reorder_entries(code: str, ids: Sequence[int], *, actor: Member | None) -> None:
    """Put the entries *ids* of the list in this order, in the places that they hold together now.

    Others (archived ones, a part not shown) keep theirs. Raises `Refused` when an id is not of this list.
    """
    require_configure(actor)
    dictionary = get_dictionary(code)
    if not dictionary.ordered:
        raise TypeError(f"{code} is ordered by name")
    rows = rows_under_lock(dictionary)
    before = list(rows)
    after = rearranged(before, ids)
    if after == before:
        return
    put_in_order(rows, after)
    record(EntriesReordered(code, before, after), actor=actor, subjects=[BOOK_FEED])


def rearranged(present: Sequence[int], wanted: Sequence[int]) -> list[int]:
    """*present* with the ids of *wanted* in that order, in the places they hold together.

    >>> rearranged([1, 2, 3, 4], [4, 2])
    [1, 4, 3, 2]

    Raises `Refused` when *wanted* names something twice or something that is not there.
    """
    chosen = set(wanted)
    if len(chosen) != len(wanted) or not chosen <= set(present):
        raise Refused(_("The list has changed meanwhile. Reload the page and try again."))
    queue = iter(wanted)
    return [next(queue) if pk in chosen else pk for pk in present]


@transaction.atomic
def merge_entry(entry: Any, into: Any, *, actor: Member | None) -> Any:
    """Merge an entry into another of the same list.

    Where the list `moves`, all that refers to it refers to the other one then; else nothing is rewritten, and history
    is read through `merged_into`. Chains stay one step long: what was merged into *entry* before follows it.
    Raises `Refused`, `Forbidden`.
    """
    require_configure(actor)
    dictionary = dictionary_of(entry)
    if not dictionary.mergeable or dictionary_of(into) is not dictionary:
        raise Refused(_("Only entries of one list can be merged."))
    if entry.pk == into.pk:
        raise Refused(_("Choose another entry to merge into."), field="into")
    # Both under lock in the order of ids, so that two merges crosswise wait and do not block each other.
    rows = {
        r.pk: r
        for r in dictionary.entries().select_for_update().filter(pk__in=[entry.pk, into.pk]).order_by("pk")
    }
    if len(rows) < 2:
        raise Refused(_("This is no longer there: it was deleted meanwhile."))
    row, goal = rows[entry.pk], rows[into.pk]
    if row.merged_into_id == goal.pk:
        return row
    if row.merged_into_id is not None or goal.archived_at is not None:
        raise Refused(_("Only an active entry can take in another one."), field="into")
    if dictionary.check_merge is not None:
        dictionary.check_merge(row, goal)
    followers = list(dictionary.entries().filter(merged_into=row).values_list("pk", flat=True))
    was_archived = row.archived_at is not None
    dictionary.model.objects.filter(pk__in=followers).update(merged_into=goal)  # type: ignore[attr-defined]
    row.merged_into = goal
    row.archived_at = row.archived_at or clock.now()
    row.save(update_fields=["merged_into", "archived_at"])
    payload = EntryMerged(dictionary.code, row.pk, row.name, goal.pk, goal.name, followers, was_archived)
    subjects = [(dictionary.code, row.pk), (dictionary.code, goal.pk), BOOK_FEED]
    with recording(payload, actor=actor, subjects=subjects) as event:
        if dictionary.moves:
            move_references(row, goal, event=event)
    return row
