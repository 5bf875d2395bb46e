"""Any usual file opens as the same table; what is none is refused with a sentence."""

import contextlib
import datetime as dt
import io
import struct
import tracemalloc
import zipfile
from typing import Any

import pytest
import xlsxwriter
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from voronka.core.spreadsheets import NotATable, guards, open_table

RUSSIAN = 'Название;Сумма;Заметка\r\nКирпич для склада;1 234,50;"Просили скидку; срочно\nвторая строка"\r\nЩебень;500;\r\n'
EXPECTED = [
    ("Кирпич для склада", "1 234,50", "Просили скидку; срочно\nвторая строка"),
    ("Щебень", "500", None),
]


def rows(table: Any) -> Any:
    return [row.cells for row in table.rows()]


def book(*sheets: Any, **options: Any) -> Any:
    """An xlsx of (name, rows) in bytes."""
    file = io.BytesIO()
    workbook = xlsxwriter.Workbook(file, options)
    for name, lines in sheets:
        sheet = workbook.add_worksheet(name)
        for number, line in enumerate(lines):
            for column, value in enumerate(line):
                if isinstance(value, dt.date):
                    sheet.write_datetime(
                        number, column, value, workbook.add_format({"num_format": "dd.mm.yyyy"})
                    )
                else:
                    sheet.write(number, column, value)
    workbook.close()
    return file.getvalue()


def archive(parts: Any, compression: Any = zipfile.ZIP_DEFLATED) -> Any:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return file.getvalue()


def refusal(source: Any, *arguments: Any, **options: Any) -> Any:
    with pytest.raises(NotATable) as error:
        open_table(source, *arguments, **options)
    return str(error.value)


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1251", "cp866", "koi8-r"],
)
def test_russian_text_reads_in_any_encoding(encoding: Any) -> None:
    table = open_table(RUSSIAN.encode(encoding), "deals.csv")
    assert table.header == ("Название", "Сумма", "Заметка")
    assert rows(table) == EXPECTED
    assert table.count == 2


@pytest.mark.parametrize("encoding", ["cp1251", "cp866", "koi8-r"])
@pytest.mark.parametrize(
    "text",
    [
        "название,сумма\nпоставка оборудования,5\n",
        "НАЗВАНИЕ,СУММА\nПОСТАВКА ОБОРУДОВАНИЯ,5\n",
        "title,sum\nООО Ромашка (Acme Ltd),5\n",
        "id,owner\n1,Иванов Пётр\n",
    ],
)
def test_short_and_capital_russian_texts_are_told_apart_too(encoding: Any, text: Any) -> None:
    assert open_table(text.encode(encoding)).encoding == encoding


def test_western_text_is_not_taken_for_russian() -> None:
    table = open_table("name;city\nCafé Müller;Köln\nJosé Peña;São Paulo\n".encode("cp1252"))
    assert rows(table) == [("Café Müller", "Köln"), ("José Peña", "São Paulo")]


def test_a_few_broken_bytes_do_not_make_utf8_another_encoding() -> None:
    good = ("имя;сумма\n" + "Ромашка на складе;5\n" * 300).encode()
    table = open_table(good.replace(b";5\n", b";5\xd0\n", 1))
    assert table.encoding == "utf-8"
    assert rows(table)[5] == ("Ромашка на складе", "5")


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_the_delimiter_is_found(delimiter: Any) -> None:
    text = "\n".join(
        delimiter.join(line) for line in [["id", "имя", "заметка"], ["1", "а", "да"], ["2", "б", "нет"]]
    )
    table = open_table(text.encode())
    assert table.delimiter == delimiter
    assert table.header == ("id", "имя", "заметка")


def test_a_mark_inside_texts_and_sums_is_no_delimiter() -> None:
    text = 'Имя, фамилия;Сумма\n"Иванов; Пётр";1,5\nПетрова, Анна;2,5\nСидоров;3,5\n'
    assert rows(open_table(text.encode())) == [
        ("Иванов; Пётр", "1,5"),
        ("Петрова, Анна", "2,5"),
        ("Сидоров", "3,5"),
    ]


def test_excels_separator_line_is_obeyed_and_not_counted() -> None:
    table = open_table("sep=|\r\nid|имя;имя\r\n1|а;б\r\n".encode())
    assert table.header == ("id", "имя;имя")
    assert [row.number for row in table.rows()] == [2]


def test_a_table_of_one_column_and_one_with_a_trailing_delimiter() -> None:
    assert rows(open_table("имя\nа\nб\n".encode())) == [("а",), ("б",)]
    table = open_table('"ID";"Имя";\n"1";"а";\n'.encode())
    assert table.header == ("ID", "Имя")


def test_repeated_and_missing_titles_are_told_apart() -> None:
    table = open_table("ID;Заметка;заметка;;Заметка\n1;а;б;в;г\n".encode())
    with translation.override("en"):
        table = open_table("ID;Заметка;заметка;;Заметка\n1;а;б;в;г\n".encode())
    assert table.header == ("ID", "Заметка", "заметка (2)", "Column D", "Заметка (3)")
    assert rows(table) == [("1", "а", "б", "в", "г")]


