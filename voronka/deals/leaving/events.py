"""What happens with exit criteria of a deal."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_

from voronka.core.errors import Forbidden, Refused
from voronka.core.formats import number
from voronka.deals import history
from voronka.deals.kept import priced
from voronka.deals.leaving.models import Approval, Tick
from voronka.deals.models import Deal
from voronka.journal.registry import event_type
from voronka.workspaces.rights import Action, Subject


def _locked(payload: Any, actor: Any) -> Deal:
    deal = Deal.objects.get(pk=payload.deal)
    history.lock(deal)
    if not actor.reaches(Subject.DEAL, Action.EDIT, owner_id=deal.owner_id, team_id=deal.team_id):
        raise Forbidden("undo")
    return deal


def _undo_tick(event: Any, payload: Any, actor: Any) -> None:
    deal = _locked(payload, actor)
    there = Tick.objects.filter(deal=deal, criterion=payload.criterion, line=payload.line)
    if payload.on:
        there.delete()
    elif not there.exists():
        Tick.objects.create(deal=deal, criterion_id=payload.criterion, line=payload.line, member=actor)


@event_type(
    "deal.ticked",
    sentence=N_("{what}: {line}"),
    icon="checkbox",
    describe=lambda p: {"what": _("Ticked") if p.on else _("Tick taken away"), "line": p.line},
    undo=_undo_tick,
)
@dataclass(frozen=True)
class ChecklistTicked:
    deal: int
    criterion: int
    line: str
    on: bool


def _sum(payload: Any) -> str:
    """«: 120 000», nothing where there is no sum or nobody may see it."""
    return f": {number(Decimal(payload.amount))}" if payload.amount else ""


def _undo_asked(event: Any, payload: Any, actor: Any) -> None:
    _locked(payload, actor)
    gone, _per_model = Approval.objects.filter(pk=payload.approval, approved=None).delete()
    if not gone:
        raise Refused(_("It has been decided already: this can no longer be undone."))


@event_type(
    "deal.approval_asked",
    sentence=N_("Approval asked for{sum}"),
    icon="hand-stop",
    describe=lambda p: {"sum": _sum(p)},
    kept=priced,
    body=lambda p: p.comment,
    undo=_undo_asked,
)
@dataclass(frozen=True)
class ApprovalAsked:
    """`amount` is a decimal text in the workspace's currency; `owner` answers for the deal."""

    deal: int
    approval: int
    title: str
    amount: str | None
    comment: str
    owner: int | None


def _undo_decided(event: Any, payload: Any, actor: Any) -> None:
    deal = _locked(payload, actor)
    row = Approval.objects.select_for_update(of=("self",)).filter(pk=payload.approval, deal=deal).first()
    if row is None or row.approved is None or row.decided_by_id != event.actor_id:
        raise Refused(_("It has been decided anew since: this can no longer be undone."))
    if Approval.objects.filter(deal=deal, criterion=row.criterion_id, approved=None).exists():
        raise Refused(_("The approval has been asked for again since."))
    row.approved = row.decided_by = row.decided_at = None
    row.note = ""
    row.save(update_fields=["approved", "decided_by", "decided_at", "note"])


@event_type(
    "deal.approval_decided",
    sentence=N_("{verdict}{sum}"),
    icon=lambda p: "thumb-up" if p.approved else "thumb-down",
    describe=lambda p: {
        "verdict": _("Approved") if p.approved else _("Not approved"),
        "sum": _sum(p),
    },
    kept=priced,
    body=lambda p: p.note,
    undo=_undo_decided,
)
@dataclass(frozen=True)
class ApprovalDecided:
    """`asked_by` waits for the answer."""

    deal: int
    approval: int
    title: str
    amount: str | None
    approved: bool
    note: str
    asked_by: int
