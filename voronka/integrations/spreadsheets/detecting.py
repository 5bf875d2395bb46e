"""What a file is: which system wrote it and what it holds, told by its headers and first values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext_lazy as _

from voronka.core.spreadsheets import Table
from voronka.core.text import clean, fold
from voronka.integrations.spreadsheets.columns import base_name, header_key
from voronka.integrations.spreadsheets.fields import FIELDS, REQUIRED, match
from voronka.integrations.spreadsheets.more_fields import NEED_ONE

# In the order in which they depend on one another: what comes later refers to what came before.
SUBJECTS: Final = {
    "products": _("Products"),
    "companies": _("Companies"),
    "people": _("People"),
    "deals": _("Deals"),
    "activities": _("Activities"),
    "notes": _("Notes"),
}
# By what things were known again.
MATCHED: Final = {
    "id": _("known by number"),
    "inn": _("known by INN"),
    "contact": _("known by phone or e-mail"),
    "name": _("known by name"),
    "sku": _("known by article"),
}
SYSTEMS: Final = {"amocrm": "amoCRM", "bitrix24": _("Bitrix24"), "vcard": "vCard", "file": _("a table")}


@dataclass(frozen=True)
class Found:
    """One subject of a file. *only*: the column and its value that tell its rows from those of others."""

    subject: str
    system: str
    only: dict[str, str] = field(default_factory=dict)


# Headers that only one kind of export has: system, subject, all of these.
_EXPORTS: Final[tuple[tuple[str, str, frozenset[str]], ...]] = (
    ("amocrm", "deals", frozenset({"этап сделки", "название сделки", "ответственный"})),
    ("amocrm", "deals", frozenset({"этап сделки", "полное имя контакта"})),
    ("amocrm", "people", frozenset({"полное имя контакта", "дата создания контакта"})),
    ("amocrm", "people", frozenset({"полное имя контакта", "кем создан контакт"})),
    ("bitrix24", "deals", frozenset({"стадия сделки", "название сделки"})),
    ("bitrix24", "deals", frozenset({"stage id", "opportunity", "title"})),
    ("bitrix24", "deals", frozenset({"название лида", "статус"})),
    ("bitrix24", "companies", frozenset({"название компании", "тип компании"})),
    ("bitrix24", "companies", frozenset({"название компании", "сфера деятельности", "кол-во сотрудников"})),
    ("bitrix24", "people", frozenset({"имя", "фамилия", "тип контакта"})),
    ("bitrix24", "people", frozenset({"имя", "фамилия", "отчество", "id", "рабочий e-mail"})),
)
_PEOPLE_WORDS: Final = frozenset({"контакт", "contact", "person", "человек"})
_COMPANY_WORDS: Final = frozenset({"компания", "company", "организация"})
# Headers that speak for a subject when no system is recognised.
_SIGNS: Final[dict[str, frozenset[str]]] = {
    "deals": frozenset({
        "stage", "outcome", "amount", "opened at", "closed at", "lost reason", "этап", "стадия", "этап сделки", "стадия сделки",
        "сумма", "бюджет", "воронка", "deal stage", "close value", "engage date", "close date", "opportunity id", "expected close",
        "название сделки", "сделка",
    }),
    "companies": frozenset({
        "инн", "кпп", "огрн", "inn", "kpp", "ogrn", "legal name", "юридический адрес", "оквэд", "полное наименование", "сфера деятельности",
        "сегмент", "segment", "industry", "sector", "отрасль", "employees", "контрагент", "наименование организации",
    }),
    "people": frozenset({
        "фио", "ф.и.о", "имя", "фамилия", "отчество", "first name", "last name", "должность", "job title", "birthday", "дата рождения",
        "полное имя", "full name", "middle name", "день рождения",
    }),
    "products": frozenset({
        "артикул", "sku", "ед. изм", "единица измерения", "unit", "price", "цена", "sales price", "номенклатура", "товар", "product",
        "unit price", "группа товаров",
    }),
    "activities": frozenset({
        "due at", "done at", "срок", "крайний срок", "тип дела", "тип задачи", "activity type", "deadline", "result", "результат",
        "завершена", "выполнена", "длительность", "direction", "направление звонка", "тема", "task", "duration", "задача",
    }),
    "notes": frozenset({"text", "текст", "примечание", "заметка", "note", "author", "автор", "body"}),
}  # fmt: skip


def is_history(header: Sequence[str]) -> bool:
    """Whether the table tells when deals entered their stages."""
    keys = {header_key(title) for title in header}
    if REQUIRED["history"] <= {name.replace(" ", "_") for name in keys}:
        return True
    found = match(header, "history")
    return len(header) <= 4 and REQUIRED["history"] <= set(found)


def system_of(header: Sequence[str]) -> str:
    """Which system the file comes from, by its headers: its ids are that system's own."""
    keys = {header_key(title) for title in header}
    return next((system for system, _subject, signs in _EXPORTS if signs <= keys), "file")


def detect(table: Table) -> list[Found]:
    """What the table holds: one subject, or two when a column tells contacts from companies (amoCRM)."""
    header = table.header
    keys = {header_key(title): title for title in header}
    if table.encoding is not None and table.delimiter == "vcard":
        return [Found("people", "vcard")]
    for system, subject, signs in _EXPORTS:
        if signs <= set(keys):
            if system == "amocrm" and subject == "people" and "тип" in keys:
                return _mixed(table, keys["тип"])
            return [Found(subject, system)]
    return [Found(_likeliest(header), "file")]


def _mixed(table: Table, column: str) -> list[Found]:
    place = table.header.index(column)
    met = dict.fromkeys(clean(row.cells[place], 60) for row in table.rows())
    found = []
    for value in met:
        if fold(value) in _COMPANY_WORDS:
            found.append(Found("companies", "amocrm", {"column": column, "value": value}))
        elif fold(value) in _PEOPLE_WORDS:
            found.append(Found("people", "amocrm", {"column": column, "value": value}))
    return found or [Found("people", "amocrm")]


def _likeliest(header: Sequence[str]) -> str:
    """The subject of which the headers speak most; deals when nothing speaks for another."""
    keys = {header_key(title) for title in header}
    best, most = "deals", 0.0
    for subject, signs in _SIGNS.items():
        columns = match(header, subject)
        names = {base_name(name) for name in columns}
        one_of = NEED_ONE.get(subject, frozenset[str]())
        if not REQUIRED[subject] <= names or (one_of and not one_of & names):
            continue
        own = {field.name.replace("_", " ") for field in FIELDS[subject]}
        score = 3 * len(keys & signs) + len(names) / 2 + len(keys & own)
        if score > most:
            best, most = subject, score
    return best
