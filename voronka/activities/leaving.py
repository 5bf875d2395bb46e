"""Everything open of somebody who leaves, given to others in one go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_
from django.utils.translation import ngettext

from voronka.activities.actions import edit_activity
from voronka.activities.models import Activity
from voronka.clients.actions import assign_company, assign_person
from voronka.clients.models import Company, Person
from voronka.core import clock
from voronka.core.errors import Forbidden, Refused
from voronka.deals.actions import assign_deal
from voronka.deals.models import Deal
from voronka.desk.notices import in_words_of, notify
from voronka.journal.actions import caused_by, recording
from voronka.journal.models import Event
from voronka.journal.registry import event_type
from voronka.workspaces.actions import deactivate_member
from voronka.workspaces.leaving import OpenThings, open_things, register_open
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Subject

DEALS, CLIENTS, ACTIVITIES = "deals", "clients", "activities"
KINDS = (DEALS, CLIENTS, ACTIVITIES)
# More would keep everybody waiting for the locks; a longer list is handed over in the lists, in the background.
MOST = 3000


def _open_deals(member: Member) -> Any:
    return Deal.objects.open().filter(owner=member).order_by("pk")


def _companies(member: Member) -> Any:
    return Company.objects.present().filter(owner=member).order_by("pk")


def _people(member: Member) -> Any:
    return Person.objects.present().filter(owner=member).order_by("pk")


def _planned(member: Member) -> Any:
    return Activity.objects.planned().filter(owner=member).order_by("pk")


register_open(
    OpenThings(
        DEALS,
        lambda member: _open_deals(member).count(),
        lambda n: ngettext("%(n)s open deal", "%(n)s open deals", n) % {"n": n},
    )
)
register_open(
    OpenThings(
        CLIENTS,
        lambda member: _companies(member).count() + _people(member).count(),
        lambda n: ngettext("%(n)s client or contact", "%(n)s clients and contacts", n) % {"n": n},
    )
)
register_open(
    OpenThings(
        ACTIVITIES,
        lambda member: _planned(member).count(),
        lambda n: ngettext("%(n)s planned activity", "%(n)s planned activities", n) % {"n": n},
    )
)


def _told(payload: MemberLetGo) -> str:
    lines = [f"{what} → {', '.join(names)}" for what, names in payload.given]
    lines += [_("%(what)s: left in the name") % {"what": what} for what in payload.left]
    return "\n".join(lines)


def _back(event: Event, payload: Any, actor: Member) -> None:
    """The consequences, undone before, are all there is to it."""
    actor.require(Subject.MEMBER, Action.DELETE)


@event_type(
    "member.let_go",
    sentence=N_("{name} leaves; the work is handed over"),
    icon="user-share",
    body=_told,
    undo=_back,
    personal=("name",),
)
@dataclass(frozen=True)
class MemberLetGo:
    """*given*: pairs of a phrase («5 open deals») and the names of those who got them; *left*: phrases."""

    member: int
    name: str
    given: list[list[Any]] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def hand_over_and_tell(member: Member, *, actor: Member, to: Mapping[str, Sequence[Member]]) -> None:
    """`let_go` as a job does it: whoever asked hears in the bell what came of it, a refusal too."""
    # What was asked for once is told once, also when the job runs again.
    key, url = f"let_go:{member.pk}:{clock.today()}", f"member:{member.pk}"
    try:
        let_go(member, actor=actor, to=to)
    except (Refused, Forbidden) as refusal:
        with in_words_of(actor):
            why = refusal.message if isinstance(refusal, Refused) else _("You have no right to it.")
            text = _("%(name)s could not be let go. %(why)s") % {"name": member.name, "why": why}
            notify(actor, kind="member", text=text, key=f"{key}:refused", url=url)
        return
    with in_words_of(actor):
        text = _("%(name)s has left the company; the work is handed over.") % {"name": member.name}
        notify(actor, kind="member", text=text, key=key, url=url)


@transaction.atomic
def let_go(member: Member, *, actor: Member, to: Mapping[str, Sequence[Member]]) -> Event | None:
    """Hand over everything open of *member* and let the member go: one event, which undone brings it all back.

    *to* says for "deals", "clients" and "activities" who gets them, several by turns; a kind without anybody stays
    with the one who leaves. An activity of a deal goes with the deal where it may. None if the member has left
    already. Raises `Refused` for a receiver who does not work here, `Forbidden` without the right to hand over.
    """
    actor.require(Subject.MEMBER, Action.DELETE)
    if not Member.objects.active().filter(pk=member.pk).exists():
        return None
    for receiver in {person.pk: person for people in to.values() for person in people}.values():
        if receiver.pk == member.pk or not receiver.is_active:
            raise Refused(
                _("%(name)s cannot take anything over: choose somebody who stays.") % {"name": receiver}
            )
    things = open_things(member)
    if sum(count for code, (count, _words) in things.items() if to.get(code)) > MOST:
        raise Refused(
            _("There is too much to hand over at once: hand over the deals or clients in their lists first.")
        )
    payload = MemberLetGo(
        member=member.pk,
        name=member.name,
        given=[[words, [p.name for p in to[code]]] for code, (_n, words) in things.items() if to.get(code)],
        left=[words for code, (_n, words) in things.items() if not to.get(code)],
    )
    with recording(payload, actor=actor, subjects=[("member", member.pk)]) as event, caused_by(event):
        got: dict[int, dict[str, int]] = {}
        owners = _give_deals(member, actor, to.get(DEALS, ()), got)
        _give_clients(member, actor, to.get(CLIENTS, ()), got)
        _give_activities(member, actor, to.get(ACTIVITIES, ()), owners, got)
        deactivate_member(member, actor=actor, leave_open=True)
    _tell(event, member, actor, got)
    return event


Got = dict[int, dict[str, int]]


def _count(got: Got, receiver: Member, code: str) -> None:
    of = got.setdefault(receiver.pk, {})
    of[code] = of.get(code, 0) + 1


def _give_deals(member: Member, actor: Member, people: Sequence[Member], got: Got) -> dict[int, Member]:
    """Give the deals away; who has which of them now."""
    owners: dict[int, Member] = {}
    for place, deal in enumerate(list(_open_deals(member)) if people else ()):
        owner = owners[deal.pk] = people[place % len(people)]
        assign_deal(deal, actor=actor, owner=owner)
        _count(got, owner, DEALS)
    return owners


def _give_clients(member: Member, actor: Member, people: Sequence[Member], got: Got) -> None:
    if not people:
        return
    for place, company in enumerate(list(_companies(member))):
        assign_company(company, actor=actor, owner=people[place % len(people)])
        _count(got, people[place % len(people)], CLIENTS)
    for place, person in enumerate(list(_people(member))):
        assign_person(person, actor=actor, owner=people[place % len(people)])
        _count(got, people[place % len(people)], CLIENTS)


def _give_activities(
    member: Member, actor: Member, people: Sequence[Member], owners: Mapping[int, Member], got: Got
) -> None:
    able = {person.pk for person in people}
    for place, activity in enumerate(list(_planned(member)) if people else ()):
        owner = owners.get(activity.deal_id or 0)
        if owner is None or owner.pk not in able:
            owner = people[place % len(people)]
        edit_activity(activity, actor=actor, changes={"owner": owner})
        _count(got, owner, ACTIVITIES)


def _tell(event: Event, member: Member, actor: Member, got: Got) -> None:
    """One line in the bell of each who got something, instead of one for every thing."""
    words = {
        DEALS: lambda n: ngettext("%(n)s deal", "%(n)s deals", n) % {"n": n},
        CLIENTS: lambda n: ngettext("%(n)s client", "%(n)s clients", n) % {"n": n},
        ACTIVITIES: lambda n: ngettext("%(n)s activity", "%(n)s activities", n) % {"n": n},
    }
    receivers = Member.objects.select_related("user", "workspace").filter(pk__in=got).exclude(pk=actor.pk)
    for receiver in receivers:
        with in_words_of(receiver):
            what = ", ".join(words[code](count) for code, count in got[receiver.pk].items())
            text = _("Handed over to you from %(name)s: %(what)s") % {"name": member.name, "what": what}
            notify(receiver, kind="deal", text=text, key=f"event:{event.pk}")
