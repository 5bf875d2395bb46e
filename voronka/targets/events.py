"""What happens with plans."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_
from django.utils.translation import ngettext

from voronka.core.formats import month, number
from voronka.journal.registry import event_type
from voronka.targets import taking_back


def _tell(payload: PlansSet) -> dict[str, Any]:
    count = len(payload.cells)
    return {"what": ngettext("%(count)s value", "%(count)s values", count) % {"count": count}}


def _body(payload: PlansSet) -> str:
    """The first few changes; the rest is counted."""
    lines = []
    for cell in payload.cells[:10]:
        first_day = dt.date.fromisoformat(cell["month"])
        lines.append(f"{cell['name']}, {month(first_day)}: {_sum(cell['was'])} → {_sum(cell['now'])}")
    if len(payload.cells) > len(lines):
        lines.append(_("and %(count)s more") % {"count": len(payload.cells) - len(lines)})
    return "\n".join(lines)


def _sum(value: str | None) -> str:
    return number(None if value is None else Decimal(value))


@event_type(
    "plans.set",
    sentence=N_("Sales plans set: {what}"),
    icon="target",
    describe=_tell,
    body=_body,
    undo=taking_back.plans,
)
@dataclass(frozen=True)
class PlansSet:
    """*cells*: member (id), name (as it was then), month (ISO day), was, now (decimal texts or None for no plan)."""

    measure: str
    cells: list[dict[str, Any]]


def _tell_posting(payload: CorrectionPostedBack) -> dict[str, Any]:
    closed = dt.datetime.fromisoformat(payload.closed_at)
    return {"sum": number(Decimal(payload.amount)), "month": month(closed.date()), "title": payload.title}


@event_type(
    "plans.posted_back",
    sentence=N_("Correction of {sum} on “{title}” counts in {month}, the month of closing"),
    icon="calendar-check",
    describe=_tell_posting,
    undo=taking_back.posting,
)
@dataclass(frozen=True)
class CorrectionPostedBack:
    """*at*: when the sum was changed; *closed_at*: the closing it now counts in (ISO); *amount*: decimal text."""

    deal: int
    title: str
    at: str
    closed_at: str
    amount: str
