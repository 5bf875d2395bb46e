"""The page of a list: tabs of views, filters, the table in keyset pages, totals in the foot."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from voronka.core import clock, formats
from voronka.desk.lists import bulk, exporting, paging, relative
from voronka.desk.lists.conditions import ME, MY_TEAM, NOTHING, Condition, Group
from voronka.desk.lists.fields import TIMES, Field, Kind
from voronka.desk.lists.models import SavedView
from voronka.desk.lists.views import may_change
from voronka.desk.lists.words import told
from voronka.ui.access import workspace_view
from voronka.ui.htmx import render_page, wants_fragment
from voronka.ui.lists.cells import row_html
from voronka.ui.lists.screens import get_screen
from voronka.ui.lists.state import QUICK, ListState, is_quick, read
from voronka.ui.navigation import workspace_url
from voronka.workspaces.rights import Action, Reach

# Rows of a page; a list that ends within it is summed at once, a longer one by a request of its own.
PAGE = paging.PAGE
NARROW = 1_000


@dataclass(frozen=True)
class Head:
    """The head of a column."""

    field: Field
    width: int
    direction: str
    place: int
    href: str
    more_href: str


@dataclass(frozen=True)
class QuickFilter:
    """A chip with a menu over the table."""

    name: str
    label: str
    options: list[tuple[str, str]]
    chosen: list[str]
    one: bool


@dataclass(frozen=True)
class Chip:
    """A condition in words with the address that lacks it."""

    text: str
    url: str


@dataclass(frozen=True)
class Tab:
    """A view over the list."""

    url: str
    label: str
    is_current: bool
    view: Any
    is_saved: bool = False


def show_list(request: HttpRequest, code: str) -> HttpResponse:
    """The page of the list *code*; its next rows when asked `after`."""
    screen = get_screen(code)
    state = read(request, screen)
    slug = request.workspace.slug  # type: ignore[attr-defined]
    whole = exporting.with_needs(state.listing.base(), state.columns)
    found, after = paging.page(state.rows(), state.keys, request.GET.get("after", ""), whole=whole)
    state.listing.completed(found, state.member)
    verbs = bulk.verbs_for(state.listing, state.member)
    may_export = state.listing.may(state.member, Action.EXPORT)
    selectable = bool(verbs) or may_export
    address = screen.url(slug)
    context: dict[str, Any] = {
        "room": screen.room,
        "screen": screen,
        "state": state,
        "found": found,
        "rows": drawn(found, state, slug, selectable=selectable),
        "more_url": f"{address}?{state.query()}&after={after}" if after else "",
        "span": len(state.columns) + (1 if selectable else 0),
        "address": address,
    }
    if request.GET.get("after") and wants_fragment(request):
        return render_page(request, "lists/list.html", context, fragment="rows")
    query = state.query()
    context |= {
        "query": query,
        "list_url": f"{address}?{query}",
        "heads": heads(state, address),
        "tabs": tabs(state, address),
        "more_views": more_views(state, address),
        "screen_tabs": screen.tabs(slug, state) if screen.tabs else [],
        "links": screen.links(slug, state.member) if screen.links else [],
        "quick": quick_filters(state),
        "quick_rest": rest_of(state).to_text() or "[]",
        "chips": chips(state, address),
        "view_name": str(state.view.label)
        if state.view and not isinstance(state.view, SavedView)
        else str(state.view or ""),
        "may_change_view": isinstance(state.view, SavedView) and may_change(state.view, state.member),
        "reset_url": f"{address}?view={state.view_code}" if state.view_code else address,
        "is_filtered": bool(state.where or state.search),
        "all_url": f"{address}?where=[]",
        "selectable": selectable,
        "verbs": [verb for verb in verbs if verb.code != ("archive" if _asks_away(state) else "restore")],
        "may_export": may_export,
        "may_create": state.listing.may(state.member, Action.CREATE),
        "create_url": workspace_url(screen.create, slug) if screen.create else "",
        "table_width": sum(head.width for head in heads(state, address)) + (40 if selectable else 0),
        "totals_url": workspace_url("list_totals", slug, screen.code) + f"?{query}",
        # A list that ends on its first page is summed there and then.
        "totals": totals(state) if not after else None,
        "count": len(found) if not after else None,
        "columns_text": ",".join(field.name for field in state.columns),
    }
    return render_page(request, "lists/list.html", context, fragment="list")


def drawn(rows: list[Any], state: ListState, slug: str, *, selectable: bool) -> list[SafeString]:
    """The rows as they stand in the table; all of them see the same moment."""
    with clock.frozen(clock.now()):
        return [row_html(row, state, slug, selectable=selectable) for row in rows]


def _asks_away(state: ListState) -> bool:
    """Whether the deleted or put away are among the rows: only then is there something to bring back."""
    return any(
        (c.field in ("deleted", "archived") and c.op == "yes")
        or (c.field == "outcome" and "deleted" in c.values)
        for c in state.where.conditions()
    )


def heads(state: ListState, address: str) -> list[Head]:
    """The heads, each with the address that sorts by it alone, and the one that adds it to the order."""
    places = {key.field.name: index for index, key in enumerate(state.keys)}
    made = []
    for field in state.columns:
        place = places.get(field.name)
        down = state.keys[place].down if place is not None else False
        # Sums, counts and moments are first asked for from the top.
        first_down = field.is_number or field.kind == Kind.MOMENT
        following = paging.Key(field, not down if place is not None else first_down)
        others = [key for key in state.keys if key.field.name != field.name]
        kept = (
            [*others, following]
            if place is None
            else [following if key.field.name == field.name else key for key in state.keys]
        )
        made.append(
            Head(
                field=field,
                width=state.widths.get(field.name, field.width),
                direction="" if place is None else "descending" if down else "ascending",
                place=place + 1 if place is not None and len(state.keys) > 1 else 0,
                href=f"{address}?{state.query(keys=[following])}" if field.sortable and field.order else "",
                more_href=f"{address}?{state.query(keys=kept[: paging.MOST_KEYS])}",
            )
        )
    return made


def tabs(state: ListState, address: str) -> list[Tab]:
    """Views that stand as tabs: those made in code, the pinned, and the present one."""
    made = [
        Tab(f"{address}?view={view.code}", str(view.label), view.code == state.view_code, view)
        for view in state.made
        if not view.tucked or view.code == state.view_code
    ]
    saved = [
        Tab(f"{address}?view={view.code}", view.name, view.code == state.view_code, view, is_saved=True)
        for view in state.saved
        if view.is_pinned or view.code == state.view_code
    ]
    return [*made, *saved]


def more_views(state: ListState, address: str) -> list[Tab]:
    """The others, in the menu behind the tabs."""
    return [
        *(
            Tab(f"{address}?view={view.code}", str(view.label), False, view)
            for view in state.made
            if view.tucked and view.code != state.view_code
        ),
        *(
            Tab(f"{address}?view={view.code}", view.name, False, view, is_saved=True)
            for view in state.saved
            if not view.is_pinned and view.code != state.view_code
        ),
    ]


def rest_of(state: ListState) -> Group:
    """The conditions that no quick filter tells."""
    if state.where.joined == "or":
        return state.where
    return Group("and", tuple(item for item in state.where.items if not is_quick(item, state.listing)))


def quick_filters(state: ListState) -> list[QuickFilter]:
    """The chips over the table: who, where, when."""
    chosen = {
        item.field: list(item.values)
        for item in (state.where.items if state.where.joined == "and" else ())
        if isinstance(item, Condition) and is_quick(item, state.listing)
    }
    made = []
    for name in state.listing.quick:
        field = state.fields.get(name)
        if field is None or not (field.options or field.kind in TIMES):
            continue
        values = chosen.get(name, [])
        made.append(
            QuickFilter(
                name=f"{QUICK}{name}",
                label=str(field.label),
                options=choices_of(field, state, values),
                chosen=values,
                one=field.kind in TIMES,
            )
        )
    return made


def choices_of(field: Field, state: ListState, values: list[str]) -> list[tuple[str, str]]:
    """What may be chosen for *field*; the chosen that are archived by now stay among them."""
    if field.kind in TIMES:
        return [(code, str(label)) for code, label in relative.PERIODS.items()]
    found = [(str(value), str(text)) for value, text in field.options()] if field.options else []
    special = []
    if field.kind == Kind.MEMBER:
        special.append((ME, _("me")))
        if state.member.reach(state.listing.subject, Action.SEE) > Reach.OWN:
            special.append((MY_TEAM, _("my team")))
        if state.member.reach(state.listing.subject, Action.SEE) == Reach.OWN:
            found = [pair for pair in found if pair[0] == str(state.member.pk)]
    elif field.kind == Kind.TEAM:
        special.append((MY_TEAM, _("my team")))
    known = {value for value, _text in found}
    gone = [value for value in values if value not in known and value not in (ME, MY_TEAM, NOTHING)]
    found += [(value, text) for value, text in field.texts_of(gone).items()] if gone else []
    if field.nullable:
        found.append((NOTHING, _("not given")))
    return [*special, *found]


def chips(state: ListState, address: str) -> list[Chip]:
    """The other conditions in words, each with its ✕."""
    made = []
    if state.where.joined == "or":
        return [Chip(told(state.where, state.fields), f"{address}?{state.query(where=Group())}")]
    for index, item in enumerate(state.where.items):
        if is_quick(item, state.listing):
            continue
        text = told(item, state.fields)
        if text:
            made.append(Chip(text, f"{address}?{state.query(where=state.where.without(index))}"))
    return made


@dataclass(frozen=True)
class Totals:
    """The foot of the table: how many rows, and under which column which sum."""

    count: int
    text: str
    note: str
    cells: list[tuple[Field, str]]


def totals(state: ListState) -> Totals:
    """Count and sums of everything that was found, whatever is on the screen."""
    summed = [field for field in state.columns if field.total]
    asked: dict[str, Any] = {"_count": Count("*")}
    rows = state.rows().order_by()
    for index, field in enumerate(summed):
        asked[f"_sum{index}"] = Sum(field.column)
        asked[f"_given{index}"] = Count(field.column)
    row = rows.aggregate(**asked)
    sums = {field.name: row[f"_sum{index}"] for index, field in enumerate(summed)}
    note = ""
    if summed and summed[0].kind == Kind.MONEY and (missing := row["_count"] - row["_given0"]):
        note = ngettext("%(count)s without a sum", "%(count)s without a sum", missing) % {
            "count": formats.number(missing)
        }
    cells = [
        (field, _sum_text(field, sums[field.name], state) if field.name in sums else "")
        for field in state.columns[1:]
    ]
    return Totals(row["_count"], state.listing.counted(row["_count"]), note, cells)


def _sum_text(field: Field, value: Any, state: ListState) -> str:
    value = value if value is not None else Decimal(0)
    if field.kind == Kind.MONEY:
        return formats.money(round(value, 2), state.member.workspace.currency)
    return formats.number(value)


@require_GET
@workspace_view()
def list_totals(request: HttpRequest, code: str) -> HttpResponse:
    """The foot of a long list, asked when the rows are there already."""
    screen = get_screen(code)
    screen.listing.require(request.member, Action.SEE)  # type: ignore[attr-defined]
    state = read(request, screen)
    if not wants_fragment(request):
        slug = request.workspace.slug  # type: ignore[attr-defined]
        return HttpResponseRedirect(f"{screen.url(slug)}?{state.query()}")
    context = {
        "state": state,
        "totals": totals(state),
        "selectable": request.GET.get("selectable") == "1",
    }
    return render_page(request, "lists/totals.html", context, fragment="foot")


def with_columns(state: ListState, text: str) -> ListState:
    """The state with the columns that a page shows just now."""
    named = [
        state.fields[name] for name in text.split(",") if name in state.fields and state.fields[name].listed
    ]
    return replace(state, columns=named) if named else state
