"""Writing to the log, and taking back what was written."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_

from voronka.core import clock
from voronka.core.errors import Forbidden, Refused
from voronka.journal.models import Event, EventSubject
from voronka.journal.registry import event_type, get_type, type_of

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

_cause: ContextVar[Event | None] = ContextVar("cause", default=None)


def record(
    payload: Any, *, actor: Member | None, subjects: Iterable[tuple[str, int | None]], at: Any = None
) -> Event:
    """Write one event inside the verb's transaction, then let its consequences and effects follow.

    *subjects* are the cards whose feed shows it: `("deal", 7)`, `("company", None)` is left out.
    Raises `Refused` when a consequence refuses; the caller's transaction then rolls back whole.
    """
    with recording(payload, actor=actor, subjects=subjects, at=at) as event:
        pass
    return event


@contextmanager
def recording(
    payload: Any, *, actor: Member | None, subjects: Iterable[tuple[str, int | None]], at: Any = None
) -> Iterator[Event]:
    """Like `record()`, for verbs whose rows name the event: they are written inside the block.

    The event exists on entering; consequences and effects run on leaving, when everything is in its place.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an event belongs inside the transaction of its verb")
    declared = type_of(payload)
    event = Event.objects.create(
        type=declared.name,
        at=at or clock.now(),
        actor=actor,
        payload=dataclasses.asdict(payload),
        cause=_cause.get(),
    )
    yield event
    unique = dict.fromkeys((kind, pk) for kind, pk in subjects if pk is not None)
    EventSubject.objects.bulk_create(
        EventSubject(event=event, kind=kind, object_id=pk) for kind, pk in unique
    )
    with caused_by(event):
        for listener in declared.consequences:
            listener(event, payload)
        for deferrer in declared.effects:
            deferrer(event, payload)


@contextmanager
def caused_by(event: Event) -> Iterator[None]:
    """Events recorded inside the block are consequences of *event*."""
    token = _cause.set(event)
    try:
        yield
    finally:
        _cause.reset(token)


@event_type("event.undone", sentence=N_("Undone: {what}"), icon="arrow-back-up", webhook=True)
@dataclass(frozen=True)
class EventUndone:
    """*what* is the type of the undone event; *left* names what could not be called back."""

    event: int
    what: str
    left: list[str]


@transaction.atomic
def undo(event: Event, *, actor: Member) -> list[str]:
    """Reverse what a verb and its consequences wrote; return sentences about what has left the house.

    Raises `Refused` when it was undone already, cannot be undone, or something was built on it since, `Forbidden`
    for what others did out of the actor's reach.
    """
    event = Event.objects.select_for_update(of=("self",)).select_related("actor").get(pk=event.pk)
    if not may_undo(event, actor):
        raise Forbidden("undo")
    if event.undone_by_id:
        return []
    if event.cause_id and not _undoing.get():
        raise Refused(_("This followed from another action: undo that one."))
    left: list[str] = []
    token = _undoing.set(True)
    try:
        chain = _with_consequences(event)
        for step in reversed(chain):
            declared = get_type(step.type)
            payload = declared.load(step.payload)
            if declared.undo is None:
                raise Refused(_("This action cannot be undone."))
            declared.undo(step, payload, actor)
            if declared.left_house and (sentence := declared.left_house(payload)):
                left.append(sentence)
    finally:
        _undoing.reset(token)
    subjects = list(EventSubject.objects.filter(event=event).values_list("kind", "object_id"))
    mark = record(EventUndone(event=event.pk, what=event.type, left=left), actor=actor, subjects=subjects)
    Event.objects.filter(pk__in=[step.pk for step in chain]).update(undone_by=mark)
    return left


def undo_part(event: Event, *, actor: Member) -> list[str]:
    """Reverse one consequence by itself, out of the many of a bulk action; raises as `undo`."""
    token = _undoing.set(True)
    try:
        return undo(event, actor=actor)
    finally:
        _undoing.reset(token)


_undoing: ContextVar[bool] = ContextVar("undoing", default=False)


# Whose right to change things decides whether one may take back what another did: subjects by the event's type.
_CHANGED = {
    "deal": ("deal", "edit"),
    "deals": ("deal", "edit"),
    "company": ("client", "edit"),
    "person": ("client", "edit"),
    "pair": ("client", "edit"),
    "contact": ("client", "edit"),
    "account": ("client", "edit"),
    "position": ("client", "edit"),
    "access": ("client", "hand_over"),
    "note": ("client", "edit"),
    "activity": ("activity", "edit"),
    "plans": ("plan", "edit"),
    "list": ("deal", "edit"),
    "member": ("member", "edit"),
    "team": ("member", "edit"),
}
_SETTINGS = ("workspace", "field", "role", "token", "view")


def may_undo(event: Event, actor: Member) -> bool:
    """Whether *actor* may try: one's own deed, or one of somebody whose things of that kind one may change.

    What was undone is asked once more by the undoing itself, which knows the object.
    """
    if event.actor_id == actor.pk:
        return True
    room = event.type.partition(".")[0]
    if room in _CHANGED:
        subject, action = _CHANGED[room]
    else:
        subject, action = ("workspace", "configure") if room in _SETTINGS else ("book", "configure")
    doer = event.actor
    return actor.reaches(
        subject, action, owner_id=event.actor_id, team_id=doer.team_id if doer is not None else None
    )


def is_undoing() -> bool:
    """Whether the present change reverses another one (consequences then keep still)."""
    return _undoing.get()


def _with_consequences(event: Event) -> list[Event]:
    chain = [event]
    for consequence in Event.objects.filter(cause=event, undone_by=None).order_by("id"):
        chain += _with_consequences(consequence)
    return chain
