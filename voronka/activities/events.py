"""What happens with activities, as the journal tells it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_
from django.utils.translation import ngettext, pgettext

from voronka.activities import taking_back
from voronka.core import formats
from voronka.journal.registry import event_type
from voronka.workspaces.viewer import hidden_now


def moment(text: str | None, has_time: bool = True) -> str:
    """A stored moment as a person reads it."""
    moment = parse_datetime(text) if text else None
    if moment is None:
        return formats.EMPTY
    return formats.short_datetime(moment) if has_time else formats.short_date(moment)


def _what(kind: str, subject: str) -> str:
    """«Звонок: обсудить КП»; the kind alone when nothing more was said."""
    return kind if not subject or subject == kind else f"{kind}: {subject}"


@dataclass(frozen=True)
class _OfActivity:
    """Which activity it is about; names are kept as they were."""

    activity: int
    kind: str
    icon: str
    subject: str
    # The activity's `version` after the change: undoing it is refused once something was built on it.
    version: int

    @property
    def what(self) -> str:
        return _what(self.kind, self.subject)


def _icon(payload: _OfActivity) -> str:
    return payload.icon or "checkbox"


def _tell_planned(payload: ActivityPlanned) -> dict[str, Any]:
    return {"what": payload.what, "when": moment(payload.due_at, payload.has_time)}


@event_type(
    "activity.planned",
    sentence=N_("Planned: {what}, {when}"),
    icon="calendar-plus",
    describe=_tell_planned,
    undo=taking_back.planned,
    personal=("subject",),
)
@dataclass(frozen=True)
class ActivityPlanned(_OfActivity):
    """*due_at* is ISO with its offset."""

    due_at: str
    has_time: bool
    owner: int


def _tell_done(payload: ActivityDone) -> dict[str, Any]:
    details = []
    if payload.channel == "call":
        details.append(_("incoming") if payload.direction == "in" else _("outgoing"))
        if payload.is_cold:
            details.append(pgettext("call", "cold"))
    if payload.reached is False:
        details.append(_("not reached"))
    done = parse_datetime(payload.done_at)
    logged = parse_datetime(payload.logged_at) if payload.logged_at else None
    if done and logged and logged - done > dt.timedelta(minutes=10):
        details.append(formats.short_datetime(done))
    return {"what": payload.what, "details": f" ({', '.join(details)})" if details else ""}


@event_type(
    "activity.done",
    sentence=N_("Done: {what}{details}"),
    icon=_icon,
    describe=_tell_done,
    body=lambda payload: payload.result,
    undo=taking_back.changed,
    personal=("subject", "result"),
)
@dataclass(frozen=True)
class ActivityDone(_OfActivity):
    """*before* has what completing replaced; *logged_at* is when it was written down."""

    channel: str
    direction: str
    is_cold: bool
    reached: bool | None
    result: str
    done_at: str
    logged_at: str = ""
    without_next: bool = False
    before: dict[str, Any] = field(default_factory=dict)


@event_type(
    "activity.logged",
    sentence=N_("Done: {what}{details}"),
    icon=_icon,
    describe=_tell_done,
    body=lambda payload: payload.result,
    undo=taking_back.planned,
    personal=("subject", "result"),
)
@dataclass(frozen=True)
class ActivityLogged(ActivityDone):
    """Done and written down at once, never planned."""


@event_type(
    "activity.imported",
    sentence=N_("Done: {what}{details}"),
    icon=_icon,
    describe=_tell_done,
    body=lambda payload: payload.result,
    personal=("subject", "result"),
    webhook=False,
)
@dataclass(frozen=True)
class ActivityImported(ActivityDone):
    """What was done according to the old base, told in the feed at its own time."""


def _tell_edited(payload: ActivityEdited) -> dict[str, Any]:
    due = payload.after.get("due_at")
    if payload.own and len(payload.own) == len(payload.after):
        change = "; ".join(f"{own['label']}: {own['was']} → {own['now']}" for own in payload.own)
    elif set(payload.after) <= {"due_at", "has_time", "remind_at"} and due:
        change = _("moved to %(when)s") % {"when": moment(due, payload.has_time)}
    else:
        change = _("changed")
    return {"what": payload.what, "change": change}


def _kept(payload: ActivityEdited) -> ActivityEdited | None:
    """Without the own fields that the viewer may not see; None when nothing else was changed."""
    hidden = hidden_now("activity")
    if not hidden & payload.after.keys():
        return payload
    after = {name: value for name, value in payload.after.items() if name not in hidden}
    own = [told for told in payload.own if told.get("name") not in hidden]
    return dataclasses.replace(payload, after=after, own=own) if after else None


@event_type(
    "activity.edited",
    sentence=N_("Activity “{what}”: {change}"),
    icon="pencil",
    describe=_tell_edited,
    kept=_kept,
    undo=taking_back.changed,
    personal=("subject", "before", "after", "own"),
)
@dataclass(frozen=True)
class ActivityEdited(_OfActivity):
    """*before* and *after* map the changed attributes to their values; *own* tells changed own fields in words."""

    before: dict[str, Any]
    after: dict[str, Any]
    has_time: bool = True
    own: list[dict[str, str]] = field(default_factory=list)


def _tell(payload: _OfActivity) -> dict[str, Any]:
    return {"what": payload.what}


@event_type(
    "activity.cancelled",
    sentence=N_("Cancelled: {what}"),
    icon="calendar-x",
    describe=_tell,
    body=lambda payload: payload.reason,
    undo=taking_back.changed,
    personal=("subject", "reason"),
)
@dataclass(frozen=True)
class ActivityCancelled(_OfActivity):
    """*reason* may be empty."""

    reason: str
    before: dict[str, Any]


@event_type(
    "activity.reopened",
    sentence=N_("To do again: {what}"),
    icon="rotate",
    describe=_tell,
    undo=taking_back.changed,
    personal=("subject",),
)
@dataclass(frozen=True)
class ActivityReopened(_OfActivity):
    """A finished or cancelled activity is to be done again."""

    before: dict[str, Any]


@event_type(
    "activities.imported",
    sentence=N_("Activities imported: {count}"),
    icon="database-import",
    webhook=False,
)
@dataclass(frozen=True)
class ActivitiesImported:
    """One event for a whole batch."""

    count: int


def rule_in_words(unit: str, every: int, until: str = "", times: int | None = None) -> str:
    """«каждые 2 недели, до 31 дек.»."""
    once = {
        "day": pgettext("repeat", "every day"),
        "week": pgettext("repeat", "every week"),
        "month": pgettext("repeat", "every month"),
    }
    many = {
        "day": ngettext("every %(n)s day", "every %(n)s days", every),
        "week": ngettext("every %(n)s week", "every %(n)s weeks", every),
        "month": ngettext("every %(n)s month", "every %(n)s months", every),
    }
    told = once.get(unit, "") if every == 1 else many.get(unit, "") % {"n": every}
    last = parse_date(until) if until else None
    if last is not None:
        told = _("%(rule)s, till %(day)s") % {"rule": told, "day": formats.short_date(last)}
    if times is not None:
        told = _("%(rule)s, %(count)s in all") % {
            "rule": told,
            "count": ngettext("%(n)s time", "%(n)s times", times) % {"n": times},
        }
    return told


def _tell_repeats(payload: ActivityRepeats) -> dict[str, Any]:
    rule = rule_in_words(payload.unit, payload.every, payload.until, payload.times)
    return {"what": payload.what, "rule": rule}


@event_type(
    "activity.repeats",
    sentence=N_("Repeats: {what}, {rule}"),
    icon="repeat",
    describe=_tell_repeats,
    undo=taking_back.repeats,
    personal=("subject",),
)
@dataclass(frozen=True)
class ActivityRepeats(_OfActivity):
    """*until* is ISO or empty; *former* is the rule that it took the place of."""

    series: int
    former: int | None
    former_number: int | None
    every: int
    unit: str
    until: str
    times: int | None


@event_type(
    "activity.repeats_no_more",
    sentence=N_("Repeats no more: {what}"),
    icon="repeat-off",
    describe=_tell,
    undo=taking_back.repeats_no_more,
    personal=("subject",),
)
@dataclass(frozen=True)
class ActivityRepeatsNoMore(_OfActivity):
    """What is planned already stays."""

    series: int


@event_type(
    "member.calendar_opened",
    sentence=N_("{name}: a new secret link to the calendar"),
    icon="calendar-share",
    webhook=False,
    personal=("name",),
)
@dataclass(frozen=True)
class CalendarOpened:
    """The former link, if there was one, opens nothing any more."""

    member: int
    name: str


@event_type(
    "member.calendar_closed",
    sentence=N_("{name}: the secret link to the calendar is closed"),
    icon="calendar-off",
    webhook=False,
    personal=("name",),
)
@dataclass(frozen=True)
class CalendarClosed:
    member: int
    name: str
