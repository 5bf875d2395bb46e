"""Working days as a company and its people have them: own days of the company, absences of members."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_

from voronka.core import clock, formats
from voronka.core.calendar import OwnDays, forget_own_days, register_own_days
from voronka.core.errors import Forbidden, Refused
from voronka.core.text import clean, length_problem
from voronka.journal.actions import record
from voronka.journal.models import Event
from voronka.journal.registry import event_type
from voronka.workspaces.models import Absence, AbsenceKind, CompanyDay, DayKind, Member
from voronka.workspaces.rights import Action, Subject
from voronka.workspaces.rules import locked_workspace

LONGEST = dt.timedelta(days=366 * 3)
YEARS = (2000, 2100)


def _read() -> OwnDays:
    found: dict[str, dict[dt.date, str]] = {kind: {} for kind in DayKind.values}
    for day, kind, name in CompanyDay.objects.values_list("day", "kind", "name"):
        found[kind][day] = name
    return OwnDays(
        off=found[DayKind.OFF],
        working=frozenset([*found[DayKind.WORKING], *found[DayKind.SHORT]]),
        short=frozenset(found[DayKind.SHORT]),
    )


register_own_days(_read)


def days_away(members: Collection[int], first: dt.date, last: dt.date) -> dict[int, dict[dt.date, str]]:
    """Member id -> the days from *first* to *last* on which the member does not work, and in a word why; one statement."""
    found: dict[int, dict[dt.date, str]] = {pk: {} for pk in members}
    for row in Absence.objects.filter(member__in=list(members), last__gte=first, first__lte=last):
        day = max(row.first, first)
        while day <= min(row.last, last):
            found[row.member_id][day] = str(row.get_kind_display())
            day += dt.timedelta(days=1)
    return found


def away_from(member: Member | None, day: dt.date) -> Collection[dt.date]:
    """The days off of *member* from *day* on, for `add_working_days(…, besides=…)`; nobody has none."""
    return days_away([member.pk], day, day + LONGEST)[member.pk] if member is not None else ()


def _dates(first: str, last: str) -> str:
    """«23 нояб. – 4 дек.» of two ISO days."""
    told = [formats.short_date(parse_date(text)) for text in dict.fromkeys((first, last))]
    return " – ".join(told)


def _kind_word(choices: Any, code: str) -> str:
    return str(choices(code).label) if code in choices.values else _("as in the production calendar")


def _tell_day(payload: CompanyDaySet) -> dict[str, Any]:
    word = _kind_word(DayKind, payload.kind)
    return {
        "when": _dates(payload.day, payload.day),
        "what": f"{word} ({payload.name})" if payload.name else word,
    }


def _back_day(event: Event, payload: Any, actor: Member) -> None:
    set_company_day(dt.date.fromisoformat(payload.day), actor=actor, kind=payload.was, name=payload.was_name)


@event_type(
    "workspace.day_set",
    sentence=N_("Working calendar, {when}: {what}"),
    icon="calendar-cog",
    describe=_tell_day,
    undo=_back_day,
)
@dataclass(frozen=True)
class CompanyDaySet:
    """*day* is ISO; an empty *kind* is what the production calendar says."""

    day: str
    kind: str
    name: str
    was: str
    was_name: str


@transaction.atomic
def set_company_day(day: dt.date, *, actor: Member, kind: str, name: str = "") -> Event | None:
    """Say that *day* is a day off, a working or a short one, whatever the calendar says; "" takes that back.

    None if it is so already. Raises `Refused` for an unknown kind, an impossible year or a name too long,
    `Forbidden` without the right to configure the company.
    """
    actor.require(Subject.WORKSPACE, Action.CONFIGURE)
    if kind and kind not in DayKind.values:
        raise Refused(_("There is no such choice."), field="kind")
    if not YEARS[0] <= day.year < YEARS[1]:
        raise Refused(_("Check the year of the date."), field="day")
    name = clean(name) if kind else ""
    if problem := length_problem(name, 100):
        raise Refused(problem, field="name")
    locked_workspace(actor.workspace_id)
    row = CompanyDay.objects.filter(day=day).first()
    was, was_name = (row.kind, row.name) if row else ("", "")
    if (kind, name) == (was, was_name):
        return None
    if not kind and row is not None:
        row.delete()
    else:
        CompanyDay.objects.update_or_create(day=day, defaults={"kind": kind, "name": name})
    forget_own_days()
    payload = CompanyDaySet(day.isoformat(), kind, name, was, was_name)
    return record(payload, actor=actor, subjects=[("workspace", actor.workspace_id)])


def _tell_absence(payload: AbsenceAdded | AbsenceRemoved) -> dict[str, Any]:
    return {
        "name": payload.name,
        "what": _kind_word(AbsenceKind, payload.kind),
        "when": _dates(payload.first, payload.last),
    }


def _back_added(event: Event, payload: Any, actor: Member) -> None:
    row = Absence.objects.filter(pk=payload.absence).first()
    if row is None:
        raise Refused(_("This absence is no longer there."))
    remove_absence(row, actor=actor)


def _back_removed(event: Event, payload: Any, actor: Member) -> None:
    add_absence(
        Member.objects.get(pk=payload.member),
        actor=actor,
        first=dt.date.fromisoformat(payload.first),
        last=dt.date.fromisoformat(payload.last),
        kind=payload.kind,
    )


@event_type(
    "member.away",
    sentence=N_("{name}, {when}: {what}"),
    icon="beach",
    describe=_tell_absence,
    undo=_back_added,
    webhook=False,
    personal=("name",),
)
@dataclass(frozen=True)
class AbsenceAdded:
    """*first* and *last* are ISO days, both included."""

    absence: int
    member: int
    name: str
    kind: str
    first: str
    last: str


@event_type(
    "member.not_away",
    sentence=N_("{name}, {when}: {what} called off"),
    icon="calendar-x",
    describe=_tell_absence,
    undo=_back_removed,
    webhook=False,
    personal=("name",),
)
@dataclass(frozen=True)
class AbsenceRemoved(AbsenceAdded):
    """The days are working days again."""


def may_arrange(actor: Member, member: Member) -> bool:
    """Whether *actor* writes down when *member* is away: one's own, and whose activities one plans."""
    return actor.pk == member.pk or actor.reaches(
        Subject.ACTIVITY, Action.EDIT, owner_id=member.pk, team_id=member.team_id
    )


