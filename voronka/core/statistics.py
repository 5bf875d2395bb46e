"""The planner's statistics after a bulk load."""

from __future__ import annotations

from collections import Counter
from weakref import WeakKeyDictionary

from django.db import connection, models

# Fewer new rows than this do not change a plan.
MANY = 300
# Nor do fewer than this share of the table: a load in parts would else sample a large table again for every part.
SHARE = 0.1

# By connection: rows written to each table since its statistics were gathered there.
_written: WeakKeyDictionary[object, Counter[str]] = WeakKeyDictionary()


def analyze(*tables: type[models.Model], rows: int) -> None:
    """Gather statistics of *tables* after *rows* were written at once, where they have grown by a share worth it.

    Inside the transaction of a bulk load PostgreSQL still believes the tables to be as they were (often empty) and
    joins them row by row: minutes instead of a second.
    """
    if rows < MANY:
        return
    written = _written.setdefault(connection.connection, Counter())
    names = [table._meta.db_table for table in tables]
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, reltuples FROM pg_class WHERE oid = ANY(%s::regclass[])", [names])
        sizes = dict(cursor.fetchall())
        for name in names:
            written[name] += rows
            if written[name] >= SHARE * sizes.get(name, 0):
                cursor.execute(f'ANALYZE "{name}"')
                written[name] = 0
