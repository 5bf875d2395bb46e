"""Files on cards, through the browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.world import World, make_company
from voronka.desk.models import File

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
HTMX = {"headers": {"HX-Request": "true"}}


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        },
    }


@pytest.fixture
def anna(world: World, as_member: Callable[[Any], Client]) -> Any:
    return as_member(world.anna)


def upload(anna: Any, pk: int, *files: tuple[str, bytes], **more: Any) -> Any:
    given = [SimpleUploadedFile(name, content) for name, content in files]
    return anna.post(anna.w(f"/files/company/{pk}/"), {"files": given}, **more)


def test_files_come_up_are_listed_and_go_down_safely(world: World, anna: Any) -> None:
    company = make_company(world.anna, "ООО «Заря»")
    part = upload(anna, company.pk, ("Фото.png", PNG), ("План.csv", b"a;b"), **HTMX)
    assert part.status_code == 200
    assert "Фото.png" in part.content.decode()
    photo, plan = File.objects.order_by("id")

    saved = anna.get(anna.w(f"/file/{plan.pk}/"))
    assert b"".join(saved.streaming_content) == b"a;b"
    assert saved.headers["Content-Disposition"].startswith("attachment;")
    assert saved.headers["X-Content-Type-Options"] == "nosniff"
    assert saved.headers["Content-Type"] == "application/octet-stream"

    drawn = anna.get(anna.w(f"/file/{photo.pk}/content/"))
    assert drawn.headers["Content-Type"] == "image/png"
    assert "default-src 'none'" in drawn.headers["Content-Security-Policy"]
    assert drawn.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert anna.get(anna.w(f"/file/{plan.pk}/content/")).status_code == 404
    assert anna.get(anna.w(f"/file/{plan.pk}/preview/")).status_code == 404
    assert "Фото.png" in anna.get(anna.w(f"/file/{photo.pk}/preview/"), **HTMX).content.decode()
    assert "Фото.png" in anna.get(anna.w(f"/files/company/{company.pk}/")).content.decode()


def test_a_page_that_calls_itself_a_picture_is_refused(world: World, anna: Any) -> None:
    company = make_company(world.anna, "ООО «Заря»")
    answer = upload(anna, company.pk, ("a.png", b"<html><script>alert(1)</script>"), **HTMX)
    assert answer.status_code == 409
    assert not File.objects.exists()


def test_a_deleted_file_is_gone_and_comes_back(world: World, anna: Any) -> None:
    company = make_company(world.anna, "ООО «Заря»")
    upload(anna, company.pk, ("Фото.png", PNG))
    file = File.objects.get()
    answer = anna.post(anna.w(f"/file/{file.pk}/delete/"), **HTMX)
    assert answer.status_code == 204
    assert anna.get(anna.w(f"/file/{file.pk}/")).status_code == 404
    assert "/undo/" in answer.headers["HX-Trigger"]


def test_a_file_is_seen_by_who_sees_its_card(
    world: World, anna: Any, as_member: Callable[[Any], Client], stranger: World
) -> None:
    company = make_company(world.anna, "ООО «Заря»")
    upload(anna, company.pk, ("Фото.png", PNG))
    file = File.objects.get()
    vera: Any = as_member(world.vera)
    other: Any = as_member(stranger.admin)
    for path in ("", "content/", "preview/"):
        assert vera.get(vera.w(f"/file/{file.pk}/{path}")).status_code == 403
        assert other.get(other.w(f"/file/{file.pk}/{path}")).status_code == 404
    assert upload(vera, company.pk, ("Фото.png", PNG)).status_code == 403
