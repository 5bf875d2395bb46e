"""What can be done with activities: each verb is one function, one transaction, one event."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from voronka.activities import events, rules
from voronka.activities.models import Activity, Direction
from voronka.activities.series import is_last
from voronka.activities.summaries import hold
from voronka.clients.models import Company, Person, Position
from voronka.core import clock
from voronka.core.edits import jsonable, merge, put
from voronka.core.errors import Forbidden, Refused
from voronka.deals.models import Deal
from voronka.desk.fields.values import clean as clean_own
from voronka.desk.fields.values import clean_was, split, stored, told_changes
from voronka.desk.files.actions import Taken, attach_files
from voronka.journal.actions import caused_by, record
from voronka.journal.models import Event
from voronka.playbook.models import ActivityKind, StageTask
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Subject

EDITABLE = frozenset(
    [
        "kind",
        "subject",
        "due_at",
        "has_time",
        "minutes",
        "remind_at",
        "owner",
        "deal",
        "company",
        "person",
        "direction",
        "is_cold",
        "result",
        "reached",
    ]
)


@dataclass(frozen=True)
class NextStep:
    """What is to be done next, planned together with what has just been done. Fields as in `plan_activity`."""

    kind: ActivityKind
    due_at: dt.datetime
    subject: str = ""
    has_time: bool = True
    minutes: int | None = None
    remind_at: dt.datetime | None = None
    owner: Member | None = None
    person: Person | None = None


def subjects_of(activity: Activity) -> list[tuple[str, int | None]]:
    """Whose feeds show what happens to *activity*."""
    return [
        ("activity", activity.pk),
        ("deal", activity.deal_id),
        ("company", activity.company_id),
        ("person", activity.person_id),
    ]


@transaction.atomic
def plan_activity(
    *,
    actor: Member,
    kind: ActivityKind,
    due_at: dt.datetime,
    subject: str = "",
    has_time: bool = True,
    deal: Deal | None = None,
    company: Company | None = None,
    person: Person | None = None,
    owner: Member | None = None,
    minutes: int | None = None,
    remind_at: dt.datetime | None = None,
    direction: str = Direction.OUT,
    is_cold: bool = False,
    files: Sequence[Taken] = (),
    **own: Any,
) -> Activity:
    """Plan a *kind* of activity for *due_at* (aware; only its day counts without *has_time*).

    *files* (from `desk.files.actions.taking()`) come with it. With a deal the company is the deal's; with a person alone, the person's main one. *subject* is the kind's
    name unless given, *minutes* its usual length, *owner* the actor. Raises `Refused` for an archived kind, an
    impossible time or length, and `Forbidden` for an owner, deal or client out of the actor's reach.
    """
    activity = _new(
        actor=actor,
        kind=kind,
        subject=subject,
        deal=deal,
        company=company,
        person=person,
        owner=owner,
        minutes=minutes,
        direction=direction,
        is_cold=is_cold,
        own=own,
    )
    activity.due_at = rules.right_due(due_at, has_time)
    activity.has_time = has_time
    activity.remind_at = rules.right_reminder(remind_at, activity.due_at, has_time)
    hold(activity.places)
    activity.created_at = clock.now()
    activity.save(force_insert=True)
    payload = events.ActivityPlanned(
        **_named(activity), due_at=activity.due_at.isoformat(), has_time=has_time, owner=activity.owner_id
    )
    event = record(payload, actor=actor, subjects=subjects_of(activity), at=activity.created_at)
    attach_files(files, actor=actor, subject=("activity", activity.pk), event=event)
    return activity


@transaction.atomic
def log_activity(
    *,
    actor: Member,
    kind: ActivityKind,
    subject: str = "",
    result: str = "",
    reached: bool | None = None,
    done_at: dt.datetime | None = None,
    deal: Deal | None = None,
    company: Company | None = None,
    person: Person | None = None,
    owner: Member | None = None,
    minutes: int | None = None,
    direction: str = Direction.OUT,
    is_cold: bool = False,
    next: NextStep | None = None,
    without_next: bool = False,
    files: Sequence[Taken] = (),
    **own: Any,
) -> Activity:
    """Write down what was done already, at *done_at* (now unless given, never in the future), and plan what follows.

    *files* come with it.
    Raises `Refused` when an open deal would be left without a next step and *without_next* does not say so.
    """
    activity = _new(
        actor=actor,
        kind=kind,
        subject=subject,
        deal=deal,
        company=company,
        person=person,
        owner=owner,
        minutes=minutes,
        direction=direction,
        is_cold=is_cold,
        own=own,
    )
    hold(activity.places)
    now = clock.now()
    activity.created_at = now
    activity.done_at = activity.due_at = rules.past(done_at, now)
    activity.result = rules.right_result(result)
    activity.reached = rules.right_reached(kind, reached)
    _require_next(activity, next, without_next)
    activity.save(force_insert=True)
    payload = events.ActivityLogged(**_named(activity), **_done(activity, now, without_next))
    event = record(payload, actor=actor, subjects=subjects_of(activity), at=now)
    attach_files(files, actor=actor, subject=("activity", activity.pk), event=event)
    _plan_next(activity, next, actor=actor, event=event)
    return activity


@transaction.atomic
def complete_activity(
    activity: Activity,
    *,
    actor: Member,
    result: str = "",
    reached: bool | None = None,
    direction: str | None = None,
    is_cold: bool | None = None,
    minutes: int | None = None,
    done_at: dt.datetime | None = None,
    next: NextStep | None = None,
    without_next: bool = False,
    files: Sequence[Taken] = (),
) -> Activity:
    """Mark a planned activity as done, with its result, and plan what follows; a no-op if it is done already.

    *files* come with it.
    Raises `Refused` for a cancelled one, a time in the future, and when an open deal would be left without a
    next step and *without_next* does not say so.
    """
    now = _lock(activity, actor)
    if activity.done_at is not None:
        return activity
    if activity.cancelled_at is not None:
        raise Refused(_("This was cancelled. Return it to work first."))
    wanted: dict[str, Any] = {
        "done_at": rules.past(done_at, now),
        "result": rules.right_result(result) or activity.result,
        "reached": rules.right_reached(activity.kind, reached),
    }
    if direction is not None:
        wanted["direction"] = Direction(direction)
    if is_cold is not None:
        wanted["is_cold"] = is_cold
    if minutes is not None:
        wanted["minutes"] = rules.right_minutes(minutes, activity.kind)
    _require_next(activity, next, without_next)
    before = _write(activity, wanted)
    payload = events.ActivityDone(**_named(activity), **_done(activity, now, without_next), before=before)
    event = record(payload, actor=actor, subjects=subjects_of(activity), at=now)
    attach_files(files, actor=actor, subject=("activity", activity.pk), event=event)
    _plan_next(activity, next, actor=actor, event=event)
    return activity


@transaction.atomic
def edit_activity(
    activity: Activity, *, actor: Member, changes: Mapping[str, Any], was: Mapping[str, Any] | None = None
) -> Activity:
    """Change some of `EDITABLE`; *was* has the values the form was made from.

    A reminder moves along with the time unless it is changed itself. Raises `Conflict` when somebody changed the
    same field meanwhile, `Refused` for impossible values, `Forbidden` for what is out of the actor's reach.
    """
    built_in, own = split(changes)
    unknown = built_in.keys() - EDITABLE
    if unknown:
        raise ValueError(f"not editable: {sorted(unknown)}")
    own = clean_own("activity", own, actor=actor, present=activity.custom)
    now = _lock(activity, actor)
    if activity.cancelled_at is not None:
        raise Refused(_("This was cancelled. Return it to work first."))
    wanted = {**_checked(activity, actor, built_in), **own}
    real = merge(activity, wanted, clean_was("activity", was))
    if not real:
        return activity
    left = activity.places
    if "due_at" in real and activity.remind_at and "remind_at" not in real:
        real["remind_at"] = activity.remind_at + (real["due_at"] - activity.due_at)
    if "kind_id" in real:
        real["channel"] = wanted["kind"].channel
        if activity.subject == activity.kind.name and "subject" not in real:
            real["subject"] = wanted["kind"].name
    if "owner_id" in real:
        real["team_id"] = wanted["owner"].team_id
    before = _write(activity, real)
    payload = events.ActivityEdited(
        **_named(activity),
        before=before,
        after={name: jsonable(value) for name, value in real.items()},
        has_time=activity.has_time,
        own=[
            {"name": name, **words} for name, words in told_changes("activity", before, real, actor).items()
        ],
    )
    subjects = [
        *subjects_of(activity),
        ("deal", left.deal_id),
        ("company", left.company_id),
        ("person", left.person_id),
    ]
    record(payload, actor=actor, subjects=subjects, at=now)
    return activity


def reschedule_activity(
    activity: Activity,
    *,
    actor: Member,
    due_at: dt.datetime,
    has_time: bool | None = None,
    minutes: int | None = None,
    owner: Member | None = None,
    was_due_at: dt.datetime | None = None,
) -> Activity:
    """Put a planned activity off (or forward), make it as long as *minutes*, or somebody else's: what one drags in
    a calendar. Raises as `edit_activity`, and `Refused` when it is done.
    """
    if not activity.is_open:
        raise Refused(_("This is no longer planned."))
    changes: dict[str, Any] = {"due_at": due_at}
    given = {"has_time": has_time, "minutes": minutes, "owner": owner}
    changes |= {name: value for name, value in given.items() if value is not None}
    was = None if was_due_at is None else {"due_at": was_due_at}
    return edit_activity(activity, actor=actor, changes=changes, was=was)


@transaction.atomic
def cancel_activity(activity: Activity, *, actor: Member, reason: str = "") -> Activity:
    """Say that it will not be done; a no-op if cancelled already. Raises `Refused` when it is done."""
    now = _lock(activity, actor)
    if activity.cancelled_at is not None:
        return activity
    if activity.done_at is not None:
        raise Refused(_("This is done already: it cannot be cancelled."))
    before = _write(activity, {"cancelled_at": now})
    payload = events.ActivityCancelled(**_named(activity), reason=rules.right_result(reason), before=before)
    record(payload, actor=actor, subjects=subjects_of(activity), at=now)
    return activity


def cancel_as_consequence(activity: Activity, *, event: Event) -> None:
    """Cancel a planned activity because of *event*, which deleted what it was about; nobody's rights are asked."""
    hold(activity.places)
    activity.refresh_from_db(from_queryset=Activity.objects.select_for_update(of=("self",)))
    if activity.is_open:
        before = _write(activity, {"cancelled_at": clock.now()})
        payload = events.ActivityCancelled(**_named(activity), reason="", before=before)
        record(payload, actor=event.actor, subjects=subjects_of(activity))


