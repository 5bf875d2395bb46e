"""One verb on many rows: the row's own verb for each, a report of what was refused, one undoing of the whole.

The rows are worked through in portions, each a transaction: a worker that dies leaves what is done and the next goes
on from there. All events of the rows are consequences of one `list.bulk_done`, which undoing goes by.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from voronka.core import clock, formats
from voronka.core.errors import Forbidden, Refused
from voronka.core.text import clip
from voronka.desk.lists import events
from voronka.desk.lists.models import JobKind, JobStatus, ListJob
from voronka.desk.lists.registry import Listing, Verb, get_listing
from voronka.desk.notices import in_words_of, notify
from voronka.desk.search import gathering
from voronka.journal.actions import caused_by, record, undo_part
from voronka.journal.models import Event
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action

logger = logging.getLogger(__name__)

# Up to so many rows are worked through while one waits.
AT_ONCE = 200
MOST_ROWS = 20_000
PORTION = 50
MOST_TOLD = 300


def set_verb(listing: Listing) -> Verb:
    """«Change a field», through the row's verb of editing."""

    def read(params: Any, actor: Member) -> dict[str, Any]:
        name = str(params.get("field", ""))
        field = listing.fields_for(actor).get(name)
        if field is None or not field.editable:
            raise Refused(_("Choose the field to change."), field="field")
        values = params.getlist("value") if hasattr(params, "getlist") else params.get("value", "")
        value = (
            values
            if field.kind == "choices"
            else (values[-1] if values else "")
            if isinstance(values, list)
            else values
        )
        return {"changes": {name: value}}

    def run(row: Any, actor: Member, given: Mapping[str, Any]) -> Any:
        if listing.edit is None:
            raise Refused(_("This cannot be changed in a list."))
        return listing.edit(row, actor=actor, changes=given["changes"])

    return Verb("set", gettext_lazy("Change a field"), "pencil", Action.EDIT, run, "field", read)


def verbs_for(listing: Listing, member: Member) -> list[Verb]:
    """What *member* may do to many rows of the list."""
    verbs = list(listing.verbs)
    if listing.edit is not None:
        verbs.insert(min(2, len(verbs)), set_verb(listing))
    return [verb for verb in verbs if may_do(listing, verb, member)]


def may_do(listing: Listing, verb: Verb, member: Member) -> bool:
    """Whether *member* may do this to any row at all."""
    return member.may(verb.subject, verb.action) if verb.subject else listing.may(member, verb.action)


def find_verb(listing: Listing, member: Member, code: str) -> Verb:
    """The verb called *code*. Raises `Forbidden` for whoever may not, `KeyError` where there is none."""
    known = {verb.code: verb for verb in [*listing.verbs, *([set_verb(listing)] if listing.edit else [])]}
    verb = known[code]
    if not may_do(listing, verb, member):
        raise Forbidden(f"{verb.code} {listing.code}")
    return verb


@transaction.atomic
def ask(
    listing: Listing, verb: Verb, *, actor: Member, ids: Sequence[int], params: Mapping[str, Any]
) -> ListJob:
    """Write down that *verb* is to be carried out on the rows *ids*; `run()` does it, at once or in a job.

    *params* are what the verb asks for, as posted. Raises `Refused` for no rows, too many, or a wrong answer.
    """
    ids = list(dict.fromkeys(ids))
    if not ids:
        raise Refused(_("Choose at least one row."))
    if len(ids) > MOST_ROWS:
        raise Refused(
            _("%(count)s rows are too many at once: narrow the filter to %(most)s.")
            % {"count": formats.number(len(ids)), "most": formats.number(MOST_ROWS)}
        )
    given = verb.read(params, actor) if verb.read else {}
    title = clip(told(verb, given), 200)
    job = ListJob.objects.create(
        kind=JobKind.BULK,
        subject=listing.code,
        title=title,
        member=actor,
        total=len(ids),
        options={"verb": verb.code, "ids": ids, "params": _plain(params)},
        created_at=clock.now(),
    )
    payload = events.BulkDone(job.pk, listing.code, verb.code, title, len(ids))
    job.event = record(payload, actor=actor, subjects=[])
    job.save(update_fields=["event"])
    return job


