"""Verbs about exit criteria: ticking a checklist, asking for an approval, deciding on it."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from voronka.core import clock
from voronka.core.edits import jsonable
from voronka.core.errors import Forbidden, Refused
from voronka.core.text import clean, length_problem
from voronka.deals import history
from voronka.deals.leaving.events import ApprovalAsked, ApprovalDecided, ChecklistTicked
from voronka.deals.leaving.models import Approval, Tick
from voronka.deals.models import Deal
from voronka.journal.actions import record
from voronka.journal.models import Event
from voronka.playbook.models import Criterion
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Reach, Subject


@transaction.atomic
def tick(deal: Deal, criterion: Criterion, line: str, *, actor: Member, on: bool) -> Event | None:
    """Tick a line of a checklist in the deal, or take the tick away; None when it is so already.

    Raises `Refused` for a line that the list does not have.
    """
    _lock_open(deal, actor)
    if criterion.kind != "checklist" or line not in criterion.params.get("lines", []):
        raise Refused(_("The checklist has changed meanwhile: there is no such line."))
    there = Tick.objects.filter(deal=deal, criterion=criterion, line=line)
    if there.exists() == on:
        return None
    if on:
        Tick.objects.create(deal=deal, criterion=criterion, line=line, member=actor, at=clock.now())
    else:
        there.delete()
    payload = ChecklistTicked(deal.pk, criterion.pk, line, on)
    return record(payload, actor=actor, subjects=[("deal", deal.pk)])


@transaction.atomic
def ask_approval(deal: Deal, criterion: Criterion, *, actor: Member, comment: str = "") -> Approval:
    """Ask the head to let the deal go on with its present sum; the request that is open already, if there is one.

    Raises `Refused` when the deal has no sum that needs an approval.
    """
    _lock_open(deal, actor)
    if criterion.kind != "amount_limit" or criterion.archived_at is not None:
        raise Refused(_("The book no longer asks for this approval."))
    there = Approval.objects.filter(deal=deal, criterion=criterion, approved=None).first()
    if there is not None:
        return there
    if deal.amount_base is None:
        raise Refused(_("The deal has no sum yet: there is nothing to approve."))
    approval = Approval.objects.create(
        deal=deal,
        criterion=criterion,
        amount_base=deal.amount_base,
        comment=_words(comment, "comment"),
        asked_by=actor,
        asked_at=clock.now(),
    )
    payload = ApprovalAsked(
        deal.pk, approval.pk, deal.title, jsonable(approval.amount_base), approval.comment, deal.owner_id
    )
    record(payload, actor=actor, subjects=[("deal", deal.pk), ("company", deal.company_id)])
    return approval


@transaction.atomic
def decide_approval(approval: Approval, *, actor: Member, approve: bool, note: str = "") -> Approval:
    """Let the deal go on, or not; a refusal says why. The first decision stands: a second head is told of it.

    Raises `Forbidden` for who is no head of the deal, `Refused` when it is decided otherwise already, and for a
    refusal without a reason.
    """
    deal = Deal.objects.get(pk=approval.deal_id)
    history.lock(deal)
    row = Approval.objects.select_for_update(of=("self",)).get(pk=approval.pk)
    reaches = actor.reaches(Subject.DEAL, Action.EDIT, owner_id=deal.owner_id, team_id=deal.team_id)
    if not reaches or actor.reach(Subject.DEAL, Action.EDIT) < Reach.TEAM:
        raise Forbidden("approve")
    if row.approved is not None:
        if row.approved == approve:
            return row
        raise Refused(
            _("%(name)s has decided this already: %(verdict)s.")
            % {
                "name": row.decided_by,
                "verdict": _("approved") if row.approved else _("not approved"),
            }
        )
    note = _words(note, "note")
    if not approve and not note:
        raise Refused(_("Say why not: the seller has to know what to change."), field="note")
    row.approved, row.note = approve, note
    row.decided_by, row.decided_at = actor, clock.now()
    row.save(update_fields=["approved", "note", "decided_by", "decided_at"])
    payload = ApprovalDecided(
        deal.pk, row.pk, deal.title, jsonable(row.amount_base), approve, note, row.asked_by_id
    )
    record(payload, actor=actor, subjects=[("deal", deal.pk), ("company", deal.company_id)])
    return row


def _lock_open(deal: Deal, actor: Member) -> None:
    history.lock(deal)
    if not actor.reaches(Subject.DEAL, Action.EDIT, owner_id=deal.owner_id, team_id=deal.team_id):
        raise Forbidden("edit deal")
    if not deal.is_open:
        raise Refused(_("The deal is closed: return it to work first."))


def _words(text: str, field: str) -> str:
    words = clean(text, multiline=True)
    if problem := length_problem(words, 2000):
        raise Refused(problem, field=field)
    return words