def plan_as_consequence(
    kind: ActivityKind,
    *,
    subject: str,
    deal: Deal,
    owner: Member,
    due_at: dt.datetime,
    actor: Member | None,
    task: StageTask | None = None,
) -> Activity:
    """Plan what the book asks for after what *actor* did; nobody's rights are asked. *due_at* as `rules.right_due` gives."""
    activity = Activity(
        kind=kind,
        channel=kind.channel,
        subject=rules.right_subject(subject[: rules.MAX_SUBJECT], kind),
        deal=deal,
        company_id=deal.company_id,
        person_id=deal.person_id if kind.is_contact else None,
        owner=owner,
        team_id=owner.team_id,
        minutes=kind.minutes,
        stage_task=task,
        due_at=due_at,
        has_time=False,
        created_by=actor,
        created_at=clock.now(),
    )
    hold(activity.places)
    activity.save(force_insert=True)
    payload = events.ActivityPlanned(
        **_named(activity), due_at=due_at.isoformat(), has_time=False, owner=owner.pk
    )
    record(payload, actor=actor, subjects=subjects_of(activity), at=activity.created_at)
    return activity


@transaction.atomic
def reopen_activity(activity: Activity, *, actor: Member) -> Activity:
    """Return a finished or cancelled activity to the plan, its result kept; a no-op if it is planned."""
    now = _lock(activity, actor)
    if activity.is_open:
        return activity
    before = _write(activity, {"done_at": None, "cancelled_at": None, "reached": None})
    record(
        events.ActivityReopened(**_named(activity), before=before),
        actor=actor,
        subjects=subjects_of(activity),
        at=now,
    )
    return activity


