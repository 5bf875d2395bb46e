"""Writing activities down: the composer's tabs on cards, the dialog of the menu «+»."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from voronka.activities.actions import log_activity, plan_activity
from voronka.activities.mentions import card_of
from voronka.activities.models import Activity
from voronka.activities.repeating import repeat_activity
from voronka.activities.today import colleagues
from voronka.core.errors import Refused
from voronka.desk.files.actions import taking
from voronka.playbook.models import Channel
from voronka.ui.access import workspace_view
from voronka.ui.activities.forms import LogForm, PlanForm, kinds_in_use, of_channel, quick_days
from voronka.ui.activities.places import Place, place_of, undo_of
from voronka.ui.files.shown import given_files
from voronka.ui.htmx import done, render_page, toast, trigger
from voronka.ui.mentions import with_warning
from voronka.ui.navigation import workspace_url
from voronka.ui.once import once
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Reach, Subject

CHANNELS = (Channel.CALL, Channel.MEETING, Channel.LETTER, Channel.TASK)
DONE, PLAN = "done", "plan"


@workspace_view(Subject.ACTIVITY, Action.CREATE)
@once
def compose(request: HttpRequest) -> HttpResponse:
    """A tab of a card's composer; after saving it is empty again and the card refreshes."""
    return _write(request, "activity_compose", "compose")


@workspace_view(Subject.ACTIVITY, Action.CREATE)
@once
def new(request: HttpRequest) -> HttpResponse:
    """The same as a dialog, from the menu «+» or from a hint."""
    return _write(request, "activity_new", "form")


def _write(request: HttpRequest, name: str, fragment: str) -> HttpResponse:
    member: Member = request.member  # type: ignore[attr-defined]
    given = request.POST if request.method == "POST" else request.GET
    channel = given.get("channel", "")
    channel = channel if channel in Channel.values else Channel.CALL.value
    mode = given.get("mode", "")
    if mode not in (DONE, PLAN):
        mode = PLAN if channel == Channel.TASK or (fragment == "form" and "mode" not in given) else DONE
    place = place_of(request)
    data = request.POST if request.method == "POST" else None
    form = _form(member, mode, channel, place, data, given)
    if data is not None and form.is_valid():
        try:
            activity = _save(request, form, place, member)
        except Refused as refusal:
            told(form, refusal)
        else:
            return _saved(request, name, fragment, activity, channel, mode, place)
    context = _context(request, name, form, channel, mode, place)
    return render_page(
        request, "activities/compose.html", context, fragment, status=422 if form.errors else 200
    )


def _form(
    member: Member, mode: str, channel: str, place: Place, data: Any, given: QueryDict
) -> LogForm | PlanForm:
    kinds = kinds_in_use()
    people = place.people()
    person = place.person or (place.deal.person if place.deal else None)
    initial: dict[str, Any] = {"person": person.pk if person else None}
    chosen = of_channel(kinds, channel)
    if mode == DONE:
        return LogForm(data, initial=initial, kinds=kinds, chosen=chosen, people=people)
    owners = owners_for(member)
    owner = next((one for one in owners if str(one.pk) == given.get("owner")), member)
    initial |= {**_asked(given), "owner": owner.pk}
    return PlanForm(data, initial=initial, chosen=chosen, people=people, owners=owners, owner=owner)


def _asked(given: QueryDict) -> dict[str, str]:
    """What the calendar asks for when a time was selected in it."""
    return {name: str(given[name]) for name in ("due_day", "due_time", "minutes", "owner") if name in given}


def owners_for(member: Member) -> list[Member]:
    """Those for whom *member* may plan; nobody to choose from when it is only oneself."""
    if member.reach(Subject.ACTIVITY, Action.CREATE) <= Reach.OWN:
        return [member]
    return colleagues(member)


def _save(request: HttpRequest, form: LogForm | PlanForm, place: Place, member: Member) -> Activity:
    arguments = {**form.arguments(), **place.arguments}
    if arguments["person"] is None and not (place.deal or place.company):
        arguments["person"] = place.person
    if isinstance(form, LogForm):
        with taking(given_files(request)) as files:
            return log_activity(actor=member, files=files, **arguments)
    with taking(given_files(request)) as files, transaction.atomic():
        activity = plan_activity(actor=member, files=files, **arguments)
        if rule := form.rule():
            repeat_activity(activity, actor=member, **rule)
    return activity


def told(form: forms.Form, refusal: Refused) -> None:
    """Put the verb's sentence to the field it is about; the names of fields differ a little."""
    field = {"next": "next_day", "due_at": "due_day", "done_at": "done_day", "remind_at": "remind"}.get(
        refusal.field or "", refusal.field
    )
    form.add_error(field if field in form.fields else None, refusal.message)


def _saved(
    request: HttpRequest, name: str, fragment: str, activity: Activity, channel: str, mode: str, place: Place
) -> HttpResponse:
    text = _("Written down") if activity.done_at else _("Planned")
    text = with_warning(request, text, activity.result, card_of(activity))
    undo = undo_of(request, activity.pk) or None
    slug = request.workspace.slug  # type: ignore[attr-defined]
    if fragment == "compose" and getattr(request, "htmx", None):
        member: Member = request.member  # type: ignore[attr-defined]
        empty = _form(member, mode, channel, place, None, request.GET)
        context = _context(request, name, empty, channel, mode, place)
        response = render_page(request, "activities/compose.html", context, fragment)
        return toast(trigger(trigger(response, "refresh"), "composed"), text, undo_url=undo)
    return done(request, text, redirect=workspace_url("activity", slug, activity.pk), undo_url=undo)


def _context(
    request: HttpRequest, name: str, form: forms.Form, channel: str, mode: str, place: Place
) -> dict[str, Any]:
    slug = request.workspace.slug  # type: ignore[attr-defined]
    url = workspace_url(name, slug)
    words = {
        Channel.CALL: pgettext("channel", "Call"),
        Channel.MEETING: pgettext("channel", "Meeting"),
        Channel.LETTER: pgettext("channel", "Letter"),
        Channel.TASK: pgettext("channel", "Task"),
    }

    def address(channel: str, mode: str) -> str:
        asked = urlencode(_asked(request.GET))
        query = "&".join(filter(None, [place.query, f"channel={channel}", f"mode={mode}", asked]))
        return f"{url}?{query}"

    return {
        "room": "today",
        "form": form,
        "url": url,
        "channel": channel,
        "mode": mode,
        "place": place,
        "places_url": workspace_url("activity_places", slug),
        "modes": [
            (DONE, pgettext("mode", "Done"), address(channel, DONE)),
            (PLAN, pgettext("mode", "Plan"), address(channel, PLAN)),
        ],
        "channels": [(code, words[code], address(code, mode)) for code in CHANNELS],
        "is_done": mode == DONE,
        "is_call": channel == Channel.CALL,
        "is_contact": channel != Channel.TASK,
        "needs_next": bool(place.deal and place.deal.is_open),
        "quick_dates": quick_days(),
        # «me» and somebody else to choose from.
        "show_owner": name == "activity_new" and len(getattr(form.fields.get("owner"), "choices", ())) > 2,
    }
