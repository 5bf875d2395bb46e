"""The second key of a loss: the head confirms what a seller proposed, returns it, or gives the deal to another."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from voronka.core import clock
from voronka.core.errors import Forbidden, Refused
from voronka.core.text import clean, length_problem
from voronka.deals import history
from voronka.deals.actions.checks import lock_for, require_open, subjects_of
from voronka.deals.actions.closing import lose_now
from voronka.deals.actions.moving import assign_deal
from voronka.deals.closing.events import LossReturned, LossWithdrawn
from voronka.deals.closing.keys import decides
from voronka.deals.closing.models import LossProposal, Verdict
from voronka.deals.models import Deal
from voronka.journal.actions import record
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action


@transaction.atomic
def confirm_loss(proposal: LossProposal, *, actor: Member, note: str = "") -> LossProposal:
    """Turn the second key: the deal is lost for the reason that was proposed.

    The first decision stands: the same one again is a no-op. Raises `Forbidden` for who is no head of the deal,
    `Refused` when it is decided otherwise already.
    """
    deal, row, at = _lock(proposal, actor)
    if not _undecided(row, Verdict.CONFIRMED):
        return row
    require_open(deal)
    _decide(row, Verdict.CONFIRMED, actor, _words(note))
    comment = "\n".join(filter(None, [row.comment, row.note]))
    lose_now(
        deal,
        actor,
        row.reason,
        comment,
        row.closing,
        at,
        proposal=row.pk,
        proposed_by=row.asked_by.name,
    )
    return row


@transaction.atomic
def return_loss(
    proposal: LossProposal, *, actor: Member, note: str, owner: Member | None = None
) -> LossProposal:
    """Do not agree: the deal stays in work, with words for the seller, or goes to another *owner*.

    Raises as `confirm_loss`, and `Refused` without words.
    """
    deal, row, _at = _lock(proposal, actor)
    verdict = Verdict.HANDED if owner is not None else Verdict.RETURNED
    if not _undecided(row, verdict):
        return row
    note = _words(note)
    if not note:
        raise Refused(_("Say what else to try: the seller has to know."), field="note")
    if owner is not None and owner.pk == deal.owner_id:
        raise Refused(
            _("It is %(member)s's deal already: choose somebody else.") % {"member": owner}, field="owner"
        )
    _decide(row, verdict, actor, note)
    payload = LossReturned(deal.pk, row.pk, deal.title, note, owner.name if owner else "", row.asked_by_id)
    record(payload, actor=actor, subjects=subjects_of(deal))
    if owner is not None:
        assign_deal(deal, actor=actor, owner=owner)
    return row


@transaction.atomic
def withdraw_loss(proposal: LossProposal, *, actor: Member) -> LossProposal:
    """Take one's proposal back: the deal is worked on. A no-op if it was withdrawn, `Refused` if it was decided."""
    deal = Deal.objects.get(pk=proposal.deal_id)
    lock_for(deal, actor, Action.EDIT)
    row = _locked(proposal)
    if not _undecided(row, Verdict.WITHDRAWN):
        return row
    _decide(row, Verdict.WITHDRAWN, actor, "")
    record(LossWithdrawn(deal.pk, row.pk, deal.title), actor=actor, subjects=subjects_of(deal))
    return row


def _lock(proposal: LossProposal, actor: Member) -> tuple[Deal, LossProposal, dt.datetime]:
    deal = Deal.objects.get(pk=proposal.deal_id)
    at = history.lock(deal)
    if not decides(actor, deal):
        raise Forbidden("decide on a loss")
    return deal, _locked(proposal), at


def _locked(proposal: LossProposal) -> LossProposal:
    rows = LossProposal.objects.select_for_update(of=("self",)).select_related(
        "reason", "closing", "asked_by"
    )
    row: LossProposal = rows.get(pk=proposal.pk)
    return row


def _undecided(row: LossProposal, verdict: Verdict) -> bool:
    """True while nobody has decided, False if it was decided just so; raises `Refused` if it was otherwise."""
    if row.is_open:
        return True
    if row.verdict == verdict:
        return False
    raise Refused(
        _("%(name)s has decided this already: %(verdict)s.")
        % {"name": row.decided_by, "verdict": Verdict(row.verdict).label}
    )


def _decide(row: LossProposal, verdict: Verdict, actor: Member, note: str) -> None:
    row.verdict, row.note = verdict.value, note
    row.decided_by, row.decided_at = actor, clock.now()
    row.save(update_fields=["verdict", "note", "decided_by", "decided_at"])


def _words(text: str) -> str:
    words = clean(text, multiline=True)
    if problem := length_problem(words, 2000):
        raise Refused(problem, field="note")
    return words
