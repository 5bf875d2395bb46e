"""The book as one value."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.utils.translation import override

from tests.world import World
from voronka.playbook.actions import add_part, archive_stage, edit_stage
from voronka.playbook.models import ActivityKind, Funnel, Objection, Stage, StageTask
from voronka.playbook.snapshot import book_snapshot, digest_of


def test_it_holds_what_is_in_use_and_is_plain_json(world: World, funnel: Funnel) -> None:
    stages = list(Stage.objects.filter(funnel=funnel).order_by("order"))
    kind = ActivityKind.objects.filter(archived_at=None).first()
    add_part(
        StageTask,
        stages[0],
        actor=None,
        kind=kind,
        text="Позвонить",
        materials="https://a.ru\n\nhttps://b.ru",
    )
    add_part(Objection, stages[0], actor=None, text="Дорого", answer="Цена проблемы")
    archive_stage(stages[4], actor=None)

    book = book_snapshot()

    told = next(f for f in book["funnels"] if f["id"] == funnel.pk)
    assert [stage["id"] for stage in told["stages"]] == [stage.pk for stage in stages[:4]]
    assert told["stages"][0]["tasks"][0]["materials"] == ["https://a.ru", "https://b.ru"]
    assert told["stages"][0]["objections"][0]["answer"] == "Цена проблемы"
    assert json.loads(json.dumps(book)) == book


def test_the_same_book_is_the_same_value_in_any_language(world: World, funnel: Funnel) -> None:
    with override("ru"):
        russian = digest_of(book_snapshot())
    with override("en"):
        english = digest_of(book_snapshot())

    assert russian == english


def test_a_change_gives_another_digest_and_its_return_the_old_one(world: World, funnel: Funnel) -> None:
    stage = Stage.objects.filter(funnel=funnel).first()
    assert stage is not None
    before = digest_of(book_snapshot())

    edit_stage(stage, actor=None, changes={"goal": "Понять задачу"})
    changed = digest_of(book_snapshot())
    edit_stage(stage, actor=None, changes={"goal": stage.goal})

    assert changed != before
    assert digest_of(book_snapshot()) == before


def test_another_company_is_not_in_it(world: World, funnel: Funnel, stranger: World) -> None:
    own = {found["id"] for found in book_snapshot()["funnels"]}

    assert own == set(Funnel.objects.values_list("pk", flat=True))


@pytest.mark.parametrize("rows", [1, 8])
def test_it_costs_the_same_whatever_its_size(
    world: World, funnel: Funnel, rows: int, django_assert_max_num_queries: Any
) -> None:
    stage = Stage.objects.filter(funnel=funnel).first()
    assert stage is not None
    for number in range(rows):
        add_part(Objection, stage, actor=None, text=f"Возражение {number}")

    with django_assert_max_num_queries(20):
        book_snapshot()
