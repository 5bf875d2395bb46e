"""Activities as lists know them; and «plan an activity» for many deals and clients at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import Case, CharField, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from voronka.activities import actions
from voronka.activities.models import Activity, Direction
from voronka.clients.models import Company, Person
from voronka.core import clock, formats
from voronka.core.errors import Refused
from voronka.core.periods import start_of
from voronka.core.text import like_escape
from voronka.deals.models import Deal
from voronka.desk.lists.common import members
from voronka.desk.lists.conditions import Condition, Group, as_day
from voronka.desk.lists.fields import Field, Kind, entries_of, names_in
from voronka.desk.lists.reading import chosen_id, member_of
from voronka.desk.lists.registry import Listing, Verb, View, get_listing, register
from voronka.playbook.models import ActivityKind, Channel
from voronka.workspaces.models import Member, Team
from voronka.workspaces.rights import Action, Subject

STATES = [
    ("planned", pgettext_lazy("activities", "Planned")),
    ("overdue", pgettext_lazy("activities", "Overdue")),
    ("done", pgettext_lazy("activities", "Done")),
    ("cancelled", pgettext_lazy("activities", "Cancelled")),
]
ABOUT, WHEN = gettext_lazy("About"), gettext_lazy("Dates")


def _state(asked: Condition, member: Member | None) -> Q:
    open_ones = Q(done_at=None, cancelled_at=None)
    of = {
        "planned": open_ones,
        "overdue": open_ones & Q(due_at__lt=start_of(clock.today())),
        "done": Q(done_at__isnull=False),
        "cancelled": Q(cancelled_at__isnull=False),
    }
    found = Q(pk__in=[])
    for value in asked.values:
        found |= of.get(value, Q(pk__in=[]))
    # One alone as it stands: a partial index answers it.
    if len(asked.values) == 1 and asked.op == "in":
        return of.get(asked.values[0], found)
    return ~found if asked.op == "out" else found


def state_of(activity: Activity) -> str:
    """Where it stands, in words."""
    if activity.cancelled_at:
        code = "cancelled"
    elif activity.done_at:
        code = "done"
    else:
        code = "overdue" if activity.due_at < start_of(clock.today()) else "planned"
    return str(dict(STATES)[code])


def activity_fields() -> list[Field]:
    """All fields of an activity, in the order of the column chooser."""
    return [
        Field(
            "subject",
            gettext_lazy("What to do"),
            Kind.TEXT,
            "subject",
            nullable=False,
            editable=True,
            default=True,
            width=280,
        ),
        Field(
            "kind",
            gettext_lazy("Kind"),
            Kind.DICTIONARY,
            "kind_id",
            sort="kind__order",
            nullable=False,
            options=entries_of(ActivityKind),
            names=names_in(ActivityKind),
            related=("kind",),
            editable=True,
            default=True,
            width=150,
        ),
        Field(
            "channel",
            gettext_lazy("Nature"),
            Kind.CHOICE,
            "channel",
            nullable=False,
            options=lambda: Channel.choices,
            show=lambda row: str(Channel(row.channel).label),
        ),
        Field(
            "state",
            gettext_lazy("State"),
            Kind.CHOICE,
            Case(
                When(cancelled_at__isnull=False, then=Value("3")),
                When(done_at__isnull=False, then=Value("2")),
                default=Value("1"),
                output_field=CharField(),
            ),
            nullable=False,
            options=lambda: STATES,
            condition=_state,
            show=state_of,
            width=130,
        ),
        Field(
            "direction",
            gettext_lazy("Direction"),
            Kind.CHOICE,
            "direction",
            nullable=False,
            options=lambda: Direction.choices,
            show=lambda row: str(row.get_direction_display()),
            editable=True,
            width=120,
        ),
        Field(
            "is_cold", gettext_lazy("Cold"), Kind.FLAG, "is_cold", nullable=False, editable=True, width=100
        ),
        Field("reached", gettext_lazy("Reached"), Kind.FLAG, "reached", width=110),
        Field(
            "result",
            gettext_lazy("Result"),
            Kind.LONGTEXT,
            "result",
            nullable=False,
            editable=True,
            sortable=False,
            width=240,
        ),
        Field(
            "minutes",
            gettext_lazy("Length, minutes"),
            Kind.NUMBER,
            "minutes",
            nullable=False,
            editable=True,
            total=True,
            width=110,
        ),
        Field(
            "owner",
            gettext_lazy("Responsible"),
            Kind.MEMBER,
            "owner_id",
            sort="owner__name",
            nullable=False,
            options=members,
            names=names_in(Member),
            related=("owner",),
            default=True,
            width=170,
        ),
        Field(
            "team",
            gettext_lazy("Team"),
            Kind.TEAM,
            "team_id",
            sort="team__name",
            options=entries_of(Team),
            names=names_in(Team),
            related=("team",),
        ),
        Field(
            "due_at",
            gettext_lazy("When"),
            Kind.MOMENT,
            "due_at",
            nullable=False,
            default=True,
            group=WHEN,
            width=150,
        ),
        Field("done_at", pgettext_lazy("activity", "Done"), Kind.MOMENT, "done_at", group=WHEN, width=140),
        Field(
            "created_at",
            gettext_lazy("Created"),
            Kind.MOMENT,
            "created_at",
            nullable=False,
            group=WHEN,
            width=140,
        ),
        Field(
            "deal",
            gettext_lazy("Deal"),
            Kind.DEAL,
            "deal_id",
            sort="deal__title",
            source="deals",
            names=names_in(Deal),
            related=("deal",),
            default=True,
            group=ABOUT,
            width=220,
        ),
        Field(
            "company",
            gettext_lazy("Client"),
            Kind.COMPANY,
            "company_id",
            sort="company__name_key",
            source="companies",
            names=names_in(Company),
            related=("company",),
            default=True,
            group=ABOUT,
            width=200,
        ),
        Field(
            "person",
            gettext_lazy("Contact person"),
            Kind.PERSON,
            "person_id",
            sort="person__name_key",
            source="people",
            names=names_in(Person),
            related=("person",),
            group=ABOUT,
        ),
    ]


def rows(member: Member, action: Action, where: Group) -> Any:
    return Activity.objects.visible_to(member, action)


def counted(count: int) -> str:
    """«3 activities» in words."""
    return ngettext("%(count)s activity", "%(count)s activities", count) % {"count": formats.number(count)}


def search(found: Any, text: str) -> Any:
    """Activities with *text* in what was to be done, in the result, or in the client's name."""
    text = like_escape(text)
    return found.filter(
        Q(subject__icontains=text) | Q(result__icontains=text) | Q(company__name__icontains=text)
    )


