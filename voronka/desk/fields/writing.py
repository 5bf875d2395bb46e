"""Values of one field in all rows of its subject: read, written in batches, kept beside an event for undo."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _
from psycopg.types.json import Jsonb

from voronka.core.errors import Refused
from voronka.core.tenancy import require_workspace_id
from voronka.desk.fields.registry import get_subject
from voronka.desk.fields.values import LOCK
from voronka.desk.models import Kept

BATCH = 2000
Values = dict[int, Any]


def hold_alone() -> None:
    """Wait until nobody writes values of own fields, and let nobody do so until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, require_workspace_id()])


def kept_values(subject: str, key: str, where: Q | None = None) -> Values:
    """Row id -> stored value of the field, for the rows that have one; deleted rows too."""
    rows = get_subject(subject).model.objects.exclude(custom={}).filter(custom__has_key=key)
    if where is not None:
        rows = rows.filter(where)
    return dict(rows.order_by().values_list("pk", f"custom__{key}"))


def used(subject: str) -> dict[str, int]:
    """Key -> how many rows say something in that field."""
    table = get_subject(subject).model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT key, count(*) FROM {table}, jsonb_object_keys(custom) AS key "
            "WHERE workspace_id = %s AND custom <> '{}' GROUP BY key",
            [require_workspace_id()],
        )
        return dict(cursor.fetchall())


def write_values(subject: str, key: str, values: Mapping[int, Any]) -> None:
    """Let each row say its value from *values* (row id -> stored form; None takes it away)."""
    table = get_subject(subject).model._meta.db_table
    with connection.cursor() as cursor:
        for batch in _batches(values.items()):
            cursor.execute(
                f"UPDATE {table} AS t SET version = version + 1, custom = CASE WHEN v.value = 'null'::jsonb "
                "THEN t.custom - %s ELSE t.custom || jsonb_build_object(%s, v.value) END "
                "FROM unnest(%s::bigint[], %s::jsonb[]) AS v (id, value) "
                "WHERE t.workspace_id = %s AND t.id = v.id",
                [key, key, [pk for pk, _v in batch], [Jsonb(v) for _pk, v in batch], require_workspace_id()],
            )


def keep(event: Any, subject: str, key: str, before: Mapping[int, Any], after: Mapping[int, Any]) -> None:
    """Keep beside *event* what the rows said before and say after."""
    Kept.objects.bulk_create(
        Kept(
            event=event,
            place=f"{subject}.{key}",
            data=[[pk, value, after.get(pk)] for pk, value in batch],
        )
        for batch in _batches(before.items())
    )


def require_unchanged(event: Any, subject: str, key: str) -> Values:
    """What the rows said before *event*; raises `Refused` when one of them was changed since."""
    rows = [row for kept in Kept.objects.filter(event=event) for row in kept.data]
    model = get_subject(subject).model
    for batch in _batches(rows):
        present = dict(
            model.objects.select_for_update()
            .filter(pk__in=[pk for pk, _before, _after in batch])
            .order_by("pk")
            .values_list("pk", "custom")
        )
        for pk, _before, after in batch:
            if pk in present and present[pk].get(key) != after:
                raise Refused(_("Some of these values were changed since, so this cannot be undone."))
    return {pk: before for pk, before, _after in rows}


def _batches(items: Iterable[Any]) -> Iterable[Any]:
    rest = iter(items)
    while batch := list(islice(rest, BATCH)):
        yield batch
