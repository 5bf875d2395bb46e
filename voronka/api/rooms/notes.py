"""Notes on the cards of deals, companies and people."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from ninja import Query, Router, Schema, Status
from pydantic import Field

from voronka.api.access import ApiRequest, found, needs
from voronka.api.cards import card
from voronka.api.paging import BY_ID, page
from voronka.api.shapes import Asked, Id, In, Listed, Ref, ref
from voronka.desk import actions
from voronka.desk.models import Note

router = Router()
Body = Annotated[str, Field(min_length=1, max_length=20_000)]


class NoteOut(Schema):
    """A remark on a card: `subject` is "deal", "company" or "person"."""

    id: int
    subject: str
    subject_id: int
    author: Ref
    text: str
    pinned: bool
    created_at: dt.datetime
    edited_at: dt.datetime | None


class NewNote(In):
    text: Body
    pin: bool = False


class NotePatch(In):
    text: Body | None = None
    pinned: bool | None = None


def note_out(note: Note) -> dict[str, Any]:
    return {
        "id": note.pk,
        "subject": note.subject_kind,
        "subject_id": note.subject_id,
        "author": ref(note.author),
        "text": note.body,
        "pinned": note.pinned_at is not None,
        "created_at": note.created_at,
        "edited_at": note.edited_at,
    }


def _list(request: ApiRequest, kind: str, pk: int, asked: Asked) -> dict[str, Any]:
    card(request, kind, pk, "read")
    notes = Note.objects.filter(subject_kind=kind, subject_id=pk, deleted_at=None).select_related("author")
    paged = page(notes, BY_ID, "-id", asked.cursor, asked.limit)
    return {"items": [note_out(note) for note in paged.rows], "next": paged.next}


def _add(request: ApiRequest, kind: str, pk: int, body: NewNote) -> dict[str, Any]:
    obj = card(request, kind, pk, "write")
    # A note on a deal shows in the client's feed too.
    also = (("company", obj.company_id), ("person", obj.person_id)) if kind == "deal" else ()
    note = actions.add_note(
        actor=request.member, subject=(kind, obj.pk), text=body.text, also=also, pin=body.pin
    )
    return note_out(note)


@router.get("/deals/{deal_id}/notes/", response=Listed[NoteOut], **needs("deals:read"))
def list_deal_notes(request: ApiRequest, deal_id: Id, asked: Query[Asked]) -> dict[str, Any]:
    """Notes on a deal, the newest first."""
    return _list(request, "deal", deal_id, asked)


@router.post("/deals/{deal_id}/notes/", response={201: NoteOut}, **needs("deals:write"))
def add_deal_note(request: ApiRequest, deal_id: Id, body: NewNote) -> dict[str, Any]:
    """Write a note on a deal; it shows in the client's feed too."""
    return _add(request, "deal", deal_id, body)


@router.get("/companies/{company_id}/notes/", response=Listed[NoteOut], **needs("clients:read"))
def list_company_notes(request: ApiRequest, company_id: Id, asked: Query[Asked]) -> dict[str, Any]:
    """Notes on a company, the newest first."""
    return _list(request, "company", company_id, asked)


@router.post("/companies/{company_id}/notes/", response={201: NoteOut}, **needs("clients:write"))
def add_company_note(request: ApiRequest, company_id: Id, body: NewNote) -> dict[str, Any]:
    """Write a note on a company."""
    return _add(request, "company", company_id, body)


@router.get("/people/{person_id}/notes/", response=Listed[NoteOut], **needs("clients:read"))
def list_person_notes(request: ApiRequest, person_id: Id, asked: Query[Asked]) -> dict[str, Any]:
    """Notes on a person, the newest first."""
    return _list(request, "person", person_id, asked)


@router.post("/people/{person_id}/notes/", response={201: NoteOut}, **needs("clients:write"))
def add_person_note(request: ApiRequest, person_id: Id, body: NewNote) -> dict[str, Any]:
    """Write a note on a person."""
    return _add(request, "person", person_id, body)


def _see(request: ApiRequest, note_id: int) -> Note:
    note = found(Note.objects.filter(deleted_at=None).select_related("author"), note_id, by="id")
    card(request, note.subject_kind, note.subject_id, "write")
    return note


@router.patch("/notes/{note_id}/", response=NoteOut, **needs())
def edit_note(request: ApiRequest, note_id: Id, body: NotePatch) -> dict[str, Any]:
    """Change one's note, pin it to the top of its card or let it go. The scope is that of its card."""
    note = _see(request, note_id)
    if body.text is not None:
        actions.edit_note(note, actor=request.member, text=body.text)
    if body.pinned is not None:
        actions.pin_note(note, actor=request.member, pinned=body.pinned)
    return note_out(_see(request, note_id))


@router.delete("/notes/{note_id}/", response={204: None}, **needs())
def delete_note(request: ApiRequest, note_id: Id) -> Any:
    """Delete one's note. The scope is that of its card."""
    actions.delete_note(_see(request, note_id), actor=request.member)
    return Status(204, None)
