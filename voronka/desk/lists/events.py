"""What happens to lists themselves: saved views, bulk actions, exports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_
from django.utils.translation import ngettext

from voronka.core import formats
from voronka.desk.lists import undoing
from voronka.journal.registry import event_type


def _rows(count: int) -> str:
    return ngettext("%(count)s row", "%(count)s rows", count) % {"count": formats.number(count)}


def _list(code: str) -> str:
    from voronka.desk.lists.registry import known_label

    return known_label(code)


@event_type(
    "view.saved", sentence=N_("View saved: {name}"), icon="bookmark", undo=undoing.view_saved, webhook=False
)
@dataclass(frozen=True)
class ViewSaved:
    view: int
    subject: str
    name: str


@event_type(
    "view.changed",
    sentence=N_("View changed: {name}"),
    icon="bookmark",
    undo=undoing.view_changed,
    webhook=False,
)
@dataclass(frozen=True)
class ViewChanged:
    """*before* and *after* by field name."""

    view: int
    subject: str
    name: str
    before: dict[str, Any]
    after: dict[str, Any]


@event_type(
    "view.deleted",
    sentence=N_("View deleted: {name}"),
    icon="bookmark-off",
    undo=undoing.view_deleted,
    webhook=False,
)
@dataclass(frozen=True)
class ViewDeleted:
    view: int
    subject: str
    name: str


@event_type(
    "view.made_first",
    sentence=N_("The list “{list}” opens with the view “{name}” for the role “{role}”"),
    icon="bookmark",
    describe=lambda p: {"list": _list(p.subject), "name": p.name or _("the usual one"), "role": p.role},
    undo=undoing.first_view,
    webhook=False,
)
@dataclass(frozen=True)
class FirstViewSet:
    """*before* and *view* are codes of views; "" for the usual one."""

    subject: str
    role_id: int
    role: str
    view: str
    before: str
    name: str


@event_type(
    "list.bulk_done",
    sentence=N_("{list}: {title}, {rows}"),
    icon="checklist",
    describe=lambda p: {"list": _list(p.subject), "title": p.title, "rows": _rows(p.rows)},
    undo=undoing.bulk,
    webhook=False,
)
@dataclass(frozen=True)
class BulkDone:
    """A verb carried out on many rows; the events of the rows are its consequences."""

    job: int
    subject: str
    verb: str
    title: str
    rows: int


@event_type(
    "list.exported",
    sentence=N_("Exported: {list}, {rows}, {filter}"),
    icon="file-export",
    describe=lambda p: {
        "list": _list(p.subject),
        "rows": _rows(p.rows),
        "filter": p.filter or _("no filter"),
    },
    webhook=False,
)
@dataclass(frozen=True)
class ListExported:
    """*filter* in the words of whoever exported; *columns* by name."""

    subject: str
    rows: int
    filter: str
    columns: list[str]
    format: str
