"""The search field of the head: what is found while typing, and the page of results."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from voronka.clients.models import Company, Person
from voronka.deals.models import Deal
from voronka.desk.search import Found, Hit, search
from voronka.ui.access import workspace_view
from voronka.ui.htmx import render_page
from voronka.ui.navigation import optional_url, workspace_url
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Subject

SUGGESTED = 10
ON_PAGE = 60

# Kind -> heading, icon, model, name of the card's address.
KINDS: dict[str, tuple[Any, str, Any]] = {
    "company": (_("Companies"), "building", Company),
    "person": (_("People"), "user", Person),
    "deal": (_("Deals"), "layout-kanban", Deal),
}

# Words of a command -> label, icon, address, the right it needs; `dialog` opens over the page.
COMMANDS: list[tuple[str, Any, str, str, tuple[Subject, Action] | None, bool]] = [
    ("создать сделку новая сделка create new deal", _("Create a deal"), "layout-kanban", "deal_new", (Subject.DEAL, Action.CREATE), True),
    ("создать клиента новый клиент компания create new client company", _("Add a client"), "building", "company_new", (Subject.CLIENT, Action.CREATE), True),
    ("добавить контакт новый человек create new person contact", _("Add a contact person"), "user", "person_new", (Subject.CLIENT, Action.CREATE), True),
    ("запланировать дело новая задача звонок create new activity task", _("Plan an activity"), "checklist", "activity_new", (Subject.ACTIVITY, Action.CREATE), True),
    ("перейти сегодня дела go today", _("Go to Today"), "sun", "today", None, False),
    ("перейти доска сделки воронка go board deals", _("Go to the board"), "layout-kanban", "deals_board", (Subject.DEAL, Action.SEE), False),
    ("перейти клиенты компании go clients companies", _("Go to clients"), "building", "companies", (Subject.CLIENT, Action.SEE), False),
    ("перейти отчёты отчеты воронка go reports funnel", _("Go to reports"), "filter", "reports", (Subject.REPORT, Action.SEE), False),
    ("перейти книга продаж этапы go sales book stages", _("Go to the sales book"), "book-2", "book", (Subject.BOOK, Action.SEE), False),
    ("импорт загрузить excel import", _("Import from a file"), "upload", "imports", (Subject.IMPORT, Action.CREATE), False),
    ("настройки settings", _("Settings"), "settings", "settings", None, False),
]  # fmt: skip


@dataclass(frozen=True)
class Group:
    """Found things of one kind."""

    kind: str
    label: Any
    icon: str
    items: list[dict[str, Any]]


@workspace_view()
def suggest(request: HttpRequest) -> HttpResponse:
    """What is found while typing: a list under the field."""
    text = request.GET.get("q", "").strip()[:100]
    found = find(request, text, SUGGESTED)
    context = {
        "text": text,
        "found": found,
        "groups": groups(request, found),
        "commands": commands(request, text),
        "page_url": workspace_url("search", request.workspace.slug),  # type: ignore[attr-defined]
    }
    return render(request, "search/suggest.html", context)


@workspace_view()
def search_page(request: HttpRequest) -> HttpResponse:
    """All that is found, as a page."""
    text = request.GET.get("q", "").strip()[:100]
    found = find(request, text, ON_PAGE)
    context = {"room": "search", "text": text, "found": found, "groups": groups(request, found)}
    return render_page(request, "search/page.html", context, "results")


def find(request: HttpRequest, text: str, limit: int) -> Found:
    """What the search table answers, each hit asked once more of the rooms' own reach.

    The table may lag behind a change of rights by a moment; a name out of reach must not slip through it.
    """
    member: Member = request.member  # type: ignore[attr-defined]
    if not text:
        return Found()
    found = search(member, text, limit)
    seen = {kind: _visible(member, kind, found.hits) for kind in {hit.kind for hit in found.hits}}
    return Found(
        [hit for hit in found.hits if hit.object_id in seen[hit.kind]],
        asked_as=found.asked_as,
        is_like=found.is_like,
    )


def _visible(member: Member, kind: str, hits: Iterable[Hit]) -> set[int]:
    ids = [hit.object_id for hit in hits if hit.kind == kind]
    return set(
        KINDS[kind][2].objects.present().visible_to(member).filter(pk__in=ids).values_list("pk", flat=True)
    )


def groups(request: HttpRequest, found: Found) -> list[Group]:
    """Hits by kind; the kind of the best hit first."""
    slug = request.workspace.slug  # type: ignore[attr-defined]
    result = []
    for kind in dict.fromkeys(hit.kind for hit in found.hits):
        label, icon, _model = KINDS[kind]
        items = [
            {
                "title": hit.title,
                # Who writes the row puts the number into its hint.
                "hint": hit.hint,
                "url": workspace_url(kind, slug, hit.number if kind == "deal" else hit.object_id),
            }
            for hit in found.hits
            if hit.kind == kind
        ]
        result.append(Group(kind, label, icon, items))
    return result


def commands(request: HttpRequest, text: str) -> list[dict[str, Any]]:
    """Commands whose words begin as typed; the first few for an empty field."""
    member: Member = request.member  # type: ignore[attr-defined]
    slug = request.workspace.slug  # type: ignore[attr-defined]
    typed = text.lower().split()
    result = []
    for words, label, icon, name, need, dialog in COMMANDS:
        known = f"{words} {str(label).lower()}".split()
        if not all(any(word.startswith(part) for word in known) for part in typed):
            continue
        url = optional_url(name, slug)
        if url and (need is None or member.may(*need)):
            result.append({"label": label, "icon": icon, "url": url, "dialog": dialog})
    return result[:5]
