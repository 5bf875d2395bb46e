"""Numbers that people see, counted per workspace."""

from __future__ import annotations

from django.db import connection

from voronka.core.tenancy import require_workspace_id


def next_numbers(kind: str, count: int = 1) -> int:
    """Take *count* consecutive numbers of *kind* and return the first.

    The row stays locked until the transaction ends, so take numbers late in it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO workspaces_counter (workspace_id, kind, value) VALUES (%s, %s, %s) "
            "ON CONFLICT (workspace_id, kind) DO UPDATE SET value = workspaces_counter.value + excluded.value "
            "RETURNING value",
            [require_workspace_id(), kind, count],
        )
        return cursor.fetchone()[0] - count + 1
