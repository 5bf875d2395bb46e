"""The bell: what concerns me, newest first."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from voronka.deals.models import Deal
from voronka.desk.models import Notice
from voronka.desk.notices import MOST_COUNTED, mark_read, newest, unread_count
from voronka.ui.access import get_or_404, workspace_view
from voronka.ui.htmx import done, render_page
from voronka.ui.navigation import optional_url, workspace_url

PAGE = 30
ICONS = {
    "approval": "hand-stop",
    "limit": "clock-exclamation",
    "reminder": "alarm",
    "deal": "layout-kanban",
    "activity": "calendar-plus",
    "member": "user-plus",
    "mention": "at",
    "access": "lock-question",
    "import": "database-import",
    "export": "file-export",
}


@workspace_view()
def notices(request: HttpRequest) -> HttpResponse:
    """The lines of the bell, a page at a time."""
    before = request.GET.get("before", "")
    is_next = before.isascii() and before.isdecimal() and len(before) < 19
    found = newest(request.member, before=int(before) if is_next else None, limit=PAGE + 1)  # type: ignore[attr-defined]
    more = len(found) > PAGE
    found = found[:PAGE]
    url = workspace_url("notices", request.workspace.slug)  # type: ignore[attr-defined]
    context = {
        "rows": [(notice, ICONS.get(notice.kind, "bell")) for notice in found],
        "has_unread": any(notice.read_at is None for notice in found),
        "more_url": f"{url}?before={found[-1].pk}" if more else "",
    }
    return render_page(request, "notices/notices.html", context, "rows" if is_next else "list")


@workspace_view()
def badge(request: HttpRequest) -> HttpResponse:
    """The number on the bell; nothing when all is read."""
    count = unread_count(request.member)  # type: ignore[attr-defined]
    text = "" if not count else f"{MOST_COUNTED - 1}+" if count >= MOST_COUNTED else str(count)
    return HttpResponse(format_html("{}", text), headers={"Cache-Control": "no-store"})


@require_POST
@workspace_view()
def read(request: HttpRequest) -> HttpResponse:
    """All of it has been seen."""
    mark_read(request.member)  # type: ignore[attr-defined]
    return done(request, redirect=workspace_url("notices", request.workspace.slug))  # type: ignore[attr-defined]


@workspace_view()
def follow(request: HttpRequest, pk: int) -> HttpResponse:
    """Go where a line leads; it counts as read then."""
    notice = get_or_404(Notice.objects.filter(member=request.member), pk)  # type: ignore[attr-defined]
    mark_read(request.member, [notice.pk])  # type: ignore[attr-defined]
    slug = request.workspace.slug  # type: ignore[attr-defined]
    return HttpResponseRedirect(_place(slug, notice.url) or workspace_url("notices", slug))


def _place(slug: str, url: str) -> str:
    """The address that `kind:id` of a notice means; "" when there is none (any more)."""
    kind, _colon, pk = url.partition(":")
    if url.startswith(f"/w/{slug}/"):
        return url
    if not pk.isdecimal() or len(pk) > 18:
        return "" if pk else optional_url(kind, slug)
    argument = int(pk)
    if kind == "deal":
        number = Deal.objects.filter(pk=argument).values_list("number", flat=True).first()
        if number is None:
            return ""
        argument = number
    try:
        return workspace_url(kind, slug, argument)
    except NoReverseMatch:
        return ""
