"""A deal ends, comes back to work, goes to the bin and out of it."""

from __future__ import annotations

import datetime as dt
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
from voronka.deals.closing.events import LossProposed
from voronka.deals.closing.keys import second_key
from voronka.deals.closing.models import LossProposal, Verdict
from voronka.deals.leaving.checking import Passing, pass_loss, pass_on
from voronka.deals.models import Deal
from voronka.journal.actions import recording
from voronka.journal.models import Event
from voronka.playbook.closing import rules_for, statuses_of
from voronka.playbook.models import ClosingStatus, Reason, ReasonKind, Stage
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action


@transaction.atomic
def win_deal(
    deal: Deal,
    *,
    actor: Member,
    reason: Reason | None = None,
    closing: ClosingStatus | None = None,
    amount: Decimal | None = None,
    acknowledged: bool = False,
    override: str = "",
) -> Event | None:
    """Close an open deal with «Успех»; *amount* corrects the sum in the same state. A no-op if it is won.

    *closing* is one of the funnel's statuses, the first unless given. The criteria of the present and all later
    stages and of the status are asked, as by `move_deal`; raises `Unfinished`, and `Refused` without a *reason* where
    the book asks for one. A proposed loss is withdrawn by it.
    """
    at = lock_for(deal, actor, Action.EDIT)
    if amount is not None:
        actor.require_fields("deal", ["amount"])
    if deal.outcome == Outcome.WON:
        return None
    require_open(deal)
    closing = status_for(deal, Outcome.WON, closing)
    if reason is not None:
        check_reason(reason, ReasonKind.WON)
    elif rules_for(deal.funnel_id).asks_won_reason:
        raise Refused(_("Say why the deal was won: choose a reason."), field="reason")
    values: dict[str, Any] = {
        "outcome": Outcome.WON.value,
        "reason_id": reason.pk if reason else None,
        "closing_id": closing.pk if closing else None,
    }
    if amount is not None:
        values["amount"] = amount_of(amount)
        values["amount_base"] = history.in_workspace_currency(
            int(deal.workspace_id or 0), values["amount"], deal.currency
        )
        # Criteria are asked of the deal as it will be closed.
        deal.amount, deal.amount_base = values["amount"], values["amount_base"]
    passing = pass_on(deal, None, actor=actor, acknowledged=acknowledged, override=override, closing=closing)
    proposal = settle(deal, Verdict.WITHDRAWN, actor, at)
    payload = events.DealWon(
        deal=deal.pk,
        amount=jsonable(values.get("amount", deal.amount)),
        currency=deal.currency,
        reason=reason.name if reason else "",
        missing=passing.texts,
        override=comment_of(override) if passing.missing else "",
        closing=closing.name if closing else "",
        proposal=proposal,
    )
    with recording(payload, actor=actor, subjects=subjects_of(deal), at=at) as event:
        history.change(deal, values, at=at, cause=Cause.WON, event=event)
        history.write(deal)
        passing.write(deal, event, at)
    return event


@transaction.atomic
def lose_deal(
    deal: Deal,
    *,
    actor: Member,
    reason: Reason | None,
    comment: str = "",
    closing: ClosingStatus | None = None,
    acknowledged: bool = False,
    override: str = "",
) -> Event | None:
    """Close an open deal with «Отказ», or propose it to the head where the book wants a second key.

    The reason is required; *closing* is one of the funnel's statuses, the first of several unless given, and its
    criteria are asked (raises `Unfinished`). A no-op if it is lost, or proposed already. The event's type tells which of the two
    happened: `deal.lost` or `deal.loss_proposed`.
    """
    at = lock_for(deal, actor, Action.EDIT)
    if deal.outcome == Outcome.LOST:
        return None
    require_open(deal)
    if reason is None:
        raise Refused(_("Say why the deal was lost: choose a reason."), field="reason")
    check_reason(reason, ReasonKind.LOST)
    closing = status_for(deal, Outcome.LOST, closing)
    comment = comment_of(comment)
    because = second_key(deal, actor)
    if because and LossProposal.objects.filter(deal=deal, verdict=Verdict.OPEN).exists():
        return None
    passing = pass_loss(deal, closing, actor=actor, acknowledged=acknowledged, override=override)
    if because:
        return _propose(deal, actor, reason, comment, closing, because, passing, comment_of(override), at)
    proposal = settle(deal, Verdict.CONFIRMED, actor, at)
    return lose_now(
        deal, actor, reason, comment, closing, at, passing=passing, override=override, proposal=proposal
    )


