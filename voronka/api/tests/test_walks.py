"""Reading on and on, and cards that have become others."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import World, make_company
from voronka.api import listed
from voronka.api.tests.calling import Program
from voronka.clients.actions import merge_companies
from voronka.clients.models import Company
from voronka.journal.models import Event


@pytest.fixture
def walk(world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Companies of Anna's, more than a walk may read, and a way to read them page by page."""
    monkeypatch.setattr(listed, "WALK", 4)
    for number in range(9):
        make_company(world.anna, f"Клиент {number}")

    def read(program: Program) -> list[Any]:
        answers = [program.get("/companies/?limit=2")]
        while answers[-1].status_code == 200 and (cursor := answers[-1].json()["next"]):
            answers.append(program.get(f"/companies/?limit=2&cursor={cursor}"))
        return answers

    return read


def test_a_long_walk_is_an_export_and_told_once(world: World, walk: Any) -> None:
    answers = walk(Program.of(world.admin))
    assert [len(answer.json()["items"]) for answer in answers] == [2, 2, 2, 2, 1]
    event = Event.objects.get(type="list.exported")
    assert (event.payload["rows"], event.payload["filter"], event.actor) == (9, "API", world.admin)


def test_without_the_right_to_export_a_walk_ends(world: World, walk: Any) -> None:
    answers = walk(Program.of(world.anna))
    assert [answer.status_code for answer in answers] == [200, 200, 403]
    assert answers[-1].json()["type"] == "urn:voronka:problem:no-export"
    assert "выгрузка" in answers[-1].json()["detail"]
    assert not Event.objects.filter(type="list.exported").exists()
    # A shorter one is nobody's business.
    assert Program.of(world.anna).get("/companies/?limit=4").status_code == 200


def test_a_merged_card_leads_to_the_one_that_stays(world: World, stranger: World) -> None:
    first, second, third = (make_company(world.anna, name) for name in ("Астра", "Лютик", "Ромашка"))
    merge_companies(first, second, actor=world.admin)
    merge_companies(Company.objects.get(pk=second.pk), third, actor=world.admin)
    program = Program.of(world.admin)

    answer = program.get(f"/companies/{first.pk}/")
    assert answer.status_code == 301
    assert answer.headers["Location"] == f"/api/v1/companies/{third.pk}/"
    assert answer.json()["merged_into"] == third.pk
    assert program.get(answer.headers["Location"]).json()["name"] == "Ромашка"

    changed = program.ask("PATCH", f"/companies/{first.pk}/", {"name": "Новая"})
    assert (changed.status_code, changed.json()["type"]) == (409, "urn:voronka:problem:merged")
    assert Company.objects.get(pk=third.pk).name == "Ромашка"

    # Out of reach it is not told where it went.
    assert Program.of(world.vera).get(f"/companies/{first.pk}/").status_code == 404
    assert Program.of(stranger.admin).get(f"/companies/{first.pk}/").status_code == 404
