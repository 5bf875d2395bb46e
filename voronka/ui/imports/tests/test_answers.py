"""Short answers about an import: a file that stays out, names that are the same, columns that become fields."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.world import World
from voronka.catalog.models import Product
from voronka.clients.models import Company, Source
from voronka.deals.models import Deal
from voronka.desk.models import CustomField, ImportBatch
from voronka.integrations.jobs import run_import
from voronka.playbook.actions.funnels import create_funnel
from voronka.playbook.models import Stage

DEALS = (
    "Номер;Название;Клиент;Товар;Источник;Этап;Дата создания;Дата закрытия;utm_source;Цвет\n"
    "1;Стеллажи;Ромашка;СтеллажС12;Выставка ;Договор;10.01.2026;;yandex;синий\n"
    "2;Полки;Лютик;Стеллаж С-13;сайт;Переговоры;10.01.2026;;;\n"
    "3;Склад;Лютик;Стеллаж С-12;Выставки;Успешно реализовано;10.01.2026;20.01.2026;;\n"
).encode()
CLIENTS = "Компания;ИНН\nРомашка;7707083893\n".encode()


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def admin(world: World, as_member: Callable[[Any], Any]) -> Any:
    return as_member(world.admin)


def begun(browser: Any, **files: bytes) -> ImportBatch:
    given = [SimpleUploadedFile(name.replace("_", "."), content) for name, content in files.items()]
    answer = browser.post(browser.w("/import/"), {"file": given})
    assert answer.status_code == 302, answer.content.decode()
    return ImportBatch.objects.filter(lot=None).latest("pk")


def run(browser: Any, batch: ImportBatch, monkeypatch: pytest.MonkeyPatch) -> None:
    deferred: list[dict[str, int]] = []
    monkeypatch.setattr(run_import, "defer", lambda **given: deferred.append(given))
    browser.post(browser.w(f"/import/{batch.pk}/run/"))
    run_import.func(**deferred[0])


def test_a_file_that_cannot_be_read_keeps_the_others_from_nothing(
    world: World, admin: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    lot = begun(admin, clients_csv=CLIENTS, photo_png=b"\x89PNG\r\n\x1a\n\x00\x00")
    page = admin.get(admin.w(f"/import/{lot.pk}/files/"))
    text = page.content.decode()
    assert "photo.png" in text
    assert page.context["ready"]
    assert len(list((Path(settings.MEDIA_ROOT) / "imports").iterdir())) == 1
    admin.get(admin.w(f"/import/{lot.pk}/preview/"))
    run(admin, lot, monkeypatch)
    assert Company.objects.get().inn == "7707083893"
    # With nothing readable there is nothing to go on with.
    bad = [SimpleUploadedFile("a.png", b"\x89PNG\r\n\x1a\n\x00"), SimpleUploadedFile("b.exe", b"MZ\x00")]
    assert admin.post(admin.w("/import/"), {"file": bad}).status_code == 422


def test_a_file_is_left_out_and_taken_along_again(
    world: World, admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lot = begun(admin, clients_csv=CLIENTS, deals_csv=DEALS)
    deals = lot.parts.get(subject="deals")
    leave = admin.w(f"/import/{deals.pk}/leave/")
    assert admin.post(leave, {"out": "1"}).headers["Location"] == admin.w(f"/import/{lot.pk}/files/")
    assert [p["is_out"] for p in admin.get(admin.w(f"/import/{lot.pk}/files/")).context["parts"]] == [
        False,
        True,
    ]
    seen = admin.get(admin.w(f"/import/{lot.pk}/preview/"))
    assert [part["batch"].subject for part in seen.context["parts"]] == ["companies"]
    admin.post(leave, {"out": "0"})
    assert len(admin.get(admin.w(f"/import/{lot.pk}/preview/")).context["parts"]) == 2
    for part in lot.parts.all():
        admin.post(admin.w(f"/import/{part.pk}/leave/"), {"out": "1"})
    assert not admin.get(admin.w(f"/import/{lot.pk}/files/")).context["ready"]
    admin.post(admin.w(f"/import/{lot.parts.get(subject='companies').pk}/leave/"), {"out": "0"})
    run(admin, lot, monkeypatch)
    assert Company.objects.count() == 1
    assert not Deal.objects.exists()


def test_the_only_file_is_not_left_out(world: World, admin: Any) -> None:
    batch = begun(admin, clients_csv=CLIENTS)
    answer = admin.post(admin.w(f"/import/{batch.pk}/leave/"), {"out": "1"})
    assert "единственный файл" in answer.content.decode()
    batch.refresh_from_db()
    assert not batch.options.get("leave_out")


def test_the_funnel_is_guessed_and_said_so_that_nobody_is_asked(
    world: World, funnel: Any, admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_funnel(actor=world.admin, name="Сервис")
    batch = begun(
        admin,
        deals_csv=DEALS.replace("Договор".encode(), "Выезд".encode()).replace(
            "Переговоры".encode(), "Замер".encode()
        ),
    )
    page = admin.get(admin.w(f"/import/{batch.pk}/files/"))
    assert "в новую воронку «Продажи»" in page.content.decode()
    assert admin.get(admin.w(f"/import/{batch.pk}/preview/")).status_code == 200
    run(admin, batch, monkeypatch)
    assert list(Stage.objects.filter(funnel__name="Продажи").values_list("name", flat=True)) == [
        "Выезд",
        "Замер",
    ]

    known = Stage.objects.filter(funnel=funnel).first()
    assert known is not None
    other = begun(
        admin, deals_csv=DEALS.replace("Договор".encode(), known.name.encode()).replace("Цвет".encode(), b"X")
    )
    text = admin.get(admin.w(f"/import/{other.pk}/files/")).content.decode()
    assert f"в воронку «{funnel.name}»" in text


def test_names_that_are_nearly_here_are_asked_about_and_come_in_once(
    world: World, funnel: Any, admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = begun(admin, deals_csv=DEALS)
    preview = admin.w(f"/import/{batch.pk}/preview/")
    asked = admin.get(preview).context["parts"][0]["seen"]["alike"]
    # «С-13» differs by a figure: another product, not another spelling.
    assert [(one["name"], one["like"], one["same"]) for one in asked] == [
        ("СтеллажС12", "Стеллаж С-12", False), ("Выставки", "Выставка", False),
    ]  # fmt: skip
    same = admin.w(f"/import/{batch.pk}/same/")
    chosen = [one["key"] for one in asked]
    assert admin.post(same, {"same": [*chosen, "product:стеллаж с-13"]}).headers["Location"] == preview
    again = admin.get(preview).context["parts"][0]["seen"]["alike"]
    assert [(one["name"], one["same"]) for one in again] == [("СтеллажС12", True), ("Выставки", True)]
    admin.post(same, {"same": chosen[0]})
    run(admin, batch, monkeypatch)
    assert set(Product.objects.values_list("name", flat=True)) == {"Стеллаж С-12", "Стеллаж С-13"}
    assert set(Source.objects.values_list("name", flat=True)) == {"Сайт", "Выставка", "Выставки"}
    assert Deal.objects.filter(product__name="Стеллаж С-12").count() == 2


def test_columns_that_say_where_a_visitor_came_from_become_fields_at_a_press(
    world: World, funnel: Any, admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = begun(admin, deals_csv=DEALS)
    preview = admin.w(f"/import/{batch.pk}/preview/")
    assert admin.get(preview).context["parts"][0]["marks"] == ["utm_source"]
    assert admin.post(admin.w(f"/import/{batch.pk}/fields/")).headers["Location"] == preview
    seen = admin.get(preview).context["parts"][0]
    assert seen["marks"] == []
    assert seen["summary"]["left_out"] == ["Цвет"]
    run(admin, batch, monkeypatch)
    field = CustomField.objects.get()
    assert (field.subject, field.label) == ("deal", "utm_source")
    assert Deal.objects.get(title="Стеллажи").custom == {field.key: "yandex"}
