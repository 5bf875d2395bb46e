"""Activities: what is planned and what was done."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Final, Literal

from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from voronka.activities import actions
from voronka.activities.models import Activity, Direction
from voronka.activities.summaries import hold
from voronka.api.access import ApiRequest, found, guarded, needs, related, tagged, unchanged
from voronka.api.filters import Number, Who
from voronka.api.listed import AskedList, Plain, listed
from voronka.api.rooms.deals import own, own_values
from voronka.api.shapes import Id, In, Listed, Moment, Ref, Text, given, ref, without
from voronka.api.words import DirectionWord
from voronka.clients.models import Company, Person
from voronka.deals.models import Deal
from voronka.playbook.models import ActivityKind
from voronka.workspaces.models import Member

router = Router()
_CHANGE: Final = guarded("activities:write")
Subject = Annotated[str, Field(max_length=250)]
Minutes = Annotated[int, Field(ge=1, le=1440)]
DirectionWord = DirectionWord


class ActivityOut(Schema):
    """A call, a meeting, a task: planned while `done_at` is empty, done after. Hidden fields are absent."""

    id: int
    kind: Ref | None = None
    channel: str | None = None
    subject: str | None = None
    state: Literal["planned", "done", "cancelled"] | None = None
    direction: str | None = None
    is_cold: bool | None = None
    reached: bool | None = None
    due_at: dt.datetime | None = None
    has_time: bool | None = None
    minutes: int | None = None
    remind_at: dt.datetime | None = None
    done_at: dt.datetime | None = None
    cancelled_at: dt.datetime | None = None
    result: str | None = None
    deal: Ref | None = None
    company: Ref | None = None
    person: Ref | None = None
    owner: Ref | None = None
    team: Ref | None = None
    custom: dict[str, Any] | None = None
    created_at: dt.datetime | None = None
    version: int | None = None


class _Where(In):
    deal: Id | None = None
    company: Id | None = None
    person: Id | None = None
    owner: Id | None = None


class NewActivity(_Where):
    """Something to be done. With a deal the company is the deal's; only the day of `due_at` counts without `has_time`."""

    kind: Id
    due_at: Moment
    subject: Subject = ""
    has_time: bool = True
    minutes: Minutes | None = None
    remind_at: Moment | None = None
    direction: DirectionWord = Direction.OUT.value
    is_cold: bool = False
    custom: dict[str, Any] | None = None


class Next(In):
    """What is to be done next, on the same card."""

    kind: Id
    due_at: Moment
    subject: Subject = ""
    has_time: bool = True
    minutes: Minutes | None = None
    remind_at: Moment | None = None
    owner: Id | None = None
    person: Id | None = None


class LoggedActivity(_Where):
    """Something that was done. An open deal is not left without a next step unless `without_next` says so."""

    kind: Id
    subject: Subject = ""
    result: Text = ""
    reached: bool | None = None
    done_at: Moment | None = None
    minutes: Minutes | None = None
    direction: DirectionWord = Direction.OUT.value
    is_cold: bool = False
    next: Next | None = None
    without_next: bool = False
    custom: dict[str, Any] | None = None


class Completed(In):
    result: Text = ""
    reached: bool | None = None
    direction: DirectionWord | None = None
    is_cold: bool | None = None
    minutes: Minutes | None = None
    done_at: Moment | None = None
    next: Next | None = None
    without_next: bool = False


class Cancelled(In):
    reason: Text = ""


class ActivityPatch(_Where):
    """Only what is sent is changed; null empties."""

    kind: Id | None = None
    subject: Subject | None = None
    due_at: Moment | None = None
    has_time: bool | None = None
    minutes: Minutes | None = None
    remind_at: Moment | None = None
    direction: DirectionWord | None = None
    is_cold: bool | None = None
    result: Text | None = None
    reached: bool | None = None
    custom: dict[str, Any] | None = None


class ActivityEdit(ActivityPatch):
    """`was` has the values that were read: a field that somebody else changed since is a conflict (409)."""

    was: ActivityPatch | None = None