def _new(
    *,
    actor: Member,
    kind: ActivityKind,
    subject: str,
    deal: Deal | None,
    company: Company | None,
    person: Person | None,
    owner: Member | None,
    minutes: int | None,
    direction: str,
    is_cold: bool,
    own: Mapping[str, Any],
) -> Activity:
    """An activity with everything but its time; nothing is written yet."""
    values = clean_own("activity", own, actor=actor)
    owner = owner or actor
    _require_reach(actor, Action.CREATE, owner.pk, owner.team_id)
    if not owner.is_active:
        raise Refused(_("%(name)s no longer works here.") % {"name": owner.name}, field="owner")
    if kind.archived_at is not None:
        raise Refused(_("“%(kind)s” is no longer used: choose another kind.") % {"kind": kind}, field="kind")
    deal, company, person = _place(actor, deal, company, person)
    return Activity(
        kind=kind,
        channel=kind.channel,
        subject=rules.right_subject(subject, kind),
        deal=deal,
        company=company,
        person=person,
        owner=owner,
        team_id=owner.team_id,
        minutes=rules.right_minutes(minutes, kind),
        direction=Direction(direction),
        is_cold=is_cold,
        created_by=actor,
        custom=stored(values),
    )


def _place(
    actor: Member, deal: Deal | None, company: Company | None, person: Person | None
) -> tuple[Deal | None, Company | None, Person | None]:
    """Whose card it stands on: the company is the deal's, else the given one, else where the person works."""
    if deal is not None:
        if deal.outcome == "deleted":
            raise Refused(_("This deal was deleted."), field="deal")
        if not Deal.objects.visible_to(actor).filter(pk=deal.pk).exists():
            raise Forbidden(f"see deal {deal.pk}")
        company = deal.company
    elif company is not None and not Company.objects.visible_to(actor).filter(pk=company.pk).exists():
        raise Forbidden(f"see company {company.pk}")
    if person is not None:
        if not Person.objects.visible_to(actor).filter(pk=person.pk).exists():
            raise Forbidden(f"see person {person.pk}")
        if deal is None and company is None:
            place = Position.objects.filter(person=person).order_by("-is_main", "id").first()
            company = place.company if place else None
    return deal, company, person


