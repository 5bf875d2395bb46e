"""Many new rows by COPY, where nobody asks for their ids: several times faster than INSERT."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any

from django.db import connection, models


def copy_objects(objects: Iterable[models.Model]) -> int:
    """Write unsaved objects of one model with plain columns (texts, numbers, dates, references); return how many.

    The objects do not learn their ids, and nothing but the database checks them.
    """
    rows = iter(objects)
    first = next(rows, None)
    if first is None:
        return 0
    fields = [field for field in first._meta.concrete_fields if not field.primary_key]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    names = [field.attname for field in fields]
    count = 0
    statement: Any = f'COPY "{first._meta.db_table}" ({columns}) FROM STDIN'
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in chain([first], rows):
            copy.write_row([getattr(row, name) for name in names])
            count += 1
    return count
