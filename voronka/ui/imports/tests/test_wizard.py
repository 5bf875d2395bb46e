"""The import wizard, from the file to taking it back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.world import World
from voronka.clients.models import Company
from voronka.core.spreadsheets import open_table
from voronka.deals.models import Deal
from voronka.desk.models import CustomField, ImportBatch, ImportStatus
from voronka.integrations.jobs import look_through, run_import
from voronka.integrations.jobs import undo_import as undo_job
from voronka.playbook.models import Funnel, Stage
from voronka.ui.imports import steps, views

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
    assert answer.headers["Location"] == browser.w(f"/import/{batch.pk}/files/")
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
    (part,) = page.context["parts"]
    assert (part["summary"]["created"], part["summary"]["rejected"]) == (2, 1)
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
    assert result.context["parts"][0]["summary"]["created"] == 2
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
    assert page.context["parts"][0]["seen"]["new_stages"] == ["Договор", "Переговоры"]


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


PAGES = ["files/", "columns/", "stages/", "preview/", "", "progress/", "errors/"]


def test_who_may_not_import_sees_nothing_of_it(
    world: World, admin: Any, as_member: Callable[[Any], Any]
) -> None:
    batch = begun(admin)
    anna = as_member(world.anna)
    for path in ["/imports/", "/import/", *(f"/import/{batch.pk}/{page}" for page in PAGES)]:
        assert anna.get(anna.w(path)).status_code == 403, path
    for action in ("run/", "undo/", "discard/", "subject/"):
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
    for action in ("run/", "undo/", "discard/", "subject/"):
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


CONTACTS = (
    "ID;Тип;Полное имя контакта;Название компании;Дата создания контакта;Мобильный телефон;Любимый цвет\n"
    "501;контакт;Пётр Иванов;Ромашка;20.09.2026;+7 916 123-45-67;синий\n"
    "502;компания;;Ромашка;20.09.2026;;\n"
).encode()


def lot_begun(browser: Any) -> ImportBatch:
    answer = browser.post(browser.w("/import/"), {"file": [file(), file(CONTACTS, "contacts.csv")]})
    assert answer.status_code == 302
    return ImportBatch.objects.get(subject="lot")


def test_several_files_are_recognised_seen_brought_and_taken_back_together(
    world: World, admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    deferred: list[dict[str, int]] = []
    monkeypatch.setattr(run_import, "defer", lambda **given: deferred.append(given))
    lot = lot_begun(admin)
    page = admin.get(admin.w(f"/import/{lot.pk}/files/"))
    assert [(part["batch"].subject, part["system"]) for part in page.context["parts"]] == [
        ("companies", "amoCRM"), ("people", "amoCRM"), ("deals", ""),
    ]  # fmt: skip
    seen = admin.get(admin.w(f"/import/{lot.pk}/preview/"))
    assert [part["summary"]["created"] for part in seen.context["parts"]] == [1, 1, 2]
    assert seen.context["parts"][1]["summary"]["left_out"] == ["Тип", "Любимый цвет"]
    assert not Company.objects.exists()
    admin.post(admin.w(f"/import/{lot.pk}/run/"))
    run_import.func(**deferred[0])
    result = admin.get(admin.w(f"/import/{lot.pk}/"))
    assert [part["summary"]["created"] for part in result.context["parts"]] == [1, 1, 2]
    assert set(Company.objects.values_list("name", flat=True)) == {"Ромашка", "Лютик"}
    deals = result.context["parts"][2]["batch"]
    assert admin.get(admin.w(f"/import/{deals.pk}/errors/")).status_code == 200
    assert admin.get(admin.w(f"/import/{deals.pk}/")).headers["Location"] == admin.w(f"/import/{lot.pk}/")
    assert len(admin.get(admin.w("/imports/")).context["page"].object_list) == 1
    admin.post(admin.w(f"/import/{lot.pk}/undo/"))
    assert not Company.objects.exists()
    assert not Deal.objects.exists()


def test_an_answer_about_one_file_leads_back_to_all_and_to_a_new_preview(world: World, admin: Any) -> None:
    lot = lot_begun(admin)
    files = admin.w(f"/import/{lot.pk}/files/")
    admin.get(admin.w(f"/import/{lot.pk}/preview/"))
    people = lot.parts.get(subject="people")
    columns = admin.w(f"/import/{people.pk}/columns/")
    chosen_now = {column.name: column.field for column in admin.get(columns).context["columns"]}
    assert admin.post(columns, {**chosen_now, "c6": "+"}).headers["Location"] == files
    assert CustomField.objects.get().label == "Любимый цвет"
    lot.refresh_from_db()
    assert lot.result == {}
    seen = admin.get(admin.w(f"/import/{lot.pk}/preview/"))
    assert seen.context["parts"][1]["summary"]["left_out"] == ["Тип"]


def test_another_subject_can_be_said(world: World, admin: Any) -> None:
    batch = begun(admin)
    subject = admin.w(f"/import/{batch.pk}/subject/")
    assert admin.post(subject, {"subject": "notes"}).status_code == 302
    page = admin.get(admin.w(f"/import/{batch.pk}/files/"))
    assert page.context["parts"][0]["problem"]
    assert not page.context["ready"]
    assert admin.get(admin.w(f"/import/{batch.pk}/stages/")).headers["Location"] == admin.w(
        f"/import/{batch.pk}/files/"
    )
    assert admin.get(admin.w(f"/import/{batch.pk}/preview/")).status_code == 422
    assert admin.post(subject, {"subject": "<b>"}).status_code in (409, 422)


def test_a_large_import_is_looked_through_and_undone_in_the_background(
    world: World, admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[dict[str, int]] = []
    monkeypatch.setattr(look_through, "defer", lambda **given: looked.append(given))
    monkeypatch.setattr(steps, "AT_ONCE", 1)
    batch = begun(admin)
    assert admin.get(admin.w(f"/import/{batch.pk}/preview/")).headers["Location"] == admin.w(
        f"/import/{batch.pk}/"
    )
    waiting = admin.get(admin.w(f"/import/{batch.pk}/"))
    assert admin.w(f"/import/{batch.pk}/progress/") in waiting.content.decode()
    look_through.func(**looked[0])
    over = admin.get(admin.w(f"/import/{batch.pk}/progress/"), **HTMX)
    assert over.headers["HX-Redirect"] == admin.w(f"/import/{batch.pk}/preview/")
    assert admin.get(admin.w(f"/import/{batch.pk}/preview/")).context["parts"][0]["summary"]["created"] == 2
    assert len(looked) == 1
    ImportBatch.objects.filter(pk=batch.pk).update(status=ImportStatus.QUEUED)
    run_import.func(workspace_id=world.workspace.pk, batch=batch.pk)
    undone: list[dict[str, int]] = []
    monkeypatch.setattr(undo_job, "defer", lambda **given: undone.append(given))
    monkeypatch.setattr(views, "QUICKLY", 1)
    for _press in range(2):
        admin.post(admin.w(f"/import/{batch.pk}/undo/"))
    assert len(undone) == 1
    assert Deal.objects.count() == 2
    assert admin.get(admin.w(f"/import/{batch.pk}/progress/"), **HTMX).status_code == 200
    undo_job.func(**undone[0])
    assert not Deal.objects.exists()
    assert admin.get(admin.w(f"/import/{batch.pk}/")).context["undone"]["deals"] == 2
    undo_job.func(**undone[0])


def test_a_killed_undoing_leaves_the_import_done(world: World, admin: Any) -> None:
    batch = begun(admin)
    ImportBatch.objects.filter(pk=batch.pk).update(status=ImportStatus.UNDOING, started_at=batch.created_at)
    page = admin.get(admin.w(f"/import/{batch.pk}/"))
    assert page.context["batch"].status == ImportStatus.DONE