class ActivitiesAsked(AskedList):
    owner: list[Who] = Field([], max_length=100)
    kind: list[Number] = Field([], max_length=100)
    deal: Number | None = None
    company: Number | None = None
    person: Number | None = None
    state: Literal["planned", "done", "cancelled"] | None = None


_PLAIN: Final[Plain] = {"owner": ("owner", "in"), "kind": ("kind", "in")}
_SAME: Final = (
    "channel", "subject", "direction", "is_cold", "reached", "due_at", "has_time", "minutes", "remind_at", "done_at",
    "cancelled_at", "result", "created_at", "version",
)  # fmt: skip
_RELATED: Final = ("kind", "deal", "company", "person", "owner", "team")


def full(rows: Any) -> Any:
    """*rows* of activities with everything an answer tells, in one query."""
    return rows.select_related(*_RELATED)


def activity_out(activity: Activity, member: Member) -> dict[str, Any]:
    """An activity as *member* may see it."""
    values = {
        "id": activity.pk,
        **{name: getattr(activity, name) for name in _SAME},
        **{name: ref(getattr(activity, name)) for name in _RELATED},
        "state": "planned" if activity.is_open else "done" if activity.done_at else "cancelled",
        "custom": own_values(activity, member, "activity"),
    }
    return without(values, member.hidden_fields("activity"), {})


def _see(request: ApiRequest, activity_id: int) -> Activity:
    return found(full(Activity.objects.visible_to(request.member)), activity_id)


def _answer(request: ApiRequest, response: HttpResponse, activity_id: int) -> dict[str, Any]:
    activity = full(Activity.objects.all()).get(pk=activity_id)
    tagged(response, activity)
    return activity_out(activity, request.member)


def _named(request: ApiRequest, body: Any) -> dict[str, Any]:
    """The things that a body names by id, as verbs take them."""
    member = request.member
    return {
        "deal": related(Deal.objects.present().visible_to(member), body.deal, "deal"),
        "company": related(Company.objects.present().visible_to(member), body.company, "company"),
        "person": related(Person.objects.present().visible_to(member), body.person, "person"),
        "owner": related(Member.objects.active(), body.owner, "owner"),
    }


def _next(request: ApiRequest, body: Next | None) -> actions.NextStep | None:
    if body is None:
        return None
    return actions.NextStep(
        kind=related(ActivityKind.objects.all(), body.kind, "next.kind"),
        due_at=body.due_at,
        subject=body.subject,
        has_time=body.has_time,
        minutes=body.minutes,
        remind_at=body.remind_at,
        owner=related(Member.objects.active(), body.owner, "next.owner"),
        person=related(Person.objects.present().visible_to(request.member), body.person, "next.person"),
    )


@router.get("/activities/", response=Listed[ActivityOut], **needs("activities:read"))
def list_activities(request: ApiRequest, asked: Query[ActivitiesAsked]) -> dict[str, Any]:
    """Activities that the member may see, of all states unless one is asked."""
    member = request.member

    def narrow(rows: Any) -> Any:
        for name in ("deal", "company", "person"):
            if (pk := getattr(asked, name)) is not None:
                rows = rows.filter(**{f"{name}_id": pk})
        if asked.state == "planned":
            return rows.planned()
        if asked.state == "done":
            return rows.done()
        return rows.filter(cancelled_at__isnull=False) if asked.state == "cancelled" else rows

    paged = listed("activity", member, asked, full=full, plain=_PLAIN, narrow=narrow)
    return {"items": asked.only(activity_out(row, member) for row in paged.rows), "next": paged.next}


@router.post("/activities/", response={201: ActivityOut}, **needs("activities:write"))
def plan_activity(request: ApiRequest, response: HttpResponse, body: NewActivity) -> dict[str, Any]:
    """Plan a call, a meeting, a task."""
    request.member.require_fields("activity", [*given(body), *own(body.custom)])
    activity = actions.plan_activity(
        actor=request.member,
        kind=related(ActivityKind.objects.all(), body.kind, "kind"),
        **_named(request, body),
        **given(body, "kind", "deal", "company", "person", "owner", "custom"),
        **own(body.custom),
    )
    return _answer(request, response, activity.pk)


