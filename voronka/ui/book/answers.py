"""What the book's views have in common: the way back from a change, forms that know what they were made from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch

from voronka.core.edits import jsonable
from voronka.core.errors import Conflict, Refused
from voronka.journal.models import Event
from voronka.journal.sentences import Told, tell
from voronka.ui.htmx import done
from voronka.ui.navigation import workspace_url


@dataclass
class Heard:
    """What a verb told the journal: `event` is None when nothing had to be done."""

    event: Event | None = None


@contextmanager
def listening(request: HttpRequest) -> Iterator[Heard]:
    """Notice the event that the verb inside the block records for this member."""
    heard = Heard()
    newest = Event.objects.order_by("-id").values_list("pk", flat=True).first() or 0
    yield heard
    heard.event = (
        Event.objects.filter(pk__gt=newest, actor=request.member, cause=None)  # type: ignore[attr-defined]
        .order_by("-id")
        .first()
    )


def answer(request: HttpRequest, heard: Heard, text: str, *, redirect: str, go: bool = False) -> HttpResponse:
    """Say what was done, with the way back; quiet when nothing had to be done."""
    if heard.event is None:
        return done(request, redirect=redirect, go=go)
    return done(request, text, redirect=redirect, go=go, undo_url=undo_url(request, heard.event))


def undo_url(request: HttpRequest, event: Event) -> str | None:
    """Where to POST to take *event* back."""
    try:
        return book_url(request, "undo", event.pk)
    except NoReverseMatch:
        return None


def book_url(request: HttpRequest, name: str, *args: Any) -> str:
    """The address *name* inside the present workspace."""
    return workspace_url(name, request.workspace.slug, *args)  # type: ignore[attr-defined]


def ids_of(request: HttpRequest, name: str = "ids") -> list[int]:
    """Numbers sent as `ids=3&ids=1` or `ids=3,1`; what is no number is left out."""
    raw = ",".join(request.POST.getlist(name)).split(",")
    return [int(text) for text in raw if text.isascii() and text.isdigit() and len(text) < 16]


def stepped(ids: list[int], pk: int, by: str) -> list[int]:
    """*ids* with *pk* one place up or down: the way without a mouse."""
    if pk not in ids:
        return ids
    at = ids.index(pk)
    to = max(0, min(len(ids) - 1, at + (-1 if by == "up" else 1)))
    return [*(rest := [i for i in ids if i != pk])[:to], pk, *rest[to:]]


def was_of(row: models.Model | None, names: Iterable[str]) -> list[tuple[str, str]]:
    """(`was_<field>`, value) for the hidden inputs of a form made from *row*."""
    if row is None:
        return []
    result = []
    for name in names:
        value = jsonable(getattr(row, row._meta.get_field(name).attname))  # type: ignore[union-attr]
        result.append((f"was_{name}", "" if value is None else str(value)))
    return result


def touched(request: HttpRequest, form: forms.Form) -> tuple[dict[str, Any], dict[str, str]]:
    """What the person changed in a valid form, and from what: `changes`, `was` for a verb.

    A field left alone is not sent on, or it would contradict a colleague who changed just that one.
    """
    changes: dict[str, Any] = {}
    was: dict[str, str] = {}
    for name, value in form.cleaned_data.items():
        before = request.POST.get(f"was_{name}")
        if before is None:
            changes[name] = value
        elif _plain(value) != _plain(before):
            changes[name], was[name] = value, before
    return changes, was


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, models.Model):
        return str(value.pk)
    return str(value).replace("\r\n", "\n").strip()


def put_refusal(form: forms.Form, refusal: Refused) -> None:
    """Show the sentence at its field, or above the form."""
    field = refusal.field if refusal.field in form.fields else None
    form.add_error(field, refusal.message)


def conflict_of(refusal: Refused) -> Conflict | None:
    """The refusal, if it is about somebody else's change."""
    return refusal if isinstance(refusal, Conflict) else None


def feed_of(kind: str, object_id: int, limit: int = 8) -> list[Told]:
    """The last changes of one thing in the book, in words."""
    return [tell(event) for event in Event.objects.feed_of(kind, object_id)[:limit]]