def _checked(activity: Activity, actor: Member, changes: Mapping[str, Any]) -> dict[str, Any]:
    """*changes* with every value checked and put right; raises as `edit_activity`."""
    wanted = dict(changes)
    if "kind" in wanted and wanted["kind"].pk != activity.kind_id and wanted["kind"].archived_at is not None:
        raise Refused(
            _("“%(kind)s” is no longer used: choose another kind.") % {"kind": wanted["kind"]}, field="kind"
        )
    kind = wanted.get("kind", activity.kind)
    if "subject" in wanted:
        wanted["subject"] = rules.right_subject(wanted["subject"], kind)
    if "result" in wanted:
        wanted["result"] = rules.right_result(wanted["result"])
    if "minutes" in wanted:
        wanted["minutes"] = rules.right_minutes(wanted["minutes"], kind)
    if wanted.keys() & {"due_at", "has_time"}:
        has_time = wanted.get("has_time", activity.has_time)
        wanted["due_at"] = rules.right_due(wanted.get("due_at", activity.due_at), has_time)
    if "owner" in wanted and wanted["owner"].pk != activity.owner_id:
        owner = wanted["owner"]
        _require_reach(actor, Action.CREATE, owner.pk, owner.team_id)
        if not owner.is_active:
            raise Refused(_("%(name)s no longer works here.") % {"name": owner.name}, field="owner")
    if wanted.keys() & {"deal", "company", "person"}:
        place = _place(
            actor,
            wanted.get("deal", activity.deal),
            wanted.get("company", activity.company),
            wanted.get("person", activity.person),
        )
        wanted.update(zip(("deal", "company", "person"), place, strict=True))
    return wanted


def _lock(activity: Activity, actor: Member) -> dt.datetime:
    """Lock what the change touches, read the activity anew, and return the moment after the lock."""
    hold(activity.places)
    activity.refresh_from_db(from_queryset=Activity.objects.select_for_update(of=("self",)))
    _require_reach(actor, Action.EDIT, activity.owner_id, activity.team_id)
    return clock.now()


def _write(activity: Activity, values: Mapping[str, Any]) -> dict[str, Any]:
    """Write *values*, one version on; return what they replaced, fit for an event."""
    before = {name: jsonable(getattr(activity, name)) for name in values}
    columns = put(activity, values)
    activity.version += 1
    activity.save(update_fields=[*columns, "version"])
    return before


def _require_next(activity: Activity, step: NextStep | None, without_next: bool) -> None:
    """No open deal leaves a finished activity without a next one unless the seller says so (product.md, 23)."""
    if step is not None or without_next or activity.deal_id is None or not activity.deal.is_open:  # type: ignore[union-attr]
        return
    if activity.series is not None and not is_last(activity.series, activity.series_number or 0):
        return  # the next of the series is the next step
    others = Activity.objects.planned().filter(deal_id=activity.deal_id).exclude(pk=activity.pk)
    if not others.exists():
        raise Refused(_("Plan the next step, or say that there is none."), field="next")


def _plan_next(activity: Activity, step: NextStep | None, *, actor: Member, event: Event) -> None:
    """Plan *step* as a consequence of *event*: undoing the one takes the other away as well."""
    if step is None:
        return
    with caused_by(event):
        plan_activity(
            actor=actor,
            kind=step.kind,
            subject=step.subject,
            due_at=step.due_at,
            has_time=step.has_time,
            deal=activity.deal,
            company=activity.company,
            person=step.person or activity.person,
            owner=step.owner or (activity.owner if activity.owner.is_active else actor),
            minutes=step.minutes,
            remind_at=step.remind_at,
        )


def _named(activity: Activity) -> dict[str, Any]:
    return {
        "activity": activity.pk,
        "kind": activity.kind.name,
        "icon": activity.kind.icon,
        "subject": activity.subject,
        "version": activity.version,
    }


def _done(activity: Activity, now: dt.datetime, without_next: bool) -> dict[str, Any]:
    return {
        "channel": activity.channel,
        "direction": activity.direction,
        "is_cold": activity.is_cold,
        "reached": activity.reached,
        "result": activity.result,
        "done_at": activity.done_at.isoformat(),  # type: ignore[union-attr]
        "logged_at": now.isoformat(),
        "without_next": without_next,
    }


def _require_reach(actor: Member, action: Action, owner_id: int | None, team_id: int | None) -> None:
    if not actor.reaches(Subject.ACTIVITY, action, owner_id=owner_id, team_id=team_id):
        raise Forbidden(f"{action} activity of member {owner_id}")