@router.post("/activities/log/", response={201: ActivityOut}, **needs("activities:write"))
def log_activity(request: ApiRequest, response: HttpResponse, body: LoggedActivity) -> dict[str, Any]:
    """Write down what was done already, and plan what follows."""
    request.member.require_fields("activity", [*given(body), *own(body.custom)])
    activity = actions.log_activity(
        actor=request.member,
        kind=related(ActivityKind.objects.all(), body.kind, "kind"),
        **_named(request, body),
        next=_next(request, body.next),
        **given(body, "kind", "deal", "company", "person", "owner", "next", "custom"),
        **own(body.custom),
    )
    return _answer(request, response, activity.pk)


@router.get("/activities/{activity_id}/", response=ActivityOut, **needs("activities:read"))
def get_activity(request: ApiRequest, response: HttpResponse, activity_id: Id) -> dict[str, Any]:
    """One activity."""
    return _answer(request, response, _see(request, activity_id).pk)


@router.patch("/activities/{activity_id}/", response=ActivityOut, **_CHANGE)
def edit_activity(
    request: ApiRequest, response: HttpResponse, activity_id: Id, body: ActivityEdit
) -> dict[str, Any]:
    """Change or put off an activity; `If-Match` or `was` guard against changes of others."""
    activity = _see(request, activity_id)
    changes = _changes(request, body)
    request.member.require_fields("activity", changes)
    with unchanged(request, activity, lambda: hold(activity.places)):
        actions.edit_activity(
            activity,
            actor=request.member,
            changes=changes,
            was=given(body.was, "custom") | own(body.was.custom) if body.was else None,
        )
    return _answer(request, response, activity.pk)


def _changes(request: ApiRequest, body: ActivityEdit) -> dict[str, Any]:
    """The sent fields as the verb takes them; what cannot be empty is left as it is when null was sent."""
    sent = given(body, "was", "custom")
    named = _named(request, body)
    for name in ("deal", "company", "person"):
        if name in sent:
            sent[name] = named[name]
    for name in ("kind", "due_at", "has_time", "minutes", "direction", "is_cold", "subject", "owner"):
        if sent.get(name, "") is None:
            del sent[name]
    if "owner" in sent:
        sent["owner"] = named["owner"]
    if "kind" in sent:
        sent["kind"] = related(ActivityKind.objects.all(), body.kind, "kind")
    return {**sent, **own(body.custom)}


@router.post("/activities/{activity_id}/complete/", response=ActivityOut, **_CHANGE)
def complete_activity(
    request: ApiRequest, response: HttpResponse, activity_id: Id, body: Completed
) -> dict[str, Any]:
    """Mark a planned activity as done, and plan what follows."""
    activity = _see(request, activity_id)
    with unchanged(request, activity, lambda: hold(activity.places)):
        actions.complete_activity(
            activity, actor=request.member, next=_next(request, body.next), **given(body, "next")
        )
    return _answer(request, response, activity.pk)


@router.post("/activities/{activity_id}/cancel/", response=ActivityOut, **_CHANGE)
def cancel_activity(
    request: ApiRequest, response: HttpResponse, activity_id: Id, body: Cancelled
) -> dict[str, Any]:
    """Say that it will not be done."""
    activity = _see(request, activity_id)
    with unchanged(request, activity, lambda: hold(activity.places)):
        actions.cancel_activity(activity, actor=request.member, reason=body.reason)
    return _answer(request, response, activity.pk)


@router.post("/activities/{activity_id}/reopen/", response=ActivityOut, **_CHANGE)
def reopen_activity(request: ApiRequest, response: HttpResponse, activity_id: Id) -> dict[str, Any]:
    """Return a finished or cancelled activity to the plan."""
    activity = _see(request, activity_id)
    with unchanged(request, activity, lambda: hold(activity.places)):
        actions.reopen_activity(activity, actor=request.member)
    return _answer(request, response, activity.pk)
