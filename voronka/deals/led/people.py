"""Who of ours takes part in a deal. People of the client: `deals.actions.facts`."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from voronka.core.errors import Refused
from voronka.core.text import clean, length_problem
from voronka.deals.actions.checks import lock_for, subjects_of
from voronka.deals.led import events
from voronka.deals.led.models import Colleague
from voronka.deals.models import Deal
from voronka.journal.actions import record
from voronka.journal.models import Event
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action

MOST_PART = 100


@transaction.atomic
def add_colleague(deal: Deal, *, actor: Member, member: Member, part: str = "") -> Event | None:
    """Let *member* take part in the deal, for *part*; a second call changes what for. It gives no rights by itself.

    Raises `Refused` for the owner, for who has left, and for too long a text.
    """
    lock_for(deal, actor, Action.EDIT)
    part = clean(part)
    if problem := length_problem(part, MOST_PART):
        raise Refused(problem, field="part")
    if member.pk == deal.owner_id:
        raise Refused(
            _("%(member)s is responsible for the deal anyway.") % {"member": member}, field="member"
        )
    row = Colleague.objects.filter(deal=deal, member=member).first()
    if row is not None and row.part == part:
        return None
    if row is None and not member.is_active:
        raise Refused(_("%(member)s does not work here any more.") % {"member": member}, field="member")
    payload = events.ColleagueChanged(deal.pk, member.pk, member.name, part, row.part if row else None, True)
    Colleague.objects.update_or_create(deal=deal, member=member, defaults={"part": part})
    return record(payload, actor=actor, subjects=[("deal", deal.pk)])


@transaction.atomic
def remove_colleague(deal: Deal, *, actor: Member, member: Member) -> Event | None:
    """Take one of ours out of the deal. A no-op if not in it."""
    lock_for(deal, actor, Action.EDIT)
    row = Colleague.objects.filter(deal=deal, member=member).first()
    if row is None:
        return None
    row.delete()
    payload = events.ColleagueChanged(deal.pk, member.pk, member.name, row.part, row.part, False)
    return record(payload, actor=actor, subjects=subjects_of(deal)[:1])
