"""Taking an import back: what nobody built on since goes, what somebody did is kept and named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from voronka.catalog.models import Product
from voronka.clients.models import Company, CompanyTag, ContactPoint, Person, Position, Source
from voronka.clients.search import refresh_companies
from voronka.core import clock
from voronka.core.errors import Refused
from voronka.deals.bulk import remove_deals, untouched
from voronka.deals.models import Deal
from voronka.desk.models import ExternalRef, ImportBatch, ImportStatus
from voronka.desk.search import drop_search_rows
from voronka.integrations.events import ImportUndone
from voronka.journal.actions import record
from voronka.journal.models import EventSubject
from voronka.playbook.models import Funnel, Reason, Stage
from voronka.workspaces.models import Member, MemberStatus
from voronka.workspaces.rights import Action, Subject

_PART = 10_000
_NAMED = 50


@dataclass
class Undone:
    """What went and what stayed: counts of deals and of other things, and the names of (some) deals kept."""

    deals: int = 0
    others: int = 0
    kept: int = 0
    kept_titles: list[str] = field(default_factory=list)


@transaction.atomic
def undo_import(batch: ImportBatch, *, actor: Member) -> Undone:
    """Take away what the import *batch* brought and nobody has touched since.

    Deals that it only updated stay as they are: what they were before is not kept. Raises `Refused` for an import
    that is not done, `Forbidden` without the right to import.
    """
    actor.require(Subject.IMPORT, Action.CREATE)
    batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.status == ImportStatus.UNDONE:
        return Undone()
    if batch.status != ImportStatus.DONE:
        raise Refused(_("Only an import that is done can be undone."))
    result = Undone()
    companies_left = _remove_deals(batch, result)
    _remove_made(batch, result, companies_left)
    batch.status = ImportStatus.UNDONE
    batch.finished_at = clock.now()
    batch.result = {
        **batch.result,
        "undone": {"deals": result.deals, "kept": result.kept, "titles": result.kept_titles},
    }
    batch.save(update_fields=["status", "finished_at", "result"])
    record(
        ImportUndone(batch=batch.pk, file=batch.file_name, removed=result.deals, kept=result.kept),
        actor=actor,
        subjects=[("import", batch.pk)],
    )
    return result


def _refs(batch: ImportBatch, kind: str) -> list[int]:
    return list(ExternalRef.objects.filter(batch=batch, kind=kind).values_list("object_id", flat=True))


def _remove_deals(batch: ImportBatch, result: Undone) -> set[int]:
    """Remove the untouched deals; return the clients they were of."""
    companies: set[int] = set()
    kept: list[int] = []
    ids = _refs(batch, "deal")
    for start in range(0, len(ids), _PART):
        part = ids[start : start + _PART]
        free = untouched(part)
        # What other rooms hang on a deal without an event of its own counts as built on it too.
        free -= _referred(Deal, free, but={"dealstate", "stagevisit", "dealtag", "dealparticipant"})
        gone = sorted(free)
        deals = Deal.objects.filter(pk__in=gone)
        companies.update(deals.exclude(company=None).values_list("company_id", flat=True))
        result.deals += remove_deals(gone)
        drop_search_rows("deal", gone)
        ExternalRef.objects.filter(kind="deal", object_id__in=gone).delete()
        kept += [pk for pk in part if pk not in free]
    present = Deal.objects.filter(pk__in=kept)
    result.kept = present.count()
    result.kept_titles = list(present.order_by("pk").values_list("title", flat=True)[:_NAMED])
    return companies


# What belongs to an object itself and goes with it, by the model's name.
_OWN: Mapping[type, frozenset[str]] = {
    Company: frozenset({"contactpoint", "position", "companytag"}),
    Person: frozenset({"contactpoint", "position"}),
    # A funnel's stages go first.
    Funnel: frozenset(),
}


def _remove_made(batch: ImportBatch, result: Undone, companies_left: set[int]) -> None:
    """Remove what else the import made and nothing refers to any more: first people, last members."""
    for kind, model in (
        ("person", Person),
        ("company", Company),
        ("product", Product),
        ("stage", Stage),
        ("funnel", Funnel),
        ("source", Source),
        ("lost_reason", Reason),
        ("member", Member),
    ):
        ids = set(_refs(batch, kind))
        gone = sorted(_unused(kind, model, ids))
        if kind == "person":
            ContactPoint.objects.filter(person__in=gone).delete()
            Position.objects.filter(person__in=gone).delete()
        elif kind == "company":
            ContactPoint.objects.filter(company__in=gone).delete()
            CompanyTag.objects.filter(company__in=gone).delete()
            companies_left |= ids
        for start in range(0, len(gone), _PART):
            part = gone[start : start + _PART]
            # Nothing refers to them: there is no cascade to be looked for.
            rows: Any = model.objects.filter(pk__in=part)
            rows._raw_delete(rows.db)
            drop_search_rows(kind, part)
        ExternalRef.objects.filter(batch=batch, kind=kind, object_id__in=gone).delete()
        result.others += len(gone)
    refresh_companies(
        Company.objects.filter(pk__in=companies_left, deleted_at=None).values_list("pk", flat=True)
    )


def _unused(kind: str, model: Any, ids: set[int]) -> set[int]:
    """Those of *ids* that nothing refers to and nobody has changed."""
    rows = model.objects.filter(pk__in=ids)
    if hasattr(model, "version"):
        rows = rows.filter(version=1)
    if model is Member:
        rows = rows.filter(status=MemberStatus.FORMER, user=None)
    free = set(rows.values_list("pk", flat=True))
    free -= _referred(model, free, but=_OWN.get(model, frozenset()))
    if model is Company:
        free -= set(Position.objects.filter(company__in=free).values_list("company_id", flat=True))
    if model is Person:
        free -= _with_own_events(kind, free)
    return free - _with_own_events(kind, free) if model is Company else free


def _with_own_events(kind: str, ids: Iterable[int]) -> set[int]:
    subjects = EventSubject.objects.filter(kind=kind, object_id__in=list(ids))
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
            rows = other.objects.filter(**{f"{name}__in": listed[start : start + _PART]})
            found.update(rows.order_by().values_list(name, flat=True).distinct())
    return found