def edit(
    activity: Activity, *, actor: Member, changes: Mapping[str, Any], was: Mapping[str, Any] | None = None
) -> Any:
    """The verb of a cell: it wants objects where a cell posts ids, and numbers where a cell posts text."""
    changes = dict(changes)
    if "kind" in changes:
        kind = ActivityKind.objects.filter(pk=chosen_id(changes["kind"])).first()
        if kind is None:
            raise Refused(_("There is no such choice."), field="kind")
        changes["kind"] = kind
    if "minutes" in changes:
        minutes = chosen_id(changes["minutes"])
        if minutes is None:
            raise Refused(_("The length is a number of minutes."), field="minutes")
        changes["minutes"] = minutes
    if "direction" in changes and changes["direction"] not in Direction.values:
        raise Refused(_("There is no such choice."), field="direction")
    return actions.edit_activity(activity, actor=actor, changes=changes, was=was)


def _owner(params: Any, actor: Member) -> dict[str, Any]:
    return {"owner": member_of(params.get("owner", ""))}


def _day(params: Any, actor: Member) -> dict[str, Any]:
    day = as_day(params.get("day", "") or "-")
    if day is None:
        raise Refused(_("Choose the day."), field="day")
    return {"day": day}


def _put_off(activity: Activity, actor: Member, given: Mapping[str, Any]) -> Any:
    local = timezone.localtime(activity.due_at)
    due_at = dt.datetime.combine(given["day"], local.timetz().replace(tzinfo=None), tzinfo=local.tzinfo)
    return actions.reschedule_activity(activity, actor=actor, due_at=due_at)


