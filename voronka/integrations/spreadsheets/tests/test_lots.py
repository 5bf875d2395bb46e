"""Several files at once: recognised, brought in by their dependency, seen before, taken back as one."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.world import World
from voronka.clients.models import Company, ContactPoint, Person
from voronka.core.errors import Refused
from voronka.core.spreadsheets import open_table
from voronka.deals.actions import create_deal
from voronka.deals.models import Deal
from voronka.desk.models import ExternalRef, ImportBatch, ImportStatus, Note
from voronka.integrations.spreadsheets import lots, running
from voronka.integrations.spreadsheets.detecting import Found, detect, is_history
from voronka.integrations.spreadsheets.tests.bringing import begun, came_in, written
from voronka.integrations.spreadsheets.tests.test_samples import sample
from voronka.integrations.spreadsheets.undoing import undo_import
from voronka.playbook.models import Funnel, Stage

AMO_DEALS = (
    "ID;Название сделки;Бюджет ;Ответственный;Дата создания сделки;Кем создана сделка;Дата редактирования;Дата закрытия;Теги;"
    "Примечание;Примечание 2;Этап сделки;Воронка;Полное имя контакта;Компания;Рабочий телефон;Мобильный телефон;Рабочий email;"
    "Источник;Должность;Бюджет ;Причина отказа\n"
    "11;Кирпич;;Мария Сидорова;22.10.2026 10:15:00;Робот;;не закрыта;b2b, кирпич;Просили скидку;Второе;Переговоры;Опт;"
    "Пётр Иванов;АО «Ёлки»;'+78121234567;'+79161234567;p@elki.ru;Сайт;Снабженец;122000;\n"
    "12;Песок;5000;Мария Сидорова;01.10.2026 10:00:00;Робот;;05.10.2026 12:00:00;;;;Успешно реализовано;Опт;;АО «Ёлки»;;;;;;;\n"
    "13;Щебень;7000;Мария Сидорова;01.10.2026 10:00:00;Робот;;06.10.2026 12:00:00;;;;Закрыто и не реализовано;Розница;;Лютик;"
    "'+74951234567;;;;;;Дорого\n"
)
AMO_CONTACTS = (
    "ID;Тип;Полное имя контакта;Имя;Фамилия;Название компании;Ответственный;Дата создания контакта;Кем создан контакт;Теги;"
    "Примечание 1;Рабочий телефон;Мобильный телефон;Рабочий email;Web;Должность\n"
    "501;контакт;Пётр Иванов;Пётр;Иванов;АО «Ёлки»;Мария Сидорова;20.09.2026;Робот;;Любит чай;;'+79161234567;p@elki.ru;;Снабженец\n"
    "502;компания;;;;АО «Ёлки»;Мария Сидорова;20.09.2026;Робот;опт;;'+78121234500;;;elki.ru;\n"
)
BITRIX_DEALS = (
    '"ID";"Название сделки";"Стадия сделки";"Сумма";"Валюта";"Компания";"Контакт";"Ответственный";"Дата создания";"Дата изменения";'
    '"Направление";"Комментарий";"Предполагаемая дата закрытия";"Товар";"Цена";"Количество";\n'
    '"37";"Кирпич";"Подготовка документов";"122000.00";"Рубль";"Ёлки";"Пётр Иванов";"Мария Сидорова";"22.10.2026 10:15:00";'
    '"22.10.2026";"Общее";"";"29.11.2026";"Кирпич М150";"61000";"2";\n'
    '"37";"Кирпич";"Подготовка документов";"8000.00";"Рубль";"Ёлки";"Пётр Иванов";"Мария Сидорова";"22.10.2026 10:15:00";'
    '"22.10.2026";"Общее";"";"29.11.2026";"Доставка";"8000";"1";\n'
    '"38";"Песок";"Сделка провалена";"10.00";"Рубль";"Ёлки";"";"Мария Сидорова";"22.09.2026";"24.09.2026 11:00:00";"Общее";"";"";"";"";"";\n'
)  # fmt: skip
BITRIX_COMPANIES = (
    '"ID";"Название компании";"Тип компании";"Сфера деятельности";"Рабочий телефон";"Другой телефон";"Рабочий e-mail";"Ответственный";\n'
    '"7";"Ёлки";"Клиент";"Строительство";"+7 812 123-45-67, +7 812 123-45-68";"+7 916 000-11-22";"a@elki.ru";"Мария Сидорова";\n'
)


def put(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def as_html(text: str) -> str:
    rows = csv.reader(text.splitlines(), delimiter=";")
    cells = ("".join(f"<td>{cell}</td>" for cell in row) for row in rows)
    return f'<html><head><meta charset="utf-8"></head><table border="1">{"".join(f"<tr>{row}</tr>" for row in cells)}</table></html>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
def test_an_export_of_amocrm_comes_in_as_it_is(world: World, tmp_path: Path, encoding: str) -> None:
    batch = came_in(
        world.admin,
        put(tmp_path, "deals.csv", AMO_DEALS, encoding),
        put(tmp_path, "contacts.csv", AMO_CONTACTS, encoding),
    )
    parts = lots.parts_of(batch)
    assert [part.subject for part in parts] == ["companies", "people", "deals"]
    assert {part.options["source"] for part in parts} == {"amocrm"}
    assert batch.result["created"] == 5
    brick = Deal.objects.get(title="Кирпич")
    assert (brick.amount, brick.funnel.name, brick.stage.name, brick.outcome) == (
        122000,
        "Опт",
        "Переговоры",
        "open",
    )
    assert {str(link.tag) for link in brick.tag_links.all()} == {"b2b", "кирпич"}
    notes = Note.objects.filter(subject_kind="deal", subject_id=brick.pk)
    assert set(notes.values_list("body", flat=True)) == {"Просили скидку", "Второе"}
    assert dict(Deal.objects.values_list("title", "outcome")) == {
        "Кирпич": "open",
        "Песок": "won",
        "Щебень": "lost",
    }
    assert str(Deal.objects.get(title="Щебень").reason) == "Дорого"
    # The company and the person of the contacts file are those of the deals: none is there twice.
    assert set(Company.objects.values_list("name", flat=True)) == {"АО «Ёлки»", "Лютик"}
    person = Person.objects.get()
    assert brick.person_id == person.pk
    assert set(person.contacts.values_list("normal", flat=True)) == {
        "+79161234567",
        "+78121234567",
        "p@elki.ru",
    }
    assert ContactPoint.objects.filter(company__name="Лютик", normal="+74951234567").exists()


def test_the_preview_of_a_lot_counts_what_earlier_files_bring_once(world: World, tmp_path: Path) -> None:
    batch = begun(
        world.admin, put(tmp_path, "deals.csv", AMO_DEALS), put(tmp_path, "contacts.csv", AMO_CONTACTS)
    )
    running.look_through(batch)
    assert batch.status == ImportStatus.DRAFT
    seen = {part.subject: part.result["preview"]["summary"] for part in lots.parts_of(batch)}
    assert {subject: summary["created"] for subject, summary in seen.items()} == {
        "companies": 1,
        "people": 1,
        "deals": 3,
    }
    assert (seen["deals"]["companies"], seen["deals"]["people"]) == (1, 0)
    assert not Company.objects.exists()
    done = running.run(batch)
    came = {part.subject: part.result for part in lots.parts_of(done)}
    for subject, summary in seen.items():
        assert {name: came[subject][name] for name in summary} == summary


def test_a_lot_brought_again_doubles_nothing_and_goes_as_one(world: World, tmp_path: Path) -> None:
    paths = [put(tmp_path, "deals.csv", AMO_DEALS), put(tmp_path, "contacts.csv", AMO_CONTACTS)]
    first = came_in(world.admin, *paths)
    again = came_in(world.admin, *paths)
    assert (again.result["created"], again.result["updated"], again.result["unchanged"]) == (0, 0, 5)
    assert (Deal.objects.count(), Company.objects.count(), Note.objects.count()) == (3, 2, 3)
    undo_import(again, actor=world.admin)
    assert Deal.objects.count() == 3
    undone = undo_import(first, actor=world.admin)
    assert (undone.deals, undone.kept) == (3, 0)
    for model in (Deal, Company, Person, Note, ContactPoint, ExternalRef, Stage):
        assert not model.objects.exists(), model
    assert undo_import(first, actor=world.admin).deals == 0


def test_a_note_of_an_import_does_not_keep_its_deal_from_being_updated(world: World, tmp_path: Path) -> None:
    came_in(world.admin, put(tmp_path, "a.csv", AMO_DEALS))
    second = came_in(world.admin, put(tmp_path, "b.csv", AMO_DEALS.replace("122000", "130000")))
    assert (second.result["updated"], second.result["kept"]) == (1, 0)
    assert Deal.objects.get(title="Кирпич").amount == 130000
    assert Note.objects.filter(subject_kind="deal").count() == 2


@pytest.mark.parametrize("kind", ["csv", "html", "cp1251"])
def test_an_export_of_bitrix24_comes_in_as_it_is(world: World, tmp_path: Path, kind: str) -> None:
    text, companies = BITRIX_DEALS, BITRIX_COMPANIES
    if kind == "html":
        paths = [
            put(tmp_path, "deals.xls", as_html(text)),
            put(tmp_path, "companies.xls", as_html(companies)),
        ]
    else:
        encoding = "cp1251" if kind == "cp1251" else "utf-8-sig"
        paths = [
            put(tmp_path, "deals.csv", text, encoding),
            put(tmp_path, "companies.csv", companies, encoding),
        ]
    batch = came_in(world.admin, *paths)
    parts = lots.parts_of(batch)
    assert [(part.subject, part.options["source"]) for part in parts] == [
        ("companies", "bitrix24"), ("deals", "bitrix24"),
    ]  # fmt: skip
    brick = Deal.objects.get(title="Кирпич")
    assert brick.amount == 130000
    assert "Доставка — 1 × 8000" in brick.comment
    lost = Deal.objects.get(title="Песок")
    assert (lost.outcome, lost.closed_at.isoformat()[:10]) == ("lost", "2026-09-24")
    company = Company.objects.get()
    assert company.contacts.count() == 4
    assert company.industry == "F"


def test_the_samples_come_in_together(world: World) -> None:
    amo, bitrix = sample("samples", "amocrm_deals_export.csv"), sample("samples", "bitrix24_deals_export.csv")
    batch = came_in(world.admin, amo, bitrix)
    assert [part.options["source"] for part in lots.parts_of(batch)] == ["amocrm", "bitrix24"]
    assert Deal.objects.count() == 2
    assert Company.objects.count() == 1


def test_maven_comes_in_whole(world: World) -> None:
    names = ("accounts.csv", "products.csv", "sales_pipeline.csv")
    paths = [sample("maven_crm", name) for name in names]
    assert [detect(open_table(path))[0].subject for path in paths] == ["companies", "products", "deals"]
    batch = begun(world.admin, *paths)
    running.look_through(batch)
    seen = {part.subject: part.result["preview"]["summary"]["created"] for part in lots.parts_of(batch)}
    assert seen == {"companies": 85, "products": 7, "deals": 8300}


@pytest.mark.parametrize(
    ("header", "subject"),
    [
        (["id", "name", "inn"], "companies"),
        (["ФИО", "Телефон", "Должность"], "people"),
        (["Наименование", "Артикул", "Цена"], "products"),
        (["Тема", "Срок", "Тип", "Результат"], "activities"),
        (["Сделка", "Текст", "Автор"], "notes"),
        (["id", "title", "amount", "stage", "opened_at"], "deals"),
        (["нечто", "другое"], "deals"),
    ],
)
def test_what_a_file_holds_is_told_by_its_headers(
    world: World, tmp_path: Path, header: list[str], subject: str
) -> None:
    path = written(tmp_path, [["х"] * len(header)], header)
    assert detect(open_table(path)) == [Found(subject, "file")]


def test_a_history_of_stages_joins_its_deals(world: World, tmp_path: Path) -> None:
    deals = written(
        tmp_path, [["1", "Стеллажи", "2026-01-10", "won", "2026-02-01"]],
        ["id", "title", "opened_at", "outcome", "closed_at"],
    )  # fmt: skip
    history = written(
        tmp_path, [["1", "Заявка", "2026-01-10"], ["1", "Договор", "2026-01-20"]],
        ["deal_id", "stage", "entered_at"], "history.csv",
    )  # fmt: skip
    assert is_history(open_table(history).header)
    batch = came_in(world.admin, deals, history)
    assert (batch.subject, batch.history_name) == ("deals", "history.csv")
    assert Deal.objects.get().basis == "imported"
    with pytest.raises(Refused):
        begun(world.admin, history, written(tmp_path, [["Ромашка", "1"]], ["name", "inn"], "c.csv"))


def test_a_row_too_bad_in_one_file_does_not_keep_the_others_out(world: World, tmp_path: Path) -> None:
    bad = put(tmp_path, "deals.csv", AMO_DEALS.replace("22.10.2026 10:15:00", "когда-то"))
    batch = came_in(world.admin, bad, put(tmp_path, "contacts.csv", AMO_CONTACTS))
    assert (batch.result["created"], batch.result["rejected"]) == (4, 1)
    (deals,) = [part for part in lots.parts_of(batch) if part.subject == "deals"]
    assert Path(deals.error_path).exists()


def test_a_lot_of_which_one_file_fails_leaves_nothing(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from voronka.integrations.spreadsheets import works

    def fail(*_args: Any, **_given: Any) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr(works, "write", fail)
    batch = running.run(
        begun(world.admin, put(tmp_path, "d.csv", AMO_DEALS), put(tmp_path, "c.csv", AMO_CONTACTS))
    )
    assert batch.status == ImportStatus.FAILED
    for model in (Company, Person, Deal, ExternalRef):
        assert not model.objects.exists()


def test_undoing_one_of_two_imports_keeps_what_the_other_uses(world: World, tmp_path: Path) -> None:
    contacts = came_in(world.admin, put(tmp_path, "contacts.csv", AMO_CONTACTS))
    deals = came_in(world.admin, put(tmp_path, "deals.csv", AMO_DEALS))
    undone = undo_import(contacts, actor=world.admin)
    assert set(undone.kept_titles) == {"АО «Ёлки»", "Пётр Иванов"}
    assert Company.objects.filter(name="АО «Ёлки»").exists()
    undo_import(deals, actor=world.admin)
    assert not Deal.objects.exists()
    # What the first import brought and kept back then stays: its undoing is over.
    assert set(Company.objects.values_list("name", flat=True)) == {"АО «Ёлки»"}


def test_a_part_of_a_lot_cannot_be_undone_alone(world: World, tmp_path: Path) -> None:
    batch = came_in(world.admin, put(tmp_path, "d.csv", AMO_DEALS), put(tmp_path, "c.csv", AMO_CONTACTS))
    with pytest.raises(Refused):
        undo_import(lots.parts_of(batch)[0], actor=world.admin)
    assert Deal.objects.count() == 3


def test_another_subject_can_be_named_for_a_file(world: World, tmp_path: Path) -> None:
    batch = begun(world.admin, written(tmp_path, [["Ромашка", "1"]], ["Название", "Телефон"]))
    lots.take_for(batch, "companies")
    assert (batch.subject, batch.options["columns"]) == (
        "companies",
        {"name": "Название", "phones": "Телефон"},
    )
    with pytest.raises(Refused):
        lots.take_for(batch, "нечто")


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"id,title\n", b"<html><body>no table</body></html>"])
def test_of_several_files_the_bad_one_is_named(world: World, tmp_path: Path, content: bytes) -> None:
    bad = tmp_path / "плохой.xls"
    bad.write_bytes(content)
    with pytest.raises(Refused, match="плохой"):
        begun(world.admin, put(tmp_path, "c.csv", AMO_CONTACTS), bad)
    assert not ImportBatch.objects.exists()


def test_a_file_of_three_hundred_columns_and_one_of_too_many(world: World, tmp_path: Path) -> None:
    header = ["name", *(f"Поле {n}" for n in range(299))]
    batch = came_in(world.admin, written(tmp_path, [["Ромашка", *range(299)]], header), subject="companies")
    assert (batch.result["created"], len(batch.result["left_out"])) == (1, 299)
    with pytest.raises(Refused):
        begun(world.admin, *[written(tmp_path, [["а", "1"]], ["name", "inn"], f"{n}.csv") for n in range(21)])


def test_a_number_is_free_for_others_while_an_import_writes(
    world: World, funnel: Funnel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The numbers of the import are taken in a step of their own: those made meanwhile come behind them."""
    from voronka.integrations.spreadsheets import works

    whole = works.write
    made: list[Deal] = []

    def meanwhile(*args: Any, **given: Any) -> Any:
        made.append(create_deal(actor=world.anna, title="Между делом", funnel=funnel))
        return whole(*args, **given)

    monkeypatch.setattr(works, "write", meanwhile)
    came_in(world.admin, put(tmp_path, "d.csv", AMO_DEALS))
    numbers = sorted(Deal.objects.exclude(pk=made[0].pk).values_list("number", flat=True))
    assert made[0].number == numbers[-1] + 1
    assert numbers == list(range(numbers[0], numbers[0] + 3))


