"""What a list knows of a subject: its fields, each with how it is filtered, sorted, shown and summed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils.functional import Promise

if TYPE_CHECKING:
    from voronka.desk.lists.conditions import Condition
    from voronka.workspaces.models import Member

Option = tuple[Any, Any]  # value, text


class Kind(StrEnum):
    """What a field holds: it decides the operators, the value picker, the look of a cell and its cell in a file."""

    TEXT = "text"
    LONGTEXT = "longtext"
    PHONE = "phone"
    EMAIL = "email"
    LINK = "link"
    NUMBER = "number"
    MONEY = "money"
    PERCENT = "percent"
    DAYS = "days"
    DATE = "date"
    MOMENT = "moment"
    FLAG = "flag"
    CHOICE = "choice"
    CHOICES = "choices"
    DICTIONARY = "dictionary"
    MEMBER = "member"
    TEAM = "team"
    COMPANY = "company"
    PERSON = "person"
    DEAL = "deal"
    TAGS = "tags"


NUMBERS = frozenset({Kind.NUMBER, Kind.MONEY, Kind.PERCENT, Kind.DAYS})
TIMES = frozenset({Kind.DATE, Kind.MOMENT})
TEXTS = frozenset({Kind.TEXT, Kind.LONGTEXT, Kind.PHONE, Kind.EMAIL, Kind.LINK})
ONE_OF = frozenset(
    {Kind.CHOICE, Kind.DICTIONARY, Kind.MEMBER, Kind.TEAM, Kind.COMPANY, Kind.PERSON, Kind.DEAL}
)
SEVERAL_OF = frozenset({Kind.CHOICES, Kind.TAGS})


@dataclass(frozen=True)
class Links:
    """Values that stand in a table of their own: `rows()` are its rows, `back` points to the subject."""

    rows: Callable[[], Any]
    back: str
    value: str


@dataclass(frozen=True)
class Field:
    """One field of a subject.

    `column`    what is filtered by: an ORM path (for a related object the path of its id), or an expression.
    `sort`      what is sorted by, where that differs (a name instead of an id); "" is the column.
    `nullable`  whether that may be empty: empty values come last whichever way one sorts.
    `options`   what one may choose: (value, text); `source` names a remote list instead ("companies", "people").
    `names`     texts of given values, the archived included; from `options` where missing.
    `links`     values that are many to one row, in a table of their own (tags, phones).
    `condition` makes the condition by itself, where the kind's usual one does not fit.
    `show`      row -> the cell's value: a text, number, date, or list of texts; the attribute `name` by default.
    `raw`       row -> the value as an editor posts it; the attribute `name` (its id) by default.
    `currency`  row -> the currency of a sum; the workspace's by default.
    `related`, `prefetch`  what `show` needs with the row.
    `total`     summed in the foot. `editable`: changed in the cell through the room's verb.
    `rests_on`  fields of which this one tells: it is hidden with any of them.
    """

    name: str
    label: str | Promise
    kind: Kind
    column: Any = ""
    sort: Any = ""
    nullable: bool = True
    options: Callable[[], Iterable[Option]] | None = None
    names: Callable[[list[str]], dict[str, str]] | None = None
    source: str = ""
    links: Links | None = None
    condition: Callable[[Condition, Member | None], Q] | None = None
    ops: tuple[str, ...] = ()
    show: Callable[[Any], Any] | None = None
    raw: Callable[[Any], Any] | None = None
    currency: Callable[[Any], str] | None = None
    related: tuple[str, ...] = ()
    prefetch: tuple[Any, ...] = ()
    sortable: bool = True
    filterable: bool = True
    listed: bool = True
    editable: bool = False
    default: bool = False
    total: bool = False
    group: str | Promise = ""
    width: int = 160
    is_custom: bool = False
    rests_on: tuple[str, ...] = ()

    @property
    def is_number(self) -> bool:
        """Whether cells are aligned to the right."""
        return self.kind in NUMBERS

    @property
    def order(self) -> Any:
        """The path or expression that sorts."""
        return self.sort or self.column

    def value_of(self, row: Any) -> Any:
        """The cell's value of *row*."""
        return self.show(row) if self.show else getattr(row, self.name, None)

    @property
    def merging_model(self) -> Any:
        """The model whose ids the values are, if its rows are merged into one another; None for others."""
        model = self.names.model if isinstance(self.names, NamesIn) else None
        return model if model is not None and hasattr(model, "merged_into_id") else None

    def readonly(self) -> Field:
        """The same, not to be changed in the cell."""
        return replace(self, editable=False)

    def texts_of(self, values: list[str]) -> dict[str, str]:
        """Texts of chosen values; a value that is nowhere to be found is left out."""
        if self.names is not None:
            return self.names(values)
        if self.options is not None:
            return {str(value): str(text) for value, text in self.options()}
        return {}


@dataclass(frozen=True)
class NamesIn:
    """Texts of ids out of *model*, whatever their state."""

    model: Any

    def __call__(self, values: list[str]) -> dict[str, str]:
        ids = ids_among(values)
        return {str(row.pk): str(row) for row in self.model.objects.filter(pk__in=ids)} if ids else {}


def names_in(model: Any) -> NamesIn:
    """Texts of ids out of *model*, whatever their state."""
    return NamesIn(model)


def ids_among(values: Iterable[str]) -> list[int]:
    """The ids among chosen values: «me» and «not given» are none."""
    return [int(value) for value in values if value.isascii() and value.isdecimal() and len(value) < 19]


def entries_of(model: Any, **lookup: Any) -> Callable[[], list[Option]]:
    """The entries in use of a dictionary."""
    return lambda: [(row.pk, str(row)) for row in model.objects.filter(archived_at=None, **lookup)]
