"""The planner's statistics after a bulk load."""

from __future__ import annotations

from django.db import connection, models

# Fewer new rows than this do not change a plan.
MANY = 300


def analyze(*tables: type[models.Model], rows: int) -> None:
    """Gather statistics of *tables* after *rows* were written at once.

    Inside the transaction of a bulk load PostgreSQL still believes the tables to be as they were (often empty) and
    joins them row by row: minutes instead of a second.
    """
    if rows < MANY:
        return
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'ANALYZE "{table._meta.db_table}"')
