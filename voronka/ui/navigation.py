"""The rooms in the left navigation, in their order.

An item shows when its address exists (so a room appears together with its screens) and when the member may
see it. Rooms that come later add themselves with `register()`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from voronka.workspaces.rights import Action, Reach, Subject


@dataclass(frozen=True)
class NavItem:
    """One room. `may_see(member)` hides it from roles that have nothing there; `badge_url_name` is an address
    that answers with a small number (or nothing) and is asked again every minute."""

    key: str
    label: str | Promise
    icon: str
    url_name: str
    may_see: Callable[[Any], bool] | None = None
    badge_url_name: str = ""
    phone: bool = False


@dataclass(frozen=True)
class ShownItem:
    """A room as the template draws it."""

    key: str
    label: str | Promise
    icon: str
    url: str
    badge_url: str
    phone: bool


def _seeing(subject: Subject) -> Callable[[Any], bool]:
    return lambda member: member.may(subject, Action.SEE)


ITEMS: list[NavItem] = [
    NavItem(
        "today",
        _("Today"),
        "sun",
        "today",
        _seeing(Subject.ACTIVITY),
        badge_url_name="today_badge",
        phone=True,
    ),
    NavItem(
        "decisions",
        _("Decisions"),
        "inbox",
        "decisions",
        lambda member: member.reach(Subject.DEAL, Action.EDIT) >= Reach.TEAM,
        badge_url_name="decisions_badge",
    ),
    NavItem("deals", _("Deals"), "layout-kanban", "deals_board", _seeing(Subject.DEAL), phone=True),
    NavItem("clients", _("Clients"), "building", "companies", _seeing(Subject.CLIENT), phone=True),
    NavItem("calendar", _("Calendar"), "calendar", "calendar", _seeing(Subject.ACTIVITY)),
    NavItem("reports", _("Reports"), "filter", "reports", _seeing(Subject.REPORT)),
    NavItem("book", _("Sales book"), "book-2", "book", _seeing(Subject.BOOK)),
]

SETTINGS = NavItem("settings", _("Settings"), "settings", "settings")


def register(item: NavItem, *, before: str = "") -> None:
    """Add a room, at the end or before the one with key *before*; a second call with the same key is a no-op."""
    if any(known.key == item.key for known in ITEMS):
        return
    place = next((i for i, known in enumerate(ITEMS) if known.key == before), len(ITEMS))
    ITEMS.insert(place, item)


# A board names some six hundred addresses, and Django goes through its patterns anew for each.
@lru_cache(maxsize=20_000, typed=True)
def workspace_url(name: str, slug: str, *args: Any, **kwargs: Any) -> str:
    """The address *name* inside the workspace with this slug. Raises `NoReverseMatch`."""
    if args:
        return reverse(name, args=(slug, *args))
    return reverse(name, kwargs={"workspace_slug": slug, **kwargs})


def optional_url(name: str, slug: str) -> str:
    """The same, or "" where nobody has built the screen (yet)."""
    if not name:
        return ""
    try:
        return workspace_url(name, slug)
    except NoReverseMatch:
        return ""


def shown(items: list[NavItem], *, slug: str, member: Any) -> list[ShownItem]:
    """The *items* that this member sees in this workspace."""
    result = []
    for item in items:
        url = optional_url(item.url_name, slug)
        if url and (item.may_see is None or item.may_see(member)):
            badge = optional_url(item.badge_url_name, slug)
            result.append(ShownItem(item.key, item.label, item.icon, url, badge, item.phone))
    return result
