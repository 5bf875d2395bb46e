"""Mentions on the screen: who can be picked after an @, and what the author is told."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _

from voronka.core.text import fold, swap_layout
from voronka.desk.mentions import parted
from voronka.ui.access import workspace_view
from voronka.workspaces.models import Member

MOST = 8


@workspace_view()
def people(request: HttpRequest) -> JsonResponse:
    """Colleagues whose name has a word that begins as typed, with either keyboard layout."""
    member: Member = request.member  # type: ignore[attr-defined]
    colleagues = list(
        Member.objects.active().exclude(pk=member.pk).select_related("role", "team").order_by("name", "pk")
    )
    text = request.GET.get("q", "")[:60]
    for typed in dict.fromkeys((fold(text), fold(swap_layout(text)))):
        found = [one for one in colleagues if _begins(fold(one.name), typed)]
        if found:
            break
    return JsonResponse(
        {
            "items": [
                {"text": one.name, "hint": one.post or (one.team.name if one.team else one.role.title)}
                for one in found[:MOST]
            ]
        }
    )


def _begins(name: str, typed: str) -> bool:
    return not typed or name.startswith(typed) or any(word.startswith(typed) for word in name.split())


def with_warning(request: HttpRequest, said: str, text: str, subject: tuple[str, int]) -> str:
    """*said*, and a sentence about those mentioned in *text* who do not see the card and so were not told."""
    if "@" not in text:
        return said
    _seeing, unseeing = parted(text, actor=request.member, subject=subject)  # type: ignore[attr-defined]
    if not unseeing:
        return said
    names = ", ".join(member.name for member in unseeing)
    return f"{said}. " + _("Not told, for they do not see this card: %(names)s") % {"names": names}