@transaction.atomic
def add_absence(
    member: Member, *, actor: Member, first: dt.date, last: dt.date, kind: str = AbsenceKind.HOLIDAY
) -> Absence:
    """Write down that *member* does not work from *first* to *last*, both included.

    Raises `Refused` for days in the wrong order, a term longer than three years, days that are written down already,
    or somebody who has left; `Forbidden` for somebody out of the actor's reach.
    """
    _require(actor, member)
    if kind not in AbsenceKind.values:
        raise Refused(_("There is no such choice."), field="kind")
    if not (YEARS[0] <= first.year < YEARS[1] and YEARS[0] <= last.year < YEARS[1]):
        raise Refused(_("Check the year of the date."), field="first")
    if last < first:
        raise Refused(_("The last day comes before the first one."), field="last")
    if last - first > LONGEST:
        raise Refused(_("More than three years at once: check the days."), field="last")
    member = Member.objects.select_for_update(of=("self",)).get(pk=member.pk)
    if not member.is_active:
        raise Refused(_("%(name)s no longer works here.") % {"name": member.name})
    taken = Absence.objects.filter(member=member, first__lte=last, last__gte=first).first()
    if taken is not None:
        days = _dates(taken.first.isoformat(), taken.last.isoformat())
        raise Refused(_("These days are written down already: %(days)s.") % {"days": days}, field="first")
    row = Absence.objects.create(member=member, first=first, last=last, kind=kind, created_at=clock.now())
    _tell(AbsenceAdded, row, actor)
    return row


@transaction.atomic
def remove_absence(absence: Absence, *, actor: Member) -> bool:
    """Take it back: they are working days again. False if it is gone already. Raises `Forbidden`."""
    row = Absence.objects.select_for_update(of=("self",)).filter(pk=absence.pk).first()
    if row is None:
        return False
    _require(actor, row.member)
    _tell(AbsenceRemoved, row, actor)
    row.delete()
    return True


def _require(actor: Member, member: Member) -> None:
    if not may_arrange(actor, member):
        raise Forbidden(f"arrange the days of member {member.pk}")


def _tell(payload: type[AbsenceAdded], row: Absence, actor: Member) -> None:
    told = payload(
        row.pk, row.member_id, row.member.name, row.kind, row.first.isoformat(), row.last.isoformat()
    )
    record(told, actor=actor, subjects=[("member", row.member_id)])
