"""What a column of a deals file may hold, and by which names such columns go in the world."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.integrations.spreadsheets.columns import (
    EMAILS,
    NOTES,
    PHONES,
    TAGS,
    Field,
    base_name,
    header_key,
    without_turn,
)
from voronka.integrations.spreadsheets.more_fields import MORE_FIELDS, MORE_REQUIRED
from voronka.integrations.spreadsheets.own_fields import own_fields

DEAL_FIELDS: Final = (
    Field(
        "id",
        _("Number in the file"),
        ("deal id", "opportunity id", "record id", "lead id", "id сделки", "номер сделки", "ид", "№ сделки", "номер", "№", "код"),
        _("By it the same file brought again updates the deals and does not double them."),
    ),
    Field(
        "title",
        _("Name of the deal"),
        (
            "название сделки", "сделка", "название", "наименование сделки", "наименование", "deal name", "deal title",
            "opportunity name", "name", "deal", "тема", "лид", "название лида",
        ),
    ),
    Field(
        "amount",
        _("Sum"),
        (
            "сумма", "бюджет", "сумма сделки", "бюджет сделки", "close value", "deal value", "deal amount", "value", "opportunity",
            "price", "budget", "стоимость", "цена сделки", "сумма, руб.", "сумма, руб", "сумма (руб.)", "бюджет ₽", "бюджет, руб.",
            "revenue",
        ),
    ),
    Field("currency", _("Currency"), ("валюта", "currency id", "валюта сделки", "deal currency")),
    Field(
        "company",
        _("Client"),
        (
            "компания", "клиент", "контрагент", "организация", "заказчик", "покупатель", "название компании", "компания контакта",
            "account", "account name", "company name", "client", "customer", "company title", "organization",
        ),
    ),
    Field(
        "person",
        _("Contact person"),
        (
            "контакт", "контактное лицо", "полное имя контакта", "имя контакта", "основной контакт", "фио", "contact",
            "contact name", "contact person", "full name",
        ),
    ),
    Field("product", _("Product"), ("товар", "продукт", "услуга", "номенклатура", "product name", "item", "service")),
    Field(
        "owner",
        _("Responsible"),
        (
            "ответственный", "менеджер", "ответственный менеджер", "продавец", "сотрудник", "sales agent", "assigned by",
            "assigned by id", "responsible", "responsible user", "sales rep", "deal owner", "opportunity owner", "seller",
            "manager", "agent",
        ),
    ),
    Field(
        "stage",
        _("Stage"),
        (
            "этап сделки", "стадия сделки", "этап", "стадия", "статус сделки", "статус", "deal stage", "stage name", "stage id",
            "sales stage", "pipeline stage", "status",
        ),
    ),
    Field("funnel", _("Funnel"), ("воронка", "направление", "pipeline", "pipeline name", "category", "воронка продаж")),
    Field(
        "opened_at",
        _("Opened on"),
        (
            "дата создания сделки", "дата создания", "создана", "создано", "дата открытия", "открыта", "дата начала", "дата заведения",
            "дата", "engage date", "created", "created at", "created date", "create date", "creation date", "date create",
            "open date", "opened", "start date", "begindate", "date",
        ),
    ),
    Field(
        "expected_close",
        pgettext_lazy("of a deal", "Expected close"),
        (
            "предполагаемая дата закрытия", "ожидаемая дата закрытия", "плановая дата закрытия", "план закрытия", "дата план",
            "expected close date", "expected closing", "forecast close date",
        ),
    ),
    Field("outcome", _("Outcome"), ("исход", "результат", "итог", "результат сделки", "result", "deal outcome", "won/lost")),
    Field(
        "closed_at",
        _("Closed on"),
        (
            "дата закрытия", "дата закрытия сделки", "закрыта", "дата завершения", "завершена", "close date", "closed date",
            "closed", "closedate", "closing date", "end date",
        ),
    ),
    Field(
        "lost_reason",
        _("Reason of refusal"),
        (
            "причина отказа", "причина проигрыша", "причина потери", "причина закрытия", "причина", "loss reason", "lost reason",
            "closed lost reason", "reason",
        ),
    ),
    Field("source", _("Source"), ("источник", "источник сделки", "канал", "рекламный канал", "lead source", "deal source", "channel")),
    Field("comment", _("Comment"), ("комментарий", "описание", "комментарии", "comments", "note", "notes", "description")),
    Field("inn", _("INN of the client"), ("инн", "инн компании", "инн клиента", "inn", "vat id"), limit=12),
    Field("person_first", _("First name"), ("имя", "first name"), limit=100),
    Field("person_middle", _("Middle name"), ("отчество", "second name", "middle name"), limit=100),
    Field("person_last", _("Last name"), ("фамилия", "last name"), limit=100),
    Field("person_post", _("Post of the contact person"), ("должность", "должность контакта", "position", "job title"), limit=150),
    Field("phones", _("Phones of the client"), PHONES, kind="phones", many=True),
    Field("emails", _("E-mails of the client"), EMAILS, kind="emails", many=True),
    Field("notes", _("Notes"), NOTES, kind="long", many=True),
    Field("tags", _("Tags"), TAGS, kind="tags", many=True),
    Field("changed_at", _("Changed on"), ("дата изменения", "дата редактирования", "date modify", "updated at", "modified")),
    Field("price", _("Price of the product"), ("цена", "цена товара", "unit price")),
    Field("quantity", _("Quantity of the product"), ("количество", "кол-во", "quantity", "qty")),
)  # fmt: skip

HISTORY_FIELDS: Final = (
    Field("deal_id", _("Number of the deal"), ("deal id", "id сделки", "номер сделки", "opportunity id", "id", "№", "ид")),
    Field(
        "stage",
        _("Stage"),
        ("этап", "стадия", "этап сделки", "стадия сделки", "статус", "deal stage", "stage name", "to stage", "new stage", "status"),
    ),
    Field(
        "entered_at",
        _("Entered on"),
        ("дата", "вошла", "дата перехода", "дата входа", "когда", "entered", "entered at", "date", "at", "moment", "timestamp",
         "changed at"),
    ),
)  # fmt: skip

FIELDS: Final[dict[str, tuple[Field, ...]]] = {"deals": DEAL_FIELDS, "history": HISTORY_FIELDS, **MORE_FIELDS}
# What must be found in the file for anything to come of it.
REQUIRED: Final = {
    "deals": frozenset[str](),
    "history": frozenset({"deal_id", "stage", "entered_at"}),
    **MORE_REQUIRED,
}


def fields_for(kind: str) -> tuple[Field, ...]:
    """What a column of a file of *kind* may be here: the fields of the house and the company's own."""
    return (*FIELDS[kind], *own_fields(kind))


