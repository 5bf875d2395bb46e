"""How a cell looks: one function per kind of field, HTML made by hand because a page has hundreds of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from voronka.core import formats
from voronka.desk.lists.fields import Field, Kind
from voronka.ui.icons import icon_svg
from voronka.ui.lists.state import ListState
from voronka.workspaces.rights import Action

NONE = mark_safe('<span class="v-cell-none">—</span>')


def inner(field: Field, row: Any, state: ListState) -> SafeString:
    """What stands inside the cell of *field*."""
    if own := state.screen.cells.get(field.name):
        return own(row)
    value = field.value_of(row)
    if value is None or value == "" or value == []:
        return NONE
    if isinstance(value, list):
        return _several(field, value)
    if field.kind == Kind.MONEY:
        currency = field.currency(row) if field.currency else state.member.workspace.currency
        return conditional_escape(formats.money(value, currency))
    if field.kind == Kind.PERCENT:
        return format_html("{} %", formats.number(value))
    if field.kind == Kind.FLAG:
        if value:
            return icon_svg("check", "v-good", _("yes"))
        # Of an own field «no» was said; silence is the dash.
        return conditional_escape(_("no")) if field.is_custom else NONE
    if field.kind == Kind.MEMBER:
        return _member(value)
    if isinstance(value, dt.datetime):
        return conditional_escape(formats.short_date(value))
    if isinstance(value, dt.date):
        return conditional_escape(formats.short_date(value))
    if field.is_number:
        return conditional_escape(formats.number(value))
    if field.kind in (Kind.LINK, Kind.PHONE, Kind.EMAIL):
        return _link(field, str(value))
    return conditional_escape(str(value))


def _several(field: Field, values: list[Any]) -> SafeString:
    if field.kind in (Kind.PHONE, Kind.EMAIL):
        return format_html_join(", ", "{}", ((_link(field, str(value)),) for value in values[:2]))
    if field.kind in (Kind.TAGS, Kind.CHOICES):
        return format_html_join(" ", '<span class="v-badge">{}</span>', ((str(value),) for value in values))
    return conditional_escape(", ".join(str(value) for value in values))


def _link(field: Field, value: str) -> SafeString:
    if field.kind == Kind.PHONE:
        return format_html('<a href="tel:{}">{}</a>', "".join(c for c in value if c in "+0123456789"), value)
    if field.kind == Kind.EMAIL:
        return format_html('<a href="mailto:{0}">{0}</a>', value)
    if value.startswith(("http://", "https://")):
        return format_html(
            '<a href="{0}" target="_blank" rel="noopener noreferrer">{1}</a>',
            value,
            value.partition("://")[2],
        )
    return conditional_escape(value)


def _member(value: Any) -> SafeString:
    name = str(getattr(value, "name", value))
    return format_html(
        '<span class="v-cell-person"><span class="v-avatar v-avatar-sm" aria-hidden="true">{}</span>'
        '<span class="v-cut">{}</span></span>',
        formats.initials(name),
        name,
    )


def may_edit(field: Field, row: Any, state: ListState) -> bool:
    """Whether *state*'s member may change this cell of this row."""
    if not field.editable or state.listing.edit is None or getattr(row, "deleted_at", None):
        return False
    if not hasattr(row, "owner_id"):
        # It is the company's: the right alone decides.
        return state.listing.may(state.member, Action.EDIT)
    return state.member.reaches(
        state.listing.subject, Action.EDIT, owner_id=row.owner_id, team_id=row.team_id
    )


def row_html(row: Any, state: ListState, slug: str, *, selectable: bool) -> SafeString:
    """The whole `<tr>` of *row*."""
    url = state.screen.row_url(row, slug)
    name = str(row)
    cells = []
    for index, field in enumerate(state.columns):
        editable = may_edit(field, row, state)
        content = inner(field, row, state)
        if index == 0:
            content = format_html(
                '<a data-open class="v-list-name" href="{0}" hx-get="{0}" hx-target="#panel" hx-swap="innerHTML" '
                'hx-push-url="false" data-opens="panel">{1}</a>',
                url,
                content,
            )
        cells.append(cell_html(field, content, is_main=index == 0, editable=editable))
    check = (
        format_html(
            '<td class="v-list-check"><input type="checkbox" class="form-check-input" data-check value="{}" aria-label="{}"></td>',
            row.pk,
            _("Choose: %(name)s") % {"name": name},
        )
        if selectable
        else SafeString("")
    )
    return format_html(
        '<tr data-row data-id="{}" id="row-{}">{}{}</tr>', row.pk, row.pk, check, SafeString("".join(cells))
    )


def cell_html(field: Field, content: SafeString, *, is_main: bool, editable: bool) -> SafeString:
    """One `<td>` (the name of the row is a `<th>`)."""
    tag = "th" if is_main else "td"
    css = " ".join(
        part
        for part in (
            "v-list-main" if is_main else "",
            "num" if field.is_number else "",
            "is-editable" if editable else "",
        )
        if part
    )
    return format_html(
        '<{0}{1}{2} data-cell="{3}" tabindex="-1"><div class="v-cell">{4}</div></{0}>',
        SafeString(tag),
        SafeString(' scope="row"') if is_main else "",
        format_html(' class="{}"', css) if css else "",
        field.name,
        content,
    )
