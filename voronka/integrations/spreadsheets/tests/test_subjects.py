"""Companies, people, products, activities and notes out of files: in, again, changed, and back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.world import World, make_company
from voronka.activities.models import Activity
from voronka.catalog.models import Product
from voronka.clients import actions
from voronka.clients.models import Company, ContactPoint, Person, Position
from voronka.core.errors import Forbidden, Refused
from voronka.deals.actions import create_deal
from voronka.desk.fields.actions import create_field
from voronka.desk.models import ExternalRef, ImportChange, Note
from voronka.integrations.spreadsheets import lots, running
from voronka.integrations.spreadsheets.tests.bringing import begun, came_in, written
from voronka.integrations.spreadsheets.undoing import undo_import
from voronka.journal.models import Event
from voronka.playbook.models import Funnel
from voronka.workspaces.actions import edit_role
from voronka.workspaces.models import Member

COMPANIES = [
    "ID",
    "Название компании",
    "ИНН",
    "Телефон",
    "E-mail",
    "Ответственный",
    "Сегмент",
    "Теги",
    "Сайт",
]
ROWS = [
    ["1", "ООО «Ромашка»", "7707083893", "8 495 123-45-67; +7 916 000-11-22", "a@romashka.ru", "Анна", "Завод", "опт, vip", ""],
    ["2", "Лютик", "", "", "info@lutik.ru", "Седой Иван", "", "", "lutik.ru"],
]  # fmt: skip


@pytest.fixture
def companies(tmp_path: Path) -> Path:
    return written(tmp_path, ROWS, COMPANIES, "companies.csv")


def test_companies_come_in_with_all_that_is_said_of_them(world: World, companies: Path) -> None:
    batch = came_in(world.admin, companies, subject="companies")
    assert (batch.result["created"], batch.result["rejected"], batch.result["owners"]) == (2, 0, 2)
    first = Company.objects.get(inn="7707083893")
    assert (first.name, first.region, str(first.segment)) == ("ООО «Ромашка»", "77", "Завод")
    assert set(first.contacts.values_list("normal", flat=True)) == {
        "+74951234567", "+79160001122", "a@romashka.ru",
    }  # fmt: skip
    assert {str(link.tag) for link in first.tag_links.all()} == {"опт", "vip"}
    assert Company.objects.get(name="Лютик").owner.name == "Седой Иван"


def test_the_same_file_again_doubles_nothing(world: World, companies: Path) -> None:
    came_in(world.admin, companies, subject="companies")
    events = Event.objects.filter(type="clients.imported").count()
    again = came_in(world.admin, companies, subject="companies")
    assert (again.result["created"], again.result["updated"], again.result["unchanged"]) == (0, 0, 2)
    assert Company.objects.count() == 2
    assert Event.objects.filter(type="clients.imported").count() == events == 1


def test_a_row_that_says_something_new_updates_and_undoing_puts_it_back(world: World, tmp_path: Path) -> None:
    came_in(world.admin, written(tmp_path, ROWS, COMPANIES, "a.csv"), subject="companies")
    changed = [[*ROWS[0][:3], "+7 812 333-22-11", *ROWS[0][4:8], "romashka.ru"], ROWS[1]]
    second = came_in(world.admin, written(tmp_path, changed, COMPANIES, "b.csv"), subject="companies")
    assert (second.result["updated"], second.result["unchanged"]) == (1, 1)
    company = Company.objects.get(inn="7707083893")
    assert company.site == "romashka.ru"
    assert company.contacts.count() == 4
    undo_import(second, actor=world.admin)
    company.refresh_from_db()
    assert (company.site, company.contacts.count()) == ("", 3)
    assert not ImportChange.objects.exists()


def test_what_people_wrote_here_is_not_overwritten_blanks_are_filled(
    world: World, tmp_path: Path, companies: Path
) -> None:
    came_in(world.admin, companies, subject="companies")
    lutik = Company.objects.get(name="Лютик")
    actions.edit_company(lutik, actor=world.admin, changes={"site": "наш.рф"})
    changed = [["2", "Лютик и Ко", "7736050003", "", "info@lutik.ru", "", "", "", "lutik.com"]]
    came_in(world.admin, written(tmp_path, changed, COMPANIES, "b.csv"), subject="companies")
    lutik.refresh_from_db()
    assert (lutik.name, lutik.site, lutik.inn) == ("Лютик", "наш.рф", "7736050003")


@pytest.mark.parametrize(
    ("row", "how"),
    [
        (["", "Совсем иначе", "7707083893", ""], "inn"),
        (["", "Ромашка Плюс", "", "+7 495 123-45-67"], "contact"),
        (["", "ромашка, ООО", "", ""], "name"),
    ],
)
def test_a_company_that_is_here_is_known_again(
    world: World, tmp_path: Path, row: list[str], how: str
) -> None:
    there = actions.create_company(
        actor=world.admin, name="ООО «Ромашка»", inn="7707083893", contacts=[("phone", "+7 495 123-45-67")]
    )
    batch = came_in(
        world.admin, written(tmp_path, [row], ["id", "name", "inn", "phones"]), subject="companies"
    )
    assert batch.result["matched"] == {how: 1}
    assert [company.pk for company in Company.objects.all()] == [there.pk]


def test_two_legal_entities_of_one_name_stay_two(world: World, tmp_path: Path) -> None:
    rows = [["Ромашка", "7707083893"], ["Ромашка", "7736050003"], ["Ромашка", "7707083893"]]
    batch = came_in(world.admin, written(tmp_path, rows, ["name", "inn"]), subject="companies")
    assert (batch.result["created"], batch.result["doubles"]) == (2, 1)


def test_bad_rows_go_to_the_errors_with_all_their_reasons(world: World, tmp_path: Path) -> None:
    rows = [["1", "Хорошая", ""], ["1", "Двойник", ""], ["3", "", ""], ["4", "Кривая", "123"]]
    batch = came_in(world.admin, written(tmp_path, rows, ["id", "name", "inn"]), subject="companies")
    assert (batch.result["created"], batch.result["rejected"]) == (1, 3)
    assert Path(batch.error_path).exists()


def test_an_import_needs_the_right(world: World, companies: Path) -> None:
    batch = running.run(begun(world.anna, companies, subject="companies"))
    assert batch.status == "failed"
    assert not Company.objects.exists()
    with pytest.raises(Forbidden):
        undo_import(came_in(world.admin, companies, subject="companies"), actor=world.anna)


# --- people

PEOPLE = [
    "Фамилия",
    "Имя",
    "Отчество",
    "Компания",
    "Должность",
    "Мобильный телефон",
    "Рабочий e-mail",
    "Дата рождения",
]


def test_people_come_in_with_their_companies(world: World, tmp_path: Path) -> None:
    make_company(world.anna, name="Лютик")
    rows = [
        ["Иванов", "Пётр", "Ильич", "Лютик", "Снабженец", "+7 916 123-45-67", "p@lutik.ru", "31.01.1980"],
        ["Котова", "Анна", "", "Новая", "", "", "", ""],
    ]
    batch = came_in(world.admin, written(tmp_path, rows, PEOPLE, "p.csv"))
    assert (batch.subject, batch.result["created"], batch.result["companies"]) == ("people", 2, 1)
    person = Person.objects.get(name="Пётр Ильич Иванов")
    assert person.birthday == dt.date(1980, 1, 31)
    post = person.positions.get()
    assert (post.title, post.company.name) == ("Снабженец", "Лютик")
    undo_import(batch, actor=world.admin)
    assert list(Company.objects.values_list("name", flat=True)) == ["Лютик"]
    assert not Person.objects.exists()
    assert not ExternalRef.objects.exists()


def test_a_phone_of_an_office_makes_nobody_somebody_else(world: World, tmp_path: Path) -> None:
    actions.create_person(actor=world.admin, name="Иван Петров", contacts=[("phone", "+7 495 123-45-67")])
    rows = [["Ольга Сидорова", "+7 495 123-45-67", ""], ["Петров Иван", "+7 495 123-45-67", "Директор"]]
    batch = came_in(world.admin, written(tmp_path, rows, ["name", "phones", "title"]), subject="people")
    assert (batch.result["created"], batch.result["matched"]) == (1, {"contact": 1})
    assert Person.objects.count() == 2


VCARD = """BEGIN:VCARD\r
VERSION:2.1\r
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=98=D0=B2=D0=B0=D0=BD=D0=BE=D0=B2;=\r
=D0=9F=D1=91=D1=82=D1=80\r
TEL;CELL:+79161234567\r
PHOTO;ENCODING=BASE64;JPEG:\r
 AAAA\r
