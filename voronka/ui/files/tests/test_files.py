"""Files on cards, through the browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.world import World, make_company
from voronka.activities.actions import plan_activity
from voronka.activities.models import Activity
from voronka.core import clock
from voronka.deals.actions import create_deal
from voronka.desk.models import File, Note
from voronka.playbook.models import ActivityKind

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


def given(*files: tuple[str, bytes]) -> list[SimpleUploadedFile]:
    return [SimpleUploadedFile(name, content) for name, content in files]


def test_a_note_brings_its_files_to_the_feed_and_to_the_card(world: World, anna: Any) -> None:
    company = make_company(world.anna, "ООО «Заря»")
    answer = anna.post(
        anna.w(f"/notes/company/{company.pk}/"),
        {"text": "План цеха", "pin": "1", "files": given(("Фото.png", PNG), ("План.csv", b"a;b"))},
        **HTMX,
    )
    assert answer.status_code == 200
    photo, plan = File.objects.order_by("id")
    told = anna.get(anna.w(f"/feed/company/{company.pk}/"), **HTMX).content.decode()
    assert told.count("Фото.png") == 1
    assert f"/file/{photo.pk}/preview/" in told
    assert f"/file/{plan.pk}/" in told
    assert "Фото.png" in anna.get(anna.w(f"/files/company/{company.pk}/"), **HTMX).content.decode()

    refused = anna.post(
        anna.w(f"/notes/company/{company.pk}/"), {"text": "Ещё", "files": given(("a.exe", b"MZ"))}, **HTMX
    )
    assert refused.status_code == 409
    assert "не принят" in refused.content.decode()
    assert Note.objects.count() == 1


def test_a_call_brings_its_files_to_its_own_card_and_to_the_deals(
    world: World, funnel: Any, anna: Any, as_member: Callable[[Any], Client], stranger: World
) -> None:
    deal = create_deal(actor=world.anna, title="Стеллажи", funnel=funnel, company=make_company(world.anna))
    kind = ActivityKind.objects.get(channel="call")
    sent = {"channel": "call", "mode": "done", "deal": deal.pk, "kind": kind.pk, "reached": "yes"}
    sent |= {"result": "Прислали план", "without_next": "on"}
    bad = anna.post(anna.w("/activities/compose/"), {**sent, "files": given(("a.exe", b"MZ"))}, **HTMX)
    assert bad.status_code == 422
    assert "не принят" in bad.content.decode()
    assert not Activity.objects.exists()

    answer = anna.post(anna.w("/activities/compose/"), {**sent, "files": given(("Фото.png", PNG))}, **HTMX)
    assert answer.status_code == 200
    activity, file = Activity.objects.get(), File.objects.get()
    assert (file.subject_kind, file.subject_id) == ("activity", activity.pk)
    for path in (f"/files/activity/{activity.pk}/", f"/files/deal/{deal.pk}/", f"/feed/deal/{deal.pk}/"):
        assert anna.get(anna.w(path), **HTMX).content.decode().count("Фото.png") >= 1, path
    # Another one, on the activity's own card.
    more = anna.post(
        anna.w(f"/files/activity/{activity.pk}/"), {"files": given(("План.csv", b"a;b"))}, **HTMX
    )
    assert more.status_code == 200
    assert File.objects.count() == 2

    vera: Any = as_member(world.vera)
    other: Any = as_member(stranger.admin)
    assert vera.get(vera.w(f"/file/{file.pk}/")).status_code in (403, 404)
    assert other.get(other.w(f"/file/{file.pk}/")).status_code == 404
    assert vera.get(vera.w(f"/files/activity/{activity.pk}/")).status_code in (403, 404)
    assert other.get(other.w(f"/files/activity/{activity.pk}/")).status_code == 404


def test_a_planned_task_done_with_a_file_shows_it_once(world: World, funnel: Any, anna: Any) -> None:
    deal = create_deal(actor=world.anna, title="Стеллажи", funnel=funnel, company=make_company(world.anna))
    kind = ActivityKind.objects.get(channel="call")
    activity = plan_activity(actor=world.anna, kind=kind, due_at=clock.now(), deal=deal)
    answer = anna.post(
        anna.w(f"/activities/{activity.pk}/complete/"),
        {"reached": "yes", "result": "Готово", "without_next": "on", "files": given(("Акт.csv", b"a;b"))},
        **HTMX,
    )
    assert answer.status_code == 204
    told = anna.get(anna.w(f"/feed/deal/{deal.pk}/"), **HTMX).content.decode()
    assert told.count("Акт.csv") == 1


def test_the_feed_asks_for_files_once_however_many_there_are(world: World, anna: Any) -> None:
    company = make_company(world.anna, "ООО «Заря»")

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            anna.get(anna.w(f"/feed/company/{company.pk}/"), **HTMX)
        return len(caught)

    def write() -> None:
        anna.post(
            anna.w(f"/notes/company/{company.pk}/"),
            {"text": "План", "files": given(("Фото.png", PNG), ("План.csv", b"a;b"))},
        )

    write()
    queries()
    few = queries()
    for _n in range(8):
        write()
    assert queries() == few
