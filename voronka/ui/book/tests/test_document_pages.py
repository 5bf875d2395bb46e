"""The book as a document in the browser."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.world import World
from voronka.core.tenancy import scope
from voronka.playbook.actions import edit_stage
from voronka.playbook.models import Funnel, Stage
from voronka.playbook.versions import keep_version, newest_version

HTMX = {"HX-Request": "true"}


@pytest.fixture
def anna(world: World, funnel: Funnel, as_member: Any) -> Any:
    return as_member(world.anna)


def test_everybody_reads_it_whole_and_a_search_is_a_fragment(world: World, funnel: Funnel, anna: Any) -> None:
    page = anna.get(anna.w("/book/document/")).content.decode()
    assert funnel.name in page
    assert "<svg" in page
    found = anna.get(anna.w("/book/document/?q=презен"), headers=HTMX).content.decode()
    assert "<mark>Презен</mark>" in found
    assert "<html" not in found
    assert "<mark>" not in anna.get(anna.w("/book/document/?q=единорог")).content.decode()


def test_an_older_book_is_read_as_it_was(world: World, funnel: Funnel, anna: Any) -> None:
    keep_version()
    first = newest_version()
    assert first is not None
    stage = Stage.objects.filter(funnel=funnel).order_by("order")[0]
    edit_stage(stage, actor=world.head, changes={"goal": "Совсем новая цель"})
    assert "Совсем новая цель" in anna.get(anna.w("/book/document/")).content.decode()
    old = anna.get(anna.w(f"/book/document/?version={first.number}")).content.decode()
    assert "Совсем новая цель" not in old
    assert anna.get(anna.w("/book/document/?version=999")).status_code == 404


def test_the_pdf_is_named_after_the_company(world: World, anna: Any) -> None:
    answer = anna.get(anna.w("/book/document/export/"))
    assert answer["Content-Type"] == "application/pdf"
    assert "filename*=UTF-8''" in answer["Content-Disposition"]
    assert answer.content.startswith(b"%PDF-")


def test_an_empty_book_says_so(world: World, as_member: Any) -> None:
    client = as_member(world.anna)
    page = client.get(client.w("/book/document/"))
    assert page.status_code == 200
    assert '/book/document/export/"' not in page.content.decode()


def test_what_people_wrote_is_never_markup(world: World, funnel: Funnel, anna: Any, stranger: World) -> None:
    stage = Stage.objects.filter(funnel=funnel).order_by("order")[0]
    edit_stage(stage, actor=world.head, changes={"name": "<script>alert(1)</script>", "goal": "<img src=x>"})
    page = anna.get(anna.w("/book/document/?q=alert")).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x>" not in page
    with scope(stranger.workspace):
        Funnel.objects.create(name="Чужая воронка", order=1)
    assert "Чужая воронка" not in anna.get(anna.w("/book/document/")).content.decode()


@pytest.fixture
def head(world: World, funnel: Funnel, as_member: Any) -> Any:
    return as_member(world.head)


def sent(head: Any, text: str | bytes, **more: str) -> Any:
    file = SimpleUploadedFile("book.yaml", text if isinstance(text, bytes) else text.encode())
    return head.post(head.w("/book/document/read/"), {"file": file, **more}, headers=HTMX)


def test_the_book_goes_away_as_a_file_and_comes_back_after_a_look(world: World, head: Any) -> None:
    saved = head.get(head.w("/book/document/export/yaml/"))
    assert saved["Content-Disposition"].startswith("attachment")
    text = saved.content.decode()
    assert "voronka_book: 1" in text
    same = sent(head, text, exact="1").content.decode()
    assert 'name="apply"' not in same
    changed = text.replace("limit_days: 3", "limit_days: 8")
    looked = sent(head, changed).content.decode()
    assert "<ins>8</ins>" in looked
    assert Stage.objects.get(name="Первый контакт").limit_days == 3
    seen = newest_version()
    values = {"apply": "1", "seen": str(seen.number) if seen else "", "text": changed, "name": "book.yaml"}
    head.post(head.w("/book/document/read/"), values, headers=HTMX)
    assert Stage.objects.get(name="Первый контакт").limit_days == 8


def test_what_changed_meanwhile_is_looked_at_again(world: World, funnel: Funnel, head: Any) -> None:
    text = head.get(head.w("/book/document/export/yaml/")).content.decode()
    changed = text.replace("limit_days: 3", "limit_days: 8")
    edit_stage(Stage.objects.get(name="Договор"), actor=world.director, changes={"goal": "Подписать"})
    values = {"apply": "1", "seen": "", "text": changed, "name": "book.yaml"}
    again = head.post(head.w("/book/document/read/"), values, headers=HTMX).content.decode()
    assert "Подписать" in again
    assert Stage.objects.get(name="Первый контакт").limit_days == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("voronka_book: 7\n", "2"),
        ("voronka_book: 1\nfunels: []\n", "funels"),
        (b"\xff\xfe\x00", ""),
        ("", ""),
    ],
)
def test_a_faulty_file_is_told_by_lines_and_changes_nothing(
    world: World, head: Any, text: str | bytes, said: str
) -> None:
    answer = sent(head, text)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert 'name="apply"' not in answer.content.decode()


def test_who_only_reads_the_book_brings_no_file(world: World, anna: Any) -> None:
    assert anna.get(anna.w("/book/document/read/")).status_code == 403
    assert "/book/document/read/" not in anna.get(anna.w("/book/document/")).content.decode()
