"""Scripts, links and files of a task stand where the task is read and done."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.world import World
from voronka.deals.actions import create_deal
from voronka.desk.files.actions import add_file
from voronka.desk.models import File
from voronka.journal.models import Event
from voronka.playbook.actions import add_part
from voronka.playbook.models import ActivityKind, Funnel, Stage, StageTask

PDF = b"%PDF-1.4 presentation"


@pytest.fixture
def task(world: World, funnel: Funnel, settings: Any, tmp_path: Any) -> StageTask:
    settings.MEDIA_ROOT = tmp_path
    stage = Stage.objects.filter(funnel=funnel).first()
    assert stage is not None
    return add_part(
        StageTask,
        stage,
        actor=None,
        kind=ActivityKind.objects.first(),
        text="Показать образец",
        script="Начните с вопроса",
        materials="Фильм — https://disk.ru/film",
    )


def path(task: StageTask) -> str:
    return f"/files/stage_task/{task.pk}/"


def test_a_head_attaches_and_everybody_reads(world: World, task: StageTask, as_member: Any) -> None:
    head, seller = as_member(world.head), as_member(world.anna)

    head.post(head.w(path(task)), {"files": SimpleUploadedFile("Образец.pdf", PDF)})

    file = File.objects.get()
    assert (file.subject_kind, file.subject_id) == ("stage_task", task.pk)
    page = seller.get(seller.w(f"/book/stages/{task.stage_id}/")).content.decode()
    assert "Образец.pdf" in page
    assert "Начните с вопроса" in page
    assert 'href="https://disk.ru/film"' in page
    assert seller.get(seller.w(f"/file/{file.pk}/")).status_code == 200
    event = Event.objects.get(type="file.added")
    assert event.subjects.filter(kind="stage", object_id=task.stage_id).exists()


def test_sellers_attach_and_delete_nothing(world: World, task: StageTask, as_member: Any) -> None:
    add_file(actor=world.head, subject=("stage_task", task.pk), name="Образец.pdf", content=io.BytesIO(PDF))
    seller, file = as_member(world.anna), File.objects.get()

    assert seller.post(seller.w(path(task)), {"files": SimpleUploadedFile("Б.pdf", PDF)}).status_code == 403
    assert seller.post(seller.w(f"/file/{file.pk}/delete/")).status_code == 403
    assert File.objects.get().deleted_at is None
    assert not seller.get(seller.w(path(task))).context["may_add"]


def test_the_deal_shows_them_beside_the_task(world: World, task: StageTask, as_member: Any) -> None:
    add_file(actor=world.head, subject=("stage_task", task.pk), name="Образец.pdf", content=io.BytesIO(PDF))
    deal = create_deal(actor=world.anna, title="Линия", funnel=task.stage.funnel)
    seller = as_member(world.anna)

    page = seller.get(seller.w(f"/deals/{deal.number}/stage/"))

    (shown,) = page.context["tasks"]
    assert [link.title for link in shown.links] == ["Фильм"]
    assert [file.file.name for file in shown.files] == ["Образец.pdf"]
    assert "Образец.pdf" in page.content.decode()


def test_files_of_another_companys_task_are_not_there(
    world: World, task: StageTask, stranger: World, as_member: Any
) -> None:
    browser = as_member(stranger.head)

    assert browser.get(browser.w(path(task))).status_code == 404
    assert browser.post(browser.w(path(task)), {"files": SimpleUploadedFile("а.pdf", PDF)}).status_code == 404
