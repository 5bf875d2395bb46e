"""Summary columns of clients: written here for the room that owns the facts (`activities`), without events."""

from __future__ import annotations

import datetime as dt
from typing import Final

from voronka.clients.models import Company, Person


class _Unset:
    """Not given: leave the column as it is (None clears it)."""


UNSET: Final = _Unset()


def note_contacts(
    company_id: int,
    *,
    last_contact_at: dt.datetime | _Unset | None = UNSET,
    next_activity_at: dt.datetime | _Unset | None = UNSET,
) -> None:
    """Write when the client was last reached and when it is to be reached next."""
    given = {"last_contact_at": last_contact_at, "next_activity_at": next_activity_at}
    fields = {name: value for name, value in given.items() if value is not UNSET}
    if fields:
        Company.objects.filter(pk=company_id).update(**fields)


def note_person_contacts(person_id: int, *, last_contact_at: dt.datetime | None) -> None:
    """Write when the person was last reached."""
    Person.objects.filter(pk=person_id).update(last_contact_at=last_contact_at)
