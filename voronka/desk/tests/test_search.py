"""The search table: what is found, by whom, in which order."""

from __future__ import annotations

import pytest

from voronka.core.tenancy import scope
from voronka.desk.models import SearchRow
from voronka.desk.search import Row, drop_search_row, matching, put_search_row, put_search_rows, search


def row(pk: int, title: str, kind: str = "company", **more) -> Row:
    return Row(kind=kind, object_id=pk, title=title, **more)


@pytest.fixture
def rows(world):
    put_search_rows(
        [
            row(1, "ООО «Ромашка»", text="7707083893 74951234567", owner_ids=[world.anna.pk]),
            row(2, "АО «Ёлки и щит»", text="info@elki.ru", owner_ids=[world.vera.pk]),
            row(3, "Игорь Белов", kind="person", text="79161234567 ромашка", owner_ids=[world.anna.pk]),
            row(
                1043,
                "Стеллажи, 3-я очередь",
                kind="deal",
                number=43,
                text="ромашка",
                owner_ids=[world.anna.pk],
            ),
            row(5, "ООО «Логист-Центр»", team_ids=[world.vera.team_id]),
        ]
    )


def found(member, text, **more) -> list[tuple[str, int]]:
    return [(hit.kind, hit.object_id) for hit in search(member, text, **more).hits]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("ромаш", ("company", 1)),
        ("РОМАШКА", ("company", 1)),
        ("ООО Ромашка", ("company", 1)),
        ("елки", ("company", 2)),
        ("щит ёлки", ("company", 2)),
        ("elki.ru", ("company", 2)),
        ("логист центр", ("company", 5)),
        ("8 (495) 123-45-67", ("company", 1)),
        ("+7 495 1234567", ("company", 1)),
        ("8 495 12", ("company", 1)),
        ("495-123", ("company", 1)),
        ("7707083893", ("company", 1)),
        ("белов 916", ("person", 3)),
        ("43", ("deal", 1043)),
        ("№ 43", ("deal", 1043)),
        ("hjvfirf", ("company", 1)),
        ("рамашка", ("company", 1)),
    ],
)
def test_things_are_found_however_they_are_typed(world, rows, text, first):
    assert found(world.admin, text)[0] == first


@pytest.mark.parametrize(
    "text", ["", "ро", "  ", "%", "%%%", "_", "\\", "12", "999", "ооо", "'; drop table", "\x00", "😀"]
)
def test_nothing_is_found_by_nothing(world, rows, text):
    assert found(world.admin, text) == []


def test_a_megabyte_is_no_question(world, rows):
    assert ("company", 1) in found(world.admin, "ромашка " * 150_000)


def test_the_other_layout_is_told_and_likeness_too(world, rows):
    assert search(world.admin, "hjvfirf").asked_as == "ромашка"
    assert search(world.admin, "рамашка").is_like
    assert not search(world.admin, "ромашка").is_like


def test_one_finds_only_within_reach(world, rows):
    assert set(found(world.anna, "ромашка")) == {("company", 1), ("deal", 1043), ("person", 3)}
    assert found(world.vera, "ромашка") == []
    assert found(world.vera, "логист") == []  # a seller's reach is one's own, not the team's
    assert found(world.head, "логист") == [("company", 5)]
    assert found(world.north_head, "логист") == []
    assert found(world.vera, "43") == []
    # A marketer sees all clients and all deals.
    assert len(found(world.marketer, "ромашка")) == 3


def test_kinds_can_be_chosen(world, rows):
    assert found(world.admin, "ромашка", kinds=["person"]) == [("person", 3)]


def test_another_workspace_finds_nothing(world, rows, stranger):
    with scope(stranger.workspace):
        assert found(stranger.admin, "ромашка") == []


def test_what_begins_as_typed_stands_first(world):
    put_search_rows([row(1, "Новая заря", weight=9), row(2, "Заря"), row(3, "Назарян", weight=5)])
    assert [pk for _kind, pk in found(world.admin, "заря")] == [2, 1, 3]


def test_a_row_is_written_once_and_can_be_dropped(world):
    for title in ("Ромашка", "Лютик"):
        put_search_row("company", 7, title, owner_ids=[world.anna.pk, None], team_ids=[None], number=None)
    assert SearchRow.objects.get().title == "Лютик"
    assert found(world.anna, "ромашка") == []
    drop_search_row("company", 7)
    assert not SearchRow.objects.exists()


def test_a_list_is_filtered_by_the_same_words(world, rows):
    assert list(matching("company", "елки").values_list("object_id", flat=True)) == [2]
    assert list(matching("company", "hjvfirf").values_list("object_id", flat=True)) == [1]
    assert matching("company", "ё") is None
    assert not matching("company", "нетникого").exists()
