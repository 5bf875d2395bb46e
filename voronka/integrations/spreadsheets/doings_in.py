"""Activities and notes out of files: what was done with clients, and what was written about them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from voronka.activities.bulk import (
    ActivityRow,
    change_activities,
    import_activities,
    reserve_activity_ids,
)
from voronka.activities.models import Activity
from voronka.clients.models import Position
from voronka.core import clock
from voronka.core.text import clip, fold
from voronka.deals.models import Deal
from voronka.desk.bulk import NoteRow, change_notes, import_notes
from voronka.desk.dictionaries.actions import ensure_entry
from voronka.desk.models import Note
from voronka.integrations.spreadsheets.known import client_key, parts, person_key
from voronka.integrations.spreadsheets.plans import Importer, Plan, at
from voronka.integrations.spreadsheets.records import Record
from voronka.integrations.spreadsheets.words import channel_of, is_done_word, is_incoming
from voronka.playbook.dictionaries import CHANNEL_ICONS
from voronka.playbook.models import ActivityKind, Channel


@dataclass(frozen=True)
class _Place:
    """On which cards it stands; negative ids are things that the same import will bring."""

    deal: int | None = None
    company: int | None = None
    person: int | None = None

    def __bool__(self) -> bool:
        return any((self.deal, self.company, self.person))


class _Doings(Importer):
    """What hangs on deals, companies and people. A row whose card is not here is not taken."""

    needs_place: ClassVar[bool] = True

    def assess(self) -> Plan:
        self._find_places()
        return super().assess()

    def _find_places(self) -> None:
        plan = self.plan
        wanted: dict[str, set[str]] = {"deal": set(), "company": set(), "person": set()}
        for record in plan.records.records:
            for kind, keys in self._keys(record).items():
                wanted[kind].update(keys)
        found = {kind: self.known.find(kind, keys) for kind, keys in wanted.items()}
        self._places: dict[int, _Place] = {}
        taken = []
        for record in plan.records.records:
            place, problem = self._place(record, found)
            if problem:
                plan.records.reject(record, [problem])
                continue
            self._places[id(record)] = place
            taken.append(record)
        plan.records.records[:] = taken

    def _keys(self, record: Record) -> dict[str, list[str]]:
        keys: dict[str, list[str]] = {}
        for kind in ("deal", "company", "person"):
            number, name = record.get(f"{kind}_id"), record.get(kind)
            mine = [f"id:{self.source}:{number}", f"any:{number}"] if number else []
            if kind == "deal":
                mine += [f"number:{number}"] if number else []
                mine += [f"title:{name}"] if name else []
            elif kind == "company":
                mine += [f"name:{client_key(name)}"] if name else []
            elif name:
                mine += [person_key(name, record.get("company")), person_key(name)]
            if mine:
                keys[kind] = mine
        return keys

    def _place(self, record: Record, found: dict[str, dict[str, int]]) -> tuple[_Place, str]:
        ids: dict[str, int] = {}
        for kind, keys in self._keys(record).items():
            pk = next((found[kind][key] for key in keys if key in found[kind]), None)
            if pk is not None:
                ids[kind] = pk
        place = _Place(**ids)
        said = record.get("deal") or record.get("deal_id")
        if said and place.deal is None and not (place.company or place.person):
            return place, _("The deal “%(name)s” is not here (or there are several of this name).") % {
                "name": clip(said, 60)
            }
        named = (
            record.get("company")
            or record.get("person")
            or record.get("company_id")
            or record.get("person_id")
        )
        if named and not place:
            return place, _("The client “%(name)s” is not here.") % {"name": clip(named, 60)}
        if self.needs_place and not place:
            return place, _("Neither a deal nor a client is named.")
        return place, ""

    def prepare(self, records: Sequence[Record]) -> None:
        super().prepare(records)
        # Files before this one have brought their things by now.
        if any(pk and pk < 0 for record in records for pk in vars(self._places[id(record)]).values()):
            self._find_places()
        places = [self._places[id(record)] for record in records]
        self._deal_company: dict[int, int | None] = {}
        for part in parts({place.deal for place in places if place.deal}):
            self._deal_company.update(Deal.objects.filter(pk__in=part).values_list("pk", "company_id"))
        self._person_company: dict[int, int] = {}
        for part in parts({place.person for place in places if place.person and not place.company}):
            posts = Position.objects.filter(person__in=part).order_by("is_main", "-id")
            self._person_company.update(posts.values_list("person_id", "company_id"))

    def company_of(self, place: _Place) -> int | None:
        """The company is the deal's, else the one named, else where the person works."""
        if place.deal:
            return self._deal_company.get(place.deal)
        return place.company or self._person_company.get(place.person or 0)


