"""Cards of activities, and what can be done with one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from voronka.activities.actions import (
    cancel_activity,
    complete_activity,
    edit_activity,
    reopen_activity,
    reschedule_activity,
)
from voronka.activities.events import rule_in_words
from voronka.activities.mentions import card_of
from voronka.activities.models import Activity
from voronka.activities.repeating import edit_with_following, repeat_activity, stop_repeating
from voronka.core import clock
from voronka.core.errors import Refused
from voronka.desk.files.actions import taking
from voronka.journal.models import Event
from voronka.journal.sentences import tell
from voronka.ui.access import get_or_404, require_reach, workspace_view
from voronka.ui.activities.composing import owners_for, told
from voronka.ui.activities.forms import (
    DoneForm,
    EditForm,
    kinds_in_use,
    local_due,
    moment,
    quick_days,
    rule_of,
    values_of,
)
from voronka.ui.activities.places import Place, undo_of, with_urls
from voronka.ui.files.shown import given_files
from voronka.ui.htmx import done, render_page, target
from voronka.ui.mentions import with_warning
from voronka.ui.navigation import workspace_url
from voronka.ui.once import once
from voronka.ui.shape.facts import fact_groups
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Subject

RELATED = ("kind", "company", "person", "deal", "owner", "series")


def _found(request: HttpRequest, pk: int) -> Activity:
    visible = Activity.objects.visible_to(request.member)  # type: ignore[attr-defined]
    return get_or_404(visible.select_related(*RELATED), pk)


def _may_edit(request: HttpRequest, activity: Activity) -> bool:
    member: Member = request.member  # type: ignore[attr-defined]
    return member.reaches(Subject.ACTIVITY, Action.EDIT, owner_id=activity.owner_id, team_id=activity.team_id)


def _address(request: HttpRequest, activity: Activity) -> str:
    return workspace_url("activity", request.workspace.slug, activity.pk)  # type: ignore[attr-defined]


@workspace_view(Subject.ACTIVITY)
def activity(request: HttpRequest, pk: int) -> HttpResponse:
    """One activity, in the panel or as a page."""
    found = _found(request, pk)
    events = Event.objects.feed_of("activity", found.pk)[:50]
    context = {
        "room": "today",
        "activity": with_urls(request.workspace.slug, [found])[0],  # type: ignore[attr-defined]
        "may_edit": _may_edit(request, found),
        "groups": fact_groups(
            request, "activity", found, lambda name, may: {}, may_edit=_may_edit(request, found)
        ),
        "feed": [
            told for event in events if event.type != "event.undone" and not (told := tell(event)).silent
        ],
        "now": clock.now(),
        "repeats": _repeats(found),
    }
    return render_page(request, "activities/activity.html", context, "card")


def _repeats(found: Activity) -> str:
    """The rule in words; "" for what comes once."""
    series = found.series
    if series is None or series.ended_at is not None:
        return ""
    until = series.until.isoformat() if series.until else ""
    return rule_in_words(series.unit, series.every, until, series.times)


@require_POST
@workspace_view(Subject.ACTIVITY, Action.EDIT)
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """It comes no more after this time."""
    found = _found(request, pk)
    require_reach(request, Subject.ACTIVITY, Action.EDIT, found)
    stop_repeating(found, actor=request.member)  # type: ignore[attr-defined]
    undo = undo_of(request, found.pk) or None
    return done(request, _("It repeats no more"), redirect=_address(request, found), undo_url=undo)


@workspace_view(Subject.ACTIVITY, Action.EDIT)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The dialog that changes it; somebody else's change of the same field is told."""
    found = _found(request, pk)
    require_reach(request, Subject.ACTIVITY, Action.EDIT, found)
    member: Member = request.member  # type: ignore[attr-defined]
    kinds = kinds_in_use()
    if found.kind_id not in {kind.pk for kind in kinds}:
        kinds = [found.kind, *kinds]
    owners = owners_for(member)
    if found.owner_id not in {owner.pk for owner in owners}:
        owners = [found.owner, *owners]
    people = Place(found.deal, found.company, found.person).people()
    form = EditForm(
        request.POST or None,
        initial=values_of(found),
        chosen=kinds,
        people=people,
        owners=owners,
        owner=found.owner,
    )
    if request.method == "POST" and form.is_valid():
        try:
            _save(found, form, member, _was(request, found))
        except Refused as refusal:
            if not refusal.field:
                raise
            told(form, refusal)
        else:
            undo = undo_of(request, found.pk) or None
            return done(request, _("Saved"), redirect=_address(request, found), undo_url=undo)
    context = {
        "room": "today",
        "activity": found,
        "form": form,
        "was": _values(found),
        "quick_dates": quick_days(),
        "show_owner": len(owners) > 1,
    }
    return render_page(request, "activities/edit.html", context, "form", status=422 if form.errors else 200)


@transaction.atomic
def _save(found: Activity, form: EditForm, member: Member, was: dict[str, Any]) -> None:
    """The activity, and its rule where that was changed; one alone unless those that follow are meant as well."""
    before, rule = rule_of(found), form.rule()
    now = {name: form.cleaned_data[name] for name in before}
    verb = edit_with_following if form.cleaned_data["following"] and before == now else edit_activity
    verb(found, actor=member, changes=form.changes(), was=was)
    if rule is None and before:
        stop_repeating(found, actor=member)
    elif (rule is not None and before != now) or (rule is not None and not before):
        repeat_activity(found, actor=member, **rule)