def told(verb: Verb, given: Mapping[str, Any]) -> str:
    """The verb with what was chosen for it: «Hand over: Anna Sedova»."""
    chosen = next(
        (str(value) for name, value in given.items() if name in ("owner", "stage", "reason", "tag", "kind")),
        "",
    )
    if "day" in given:
        chosen = (
            f"{chosen}, {formats.short_date(given['day'])}" if chosen else formats.short_date(given["day"])
        )
    return f"{verb.label}: {chosen}" if chosen else str(verb.label)


def _plain(params: Mapping[str, Any]) -> dict[str, Any]:
    if hasattr(params, "lists"):
        return {name: values if len(values) > 1 else values[-1] for name, values in params.lists() if values}
    return dict(params)


def run(job: ListJob) -> ListJob:
    """Carry out what was asked, from where an earlier run left off."""
    with in_words_of(job.member):
        try:
            _start(job)
            if job.kind == JobKind.UNDO:
                _work(job, _undo_of(job))
            else:
                listing = get_listing(job.subject)
                verb = find_verb(listing, job.member, job.options["verb"])
                given = verb.read(job.options["params"], job.member) if verb.read else {}
                _work(job, _verb_on(listing, verb, job.member, given))
            _finish(job)
        except (Refused, Forbidden) as refusal:
            _fail(job, str(refusal) if isinstance(refusal, Refused) else _("You have no right to do this."))
        except Exception:
            logger.exception("list job %s failed", job.pk)
            _fail(job, _("Something went wrong on our side. What was done up to here stays; try again."))
        if job.total > AT_ONCE:
            _announce(job)
    return job


def _start(job: ListJob) -> None:
    job.status, job.message = JobStatus.RUNNING, ""
    job.save(update_fields=["status", "message"])


def _verb_on(listing: Listing, verb: Verb, actor: Member, given: Mapping[str, Any]) -> Any:
    """A function of a portion of ids -> (id, name, work) for each, in the order of the portion."""
    everything = listing.base()

    def portion(ids: Sequence[int]) -> list[tuple[int, str, Any]]:
        rows = {row.pk: row for row in everything.filter(pk__in=ids)}
        return [
            (pk, str(rows[pk]), lambda row=rows[pk]: verb.run(row, actor, given)) for pk in ids if pk in rows
        ]

    return portion


def _undo_of(job: ListJob) -> Any:
    def portion(ids: Sequence[int]) -> list[tuple[int, str, Any]]:
        found = {event.pk: event for event in Event.objects.filter(pk__in=ids)}
        return [
            (pk, "", lambda event=found[pk]: undo_part(event, actor=job.member)) for pk in ids if pk in found
        ]

    return portion


def _work(job: ListJob, portion: Any) -> None:
    ids = job.options["ids"]
    while job.done < len(ids):
        with transaction.atomic():
            # Held against a second worker who believes the first dead.
            held = ListJob.objects.select_for_update().get(pk=job.pk)
            job.done, job.result = held.done, held.result
            part = ids[job.done : job.done + PORTION]
            before = _changed(job)
            with _together(job, part):
                for pk, name, work in portion(part):
                    _one(job, pk, name, work)
            job.done += len(part)
            _count(job, "changed", _changed(job) - before)
            job.save(update_fields=["done", "result"])


@contextmanager
def _together(job: ListJob, part: Sequence[int]) -> Iterator[None]:
    """What is the same for all rows of a portion is done once: the lock and the moment after it, search rows."""
    with gathering():
        if job.kind == JobKind.UNDO:
            yield
            return
        rows = get_listing(job.subject).base().filter(pk__in=part).order_by("pk")
        list(rows.select_for_update(of=("self",)).values_list("pk", flat=True))
        with clock.frozen(clock.now()):
            yield


def _one(job: ListJob, pk: int, name: str, work: Any) -> None:
    # The verb is a transaction of its own: what it refuses leaves nothing behind.
    try:
        if job.kind == JobKind.UNDO or job.event is None:
            work()
        else:
            with caused_by(job.event):
                work()
    except (Refused, Forbidden, ValidationError) as refusal:
        if isinstance(refusal, Forbidden):
            sentence = _("out of your reach")
        else:
            sentence = str(refusal) if isinstance(refusal, Refused) else _("This value does not fit.")
        _count(job, "refused", 1)
        why = job.result.setdefault("why", {})
        why[sentence] = why.get(sentence, 0) + 1
        told = job.result.setdefault("refusals", [])
        if len(told) < MOST_TOLD:
            told.append([pk, name or _name_of(job, pk), sentence])