def _plan(params: Any, actor: Member) -> dict[str, Any]:
    kind = ActivityKind.objects.filter(pk=chosen_id(params.get("kind", "")), archived_at=None).first()
    if kind is None:
        raise Refused(_("Choose what is to be done."), field="kind")
    return {"kind": kind, "subject": params.get("subject", ""), **_day(params, actor)}


def _plan_for(place: str) -> Any:
    """The verb that plans the same for every row; it is done by who is responsible there, within reach."""

    def run(row: Any, actor: Member, given: Mapping[str, Any]) -> Any:
        owner = row.owner if row.owner and row.owner.is_active else actor
        return actions.plan_activity(
            actor=actor,
            kind=given["kind"],
            subject=given["subject"],
            due_at=start_of(given["day"]) + dt.timedelta(hours=12),
            has_time=False,
            owner=owner,
            **{place: row},
        )

    return run


LISTING = register(
    Listing(
        code="activity",
        subject=Subject.ACTIVITY,
        label=gettext_lazy("Activities"),
        counted=counted,
        rows=rows,
        base=lambda: Activity.objects.all(),
        columns=("subject", "due_at", "kind", "company", "deal", "owner"),
        fields=activity_fields,
        main="subject",
        sort="due_at",
        views=[
            View(
                "mine",
                gettext_lazy("My planned"),
                [["state", "in", "planned"], ["owner", "in", "me"]],
                sort="due_at",
            ),
            View(
                "overdue",
                pgettext_lazy("activities", "Overdue"),
                [["state", "in", "overdue"]],
                sort="due_at",
            ),
            View(
                "week",
                gettext_lazy("This week"),
                [["state", "in", "planned"], ["due_at", "period", "this_week"]],
                sort="due_at",
            ),
            View(
                "planned",
                pgettext_lazy("activities", "Planned"),
                [["state", "in", "planned"]],
                sort="due_at",
                wide=True,
            ),
            View(
                "done",
                pgettext_lazy("activities", "Done"),
                [["state", "in", "done"]],
                sort="-done_at",
                columns=("subject", "kind", "done_at", "result", "deal", "company", "owner"),
            ),
            View(
                "cancelled",
                pgettext_lazy("activities", "Cancelled"),
                [["state", "in", "cancelled"]],
                sort="-due_at",
                tucked=True,
            ),
            View("all", pgettext_lazy("activities", "All"), [], sort="-due_at", tucked=True),
        ],
        quick=("owner", "kind", "due_at"),
        search=search,
        edit=edit,
        verbs=[
            Verb(
                "assign",
                gettext_lazy("Hand over"),
                "user-share",
                Action.EDIT,
                lambda row, actor, given: actions.edit_activity(
                    row, actor=actor, changes={"owner": given["owner"]}
                ),
                "owner",
                _owner,
            ),
            Verb("put_off", gettext_lazy("Put off"), "calendar-event", Action.EDIT, _put_off, "day", _day),
            Verb(
                "cancel",
                pgettext_lazy("activity", "Cancel"),
                "x",
                Action.EDIT,
                lambda row, actor, given: actions.cancel_activity(row, actor=actor),
                danger=True,
            ),
            Verb(
                "reopen",
                gettext_lazy("Return to the plan"),
                "arrow-back-up",
                Action.EDIT,
                lambda row, actor, given: actions.reopen_activity(row, actor=actor),
            ),
        ],
    )
)

for code in ("deal", "company", "person"):
    get_listing(code).verbs.insert(
        1,
        Verb(
            "plan",
            gettext_lazy("Plan an activity"),
            "calendar-plus",
            Action.CREATE,
            _plan_for(code),
            "plan",
            _plan,
            subject=Subject.ACTIVITY,
        ),
    )
