"""How each thing that can happen to a deal is taken back (see `journal.actions.undo`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from voronka.core import clock
from voronka.core.edits import merge, put, restored
from voronka.core.errors import Conflict, Forbidden, Refused
from voronka.deals import history
from voronka.deals.choices import Cause, Outcome
from voronka.deals.handing.models import HandOver
from voronka.deals.leaving.models import Passage
from voronka.deals.many import take_back_many
from voronka.deals.models import STATE_FIELDS, Deal, DealParticipant, DealTag
from voronka.deals.search import refresh_deals
from voronka.desk.fields.values import require_fit
from voronka.workspaces.rights import Action, Subject

if TYPE_CHECKING:
    from voronka.journal.models import Event
    from voronka.workspaces.models import Member


def _locked(payload: Any, actor: Member) -> tuple[Deal, Any]:
    deal = Deal.objects.get(pk=payload.deal)
    at = history.lock(deal)
    # Whoever handed a deal over may take that back, though it is another's now: the last owner counts too.
    owners = {deal.owner_id, getattr(payload, "from_owner_id", None)}
    if not any(
        actor.reaches(Subject.DEAL, Action.EDIT, owner_id=owner, team_id=deal.team_id)
        for owner in owners
        if owner
    ):
        raise Forbidden("undo")
    return deal, at


def last_state(event: Event, payload: Any, actor: Member) -> None:
    """Void the state that the verb made; the one before it goes on."""
    deal, at = _locked(payload, actor)
    if history.take_back(deal, event, at=at) is None:
        raise Refused(_("The deal has been changed since: this can no longer be undone."))
    Passage.objects.filter(event=event).delete()
    if proposal := getattr(payload, "proposal", None):
        from voronka.deals.closing.events import let_wait_again

        let_wait_again(proposal)
    plan_before = getattr(payload, "plan_before", None)
    if plan_before is not None:
        deal.stage_plan = plan_before
    history.write(deal, "stage_plan")


def handed_over(event: Event, payload: Any, actor: Member) -> None:
    """The deal goes back to its former owner, and with it the sheet that waited."""
    last_state(event, payload, actor)
    HandOver.objects.filter(deal=payload.deal, to_member=payload.to_owner_id, accepted_at=None).update(
        passed_on=True
    )


def creation(event: Event, payload: Any, actor: Member) -> None:
    """Put a deal that nobody has touched since into the bin."""
    deal, at = _locked(payload, actor)
    if deal.version != 1:
        raise Refused(_("The deal has been changed since it was created: delete it instead."))
    history.change(deal, {"outcome": Outcome.DELETED}, at=at, cause=Cause.DELETED, event=event)
    history.write(deal)


def edit(event: Event, payload: Any, actor: Member) -> None:
    """Give every changed field its former value back, unless it was changed again."""
    require_fit("deal", payload.before)
    deal, at = _locked(payload, actor)
    before = {name: restored(deal, name, value) for name, value in payload.before.items()}
    try:
        real = merge(deal, before, payload.after)
    except Conflict as conflict:
        raise Refused(_("This was changed again since: it can no longer be undone.")) from conflict
    present = deal.states.get(valid_to=None, void=False)
    if present.event_id == event.pk and deal.states.filter(void=False).count() > 1:
        history.take_back(deal, event, at=at)
    elif in_state := {name: value for name, value in real.items() if name in STATE_FIELDS}:
        history.change(deal, in_state, at=at, cause=Cause.EDITED, event=event)
    own = put(deal, {name: value for name, value in real.items() if name not in STATE_FIELDS})
    history.write(deal, *own)


def many_moved(event: Event, payload: Any, actor: Member) -> None:
    """Let the deals of a merged or archived stage stand where they stood."""
    refresh_deals(take_back_many(event, at=clock.now()))


def participant(event: Event, payload: Any, actor: Member) -> None:
    """Take the person out again, or back in, or judge as before."""
    deal, _at = _locked(payload, actor)
    rows = DealParticipant.objects.filter(deal=deal, person_id=payload.person_id)
    if not payload.added:
        DealParticipant.objects.get_or_create(
            deal=deal, person_id=payload.person_id, defaults=payload.before or {"kind": payload.kind}
        )
    elif payload.before is None:
        rows.delete()
    elif not rows.filter(**payload.now).update(**payload.before):
        raise Refused(_("This was changed again since: it can no longer be undone."))


def tag(event: Event, payload: Any, actor: Member) -> None:
    """Take the tag off again, or put it back."""
    deal, _at = _locked(payload, actor)
    if payload.added:
        DealTag.objects.filter(deal=deal, tag_id=payload.tag_id).delete()
    else:
        DealTag.objects.get_or_create(deal=deal, tag_id=payload.tag_id)
