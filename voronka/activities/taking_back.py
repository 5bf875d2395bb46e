"""Undo of what was done with activities."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from voronka.activities.models import Activity, Series
from voronka.activities.summaries import hold, refresh
from voronka.core import clock
from voronka.core.edits import put, restored
from voronka.core.errors import Forbidden, Refused
from voronka.desk.fields.values import require_fit
from voronka.desk.files.actions import files_of
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Subject


def planned(event: Any, payload: Any, actor: Member) -> None:
    """Take away an activity that the event created."""
    activity = _untouched(event, payload, actor)
    # What was put on its card since would be out of everybody's reach.
    files_of("activity", activity.pk).update(deleted_at=clock.now())
    activity.delete()
    refresh(activity)


def changed(event: Any, payload: Any, actor: Member) -> None:
    """Put the former values of the event's `before` back."""
    require_fit("activity", payload.before)
    activity = _untouched(event, payload, actor)
    places = [activity.places]
    columns = put(activity, {name: restored(activity, name, value) for name, value in payload.before.items()})
    # Back by one, so that the change before this one can be taken back as well.
    activity.version -= 1
    activity.save(update_fields=[*columns, "version"])
    refresh(activity, *places)


def repeats(event: Any, payload: Any, actor: Member) -> None:
    """It comes once, or as the rule before said."""
    activity = _untouched(event, payload, actor)
    if Activity.objects.filter(series=payload.series).exclude(pk=activity.pk).exists():
        raise Refused(_("It has come again since: end the rule instead."))
    Series.objects.filter(pk=payload.series).update(ended_at=clock.now())
    Series.objects.filter(pk=payload.former).update(ended_at=None)
    number = payload.former_number if payload.former else None
    Activity.objects.filter(pk=activity.pk).update(series=payload.former, series_number=number)


def repeats_no_more(event: Any, payload: Any, actor: Member) -> None:
    """The rule goes on."""
    _untouched(event, payload, actor)
    Series.objects.filter(pk=payload.series).update(ended_at=None)


def _untouched(event: Any, payload: Any, actor: Member) -> Activity:
    """The activity, locked; raises `Refused` when it is gone or was changed after the event."""
    found = Activity.objects.filter(pk=payload.activity).first()
    if found is not None:
        # In the order of every other verb: what the activity counts in before the activity itself.
        hold(found.places)
    activity = Activity.objects.select_for_update(of=("self",)).filter(pk=payload.activity).first()
    if activity is None or activity.version != payload.version:
        raise Refused(
            _("“%(what)s” has changed since: undo the later change first.") % {"what": payload.what}
        )
    # What followed from another event is taken back together with it, by whoever may take that back.
    mine = (
        event.cause_id
        or activity.created_by_id == actor.pk
        or actor.reaches(Subject.ACTIVITY, Action.EDIT, owner_id=activity.owner_id, team_id=activity.team_id)
    )
    if not mine:
        raise Forbidden(f"undo of activity {activity.pk}")
    return activity
