"""Whatever comes as a file: a clear sentence, nothing lost, nothing half-done."""

from __future__ import annotations

import datetime as dt
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from tests.world import World
from voronka.clients.models import Company
from voronka.core.errors import Refused
from voronka.core.spreadsheets import open_table
from voronka.deals.models import Deal
from voronka.desk.models import ImportStatus
from voronka.integrations.spreadsheets import running
from voronka.integrations.spreadsheets.options import Options
from voronka.integrations.spreadsheets.tests.bringing import brought, looked_at, written
from voronka.playbook.models import Funnel, Stage

HEADER = ["id", "title", "amount", "stage", "opened_at", "outcome", "closed_at"]
GOOD = ["g", "Хорошая", "5", "Договор", "10.01.2026", "", ""]


def reasons(
    world: World, tmp_path: Path, *rows: list[Any], header: list[str] = HEADER, **answers: Any
) -> list[str]:
    """Why rows are rejected, beside a good one that must be taken."""
    found = looked_at(world.admin, written(tmp_path, [*rows, GOOD], header), **answers)
    assert [deal.title for deal in found.created] == ["Хорошая"]
    return [row.reason for row in found.parsed.rejected]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("picture.xlsx", b"\x89PNG\r\n\x1a\n" + b"\x00" * 500),
        ("pdf.csv", b"%PDF-1.7 " + b"x" * 500),
        ("page.json", b'{"deals": []}'),
        ("header_only.csv", b"id,title,amount\n"),
        ("noise.csv", bytes(range(1, 32)) * 100),
    ],
)
def test_what_is_no_table_is_refused_in_words(
    world: World, tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Refused, match=name):
        running.open_files(path)


def test_a_zip_bomb_is_not_opened(world: World, tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 120_000_000)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(Refused, match="bomb"):
        running.open_files(path)


def test_a_file_without_any_column_that_names_deals_is_refused(
    world: World, funnel: Funnel, tmp_path: Path
) -> None:
    with pytest.raises(Refused):
        looked_at(world.admin, written(tmp_path, [["1", "2"]], ["foo", "bar"]))
    batch = brought(world.admin, written(tmp_path, [["1", "2"]], ["foo", "bar"]))
    assert batch.status == ImportStatus.FAILED
    assert batch.message


def test_a_history_without_its_columns_is_refused(world: World, tmp_path: Path) -> None:
    deals = written(tmp_path, [GOOD], HEADER)
    history = written(tmp_path, [["1", "x"]], ["deal_id", "what"], "history.csv")
    with pytest.raises(Refused, match="entered_at"):
        looked_at(world.admin, deals, history)


def test_text_of_any_russian_encoding_is_read(world: World, funnel: Funnel, tmp_path: Path) -> None:
    text = "Номер;Название сделки;Сумма;Дата создания\n1;Поставка щебня;1 000,50;10.01.2026\n"
    for codec in ("cp1251", "utf-8-sig", "utf-16", "cp866", "koi8-r"):
        path = tmp_path / f"{codec}.csv"
        path.write_bytes((text * 1).encode(codec))
        (deal,) = looked_at(world.admin, path).created
        assert (deal.title, deal.amount) == ("Поставка щебня", Decimal("1000.50"))


@pytest.mark.parametrize(
    "day",
    ["2026-02-03", "03.02.2026", "3.2.26", "03/02/2026", "03-02-2026", "20260203", "3 февраля 2026 г.", "3 фев 2026",
     "Feb 3, 2026", "2026-02-03T00:00:00+03:00", "46056", "2026/02/03", "03.02.2026 00:00:00"],
)  # fmt: skip
def test_days_in_any_notation_are_one_day(world: World, funnel: Funnel, tmp_path: Path, day: str) -> None:
    found = looked_at(world.admin, written(tmp_path, [["1", "А", "", "Договор", day, "", ""]], HEADER))
    assert [d.opened_at for d in found.created] == [dt.datetime(2026, 2, 2, 21, tzinfo=dt.UTC)]


