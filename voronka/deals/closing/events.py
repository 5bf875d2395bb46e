"""What happens to a loss on its way to the second key."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_

from voronka.core.errors import Forbidden, Refused
from voronka.core.formats import short_date
from voronka.deals import history
from voronka.deals.closing.keys import told
from voronka.deals.closing.models import LossProposal, Verdict
from voronka.deals.leaving.models import Passage
from voronka.deals.models import Deal
from voronka.journal.registry import event_type
from voronka.workspaces.rights import Action, Subject


def _locked(payload: Any, actor: Any) -> LossProposal:
    deal = Deal.objects.get(pk=payload.deal)
    history.lock(deal)
    if not actor.reaches(Subject.DEAL, Action.EDIT, owner_id=deal.owner_id, team_id=deal.team_id):
        raise Forbidden("undo")
    row = LossProposal.objects.select_for_update(of=("self",)).filter(pk=payload.proposal).first()
    if row is None:
        raise Refused(_("This is no longer there: it was deleted meanwhile."))
    return row


def _undo_proposed(event: Any, payload: Any, actor: Any) -> None:
    row = _locked(payload, actor)
    if not row.is_open:
        raise Refused(_("It has been decided already: this can no longer be undone."))
    row.delete()
    Passage.objects.filter(event=event).delete()


def let_wait_again(proposal_id: int) -> None:
    """Let a proposal wait for a decision as before: what decided it is taken back. A newer one keeps its place."""
    row = LossProposal.objects.select_for_update(of=("self",)).filter(pk=proposal_id).first()
    if row is None or LossProposal.objects.filter(deal=row.deal_id, verdict=Verdict.OPEN).exists():
        return
    row.verdict, row.decided_by, row.decided_at, row.note = Verdict.OPEN.value, None, None, ""
    row.save(update_fields=["verdict", "decided_by", "decided_at", "note"])


def _undo_decided(event: Any, payload: Any, actor: Any) -> None:
    row = _locked(payload, actor)
    if row.is_open or row.decided_by_id != event.actor_id or not row.deal.is_open:
        raise Refused(_("It has been decided anew since: this can no longer be undone."))
    if LossProposal.objects.filter(deal=row.deal_id, verdict=Verdict.OPEN).exists():
        raise Refused(_("The loss has been proposed again since."))
    let_wait_again(row.pk)


@event_type(
    "deal.loss_proposed",
    sentence=N_("Loss proposed on stage “{stage}”: {reason}"),
    icon="hand-stop",
    body=lambda p: "\n".join(
        filter(
            None,
            [
                p.comment,
                _("The head has to agree: %(why)s.") % {"why": told(p.because)} if p.because else "",
                _("Was missing: %(what)s.") % {"what": "; ".join(p.missing)} if p.missing else "",
                p.override,
            ],
        )
    ),
    undo=_undo_proposed,
)
@dataclass(frozen=True)
class LossProposed:
    """The first key of a loss: the deal stays open. `owner` answers for it."""

    deal: int
    proposal: int
    title: str
    stage: str
    reason: str
    comment: str
    because: list[str]
    owner: int | None
    missing: list[str] = field(default_factory=list)
    override: str = ""


@event_type(
    "deal.loss_returned",
    sentence=N_("Loss not confirmed: {what}"),
    icon="arrow-back-up",
    describe=lambda p: {
        "what": _("the deal goes to %(name)s") % {"name": p.to_owner} if p.to_owner else _("back to work")
    },
    body=lambda p: p.note,
    undo=_undo_decided,
    notify=True,
)
@dataclass(frozen=True)
class LossReturned:
    """The head did not agree; `to_owner` is who goes on with it, "" if the same. `asked_by` waits for the answer."""

    deal: int
    proposal: int
    title: str
    note: str
    to_owner: str
    asked_by: int


@event_type(
    "deal.loss_withdrawn", sentence=N_("Proposal to lose the deal withdrawn"), icon="x", undo=_undo_decided
)
@dataclass(frozen=True)
class LossWithdrawn:
    """Who proposed the loss thought better of it."""

    deal: int
    proposal: int
    title: str


@event_type(
    "deal.came_back",
    sentence=N_("The lost deal is back in work on stage “{stage}”"),
    icon="rotate-clockwise",
    body=lambda p: "\n".join(
        filter(
            None,
            [
                _("It was lost for the reason: %(reason)s.") % {"reason": p.reason} if p.reason else "",
                _("%(name)s goes on with it.") % {"name": p.owner} if p.owner else "",
            ],
        )
    ),
    notify=True,
)
@dataclass(frozen=True)
class DealCameBack:
    """The book brought a lost deal back on its day; names as they were then."""

    deal: int
    title: str
    stage: str
    reason: str
    owner: str


def _undo_kept(event: Any, payload: Any, actor: Any) -> None:
    deal = Deal.objects.get(pk=payload.deal)
    history.lock(deal)
    if not actor.reaches(Subject.DEAL, Action.EDIT, owner_id=deal.owner_id, team_id=deal.team_id):
        raise Forbidden("undo")
    if deal.alive_until != dt.date.fromisoformat(payload.until):
        raise Refused(_("This was changed again since: it can no longer be undone."))
    deal.alive_until = dt.date.fromisoformat(payload.before) if payload.before else None
    history.write(deal, "alive_until")


@event_type(
    "deal.kept_alive",
    sentence=N_("The deal lives on until {day}"),
    icon="heartbeat",
    describe=lambda p: {"day": short_date(dt.date.fromisoformat(p.until))},
    body=lambda p: p.note,
    undo=_undo_kept,
)
@dataclass(frozen=True)
class DealKept:
    """`until` and `before` are ISO days; through that day the rules of dead deals keep silent about it."""

    deal: int
    until: str
    before: str | None
    note: str
