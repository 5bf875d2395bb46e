"""What one file of one subject would do here, and the doing of it: what companies, people and the rest share.

A thing is known again by its number in the file, else as its subject says (ИНН; phone or e-mail; exact name). One
that nobody touched since an import brought it takes over all that the file says; in another one only blanks are
filled, so what people wrote here stays.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from voronka.core.edits import jsonable
from voronka.core.errors import Refused
from voronka.core.text import fold
from voronka.desk.dictionaries.actions import ensure_entry
from voronka.desk.dictionaries.registry import get_dictionary
from voronka.desk.models import ExternalRef, ImportBatch, ImportChange
from voronka.desk.tags import tag_named
from voronka.integrations.spreadsheets.known import Known, members_named, parts
from voronka.integrations.spreadsheets.records import Record, Records
from voronka.integrations.spreadsheets.similar import Alike, alike, answer_key, meant, names_of
from voronka.journal.bulk import OF_IMPORT
from voronka.journal.models import EventSubject
from voronka.workspaces.actions.members import mark_former
from voronka.workspaces.models import Member

# Under this "source" stand the objects that an import made besides what its rows are about.
MADE = "import"
# More different names than this in such a column: it is another column.
MOST_OWNERS = 500
MOST_WORDS = 500
STEP = 2_000

Progress = Callable[[int, int], None]


@dataclass
class Plan:
    """What would be done: records to create, those to change (with the ids of ours and the new values)."""

    records: Records
    created: list[Record] = field(default_factory=list)
    updated: list[tuple[Record, int, dict[str, Any]]] = field(default_factory=list)
    # Known and without anything new but, perhaps, another number to be remembered.
    same: list[tuple[Record, int]] = field(default_factory=list)
    # Deleted here: not brought back.
    kept: list[Record] = field(default_factory=list)
    matched: Counter[str] = field(default_factory=Counter)
    owners: dict[str, Member] = field(default_factory=dict)
    new_owners: dict[str, str] = field(default_factory=dict)
    # Besides: companies that people name…
    besides: Counter[str] = field(default_factory=Counter)
    # Words that are nearly known here, those first that were said to be the same.
    alike: list[Alike] = field(default_factory=list)


class Importer:
    """One subject of one file. Subclasses say what a record is known by and how it is written."""

    subject: ClassVar[str]
    kind: ClassVar[str]
    model: ClassVar[Any]
    # Field of the file → dictionary in which the word is found or made.
    words: ClassVar[Mapping[str, str]] = {}
    owner_field: ClassVar[str] = "owner"

    def __init__(
        self,
        records: Records,
        *,
        source: str,
        known: Known,
        actor: Member,
        same: Mapping[str, str] | None = None,
    ) -> None:
        self.plan = Plan(records)
        self.same = same or {}
        self.source, self.known, self.actor = source, known, actor
        self.batch: ImportBatch | None = None
        self._words: dict[tuple[str, str], int] = {}
        self._tags: dict[str, int] = {}
        # Entries of dictionaries that were there before.
        self._there: dict[str, set[int]] = {}

    # --- what it would do

    @classmethod
    def check(cls, record: Record, problems: list[str]) -> None:
        """Complete a record (its keys) and say what is wrong with it."""
        raise NotImplementedError

    def assess(self) -> Plan:
        """Compare with what is there. Raises `Refused` when a column plainly holds something else."""
        plan = self.plan
        records = plan.records.records
        self._check_words(records)
        self._rename(records)
        keys = {key for record in records for key in (self.ref_key(record), *record.keys)}
        found = self.known.find(self.kind, keys)
        pks = {pk for pk in found.values() if pk > 0}
        refs = self._refs(pks)
        present, touched = self._present(pks), self._touched(pks)
        claimed: dict[int, Record] = {}
        for record in records:
            pk, how = self._match(record, found, refs, claimed, present)
            if pk is None:
                plan.created.append(record)
                self.known.expect(
                    self.kind, [self.ref_key(record), *record.keys], str(record.get("name", ""))
                )
                continue
            claimed[pk] = record
            plan.matched[how] += 1
            if pk < 0:
                # An earlier file of the same import brings it; this one adds to it.
                plan.same.append((record, pk))
                continue
            there = present.get(pk)
            if there is None:
                plan.kept.append(record)
            elif refs.get(pk, {}).get(self.external_id(record)) == record.digest:
                plan.same.append((record, pk))
            elif changes := self.changes(record, there, free=pk not in touched and bool(refs.get(pk))):
                plan.updated.append((record, pk, changes))
            else:
                plan.same.append((record, pk))
        self._owners([*plan.created, *(record for record, _pk, _changes in plan.updated)])
        self.look_around()
        return plan

    def look_around(self) -> None:
        """What else would have to be made: a subclass counts it in `plan.besides`."""

    def changes(self, record: Record, there: Any, *, free: bool) -> dict[str, Any]:
        """What of the record differs from the object: field of the file → value. *free*: may be overwritten."""
        raise NotImplementedError

    def external_id(self, record: Record) -> str:
        """The row's number in its system, or one made of what it is known by."""
        if record.external_id:
            return record.external_id
        said = record.identity or repr(sorted(record.values.items()))
        return f"~{hashlib.sha1(said.encode('utf-8', 'replace'), usedforsecurity=False).hexdigest()}"

    def ref_key(self, record: Record) -> str:
        return f"id:{self.source}:{self.external_id(record)}"

    def _match(
        self,
        record: Record,
        found: dict[str, int],
        refs: dict[int, dict[str, str]],
        claimed: dict[int, Record],
        present: dict[int, Any],
    ) -> tuple[int | None, str]:
        own = found.get(self.ref_key(record))
        if own is not None:
            return own, "id"
        for key in record.keys:
            pk = found.get(key)
            # Another row of the same system, or of this very file, is that thing already.
            if pk is None or pk in claimed or (record.external_id and _has_number(refs.get(pk))):
                continue
            how = key.partition(":")[0]
            if pk < 0 or pk not in present or self.agrees(record, present[pk], how):
                return pk, how
        return None, ""

    def agrees(self, record: Record, there: Any, how: str) -> bool:
        """Whether what is known by *how* (`contact`, `name`…) may be the thing of the row."""
        return True

    def _refs(self, pks: Iterable[int]) -> dict[int, dict[str, str]]:
        """By object: its numbers in the source with the digests of what they said."""
        found: dict[int, dict[str, str]] = {}
        for part in parts(pks):
            rows = ExternalRef.objects.filter(source=self.source, kind=self.kind, object_id__among=part)
            for pk, external_id, digest in rows.values_list("object_id", "external_id", "digest"):
                found.setdefault(pk, {})[external_id] = digest
        return found

    def _present(self, pks: Iterable[int]) -> dict[int, Any]:
        found: dict[int, Any] = {}
        for part in parts(pks):
            found.update(self.loaded(self.model.objects.filter(pk__among=part)))
        return found

    def loaded(self, rows: Any) -> dict[int, Any]:
        """The objects of a queryset by id, those that were deleted left out."""
        if any(f.name == "deleted_at" for f in self.model._meta.get_fields()):
            rows = rows.filter(deleted_at=None)
        return {row.pk: row for row in rows}

    def _touched(self, pks: Iterable[int]) -> set[int]:
        """Those that people changed: not only imports."""
        found: set[int] = set()
        for part in parts(pks):
            told = EventSubject.objects.filter(kind=self.kind, object_id__among=part)
            found.update(
                told.exclude(event__type__endswith=OF_IMPORT).values_list("object_id", flat=True).distinct()
            )
            if hasattr(self.model, "version"):
                changed = self.model.objects.filter(pk__among=part).exclude(version=1)
                found.update(changed.values_list("pk", flat=True))
        return found

    def _check_words(self, records: Sequence[Record]) -> None:
        for name in self.words:
            count = len({fold(record.get(name)) for record in records if record.get(name)})
            if count > MOST_WORDS:
                raise too_many(name, count)

    def _rename(self, records: Sequence[Record]) -> None:
        """Words that mean others are replaced; those that are nearly known are noted for the question."""
        for name, code in self.words.items():
            met: dict[str, Alike] = {}
            for record in records:
                word = record.get(name)
                if word and (other := meant(self.same, name, word)) != word:
                    record.values[name] = other
                    met.setdefault(answer_key(name, word), Alike(name, word, other, same=True))
            there = names_of(code)
            known = {fold(one) for one in there}
            new = [
                word
                for word in dict.fromkeys(record.get(name) for record in records)
                if word and fold(word) not in known
            ]
            self.plan.alike += [*met.values(), *alike(name, new, there)]

    def _owners(self, records: Sequence[Record]) -> None:
        names = list(dict.fromkeys(record.get(self.owner_field) for record in records))
        self.plan.owners, new = members_named(name for name in names if name)
        if len(new) > MOST_OWNERS:
            raise too_many(_("Responsible"), len(new))
        self.plan.new_owners = self.known.first_named(new)

    # --- doing it

    def write(self, batch: ImportBatch, progress: Progress = lambda done, total: None) -> None:
        """Write what `assess` found, inside the caller's transaction."""
        self.batch = batch
        plan = self.plan
        for key, name in plan.new_owners.items():
            member = mark_former(name, actor=self.actor)
            plan.owners[key] = member
            self.made("member", [member.pk])
        self.prepare([*plan.created, *(record for record, _pk, _changes in plan.updated)])
        total = len(plan.created) + len(plan.updated)
        done = 0
        for records in parts(plan.created, STEP):
            pks = self.create(records)
            self.refer(zip(records, pks, strict=True), made=True)
            done += len(records)
            progress(done, total)
        for triples in parts(plan.updated, STEP):
            self.update(triples)
            done += len(triples)
            progress(done, total)
        pairs = [(record, pk) for record, pk, _changes in plan.updated]
        self.refer([*pairs, *((record, pk) for record, pk in plan.same if pk > 0)], made=False)
        self.finish()

    def prepare(self, records: Sequence[Record]) -> None:
        """What the records refer to and is not there yet."""
        for name, code in self.words.items():
            for word in dict.fromkeys(record.get(name) for record in records):
                if word:
                    self._words[name, fold(word)] = self._ensured(code, word)
        for tag in dict.fromkeys(tag for record in records for tag in record.get("tags", [])):
            self._tags[tag] = tag_named(tag).pk

    def create(self, records: Sequence[Record]) -> list[int]:
        """Write new things; return their ids in order."""
        raise NotImplementedError

    def update(self, triples: Sequence[tuple[Record, int, dict[str, Any]]]) -> None:
        """Change things that are there."""
        raise NotImplementedError

    def finish(self) -> None:
        """What is done once at the end: search rows, summaries."""

    def word(self, record: Record, name: str) -> int | None:
        return self._words.get((name, fold(record.get(name)))) if record.get(name) else None

    def tag_ids(self, record: Record) -> list[int]:
        return [self._tags[tag] for tag in record.get("tags", [])]

    def owner(self, record: Record) -> Member | None:
        """Whose it is: the one named, else the one who imports."""
        name = record.get(self.owner_field)
        if name:
            return self.plan.owners.get(fold(name))
        return self.actor if self.actor.is_active else None

    def _ensured(self, code: str, word: str) -> int:
        if code not in self._there:
            self._there[code] = set(get_dictionary(code).entries().values_list("pk", flat=True))
        entry = ensure_entry(code, actor=self.actor, name=word)
        if entry.pk not in self._there[code]:
            self._there[code].add(entry.pk)
            self.made(code, [entry.pk])
        return int(entry.pk)

    # --- where things came from

    def made(self, kind: str, pks: Iterable[int]) -> None:
        """Note things that the import made besides: undoing takes them away."""
        ExternalRef.objects.bulk_create(
            (
                ExternalRef(source=MADE, kind=kind, external_id=str(pk), object_id=pk, batch=self.batch)
                for pk in pks
            ),
            batch_size=STEP,
            ignore_conflicts=True,
        )

    def refer(self, pairs: Iterable[tuple[Record, int]], *, made: bool) -> None:
        """Note which row is which thing, and what it said; *made*: the import created the thing."""
        rows = [
            ExternalRef(
                source=self.source,
                kind=self.kind,
                external_id=self.external_id(record),
                object_id=pk,
                digest=record.digest,
                batch=self.batch if made else None,
            )
            for record, pk in pairs
        ]
        ExternalRef.objects.bulk_create(
            rows,
            batch_size=STEP,
            update_conflicts=True,
            unique_fields=["workspace", "source", "kind", "external_id"],
            # Who created the thing stays known.
            update_fields=["object_id", "digest", "batch"] if made else ["digest"],
        )

    def noted(self, changes: Mapping[int, tuple[Mapping[str, Any], Mapping[str, Any]]]) -> None:
        """Keep what was overwritten (id → before, after by column), so that undoing puts it back."""
        ImportChange.objects.bulk_create(
            (
                ImportChange(
                    batch=self.batch,
                    kind=self.kind,
                    object_id=pk,
                    before={name: jsonable(value) for name, value in before.items()},
                    after={name: jsonable(value) for name, value in after.items()},
                )
                for pk, (before, after) in changes.items()
            ),
            batch_size=STEP,
        )


def differing(there: Any, values: Mapping[str, Any], *, free: bool) -> dict[str, Any]:
    """Of *values* (by column) those that say something else than the object; only blanks unless *free*."""
    found = {}
    for name, value in values.items():
        present = getattr(there, name)
        if value not in (None, "", False) and value != present and (free or present in (None, "", False)):
            found[name] = value
    return found


def own_changes(record: Record, there: Any, *, free: bool) -> dict[str, Any] | None:
    """The object's own fields as they would be with the record's, or None when nothing changes."""
    said = record.get("custom", {})
    wanted = {**there.custom, **said} if free else {**said, **there.custom}
    return wanted if wanted != there.custom else None


def _has_number(refs: dict[str, str] | None) -> bool:
    return any(not external_id.startswith("~") for external_id in refs or ())


def too_many(label: object, count: int) -> Refused:
    return Refused(
        _("“%(field)s” has %(count)s different values: this seems to be another column.")
        % {"field": label, "count": count}
    )


def at(value: Any) -> dt.datetime | None:
    """The moment of a field of moments."""
    return value[0] if value else None