@pytest.mark.parametrize(
    "amount",
    ["1234567,5", "1 234 567,50", "1\u00a0234\u00a0567,5", "1234567.5", "1,234,567.50", "1.234.567,50", "1 234 567,50 ₽",
     "1234567,50 руб.", "1'234'567.50", "RUB 1234567.5", "1.2345675e6"],
)  # fmt: skip
def test_sums_in_any_notation_are_one_sum(world: World, funnel: Funnel, tmp_path: Path, amount: str) -> None:
    found = looked_at(
        world.admin, written(tmp_path, [["1", "А", amount, "Договор", "2026-01-01", "", ""]], HEADER)
    )
    assert [d.amount for d in found.created] == [Decimal("1234567.50")]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (["1", "А", "-5", "Договор", "10.01.2026", "", ""], "-5"),
        (["1", "А", "9" * 20, "Договор", "10.01.2026", "", ""], "9999"),
        (["1", "А", "много", "Договор", "10.01.2026", "", ""], "много"),
        (["1", "А", "5", "Договор", "32.13.2026", "", ""], "32.13.2026"),
        (["1", "А", "5", "Договор", "10.01.2999", "", ""], "2999"),
        (["1", "А", "5", "Договор", "", "", ""], "открыт"),
        (["1", "А", "5", "Договор", "10.01.2026", "won", "09.01.2026"], "раньше"),
        (["1", "А", "5", "Договор", "10.01.2026", "won", ""], "закрыт"),
        (["1", "А", "5", "Договор", "10.01.2026", "неизвестно что", "11.01.2026"], "неизвестно что"),
        (["1", "А", "5", "Договор", "10.01.2026", "won", "11.01.2150"], "не наступила"),
        (["1", "А", "5", "Договор", "10.01.2026", "open", "11.01.2026"], "в прошлом"),
        (["1", "Очень длинно " * 40, "5", "Договор", "10.01.2026", "", ""], "title"),
        (["x" * 130, "А", "5", "Договор", "10.01.2026", "", ""], "id"),
        (["1", "А", "5", "Э" * 150, "10.01.2026", "", ""], "stage"),
    ],
)
def test_a_bad_row_is_rejected_with_its_reason(
    world: World, funnel: Funnel, tmp_path: Path, row: list[str], said: str
) -> None:
    from django.utils.translation import override

    from voronka.config.messages import build

    build()
    with override("ru"):
        (reason,) = reasons(world, tmp_path, row)
    assert said in reason


def test_all_reasons_of_a_row_are_told(world: World, funnel: Funnel, tmp_path: Path) -> None:
    (reason,) = reasons(world, tmp_path, ["1", "А", "сто", "Договор", "вчера", "победа?", ""])
    assert all(word in reason for word in ("сто", "вчера", "победа?"))


def test_the_second_row_with_a_number_is_rejected(world: World, funnel: Funnel, tmp_path: Path) -> None:
    one = ["1", "Первая", "5", "Договор", "10.01.2026", "", ""]
    found = looked_at(world.admin, written(tmp_path, [one, [*one[:1], "Вторая", *one[2:]]], HEADER))
    assert [deal.title for deal in found.created] == ["Первая"]
    assert [row.number for row in found.parsed.rejected] == [3]


def test_rows_of_one_bitrix_deal_are_one_deal(world: World, funnel: Funnel, tmp_path: Path) -> None:
    header = [
        "ID",
        "Название сделки",
        "Стадия сделки",
        "Сумма",
        "Дата создания",
        "Товар",
        "Цена",
        "Количество",
        "",
    ]
    rows = [
        ["7", "Склад", "Договор", price, "22.01.2026 10:15:00", "К", "1", "1", ""]
        for price in ("100.00", "23.50")
    ]
    found = looked_at(world.admin, written(tmp_path, rows, header))
    assert [deal.amount for deal in found.created] == [Decimal("123.50")]
    assert not found.parsed.rejected


def test_a_missing_opening_day_takes_the_chosen_one(world: World, funnel: Funnel, tmp_path: Path) -> None:
    path = written(tmp_path, [["1", "А", "5", "Договор", "", "", ""]], HEADER)
    assert looked_at(world.admin, path).parsed.no_opening == 1
    (deal,) = looked_at(world.admin, path, default_opened="2026-01-05").created
    assert deal.opened_at == dt.datetime(2026, 1, 4, 21, tzinfo=dt.UTC)
    for day in ("2999-01-01", "завтра", "1899-01-01"):
        with pytest.raises(Refused):
            looked_at(world.admin, path, default_opened=day)


def test_a_history_out_of_bounds_rejects_the_deal(world: World, tmp_path: Path) -> None:
    header = ["id", "title", "opened_at", "outcome", "closed_at"]
    deals = [[str(n), "А", "2026-01-10T10:00:00Z", "won", "2026-01-20T10:00:00Z"] for n in range(4)]
    history = [
        ["0", "Новая", "2026-01-10T10:00:00Z"],
        ["1", "Новая", "2026-01-01T10:00:00Z"],
        ["2", "Новая", "2026-02-10T10:00:00Z"],
        ["3", "Новая", "не дата"],
        ["99", "Новая", "2026-01-10T10:00:00Z"],
    ]
    found = looked_at(
        world.admin,
        written(tmp_path, deals, header),
        written(tmp_path, history, ["deal_id", "stage", "entered_at"], "h.csv"),
    )
    assert [deal.external_id for deal in found.created] == ["0"]
    assert [row.number for row in found.parsed.rejected] == [3, 4, 5]
    assert found.parsed.stray == 1


