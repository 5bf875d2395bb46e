"""What goes out opens in Excel as it was, and nothing in it becomes a formula."""

import datetime as dt
import io
import zipfile
from decimal import Decimal
from typing import Any

from django.utils import timezone, translation

from voronka.core import spreadsheets
from voronka.core.spreadsheets import (
    Column,
    Kind,
    RejectedRow,
    Sheet,
    open_table,
    write_csv,
    write_rejected,
    write_xlsx,
    writing,
)

DANGEROUS = ["=1+1", "+7 916 123-45-67", "-5", "@SUM(A1)", '=HYPERLINK("http://x","y")', "http://example.com"]


def written(*sheets: Any) -> Any:
    file = io.BytesIO()
    count = write_xlsx(file, sheets)
    return file.getvalue(), count


def part(source: Any, name: Any) -> Any:
    with zipfile.ZipFile(io.BytesIO(source)) as packed:
        return packed.read(name).decode()


def test_values_come_back_as_they_were() -> None:
    moment = dt.datetime(2026, 11, 22, 9, 30, tzinfo=dt.UTC)
    columns = [
        Column("Номер", Kind.INT),
        Column("Название"),
        Column("Сумма", Kind.MONEY),
        Column("Доля", Kind.PERCENT),
        Column("Дата", Kind.DATE),
        Column("Время", Kind.DATETIME),
    ]
    lines = [
        (1, "Ёлки «и» щит", Decimal("12450000.50"), Decimal("0.125"), dt.date(2026, 11, 22), moment),
        (2, None, None, None, None, None),
        (3, "😀 مرحبا", Decimal(-5), 1, moment, dt.date(2026, 1, 1)),
    ]
    with timezone.override("Europe/Moscow"):
        source, count = written(Sheet("Сделки", columns, lines))
    assert count == 3
    table = open_table(source)
    assert table.sheet == "Сделки"
    assert table.header == tuple(column.title for column in columns)
    assert [row.cells for row in table.rows()] == [
        (1, "Ёлки «и» щит", 12450000.5, 0.125, dt.date(2026, 11, 22), dt.datetime(2026, 11, 22, 12, 30)),  # noqa: DTZ001
        (2, None, None, None, None, None),
        (3, "😀 مرحبا", -5, 1, dt.date(2026, 11, 22), dt.date(2026, 1, 1)),
    ]


def test_no_text_becomes_a_formula_a_link_or_a_number() -> None:
    source, _count = written(
        Sheet("A", [Column("t"), Column("any", Kind.ANY)], [(text, text) for text in [*DANGEROUS, "007"]])
    )
    sheet = part(source, "xl/worksheets/sheet1.xml")
    assert "<f>" not in sheet
    assert "<hyperlink" not in sheet.lower()
    assert [row.cells for row in open_table(source).rows()] == [(text, text) for text in [*DANGEROUS, "007"]]


def test_the_sheet_has_its_formats_a_frozen_header_and_a_filter() -> None:
    columns = [Column("Название", width=33), Column("Сумма", Kind.MONEY, currency="USD")]
    source, _count = written(
        Sheet("Воронка", columns, [("а", 1), ("б", 2)], notes=["Период: ноябрь"], total=("Итого", 3))
    )
    sheet, styles = part(source, "xl/worksheets/sheet1.xml"), part(source, "xl/styles.xml")
    assert 'state="frozen"' in sheet
    assert '<autoFilter ref="A3:B5"/>' in sheet
    assert 'min="1" max="1" width="33' in sheet
    assert "$" in styles
    assert [row.cells for row in open_table(source, header_row=3).rows()][-1] == ("Итого", 3)


def test_what_excel_cannot_hold_goes_out_as_text_or_nothing() -> None:
    values = [
        10**20,
        Decimal("NaN"),
        float("inf"),
        dt.date(1812, 9, 7),
        True,
        "a\x00b\x0bc\ud800",
        "я" * 40_000,
    ]
    source, _count = written(
        Sheet("A", [Column("id", Kind.INT), Column("v", Kind.ANY)], list(enumerate(values)))
    )
    cells = [row.cells[1] for row in open_table(source).rows()]
    assert cells[0] == str(10**20)
    assert cells[1:3] == [None, None]
    assert cells[3] == "1812-09-07"
    assert cells[5] == "abc"
    assert len(str(cells[6])) == 32_767


def test_names_of_sheets_are_made_fit_for_excel() -> None:
    names = ["Сделки: [2026/11]?", "сделки  2026 11", "", "'" * 40, "я" * 50, "я" * 60]
    source, _count = written(*[Sheet(name, [Column("id")], [("1",)]) for name in names])
    sheets = open_table(source).sheets
    assert len(set(map(str.casefold, sheets))) == len(names)
    assert all(0 < len(name) <= 31 for name in sheets)


def test_rows_beyond_one_sheet_go_on_in_the_next(monkeypatch: Any) -> None:
    monkeypatch.setattr(writing, "_MAX_SHEET_ROWS", 5)
    source, count = written(Sheet("A", [Column("id", Kind.INT)], ((i,) for i in range(8)), total=(28,)))
    assert count == 8
    first, second, third = (open_table(source, sheet=name) for name in ("A", "A (2)", "A (3)"))
    found = [row.cells[0] for table in (first, second, third) for row in table.rows()]
    assert found == [*range(8), 28]


def test_csv_opens_in_russian_excel_and_comes_back(tmp_path: Any) -> None:
    columns = [Column("Название"), Column("Сумма", Kind.MONEY), Column("Дата", Kind.DATE)]
    lines = [
        (text, Decimal("-1234.50"), dt.date(2026, 11, 22))
        for text in [*DANGEROUS, 'кавычки "и"; знак\nстрока']
    ]
    path = tmp_path / "deals.csv"
    assert write_csv(path, columns, lines) == len(lines)
    source = path.read_bytes()
    assert source.startswith("\ufeffНазвание;Сумма;Дата\r\n'=1+1;-1234,50;22.11.2026\r\n".encode())
    assert [row.cells[0] for row in open_table(path).rows()] == [line[0] for line in lines]


def test_the_file_of_rejected_rows_keeps_the_columns_and_says_why() -> None:
    file = io.BytesIO()
    header = ["id", "title"]
    with translation.override("ru"):
        write_rejected(
            file, header, [RejectedRow(7, ("1", "=x"), "Нет даты."), RejectedRow(9, (5.5,), "Нет имени.")]
        )
    table = open_table(file.getvalue())
    assert table.header == ("id", "title", "Строка в файле", "Почему не принята")
    assert [row.cells for row in table.rows()] == [("1", "=x", 7, "Нет даты."), (5.5, None, 9, "Нет имени.")]


def test_the_package_offers_what_it_names() -> None:
    assert all(hasattr(spreadsheets, name) for name in spreadsheets.__all__)
