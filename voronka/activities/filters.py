"""The filter of activities: read from an address, applied, written back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.db.models import Q
from django.utils.translation import pgettext_lazy

from voronka.core import clock
from voronka.core.periods import end_of, start_of
from voronka.core.text import clean, like_escape
from voronka.playbook.models import Channel

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

STATES = {
    "planned": pgettext_lazy("activities", "Planned"),
    "overdue": pgettext_lazy("activities", "Overdue"),
    "done": pgettext_lazy("activities", "Done"),
    "cancelled": pgettext_lazy("activities", "Cancelled"),
}
EVERYBODY = "all"


@dataclass(frozen=True)
class ActivityFilter:
    """Conditions that must all hold. *owner*: an id, or None for everybody one may see.

    Days are whole days of the workspace, both ends included, of when it was done or (else) is due.
    """

    state: str = "planned"
    owner: int | None = None
    kind: tuple[int, ...] = ()
    channel: tuple[str, ...] = ()
    first: dt.date | None = None
    last: dt.date | None = None
    q: str = ""

    @classmethod
    def from_params(cls, params: Mapping[str, Any], member: Member) -> ActivityFilter:
        """Read a query string; what makes no sense is dropped. Without an owner: *member*."""
        getlist = params.getlist  # type: ignore[attr-defined]
        owner = params.get("owner", "")
        state = params.get("state", "")
        return cls(
            state=state if state in STATES else "planned",
            owner=None if owner == EVERYBODY else _id(owner) or member.pk,
            kind=tuple(sorted({pk for text in getlist("kind") if (pk := _id(text))})),
            channel=tuple(c for c in getlist("channel") if c in Channel.values),
            first=_day(params.get("from", "")),
            last=_day(params.get("to", "")),
            q=clean(params.get("q", ""))[:200],
        )

    def to_query(self, **changes: Any) -> str:
        """The query string of this filter, with *changes* to its fields."""
        wanted = replace(self, **changes)
        given = [
            ("state", wanted.state if wanted.state != "planned" else ""),
            ("owner", EVERYBODY if wanted.owner is None else str(wanted.owner)),
            *(("kind", str(pk)) for pk in wanted.kind),
            *(("channel", code) for code in wanted.channel),
            ("from", wanted.first.isoformat() if wanted.first else ""),
            ("to", wanted.last.isoformat() if wanted.last else ""),
            ("q", wanted.q),
        ]
        return urlencode([(name, value) for name, value in given if value])

    @property
    def column(self) -> str:
        """The moment by which rows are ordered and by which the period is meant."""
        return "done_at" if self.state == "done" else "due_at"

    @property
    def newest_first(self) -> bool:
        """What is to be done begins with the earliest, what was done with the latest."""
        return self.state in ("done", "cancelled")

    def apply(self, queryset: Any) -> Any:
        """*queryset* of activities (made by `visible_to`) narrowed and ordered."""
        if self.state in ("planned", "overdue"):
            queryset = queryset.planned()
        if self.state == "overdue":
            queryset = queryset.filter(due_at__lt=start_of(clock.today()))
        elif self.state == "done":
            queryset = queryset.done()
        elif self.state == "cancelled":
            queryset = queryset.filter(cancelled_at__isnull=False)
        if self.owner is not None:
            queryset = queryset.filter(owner_id=self.owner)
        if self.kind:
            queryset = queryset.filter(kind__in=self.kind)
        if self.channel:
            queryset = queryset.filter(channel__in=self.channel)
        if self.first:
            queryset = queryset.filter(**{f"{self.column}__gte": start_of(self.first)})
        if self.last:
            queryset = queryset.filter(**{f"{self.column}__lt": end_of(self.last)})
        if self.q:
            text = like_escape(self.q)
            queryset = queryset.filter(
                Q(subject__icontains=text) | Q(result__icontains=text) | Q(company__name__icontains=text)
            )
        sign = "-" if self.newest_first else ""
        return queryset.order_by(f"{sign}{self.column}", f"{sign}id")

    def after(self, queryset: Any, moment: dt.datetime, pk: int) -> Any:
        """The rows behind the one with this moment and id: the next page."""
        side = "lt" if self.newest_first else "gt"
        return queryset.filter(
            Q(**{f"{self.column}__{side}": moment}) | Q(**{self.column: moment, f"id__{side}": pk})
        )


def _id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1900 <= day.year <= 2200 else None
