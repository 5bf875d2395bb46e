"""Writing millions of rows: numbers go to temporary tables as binary COPY, SQL makes rows of them.

A quarter of a large load would go to writing rows; the rest to indexes, row by row, and to asking of every row
whether what it refers to is there. So for a large load both are put aside and made anew at its end, when
PostgreSQL sorts and joins instead: the same refusals, for the whole table at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from django.db import connection, models, transaction

# Rows made into bytes at a time.
CHUNK = 200_000
EPOCH_2000 = 946_684_800_000_000  # microseconds from 1970 to where PostgreSQL counts from
NEVER = np.iinfo(np.int64).max  # «infinity» of a timestamptz; stands for NULL

Columns = Mapping[str, tuple[str, np.ndarray]]
_WIDTHS = {"bigint": ">i8", "timestamptz": ">i8", "date": ">i4", "smallint": ">i2"}


def stage(cursor: Any, name: str, columns: Columns) -> None:
    """Make the temporary table *name* of *columns* (name -> type, values); it goes with the transaction.

    Values are integers; of a timestamptz microseconds since 1970 or `NEVER`, of a date days since 2000.
    """
    types = {column: kind for column, (kind, _values) in columns.items()}
    # A second workspace may be made in one transaction (tests do).
    cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{name}")
    cursor.execute(
        f"CREATE TEMP TABLE {name} ({', '.join(f'{c} {t}' for c, t in types.items())}) ON COMMIT DROP"
    )
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    for column, kind in types.items():
        layout += [(f"{column}_length", ">i4"), (column, _WIDTHS[kind])]
    rows = len(next(iter(columns.values()))[1])
    with cursor.copy(f"COPY {name} FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(b"PGCOPY\n\xff\r\n\x00" + bytes(8))
        for start in range(0, rows, CHUNK):
            part = slice(start, min(start + CHUNK, rows))
            block = np.zeros(part.stop - part.start, dtype=layout)
            block["fields"] = len(types)
            for column, (kind, values) in columns.items():
                block[f"{column}_length"] = np.dtype(_WIDTHS[kind]).itemsize
                block[column] = _as_postgres(kind, values[part])
            copy.write(block.tobytes())
        copy.write(b"\xff\xff")
    cursor.execute(f"ANALYZE {name}")


def _as_postgres(kind: str, values: np.ndarray) -> np.ndarray:
    if kind != "timestamptz":
        return values
    return np.where(values == NEVER, NEVER, values - EPOCH_2000)


def reserve_ids(cursor: Any, model: type[models.Model], count: int) -> np.ndarray:
    """*count* ids of *model*'s sequence, ascending; nobody else gets them."""
    asked = f"SELECT nextval(pg_get_serial_sequence('{model._meta.db_table}', 'id')) FROM generate_series(1, {count})"
    with cursor.copy(f"COPY ({asked}) TO STDOUT (FORMAT BINARY)") as copy:
        data = b"".join(bytes(part) for part in copy)
    row = np.dtype([("fields", ">i2"), ("length", ">i4"), ("id", ">i8")])
    return np.sort(np.frombuffer(data, dtype=row, offset=19, count=count)["id"].astype(np.int64))


@contextmanager
def put_aside(cursor: Any, tables: Sequence[type[models.Model]], *, wanted: bool) -> Iterator[None]:
    """Keep indexes, exclusions and foreign keys of *tables* away while the block writes, then make them anew.

    Others wait for these tables until the transaction ends, so it is for measuring on a server of one's own.
    Primary keys and unique constraints stay: other tables refer to them.
    """
    if not wanted:
        yield
        return
    names = [table._meta.db_table for table in tables]
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute(
        """
        SELECT c.conrelid::regclass::text, quote_ident(c.conname), pg_get_constraintdef(c.oid)
        FROM pg_constraint c
        WHERE c.conrelid = ANY(SELECT to_regclass(t) FROM unnest(%s::text[]) t) AND c.contype IN ('f', 'x')
        ORDER BY c.contype DESC, c.conname
        """,
        [names],
    )
    constraints = cursor.fetchall()
    cursor.execute(
        """
        SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
        FROM pg_index i
        WHERE i.indrelid = ANY(SELECT to_regclass(t) FROM unnest(%s::text[]) t)
          AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype <> 'f')
        """,
        [names],
    )
    indexes = cursor.fetchall()
    for table, name, _definition in constraints:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for name, _definition in indexes:
        cursor.execute(f"DROP INDEX {name}")
    yield
    cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
    cursor.execute("SET LOCAL work_mem = '256MB'")
    for _name, definition in indexes:
        cursor.execute(definition)
    for name in names:
        cursor.execute(f"ANALYZE {name}")
    for table, name, definition in constraints:
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def tidy(tables: Sequence[type[models.Model]]) -> None:
    """Statistics for the planner, and the visibility map that index-only scans rest on.

    Inside a transaction (tests) only the statistics: VACUUM is refused there.
    """
    word = "ANALYZE" if transaction.get_connection().in_atomic_block else "VACUUM (ANALYZE)"
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"{word} {table._meta.db_table}")
