"""What the screen of a list adds to its description: addresses, the head of the page, cells of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.utils.functional import Promise

from voronka.desk.lists.registry import Listing, get_listing
from voronka.ui.navigation import workspace_url

if TYPE_CHECKING:
    from voronka.desk.lists.conditions import Group
    from voronka.workspaces.models import Member

# A cell of its own: (row, text that would stand there) -> HTML.
CellOf = Callable[[Any], Any]


@dataclass(frozen=True)
class Screen:
    """The screen of the list *code*.

    `url_name` is the list's address, `row_url(row, slug)` a row's card; `tabs(slug, state)` are the ways to look at
    the same things (board and table, companies and people); `create` names the dialog that makes a new one;
    `head` is a template that stands in the head of the page where the room has parts of its own: the tabs go below it;
    `kept(params, member)` reads the plain parameters of older addresses and of reports into conditions.
    """

    code: str
    room: str
    url_name: str
    row_url: Callable[[Any, str], str]
    title: str | Promise
    find: str | Promise
    icon: str
    create: str = ""
    # The deal's button stands in the frame of every page already.
    create_in_head: bool = True
    create_label: str | Promise = ""
    empty_title: str | Promise = ""
    empty_text: str | Promise = ""
    tabs: Callable[[str, Any], list[tuple[str, str, bool]]] | None = None
    tabs_label: str | Promise = ""
    head: str = ""
    # Other places of the room: (address, label, icon).
    links: Callable[[str, Member], list[tuple[str, str, str]]] | None = None
    kept: Callable[[Mapping[str, Any], Member], Group | None] | None = None
    cells: dict[str, CellOf] = field(default_factory=dict)

    @property
    def listing(self) -> Listing:
        return get_listing(self.code)

    def url(self, slug: str) -> str:
        return workspace_url(self.url_name, slug)


_screens: dict[str, Screen] = {}


def register(screen: Screen) -> Screen:
    """Make the screen known."""
    _screens[screen.code] = screen
    return screen


def get_screen(code: str) -> Screen:
    """The screen of the list *code*. Raises `Http404`."""
    try:
        return _screens[code]
    except KeyError:
        raise Http404 from None
