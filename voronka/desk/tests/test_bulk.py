"""The set verb stores what the row verb stores, and the feeds tell of both alike."""

from __future__ import annotations

import datetime as dt

from tests.world import World, make_company
from voronka.core import clock
from voronka.desk.bulk import NoteRow, change_notes, import_notes, remove_notes
from voronka.desk.models import Note
from voronka.desk.notes import add_note
from voronka.journal.models import Event, EventSubject

NOW = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
COLUMNS = ("subject_kind", "body", "author_id", "created_at", "pinned_at", "edited_at", "deleted_at")


def test_notes_by_row_and_by_set_are_the_same(world: World) -> None:
    one, other = make_company(world.anna), make_company(world.anna, name="Другая")
    texts = [f"Заметка {n}\nвторая строка " for n in range(500)]
    with clock.frozen(NOW):
        for text in texts:
            add_note(actor=world.anna, subject=("company", one.pk), text=text)
        ids = import_notes(
            [NoteRow(("company", other.pk), text, world.anna.pk) for text in texts], actor=world.admin
        )
    by_row = Note.objects.filter(subject_id=one.pk).order_by("pk").values_list(*COLUMNS)
    by_set = Note.objects.filter(pk__in=ids).order_by("pk").values_list(*COLUMNS)
    assert list(by_row) == list(by_set)
    assert Event.objects.filter(type="notes.imported").count() == 1
    assert Event.objects.feed_of("company", other.pk).filter(type="note.imported").count() == 500


def test_removed_notes_leave_nothing_in_the_feed(world: World) -> None:
    company = make_company(world.anna)
    kept = add_note(actor=world.anna, subject=("company", company.pk), text="Своя")
    ids = import_notes([NoteRow(("company", company.pk), "Чужая", world.anna.pk)], actor=world.admin)
    change_notes([(ids[0], "Иная")])
    assert Note.objects.get(pk=ids[0]).body == "Иная"
    assert remove_notes(ids) == 1
    assert list(Note.objects.values_list("pk", flat=True)) == [kept.pk]
    assert not EventSubject.objects.filter(event__type="note.imported").exists()
    assert Event.objects.filter(type="note.added").exists()
