"""How an event reads on the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from voronka.journal.models import Event
from voronka.journal.registry import get_type


@dataclass(frozen=True)
class Told:
    """An event ready for a feed: sentence, longer text, icon, whether it can be undone.

    *silent*: it is about nothing but what the viewer may not see; there is no sentence then.
    """

    event: Event
    sentence: str
    body: str
    icon: str
    undoable: bool
    silent: bool = False


def tell(event: Event) -> Told:
    """Put *event* into words in the active language."""
    declared = get_type(event.type)
    whole = payload = declared.load(event.payload)
    if declared.kept is not None:
        payload = declared.kept(payload)
    if payload is None:
        return Told(event, "", "", "eye-off", undoable=False, silent=True)
    values: dict[str, Any] = declared.describe(payload)
    if event.type == "event.undone":
        values["what"] = _title(payload.what)
    return Told(
        event=event,
        sentence=gettext(declared.sentence).format(**values),
        body=declared.body(payload),
        icon=declared.icon(payload) if callable(declared.icon) else declared.icon,
        undoable=declared.undo is not None
        and event.undone_by_id is None
        and event.cause_id is None
        # Whoever does not see all of it does not take it back blindly.
        and payload is whole,
    )


def _title(type_name: str) -> str:
    """The name of a type: its sentence without the places."""
    return gettext(get_type(type_name).sentence).split("{")[0].strip(" :«")
