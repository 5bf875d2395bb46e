"""What the palette shows while one types, the list at hand, and the star on a card."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from voronka.desk import at_hand
from voronka.desk.search import Found, without_hidden
from voronka.ui.access import workspace_view
from voronka.ui.clients.notes import SUBJECTS, card_url, visible_subject
from voronka.ui.htmx import done, target
from voronka.ui.palette.commands import calls, places
from voronka.ui.palette.registry import Asked, Shown, commands
from voronka.ui.search.found import find, items_of, seen
from voronka.workspaces.models import Member

FOUND = 8
STARS = 8


@workspace_view()
def palette(request: HttpRequest) -> HttpResponse:
    """Found things and commands for what is typed; before that the card's commands, favourites and recent cards."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    asked = asked_at(request, request.GET.get("at", ""))
    context: dict[str, Any] = {"text": text, "commands": palette_commands(asked, text)}
    if text:
        # Likeness is asked only when there is nothing else to show: it reads much.
        found = find(request, text, FOUND, fuzzy=not context["commands"])
        context |= {"found": found, "items": items_of(request, found.hits)}
    else:
        hands = at_hand.favourites(asked.member)[:STARS]
        context |= {
            "found": Found(),
            "favourites": told(request, hands),
            "recent": told(request, [card for card in at_hand.recent(asked.member) if card != _here(asked)])[
                : at_hand.SHOWN
            ],
        }
    return render(request, "palette/list.html", context)


def palette_commands(asked: Asked, text: str) -> list[Shown]:
    """Commands found by *text*; places to go only once something is typed."""
    return commands(asked, text, more=[*calls(asked), *(places() if text else [])])


def _here(asked: Asked) -> tuple[str, int] | None:
    return (asked.kind, asked.card.pk) if asked.card is not None else None


def asked_at(request: HttpRequest, path: str) -> Asked:
    """The asker, with the card that is open at *path* (if it is one that the member sees)."""
    member: Member = request.member  # type: ignore[attr-defined]
    slug = request.workspace.slug  # type: ignore[attr-defined]
    asked = Asked(request, member, slug)
    try:
        match = resolve(urlsplit(path).path)
    except (Resolver404, ValueError):
        return asked
    name = match.url_name or ""
    if name not in SUBJECTS or match.kwargs.get("workspace_slug") != slug:
        return asked
    model, subject = SUBJECTS[name]
    if member.may(subject, "see"):
        wanted = {"number": match.kwargs["number"]} if name == "deal" else {"pk": match.kwargs["pk"]}
        asked.card = model.objects.present().visible_to(member).filter(**wanted).first()
        asked.kind = name if asked.card is not None else ""
    return asked


def told(request: HttpRequest, cards: list[tuple[str, int]]) -> list[dict[str, Any]]:
    """The cards with their addresses; those gone or out of reach are left out."""
    member: Member = request.member  # type: ignore[attr-defined]
    return items_of(request, without_hidden(member, seen(member, at_hand.as_hits(cards)), ""))


@workspace_view()
def hand(request: HttpRequest) -> HttpResponse:
    """Favourites and recent cards: the menu of the head."""
    member: Member = request.member  # type: ignore[attr-defined]
    context = {
        "favourites": told(request, at_hand.favourites(member)),
        "recent": told(request, at_hand.recent(member))[:10],
    }
    return render(request, "palette/at_hand.html", context)


@require_POST
@workspace_view()
def favourite_on(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Put the star on a card."""
    return _star(request, kind, pk, on=True)


@require_POST
@workspace_view()
def favourite_off(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Take the star off."""
    return _star(request, kind, pk, on=False)


def _star(request: HttpRequest, kind: str, pk: int, *, on: bool) -> HttpResponse:
    card = visible_subject(request, kind, pk)
    at_hand.set_favourite(request.member, kind, pk, on=on)  # type: ignore[attr-defined]
    if target(request).startswith("star-"):
        return render(request, "palette/star.html", {"kind": kind, "pk": pk, "is_favourite": on})
    said = _("Added to favourites") if on else _("Removed from favourites")
    return done(request, said, redirect=card_url(request, kind, card))
