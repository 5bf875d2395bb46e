"""The grid and the versions of the book by programs."""

from __future__ import annotations

from typing import Any

from tests.world import World
from voronka.api.tests.calling import Program
from voronka.playbook.models import Cell, Funnel


def test_cells_are_read_by_all_and_written_by_managers(world: World, funnel: Funnel) -> None:
    seller, head = Program.of(world.anna), Program.of(world.head)
    at = f"/grid/{funnel.product_group_id}/{funnel.segment_id}/"

    assert seller.get("/grid/").json() == []
    assert seller.patch(at, {"buys_for": "Своё"}).status_code == 403
    written = head.patch(at, {"buys_for": "Пуск к дате", "steps": ["Смета", "Тендер"]})

    assert written.status_code == 200
    assert written.json()["steps"] == ["Смета", "Тендер"]
    assert head.patch(at, {"chooses_by": "Срок"}).json()["buys_for"] == "Пуск к дате"
    assert seller.get("/grid/").json()[0]["segment"]["name"] == funnel.segment.name
    assert head.patch(at, {"color": "red"}).status_code == 422
    assert head.patch(f"/grid/{funnel.product_group_id}/999999/", {"buys_for": "х"}).status_code == 404


def test_nothing_written_makes_no_cell(world: World, funnel: Funnel) -> None:
    head = Program.of(world.head)

    answer = head.patch(f"/grid/{funnel.product_group_id}/{funnel.segment_id}/", {})

    assert (answer.status_code, answer.json()["buys_for"]) == (200, "")
    assert not Cell.objects.exists()


def test_a_pair_proposes_its_funnel(world: World, funnel: Funnel) -> None:
    seller = Program.of(world.anna)

    def proposed(query: str) -> Any:
        return seller.get(f"/grid/funnel/{query}").json()["funnel"]

    pair = f"?product_group={funnel.product_group_id}&segment={funnel.segment_id}"
    assert proposed(pair) == {"id": funnel.pk, "name": funnel.name}
    assert proposed(f"?segment={funnel.segment_id}")["id"] == funnel.pk
    assert proposed("") is None


def test_the_book_of_any_change_is_read(world: World, funnel: Funnel) -> None:
    seller, head = Program.of(world.anna), Program.of(world.head)
    at = f"/grid/{funnel.product_group_id}/{funnel.segment_id}/"
    for text in ("Раз", "Два", "Три"):
        head.patch(at, {"buys_for": text})

    told = seller.get("/book/versions/").json()
    earlier = seller.get("/book/versions/?before=3").json()
    second = seller.get("/book/versions/2/").json()

    assert [(row["number"], row["event"], row["actor"]) for row in told] == [
        (number, "cell.written", world.head.pk) for number in (3, 2, 1)
    ]
    assert [row["number"] for row in earlier] == [2, 1]
    assert second["content"]["cells"][0]["buys_for"] == "Два"
    assert seller.get("/book/versions/77/").status_code == 404
