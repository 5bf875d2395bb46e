"""A deal ends, comes back to work, goes to the bin and out of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from voronka.core.edits import jsonable
from voronka.core.errors import Refused
from voronka.deals import events, history
from voronka.deals.actions.checks import (
    amount_of,
    check_reason,
    comment_of,
    lock_for,
    require_open,
    subjects_of,
)
from voronka.deals.choices import Cause, Outcome
from voronka.deals.leaving.checking import pass_on
from voronka.deals.models import Deal
from voronka.journal.actions import recording
from voronka.journal.models import Event
from voronka.playbook.models import Reason, ReasonKind
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action


@transaction.atomic
def win_deal(
    deal: Deal,
    *,
    actor: Member,
    reason: Reason | None = None,
    amount: Decimal | None = None,
    acknowledged: bool = False,
    override: str = "",
) -> Event | None:
    """Close an open deal with «Успех»; *amount* corrects the sum in the same state. A no-op if it is won.

    The criteria of the present and all later stages are asked, as by `move_deal`; raises `Unfinished`.
    """
    at = lock_for(deal, actor, Action.EDIT)
    if amount is not None:
        actor.require_fields("deal", ["amount"])
    if deal.outcome == Outcome.WON:
        return None
    require_open(deal)
    if reason is not None:
        check_reason(reason, ReasonKind.WON)
    values: dict[str, Any] = {"outcome": Outcome.WON.value, "reason_id": reason.pk if reason else None}
    if amount is not None:
        values["amount"] = amount_of(amount)
        values["amount_base"] = history.in_workspace_currency(
            int(deal.workspace_id or 0), values["amount"], deal.currency
        )
        # Criteria are asked of the deal as it will be closed.
        deal.amount, deal.amount_base = values["amount"], values["amount_base"]
    passing = pass_on(deal, None, actor=actor, acknowledged=acknowledged, override=override)
    payload = events.DealWon(
        deal=deal.pk,
        amount=jsonable(values.get("amount", deal.amount)),
        currency=deal.currency,
        reason=reason.name if reason else "",
        missing=passing.texts,
        override=comment_of(override) if passing.missing else "",
    )
    with recording(payload, actor=actor, subjects=subjects_of(deal), at=at) as event:
        history.change(deal, values, at=at, cause=Cause.WON, event=event)
        history.write(deal)
        passing.write(deal, event, at)
    return event


@transaction.atomic
def lose_deal(deal: Deal, *, actor: Member, reason: Reason | None, comment: str = "") -> Event | None:
    """Close an open deal with «Отказ»; the reason is required. A no-op if it is lost."""
    at = lock_for(deal, actor, Action.EDIT)
    if deal.outcome == Outcome.LOST:
        return None
    require_open(deal)
    if reason is None:
        raise Refused(_("Say why the deal was lost: choose a reason."), field="reason")
    check_reason(reason, ReasonKind.LOST)
    payload = events.DealLost(
        deal=deal.pk, stage=deal.stage.name, reason=reason.name, comment=comment_of(comment)
    )
    values = {"outcome": Outcome.LOST.value, "reason_id": reason.pk}
    with recording(payload, actor=actor, subjects=subjects_of(deal), at=at) as event:
        history.change(deal, values, at=at, cause=Cause.LOST, event=event)
        history.write(deal)
    return event


@transaction.atomic
def reopen_deal(deal: Deal, *, actor: Member) -> Event | None:
    """Return a closed deal to work, on the stage where it stood. A no-op if it is open."""
    at = lock_for(deal, actor, Action.EDIT)
    if deal.is_open:
        return None
    if deal.outcome == Outcome.DELETED:
        raise Refused(_("The deal is deleted: restore it first."))
    stage = deal.stage
    if stage.archived_at is not None:
        stage = (
            stage.merged_into
            or deal.funnel.stages.filter(archived_at=None).order_by("order").first()
            or stage
        )
    payload = events.DealReopened(deal=deal.pk, stage=stage.name, was=deal.outcome)
    values: dict[str, Any] = {"outcome": Outcome.OPEN.value, "reason_id": None}
    if stage.pk != deal.stage_id:
        values |= {"stage_id": stage.pk, "funnel_id": stage.funnel_id}
    with recording(payload, actor=actor, subjects=subjects_of(deal), at=at) as event:
        history.change(deal, values, at=at, cause=Cause.REOPENED, event=event)
        history.write(deal)
    return event


@transaction.atomic
def delete_deal(deal: Deal, *, actor: Member) -> Event | None:
    """Put a deal into the bin; its history stays and it counts nowhere. A no-op if it is there."""
    at = lock_for(deal, actor, Action.DELETE)
    if deal.outcome == Outcome.DELETED:
        return None
    payload = events.DealDeleted(deal=deal.pk, title=deal.title)
    with recording(payload, actor=actor, subjects=subjects_of(deal), at=at) as event:
        history.change(deal, {"outcome": Outcome.DELETED.value}, at=at, cause=Cause.DELETED, event=event)
        history.write(deal)
    return event


@transaction.atomic
def restore_deal(deal: Deal, *, actor: Member) -> Event | None:
    """Take a deal out of the bin, as it was. A no-op if it is not in it."""
    at = lock_for(deal, actor, Action.DELETE)
    if deal.outcome != Outcome.DELETED:
        return None
    was = deal.states.filter(void=False).exclude(outcome=Outcome.DELETED).order_by("-valid_from").first()
    payload = events.DealRestored(deal=deal.pk, title=deal.title)
    values = {"outcome": was.outcome if was else Outcome.OPEN.value}
    with recording(payload, actor=actor, subjects=subjects_of(deal), at=at) as event:
        history.change(deal, values, at=at, cause=Cause.RESTORED, event=event)
        history.write(deal)
    return event
