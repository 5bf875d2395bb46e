"""Notes: written, changed, pinned, deleted; each with its refusal, its event and its undo."""

from __future__ import annotations

import pytest

from voronka.core.errors import Forbidden, Refused
from voronka.desk.actions import add_note, delete_note, edit_note, pin_note
from voronka.desk.models import Note
from voronka.desk.notes import MOST_PINNED
from voronka.journal.actions import undo
from voronka.journal.models import Event, EventSubject

SUBJECT = ("company", 7)


def last_event(kind: str) -> Event:
    return Event.objects.filter(type=kind).latest("id")


def test_a_note_is_told_on_its_card_without_its_text(world):
    note = add_note(
        actor=world.anna,
        subject=("deal", 5),
        text=" Перезвонить\x00 \r\nзавтра ",
        also=(("company", 7), ("person", None)),
    )
    assert note.body == "Перезвонить\nзавтра"
    event = last_event("note.added")
    assert event.payload == {"note": note.pk}
    assert sorted(EventSubject.objects.filter(event=event).values_list("kind", "object_id")) == [
        ("company", 7),
        ("deal", 5),
    ]
    undo(event, actor=world.anna)
    note.refresh_from_db()
    assert note.deleted_at is not None


@pytest.mark.parametrize("text", ["", "  \n ", "\u200b", "ы" * 20_001])
def test_an_empty_or_endless_note_is_refused(world, text):
    with pytest.raises(Refused):
        add_note(actor=world.anna, subject=SUBJECT, text=text)
    assert not Note.objects.exists()
    assert not Event.objects.exists()


def test_only_the_author_changes_a_note_or_one_over_everybody(world):
    note = add_note(actor=world.anna, subject=SUBJECT, text="Первое")
    with pytest.raises(Forbidden):
        edit_note(note, actor=world.boris, text="Чужое")
    with pytest.raises(Forbidden):
        delete_note(note, actor=world.boris)
    edit_note(note, actor=world.admin, text="Второе")
    note.refresh_from_db()
    assert note.body == "Второе"
    assert note.edited_at is not None


def test_an_edit_is_undone_unless_edited_again(world):
    note = add_note(actor=world.anna, subject=SUBJECT, text="Первое")
    edit_note(note, actor=world.anna, text="Первое")
    assert not Event.objects.filter(type="note.edited").exists()
    edit_note(note, actor=world.anna, text="Второе")
    event = last_event("note.edited")
    edit_note(note, actor=world.anna, text="Третье")
    with pytest.raises(Refused):
        undo(event, actor=world.anna)
    undo(last_event("note.edited"), actor=world.anna)
    note.refresh_from_db()
    assert note.body == "Второе"


def test_pinning_has_its_measure(world):
    notes = [add_note(actor=world.anna, subject=SUBJECT, text=f"{i}", pin=True) for i in range(MOST_PINNED)]
    one_more = add_note(actor=world.anna, subject=SUBJECT, text="ещё")
    with pytest.raises(Refused):
        pin_note(one_more, actor=world.anna)
    pin_note(notes[0], actor=world.boris, pinned=False)
    pin_note(one_more, actor=world.anna)
    undo(last_event("note.pinned"), actor=world.anna)
    one_more.refresh_from_db()
    assert one_more.pinned_at is None


def test_a_deleted_note_comes_back(world):
    note = add_note(actor=world.anna, subject=SUBJECT, text="Первое")
    delete_note(note, actor=world.anna)
    delete_note(note, actor=world.anna)
    assert Event.objects.filter(type="note.deleted").count() == 1
    with pytest.raises(Refused):
        edit_note(note, actor=world.anna, text="Поздно")
    undo(last_event("note.deleted"), actor=world.anna)
    note.refresh_from_db()
    assert note.deleted_at is None
