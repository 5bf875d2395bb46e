"""Forms of activities: what was done, what comes next, what is planned. The rules are the verbs' own."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from voronka.activities.actions import NextStep
from voronka.activities.models import Activity, Direction, Unit
from voronka.core import clock
from voronka.core.calendar import add_working_days
from voronka.core.periods import start_of
from voronka.playbook.models import ActivityKind, Channel
from voronka.workspaces.models import Member

REMIND = [
    ("", gettext_lazy("no reminder")),
    ("0", gettext_lazy("at the time")),
    ("15", gettext_lazy("15 minutes before")),
    ("60", gettext_lazy("an hour before")),
    ("1440", gettext_lazy("a day before")),
]
# Without a time of day a reminder counts from the morning.
MORNING = dt.time(9)

TIME = {"type": "time", "autocomplete": "off"}
DATE = {"type": "date", "autocomplete": "off"}


def kinds_in_use() -> list[ActivityKind]:
    """The kinds one can choose from, in their order."""
    return list(ActivityKind.objects.filter(archived_at=None))


def quick_days() -> list[tuple[int, str]]:
    """«tomorrow», «in 3 working days», «in a week» as (days from today, word), for `components/quick_dates.html`."""
    today = clock.today()
    return [
        (1, _("tomorrow")),
        ((add_working_days(today, 3) - today).days, _("in 3 working days")),
        (7, _("in a week")),
    ]


def moment(day: dt.date, time: dt.time | None) -> dt.datetime:
    """The moment of *day* at *time* by the clock of who types it; without one the day's beginning in the workspace."""
    if time is None:
        return start_of(day)
    return dt.datetime.combine(day, time, tzinfo=clock.shown_zone())


def reminder(day: dt.date, time: dt.time | None, minutes: str) -> dt.datetime | None:
    """The moment *minutes* (a text of `REMIND`) before."""
    if minutes == "":
        return None
    return moment(day, time or MORNING) - dt.timedelta(minutes=int(minutes))


class KindField(forms.TypedChoiceField):
    """A kind of activity out of those given; cleans to the object."""

    def __init__(self, kinds: list[ActivityKind], **kwargs: Any) -> None:
        self.by_pk = {str(kind.pk): kind for kind in kinds}
        choices = [(kind.pk, kind.name) for kind in kinds]
        super().__init__(
            choices=choices,
            coerce=self.by_pk.__getitem__,
            empty_value=None,
            label=kwargs.pop("label", _("Kind")),
            **kwargs,
        )


class ObjectField(forms.TypedChoiceField):
    """One of the given rows (people, members); cleans to the object, None for no choice."""

    def __init__(self, rows: list[Any], *, empty: str = "—", **kwargs: Any) -> None:
        by_pk = {str(row.pk): row for row in rows}
        choices = [(row.pk, str(row)) for row in rows]
        if not kwargs.get("required", True):
            choices.insert(0, ("", empty))
        super().__init__(choices=choices, coerce=by_pk.__getitem__, empty_value=None, **kwargs)


class WhenFields(forms.Form):
    """A day with an optional time and reminder."""

    due_day = forms.DateField(
        label=gettext_lazy("Day"), widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d")
    )
    due_time = forms.TimeField(
        label=gettext_lazy("Time"), required=False, widget=forms.TimeInput(attrs=TIME, format="%H:%M")
    )
    remind = forms.ChoiceField(label=gettext_lazy("Remind"), choices=REMIND, required=False, initial="15")

    def when(self) -> dict[str, Any]:
        """`due_at`, `has_time`, `remind_at` for the verbs."""
        day, time = self.cleaned_data["due_day"], self.cleaned_data["due_time"]
        return {
            "due_at": moment(day, time),
            "has_time": time is not None,
            "remind_at": reminder(day, time, self.cleaned_data["remind"]),
        }