def test_nobody_who_makes_a_deal_waits_for_an_import(world: World, tmp_path: Path) -> None:
    """Rows that deals refer to are locked so that they may be referred to: an import holds its locks for minutes."""
    with CaptureQueriesContext(connection) as seen:
        came_in(world.admin, put(tmp_path, "d.csv", AMO_DEALS), put(tmp_path, "c.csv", AMO_CONTACTS))
    held = [query["sql"] for query in seen if "FOR UPDATE" in query["sql"]]
    assert not [sql for sql in held if "desk_import" not in sql]
    assert any("FOR NO KEY UPDATE" in query["sql"] for query in seen)


def test_two_exports_of_one_system_that_overlap_bring_each_deal_once(world: World, tmp_path: Path) -> None:
    later = AMO_DEALS.replace("11;Кирпич", "14;Доски").replace("Просили скидку", "")
    batch = begun(world.admin, put(tmp_path, "may.csv", AMO_DEALS), put(tmp_path, "june.csv", later))
    running.look_through(batch)
    seen = [part.result["preview"]["summary"] for part in lots.parts_of(batch)]
    assert [(one["created"], one["unchanged"]) for one in seen] == [(3, 0), (1, 2)]
    done = running.run(batch)
    assert (done.result["created"], done.result["unchanged"], Deal.objects.count()) == (4, 2, 4)
    undo_import(done, actor=world.admin)
    assert not Deal.objects.exists()


def test_leads_of_bitrix24_are_deals_with_their_people(world: World, tmp_path: Path) -> None:
    text = (
        '"ID";"Название лида";"Статус";"Имя";"Отчество";"Фамилия";"Название компании";"Мобильный телефон";"Дата создания";\n'
        '"5";"Заявка с сайта";"В работе";"Анна";"";"Котова";"Ёлки";"+7 916 123-45-67";"22.10.2026 10:00:00";\n'
    )
    batch = came_in(world.admin, put(tmp_path, "leads.csv", text))
    assert (batch.subject, batch.options["source"]) == ("deals", "bitrix24")
    deal = Deal.objects.get()
    assert (deal.title, str(deal.person), str(deal.company)) == ("Заявка с сайта", "Анна Котова", "Ёлки")
    assert deal.person.contacts.get().normal == "+79161234567"


def test_a_lot_of_too_many_rows_is_brought_in_turn(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lots, "MOST_ROWS", 4)
    with pytest.raises(Refused):
        begun(world.admin, put(tmp_path, "d.csv", AMO_DEALS), put(tmp_path, "c.csv", AMO_CONTACTS))
    assert not ImportBatch.objects.exists()
