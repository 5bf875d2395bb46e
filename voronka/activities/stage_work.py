"""Tasks of the sales book: entering a stage plans them for the right people, closing the deal takes back what is left."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from voronka.activities import rules
from voronka.activities.actions import cancel_as_consequence, plan_as_consequence
from voronka.activities.models import Activity
from voronka.core import clock
from voronka.core.calendar import add_working_days
from voronka.core.errors import Forbidden, Refused
from voronka.core.periods import start_of
from voronka.deals import events as deal_events  # noqa: F401
from voronka.deals import history
from voronka.deals.leaving.moving import go_on_if_ready
from voronka.deals.models import Deal
from voronka.desk.notices import in_words_of
from voronka.journal.models import Event
from voronka.journal.registry import on
from voronka.playbook.models import ActivityKind, Channel, FollowUp, StageTask
from voronka.workspaces.models import Member, Team
from voronka.workspaces.rights import Action, Subject
from voronka.workspaces.working_days import away_from


@on("deal.created", "deal.moved", "deal.reopened", "deal.came_back")
def _plan_the_stage(event: Event, payload: Any) -> None:
    """Plan what the book says of the stage that the deal has entered; what is planned or done already stays alone."""
    entered = Deal.objects.filter(pk=payload.deal).values("stage")
    tasks = list(
        StageTask.objects.filter(stage__in=entered, archived_at=None)
        .select_related("kind", "role")
        .order_by("order", "id")
    )
    if not tasks:
        return
    deal = Deal.objects.select_related("owner__role", "stage", "team").get(pk=payload.deal)
    there = set(
        Activity.objects.filter(deal=deal, stage_task__in=tasks, cancelled_at=None).values_list(
            "stage_task_id", flat=True
        )
    )
    away: dict[int, Collection[dt.date]] = {}
    for task in tasks:
        if task.pk not in there and task.kind.archived_at is None:
            _plan(task, deal, actor=event.actor, away=away)


@transaction.atomic
def plan_stage_task(deal: Deal, task: StageTask, *, actor: Member) -> Activity:
    """Plan one task of the book in *deal*, as entering the stage would have; what is planned or done already is given.

    For deals that came to their stage before the book had the task: imported ones, or a task written later. Raises
    `Refused` for a closed deal and for what the book of the deal's funnel no longer asks, `Forbidden`.
    """
    history.lock(deal)
    if not actor.reaches(Subject.DEAL, Action.EDIT, owner_id=deal.owner_id, team_id=deal.team_id):
        raise Forbidden("edit deal")
    if not deal.is_open:
        raise Refused(_("The deal is closed: return it to work first."))
    if (
        task.archived_at is not None
        or task.kind.archived_at is not None
        or task.stage.funnel_id != deal.funnel_id
    ):
        raise Refused(_("The book no longer asks for this task."))
    there = (
        Activity.objects.filter(deal=deal, stage_task=task, cancelled_at=None)
        .order_by("done_at", "id")
        .last()
    )
    return there or _plan(task, deal, actor=actor, away={})


def _plan(
    task: StageTask, deal: Deal, *, actor: Member | None, away: dict[int, Collection[dt.date]]
) -> Activity:
    """*away* remembers the days off of those who were asked for already."""
    today = clock.today()
    doer = doer_of(task, deal, actor)
    if doer.pk not in away:
        away[doer.pk] = away_from(doer, today)
    day = add_working_days(today, task.after_days, besides=away[doer.pk])
    return plan_as_consequence(
        task.kind,
        subject=task.text,
        task=task,
        deal=deal,
        owner=doer,
        due_at=rules.right_due(start_of(day), False),
        actor=actor,
    )


@on("deal.moved", "deal.won", "deal.lost")
def _drop_what_is_left(event: Event, payload: Any) -> None:
    """A closed deal, or one that went to another funnel, has no more to do of the old one's book."""
    deal = Deal.objects.get(pk=payload.deal)
    left = Activity.objects.planned().filter(deal=deal, stage_task__isnull=False)
    if deal.is_open:
        left = left.exclude(stage_task__stage__funnel=deal.funnel_id)
    for activity in left.select_related("kind").order_by("id"):
        cancel_as_consequence(activity, event=event)


@on("deal.lost")
def _come_back_later(event: Event, payload: Any) -> None:
    """Nothing falls into a black hole: a reason may say when somebody comes back to the client."""
    deal = Deal.objects.select_related("reason__return_to", "owner", "company").get(pk=payload.deal)
    reason = deal.reason
    days = reason.return_days if reason and reason.follow_up == FollowUp.CONTACT else None
    named = [reason.return_to if reason else None, deal.owner]
    owner = next((member for member in named if member is not None and member.is_active), event.actor)
    kinds = ActivityKind.objects.filter(channel=Channel.CALL, archived_at=None).order_by("order", "id")
    kind = kinds.first()
    if not days or owner is None or kind is None:
        return
    day = clock.today() + dt.timedelta(days=days)
    day = add_working_days(day, 0, besides=away_from(owner, day))
    due = rules.right_due(start_of(day), False)
    with in_words_of(owner):
        subject = _("Come back: %(title)s") % {"title": deal.title}
    plan_as_consequence(kind, subject=subject, deal=deal, owner=owner, due_at=due, actor=event.actor)


@on("activity.done", "activity.logged")
def _go_on_by_itself(event: Event, payload: Any) -> None:
    """What was done may have been the last thing that the stage waits for."""
    deal_id = Activity.objects.values_list("deal_id", flat=True).get(pk=payload.activity)
    if deal_id is not None:
        go_on_if_ready(deal_id, event.actor)


def doer_of(task: StageTask, deal: Deal, actor: Member | None) -> Member:
    """Who is to do *task*: the deal's responsible, or who has its role nearest to the deal.

    Nearest is: the responsible, the head of the deal's team, somebody of the team, of the teams above, of all. Where
    nobody has the role it falls to the responsible, and where there is none (or a former one) to who did this.
    """
    owner = deal.owner if deal.owner is not None and deal.owner.is_active else None
    fallback = owner or actor or deal.owner
    assert fallback is not None, "somebody moved the deal or answers for it"
    if task.role_id is None or (owner is not None and owner.role_id == task.role_id):
        return fallback
    candidates = list(Member.objects.active().filter(role=task.role_id).order_by("id"))
    return next(iter(_by_nearness(candidates, deal.team)), fallback)


def _by_nearness(candidates: list[Member], team: Team | None) -> Iterable[Member]:
    """Heads and members of *team*, then of the teams above it, then everybody else."""
    left = {member.pk: member for member in candidates}
    while team is not None and left:
        near = [m for m in left.values() if m.pk == team.head_id] + [
            m for m in left.values() if m.team_id == team.pk
        ]
        for member in near:
            if left.pop(member.pk, None):
                yield member
        team = team.parent
    yield from left.values()
