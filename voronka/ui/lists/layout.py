"""Which columns, in which order, how wide, sorted by what; and the saved views of a list."""

from __future__ import annotations

import json
from itertools import groupby
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from voronka.core.errors import Refused
from voronka.desk.lists import paging, views
from voronka.desk.lists.models import FirstView, SavedView
from voronka.ui.access import get_or_404, workspace_view
from voronka.ui.book.answers import answer, listening
from voronka.ui.htmx import done, render_page, wants_fragment
from voronka.ui.lists.screens import Screen, get_screen
from voronka.ui.lists.state import ListState, read
from voronka.ui.navigation import workspace_url
from voronka.workspaces.models import Role
from voronka.workspaces.rights import Action, Subject


def _entered(request: HttpRequest, code: str) -> tuple[Screen, ListState]:
    screen = get_screen(code)
    screen.listing.require(request.member, Action.SEE)  # type: ignore[attr-defined]
    return screen, read(request, screen)


def _address(request: HttpRequest, screen: Screen, state: ListState) -> str:
    return f"{screen.url(request.workspace.slug)}?{state.query()}"  # type: ignore[attr-defined]


# -- columns


@require_http_methods(["GET", "POST"])
@workspace_view()
def columns(request: HttpRequest, code: str) -> HttpResponse:
    """The dialog that chooses and orders columns and the order of rows."""
    screen, state = _entered(request, code)
    if request.method == "POST":
        return _save_columns(request, screen, state)
    shown = [field.name for field in state.columns]
    rest = [
        field
        for field in state.fields.values()
        if field.listed and field.name not in shown and field.name != state.listing.main
    ]
    names = list(dict.fromkeys(str(field.group) for field in rest))
    rest.sort(key=lambda field: names.index(str(field.group)) if field.group else -1)
    sortable = [field for field in state.fields.values() if field.sortable and field.order and field.listed]
    context = {
        "room": screen.room,
        "screen": screen,
        "state": state,
        "chosen": state.columns,
        "rest": [
            (name or str(screen.listing.label), list(found))
            for name, found in groupby(rest, key=lambda field: str(field.group))
        ],
        "sortable": sortable,
        "orders": [
            (key.field.name, key.down)
            for key in [*state.keys, *[None] * paging.MOST_KEYS][: paging.MOST_KEYS]
            if key
        ]
        + [("", False)] * (paging.MOST_KEYS - len(state.keys)),
        "url": workspace_url("list_columns", request.workspace.slug, code) + f"?{state.query()}",  # type: ignore[attr-defined]
        "back": _address(request, screen, state),
    }
    return render_page(request, "lists/columns.html", context, fragment="form")


def _save_columns(request: HttpRequest, screen: Screen, state: ListState) -> HttpResponse:
    member = state.member
    if request.POST.get("usual"):
        views.forget_layout(screen.listing, actor=member, view=state.view_code)
    else:
        chosen = [name for name in request.POST.getlist("column") if name]
        views.keep_layout(screen.listing, actor=member, view=state.view_code, columns=chosen)
    parts = [
        f"{'-' if down == 'down' else ''}{name}"
        for name, down in zip(request.POST.getlist("by"), request.POST.getlist("way"), strict=False)
        if name
    ]
    keys = paging.keys_of(",".join(parts), state.fields) or state.keys
    address = f"{screen.url(request.workspace.slug)}?{state.query(keys=keys)}"  # type: ignore[attr-defined]
    return done(request, redirect=address, go=True)


@require_POST
@workspace_view()
def layout(request: HttpRequest, code: str) -> HttpResponse:
    """What was dragged: the order of columns (`columns`), or widths (`widths`, JSON)."""
    screen = get_screen(code)
    member = request.member  # type: ignore[attr-defined]
    screen.listing.require(member, Action.SEE)
    named = request.POST.get("columns", "")
    try:
        widths = json.loads(request.POST.get("widths", "") or "{}")
    except ValueError:
        widths = {}
    views.keep_layout(
        screen.listing,
        actor=member,
        view=request.POST.get("view", ""),
        columns=named.split(",")[:200] if named else None,
        widths=widths if isinstance(widths, dict) and widths else None,
    )
    return HttpResponse(status=204)


# -- views


@require_http_methods(["GET", "POST"])
@workspace_view()
def view_new(request: HttpRequest, code: str) -> HttpResponse:
    """Keep what is on the screen under a name."""
    screen, state = _entered(request, code)
    if request.method == "POST":
        with listening(request) as heard:
            saved = views.save_view(
                screen.listing,
                actor=state.member,
                name=request.POST.get("name", ""),
                is_shared=bool(request.POST.get("shared")),
                is_pinned=bool(request.POST.get("pinned")),
                **_of_screen(state),
            )
        slug = request.workspace.slug  # type: ignore[attr-defined]
        return answer(
            request, heard, _("View saved"), redirect=f"{screen.url(slug)}?view={saved.code}", go=True
        )
    context = {
        "room": screen.room,
        "screen": screen,
        "state": state,
        "url": workspace_url("list_view_new", request.workspace.slug, code) + f"?{state.query()}",  # type: ignore[attr-defined]
        "back": _address(request, screen, state),
    }
    return render_page(request, "lists/view_new.html", context, fragment="form")


