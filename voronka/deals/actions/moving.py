"""A deal goes on, or to another hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from voronka.core.errors import Change, Conflict, Refused
from voronka.deals import events, history
from voronka.deals.actions.checks import check_stage, comment_of, lock_for, require_open, subjects_of
from voronka.deals.choices import Cause
from voronka.deals.handing.sheets import cleaned
from voronka.deals.leaving.checking import pass_on
from voronka.deals.models import Deal, HandOver
from voronka.deals.plan import planned
from voronka.journal.actions import recording
from voronka.journal.models import Event
from voronka.playbook.models import Stage
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action
from voronka.workspaces.working_days import away_from


@transaction.atomic
def move_deal(
    deal: Deal,
    *,
    actor: Member,
    stage: Stage,
    expected_stage_id: int | None = None,
    acknowledged: bool = False,
    override: str = "",
) -> Event | None:
    """Move an open deal to *stage*: forward, back, over stages, or to another funnel.

    *expected_stage_id* is the stage in which the actor saw it. *acknowledged*: go on though the book asks for more;
    *override*: a head's reason to go on though the book refuses. Raises `Conflict` when it stands elsewhere by now,
    `Unfinished` when something is missing that holds it, `Refused` when it is closed or the stage is archived.
    """
    at = lock_for(deal, actor, Action.EDIT)
    if deal.stage_id == stage.pk:
        return None
    require_open(deal)
    if expected_stage_id is not None and expected_stage_id != deal.stage_id:
        raise Conflict(
            _(
                "Somebody has already moved this deal: now it is on “%(stage)s”. Check and move again if needed."
            )
            % {"stage": deal.stage},
            [Change("stage", expected_stage_id, deal.stage_id, stage.pk)],
        )
    check_stage(stage, stage.funnel)
    passing = pass_on(deal, stage, actor=actor, acknowledged=acknowledged, override=override)
    payload = events.DealMoved(
        deal=deal.pk,
        from_stage_id=deal.stage_id,
        from_stage=deal.stage.name,
        from_funnel=deal.funnel.name,
        to_stage_id=stage.pk,
        to_stage=stage.name,
        to_funnel=stage.funnel.name,
        missing=passing.texts,
        override=comment_of(override) if passing.missing else "",
        plan_before=deal.stage_plan,
    )
    stages = stage.funnel.stages.filter(archived_at=None)
    entered = timezone.localdate(at)
    away = away_from(deal.owner, entered)
    deal.stage_plan = planned(deal.stage_plan, stages, at=stage, entered=entered, besides=away)
    extra = ["stage_plan"]
    if stage.funnel_id != deal.funnel_id and not (deal.product and deal.product.group_id):
        deal.product_group_id = stage.funnel.product_group_id
        extra.append("product_group_id")
    with recording(payload, actor=actor, subjects=subjects_of(deal), at=at) as event:
        place = {"stage_id": stage.pk, "funnel_id": stage.funnel_id}
        history.change(deal, place, at=at, cause=Cause.MOVED, event=event)
        history.write(deal, *extra)
        passing.write(deal, event, at)
    return event


@transaction.atomic
def void_move(deal: Deal, *, actor: Member, event: Event) -> Event:
    """Mark a move (the event of one) as a mistake: it counts nowhere, the deal stayed where it had been.

    Raises `Refused` when it is no move of this deal or is void already.
    """
    at = lock_for(deal, actor, Action.EDIT)
    if event.type != "deal.moved" or event.payload.get("deal") != deal.pk:
        raise Refused(_("Only a move of this deal can be marked as a mistake."))
    payload = events.MoveVoided(
        deal=deal.pk, event=event.pk, was=event.payload["from_stage"], now=event.payload["to_stage"]
    )
    with recording(payload, actor=actor, subjects=subjects_of(deal), at=at) as mark:
        history.correct_stage(deal, event, by=mark)
        Event.objects.filter(pk=event.pk).update(undone_by=mark)
        history.write(deal)
    return mark


@transaction.atomic
def assign_deal(
    deal: Deal, *, actor: Member, owner: Member, sheet: Mapping[str, Any] | None = None
) -> Event | None:
    """Hand the deal over to an active member; the team follows. A no-op if it is theirs.

    A *sheet* (texts by `handing.sheets.PARTS`) that says something waits until the new owner accepts it.
    """
    at = lock_for(deal, actor, Action.HAND_OVER)
    if deal.owner_id == owner.pk:
        return None
    told = cleaned(sheet or {})
    if not owner.is_active:
        raise Refused(_("%(member)s does not work here any more.") % {"member": owner}, field="owner")
    payload = events.DealAssigned(
        deal=deal.pk,
        from_owner_id=deal.owner_id,
        from_owner=deal.owner.name if deal.owner else "",
        to_owner_id=owner.pk,
        to_owner=owner.name,
        sheet=told or None,
    )
    values = {"owner_id": owner.pk, "team_id": owner.team_id}
    with recording(payload, actor=actor, subjects=subjects_of(deal), at=at) as event:
        history.change(deal, values, at=at, cause=Cause.HANDED, event=event)
        history.write(deal)
        HandOver.objects.filter(deal=deal, accepted_at=None).update(passed_on=True)
        if told and owner.pk != actor.pk:
            HandOver.objects.create(
                deal=deal,
                from_member_id=payload.from_owner_id,
                to_member=owner,
                given_by=actor,
                created_at=at,
                **told,
            )
    return event