def test_a_header_under_titles_and_empty_rows_is_found_and_rows_keep_their_numbers() -> None:
    lines = [["Выгрузка сделок"], [], ["ID", "Имя", "Сумма"], [1, "а", 5.5], [], [2, "б", 7]]
    table = open_table(book(("Лист1", lines)))
    assert table.header == ("ID", "Имя", "Сумма")
    assert table.header_row == 3
    assert [(row.number, row.cells) for row in table.rows()] == [(4, (1, "а", 5.5)), (6, (2, "б", 7))]
    assert open_table(book(("Лист1", lines)), header_row=4).header == ("1", "а", "5.5")


def test_short_and_long_rows_fit_the_header() -> None:
    table = open_table(b"a;b;c\n1\n1;2;3;4\n")
    assert len(table.header) == 4
    assert rows(table) == [("1", None, None, None), ("1", "2", "3", "4")]


def test_rows_can_be_read_again_and_side_by_side() -> None:
    table = open_table("id;имя\n1;а\n2;б\n".encode())
    first, second = table.rows(), table.rows()
    assert next(first) == next(second)
    assert next(first) == next(second)
    assert rows(table) == rows(table)
    assert len(table.sample(1)) == 1


def test_cells_of_a_workbook_have_their_types() -> None:
    source = book(("A", [["id", "day", "yes", "sum"], [7, dt.date(2026, 11, 22), True, 0.5]]))
    assert rows(open_table(source)) == [(7, dt.date(2026, 11, 22), True, 0.5)]


def test_formula_cells_give_their_last_result_and_errors_give_nothing() -> None:
    file = io.BytesIO()
    workbook = xlsxwriter.Workbook(file)
    sheet = workbook.add_worksheet()
    sheet.write_row(0, 0, ["id", "sum", "bad"])
    sheet.write(1, 0, 1)
    sheet.write_formula(1, 1, "=2*21", None, 42)
    sheet.write_formula(1, 2, "=1/0", None, "#DIV/0!")
    workbook.close()
    assert rows(open_table(file.getvalue())) == [(1, 42, None)]


def test_the_first_sheet_with_a_table_is_taken_unless_one_is_named() -> None:
    source = book(("Пустой", []), ("Сделки", [["id"], [1]]), ("Архив", [["id"], [2]]))
    table = open_table(source)
    assert (table.sheet, table.sheets) == ("Сделки", ("Пустой", "Сделки", "Архив"))
    assert rows(open_table(source, sheet="Архив")) == [(2,)]
    assert "Корзина" in refusal(source, sheet="Корзина")


def test_an_html_table_named_xls_is_read() -> None:
    page = (
        '<meta http-equiv="Content-Type" content="text/html;charset=UTF-8">'
        "<table border=1><tr><th>ID</th><th>Название &amp; этап</th></tr>"
        "<tr><td>1</td><td>Кирпич<br>М150</td></tr><tr><td colspan=2>2</td></tr></table>"
    )
    table = open_table(page.encode(), "deals.xls")
    assert table.header == ("ID", "Название & этап")
    assert rows(table) == [("1", "Кирпич\nМ150"), ("2", None)]


def test_an_apostrophe_of_another_program_is_taken_off() -> None:
    assert rows(open_table(b"phone;name\n'+78121234567;O'Neil\n")) == [("+78121234567", "O'Neil")]


def test_nul_bytes_never_get_through() -> None:
    assert rows(open_table(b"id;name\n1;a\x00b\n" + b"2;c\n" * 50))[0] == ("1", "ab")


def test_a_cell_of_a_megabyte_emoji_and_right_to_left_texts_are_read() -> None:
    texts = ("я" * 1_000_000, "😀👨‍👩‍👧", "مرحبا", "<script>alert(1)</script>")
    table = open_table(("id;text\n" + "".join(f"{i};{text}\n" for i, text in enumerate(texts))).encode())
    assert tuple(cells[1] for cells in rows(table)) == texts


def test_three_hundred_columns_are_read_and_too_many_refused() -> None:
    header = [f"Столбец {i}" for i in range(300)]
    table = open_table((";".join(header) + "\n" + ";".join(map(str, range(300))) + "\n").encode())
    assert len(table.header) == 300
    assert rows(open_table(book(("A", [header, list(range(300))]))))[0][299] == 299
    assert "600" in refusal((";".join(["x"] * 600) + "\n" + ";".join(["1"] * 600)).encode())
    assert "500" in refusal(b";".join([b"x"] * 100_000) + b"\n1;1\n")