def _of_screen(state: ListState) -> dict[str, Any]:
    """What a view keeps of the screen."""
    return {
        "where": state.where.to_text(),
        "search": state.search,
        "sort": state.sort,
        "columns": [field.name for field in state.columns],
        "widths": {
            field.name: state.widths[field.name] for field in state.columns if field.name in state.widths
        },
    }


@workspace_view()
def views_dialog(request: HttpRequest, code: str) -> HttpResponse:
    """All views of the list: open, rename, share, pin, delete; which one a role begins with."""
    screen, state = _entered(request, code)
    member = state.member
    slug = request.workspace.slug  # type: ignore[attr-defined]
    address = screen.url(slug)
    may_configure = member.may(Subject.WORKSPACE, Action.CONFIGURE)
    first = dict(FirstView.objects.filter(subject=code).values_list("role_id", "view"))
    context = {
        "room": screen.room,
        "screen": screen,
        "state": state,
        "made": [(f"{address}?view={view.code}", view) for view in state.made],
        "saved": [
            (f"{address}?view={view.code}", view, views.may_change(view, member)) for view in state.saved
        ],
        "back": address,
        "may_configure": may_configure,
        "roles": [(role, first.get(role.pk, "")) for role in Role.objects.order_by("order")]
        if may_configure
        else [],
        "choices": [("", _("the usual one"))]
        + [(view.code, str(view.label)) for view in screen.listing.views if view.code != "deleted"]
        + [(view.code, view.name) for view in state.saved if view.is_shared],
    }
    return render_page(request, "lists/views.html", context, fragment="form")


def _view(request: HttpRequest, code: str, pk: int) -> tuple[Screen, SavedView]:
    screen = get_screen(code)
    member = request.member  # type: ignore[attr-defined]
    screen.listing.require(member, Action.SEE)
    saved: Any = SavedView.objects.filter(subject=code, deleted_at=None)
    return screen, get_or_404(saved.filter(Q(owner=member) | Q(is_shared=True)), pk)


@require_POST
@workspace_view()
def view_edit(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Rename, share or pin a view."""
    screen, view = _view(request, code, pk)
    changes: dict[str, Any] = {}
    if "name" in request.POST:
        changes["name"] = request.POST["name"]
    for name in ("is_shared", "is_pinned"):
        if name in request.POST:
            changes[name] = request.POST[name] == "1"
    with listening(request) as heard:
        views.change_view(view, actor=request.member, **changes)  # type: ignore[attr-defined]
    return _views_again(request, screen, heard, _("View saved"))


@require_POST
@workspace_view()
def view_overwrite(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Keep what is on the screen in the view that it came from."""
    screen, view = _view(request, code, pk)
    state = read(request, screen)
    with listening(request) as heard:
        views.change_view(view, actor=request.member, **_of_screen(state))  # type: ignore[attr-defined]
        views.forget_layout(screen.listing, actor=request.member, view=view.code)  # type: ignore[attr-defined]
    slug = request.workspace.slug  # type: ignore[attr-defined]
    return answer(request, heard, _("View saved"), redirect=f"{screen.url(slug)}?view={view.code}", go=True)


@require_POST
@workspace_view()
def view_delete(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Take a view away; the toast brings it back."""
    screen, view = _view(request, code, pk)
    with listening(request) as heard:
        views.delete_view(view, actor=request.member)  # type: ignore[attr-defined]
    return answer(
        request,
        heard,
        _("View deleted"),
        redirect=screen.url(request.workspace.slug),  # type: ignore[attr-defined]
        go=True,
    )


@require_POST
@workspace_view(Subject.WORKSPACE, Action.CONFIGURE)
def view_first(request: HttpRequest, code: str) -> HttpResponse:
    """Which view the list opens with, for a role."""
    screen = get_screen(code)
    role = Role.objects.filter(pk=_number(request.POST.get("role", ""))).first()
    if role is None:
        raise Http404
    chosen = request.POST.get("first", "")
    member = request.member  # type: ignore[attr-defined]
    view = views.find_view(screen.listing, member, chosen) if chosen else None
    if chosen and view is None:
        raise Refused(_("There is no such view any more."))
    name = view.name if isinstance(view, SavedView) else str(view.label) if view else ""
    with listening(request) as heard:
        views.set_first_view(screen.listing, actor=member, role=role, view=chosen, name=name)
    return _views_again(request, screen, heard, _("Saved"))


def _views_again(request: HttpRequest, screen: Screen, heard: Any, text: str) -> HttpResponse:
    """The dialog stays open with what is true now."""
    if not wants_fragment(request):
        return answer(request, heard, text, redirect=screen.url(request.workspace.slug))  # type: ignore[attr-defined]
    request.GET = QueryDict("", mutable=True)  # type: ignore[assignment]
    response = views_dialog(request, screen.code)
    response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#dialog", "innerHTML"
    return response


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
