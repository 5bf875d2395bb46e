"""Event types: each is declared once, with its sentence, icon and what is to be done about it.

    @event_type("deal.won", icon="trophy", sentence=_("Won: {amount}"), undo=undo_close)
    @dataclass(frozen=True)
    class DealWon:
        amount: str | None

The payload class *is* the schema: only JSON values (str, int, bool, None, lists and dicts of them).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from voronka.journal.models import Event

Listener = Callable[["Event", Any], None]
Undo = Callable[["Event", Any, Any], None]


@dataclass
class EventType:
    """A declared type of event.

    `icon`      name of an icon, or payload -> name.
    `sentence`  lazy text with `{field}` places filled from `describe(payload)`.
    `describe`  payload -> values for the sentence (default: the payload's own fields).
    `body`      payload -> longer text shown under the sentence ("" for none).
    `kept`      payload -> payload without what the present viewer may not see; None when nothing of it is left.
    `undo`      undo(event, payload, actor): reverses what the verb wrote or raises `Refused`; None if it can't be.
    `left_house` payload -> sentence naming what cannot be called back (a sent letter), "" if nothing.
    `notify`    listed in the bell of the people concerned; `webhook`: offered to subscribers.
    `personal`  names of payload fields that are blanked when a person's data is erased.
    `quiet`     not shown in feeds (audit only).
    """

    name: str
    payload_class: type
    sentence: Any
    icon: str | Callable[[Any], str]
    describe: Callable[[Any], dict[str, Any]]
    body: Callable[[Any], str]
    kept: Callable[[Any], Any] | None = None
    undo: Undo | None = None
    left_house: Callable[[Any], str] | None = None
    notify: bool = False
    webhook: bool = True
    personal: tuple[str, ...] = ()
    quiet: bool = False
    consequences: list[Listener] = field(default_factory=list)
    effects: list[Callable[[Event, Any], None]] = field(default_factory=list)

    def load(self, payload: dict[str, Any]) -> Any:
        """Build the payload object, tolerating fields that an older version did not write."""
        names = {f.name for f in dataclasses.fields(self.payload_class)}
        return self.payload_class(**{k: v for k, v in payload.items() if k in names})


_types: dict[str, EventType] = {}
_by_class: dict[type, EventType] = {}
P = TypeVar("P", bound=type)


def event_type(
    name: str,
    *,
    sentence: Any,
    icon: str | Callable[[Any], str],
    describe: Callable[[Any], dict[str, Any]] | None = None,
    body: Callable[[Any], str] | None = None,
    kept: Callable[[Any], Any] | None = None,
    undo: Undo | None = None,
    left_house: Callable[[Any], str] | None = None,
    notify: bool = False,
    webhook: bool = True,
    personal: Iterable[str] = (),
    quiet: bool = False,
) -> Callable[[P], P]:
    """Declare the payload dataclass as the event type *name* (`subject.happened`)."""

    def declare(payload_class: P) -> P:
        if name in _types:
            raise ValueError(f"event type {name} is declared twice")
        declared = EventType(
            name=name,
            payload_class=payload_class,
            sentence=sentence,
            icon=icon,
            describe=describe or dataclasses.asdict,
            body=body or (lambda payload: ""),
            kept=kept,
            undo=undo,
            left_house=left_house,
            notify=notify,
            webhook=webhook,
            personal=tuple(personal),
            quiet=quiet,
        )
        _types[name] = declared
        _by_class[payload_class] = declared
        return payload_class

    return declare


def get_type(name: str) -> EventType:
    """The declared type; `KeyError` for an undeclared one: silence would hide a mistake."""
    return _types[name]


def type_of(payload: Any) -> EventType:
    """The declared type of a payload object."""
    return _by_class[type(payload)]


def all_types() -> list[EventType]:
    """Every declared type, by name."""
    return [_types[name] for name in sorted(_types)]


def quiet_types() -> list[str]:
    """Names of the types that only the audit shows."""
    return [declared.name for declared in all_types() if declared.quiet]


def on(*names: str) -> Callable[[Listener], Listener]:
    """Consequence: `listener(event, payload)` runs inside the transaction, in declared order, and may refuse."""

    def register(listener: Listener) -> Listener:
        for name in names:
            get_type(name).consequences.append(listener)
        return listener

    return register


def effect(*names: str) -> Callable[[Listener], Listener]:
    """Effect: `deferrer(event, payload)` defers a job inside the transaction; the job must bear a second run."""

    def register(listener: Listener) -> Listener:
        for name in names:
            get_type(name).effects.append(listener)
        return listener

    return register
