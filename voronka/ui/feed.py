"""The one feed of everything that happened with a client, a person or a deal.

A card view puts `read_feed(request, ("deal", deal.pk))` into its context as `feed` and includes
`feed/feed.html#feed`; later pages, filters and searches come from the address `feed`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import F, Func, Q, TextField, Value
from django.db.models.functions import Cast, Lower
from django.http import HttpRequest
from django.urls import NoReverseMatch
from django.utils.translation import gettext_lazy as _

from voronka.core import clock
from voronka.core.text import clean, fold, like_escape
from voronka.deals.feeds import events_of
from voronka.desk.models import File, Note
from voronka.desk.notes import may_edit
from voronka.journal.models import Event
from voronka.journal.sentences import Told, tell
from voronka.ui.files.shown import FileRow, file_row
from voronka.ui.navigation import workspace_url
from voronka.workspaces.models import Member

PAGE: Final = 25
UNDO_FOR: Final = dt.timedelta(days=1)

# Kind in the address -> word, and the condition on events.
_DONE = Q(type__in=("activity.done", "activity.logged", "activity.imported"))
_NOTES = ("note.added", "note.imported")
_WITH_FILES = ("activity.planned", "activity.logged", "activity.done")
KINDS: Final[dict[str, tuple[Any, Q]]] = {
    "notes": (_("Notes"), Q(type__startswith="note.")),
    "calls": (_("Calls"), _DONE & Q(payload__channel="call")),
    "meetings": (_("Meetings"), _DONE & Q(payload__channel__in=["meeting", "demo", "visit"])),
    "letters": (_("Letters"), _DONE & Q(payload__channel__in=["letter", "fax"])),
    "plans": (_("Plans and tasks"), Q(type__startswith="activity.") & ~(_DONE & ~Q(payload__channel="task"))),
    "deals": (_("Deals"), Q(type__startswith="deal.")),
    "files": (_("Files"), Q(type__startswith="file.")),
    "changes": (
        _("Changes"),
        Q(type__regex=r"^(company|person|contact|account|position)\."),
    ),
}


@dataclass(frozen=True)
class FeedItem:
    """One happening as the template draws it."""

    event: Event
    told: Told
    note: Note | None = None
    may_edit_note: bool = False
    undo_url: str = ""
    files: list[FileRow] = field(default_factory=list)

    @property
    def is_undone(self) -> bool:
        return self.event.undone_by_id is not None


@dataclass(frozen=True)
class Feed:
    """One page of a feed."""

    subject: tuple[str, int]
    items: list[FeedItem]
    pinned: list[FeedItem] = field(default_factory=list)
    before: int | None = None
    kind: str = ""
    text: str = ""
    is_first: bool = True
    may_write: bool = True

    @property
    def kinds(self) -> list[tuple[str, Any]]:
        return [(code, word) for code, (word, _condition) in KINDS.items()]

    @property
    def is_filtered(self) -> bool:
        return bool(self.kind or self.text)


def read_feed(
    request: HttpRequest,
    subject: tuple[str, int],
    *,
    before: int | None = None,
    kind: str = "",
    text: str = "",
    size: int = PAGE,
) -> Feed:
    """The newest *size* happenings of the card (older than event *before*) that the member may see.

    The caller has made sure that the member sees the card itself. The number of queries does not depend on the
    number of rows.
    """
    member: Member = request.member  # type: ignore[attr-defined]
    kind = kind if kind in KINDS else ""
    text = clean(text)[:100]
    events = events_of(member, subject)
    if before:
        events = events.filter(pk__lt=before)
    if kind:
        events = events.filter(KINDS[kind][1])
    if text:
        events = _containing(events, subject, text)
    found = list(events[: size + 1])
    more = len(found) > size
    found = found[:size]
    is_first = before is None
    pinned = _pinned(subject) if is_first and not (kind or text) else []
    notes = _notes(found, pinned)
    files = _files(request, found, notes)
    # What is pinned stands above already.
    above = {note.pk for note in pinned}
    since = clock.now() - UNDO_FOR
    return Feed(
        subject=subject,
        items=[
            item
            for event in found
            if (item := _item(request, event, notes, files, since, text))
            and (item.note is None or item.note.pk not in above)
        ],
        pinned=[_pinned_item(note, member, files) for note in pinned],
        before=found[-1].pk if more else None,
        kind=kind,
        text=text,
        is_first=is_first,
    )


class _Folded(Func):
    """ё as е, as the question is folded."""

    function = "translate"
    output_field = TextField()

    def __init__(self, expression: Any) -> None:
        super().__init__(Lower(expression), Value("ё"), Value("е"))


def _containing(events: Any, subject: tuple[str, int], text: str) -> Any:
    pattern = f"%{like_escape(fold(text))}%"
    notes = (
        Note.objects.filter(subject_kind=subject[0], subject_id=subject[1], deleted_at=None)
        .annotate(folded=_Folded(F("body")))
        .filter(folded__like=pattern)
        .values_list("pk", flat=True)[:1000]
    )
    told = events.annotate(folded=_Folded(Cast("payload", TextField())))
    return told.filter(
        (Q(folded__like=pattern) & ~Q(type__startswith="note."))
        | Q(type__in=_NOTES, payload__note__in=list(notes))
    )


def _pinned(subject: tuple[str, int]) -> list[Note]:
    return list(
        Note.objects.filter(
            subject_kind=subject[0], subject_id=subject[1], deleted_at=None, pinned_at__isnull=False
        )
        .select_related("author")
        .order_by("-pinned_at")
    )


def _notes(events: list[Event], pinned: list[Note]) -> dict[int, Note]:
    ids = {event.payload.get("note") for event in events if event.type in _NOTES}
    found = {note.pk: note for note in pinned}
    if wanted := ids - set(found):
        found.update(Note.objects.filter(pk__in=wanted).in_bulk())
    return found


@dataclass(frozen=True)
class _Files:
    """What came with notes, by note, and with other events, by event; an event of a file alone has that file."""

    of_notes: dict[int, list[FileRow]]
    of_events: dict[int, list[FileRow]]


def _files(request: HttpRequest, events: list[Event], notes: dict[int, Note]) -> _Files:
    mine = {event.pk: event.payload.get("file") for event in events if event.type == "file.added"}
    causes = [event.pk for event in events if event.type in _WITH_FILES]
    added = Event.objects.filter(type="file.added", cause__in=causes, undone_by=None)
    brought = {row["payload__file"]: row["cause"] for row in added.values("cause", "payload__file")}
    wanted = Q(pk__in=[*brought, *mine.values()]) | Q(note__in=list(notes))
    found = _Files({}, {})
    rows = {
        file.pk: file_row(request, file)
        for file in File.objects.filter(wanted, deleted_at=None).order_by("id")
    }
    for pk, row in rows.items():
        if row.file.note_id in notes:
            found.of_notes.setdefault(row.file.note_id, []).append(row)
        elif pk in brought:
            found.of_events.setdefault(brought[pk], []).append(row)
    for event, pk in mine.items():
        if pk in rows:
            found.of_events[event] = [rows[pk]]
    return found


def _item(
    request: HttpRequest,
    event: Event,
    notes: dict[int, Note],
    files: _Files,
    since: dt.datetime,
    text: str,
) -> FeedItem | None:
    member: Member = request.member  # type: ignore[attr-defined]
    # What is found by its text must be found in what the member is told, not in what is kept back.
    hides = any(member.role.hidden_fields.values())
    note = notes.get(event.payload.get("note", 0)) if event.type in _NOTES else None
    # A deleted note is told once, by the event of its deletion.
    if event.type in _NOTES and (note is None or note.deleted_at is not None):
        return None
    told = tell(event)
    if told.silent or (
        text and hides and fold(text) not in fold(f"{told.sentence} {told.body} {note.body if note else ''}")
    ):
        return None
    return FeedItem(
        event=event,
        told=told,
        note=note,
        may_edit_note=note is not None and may_edit(note, member),
        # One takes back one's own recent deeds here; a note is deleted instead.
        undo_url=undo_url(request, event)
        if told.undoable and note is None and event.actor_id == member.pk and event.at >= since
        else "",
        files=files.of_notes.get(note.pk, []) if note else files.of_events.get(event.pk, []),
    )


def _pinned_item(note: Note, member: Member, files: _Files) -> FeedItem:
    event = Event(type="note.added", at=note.created_at, actor=note.author, payload={"note": note.pk})
    return FeedItem(
        event=event,
        told=tell(event),
        note=note,
        may_edit_note=may_edit(note, member),
        files=files.of_notes.get(note.pk, []),
    )


def undo_url(request: HttpRequest, event: Event) -> str:
    """The address that takes *event* back."""
    try:
        return workspace_url("undo", request.workspace.slug, event.pk)  # type: ignore[attr-defined]
    except NoReverseMatch:
        return ""
