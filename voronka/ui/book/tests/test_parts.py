"""What a stage asks, in the book's pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.world import World
from voronka.playbook.models import ActivityKind, Criterion, Funnel, Objection, Stage, StageTask

HTMX = {"HX-Request": "true"}


@pytest.fixture
def stage(funnel: Funnel) -> Stage:
    return Stage.objects.filter(funnel=funnel).order_by("order")[0]


@pytest.fixture
def admin(world: World, as_member: Any) -> Client:
    return as_member(world.admin)


def address(world: World, stage: Stage, code: str, what: str = "new") -> str:
    return f"/w/{world.workspace.slug}/book/stages/{stage.pk}/parts/{code}/{what}/"


def test_a_task_is_written_and_read_by_everybody(
    world: World, admin: Client, as_member: Any, stage: Stage
) -> None:
    call = ActivityKind.objects.get(channel="call")
    assert admin.get(address(world, stage, "task"), headers=HTMX).status_code == 200
    values = {"text": "Узнать бюджет", "kind": call.pk, "after_days": "1", "required": "on", "role": ""}
    answer = admin.post(address(world, stage, "task"), values, headers=HTMX)
    assert answer.status_code in (200, 204)
    task = StageTask.objects.get()
    assert (task.text, task.after_days, task.required) == ("Узнать бюджет", 1, True)
    read = as_member(world.anna).get(f"/w/{world.workspace.slug}/book/stages/{stage.pk}/").content.decode()
    assert "Узнать бюджет" in read
    assert "/parts/task/new/" not in read


def test_the_form_of_a_criterion_asks_what_its_kind_needs(world: World, admin: Client, stage: Stage) -> None:
    page = admin.get(address(world, stage, "criterion") + "?kind=checklist", headers=HTMX).content.decode()
    assert 'name="param_lines"' in page
    assert 'name="param_field"' not in page
    values = {"kind": "checklist", "param_lines": "Фото\nПлан цеха\n", "strictness": "refuse"}
    admin.post(address(world, stage, "criterion"), values, headers=HTMX)
    row = Criterion.objects.get()
    assert (row.params, row.strictness) == ({"lines": ["Фото", "План цеха"]}, "refuse")


def test_a_criterion_with_a_fault_comes_back_with_its_sentence(
    world: World, admin: Client, stage: Stage
) -> None:
    values = {"kind": "amount_limit", "param_limit": "много", "strictness": "warn"}
    answer = admin.post(address(world, stage, "criterion"), values, headers=HTMX)
    assert answer.status_code == 422
    assert "укажите число больше нуля" in answer.content.decode()
    assert not Criterion.objects.exists()


def test_rows_move_and_go(world: World, admin: Client, stage: Stage) -> None:
    for text in ("Дорого", "Потом"):
        admin.post(address(world, stage, "objection"), {"text": text, "answer": ""}, headers=HTMX)
    first, second = Objection.objects.order_by("order")
    admin.post(address(world, stage, "objection", "order"), {"move": second.pk, "by": "up"}, headers=HTMX)
    assert list(Objection.objects.order_by("order").values_list("text", flat=True)) == ["Потом", "Дорого"]
    admin.post(f"/w/{world.workspace.slug}/book/parts/objection/{first.pk}/away/", headers=HTMX)
    page = admin.get(
        f"/w/{world.workspace.slug}/book/stages/{stage.pk}/parts/", headers=HTMX
    ).content.decode()
    assert "Потом" in page
    assert "Дорого" not in page


def test_no_such_kind_of_row_is_not_found(world: World, admin: Client, stage: Stage) -> None:
    assert admin.get(address(world, stage, "horoscope")).status_code == 404
