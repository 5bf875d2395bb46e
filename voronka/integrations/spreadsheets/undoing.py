"""Taking an import back: what nobody built on since goes, what somebody did is kept and named."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from voronka.activities.bulk import remove_activities
from voronka.activities.models import Activity
from voronka.catalog.models import Product, ProductGroup
from voronka.clients.models import Company, CompanyTag, ContactPoint, Person, Position, Segment, Source
from voronka.clients.search import refresh_companies, refresh_people
from voronka.core import clock
from voronka.core.edits import jsonable
from voronka.core.errors import Refused
from voronka.core.text import clip, company_key, fold
from voronka.deals.bulk import remove_deals, untouched
from voronka.deals.models import Deal
from voronka.desk.bulk import remove_notes
from voronka.desk.models import ExternalRef, ImportBatch, ImportChange, ImportStatus, Note
from voronka.desk.search import drop_search_rows
from voronka.integrations.events import ImportUndone
from voronka.integrations.spreadsheets.lots import parts_of
from voronka.integrations.spreadsheets.plans import MADE
from voronka.integrations.spreadsheets.writing import one_at_a_time
from voronka.journal.actions import record
from voronka.journal.bulk import OF_IMPORT
from voronka.journal.models import EventSubject
from voronka.playbook.models import ActivityKind, Funnel, Reason, Stage
from voronka.workspaces.models import Member, MemberStatus
from voronka.workspaces.rights import Action, Subject

_PART = 10_000
_NAMED = 50


# A smaller import is undone at once, a larger one in the background.
QUICKLY = 2_000


@dataclass
class Undone:
    """What went and what stayed: counts of deals and of other things, and the names of (some) of those kept."""

    deals: int = 0
    others: int = 0
    restored: int = 0
    kept: int = 0
    kept_titles: list[str] = field(default_factory=list)


def objects_of(batch: ImportBatch) -> int:
    """How many things an import made, roughly: what undoing it would have to look at."""
    return ExternalRef.objects.filter(batch__in=parts_of(batch)).count()


@transaction.atomic
def undo_import(
    batch: ImportBatch, *, actor: Member, progress: Callable[[int, int], None] = lambda done, total: None
) -> Undone:
    """Take away what the import *batch* (with all its files) brought and nobody has touched since, and put back what it
    overwrote in things that were there, unless they were changed once more.

    Deals that it only updated stay as they are: what they were before is not kept. Raises `Refused` for an import
    that is not done, `Forbidden` without the right to import.
    """
    actor.require(Subject.IMPORT, Action.CREATE)
    one_at_a_time()
    batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.status == ImportStatus.UNDONE:
        return Undone()
    if batch.lot_id is not None or batch.status not in (ImportStatus.DONE, ImportStatus.UNDOING):
        raise Refused(_("Only an import that is done can be undone."))
    parts = [part.pk for part in parts_of(batch)]
    result = Undone()
    _remove_notes_and_activities(parts, result)
    progress(1, 4)
    companies_left = _remove_deals(parts, result)
    progress(2, 4)
    _put_back(parts, result, companies_left)
    _remove_made(parts, result, companies_left)
    progress(4, 4)
    batch.status = ImportStatus.UNDONE
    batch.message = ""
    batch.finished_at = clock.now()
    batch.result = {
        **batch.result,
        "undone": {
            "deals": result.deals,
            "others": result.others,
            "restored": result.restored,
            "kept": result.kept,
            "titles": result.kept_titles,
        },
    }
    batch.save(update_fields=["status", "message", "finished_at", "result"])
    ImportBatch.objects.filter(lot=batch).update(status=ImportStatus.UNDONE)
    record(
        ImportUndone(
            batch=batch.pk, file=batch.file_name, removed=result.deals + result.others, kept=result.kept
        ),
        actor=actor,
        subjects=[("import", batch.pk)],
    )
    return result


def _refs(batches: Sequence[int], kind: str) -> list[int]:
    return list(ExternalRef.objects.filter(batch__in=batches, kind=kind).values_list("object_id", flat=True))


def _named(result: Undone, kept: int, titles: Iterable[str]) -> None:
    result.kept += kept
    result.kept_titles = [*result.kept_titles, *titles][:_NAMED]


def _forget_refs(kind: str, ids: Sequence[int]) -> None:
    for start in range(0, len(ids), _PART):
        ExternalRef.objects.filter(kind=kind, object_id__among=ids[start : start + _PART]).delete()


def _remove_notes_and_activities(batches: Sequence[int], result: Undone) -> None:
    """What was written about clients and done with them goes first: it refers to all the rest."""
    notes = _refs(batches, "note")
    edited = Note.objects.filter(pk__among=notes).exclude(edited_at=None, pinned_at=None)
    stay = set(edited.values_list("pk", flat=True))
    _named(result, len(stay), (clip(text, 60) for text in edited.values_list("body", flat=True)[:_NAMED]))
    gone = [pk for pk in notes if pk not in stay]
    remove_notes(gone)
    _forget_refs("note", gone)
    activities = _refs(batches, "activity")
    touched = Activity.objects.filter(pk__among=activities).exclude(version=1)
    stay = set(touched.values_list("pk", flat=True)) | _with_own_events("activity", activities)
    kept = Activity.objects.filter(pk__among=stay)
    _named(result, len(stay), kept.values_list("subject", flat=True)[:_NAMED])
    undone = [pk for pk in activities if pk not in stay]
    remove_activities(undone)
    _forget_refs("activity", undone)
    result.others += len(gone) + len(undone)


def _remove_deals(batches: Sequence[int], result: Undone) -> set[int]:
    """Remove the untouched deals; return the clients they were of."""
    companies: set[int] = set()
    kept: list[int] = []
    ids = _refs(batches, "deal")
    for start in range(0, len(ids), _PART):
        part = ids[start : start + _PART]
        free = untouched(part)
        # What other rooms hang on a deal without an event of its own counts as built on it too.
        free -= _referred(Deal, free, but={"dealstate", "stagevisit", "dealtag", "dealparticipant"})
        gone = sorted(free)
        deals = Deal.objects.filter(pk__among=gone)
        companies.update(deals.exclude(company=None).values_list("company_id", flat=True))
        result.deals += remove_deals(gone)
        drop_search_rows("deal", gone)
        _forget_refs("deal", gone)
        kept += [pk for pk in part if pk not in free]
    present = Deal.objects.filter(pk__among=kept)
    _named(result, present.count(), present.order_by("pk").values_list("title", flat=True)[:_NAMED])
    return companies


_MODELS: Mapping[str, Any] = {
    "company": Company,
    "person": Person,
    "product": Product,
    "activity": Activity,
    "note": Note,
}


def _put_back(batches: Sequence[int], result: Undone, companies: set[int]) -> None:
    """Contacts, posts and tags added to what was there go; values overwritten come back where they still stand."""
    contacts = _refs(batches, "contact")
    points = ContactPoint.objects.filter(pk__among=contacts)
    companies.update(points.exclude(company=None).values_list("company_id", flat=True))
    people = set(points.exclude(person=None).values_list("person_id", flat=True))
    for kind, model in (("contact", ContactPoint), ("position", Position), ("company_tag", CompanyTag)):
        ids = _refs(batches, kind)
        model.objects.filter(pk__among=ids).delete()
        _forget_refs(kind, ids)
    changes = ImportChange.objects.filter(batch__in=batches).order_by("-pk")
    for change in changes.iterator(chunk_size=_PART):
        model = _MODELS[change.kind]
        row = model.objects.filter(pk=change.object_id).first()
        if row is None:
            continue
        values = {
            name: model._meta.get_field(name.removesuffix("_id")).to_python(value)
            if not name.endswith("_id")
            else value
            for name, value in change.before.items()
            if jsonable(getattr(row, name)) == change.after.get(name)
        }
        if not values:
            continue
        if "name" in values:
            values["name_key"] = (company_key if change.kind == "company" else fold)(values["name"])[
                : model._meta.get_field("name_key").max_length
            ]
        model.objects.filter(pk=row.pk).update(**values)
        result.restored += 1
        if change.kind == "company":
            companies.add(row.pk)
        elif change.kind == "person":
            people.add(row.pk)
    changes.delete()
    refresh_people(Person.objects.filter(pk__among=people).values_list("pk", flat=True))


# What belongs to an object itself and goes with it, by the model's name.
_OWN: Mapping[type, frozenset[str]] = {
    Company: frozenset({"contactpoint", "position", "companytag"}),
    Person: frozenset({"contactpoint", "position"}),
    # A funnel's stages go first.
    Funnel: frozenset(),
}


def _remove_made(batches: Sequence[int], result: Undone, companies_left: set[int]) -> None:
    """Remove what else the import made and nothing refers to any more: first people, last members."""
    for kind, model in (
        ("person", Person),
        ("company", Company),
        ("product", Product),
        ("stage", Stage),
        ("funnel", Funnel),
        ("product_group", ProductGroup),
        ("segment", Segment),
        ("source", Source),
        ("lost_reason", Reason),
        ("activity_kind", ActivityKind),
        ("member", Member),
    ):
        ids = set(_refs(batches, kind))
        gone = sorted(_unused(kind, model, ids))
        if kind == "person":
            ContactPoint.objects.filter(person__among=gone).delete()
            Position.objects.filter(person__among=gone).delete()
        elif kind == "company":
            ContactPoint.objects.filter(company__among=gone).delete()
            CompanyTag.objects.filter(company__among=gone).delete()
            companies_left |= ids
        for start in range(0, len(gone), _PART):
            part = gone[start : start + _PART]
            # Nothing refers to them: there is no cascade to be looked for.
            rows: Any = model.objects.filter(pk__among=part)
            rows._raw_delete(rows.db)
            drop_search_rows(kind, part)
        _forget_refs(kind, gone)
        result.others += len(gone)
        # What rows of the file were about is named; what deals merely mentioned is not.
        own = ExternalRef.objects.filter(batch__in=batches, kind=kind).exclude(source=MADE)
        rest = set(own.values_list("object_id", flat=True))
        if rest and hasattr(model, "name"):
            kept = model.objects.filter(pk__among=rest)
            _named(result, kept.count(), kept.values_list("name", flat=True)[:_NAMED])
    refresh_companies(
        Company.objects.filter(pk__among=companies_left, deleted_at=None).values_list("pk", flat=True)
    )


def _unused(kind: str, model: Any, ids: set[int]) -> set[int]:
    """Those of *ids* that nothing refers to and nobody has changed."""
    rows = model.objects.filter(pk__among=ids)
    if hasattr(model, "version"):
        rows = rows.filter(version=1)
    if model is Member:
        rows = rows.filter(status=MemberStatus.FORMER, user=None)
    free = set(rows.values_list("pk", flat=True))
    free -= _referred(model, free, but=_OWN.get(model, frozenset()))
    if model is Company:
        free -= set(Position.objects.filter(company__among=free).values_list("company_id", flat=True))
    if model is Person:
        free -= _with_own_events(kind, free)
    return free - _with_own_events(kind, free) if model is Company else free


def _with_own_events(kind: str, ids: Iterable[int]) -> set[int]:
    subjects = EventSubject.objects.filter(kind=kind, object_id__among=list(ids)).exclude(
        event__type__endswith=OF_IMPORT
    )
    return set(subjects.values_list("object_id", flat=True))


def _referred(model: Any, ids: set[int], *, but: frozenset[str] | set[str]) -> set[int]:
    """Those of *ids* to which some row of another table refers, tables *but* left out."""
    found: set[int] = set()
    listed = sorted(ids)
    for relation in model._meta.get_fields(include_hidden=True):
        if not (relation.auto_created and (relation.one_to_many or relation.one_to_one)):
            continue
        other = relation.related_model
        if other._meta.model_name in but:
            continue
        name = relation.field.attname
        for start in range(0, len(listed), _PART):
            rows = other.objects.filter(**{f"{name}__among": listed[start : start + _PART]})
            found.update(rows.order_by().values_list(name, flat=True).distinct())
    return found
