"""What a column of a deals file may hold, and by which names such columns go in the world."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.core.text import fold


@dataclass(frozen=True)
class Field:
    """One field: its own name (always understood as a header), what it is called, other names of it.

    Names are compared folded, with underscores as spaces. The order of *names* is the order of preference when
    a file has several of them.
    """

    name: str
    label: object
    names: tuple[str, ...]
    help: object = ""


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
    Field(
        "comment", _("Comment"), ("комментарий", "примечание", "описание", "комментарии", "comments", "note", "notes", "description")
    ),
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

FIELDS: Final = {"deals": DEAL_FIELDS, "history": HISTORY_FIELDS}
# What must be found in the file for anything to come of it.
REQUIRED: Final = {
    "deals": frozenset[str](),
    "history": frozenset({"deal_id", "stage", "entered_at"}),
}


def header_key(header: str) -> str:
    """A header as it is compared."""
    return fold(header.replace("_", " ")).strip(" :*.")


def match(headers: Iterable[str], kind: str) -> dict[str, str]:
    """Field → header, for those headers that go by a known name. *kind* is a key of `FIELDS`.

    Our own names come first: a file that uses them is read as it says, whatever else is in it.
    """
    by_key: dict[str, str] = {}
    for header in headers:
        by_key.setdefault(header_key(header), header)
    found: dict[str, str] = {}
    taken: set[str] = set()
    for field in FIELDS[kind]:
        if own := by_key.get(header_key(field.name)):
            found[field.name] = own
            taken.add(own)
    for field in FIELDS[kind]:
        for name in field.names if field.name not in found else ():
            header = by_key.get(header_key(name), "")
            if header and header not in taken:
                found[field.name] = header
                taken.add(header)
                break
    return found


def label_of(kind: str, name: str) -> str:
    """What the field is called in the reader's language."""
    return next(str(field.label) for field in FIELDS[kind] if field.name == name)


def system_of(headers: Iterable[str]) -> str:
    """Which system the file comes from, by its headers: its ids are that system's own."""
    keys = {header_key(header) for header in headers}
    if {"этап сделки", "полное имя контакта"} <= keys or {"этап сделки", "кем создана сделка"} <= keys:
        return "amocrm"
    if {"стадия сделки", "название сделки"} <= keys or {"stage id", "opportunity", "title"} <= keys:
        return "bitrix24"
    return "file"
