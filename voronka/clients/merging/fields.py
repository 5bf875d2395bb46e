"""The fields of two cards side by side: what each says, and which of them to keep if nobody chooses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from voronka.clients.models import Company
from voronka.clients.telling import EMPTY, shown
from voronka.core.edits import PREFIX, jsonable
from voronka.desk.fields.models import CustomField
from voronka.desk.fields.values import told
from voronka.workspaces.models import Member

COMPANY = (
    "name",
    "legal_name",
    "inn",
    "kpp",
    "ogrn",
    "owner",
    "segment",
    "source",
    "size",
    "region",
    "industry",
    "okved",
    "site",
    "address",
    "legal_address",
    "is_key",
)
PERSON = ("name", "owner", "birthday", "source", "about")


@dataclass(frozen=True)
class Compared:
    """One field of both: `left` and `right` are words; `takes_right`: the right one is the better guess."""

    name: str
    label: str
    left: str
    right: str
    takes_right: bool

    @property
    def differs(self) -> bool:
        return self.left != self.right


def names_of(client: Any) -> list[str]:
    """Every field that can be chosen when cards like *client* are merged, own ones as `x_<key>`."""
    built_in = COMPANY if isinstance(client, Company) else PERSON
    kind = "company" if isinstance(client, Company) else "person"
    own = CustomField.objects.filter(subject=kind, archived_at=None).order_by("order", "id")
    return [*built_in, *(f"{PREFIX}{field.key}" for field in own)]


def raw(client: Any, name: str) -> Any:
    """The value of the field as an event keeps it."""
    if name.startswith(PREFIX):
        return client.custom.get(name.removeprefix(PREFIX))
    return jsonable(getattr(client, client._meta.get_field(name).attname))


def is_empty(value: Any) -> bool:
    return value in (None, "", False, [])


def compare(left: Any, right: Any, member: Member | None = None) -> list[Compared]:
    """Both cards field by field, as *member* may read them; where the left one is empty, the right one's is better."""
    kind = "company" if isinstance(left, Company) else "person"
    fields = list(CustomField.objects.filter(subject=kind, archived_at=None))
    own = {f"{PREFIX}{field.key}": field for field in fields}
    words = told(
        [(field, raw(client, name)) for name, field in own.items() for client in (left, right)], member
    )
    texts = {name: words[2 * at : 2 * at + 2] for at, name in enumerate(own)}
    hidden = member.hidden_fields(kind) if member is not None else ()
    return [
        Compared(
            name=name,
            label=own[name].label if name in own else label_of(left, name),
            left=(texts.get(name) or [text(left, name), ""])[0],
            right=(texts.get(name) or ["", text(right, name)])[1],
            takes_right=is_empty(raw(left, name)) and not is_empty(raw(right, name)),
        )
        for name in names_of(left)
        if name not in hidden
    ]


def label_of(client: models.Model, name: str) -> str:
    """What a built-in field is called."""
    if name == "owner":
        return _("Responsible")
    return str(client._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def text(client: models.Model, name: str) -> str:
    """The value in words; "" for none."""
    field = client._meta.get_field(name)
    value = getattr(client, name)
    if field.is_relation:
        return "" if value is None else str(value)
    words = shown(type(client), name, jsonable(value))
    return "" if words == EMPTY else words