def _name_of(job: ListJob, event_id: int) -> str:
    subject = Event.objects.get(pk=event_id).subjects.filter(kind=job.subject).first()
    row = get_listing(job.subject).base().filter(pk=subject.object_id).first() if subject else None
    return str(row) if row else ""


def _changed(job: ListJob) -> int:
    """How many rows were really changed: a row that was so already has no event."""
    if job.kind == JobKind.UNDO:
        original = job.options["event"]
        return Event.objects.filter(cause=original, undone_by__isnull=False).count()
    return Event.objects.filter(cause=job.event).count()


def _count(job: ListJob, name: str, by: int) -> None:
    job.result[name] = job.result.get(name, 0) + by


def _finish(job: ListJob) -> None:
    changed, refused = job.result.get("changed", 0), job.result.get("refused", 0)
    job.result["same"] = max(job.total - changed - refused, 0)
    if job.kind == JobKind.UNDO and not refused and job.event is not None:
        _mark_undone(job)
    job.status, job.finished_at = JobStatus.DONE, clock.now()
    job.save(update_fields=["status", "result", "finished_at"])


@transaction.atomic
def _mark_undone(job: ListJob) -> None:
    event = Event.objects.select_for_update(of=("self",)).get(pk=job.options["event"])
    if event.undone_by_id is None:
        Event.objects.filter(pk=event.pk).update(undone_by=job.event)


def _fail(job: ListJob, message: str) -> None:
    job.status, job.message, job.finished_at = JobStatus.FAILED, message, clock.now()
    job.save(update_fields=["status", "message", "finished_at"])


def summary(job: ListJob) -> str:
    """«Changed: 37, refused: 2, already so: 3», in words."""
    changed, refused, same = (job.result.get(name, 0) for name in ("changed", "refused", "same"))
    if job.kind == JobKind.UNDO:
        parts = [
            ngettext("%(count)s row taken back", "%(count)s rows taken back", changed)
            % {"count": formats.number(changed)}
        ]
    else:
        parts = [
            ngettext("%(count)s row changed", "%(count)s rows changed", changed)
            % {"count": formats.number(changed)}
        ]
    if same and job.kind == JobKind.BULK:
        parts.append(
            ngettext("%(count)s was so already", "%(count)s were so already", same)
            % {"count": formats.number(same)}
        )
    if refused:
        parts.append(
            ngettext("%(count)s refused", "%(count)s refused", refused) % {"count": formats.number(refused)}
        )
    return ", ".join(parts)


@transaction.atomic
def ask_undo(job: ListJob, *, actor: Member) -> ListJob:
    """Write down that the whole bulk action is to be taken back, the last change first.

    Raises `Refused` when it was taken back already, or changed nothing; `Forbidden` for somebody else's.
    """
    job.refresh_from_db(from_queryset=ListJob.objects.select_for_update(of=("self",)))
    if job.member_id != actor.pk:
        raise Forbidden("undo a bulk action")
    if job.kind != JobKind.BULK or job.event is None or not job.is_over:
        raise Refused(_("This cannot be taken back yet."))
    left = list(
        Event.objects.filter(cause=job.event, undone_by=None).order_by("-id").values_list("pk", flat=True)
    )
    if not left:
        raise Refused(_("There is nothing to take back."))
    back = ListJob.objects.create(
        kind=JobKind.UNDO,
        subject=job.subject,
        title=clip(_("Take back: %(what)s") % {"what": job.title}, 200),
        member=actor,
        total=len(left),
        options={"ids": left, "event": job.event.pk, "job": job.pk},
        created_at=clock.now(),
    )
    payload = events.BulkDone(back.pk, job.subject, "undo", back.title, len(left))
    back.event = record(payload, actor=actor, subjects=[])
    back.save(update_fields=["event"])
    return back


def _announce(job: ListJob) -> None:
    notify(
        job.member,
        kind="list",
        text=f"{job.title}: {summary(job)}"
        if job.status == JobStatus.DONE
        else f"{job.title}: {job.message}",
        key=f"list:{job.pk}:{job.status}",
        url=f"/w/{job.member.workspace.slug}/lists/jobs/{job.pk}/",
    )
