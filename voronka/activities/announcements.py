"""What goes into a colleague's bell when something concerns them and somebody else did it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from voronka.activities import events as events
from voronka.core import formats
from voronka.deals import events as deal_events
from voronka.deals.models import Deal
from voronka.desk.notices import in_words_of, notify
from voronka.journal.models import Event
from voronka.journal.registry import on
from voronka.workspaces import events as member_events
from voronka.workspaces.models import Invitation, Member


def _member(pk: int | None, event: Event) -> Member | None:
    """The member to tell, unless it is the one who did it."""
    if pk is None or pk == event.actor_id:
        return None
    return Member.objects.select_related("user", "workspace").filter(pk=pk).first()


@on("deal.assigned")
def _deal_handed_over(event: Event, payload: deal_events.DealAssigned) -> None:
    # What followed from something greater (a colleague left) is told there, once.
    if event.cause_id is None and (member := _member(payload.to_owner_id, event)):
        title = Deal.objects.values_list("title", flat=True).get(pk=payload.deal)
        with in_words_of(member):
            text = _("A deal was handed over to you: %(title)s") % {"title": title}
            notify(member, kind="deal", text=text, url=f"deal:{payload.deal}", key=f"event:{event.pk}")


@on("deal.created")
def _deal_made_for(event: Event, payload: deal_events.DealCreated) -> None:
    if member := _member(payload.owner, event):
        with in_words_of(member):
            text = _("A new deal is yours: %(title)s") % {"title": payload.title}
            notify(member, kind="deal", text=text, url=f"deal:{payload.deal}", key=f"event:{event.pk}")


@on("activity.planned")
def _activity_planned_for(event: Event, payload: events.ActivityPlanned) -> None:
    if member := _member(payload.owner, event):
        with in_words_of(member):
            when = events.moment(payload.due_at, payload.has_time)
            text = _("Planned for you: %(what)s, %(when)s") % {"what": payload.what, "when": when}
            notify(
                member,
                kind="activity",
                text=text,
                url=f"activity:{payload.activity}",
                key=f"event:{event.pk}",
            )


@on("member.joined")
def _invitation_accepted(event: Event, payload: member_events.MemberJoined) -> None:
    joined = Member.objects.get(pk=payload.member)
    invitation = Invitation.objects.filter(email__iexact=joined.email).order_by("-id").first()
    if invitation is None:
        return
    if member := _member(invitation.invited_by_id, event):
        with in_words_of(member):
            text = _("%(name)s has accepted your invitation") % {"name": formats.short_name(joined.name)}
            notify(member, kind="member", text=text, url="members", key=f"event:{event.pk}")