END:VCARD\r
BEGIN:VCARD\r
VERSION:3.0\r
FN:Анна Седова\r
N:Седова;Анна;Ивановна;;\r
ORG:Ромашка;Отдел закупок\r
TITLE:Дирек\r
 тор\r
item1.EMAIL;TYPE=INTERNET,WORK:anna@romashka.ru\r
TEL;TYPE="work,voice":tel:+7-495-123-45-67\r
TEL;TYPE=cell:8 916 000-11-22\r
BDAY:19800131\r
NOTE:первая\\nвторая\\, третья\r
END:VCARD\r
BEGIN:VCARD\r
VERSION:4.0\r
FN:Борис Лис\r
BDAY:--0131\r
END:VCARD\r
"""


def test_an_address_book_comes_in(world: World, tmp_path: Path) -> None:
    path = tmp_path / "книга.vcf"
    path.write_text(VCARD, encoding="utf-8", newline="")
    batch = came_in(world.admin, path)
    assert (batch.subject, batch.options["source"], batch.result["created"]) == ("people", "vcard", 3)
    anna = Person.objects.get(name="Анна Седова")
    assert (anna.birthday, anna.about) == (dt.date(1980, 1, 31), "первая\nвторая, третья")
    assert anna.positions.get().title == "Директор"
    assert set(anna.contacts.values_list("normal", flat=True)) == {
        "anna@romashka.ru", "+74951234567", "+79160001122",
    }  # fmt: skip
    assert Person.objects.filter(name="Пётр Иванов").exists()
    assert came_in(world.admin, path).result["unchanged"] == 3


@pytest.mark.parametrize("text", ["BEGIN:VCARD\r\nFN:Обрыв\r\n", "BEGIN:VCARD\r\n" * 50])
def test_a_torn_address_book_is_told(world: World, tmp_path: Path, text: str) -> None:
    path = tmp_path / "torn.vcf"
    path.write_text(text, encoding="utf-8", newline="")
    with pytest.raises(Refused):
        begun(world.admin, path)


# --- products


def test_products_come_in_and_prices_follow_the_list(world: World, tmp_path: Path) -> None:
    header = ["Артикул", "Наименование", "Группа", "Цена", "Ед. изм."]
    first = came_in(
        world.admin, written(tmp_path, [["A1", "Стеллаж", "Склад", "1 000,50", "шт"]], header, "p.csv")
    )
    assert first.subject == "products"
    product = Product.objects.get()
    assert (product.sku, str(product.group), product.price, product.unit) == (
        "A1",
        "Склад",
        Decimal("1000.50"),
        "шт",
    )
    second = came_in(
        world.admin, written(tmp_path, [["A1", "Стеллаж", "Склад", "1200", "шт"]], header, "q.csv")
    )
    assert (second.result["updated"], Product.objects.get().price) == (1, Decimal(1200))
    undo_import(second, actor=world.admin)
    assert Product.objects.get().price == Decimal("1000.50")
    undo_import(first, actor=world.admin)
    assert not Product.objects.exists()


# --- activities and notes

DOINGS = [
    "ID",
    "Тип",
    "Тема",
    "Срок",
    "Дата завершения",
    "Завершена",
    "Результат",
    "Компания",
    "ID сделки",
    "Ответственный",
]


def test_activities_come_in_done_and_planned(world: World, funnel: Funnel, tmp_path: Path) -> None:
    company = make_company(world.anna, name="Ромашка")
    deal = create_deal(actor=world.anna, title="Стеллажи", funnel=funnel, company=company)
    rows = [
        [
            "1",
            "Звонок",
            "Узнать",
            "10.02.2026 10:00",
            "10.02.2026 10:10",
            "да",
            "Ждут КП",
            "Ромашка",
            "",
            "Анна",
        ],
        ["2", "Встреча", "Показать", "10.02.2099 12:00", "", "нет", "", "", str(deal.number), "Анна"],
        ["3", "Задача", "Пропала", "10.02.2026", "", "да", "", "Чужая", "", "Анна"],
        ["4", "Задача", "Когда-то", "", "", "", "", "Ромашка", "", "Анна"],
    ]
    batch = came_in(world.admin, written(tmp_path, rows, DOINGS, "a.csv"), subject="activities")
    assert (batch.result["created"], batch.result["rejected"]) == (2, 2)
    done, planned = Activity.objects.order_by("due_at")
    assert (done.channel, done.result, done.company_id) == ("call", "Ждут КП", company.pk)
    assert done.done_at is not None
    assert (planned.channel, planned.deal_id, planned.company_id) == ("meeting", deal.pk, company.pk)
    assert planned.is_open
    company.refresh_from_db()
    deal.refresh_from_db()
    assert company.last_contact_at == done.done_at
    assert deal.next_activity_text == "Показать"
    assert Event.objects.feed_of("company", company.pk).filter(type="activity.imported").count() == 1
    again = came_in(world.admin, tmp_path / "a.csv", subject="activities")
    assert (again.result["unchanged"], Activity.objects.count()) == (2, 2)
    undo_import(batch, actor=world.admin)
    assert not Activity.objects.exists()
    company.refresh_from_db()
    assert company.last_contact_at is None
    assert not Event.objects.filter(type="activity.imported").exists()


def test_notes_come_in_with_their_authors_and_days(world: World, funnel: Funnel, tmp_path: Path) -> None:
    company = make_company(world.anna, name="Ромашка")
    rows = [
        ["Ромашка", "Любят чай\nс лимоном", "Анна", "05.03.2026"],
        ["Чужая", "Никто", "", ""],
        ["Ромашка", "", "", ""],
    ]
    batch = came_in(
        world.admin, written(tmp_path, rows, ["Компания", "Текст", "Автор", "Дата"], "n.csv"), subject="notes"
    )
    assert (batch.result["created"], batch.result["rejected"]) == (1, 2)
    note = Note.objects.get()
    assert (note.subject_kind, note.subject_id, note.body) == ("company", company.pk, "Любят чай\nс лимоном")
    assert note.created_at.date() in (dt.date(2026, 3, 4), dt.date(2026, 3, 5))
    undo_import(batch, actor=world.admin)
    assert not Note.objects.exists()


def test_an_activity_worked_on_since_stays_when_its_import_is_undone(world: World, tmp_path: Path) -> None:
    from voronka.activities.actions import edit_activity

    make_company(world.anna, name="Ромашка")
    rows = [["1", "Звонок", "Узнать", "10.02.2099 10:00", "", "нет", "", "Ромашка", "", ""]]
    batch = came_in(world.admin, written(tmp_path, rows, DOINGS, "a.csv"), subject="activities")
    edit_activity(Activity.objects.get(), actor=world.admin, changes={"subject": "Спросить"})
    undone = undo_import(batch, actor=world.admin)
    assert (undone.kept, undone.kept_titles, Activity.objects.count()) == (1, ["Спросить"], 1)


# --- fields of one's own


def test_a_column_called_as_an_own_field_fills_it(world: World, tmp_path: Path) -> None:
    field: Any = create_field(actor=world.admin, subject="company", label="Любимый цвет", kind="text")
    rows = [["1", "Ромашка", "синий"]]
    batch = came_in(world.admin, written(tmp_path, rows, ["id", "name", "Любимый цвет"]), subject="companies")
    assert batch.result["left_out"] == []
    assert Company.objects.get().custom == {field.key: "синий"}
    changed = written(tmp_path, [["1", "Ромашка", "красный"]], ["id", "name", "Любимый цвет"])
    second = came_in(world.admin, changed, subject="companies")
    assert Company.objects.get().custom == {field.key: "красный"}
    undo_import(second, actor=world.admin)
    assert Company.objects.get().custom == {field.key: "синий"}


def test_columns_without_a_place_are_named(world: World, tmp_path: Path) -> None:
    batch = begun(
        world.admin, written(tmp_path, [["Ромашка", "синий"]], ["name", "Цвет"]), subject="companies"
    )
    running.look_through(batch)
    assert batch.result["preview"]["summary"]["left_out"] == ["Цвет"]
    assert lots.parts_of(batch) == [batch]
    assert not Company.objects.exists()
    assert not ContactPoint.objects.exists()
    assert not Position.objects.exists()


def test_what_a_persons_card_has_no_place_for_is_written_down(world: World, tmp_path: Path) -> None:
    header = ["ФИО", "Телефон", "Адрес", "Web", "Теги", "Комментарий"]
    row = ["Игорь Белов", "+7 495 111-22-33", "Тверь, Новая 1", "belov.ru", "VIP, дилер", "Любит рыбалку"]
    came_in(world.admin, written(tmp_path, [row], header, "people.csv"), subject="people")
    assert Person.objects.get().about.split("\n") == [
        "Любит рыбалку",
        "Адрес: Тверь, Новая 1",
        "Сайт: belov.ru",
        "Метки: VIP, дилер",
    ]


def test_an_import_neither_confirms_nor_writes_what_the_role_is_kept_from(
    world: World, tmp_path: Path
) -> None:
    there = make_company(world.anna, "Ромашка")
    actions.add_contact(there, actor=world.admin, kind="phone", value="+7 916 000-11-22")
    header = ["Название компании", "Телефон", "Сайт"]
    rows = [["Совсем другая", "+7 916 000-11-22", "other.ru"]]
    path = written(tmp_path, rows, header, "clients.csv")
    seen = running.look_through(begun(world.director, path, subject="companies")).result["preview"]["summary"]
    assert seen["matched"] == {"contact": 1}

    changes = {"hidden_fields": {"client": ["phones"]}, "readonly_fields": {"client": ["site"]}}
    edit_role(world.roles["director"], actor=world.admin, changes=changes)
    director = Member.objects.select_related("role", "workspace", "user").get(pk=world.director.pk)
    batch = came_in(director, path, subject="companies")
    assert (batch.result["created"], batch.result["matched"]) == (1, {})
    assert batch.result["left_out"] == ["Телефон", "Сайт"]
    made = Company.objects.get(name="Совсем другая")
    assert (made.site, made.contacts.count()) == ("", 0)
