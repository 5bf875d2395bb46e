"""How events of clients tell what their fields were."""

from __future__ import annotations

from typing import Any

from voronka.clients.models import Company, Person
from voronka.clients.telling import EMPTY, shown
from voronka.journal.past import Changed, Reader, register_past


def _of(model: Any) -> Reader:
    def read(payload: Any, field: str) -> Changed | None:
        attname = next((name for name in (field, f"{field}_id") if name in payload.changes), None)
        if attname is None:
            return None
        was, now = payload.changes[attname]
        texts = payload.texts.get(attname) or [shown(model, attname, value) for value in (was, now)]
        return Changed(was, now, texts[0] or EMPTY, texts[1] or EMPTY)

    return read


register_past("company", "company.edited", read=_of(Company))
register_past("person", "person.edited", read=_of(Person))
