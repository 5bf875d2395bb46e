"""Repeated activities: the rule, its end, and each next one, made when the former is done or its time has come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from voronka.activities import events
from voronka.activities.actions import _lock, _named, cancel_as_consequence, edit_activity, subjects_of
from voronka.activities.models import Activity, Series, Unit
from voronka.activities.series import due_of, next_after, stands_on
from voronka.activities.summaries import hold
from voronka.core import clock
from voronka.core.errors import Refused
from voronka.journal.actions import caused_by, record, recording
from voronka.journal.models import Event
from voronka.journal.registry import on
from voronka.workspaces.models import Member

MOST_EVERY = {Unit.DAY: 366, Unit.WEEK: 104, Unit.MONTH: 36}
MOST_TIMES = 1000
BATCH = 500


@transaction.atomic
def repeat_activity(
    activity: Activity,
    *,
    actor: Member,
    unit: str,
    every: int = 1,
    until: dt.date | None = None,
    times: int | None = None,
) -> Series:
    """Let a planned activity come again *every* so many units, till the day *until* or *times* in all.

    A rule it had before ends with it: so the rule is changed for this one and those to come. Raises `Refused` for
    what is no longer planned and for an impossible rule, `Forbidden` for what is out of the actor's reach.
    """
    if unit not in Unit.values:
        raise Refused(_("There is no such choice."), field="repeat")
    if not 1 <= every <= MOST_EVERY[Unit(unit)]:
        raise Refused(_("Check how often it repeats."), field="repeat_every")
    if times is not None and not 2 <= times <= MOST_TIMES:
        raise Refused(_("It must come at least twice, and a thousand times at most."), field="repeat_times")
    now = _lock(activity, actor)
    if not activity.is_open:
        raise Refused(_("This is no longer planned."))
    local = timezone.localtime(activity.due_at, clock.shown_zone() if activity.has_time else None)
    if until is not None and until <= local.date():
        raise Refused(_("The last day comes before the second time."), field="repeat_until")
    former = activity.series
    series = Series.objects.create(
        every=every,
        unit=unit,
        start=local.date(),
        at=local.time() if activity.has_time else None,
        zone=str(clock.shown_zone()),
        until=until,
        times=times,
        kind=activity.kind,
        subject=activity.subject,
        minutes=activity.minutes,
        remind_before=_before(activity),
        created_at=now,
    )
    payload = events.ActivityRepeats(
        **_named(activity),
        series=series.pk,
        former=former.pk if former and former.ended_at is None else None,
        former_number=activity.series_number,
        every=every,
        unit=unit,
        until=until.isoformat() if until else "",
        times=times,
    )
    with recording(payload, actor=actor, subjects=subjects_of(activity), at=now) as event:
        if former is not None and former.ended_at is None:
            Series.objects.filter(pk=former.pk).update(ended_at=now)
        # No new version: what was done to the activity before can still be taken back.
        Activity.objects.filter(pk=activity.pk).update(series=series, series_number=0)
    if former is not None:
        later = Activity.objects.planned().filter(
            series=former, series_number__gt=activity.series_number or 0
        )
        with caused_by(event):
            for row in later.select_related("kind").order_by("id"):
                cancel_as_consequence(row, event=event)
    activity.series, activity.series_number = series, 0
    return series


@transaction.atomic
def stop_repeating(activity: Activity, *, actor: Member) -> bool:
    """Nothing comes after it any more; False if nothing would. Raises `Forbidden`."""
    now = _lock(activity, actor)
    series = Series.objects.select_for_update().filter(pk=activity.series_id, ended_at=None).first()
    if series is None:
        return False
    series.ended_at = now
    series.save(update_fields=["ended_at"])
    payload = events.ActivityRepeatsNoMore(**_named(activity), series=series.pk)
    record(payload, actor=actor, subjects=subjects_of(activity), at=now)
    return True


@transaction.atomic
def edit_with_following(
    activity: Activity, *, actor: Member, changes: Mapping[str, Any], was: Mapping[str, Any] | None = None
) -> Activity:
    """Change this one and all that come after it: the same rule goes on from how it stands now."""
    edit_activity(activity, actor=actor, changes=changes, was=was)
    series = activity.series
    if series is not None and series.ended_at is None:
        left = None if series.times is None else max(2, series.times - (activity.series_number or 0))
        repeat_activity(
            activity, actor=actor, unit=series.unit, every=series.every, until=series.until, times=left
        )
    return activity


def _before(activity: Activity) -> int | None:
    if activity.remind_at is None:
        return None
    return max(0, int((activity.due_at - activity.remind_at).total_seconds() // 60))


@on("activity.done", "activity.cancelled")
def _come_again(event: Event, payload: Any) -> None:
    """The next one is made when the former is done, or called off alone."""
    activity = Activity.objects.select_related("series__kind", "owner").get(pk=payload.activity)
    if activity.series is None:
        return
    if event.type == "activity.cancelled" and event.cause_id is not None:
        # Its deal or client is gone, or the rule was changed: there is nothing to repeat.
        Series.objects.filter(pk=activity.series_id, ended_at=None).update(ended_at=event.at)
        return
    _make_next(activity, actor=event.actor)


def make_next_of_past() -> int:
    """Make the next of every repeated activity whose time has come, in the current workspace; return how many."""
    made = 0
    newest = (
        Activity.objects.planned()
        .filter(series__ended_at=None, series__isnull=False, due_at__lt=clock.now())
        .select_related("series__kind", "owner")
        .order_by("due_at", "id")[:BATCH]
    )
    for activity in newest:
        with transaction.atomic():
            made += _make_next(activity, actor=None)
    return made


def _make_next(activity: Activity, *, actor: Member | None) -> bool:
    series = Series.objects.select_for_update(of=("self",)).select_related("kind").get(pk=activity.series_id)
    latest = Activity.objects.filter(series=series).aggregate(top=Max("series_number"))["top"] or 0
    if series.ended_at is not None or latest > (activity.series_number or 0):
        return False
    if not activity.owner.is_active or (activity.deal is not None and activity.deal.outcome == "deleted"):
        return False
    now = clock.now()
    number = next_after(series, latest, now, after=stands_on(activity))
    if number is None:
        series.ended_at = now
        series.save(update_fields=["ended_at"])
        return False
    due = due_of(series, number)
    row = Activity(
        kind=series.kind,
        channel=series.kind.channel,
        subject=series.subject,
        deal_id=activity.deal_id,
        company_id=activity.company_id,
        person_id=activity.person_id,
        owner=activity.owner,
        team_id=activity.owner.team_id,
        minutes=series.minutes,
        direction=activity.direction,
        due_at=due,
        has_time=series.at is not None,
        remind_at=None if series.remind_before is None else due - dt.timedelta(minutes=series.remind_before),
        series=series,
        series_number=number,
        created_by=actor,
        created_at=now,
    )
    hold(row.places)
    row.save(force_insert=True)
    payload = events.ActivityPlanned(
        **_named(row), due_at=due.isoformat(), has_time=row.has_time, owner=row.owner_id
    )
    record(payload, actor=actor, subjects=subjects_of(row), at=now)
    return True
