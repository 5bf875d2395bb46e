"""Verbs on saved views, and which views a member sees."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from voronka.core import clock
from voronka.core.errors import Forbidden, Refused
from voronka.core.text import clean, length_problem
from voronka.desk.lists import events
from voronka.desk.lists.models import FirstView, ListLayout, SavedView
from voronka.desk.lists.registry import Listing, View
from voronka.journal.actions import record
from voronka.journal.models import Event
from voronka.workspaces.models import Member, Role
from voronka.workspaces.rights import Action, Reach, Subject

MOST_VIEWS = 100
NARROWEST, WIDEST = 60, 800
CHANGEABLE = ("name", "is_shared", "is_pinned", "where", "search", "sort", "columns", "widths")


def views_for(listing: Listing, member: Member) -> tuple[list[View], list[SavedView]]:
    """Those made in code that make sense to *member*, and the saved ones: own and shared."""
    wide = member.reach(listing.subject, Action.SEE) > Reach.OWN
    made = [
        view
        for view in listing.views
        if (wide or not view.wide) and (view.code != "deleted" or listing.may(member, Action.DELETE))
    ]
    saved = SavedView.objects.filter(
        Q(owner=member) | Q(is_shared=True), subject=listing.code, deleted_at=None
    )
    return made, list(saved.select_related("owner"))


def find_view(listing: Listing, member: Member, code: str) -> View | SavedView | None:
    """The view that an address names, if *member* may see it."""
    made, saved = views_for(listing, member)
    every: list[View | SavedView] = [*made, *saved]
    return next((view for view in every if view.code == code), None)


def first_view(listing: Listing, member: Member) -> str:
    """The code of the view that the list opens with: the role's, else the first made in code."""
    chosen = FirstView.objects.filter(subject=listing.code, role_id=member.role_id).first()
    if chosen and (not chosen.view.isdecimal() or _is_there(chosen.view, member)):
        return chosen.view
    return listing.views[0].code


def _is_there(code: str, member: Member) -> bool:
    views = SavedView.objects.filter(pk=int(code), deleted_at=None)
    return views.filter(Q(owner=member) | Q(is_shared=True)).exists()


def may_change(view: SavedView, member: Member) -> bool:
    """One's own; a shared one also by those who configure the company."""
    return view.owner_id == member.pk or (view.is_shared and member.may(Subject.WORKSPACE, Action.CONFIGURE))


@transaction.atomic
def save_view(
    listing: Listing,
    *,
    actor: Member,
    name: str,
    where: str = "",
    search: str = "",
    sort: str = "",
    columns: Iterable[str] = (),
    widths: dict[str, int] | None = None,
    is_shared: bool = False,
    is_pinned: bool = True,
) -> SavedView:
    """Keep a filter, its order and columns under *name*. Raises `Refused` for no name, and when there are too many."""
    listing.require(actor, Action.SEE)
    if SavedView.objects.filter(owner=actor, subject=listing.code, deleted_at=None).count() >= MOST_VIEWS:
        raise Refused(_("That is enough views for one list: delete some you do not use."), field="name")
    view = SavedView.objects.create(
        subject=listing.code,
        owner=actor,
        name=_name(name),
        is_shared=is_shared,
        is_pinned=is_pinned,
        where=where,
        search=search[:200],
        sort=sort[:200],
        columns=list(columns),
        widths=sane_widths(widths or {}),
        created_at=clock.now(),
    )
    record(events.ViewSaved(view.pk, listing.code, view.name), actor=actor, subjects=[])
    return view


@transaction.atomic
def change_view(view: SavedView, *, actor: Member, **changes: Any) -> Event | None:
    """Rename, share, pin, or overwrite with what is on the screen (`CHANGEABLE`); None when nothing differs."""
    view.refresh_from_db(from_queryset=SavedView.objects.select_for_update())
    _require(view, actor)
    if unknown := changes.keys() - set(CHANGEABLE):
        raise ValueError(f"not a field of a view: {unknown}")
    if "name" in changes:
        changes["name"] = _name(changes["name"])
    if "widths" in changes:
        changes["widths"] = sane_widths(changes["widths"])
    real = {name: value for name, value in changes.items() if getattr(view, name) != value}
    if not real:
        return None
    before = {name: getattr(view, name) for name in real}
    for name, value in real.items():
        setattr(view, name, value)
    view.save(update_fields=list(real))
    payload = events.ViewChanged(view.pk, view.subject, view.name, before=before, after=real)
    return record(payload, actor=actor, subjects=[])


@transaction.atomic
def delete_view(view: SavedView, *, actor: Member) -> Event | None:
    """Take a view away; a no-op if it is gone."""
    view.refresh_from_db(from_queryset=SavedView.objects.select_for_update())
    _require(view, actor)
    if view.deleted_at is not None:
        return None
    view.deleted_at = clock.now()
    view.save(update_fields=["deleted_at"])
    return record(events.ViewDeleted(view.pk, view.subject, view.name), actor=actor, subjects=[])


@transaction.atomic
def set_first_view(listing: Listing, *, actor: Member, role: Role, view: str, name: str) -> Event | None:
    """Let the list open with *view* (a code; "" for the usual one) for everybody of *role*.

    Raises `Refused` for somebody's own view: others could not see it.
    """
    actor.require(Subject.WORKSPACE, Action.CONFIGURE)
    if (
        view.isdecimal()
        and not SavedView.objects.filter(pk=int(view), is_shared=True, deleted_at=None).exists()
    ):
        raise Refused(_("Share the view first: others do not see it."))
    known = FirstView.objects.filter(subject=listing.code, role=role).first()
    before = known.view if known else ""
    if before == view:
        return None
    if view:
        FirstView.objects.update_or_create(subject=listing.code, role=role, defaults={"view": view})
    elif known:
        known.delete()
    payload = events.FirstViewSet(listing.code, role.pk, str(role), view, before, name)
    return record(payload, actor=actor, subjects=[])


def keep_layout(
    listing: Listing, *, actor: Member, view: str, columns: list[str] | None = None, widths: Any = None
) -> ListLayout:
    """Remember the columns and widths that *actor* looks at *view* with. No event: it changes nothing for others."""
    layout, _new = ListLayout.objects.get_or_create(member=actor, subject=listing.code, view=view[:30])
    if columns is not None:
        known = listing.fields_for(actor)
        layout.columns = [name for name in dict.fromkeys(columns) if name in known and known[name].listed]
    if widths is not None:
        layout.widths = sane_widths(layout.widths | dict(widths))
    layout.save(update_fields=["columns", "widths"])
    return layout


def forget_layout(listing: Listing, *, actor: Member, view: str) -> None:
    """Back to the view's own columns."""
    ListLayout.objects.filter(member=actor, subject=listing.code, view=view).delete()


def sane_widths(widths: dict[str, Any]) -> dict[str, int]:
    """Widths in pixels that a screen can show; what is no number is left out."""
    return {
        str(name)[:60]: min(max(int(width), NARROWEST), WIDEST)
        for name, width in list(widths.items())[:200]
        if isinstance(width, int | float) and not isinstance(width, bool)
    }


def _require(view: SavedView, actor: Member) -> None:
    if not may_change(view, actor):
        raise Forbidden(f"change view {view.pk}")


def _name(value: str) -> str:
    name = clean(value)
    if not name:
        raise Refused(_("Name the view."), field="name")
    if problem := length_problem(name, 80):
        raise Refused(problem, field="name")
    return name
