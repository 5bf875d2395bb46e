"""The import wizard, from the file to taking it back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.world import World
from voronka.core.spreadsheets import open_table
from voronka.deals.models import Deal
from voronka.desk.models import ImportBatch, ImportStatus
from voronka.integrations.jobs import run_import
from voronka.playbook.models import Funnel, Stage
from voronka.ui.imports import views

HTMX = {"HTTP_HX_REQUEST": "true"}
CSV = (
    "Номер;Название;Клиент;Сумма;Этап;Дата создания;Дата закрытия;Заметки менеджера\n"
    "1;Стеллажи;Ромашка;100 000;Переговоры;10.01.2026;;важный\n"
    "2;Полки;Лютик;200 000;Успешно реализовано;10.01.2026;20.01.2026;\n"
    "3;<script>alert(1)</script>;Лютик;сто;Договор;10.01.2026;;\n"
).encode()


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def admin(world: World, as_member: Callable[[Any], Any]) -> Any:
    return as_member(world.admin)


def file(content: bytes = CSV, name: str = "сделки.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def begun(browser: Any, **files: Any) -> ImportBatch:
    answer = browser.post(browser.w("/import/"), {"file": file(), **files})
    assert answer.status_code == 302
    batch = ImportBatch.objects.latest("pk")
    assert answer.headers["Location"] == browser.w(f"/import/{batch.pk}/columns/")
    return batch


def chosen(page: Any) -> dict[str, str]:
    """The columns as the page proposes them."""
    return {column.name: column.field for column in page.context["columns"]}


def prepared(browser: Any) -> ImportBatch:
    batch = begun(browser)
    columns = browser.w(f"/import/{batch.pk}/columns/")
    assert browser.post(columns, chosen(browser.get(columns))).status_code == 302
    stages = browser.w(f"/import/{batch.pk}/stages/")
    values = browser.get(stages).context["values"]
    answers = {
        "value": [v.value for v in values],
        "meaning": [v.chosen for v in values],
        "default_opened": "",
        "lost_stage": "first",
    }
    funnel = browser.get(stages).context["funnel"]
    answers |= {"funnel": str(funnel.pk)} if funnel else {"funnel": "new", "new_funnel": "Моя воронка"}
    assert browser.post(stages, answers).headers["Location"] == browser.w(f"/import/{batch.pk}/preview/")
    return batch


def test_a_file_goes_all_the_way_and_back(world: World, admin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    deferred: list[dict[str, int]] = []
    monkeypatch.setattr(run_import, "defer", lambda **given: deferred.append(given))
    batch = prepared(admin)
    page = admin.get(admin.w(f"/import/{batch.pk}/preview/"))
    html = page.content.decode()
    assert (page.context["summary"]["created"], page.context["summary"]["rejected"]) == (2, 1)
    assert "<script>alert(1)" not in html
    assert not Deal.objects.exists()
    for _press in range(2):
        assert admin.post(admin.w(f"/import/{batch.pk}/run/")).status_code == 302
    assert deferred == [{"workspace_id": world.workspace.pk, "batch": batch.pk}]
    waiting = admin.get(admin.w(f"/import/{batch.pk}/"))
    assert admin.w(f"/import/{batch.pk}/progress/") in waiting.content.decode()
    assert admin.get(admin.w(f"/import/{batch.pk}/progress/"), **HTMX).status_code == 200
    run_import.func(**deferred[0])
    over = admin.get(admin.w(f"/import/{batch.pk}/progress/"), **HTMX)
    assert over.headers["HX-Redirect"] == admin.w(f"/import/{batch.pk}/")
    batch.refresh_from_db()
    assert batch.status == ImportStatus.DONE, batch.message
    assert set(Deal.objects.values_list("title", "outcome")) == {("Стеллажи", "open"), ("Полки", "won")}
    assert [s.name for s in Stage.objects.order_by("order")] == ["Переговоры", "Договор"]
    assert not Path(batch.file_path).exists()
    result = admin.get(admin.w(f"/import/{batch.pk}/"))
    assert result.context["result"]["created"] == 2
    table = open_table(b"".join(admin.get(admin.w(f"/import/{batch.pk}/errors/")).streaming_content))
    assert "сто" in str(table.sample()[0].cells[-1])
    assert admin.post(admin.w(f"/import/{batch.pk}/undo/")).status_code == 302
    assert not Deal.objects.exists()
    assert admin.get(admin.w(f"/import/{batch.pk}/")).context["undone"]["deals"] == 2
    run_import.func(**deferred[0])
    assert not Deal.objects.exists()


def test_columns_are_proposed_with_their_first_values(world: World, admin: Any) -> None:
    batch = begun(admin)
    page = admin.get(admin.w(f"/import/{batch.pk}/columns/"))
    assert [column.field for column in page.context["columns"]] == [
        "id", "title", "company", "amount", "stage", "opened_at", "closed_at", "",
    ]  # fmt: skip
    assert "Успешно реализовано" in page.content.decode()


def test_one_field_cannot_be_two_columns(world: World, admin: Any) -> None:
    batch = begun(admin)
    columns = admin.w(f"/import/{batch.pk}/columns/")
    answer = admin.post(columns, {**chosen(admin.get(columns)), "c7": "title"})
    assert answer.status_code == 422
    assert "v-insight is-bad" in answer.content.decode()


def test_the_order_of_new_stages_is_what_was_chosen(world: World, admin: Any) -> None:
    batch = begun(admin)
    columns = admin.w(f"/import/{batch.pk}/columns/")
    admin.post(columns, chosen(admin.get(columns)))
    answers = {
        "funnel": "new", "new_funnel": "Моя воронка", "default_opened": "", "lost_stage": "first",
        "value": ["Договор", "Переговоры", "Успешно реализовано"], "meaning": ["Договор", "Переговоры", "=won"],
    }  # fmt: skip
    admin.post(admin.w(f"/import/{batch.pk}/stages/"), answers)
    page = admin.get(admin.w(f"/import/{batch.pk}/preview/"))
    assert page.context["new_stages"] == ["Договор", "Переговоры"]


def test_another_funnel_brings_its_stages_into_the_choice(world: World, funnel: Funnel, admin: Any) -> None:
    batch = begun(admin)
    columns = admin.w(f"/import/{batch.pk}/columns/")
    admin.post(columns, chosen(admin.get(columns)))
    stages = admin.w(f"/import/{batch.pk}/stages/")
    whole = admin.get(stages)
    assert "Потребность" in whole.context["known"]
    part = admin.get(stages, {"funnel": "new", "new_funnel": "Другая"}, **HTMX)
    assert part.context["known"] == []
    assert "<html" not in part.content.decode()
    unnamed = admin.get(stages, {"funnel": "new"}, **HTMX)
    assert unnamed.context["funnel"] is None
    assert 'name="new_funnel"' in unnamed.content.decode()


def test_a_file_whose_stages_no_funnel_knows_is_offered_a_new_funnel(
    world: World, funnel: Funnel, admin: Any
) -> None:
    foreign = "Название;Этап;Дата создания\nСтанок;Prospecting;10.01.2026\nПресс;Won;10.01.2026\n".encode()
    own = "Название;Этап;Дата создания\nСтанок;Потребность;10.01.2026\nПресс;Won;10.01.2026\n".encode()
    for content, expected in ((foreign, None), (own, funnel)):
        batch = begun(admin, file=file(content))
        columns = admin.w(f"/import/{batch.pk}/columns/")
        admin.post(columns, chosen(admin.get(columns)))
        page = admin.get(admin.w(f"/import/{batch.pk}/stages/"))
        assert page.context["funnel"] == expected


def test_a_new_funnel_is_offered_a_name_that_is_free(world: World, funnel: Funnel, admin: Any) -> None:
    from voronka.playbook.actions.funnels import create_funnel

    batch = begun(admin)
    stages = admin.w(f"/import/{batch.pk}/stages/")
    offered = admin.get(stages, {"funnel": "new"}, **HTMX).context["new_name"]
    create_funnel(actor=world.admin, name=offered)
    assert admin.get(stages, {"funnel": "new"}, **HTMX).context["new_name"] == f"{offered} 2"


def test_a_bad_opening_day_is_told_beside_the_form(world: World, admin: Any) -> None:
    batch = begun(admin)
    answer = admin.post(
        admin.w(f"/import/{batch.pk}/stages/"), {"funnel": "new", "default_opened": "2999-01-01"}
    )
    assert answer.status_code == 422


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"id,title\n"])
def test_what_is_no_table_is_told_and_leaves_no_file(
    world: World, admin: Any, settings: Any, content: bytes
) -> None:
    answer = admin.post(admin.w("/import/"), {"file": file(content, "плохой.csv")})
    assert answer.status_code == 422
    assert not ImportBatch.objects.exists()
    assert list((settings.MEDIA_ROOT / "imports").glob("*")) == []


def test_no_file_and_too_big_a_file_are_told(
    world: World, admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert admin.post(admin.w("/import/")).status_code == 422
    monkeypatch.setattr(views, "MAX_BYTES", 100)
    assert admin.post(admin.w("/import/"), {"file": file()}).status_code == 422
    assert not ImportBatch.objects.exists()


def test_a_name_of_a_file_never_becomes_a_path(world: World, admin: Any, settings: Any) -> None:
    admin.post(admin.w("/import/"), {"file": file(CSV, "../../../etc/passwd.csv")})
    (kept,) = (settings.MEDIA_ROOT / "imports").glob("*")
    assert kept.name.endswith(".upload")
    assert ImportBatch.objects.get().file_path == str(kept)


def test_a_draft_can_be_thrown_away_a_done_import_cannot(world: World, admin: Any, settings: Any) -> None:
    batch = begun(admin)
    assert admin.post(admin.w(f"/import/{batch.pk}/discard/")).status_code == 302
    assert not ImportBatch.objects.exists()
    assert list((settings.MEDIA_ROOT / "imports").glob("*")) == []
    batch = begun(admin)
    ImportBatch.objects.filter(pk=batch.pk).update(status=ImportStatus.DONE)
    assert admin.post(admin.w(f"/import/{batch.pk}/discard/")).status_code == 409
    assert ImportBatch.objects.filter(pk=batch.pk).exists()


def test_a_killed_import_is_told_as_broken(world: World, admin: Any) -> None:
    batch = begun(admin)
    ImportBatch.objects.filter(pk=batch.pk).update(status=ImportStatus.RUNNING)
    page = admin.get(admin.w(f"/import/{batch.pk}/"))
    assert page.context["batch"].status == ImportStatus.FAILED
    assert admin.get(admin.w(f"/import/{batch.pk}/columns/")).status_code == 200


PAGES = ["columns/", "stages/", "preview/", "", "progress/", "errors/"]


def test_who_may_not_import_sees_nothing_of_it(
    world: World, admin: Any, as_member: Callable[[Any], Any]
) -> None:
    batch = begun(admin)
    anna = as_member(world.anna)
    for path in ["/imports/", "/import/", *(f"/import/{batch.pk}/{page}" for page in PAGES)]:
        assert anna.get(anna.w(path)).status_code == 403, path
    for action in ("run/", "undo/", "discard/"):
        assert anna.post(anna.w(f"/import/{batch.pk}/{action}")).status_code == 403
    batch.refresh_from_db()
    assert batch.status == ImportStatus.DRAFT


def test_an_import_of_another_company_is_not_there(
    world: World, stranger: World, admin: Any, as_member: Callable[[Any], Any]
) -> None:
    batch = begun(admin)
    other = as_member(stranger.admin)
    for page in PAGES:
        assert other.get(other.w(f"/import/{batch.pk}/{page}")).status_code == 404, page
    for action in ("run/", "undo/", "discard/"):
        assert other.post(other.w(f"/import/{batch.pk}/{action}")).status_code == 404
    assert ImportBatch.objects.filter(pk=batch.pk).exists()


def test_the_list_shows_imports_and_teaches_when_empty(world: World, admin: Any) -> None:
    empty = admin.get(admin.w("/imports/")).content.decode()
    assert admin.w("/import/") in empty
    batch = begun(admin)
    full = admin.get(admin.w("/imports/")).content.decode()
    assert admin.w(f"/import/{batch.pk}/") in full
    part = admin.get(admin.w("/imports/"), **HTMX).content.decode()
    assert "<html" not in part