class Activities(_Doings):
    """Calls, meetings, tasks: known by number, else by all that the row says."""

    subject, kind, model = "activities", "activity", Activity
    needs_place = False

    @classmethod
    def check(cls, record: Record, problems: list[str]) -> None:
        values, now = record.values, clock.now()
        due, done_at = at(record.get("due_at", None)), at(record.get("done_at", None))
        said = record.get("done")
        done = is_done_word(said) if said else None
        if said and done is None:
            problems.append(_("It is not clear whether “%(value)s” means done.") % {"value": clip(said, 40)})
        if due is None and done_at is None:
            problems.append(_("There is neither a time nor a time of completion."))
            return
        if done is None:
            # A file that says nothing of it: a date of completion speaks, else what is past is done.
            done = done_at is not None or (
                "done_at" not in values and due is not None and due <= now and not said
            )
        if done:
            values["finished"] = min(done_at or due or now, now)
            if (done_at or due or now) > now + dt.timedelta(days=1):
                problems.append(_("It is done, but its date has not come yet."))
        for moment in (due, done_at):
            if moment is not None and not 2000 <= moment.year < 2100:
                problems.append(_("Check the year of the date."))

    def look_around(self) -> None:
        self._kinds = list(ActivityKind.objects.filter(archived_at=None))

    def changes(self, record: Record, there: Any, *, free: bool) -> dict[str, Any]:
        # What people work on here is theirs; what nobody touched becomes what the file says.
        return {"@all": True} if free else {}

    def create(self, records: Sequence[Record]) -> list[int]:
        ids = reserve_activity_ids(len(records))
        rows = [self._row(record, pk) for record, pk in zip(records, ids, strict=True)]
        import_activities(rows, actor=self.actor, told=True)
        return ids

    def update(self, triples: Sequence[tuple[Record, int, dict[str, Any]]]) -> None:
        there = Activity.objects.in_bulk([pk for _record, pk, _changes in triples])
        before = {pk: {name: getattr(row, name) for name in _KEPT} for pk, row in there.items()}
        after = change_activities(
            (self._row(record, pk) for record, pk, _changes in triples), actor=self.actor
        )
        changed = {
            pk: (
                {name: before[pk][name] for name in _KEPT if before[pk][name] != getattr(row, name)},
                {name: getattr(row, name) for name in _KEPT if before[pk][name] != getattr(row, name)},
            )
            for pk, row in after.items()
        }
        self.noted({pk: pair for pk, pair in changed.items() if pair[1]})

    def _row(self, record: Record, pk: int) -> ActivityRow:
        place = self._places[id(record)]
        owner = self.owner(record) or self.actor
        kind, subject = self._kind(record)
        due, finished = record.get("due_at", None), record.get("finished", None)
        moment, only_day = due or (finished, False)
        return ActivityRow(
            kind_id=kind.pk,
            owner_id=owner.pk,
            team_id=owner.team_id,
            due_at=moment,
            has_time=not only_day,
            deal_id=place.deal,
            company_id=self.company_of(place),
            person_id=place.person,
            subject=subject,
            minutes=min(max(record.get("minutes", 0), 1), 1440) if record.get("minutes", 0) else None,
            done_at=finished,
            result=record.get("result"),
            reached=record.get("reached", None) if finished else None,
            direction="in" if is_incoming(record.get("direction")) else "out",
            created_at=at(record.get("created_at", None)),
            custom=record.get("custom", None),
            id=pk,
        )

    def _kind(self, record: Record) -> tuple[ActivityKind, str]:
        """Its kind here, and its subject: a kind of theirs that is not known stands before the text."""
        said, subject = record.get("kind"), record.get("subject")
        exact = next((kind for kind in self._kinds if said and fold(kind.name) == fold(said)), None)
        channel = channel_of(said) if said else channel_of(subject) or Channel.TASK.value
        kind = exact or self._kind_of(channel or Channel.TASK.value)
        if said and exact is None and not channel:
            subject = ": ".join(filter(None, [said, subject]))
        return kind, clip(subject, 250)

    def _kind_of(self, channel: str) -> ActivityKind:
        """The first kind of that nature; a company that has none yet gets one."""
        found = next((kind for kind in self._kinds if kind.channel == channel), None)
        if found is None:
            found = ensure_entry(
                "activity_kind",
                actor=self.actor,
                name=str(Channel(channel).label),
                channel=channel,
                icon=CHANNEL_ICONS[Channel(channel)],
            )
            self._kinds.append(found)
            self.made("activity_kind", [found.pk])
        return found


_KEPT = (
    "kind_id", "channel", "subject", "direction", "reached", "due_at", "has_time", "minutes", "done_at", "result", "company_id",
    "person_id", "deal_id", "owner_id", "team_id",
)  # fmt: skip


class Notes(_Doings):
    """Notes on deals, companies and people: known by number, else by all that the row says."""

    subject, kind, model = "notes", "note", Note
    owner_field = "author"

    @classmethod
    def check(cls, record: Record, problems: list[str]) -> None:
        if not record.get("text"):
            problems.append(_("There is no text."))

    def changes(self, record: Record, there: Any, *, free: bool) -> dict[str, Any]:
        edited = there.edited_at is not None
        return {"text": record.get("text")} if not edited and there.body != record.get("text") else {}

    def create(self, records: Sequence[Record]) -> list[int]:
        rows = []
        for record in records:
            place = self._places[id(record)]
            author = self.owner(record) or self.actor
            company = self.company_of(place)
            subject, also = _card(place, company)
            rows.append(
                NoteRow(subject, record.get("text"), author.pk, at(record.get("created_at", None)), also)
            )
        return import_notes(rows, actor=self.actor)

    def update(self, triples: Sequence[tuple[Record, int, dict[str, Any]]]) -> None:
        before = Note.objects.in_bulk([pk for _record, pk, _changes in triples])
        self.noted(
            {pk: ({"body": before[pk].body}, {"body": record.get("text")}) for record, pk, _c in triples}
        )
        change_notes((pk, record.get("text")) for record, pk, _changes in triples)


def _card(place: _Place, company: int | None) -> tuple[tuple[str, int], tuple[tuple[str, int | None], ...]]:
    """The card a note stands on, and the others in whose feed it shows."""
    if place.deal:
        return ("deal", place.deal), (("company", company), ("person", place.person))
    if place.company:
        return ("company", place.company), (("person", place.person),)
    return ("person", place.person or 0), (("company", company),)
