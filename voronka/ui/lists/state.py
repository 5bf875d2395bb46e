"""What an address asks of a list: view, conditions, words to find, order, columns. The address bar is true.

A view alone (`?view=mine`) is shown as it was made; any of `where`, `f.<field>` and the plain parameters of older
addresses takes the place of the view's own conditions and words; `q` alone only of its words, and `sort` of its order.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict

from voronka.core.text import clean
from voronka.desk.lists import exporting, paging, views
from voronka.desk.lists.conditions import MANY_VALUES, Condition, Group, parse
from voronka.desk.lists.fields import ONE_OF, SEVERAL_OF, TIMES, Field, Kind
from voronka.desk.lists.models import ListLayout, SavedView
from voronka.desk.lists.registry import Listing, View
from voronka.ui.lists.screens import Screen
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action

QUICK = "f."


@dataclass(frozen=True)
class ListState:
    """Everything that decides what the list shows."""

    screen: Screen
    member: Member
    fields: dict[str, Field]
    view: View | SavedView | None
    where: Group
    search: str
    keys: list[paging.Key]
    columns: list[Field]
    widths: dict[str, int]
    # What the view itself says, to tell whether something differs from it.
    pristine: tuple[str, str, str] = ("", "", "")
    layout_is_own: bool = False
    dropped: tuple[str, ...] = ()
    made: list[View] = field(default_factory=list)
    saved: list[SavedView] = field(default_factory=list)

    @property
    def listing(self) -> Listing:
        return self.screen.listing

    @property
    def view_code(self) -> str:
        return self.view.code if self.view else ""

    @property
    def sort(self) -> str:
        return paging.sort_text(self.keys)

    @property
    def is_changed(self) -> bool:
        """Whether conditions or order differ from those of the view."""
        return (self.where.to_text(), self.search, self.sort) != self.pristine

    def rows(self, action: Action = Action.SEE) -> Any:
        """The rows of the list, in no order yet."""
        return exporting.found(self.listing, self.member, self.fields, self.where, self.search, action=action)

    def params(self, **changes: Any) -> dict[str, Any]:
        """The state as parameters, in the normal form: a view that is not changed goes by its name alone."""
        state = replace(self, **changes) if changes else self
        params: dict[str, Any] = {"view": state.view_code} if state.view_code else {}
        where, search, sort = state.where.to_text(), state.search, state.sort
        if (where, search) != state.pristine[:2] or not state.view_code:
            params["where"] = where or "[]"
            if search:
                params["q"] = search
        if sort != state.pristine[2]:
            params["sort"] = sort
        return params

    def query(self, **changes: Any) -> str:
        return urlencode(self.params(**changes))


def read(request: HttpRequest, screen: Screen, params: QueryDict | None = None) -> ListState:
    """The state that *params* (the address by default) ask for."""
    member: Member = request.member  # type: ignore[attr-defined]
    params = request.GET if params is None else params
    listing = screen.listing
    fields = listing.fields_for(member)
    made, saved = views.views_for(listing, member)
    known: list[View | SavedView] = [*made, *saved]
    every = {view.code: view for view in known}
    given = _given(screen, params, fields, member)
    code = params.get("view", "")
    view = every.get(code)
    if view is None and given is None and "q" not in params:
        view = every.get(views.first_view(listing, member)) or made[0]
    of_view = parse(view.where, fields) if view else None
    own_where = of_view.where if of_view else Group()
    own_search = view.search if isinstance(view, SavedView) else ""
    own_sort = paging.sort_text(paging.keys_of(view.sort if view else "", fields, listing.sort))
    dropped: tuple[str, ...] = of_view.dropped if of_view else ()
    where, search = own_where, own_search
    if given is not None:
        where, dropped = given
    if given is not None or "q" in params:
        search = clean(params.get("q", ""))[:200]
    asked_sort = ",".join(
        ("-" if part.startswith("-") else "") + listing.aliases.get(part.lstrip("-"), part.lstrip("-"))
        for part in params.get("sort", "").split(",")
    )
    keys = paging.keys_of(asked_sort, fields, own_sort)
    columns, widths, own = _columns(listing, member, fields, view)
    return ListState(
        screen=screen,
        member=member,
        fields=fields,
        view=view,
        where=where,
        search=search,
        keys=keys,
        columns=columns,
        widths=widths,
        pristine=(own_where.to_text(), own_search, own_sort) if view else ("", "", listing.sort),
        layout_is_own=own,
        dropped=dropped,
        made=made,
        saved=saved,
    )


def _given(
    screen: Screen, params: QueryDict, fields: dict[str, Field], member: Member
) -> tuple[Group, tuple[str, ...]] | None:
    """The conditions in the address and what of them was dropped; None when it has none of its own."""
    quick = [name for name in params if name.startswith(QUICK)]
    kept = screen.kept(params, member) if screen.kept else None
    if "where" not in params and not quick and kept is None:
        return None
    parsed = parse(params.get("where", ""), fields)
    where, dropped = parsed.where, parsed.dropped
    if kept is not None:
        more = parse(kept.dump(), fields)
        where, dropped = where.also(more.where), (*dropped, *more.dropped)
    tree = []
    for name in quick:
        known = fields.get(name.removeprefix(QUICK))
        values = [value for value in params.getlist(name) if value]
        if known is not None and values:
            tree.append([known.name, quick_op(known), *values])
    if tree:
        more = parse(tree, fields)
        where, dropped = where.also(more.where), (*dropped, *more.dropped)
    return where, dropped


def quick_op(known: Field) -> str:
    """The operator of a quick filter: any of the chosen values, or the period."""
    if known.kind in TIMES:
        return "period"
    if known.kind in SEVERAL_OF:
        return "any"
    return "in" if known.kind in ONE_OF else "contains"


def is_quick(item: Any, listing: Listing) -> bool:
    """Whether a condition is told by its quick filter."""
    return (
        isinstance(item, Condition)
        and item.field in listing.quick
        and (item.op in MANY_VALUES - {"out", "all", "none"} or item.op == "period")
    )


def _columns(
    listing: Listing, member: Member, fields: dict[str, Field], view: View | SavedView | None
) -> tuple[list[Field], dict[str, int], bool]:
    """The columns to show, the row's name first, and their widths; whether the member chose them."""
    layout = ListLayout.objects.filter(
        member=member, subject=listing.code, view=view.code if view else ""
    ).first()
    names = layout.columns if layout and layout.columns else list(view.columns) if view else []
    found = [fields[name] for name in names if name in fields and fields[name].listed]
    if not found:
        found = [fields[name] for name in listing.default_columns(fields)]
    main = fields.get(listing.main)
    if main is not None:
        found = [main, *(known for known in found if known is not main)]
    widths = dict(view.widths) if isinstance(view, SavedView) else {}
    if layout:
        widths |= layout.widths
    return found, widths, bool(layout and layout.columns)


def remote(known: Field) -> bool:
    """Whether values of the field are asked for as one types."""
    return bool(known.source) and known.kind in (Kind.COMPANY, Kind.PERSON, Kind.DEAL)
