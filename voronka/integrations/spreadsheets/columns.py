"""What a field of a file is, and the names that many kinds of files share."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from voronka.core.text import fold

Kind = Literal["text", "long", "moment", "day", "money", "number", "flag", "phones", "emails", "tags", "own"]


@dataclass(frozen=True)
class Field:
    """One field: its own name (always understood as a header), what it is called, other names of it.

    Names are compared folded, with underscores as spaces. The order of *names* is the order of preference when
    a file has several of them. *many*: several columns may be this field (phones, notes). *limit*: how long a
    text may be.
    """

    name: str
    label: object
    names: tuple[str, ...]
    help: object = ""
    kind: Kind = "text"
    many: bool = False
    limit: int = 250


_TURN: Final = re.compile(r" \(\d+\)$")


def header_key(header: str) -> str:
    """A header as it is compared."""
    return fold(header.replace("_", " ")).strip(" :*.")


def base_name(name: str) -> str:
    """The field of which `phones#2` is one more column."""
    return name.partition("#")[0]


def without_turn(header: str) -> str:
    """The title that a file repeats: «Бюджет» for «Бюджет (2)»."""
    return _TURN.sub("", header)


PHONES: Final = (
    "телефон", "телефоны", "рабочий телефон", "рабочий прямой телефон", "мобильный телефон", "мобильный", "моб. телефон",
    "домашний телефон", "другой телефон", "телефон для рассылок", "телефон компании", "телефон клиента", "телефон контакта",
    "контактный телефон", "номер телефона", "рабочий телефон (контакт)", "мобильный телефон (контакт)", "рабочий телефон (компания)",
    "phone", "mobile", "mobile phone", "work phone", "phone number", "home phone", "other phone", "tel",
)  # fmt: skip
EMAILS: Final = (
    "e-mail", "email", "emails", "почта", "эл. почта", "электронная почта", "рабочий email", "личный email", "другой email",
    "рабочий e-mail", "частный e-mail", "другой e-mail", "e-mail для рассылок", "email компании", "email контакта", "mail",
    "рабочий email (контакт)", "рабочий email (компания)", "email address", "work email", "адрес электронной почты",
)  # fmt: skip
MESSENGERS: Final = (
    "мессенджер", "telegram", "whatsapp", "viber", "skype", "контакт telegram", "контакт viber", "контакт skype", "телеграм",
    "мгн. сообщения", "icq", "messenger",
)  # fmt: skip
NOTES: Final = (
    "примечание",
    "примечание 1",
    "примечание 2",
    "примечание 3",
    "примечание 4",
    "примечание 5",
    "примечания",
    "заметки",
    "заметка",
)
TAGS: Final = ("теги", "тег", "метки", "tags", "теги сделки", "теги контакта", "теги компании", "labels")
OWNERS: Final = (
    "ответственный", "менеджер", "ответственный менеджер", "продавец", "сотрудник", "assigned by", "assigned by id", "responsible",
    "responsible user", "sales rep", "record owner", "account owner", "contact owner", "seller", "manager", "agent",
)  # fmt: skip
CREATED: Final = (
    "дата создания", "создано", "создан", "создана", "дата создания контакта", "дата создания компании", "когда создан", "created",
    "created at", "date create", "created date", "create date", "дата добавления",
)  # fmt: skip
IDS: Final = ("ид", "№", "код", "record id", "внешний код", "xml id", "external id", "guid", "uid")
SOURCES: Final = ("источник", "lead source", "канал", "рекламный канал", "channel")