def test_three_hundred_columns_and_too_many(world: World, funnel: Funnel, tmp_path: Path) -> None:
    wide = [f"c{n}" for n in range(300)]
    found = looked_at(world.admin, written(tmp_path, [[*GOOD, *wide]], [*HEADER, *wide]))
    assert len(found.created) == 1
    with pytest.raises(Refused, match="600"):
        running.open_files(written(tmp_path, [["1"] * 600], [f"c{n}" for n in range(600)]))


def test_formulas_are_text_and_go_out_as_text(world: World, funnel: Funnel, tmp_path: Path) -> None:
    path = tmp_path / "formulas.xlsx"
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet()
    for column, title in enumerate(HEADER):
        page.write_string(0, column, title)
    page.write_string(1, 0, "1")
    page.write_string(1, 1, '=HYPERLINK("http://evil.example";"press")')
    page.write_formula(1, 2, "=2+3", None, 5)
    page.write_string(1, 3, "Договор")
    page.write_string(1, 4, "10.01.2026")
    page.write_string(2, 0, "2")
    page.write_string(2, 1, "=1+1")
    page.write_string(2, 2, "не сумма")
    page.write_string(2, 4, "10.01.2026")
    book.close()
    batch = brought(world.admin, path)
    deal = Deal.objects.get()
    assert (deal.title, deal.amount) == ('=HYPERLINK("http://evil.example";"press")', Decimal(5))
    with zipfile.ZipFile(batch.error_path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert open_table(batch.error_path).sample()[0].cells[1] == "=1+1"


@pytest.mark.parametrize(
    "title",
    [
        "🚚 Доставка 👩\u200d🔧",
        "عربى עברית",
        "<script>alert(1)</script>",
        "'; DROP TABLE deals_deal; --",
        "a\x00b",
        "\\N",
        "\\.",
    ],
)
def test_texts_of_any_kind_come_in_as_they_are(
    world: World, funnel: Funnel, tmp_path: Path, title: str
) -> None:
    path = written(tmp_path, [["1", title, "5", "Договор", "10.01.2026", "", ""], GOOD], HEADER)
    batch = brought(world.admin, path)
    assert batch.status == ImportStatus.DONE, batch.message
    titles = set(Deal.objects.values_list("title", flat=True))
    assert titles == {title.replace("\x00", ""), "Хорошая"}


def test_a_megabyte_in_a_cell_is_told(world: World, funnel: Funnel, tmp_path: Path) -> None:
    (reason,) = reasons(world, tmp_path, ["1", "Щ" * 1_000_000, "5", "Договор", "10.01.2026", "", ""])
    assert len(reason) < 500
    assert not Company.objects.exists()


def test_too_many_stages_import_nothing(world: World, tmp_path: Path) -> None:
    rows = [[str(n), "А", "5", f"Этап {n}", "10.01.2026", "", ""] for n in range(60)]
    batch = brought(world.admin, written(tmp_path, rows, HEADER))
    assert batch.status == ImportStatus.FAILED
    assert "50" in batch.message
    assert not Deal.objects.exists()
    assert not Stage.objects.exists()


def test_a_column_of_owners_that_is_none_is_told(world: World, funnel: Funnel, tmp_path: Path) -> None:
    rows = [
        [*GOOD[:0], str(n), "А", "5", "Договор", "10.01.2026", "", "", f"Человек {n}"] for n in range(600)
    ]
    with pytest.raises(Refused, match="600"):
        looked_at(world.admin, written(tmp_path, rows, [*HEADER, "owner"]))


@pytest.mark.parametrize(
    "data",
    [
        [],
        "x",
        {"colums": {}},
        {"columns": []},
        {"stages": {"a": 1}},
        {"stage_order": [1]},
        {"lost_stage": "x"},
    ],
)
def test_a_map_of_another_shape_is_refused(world: World, data: Any) -> None:
    with pytest.raises(Refused):
        Options.load(data)


def test_an_unreadable_file_is_a_sentence(world: World, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="nowhere"):
        running.open_files(tmp_path / "nowhere.csv")