class DoneForm(forms.Form):
    """What was done, with its result, and the next step."""

    direction = forms.ChoiceField(
        label=gettext_lazy("Direction"), choices=Direction.choices, required=False, initial=Direction.OUT
    )
    reached = forms.ChoiceField(
        label=gettext_lazy("Reached"),
        choices=[("yes", gettext_lazy("reached")), ("no", gettext_lazy("not reached"))],
        required=False,
        initial="yes",
    )
    is_cold = forms.BooleanField(label=gettext_lazy("Cold call"), required=False)
    done_day = forms.DateField(
        label=gettext_lazy("Day"), required=False, widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d")
    )
    done_time = forms.TimeField(
        label=gettext_lazy("Time"), required=False, widget=forms.TimeInput(attrs=TIME, format="%H:%M")
    )
    minutes = forms.IntegerField(
        label=gettext_lazy("Length, minutes"),
        required=False,
        widget=forms.NumberInput(attrs={"min": 1, "max": 1440}),
    )
    result = forms.CharField(
        label=gettext_lazy("Result"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 2, "data-autosize": ""}),
    )
    next_subject = forms.CharField(label=gettext_lazy("What to do"), required=False)
    next_day = forms.DateField(
        label=gettext_lazy("Day"), required=False, widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d")
    )
    next_time = forms.TimeField(
        label=gettext_lazy("Time"), required=False, widget=forms.TimeInput(attrs=TIME, format="%H:%M")
    )
    without_next = forms.BooleanField(label=gettext_lazy("No next step"), required=False)

    def __init__(
        self, *args: Any, kinds: list[ActivityKind], next_kind: ActivityKind | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["next_kind"] = KindField(
            kinds, required=False, label=_("Next step"), initial=next_kind.pk if next_kind else None
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("next_time") and not data.get("next_day") and not data.get("without_next"):
            self.add_error("next_day", _("Choose a day as well."))
        return data

    def what_was_done(self) -> dict[str, Any]:
        """The arguments that `log_activity` and `complete_activity` share."""
        data = self.cleaned_data
        done_at = None
        if data["done_day"] or data["done_time"]:
            now = timezone.localtime(clock.now(), clock.shown_zone())
            day = data["done_day"] or now.date()
            time = data["done_time"] or now.time().replace(second=0, microsecond=0)
            done_at = moment(day, time)
        return {
            "result": data["result"],
            "reached": {"yes": True, "no": False}.get(data["reached"]),
            "direction": data["direction"] or Direction.OUT,
            "is_cold": data["is_cold"],
            "minutes": data["minutes"],
            "done_at": done_at,
            "next": self._next(),
            "without_next": data["without_next"],
        }

    def _next(self) -> NextStep | None:
        data = self.cleaned_data
        if data["without_next"] or not data["next_day"] or not data["next_kind"]:
            return None
        return NextStep(
            kind=data["next_kind"],
            subject=data["next_subject"],
            due_at=moment(data["next_day"], data["next_time"]),
            has_time=data["next_time"] is not None,
            remind_at=reminder(data["next_day"], data["next_time"], "15") if data["next_time"] else None,
        )


class LogForm(DoneForm):
    """A contact written down at once: `DoneForm` with its kind and the person talked to."""

    subject = forms.CharField(label=gettext_lazy("Subject"), required=False)

    def __init__(
        self,
        *args: Any,
        kinds: list[ActivityKind],
        chosen: list[ActivityKind],
        people: list[Any],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, kinds=kinds, next_kind=kinds[0] if kinds else None, **kwargs)
        self.fields["kind"] = KindField(chosen)
        self.fields["person"] = ObjectField(people, required=False, label=_("With whom"))

    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            **self.what_was_done(),
            "kind": data["kind"],
            "subject": data["subject"],
            "person": data["person"],
        }


class RepeatFields(forms.Form):
    """Whether it comes again: every so many units, till a day."""

    repeat = forms.ChoiceField(
        label=gettext_lazy("Repeat"),
        choices=[("", gettext_lazy("do not repeat")), *Unit.choices],
        required=False,
    )
    repeat_every = forms.IntegerField(
        label=gettext_lazy("Every"),
        required=False,
        initial=1,
        widget=forms.NumberInput(attrs={"min": 1, "max": 366}),
    )
    repeat_until = forms.DateField(
        label=gettext_lazy("Till the day"),
        required=False,
        widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"),
    )

    def rule(self) -> dict[str, Any] | None:
        """The arguments of `repeat_activity`; None for what comes once."""
        data = self.cleaned_data
        if not data["repeat"]:
            return None
        every = data["repeat_every"]
        return {
            "unit": data["repeat"],
            "every": 1 if every is None else every,
            "until": data["repeat_until"],
        }


class PlanForm(RepeatFields, WhenFields):
    """Something to be done."""

    subject = forms.CharField(label=gettext_lazy("What to do"), required=False)
    minutes = forms.IntegerField(
        label=gettext_lazy("Length, minutes"),
        required=False,
        widget=forms.NumberInput(attrs={"min": 1, "max": 1440}),
    )

    def __init__(
        self,
        *args: Any,
        chosen: list[ActivityKind],
        people: list[Any],
        owners: list[Member],
        owner: Member,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = KindField(chosen)
        self.fields["person"] = ObjectField(people, required=False, label=_("With whom"))
        self.fields["owner"] = ObjectField(
            owners, required=False, label=_("Responsible"), initial=owner.pk, empty=_("me")
        )

    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            **self.when(),
            "kind": data["kind"],
            "subject": data["subject"],
            "minutes": data["minutes"],
            "person": data["person"],
            "owner": data["owner"],
        }


class EditForm(PlanForm):
    """A planned activity changed; the result of a finished one."""

    remind = None  # type: ignore[assignment]
    following = forms.BooleanField(label=gettext_lazy("Also those that come after"), required=False)

    def changes(self) -> dict[str, Any]:
        """What `edit_activity` is to set."""
        data = self.cleaned_data
        time = data["due_time"]
        changes = {
            "due_at": moment(data["due_day"], time),
            "has_time": time is not None,
            "kind": data["kind"],
            "subject": data["subject"],
            "person": data["person"],
        }
        if data["minutes"]:
            changes["minutes"] = data["minutes"]
        if data["owner"]:
            changes["owner"] = data["owner"]
        return changes


def local_due(activity: Activity) -> dt.datetime:
    """When it is due by the reader's clock; a day without an hour is the same day for everybody."""
    return timezone.localtime(activity.due_at, clock.shown_zone() if activity.has_time else None)


def values_of(activity: Activity) -> dict[str, Any]:
    """The initial values of `EditForm`."""
    local = local_due(activity)
    return {
        "kind": activity.kind_id,
        "subject": activity.subject,
        "due_day": local.date(),
        "due_time": local.time() if activity.has_time else None,
        "minutes": activity.minutes,
        "person": activity.person_id,
        "owner": activity.owner_id,
        **rule_of(activity),
    }


def rule_of(activity: Activity) -> dict[str, Any]:
    """How it repeats, as the fields of the form; nothing for what comes once."""
    series = activity.series
    if series is None or series.ended_at is not None:
        return {}
    return {"repeat": series.unit, "repeat_every": series.every, "repeat_until": series.until}


def of_channel(kinds: list[ActivityKind], channel: str) -> list[ActivityKind]:
    """The kinds of *channel* first, then the others; letters take faxes along, meetings visits and demonstrations."""
    near = {
        Channel.LETTER: {Channel.LETTER, Channel.FAX},
        Channel.MEETING: {Channel.MEETING, Channel.DEMO, Channel.VISIT},
    }.get(Channel(channel) if channel in Channel.values else Channel.TASK, {channel})
    return [kind for kind in kinds if kind.channel in near] or kinds
