"""What columns of files of companies, people, products, activities and notes may hold, and their usual names."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.integrations.spreadsheets.columns import (
    CREATED,
    EMAILS,
    IDS,
    MESSENGERS,
    NOTES,
    OWNERS,
    PHONES,
    SOURCES,
    TAGS,
    Field,
)

_ID_HELP = _("By it the same file brought again updates what it brought and doubles nothing.")


def _id(*names: str) -> Field:
    return Field("id", _("Number in the file"), (*names, *IDS), _ID_HELP, limit=120)


_OWNER = Field("owner", _("Responsible"), OWNERS, limit=150)
_CREATED = Field("created_at", pgettext_lazy("of a record", "Created on"), CREATED, kind="moment")
_PHONES = Field("phones", _("Phone"), PHONES, kind="phones", many=True)
_EMAILS = Field("emails", _("E-mail"), EMAILS, kind="emails", many=True)
_MESSENGERS = Field("messengers", _("Messenger"), MESSENGERS, many=True, limit=150)
_TAGS = Field("tags", _("Tags"), TAGS, kind="tags", many=True)
_NOTES = Field("notes", _("Notes"), NOTES, kind="long", many=True)
_SOURCE = Field("source", _("Source"), SOURCES, limit=150)

COMPANY_FIELDS: Final = (
    _id("id компании", "company id", "account id", "id клиента"),
    Field(
        "name",
        pgettext_lazy("company", "Name"),
        (
            "название компании", "компания", "клиент", "контрагент", "организация", "название", "наименование", "наименование организации",
            "краткое наименование", "заказчик", "покупатель", "company name", "company", "account name", "account", "organization",
            "customer", "client", "company title", "title",
        ),
    ),
    Field("legal_name", _("Full legal name"), ("полное наименование", "юридическое название", "юр. название", "полное название", "legal name"), limit=400),
    Field("inn", _("INN"), ("инн", "инн компании", "inn", "vat id", "tax id", "rq inn"), limit=12),
    Field("kpp", _("KPP"), ("кпп", "kpp", "rq kpp"), limit=9),
    Field("ogrn", _("OGRN"), ("огрн", "огрнип", "ogrn", "rq ogrn"), limit=15),
    _PHONES, _EMAILS, _MESSENGERS,
    Field("site", _("Site"), ("сайт", "web", "корпоративный сайт", "website", "url", "web site", "веб-сайт", "www"), limit=200),
    Field("address", _("Address"), ("адрес", "фактический адрес", "address", "почтовый адрес", "office location", "billing address"), limit=400),
    Field("legal_address", _("Legal address"), ("юридический адрес", "юр. адрес", "legal address", "адрес регистрации"), limit=400),
    Field("region", _("Region"), ("регион", "область", "субъект рф", "region", "state", "город", "city"), limit=200),
    Field("industry", _("Industry"), ("отрасль", "сфера деятельности", "industry", "sector", "вид деятельности"), limit=200),
    Field("okved", _("OKVED code"), ("оквэд", "код оквэд", "okved"), limit=8),
    Field("size", _("Size"), ("размер", "размер компании", "size"), limit=40),
    Field("segment", _("Segment"), ("сегмент", "категория", "тип компании", "segment", "company type", "группа клиентов"), limit=150),
    _SOURCE,
    Field("is_key", _("Key client"), ("ключевой клиент", "ключевой", "vip", "key client", "key account"), kind="flag"),
    _OWNER, _CREATED, _TAGS, _NOTES,
    Field("comment", _("Comment"), ("комментарий", "комментарии", "описание", "comments", "note", "description"), kind="long"),
)  # fmt: skip

PEOPLE_FIELDS: Final = (
    _id("id контакта", "contact id", "person id"),
    Field(
        "name",
        _("Full name"),
        (
            "полное имя контакта", "фио", "ф.и.о", "полное имя", "контакт", "контактное лицо", "имя и фамилия", "full name", "contact name",
            "name", "person", "contact", "имя контакта",
        ),
        limit=200,
    ),
    Field("first_name", _("First name"), ("имя", "first name", "given name"), limit=100),
    Field("middle_name", _("Middle name"), ("отчество", "second name", "middle name", "additional name"), limit=100),
    Field("last_name", _("Last name"), ("фамилия", "last name", "family name", "surname"), limit=100),
    Field(
        "company",
        _("Company"),
        (
            "название компании", "компания", "компания контакта", "организация", "клиент", "контрагент", "company name", "account name",
            "account", "organization", "company title", "organization name",
        ),
    ),
    Field("company_id", _("Number of the company"), ("id компании", "company id", "account id"), limit=120),
    Field("title", _("Post"), ("должность", "position", "job title", "post", "organization title"), limit=150),
    Field("role", _("Role in the purchase"), ("роль", "роль в закупке", "role", "тип контакта"), limit=60),
    _PHONES, _EMAILS, _MESSENGERS,
    Field("birthday", _("Birthday"), ("дата рождения", "день рождения", "birthday", "birthdate", "date of birth"), kind="day"),
    Field("address", _("Address"), ("адрес", "домашний адрес", "почтовый адрес", "address", "home address"), limit=400),
    Field("site", _("Site"), ("сайт", "web", "личная страница", "личный сайт", "website", "url", "www"), limit=200),
    _SOURCE, _OWNER, _CREATED, _TAGS, _NOTES,
    Field("about", _("About"), ("комментарий", "комментарии", "описание", "о человеке", "comments", "note", "description"), kind="long"),
)  # fmt: skip

PRODUCT_FIELDS: Final = (
    _id("id товара", "product id"),
    Field(
        "name",
        pgettext_lazy("of a thing", "Name"),
        ("название", "наименование", "товар", "продукт", "услуга", "номенклатура", "название товара", "product", "product name", "item", "service", "title"),
    ),
    Field("sku", _("Article"), ("артикул", "код товара", "sku", "article", "vendor code", "код номенклатуры"), limit=60),
    Field("group", _("Product group"), ("группа", "раздел", "категория", "группа товаров", "товарная группа", "series", "category", "group", "section"), limit=150),
    Field("unit", _("Unit"), ("единица", "ед. изм", "ед", "единица измерения", "measure", "unit of measure"), limit=20),
    Field("price", _("Price"), ("цена", "стоимость", "цена, руб", "цена продажи", "розничная цена", "sales price", "unit price", "list price"), kind="money"),
)  # fmt: skip

_OF: Final = (
    Field("deal", _("Deal"), ("сделка", "название сделки", "deal name", "deal title", "lead", "opportunity"), limit=250),
    Field("deal_id", _("Number of the deal"), ("id сделки", "номер сделки", "deal id", "opportunity id", "lead id"), limit=120),
    Field("company", _("Company"), ("компания", "клиент", "контрагент", "организация", "название компании", "company name", "account", "customer", "client")),
    Field("company_id", _("Number of the company"), ("id компании", "company id", "account id"), limit=120),
    Field("person", _("Contact person"), ("контакт", "контактное лицо", "полное имя контакта", "фио", "contact", "contact name"), limit=200),
    Field("person_id", _("Number of the person"), ("id контакта", "contact id", "person id"), limit=120),
)  # fmt: skip

ACTIVITY_FIELDS: Final = (
    _id("id дела", "id задачи", "id звонка", "activity id", "task id"),
    Field("kind", _("Kind"), ("тип", "тип дела", "тип задачи", "вид", "тип активности", "type", "activity type", "task type", "kind of activity"), limit=100),
    Field("subject", _("What to do"), ("тема", "название", "задача", "текст задачи", "дело", "текст", "name", "title", "task", "activity"), limit=1000),
    Field("due_at", _("When"), ("срок", "крайний срок", "дата", "срок выполнения", "дата и время", "начало", "дата начала", "выполнить до", "deadline", "due", "due date", "date", "start", "start date", "complete till"), kind="moment"),
    Field("done_at", _("Done on"), ("дата завершения", "завершено", "выполнено", "дата выполнения", "когда выполнено", "completed at", "done", "completed date", "end date"), kind="moment"),
    Field("done", _("Done or not"), ("завершена", "выполнена", "статус", "сделано", "статус задачи", "состояние", "завершено да/нет", "completed", "is completed", "status"), limit=60),
    Field("result", _("Result"), ("результат", "итог", "комментарий", "описание", "результат задачи", "result text", "outcome", "description", "comment", "comments", "notes"), kind="long"),
    *_OF,
    Field("direction", _("Direction"), ("направление", "направление звонка", "call direction", "входящий/исходящий"), limit=40),
    Field("reached", _("Reached"), ("дозвонились", "состоялся", "успешный", "answered", "success", "дозвон"), kind="flag"),
    Field("minutes", _("Length, minutes"), ("длительность", "продолжительность", "длительность, мин", "минут", "duration"), kind="number"),
    Field("owner", _("Responsible"), (*OWNERS, "исполнитель", "кто", "assignee", "user"), limit=150),
    _CREATED,
)  # fmt: skip

NOTE_FIELDS: Final = (
    _id("id примечания", "note id", "comment id"),
    Field("text", pgettext_lazy("of a note", "Text"), ("текст", "примечание", "комментарий", "заметка", "содержание", "note", "comment", "body", "content", "описание"), kind="long"),
    *_OF,
    Field("author", _("Author"), ("автор", "кем создано", "кем создана", "создал", "created by", *OWNERS), limit=150),
    Field("created_at", pgettext_lazy("of a record", "Created on"), (*CREATED, "дата", "date", "когда"), kind="moment"),
)  # fmt: skip

MORE_FIELDS: Final[dict[str, tuple[Field, ...]]] = {
    "companies": COMPANY_FIELDS,
    "people": PEOPLE_FIELDS,
    "products": PRODUCT_FIELDS,
    "activities": ACTIVITY_FIELDS,
    "notes": NOTE_FIELDS,
}
# All of these must be there.
MORE_REQUIRED: Final = {
    "companies": frozenset({"name"}),
    "people": frozenset[str](),
    "products": frozenset({"name"}),
    "activities": frozenset[str](),
    "notes": frozenset({"text"}),
}
# And at least one of these.
NEED_ONE: Final = {
    "deals": frozenset({"title", "company", "person", "product", "id"}),
    "people": frozenset({"name", "first_name", "last_name"}),
    "activities": frozenset({"due_at", "done_at"}),
    "notes": frozenset({"deal", "deal_id", "company", "company_id", "person", "person_id"}),
}
