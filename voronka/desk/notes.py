"""Verbs on notes. The desk stands below all subjects, so a subject is a pair `(kind, id)`.

Who may see the subject may add a note to it: the caller reached it through `visible_to()`. Only the author, or
one whose right to edit reaches everything of that subject, changes a note.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from voronka.core import clock
from voronka.core.errors import Forbidden, Refused
from voronka.core.text import clean, length_problem
from voronka.desk import events
from voronka.desk.files.actions import Taken, attach_files, delete_files_of_note
from voronka.desk.mentions import tell_mentioned
from voronka.desk.models import Note
from voronka.desk.undoing import digest
from voronka.journal.actions import record
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Reach, Subject

LONGEST_NOTE = 20_000
MOST_PINNED = 10

SubjectOf = tuple[str, int]


@transaction.atomic
def add_note(
    *,
    actor: Member,
    subject: SubjectOf,
    text: str,
    also: tuple[tuple[str, int | None], ...] = (),
    pin: bool = False,
    files: Sequence[Taken] = (),
) -> Note:
    """Write a note on a card. *also* are further cards in whose feed it shows (a deal's client).

    *files* (from `taking()`) come with it; a note that brings some needs no words.
    """
    now = clock.now()
    note = Note.objects.create(
        subject_kind=subject[0],
        subject_id=subject[1],
        author=actor,
        body=_body(text, may_be_empty=bool(files)),
        created_at=now,
        pinned_at=now if pin else None,
    )
    event = record(events.NoteAdded(note=note.pk), actor=actor, subjects=[subject, *also], at=now)
    attach_files(files, actor=actor, subject=subject, event=event, note=note)
    tell_mentioned(note.body, actor=actor, subject=subject, source=f"note:{note.pk}")
    return note


@transaction.atomic
def edit_note(note: Note, *, actor: Member, text: str) -> Note:
    """Change the text of a note."""
    note = _own(note, actor)
    body = _body(text, may_be_empty=note.files.filter(deleted_at=None).exists())
    if body == note.body:
        return note
    before, note.body, note.edited_at = note.body, body, clock.now()
    note.save(update_fields=["body", "edited_at"])
    record(
        events.NoteEdited(note=note.pk, before=before, after_digest=digest(body)),
        actor=actor,
        subjects=_subjects(note),
    )
    tell_mentioned(
        body,
        actor=actor,
        subject=(note.subject_kind, note.subject_id),
        source=f"note:{note.pk}",
        before=before,
    )
    return note


@transaction.atomic
def pin_note(note: Note, *, actor: Member, pinned: bool = True) -> Note:
    """Keep a note on the top of its card, or let it go. Anybody who sees the card may."""
    note = _locked(note)
    if (note.pinned_at is not None) == pinned:
        return note
    if pinned:
        there = Note.objects.filter(
            subject_kind=note.subject_kind,
            subject_id=note.subject_id,
            pinned_at__isnull=False,
            deleted_at=None,
        ).count()
        if there >= MOST_PINNED:
            raise Refused(_("Many notes are pinned here already: unpin one first."))
    note.pinned_at = clock.now() if pinned else None
    note.save(update_fields=["pinned_at"])
    payload = events.NotePinned(note=note.pk) if pinned else events.NoteUnpinned(note=note.pk)
    record(payload, actor=actor, subjects=_subjects(note))
    return note


@transaction.atomic
def delete_note(note: Note, *, actor: Member) -> None:
    """Delete a note; undo brings it back."""
    note = _own(note, actor, gone_is_fine=True)
    if note.deleted_at is not None:
        return
    note.deleted_at = clock.now()
    note.save(update_fields=["deleted_at"])
    event = record(events.NoteDeleted(note=note.pk), actor=actor, subjects=_subjects(note))
    delete_files_of_note(note, actor=actor, event=event)


def may_edit(note: Note, member: Member) -> bool:
    """Whether *member* may change the text of *note* or delete it."""
    subject = Subject.DEAL if note.subject_kind == "deal" else Subject.CLIENT
    return note.author_id == member.pk or member.reach(subject, Action.DELETE) == Reach.ALL


def _body(text: str, may_be_empty: bool = False) -> str:
    body = clean(text, multiline=True)
    if not body and not may_be_empty:
        raise Refused(_("Write something first."), field="text")
    if problem := length_problem(body, LONGEST_NOTE):
        raise Refused(problem, field="text")
    return body


def _locked(note: Note, gone_is_fine: bool = False) -> Note:
    fresh = Note.objects.select_for_update(of=("self",)).filter(pk=note.pk).first()
    if fresh is None or (fresh.deleted_at is not None and not gone_is_fine):
        raise Refused(_("This note is no longer there."))
    return fresh


def _own(note: Note, actor: Member, gone_is_fine: bool = False) -> Note:
    note = _locked(note, gone_is_fine)
    if not may_edit(note, actor):
        raise Forbidden(f"note {note.pk}")
    return note


def _subjects(note: Note) -> list[tuple[str, int | None]]:
    return [(note.subject_kind, note.subject_id)]
