"""A value changed in its cell: the editor, the saving through the room's verb, the row drawn anew."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from voronka.core.edits import jsonable
from voronka.core.errors import Forbidden, Refused
from voronka.core.parsing import Unreadable, parse_amount
from voronka.desk.lists.exporting import with_needs
from voronka.desk.lists.fields import Field, Kind
from voronka.journal.models import Event
from voronka.ui.access import get_or_404, workspace_view
from voronka.ui.book.answers import listening
from voronka.ui.htmx import render_page, toast, trigger, wants_fragment
from voronka.ui.lists.cells import may_edit, row_html
from voronka.ui.lists.screens import get_screen
from voronka.ui.lists.state import ListState, read
from voronka.ui.lists.table import with_columns
from voronka.ui.navigation import workspace_url
from voronka.workspaces.rights import Action

# Where values of a field are asked for as one types.
SOURCES = {"companies": "companies_options", "people": "people_options", "deals": "list_deals_options"}


@require_http_methods(["GET", "POST"])
@workspace_view()
def cell(request: HttpRequest, code: str, pk: int, name: str) -> HttpResponse:
    """The editor of a cell (GET), or the new value of it (POST: `value`, `was`; answered with the whole row)."""
    screen = get_screen(code)
    screen.listing.require(request.member, Action.EDIT)  # type: ignore[attr-defined]
    state = with_columns(read(request, screen), request.GET.get("columns", ""))
    field = state.fields.get(name)
    if field is None:
        raise Http404
    everything = screen.listing.base()
    row = get_or_404(
        screen.listing.rows(state.member, Action.SEE, state.where).filter(pk__in=everything.values("pk")), pk
    )
    if not may_edit(field, row, state):
        raise Forbidden(f"edit {name} of {code} {pk}")
    if request.method == "POST":
        return _save(request, state, field, row)
    return render_page(request, "lists/cell.html", _editor(request, state, field, row), fragment="editor")


def _editor(request: HttpRequest, state: ListState, field: Field, row: Any) -> dict[str, Any]:
    slug = request.workspace.slug  # type: ignore[attr-defined]
    raw = raw_value(field, row)
    return {
        "room": state.screen.room,
        "screen": state.screen,
        "field": field,
        "row": row,
        "value": raw,
        "type": editor_type(field),
        "options": options_for(field, raw),
        "chosen": str(raw).split(",") if raw not in (None, "") else [],
        "source": source_url(field, slug),
        "url": workspace_url("list_cell", slug, state.screen.code, row.pk, field.name)
        + f"?columns={','.join(known.name for known in state.columns)}",
        "back": f"{state.screen.url(slug)}?{state.query()}",
    }


def raw_value(field: Field, row: Any) -> Any:
    """The value as an editor posts it."""
    if field.raw is not None:
        value = field.raw(row)
    else:
        model_field = row._meta.get_field(field.name)
        value = getattr(row, model_field.attname)
    value = jsonable(value)
    if isinstance(value, bool):
        return "1" if value else "0"
    return "" if value is None else value


def editor_type(field: Field) -> str:
    """Which control edits the field."""
    kinds = {
        Kind.MONEY: "money",
        Kind.NUMBER: "number",
        Kind.PERCENT: "number",
        Kind.DAYS: "number",
        Kind.DATE: "date",
        Kind.LONGTEXT: "textarea",
        Kind.CHOICES: "several",
        Kind.FLAG: "flag",
    }
    if field.kind in kinds:
        return kinds[Kind(field.kind)]
    if field.options is not None or field.source:
        return "select"
    return "text"


def options_for(field: Field, raw: Any) -> list[tuple[str, str]]:
    """The choices of an editor, the present one among them even if it is archived or asked for remotely."""
    if editor_type(field) not in ("select", "several"):
        return []
    found = [(str(value), str(text)) for value, text in field.options()] if field.options else []
    values = [value for value in str(raw).split(",") if value and value not in dict(found)]
    found += list(field.texts_of(values).items()) if values else []
    return [("", "—"), *found] if field.nullable and editor_type(field) == "select" else found


def source_url(field: Field, slug: str) -> str:
    """The address that is asked for options as one types; "" where all are listed."""
    if not field.source:
        return ""
    if field.source.startswith("field-"):
        return workspace_url("field_choices", slug, int(field.source.removeprefix("field-")))
    return workspace_url(SOURCES[field.source], slug)


def posted(field: Field, values: list[str]) -> Any:
    """What was posted, as the verb takes it. Raises `Refused` for a sum or a day that is none."""
    text = values[-1].strip() if values else ""
    if field.kind == Kind.CHOICES:
        return [value for value in values if value]
    if field.kind in (Kind.MONEY, Kind.NUMBER, Kind.PERCENT) and text:
        try:
            number = parse_amount(text.rstrip("% "), places=2 if field.kind == Kind.MONEY else 6)
        except Unreadable as problem:
            raise Refused(str(problem), field=field.name) from problem
        if number is None:
            return ""
        return str(int(number)) if number == number.to_integral_value() else f"{number:f}"
    if field.kind == Kind.DATE and text:
        try:
            dt.date.fromisoformat(text)
        except ValueError:
            raise Refused(_("This is not a date."), field=field.name) from None
    if field.kind == Kind.FLAG and not field.is_custom:
        return text == "1"
    return text


def _save(request: HttpRequest, state: ListState, field: Field, row: Any) -> HttpResponse:
    member = state.member
    value = posted(field, request.POST.getlist("value"))
    was = request.POST.get("was")
    edit = state.listing.edit
    if edit is None:
        raise Http404
    try:
        with listening(request) as heard:
            edit(
                row,
                actor=member,
                changes={field.name: value},
                was=None if was is None or field.kind in (Kind.CHOICES, Kind.FLAG) else {field.name: was},
            )
    except ValidationError:
        raise Refused(_("This value does not fit."), field=field.name) from None
    if not wants_fragment(request):
        return HttpResponseRedirect(state.screen.url(request.workspace.slug))  # type: ignore[attr-defined]
    return _row_again(request, state, row.pk, heard.event)


def _row_again(request: HttpRequest, state: ListState, pk: int, event: Event | None) -> HttpResponse:
    slug = request.workspace.slug  # type: ignore[attr-defined]
    rows = with_needs(state.listing.base().filter(pk=pk), state.columns)
    found = list(rows)
    state.listing.completed(found, state.member)
    html = row_html(found[0], state, slug, selectable=request.GET.get("selectable", "1") != "0")
    response = HttpResponse(html)
    trigger(response, "list:totals")
    if event is None:
        return response
    return toast(response, _("Saved"), undo_url=workspace_url("undo", slug, event.pk))