def match(headers: Iterable[str], kind: str) -> dict[str, str]:
    """Field → header, for those headers that go by a known name. *kind* is a key of `FIELDS`.

    Our own names come first: a file that uses them is read as it says, whatever else is in it. A field that
    holds several things (phones) takes every column of its names, and a column that comes twice under one name
    stands for the field twice: such further columns are named `phones#2`, `phones#3`.
    """
    headers = list(headers)
    by_key: dict[str, str] = {}
    for header in headers:
        by_key.setdefault(header_key(header), header)
    found: dict[str, str] = {}
    taken: set[str] = set()
    fields = fields_for(kind)
    for field in fields:
        if own := by_key.get(header_key(field.name)):
            found[field.name] = own
            taken.add(own)
    for field in fields:
        for name in field.names if field.many or field.name not in found else ():
            header = by_key.get(header_key(name), "")
            if header and header not in taken:
                found[_free(found, field.name)] = header
                taken.add(header)
                if not field.many:
                    break
    titles = {header_key(title): base_name(name) for name, title in found.items()}
    for header in headers:
        # «Бюджет (2)»: the same title for the second time.
        first = titles.get(header_key(without_turn(header)))
        if first and header not in taken and without_turn(header) != header:
            found[_free(found, first)] = header
            taken.add(header)
    return found


def _free(found: dict[str, str], name: str) -> str:
    turn, free = 1, name
    while free in found:
        turn += 1
        free = f"{name}#{turn}"
    return free


def numbered(chosen: Iterable[tuple[str, str]]) -> dict[str, str]:
    """`(field, header)` as they were chosen, further columns of one field numbered as `match` does."""
    found: dict[str, str] = {}
    for name, header in chosen:
        found[_free(found, name)] = header
    return found


def field_of(kind: str, name: str) -> Field:
    """The field *name* (`phones#2` is `phones`). Raises `KeyError`."""
    wanted = base_name(name)
    for field in fields_for(kind):
        if field.name == wanted:
            return field
    raise KeyError(name)


def label_of(kind: str, name: str) -> str:
    """What the field is called in the reader's language."""
    return str(field_of(kind, name).label)


__all__ = [
    "DEAL_FIELDS", "FIELDS", "HISTORY_FIELDS", "REQUIRED", "Field", "base_name", "field_of", "fields_for", "header_key", "label_of", "match",
    "numbered",
]  # fmt: skip
