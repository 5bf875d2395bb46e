"""The list of activities: the list machine with cells that only activities have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from voronka.activities.filters import ActivityFilter
from voronka.activities.models import Activity
from voronka.core import clock, formats
from voronka.desk.lists.conditions import Condition, Group
from voronka.ui.access import workspace_view
from voronka.ui.icons import icon_svg
from voronka.ui.lists.screens import Screen, register
from voronka.ui.lists.table import show_list
from voronka.ui.navigation import workspace_url
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Subject

PLAIN = frozenset({"state", "owner", "kind", "channel", "from", "to"})


def kept(params: Mapping[str, Any], member: Member) -> Group | None:
    """The plain parameters that Today and cards write: planned ones of the member unless said otherwise."""
    if not any(name in params for name in PLAIN):
        return None
    query = ActivityFilter.from_params(params, member)
    items = [Condition("state", "in", (query.state,))]
    if query.owner is not None:
        items.append(Condition("owner", "in", (str(query.owner),)))
    if query.kind:
        items.append(Condition("kind", "in", tuple(str(pk) for pk in query.kind)))
    if query.channel:
        items.append(Condition("channel", "in", query.channel))
    if query.first or query.last:
        ends = tuple(day.isoformat() if day else "" for day in (query.first, query.last))
        items.append(Condition(query.column, "between", ends))
    return Group("and", tuple(items))


def due_cell(activity: Activity) -> SafeString:
    """When it is due; red when the time has passed."""
    shown = formats.short_datetime if activity.has_time else formats.short_date
    late = activity.is_open and activity.due_at < clock.now()
    return format_html('<span class="{}">{}</span>', "v-bad" if late else "", shown(activity.due_at))


def kind_cell(activity: Activity) -> SafeString:
    """The kind with its icon."""
    return format_html(
        '<span class="v-cut">{} {}</span>',
        icon_svg(activity.kind.icon or "checkbox", "v-quiet"),
        activity.kind.name,
    )


register(
    Screen(
        code="activity",
        room="today",
        url_name="activities",
        row_url=lambda activity, slug: workspace_url("activity", slug, activity.pk),
        title=gettext_lazy("Activities"),
        find=gettext_lazy("What to do, result, client"),
        icon="checklist",
        create="activity_new",
        create_label=gettext_lazy("Plan an activity"),
        empty_title=gettext_lazy("Nothing here"),
        empty_text=gettext_lazy(
            "Calls, meetings, letters and tasks of every client are gathered in this list."
        ),
        kept=kept,
        cells={"due_at": due_cell, "kind": kind_cell},
    )
)


@workspace_view(Subject.ACTIVITY)
def activities(request: HttpRequest) -> HttpResponse:
    """The list."""
    return show_list(request, "activity")