def test_too_many_rows_and_too_big_a_file_are_refused() -> None:
    assert "10" in refusal(b"id\n" + b"1\n" * 11, max_rows=10)
    assert open_table(b"id\n" + b"1\n" * 10, max_rows=10).count == 10
    assert refusal(b"id\n" + b"1\n" * 500_000, max_bytes=1_000)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (b"", "пуст"),
        (b" \r\n\r\n ", "пуст"),
        (b"\xef\xbb\xbf", "пуст"),
        (b";;;\n;;;\n", "пуст"),
        (b"id;name\n", "ни одной строки"),
        (b"id;name\n;\n ; \n", "ни одной строки"),
        (b"%PDF-1.7 and so on", "не таблица"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "не таблица"),
        (bytes(range(256)) * 20, "не таблица"),
        (b'{"deals": []}', "не таблица"),
        (b"<?xml version='1.0'?><a/>", "не таблица"),
        (b"<html><body>404 Not Found</body></html>", "не таблица"),
        (b"PK\x03\x04 and nothing more", "повреждён"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000, "повреждён"),
        (archive({"word/document.xml": "<a/>"}), "не таблица"),
        (archive({"deals.csv": "id\n1\n"}), "архив"),
        (archive({"xl/workbook.xml": "<a/>", "[Content_Types].xml": ""}), "повреждён"),
        (
            archive({"content.xml": "<a/>", "mimetype": "x", "META-INF/manifest.xml": "<encryption-data/>"}),
            "парол",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "парол"),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(source: Any, words: Any) -> None:
    with translation.override("ru"):
        assert words in refusal(source, "file.xlsx")


def test_every_way_of_damaging_a_workbook_ends_in_a_sentence() -> None:
    good = book(("A", [["id", "name"], *[[i, f"имя {i}"] for i in range(50)]]))
    for cut in range(0, len(good), max(1, len(good) // 60)):
        for source in (good[:cut], good[:cut] + b"\xff" * 20 + good[cut + 20 :]):
            with contextlib.suppress(NotATable):
                list(open_table(source).rows())


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"id;n\n1;2\n"]),
)
def test_no_bytes_break_the_reader(tail: Any, head: Any) -> None:
    with contextlib.suppress(NotATable):
        list(open_table(head + tail).rows())


def test_an_unclosed_quote_is_named_by_its_row() -> None:
    source = b'id;name\n1;a\n2;"b\n' + b"3;c\n" * 20_000
    with translation.override("ru"):
        assert "В строке 3 кавычка" in refusal(source)


def test_a_bomb_is_refused_before_it_is_inflated() -> None:
    size = 300_000_000
    honest = archive({"xl/workbook.xml": "<a/>", "xl/worksheets/sheet1.xml": b"\0" * size})
    liar = honest.replace(struct.pack("<L", size), struct.pack("<L", 1_000))
    assert liar != honest
    assert len(liar) < 1_000_000
    tracemalloc.start()
    with translation.override("ru"):
        for source in (honest, liar):
            assert "распаковывается" in refusal(source)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < size / 10


def test_one_cell_in_the_far_corner_does_not_ask_for_gigabytes() -> None:
    file = io.BytesIO()
    workbook = xlsxwriter.Workbook(file)
    sheet = workbook.add_worksheet()
    sheet.write(0, 0, "id")
    sheet.write(1_048_575, 16_383, "far")
    workbook.close()
    with translation.override("ru"):
        assert "слишком много ячеек" in refusal(file.getvalue())


def ods(table: Any) -> Any:
    return archive(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": "<manifest:manifest/>",
            "content.xml": '<?xml version="1.0"?><office:document-content '
            'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
            'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
            'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
            f'<table:table table:name="Лист1">{table}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        }
    )


def text_cell(text: Any, repeat: Any = 1) -> Any:
    return (
        f'<table:table-cell table:number-columns-repeated="{repeat}" office:value-type="string">'
        f"<text:p>{text}</text:p></table:table-cell>"
    )


TAIL = (
    '<table:table-row table:number-rows-repeated="1048570"><table:table-cell table:number-columns-repeated="16384"/>'
    "</table:table-row>"
)


def test_an_ods_reads_and_its_empty_tail_costs_nothing() -> None:
    head = f"<table:table-row>{text_cell('id')}{text_cell('имя')}</table:table-row>"
    row = (
        '<table:table-row><table:table-cell office:value-type="float" office:value="7"/>'
        f'{text_cell("а")}<table:table-cell table:number-columns-repeated="16382"/></table:table-row>'
    )
    table = open_table(ods(head + row + TAIL))
    assert table.header == ("id", "имя")
    assert rows(table) == [(7, "а")]


def test_an_ods_that_repeats_a_filled_row_a_million_times_is_refused() -> None:
    row = f'<table:table-row table:number-rows-repeated="1048576">{text_cell("x", 16384)}</table:table-row>'
    with translation.override("ru"):
        assert "слишком много ячеек" in refusal(ods(row))


@given(st.integers(1, 400), st.integers(1, 18_000))
def test_the_extent_of_a_sheet_is_seen_across_chunks(step: Any, column: Any) -> None:
    letters, rest = "", column
    while rest:
        rest, last = divmod(rest - 1, 26)
        letters = chr(65 + last) + letters
    xml = b"<row r='1'>" + b"<c r='A1'/>" * 40 + f'<c r="{letters}12"/>'.encode() + b"</row>"
    extent = guards.XlsxExtent()
    for start in range(0, len(xml), step):
        extent.feed(xml[start : start + step])
    assert (extent.rows, extent.columns) == (12, column)