def lose_now(
    deal: Deal,
    actor: Member,
    reason: Reason,
    comment: str,
    closing: ClosingStatus | None,
    at: dt.datetime,
    *,
    passing: Passing | None = None,
    override: str = "",
    proposal: int | None = None,
    proposed_by: str = "",
) -> Event:
    """Write the loss of a locked deal, everything asked and agreed."""
    passing = passing or Passing()
    payload = events.DealLost(
        deal=deal.pk,
        stage=deal.stage.name,
        reason=reason.name,
        comment=comment,
        closing=closing.name if closing else "",
        missing=passing.texts,
        override=comment_of(override) if passing.missing else "",
        proposal=proposal,
        proposed_by=proposed_by,
    )
    values = {
        "outcome": Outcome.LOST.value,
        "reason_id": reason.pk,
        "closing_id": closing.pk if closing else None,
    }
    with recording(payload, actor=actor, subjects=subjects_of(deal), at=at) as event:
        history.change(deal, values, at=at, cause=Cause.LOST, event=event)
        history.write(deal)
        passing.write(deal, event, at)
    return event


def _propose(
    deal: Deal,
    actor: Member,
    reason: Reason,
    comment: str,
    closing: ClosingStatus | None,
    because: list[str],
    passing: Passing,
    override: str,
    at: dt.datetime,
) -> Event:
    row = LossProposal.objects.create(
        deal=deal,
        reason=reason,
        closing=closing,
        comment=comment,
        because=because,
        asked_by=actor,
        asked_at=at,
    )
    payload = LossProposed(
        deal=deal.pk,
        proposal=row.pk,
        title=deal.title,
        stage=deal.stage.name,
        reason=reason.name,
        comment=comment,
        because=because,
        owner=deal.owner_id,
        missing=passing.texts,
        override=override if passing.missing else "",
    )
    with recording(payload, actor=actor, subjects=subjects_of(deal), at=at) as event:
        passing.write(deal, event, at)
    return event


def settle(deal: Deal, verdict: Verdict, actor: Member, at: dt.datetime) -> int | None:
    """Give the deal's open proposal of a loss, if there is one, this verdict, since the deal ends otherwise; its id."""
    row = LossProposal.objects.select_for_update(of=("self",)).filter(deal=deal, verdict=Verdict.OPEN).first()
    if row is None:
        return None
    row.verdict, row.decided_by, row.decided_at = verdict.value, actor, at
    row.save(update_fields=["verdict", "decided_by", "decided_at"])
    return row.pk


def status_for(deal: Deal, outcome: str, chosen: ClosingStatus | None) -> ClosingStatus | None:
    """The closing status that is meant: the *chosen* one, else the funnel's first; None where it has none.

    A lone status of losses is not meant by silence: it would name every loss, whatever happened. Raises `Refused` for
    a status of another outcome or funnel, or one in the archive.
    """
    if chosen is None:
        found = statuses_of(deal.funnel_id, outcome)
        if outcome == Outcome.LOST and len(found) == 1:
            return None
        return next(iter(found), None)
    if chosen.funnel_id != deal.funnel_id or chosen.outcome != outcome:
        raise Refused(_("This closing status is for another ending."), field="closing")
    if chosen.archived_at is not None:
        raise Refused(
            _("The closing status “%(status)s” is archived: choose another.") % {"status": chosen},
            field="closing",
        )
    return chosen


@transaction.atomic
def reopen_deal(deal: Deal, *, actor: Member) -> Event | None:
    """Return a closed deal to work, on the stage where it stood. A no-op if it is open."""
    at = lock_for(deal, actor, Action.EDIT)
    if deal.is_open:
        return None
    if deal.outcome == Outcome.DELETED:
        raise Refused(_("The deal is deleted: restore it first."))
    stage = place_to_return(deal)
    payload = events.DealReopened(deal=deal.pk, stage=stage.name, was=deal.outcome)
    values = reopened(deal, stage)
    with recording(payload, actor=actor, subjects=subjects_of(deal), at=at) as event:
        history.change(deal, values, at=at, cause=Cause.REOPENED, event=event)
        history.write(deal)
    return event


def place_to_return(deal: Deal) -> Stage:
    """The stage on which a closed deal goes on: where it stood, or what took that stage's place."""
    stage = deal.stage
    if stage.archived_at is None:
        return stage
    first = deal.funnel.stages.filter(archived_at=None).order_by("order").first()
    return stage.merged_into or first or stage


def reopened(deal: Deal, stage: Stage) -> dict[str, Any]:
    """The values of a state in which *deal* is open again on *stage*."""
    values: dict[str, Any] = {"outcome": Outcome.OPEN.value, "reason_id": None, "closing_id": None}
    if stage.pk != deal.stage_id:
        values |= {"stage_id": stage.pk, "funnel_id": stage.funnel_id}
    return values


@transaction.atomic
def delete_deal(deal: Deal, *, actor: Member) -> Event | None:
    """Put a deal into the bin; its history stays and it counts nowhere. A no-op if it is there."""
    at = lock_for(deal, actor, Action.DELETE)
    if deal.outcome == Outcome.DELETED:
        return None
    proposal = settle(deal, Verdict.WITHDRAWN, actor, at)
    payload = events.DealDeleted(deal=deal.pk, title=deal.title, proposal=proposal)
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
