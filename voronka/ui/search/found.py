"""What the search table answers, asked once more of each room's own reach, and with the addresses of the cards."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from voronka.clients.models import Company, Person
from voronka.deals.models import Deal
from voronka.desk.search import Found, Hit, search
from voronka.ui.navigation import workspace_url
from voronka.workspaces.models import Member

# Kind -> heading, icon, model; the name of the card's address is the kind.
KINDS: dict[str, tuple[Any, str, Any]] = {
    "company": (_("Companies"), "building", Company),
    "person": (_("People"), "user", Person),
    "deal": (_("Deals"), "layout-kanban", Deal),
}


def find(request: HttpRequest, text: str, limit: int, *, fuzzy: bool = True) -> Found:
    """What is found by *text*; without *fuzzy* no likeness is tried.

    The table may lag behind a change of rights by a moment; a name out of reach must not slip through it.
    """
    member: Member = request.member  # type: ignore[attr-defined]
    if not text:
        return Found()
    found = search(member, text, limit, fuzzy=fuzzy)
    return Found(seen(member, found.hits), asked_as=found.asked_as, is_like=found.is_like)


def seen(member: Member, hits: list[Hit]) -> list[Hit]:
    """Those of *hits* that the member may see, in their order."""
    visible = {kind: _visible(member, kind, hits) for kind in {hit.kind for hit in hits}}
    return [hit for hit in hits if hit.object_id in visible[hit.kind]]


def _visible(member: Member, kind: str, hits: Iterable[Hit]) -> set[int]:
    ids = [hit.object_id for hit in hits if hit.kind == kind]
    present = KINDS[kind][2].objects.present()
    visible = present.visible_to(member) if kind == "deal" else present.visible_to(member, by_row=True)
    return set(visible.filter(pk__in=ids).order_by().values_list("pk", flat=True))


def items_of(request: HttpRequest, hits: Iterable[Hit]) -> list[dict[str, Any]]:
    """Title, hint, icon and address of each; who writes the search row puts the number into its hint."""
    slug = request.workspace.slug  # type: ignore[attr-defined]
    return [
        {
            "kind": hit.kind,
            "title": hit.title,
            "hint": hit.hint,
            "icon": KINDS[hit.kind][1],
            "url": workspace_url(hit.kind, slug, hit.number if hit.kind == "deal" else hit.object_id),
        }
        for hit in hits
    ]
