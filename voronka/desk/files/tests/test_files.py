"""Files on cards: what is taken, under what name, and that nothing is lost."""

from __future__ import annotations

import datetime as dt
import io
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from tests.world import World, make_company
from voronka.core import clock
from voronka.core.errors import Forbidden, Refused
from voronka.desk.files import actions
from voronka.desk.files.actions import add_file, delete_file, files_of
from voronka.desk.files.cleaning import KEPT, STRAY_AFTER, forget_deleted
from voronka.desk.files.kinds import kind_of, safe_name
from voronka.desk.models import File, Note
from voronka.desk.notes import add_note, delete_note
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.journal.sentences import tell

PDF = b"%PDF-1.4 hello"


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        },
    }


def put(world: World, name: str, content: bytes, who: str = "anna") -> File:
    company = make_company(world.anna, "ООО «Заря»")
    return add_file(
        actor=getattr(world, who), subject=("company", company.pk), name=name, content=io.BytesIO(content)
    )


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [
        ("a.pdf", PDF, "application/pdf"),
        ("photo.exe", b"\x89PNG\r\n\x1a\n....", "image/png"),
        (
            "смета.xlsx",
            b"PK\x03\x04....",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        ("list.csv", "Имя;Город".encode("cp1251"), "text/plain"),
        ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword"),
        ("setup.msi", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", None),
        ("a.pdf", b"MZ\x90\x00", None),
        ("a.txt", b"<!DOCTYPE html><script>", None),
        ("a.png", b"  <svg onload=alert(1)>", None),
        ("a.txt", b"#!/bin/sh", None),
        ("a.bin", b"\x00\x01\x02", None),
    ],
)
def test_a_file_is_what_it_holds_not_what_it_is_called(name: str, head: bytes, kind: str | None) -> None:
    assert kind_of(head, name) == kind


@pytest.mark.parametrize(
    ("name", "kind", "safe"),
    [
        ("..\\..\\etc/passwd", "text/plain", "passwd.txt"),
        ("Договор: №1?.pdf", "application/pdf", "Договор_ №1_.pdf"),
        ("photo.exe", "image/png", "photo.exe.png"),
        ("a\u202egpj.pdf", "application/pdf", "agpj.pdf"),
        ("", "application/pdf", "file.pdf"),
        ("ы" * 300 + ".pdf", "application/pdf", "ы" * 146 + ".pdf"),
    ],
)
def test_a_name_cannot_lie_or_lead_out_of_its_folder(name: str, kind: str, safe: str) -> None:
    assert safe_name(name, kind) == safe


def test_a_file_is_kept_told_deleted_and_brought_back(world: World) -> None:
    file = put(world, "Договор.pdf", PDF)
    assert default_storage.open(file.path).read() == PDF
    assert f"/{world.workspace.pk}/" in file.path
    assert "Договор" not in file.path
    added = Event.objects.latest("id")
    assert tell(added).sentence == "Файл: Договор.pdf (14\u00a0Б)"

    delete_file(file, actor=world.anna)
    assert not files_of("company", file.subject_id).exists()
    undo(Event.objects.latest("id"), actor=world.anna)
    assert files_of("company", file.subject_id).get() == file
    assert default_storage.exists(file.path)


def test_what_is_refused_leaves_nothing_behind(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(actions, "MAX_BYTES", 10)
    for name, content in (("a.pdf", b""), ("a.exe", b"MZ"), ("big.pdf", PDF)):
        with pytest.raises(Refused):
            put(world, name, content)
    monkeypatch.setattr(actions, "MAX_BYTES", 100)
    monkeypatch.setattr(actions, "MOST_FILES", 0)
    with pytest.raises(Refused):
        put(world, "a.pdf", PDF)
    assert not File.objects.exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_only_who_brought_it_or_minds_everybodys_deletes_a_file(world: World) -> None:
    file = put(world, "Договор.pdf", PDF, who="anna")
    with pytest.raises(Forbidden):
        delete_file(file, actor=world.boris)
    delete_file(file, actor=world.director)
    with pytest.raises(Forbidden):
        undo(Event.objects.latest("id"), actor=world.boris)


def note_with(world: World, text: str, *files: tuple[str, bytes]) -> Note:
    company = make_company(world.anna, "ООО «Заря»")
    with actions.taking([(name, io.BytesIO(content)) for name, content in files]) as taken:
        return add_note(actor=world.anna, subject=("company", company.pk), text=text, files=taken)


def test_files_come_with_a_note_and_go_with_it(world: World) -> None:
    note = note_with(world, "", ("Договор.pdf", PDF), ("План.csv", b"a;b"))
    assert [file.name for file in files_of("company", note.subject_id)] == ["План.csv", "Договор.pdf"]
    assert not Event.objects.feed_of("company", note.subject_id).filter(type="file.added").exists()

    delete_note(note, actor=world.anna)
    assert not files_of("company", note.subject_id).exists()
    undo(Event.objects.get(type="note.deleted"), actor=world.anna)
    assert files_of("company", note.subject_id).count() == 2

    delete_file(files_of("company", note.subject_id)[0], actor=world.anna)
    undo(Event.objects.get(type="note.added"), actor=world.anna)
    assert not files_of("company", note.subject_id).exists()


def test_a_refused_file_keeps_the_whole_note_back_and_leaves_no_bytes(world: World, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="не принят"):
        note_with(world, "Смотрите", ("Договор.pdf", PDF), ("run.exe", b"MZ"))
    with pytest.raises(Refused, match="Сначала напишите"):
        note_with(world, "")
    with pytest.raises(Refused, match="не больше 20"):
        note_with(world, "Много", *[(f"{n}.pdf", PDF) for n in range(21)])
    assert not Note.objects.exists()
    assert not File.objects.exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_bytes_leave_the_disk_a_month_after_the_deletion(world: World, tmp_path: Path) -> None:
    kept, gone = put(world, "Нужный.pdf", PDF), put(world, "Старый.pdf", PDF)
    delete_file(gone, actor=world.anna)
    assert forget_deleted() == 0
    File.objects.filter(pk=gone.pk).update(deleted_at=clock.now() - KEPT - dt.timedelta(hours=1))
    stray = tmp_path / Path(kept.path).parent / "stray"
    stray.write_bytes(b"half a form")
    assert forget_deleted() == 1
    long_ago = (clock.now() - STRAY_AFTER - dt.timedelta(hours=1)).timestamp()
    os.utime(stray, (long_ago, long_ago))
    os.utime(tmp_path / kept.path, (long_ago, long_ago))
    assert forget_deleted() == 1
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / kept.path]
    with pytest.raises(Refused, match="больше не хранится"):
        undo(Event.objects.filter(type="file.deleted").latest("id"), actor=world.anna)
    assert File.objects.get(pk=gone.pk).deleted_at is not None
