"""The book's first page (products × target groups) and the choice of a ready-made book."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from voronka.core.text import fold
from voronka.desk.dictionaries.actions import BOOK_FEED
from voronka.playbook.actions import Applied, apply_template, reorder_funnels
from voronka.playbook.models import Funnel
from voronka.playbook.queries import book_of, grid_of
from voronka.playbook.templates_data import BookTemplate, all_templates
from voronka.ui.access import workspace_view
from voronka.ui.book.answers import answer, book_url, feed_of, ids_of, listening, stepped
from voronka.ui.htmx import render_page
from voronka.ui.once import once
from voronka.workspaces.rights import Action, Subject


@workspace_view(Subject.BOOK, Action.SEE)
def home(request: HttpRequest) -> HttpResponse:
    """The grid, the list of funnels, what changed last."""
    book = book_of()
    context = {
        "room": "book",
        "tab": "funnels",
        "book": book,
        "grid": grid_of(book),
        "may_configure": request.member.may(Subject.BOOK, Action.CONFIGURE),  # type: ignore[attr-defined]
        "changes": feed_of(*BOOK_FEED),
    }
    return render_page(request, "book/home.html", context)


@require_POST
@workspace_view(Subject.BOOK, Action.CONFIGURE)
def order_funnels(request: HttpRequest) -> HttpResponse:
    """A new order of the list: `ids`, or one step of `move` (`by` = up, down)."""
    ids = ids_of(request)
    if move := ids_of(request, "move"):
        shown = list(
            Funnel.objects.filter(archived_at=None).order_by("order", "id").values_list("pk", flat=True)
        )
        ids = stepped(shown, move[0], request.POST.get("by", ""))
    with listening(request) as heard:
        reorder_funnels(ids, actor=request.member)  # type: ignore[attr-defined]
    return answer(request, heard, _("Order saved"), redirect=book_url(request, "book"))


@dataclass(frozen=True)
class Offer:
    """A ready-made book as the page shows it, in the reader's language; `is_here`: nothing of it is missing."""

    template: BookTemplate
    language: str
    is_here: bool

    @property
    def code(self) -> str:
        return self.template.code

    @property
    def icon(self) -> str:
        return self.template.icon

    @property
    def title(self) -> str:
        return self.template.title.on(self.language)

    @property
    def for_whom(self) -> str:
        return self.template.for_whom.on(self.language)

    @property
    def funnels(self) -> list[dict[str, Any]]:
        return [
            {
                "name": funnel.name.on(self.language),
                "stages": [
                    {"name": s.name.on(self.language), "color": s.color, "is_key": s.is_key}
                    for s in funnel.stages
                ],
            }
            for funnel in self.template.funnels
        ]

    @property
    def groups(self) -> str:
        return ", ".join(group.name.on(self.language) for group in self.template.groups)

    @property
    def segments(self) -> str:
        return ", ".join(segment.name.on(self.language) for segment in self.template.segments)

    @property
    def reasons(self) -> int:
        return len(self.template.won_reasons) + len(self.template.lost_reasons)


def offers() -> list[Offer]:
    """The ready-made books, for this page and the first steps."""
    language = get_language() or "ru"
    present = {fold(name) for name in Funnel.objects.values_list("name", flat=True)}
    return [
        Offer(
            template,
            language,
            all(
                not present.isdisjoint({fold(funnel.name.ru), fold(funnel.name.en)})
                for funnel in template.funnels
            ),
        )
        for template in all_templates()
    ]


@once
@workspace_view(Subject.BOOK, Action.CONFIGURE)
def template(request: HttpRequest) -> HttpResponse:
    """GET: choose a ready-made book. POST `template` (a code), `next` (an address of ours, optional): fill it in."""
    if request.method != "POST":
        context = {"room": "book", "offers": offers(), "empty": not Funnel.objects.exists()}
        return render_page(request, "book/templates.html", context)
    with listening(request) as heard:
        applied = apply_template(
            request.POST.get("template", ""),
            actor=request.member,  # type: ignore[attr-defined]
            language=get_language() or "ru",
        )
    home_url = book_url(request, "book")
    wanted = request.POST.get("next", "")
    # Only addresses of this company: anything else would let a foreign page send people where it likes.
    inside = wanted.startswith(f"/w/{request.workspace.slug}/")  # type: ignore[attr-defined]
    return answer(request, heard, _said(applied), redirect=wanted if inside else home_url, go=True)


def _said(applied: Applied) -> str:
    count = len(applied.funnels)
    if not count:
        return _("The lists have been completed")
    return ngettext("Added: %(count)s funnel", "Added: %(count)s funnels", count) % {"count": count}