_FIELDS = ("due_at", "has_time", "kind", "subject", "person", "minutes", "owner")


def _values(activity: Activity) -> dict[str, Any]:
    """What the form is made from, as hidden fields send it back."""
    return {
        "due_at": activity.due_at.isoformat(),
        "has_time": "1" if activity.has_time else "0",
        "kind": activity.kind_id,
        "subject": activity.subject,
        "person": activity.person_id or "",
        "minutes": activity.minutes,
        "owner": activity.owner_id,
    }


def _was(request: HttpRequest, activity: Activity) -> dict[str, Any]:
    was: dict[str, Any] = {
        name: request.POST[f"was_{name}"] for name in _FIELDS if f"was_{name}" in request.POST
    }
    if "due_at" in was and parse_datetime(was["due_at"]) is None:
        del was["due_at"]
    return {
        name: value
        for name, value in was.items()
        if value == "" or name in ("due_at", "subject") or value.isdecimal()
    }


@workspace_view(Subject.ACTIVITY, Action.EDIT)
@once
def complete(request: HttpRequest, pk: int) -> HttpResponse:
    """Result and next step of a planned activity: in place in a list, or in the dialog."""
    found = _found(request, pk)
    require_reach(request, Subject.ACTIVITY, Action.EDIT, found)
    member: Member = request.member  # type: ignore[attr-defined]
    kinds = kinds_in_use()
    next_kind = next((kind for kind in kinds if kind.pk == found.kind_id), kinds[0] if kinds else None)
    initial = {
        "direction": found.direction,
        "is_cold": found.is_cold,
        "minutes": found.minutes,
        "result": found.result,
    }
    form = DoneForm(request.POST or None, initial=initial, kinds=kinds, next_kind=next_kind)
    if request.method == "POST" and form.is_valid():
        try:
            with taking(given_files(request)) as files:
                complete_activity(found, actor=member, files=files, **form.what_was_done())
        except Refused as refusal:
            if not refusal.field:
                raise
            told(form, refusal)
        else:
            undo = undo_of(request, found.pk) or None
            said = with_warning(request, _("Done"), form.cleaned_data["result"], card_of(found))
            return done(request, said, redirect=_address(request, found), undo_url=undo)
    elsewhere = Activity.objects.planned().filter(deal_id=found.deal_id).exclude(pk=found.pk)
    place = target(request)
    context = {
        "room": "today",
        "activity": found,
        "form": form,
        "url": request.path,
        "place": place,
        "is_call": found.channel == "call",
        "is_contact": found.kind.is_contact,
        "needs_next": bool(found.deal and found.deal.is_open and not elsewhere.exists()),
        "quick_dates": quick_days(),
    }
    fragment = "inline" if place.startswith("slot-") else "form"
    return render_page(
        request, "activities/complete.html", context, fragment, status=422 if form.errors else 200
    )


@require_POST
@workspace_view(Subject.ACTIVITY, Action.EDIT)
def reschedule(request: HttpRequest, pk: int) -> HttpResponse:
    """Put it off: `days` from today on (its time of day stays), or to the `day` given."""
    found = _found(request, pk)
    require_reach(request, Subject.ACTIVITY, Action.EDIT, found)
    local = local_due(found)
    time = local.time() if found.has_time else None
    days = request.POST.get("days", "")
    if days.isascii() and days.isdecimal() and len(days) < 4:
        day = clock.today() + dt.timedelta(days=int(days))
    else:
        try:
            day = dt.date.fromisoformat(request.POST.get("day", ""))
        except ValueError:
            raise Refused(_("Choose a day.")) from None
    if not 1900 < day.year < 2200:
        raise Refused(_("Check the year of the date."))
    was = parse_datetime(request.POST.get("was_due_at", ""))
    reschedule_activity(
        found,
        actor=request.member,  # type: ignore[attr-defined]
        due_at=moment(day, time),
        was_due_at=was if was and timezone.is_aware(was) else None,
    )
    undo = undo_of(request, found.pk) or None
    return done(request, pgettext("activity", "Put off"), redirect=_address(request, found), undo_url=undo)


@require_POST
@workspace_view(Subject.ACTIVITY, Action.EDIT)
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """It will not be done."""
    found = _found(request, pk)
    require_reach(request, Subject.ACTIVITY, Action.EDIT, found)
    cancel_activity(found, actor=request.member, reason=request.POST.get("reason", ""))  # type: ignore[attr-defined]
    return done(
        request,
        _("Cancelled"),
        redirect=_address(request, found),
        undo_url=undo_of(request, found.pk) or None,
    )


@require_POST
@workspace_view(Subject.ACTIVITY, Action.EDIT)
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """To be done again."""
    found = _found(request, pk)
    require_reach(request, Subject.ACTIVITY, Action.EDIT, found)
    reopen_activity(found, actor=request.member)  # type: ignore[attr-defined]
    return done(
        request,
        _("Returned to the plan"),
        redirect=_address(request, found),
        undo_url=undo_of(request, found.pk) or None,
    )
