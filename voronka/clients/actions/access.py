"""Verbs on access to a client out of reach: ask for it, give it, hand the client over, refuse.

Who asks learns nothing of the client but who leads it; who is asked are the responsible and the head.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from voronka.clients import events
from voronka.clients.actions.companies import assign_company
from voronka.clients.actions.people import assign_person
from voronka.clients.checks import present_company, present_person
from voronka.clients.models import AccessRequest, Company, Person, RequestStatus
from voronka.core import clock
from voronka.core.errors import Forbidden, Refused
from voronka.desk.notices import in_words_of, notify
from voronka.journal.actions import caused_by, record
from voronka.workspaces.models import Member, Team
from voronka.workspaces.rights import Action, Reach, Subject

MOST_WAITING = 30
# Asking again at once what was just refused is no conversation.
PAUSE = dt.timedelta(days=1)


@transaction.atomic
def request_access(client: Company | Person, *, actor: Member) -> AccessRequest:
    """Ask the responsible and the head to let *actor* work with a client; a waiting request is returned as it is.

    Raises `Refused` for a client that is within reach already, `Forbidden` for who sees no clients at all.
    """
    actor.require(Subject.CLIENT, Action.SEE)
    kind, client = _present(client)
    if type(client).objects.visible_to(actor).filter(pk=client.pk).exists():
        raise Refused(_("You can open this client already: find it in the search."))
    asked = AccessRequest.objects.filter(member=actor, **{kind: client})
    if waiting := asked.filter(status=RequestStatus.OPEN).first():
        return waiting
    now = clock.now()
    if asked.filter(status=RequestStatus.REFUSED, decided_at__gt=now - PAUSE).exists():
        raise Refused(_("You were refused access to this client a short while ago: talk to the responsible."))
    if AccessRequest.objects.filter(member=actor, status=RequestStatus.OPEN).count() >= MOST_WAITING:
        raise Refused(_("Many of your requests are waiting already: let them be answered first."))
    made = AccessRequest.objects.create(member=actor, asked_at=now, **{kind: client})
    record(
        events.AccessRequested(
            request=made.pk,
            company=made.company_id,
            person=made.person_id,
            member=actor.pk,
            member_name=actor.name,
        ),
        actor=actor,
        subjects=[(kind, client.pk)],
        at=now,
    )
    for member in deciders(client):
        with in_words_of(member):
            text = _("%(who)s asks for access to %(client)s") % {"who": actor.name, "client": client.name}
        notify(member, kind="access", text=text, key=f"access:{made.pk}", url=f"access_request:{made.pk}")
    return made


def deciders(client: Company | Person) -> list[Member]:
    """Who is asked: the responsible and the nearest head; where there is neither, those who may hand over all."""
    found: list[Member] = []
    if client.owner is not None and client.owner.is_active:
        found.append(client.owner)
    team: Team | None = client.team
    steps = 0
    while team is not None and steps < 20:
        if team.head is not None and team.head.is_active and team.head_id != client.owner_id:
            found.append(team.head)
            break
        team, steps = team.parent, steps + 1
    if found:
        return found
    everybody = Member.objects.active().select_related("role", "user", "workspace")
    return [m for m in everybody if m.reach(Subject.CLIENT, Action.HAND_OVER) == Reach.ALL][:5]


def may_decide(request: AccessRequest, member: Member) -> bool:
    """Whether *member* may answer: the responsible, or one whose right to hand over reaches the client."""
    client = request.client
    if client.owner_id == member.pk:
        return True
    return member.reaches(Subject.CLIENT, Action.HAND_OVER, owner_id=client.owner_id, team_id=client.team_id)


@transaction.atomic
def grant_access(request: AccessRequest, *, actor: Member, hand_over: bool = False) -> AccessRequest:
    """Let the member work with the client; with *hand_over* make the member responsible for it.

    Raises `Refused` when it was answered otherwise meanwhile, `Forbidden` for who may not answer (or hand over).
    """
    request = _locked(request, actor)
    if request.status == RequestStatus.GRANTED:
        return request
    _require_open(request)
    kind, client = _present(request.client)
    request.status = RequestStatus.GRANTED.value
    _decide(request, actor)
    event = record(
        events.AccessGranted(
            request=request.pk,
            company=request.company_id,
            person=request.person_id,
            member=request.member_id,
            member_name=request.member.name,
        ),
        actor=actor,
        subjects=[(kind, client.pk)],
    )
    if hand_over:
        with caused_by(event):
            if isinstance(client, Company):
                assign_company(client, actor=actor, owner=request.member)
            else:
                assign_person(client, actor=actor, owner=request.member)
    with in_words_of(request.member):
        text = _("You have access to %(client)s") % {"client": client.name}
    notify(
        request.member,
        kind="access",
        text=text,
        key=f"access:{request.pk}:granted",
        url=f"{kind}:{client.pk}",
    )
    return request


@transaction.atomic
def refuse_access(request: AccessRequest, *, actor: Member) -> AccessRequest:
    """Say no. The member is told so, and still nothing else."""
    request = _locked(request, actor)
    if request.status == RequestStatus.REFUSED:
        return request
    _require_open(request)
    client = request.client
    kind = "company" if isinstance(client, Company) else "person"
    request.status = RequestStatus.REFUSED.value
    _decide(request, actor)
    record(
        events.AccessRefused(
            request=request.pk,
            company=request.company_id,
            person=request.person_id,
            member=request.member_id,
            member_name=request.member.name,
        ),
        actor=actor,
        subjects=[(kind, client.pk)],
    )
    with in_words_of(request.member):
        text = _("%(who)s refused access to the client you asked about") % {"who": actor.name}
    notify(request.member, kind="access", text=text, key=f"access:{request.pk}:refused")
    return request


def _present(client: Company | Person) -> tuple[str, Company | Person]:
    if isinstance(client, Company):
        return "company", present_company(client.pk)
    return "person", present_person(client.pk)


def _locked(request: AccessRequest, actor: Member) -> AccessRequest:
    fresh = (
        AccessRequest.objects.select_for_update(of=("self",))
        .select_related("member__role", "member__user", "member__workspace", "company", "person")
        .get(pk=request.pk)
    )
    if not may_decide(fresh, actor):
        raise Forbidden(f"access request {fresh.pk}")
    return fresh


def _require_open(request: AccessRequest) -> None:
    if request.status != RequestStatus.OPEN:
        raise Refused(_("This request was answered meanwhile."))


def _decide(request: AccessRequest, actor: Member) -> None:
    request.decided_at, request.decided_by = clock.now(), actor
    request.save(update_fields=["status", "decided_at", "decided_by"])
