"""What every report is made of: a typed query, rules with sentences, rows in SQL, a typed result.

A report describes its rows once (`Rows`). The figures are aggregates over them and the list behind a figure is
the same rows under the figure's condition, so the two cannot disagree (architecture.md, 7).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction

from voronka.core.errors import Refused

T = TypeVar("T")


class Unanswerable(Refused):
    """The question makes no sense as asked; the message is a whole sentence that says what to change."""


@dataclass(frozen=True)
class Rule(Generic[T]):
    """One thing that must hold before a report is run: `broken(question)` and the sentence if it is."""

    name: str
    broken: Callable[[T], bool]
    sentence: Callable[[T], str]


def require(rules: Iterable[Rule[T]], question: T) -> None:
    """Raise `Unanswerable` with the sentence of the first rule that *question* breaks."""
    for rule in rules:
        if rule.broken(question):
            raise Unanswerable(rule.sentence(question), field=rule.name)


@dataclass(frozen=True)
class Sql:
    """A piece of SQL with its parameters (psycopg's `%s`)."""

    text: str
    params: tuple[Any, ...] = ()

    def __add__(self, other: Sql | str) -> Sql:
        if isinstance(other, str):
            return Sql(self.text + other, self.params)
        return Sql(self.text + other.text, self.params + other.params)

    def __radd__(self, other: str) -> Sql:
        return Sql(other + self.text, self.params)


def all_of(conditions: Iterable[Sql]) -> Sql:
    """The conditions joined by AND; «TRUE» for none."""
    joined = Sql("")
    for condition in conditions:
        joined = joined + (" AND (" if joined.text else "(") + condition + ")"
    return joined if joined.text else Sql("TRUE")


@dataclass(frozen=True)
class Rows:
    """A relation: a SELECT whose columns are named by the report that made it."""

    sql: Sql

    @classmethod
    def of(cls, queryset: Any, empty: str) -> Rows:
        """The rows of *queryset* (of `.values(...)`).

        *empty* lists the columns with their types («deal_id bigint, …») for a queryset that cannot have rows.
        """
        try:
            text, params = queryset.order_by().query.sql_with_params()
        except EmptyResultSet:
            columns = ", ".join(
                f"NULL::{kind} AS {name}" for name, kind in (c.split() for c in empty.split(", "))
            )
            return cls(Sql(f"SELECT {columns} WHERE FALSE"))
        return cls(Sql(text, tuple(params)))

    def select(self, columns: str | Sql, where: Sql | None = None, tail: str = "") -> Sql:
        """`SELECT columns FROM these rows AS r WHERE … tail`."""
        head = Sql("SELECT ") + columns if isinstance(columns, str) else "SELECT " + columns
        body = head + " FROM (" + self.sql + ") r"
        if where is not None:
            body = body + " WHERE " + where
        return body + (" " + tail if tail else "")

    def filter(self, where: Sql) -> Rows:
        return Rows(self.select("*", where))


@contextmanager
def reading() -> Iterator[None]:
    """One short transaction with the settings that suit reports.

    Compiling a plan costs more than it saves at these sizes, sorting should not go to disk, and the indexes made
    for reports are in memory: reading them is no more random than reading the table.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('jit', 'off', TRUE), set_config('work_mem', '64MB', TRUE),"
                " set_config('random_page_cost', '1.1', TRUE)"
            )
        yield


def fetch(sql: Sql) -> list[tuple[Any, ...]]:
    """All rows of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.params)
        return cursor.fetchall()


def fetch_one(sql: Sql) -> tuple[Any, ...]:
    """The first row of a statement that always has one."""
    return fetch(sql)[0]


def array(values: Sequence[int], kind: str = "bigint") -> Sql:
    """A PostgreSQL array literal of numbers."""
    return Sql(f"%s::{kind}[]", (list(values),))
