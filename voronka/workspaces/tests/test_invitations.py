"""Inviting colleagues and accepting."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from tests.world import World
from voronka.core.errors import Forbidden, Refused
from voronka.core.tenancy import scope
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.workspaces.actions import (
    accept_invitation,
    create_user,
    deactivate_member,
    invite,
    invite_again,
    revoke_invitation,
)
from voronka.workspaces.actions import invitations as verbs
from voronka.workspaces.models import Invitation, Member, MemberStatus
from voronka.workspaces.rules import invitation_token, token_digest


def ask(world: World, email: str = "new@example.com", **fields: Any) -> Invitation:
    return invite(actor=world.admin, email=email, role=world.roles["seller"], **fields)


def joining(email: str = "new@example.com") -> Any:
    return create_user(email=email, name="Новый Человек", password="a long phrase", confirmed=True)


def types() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("type", flat=True))


def test_an_invitation_is_kept_with_a_digest_and_sent_with_the_secret(world: World) -> None:
    invitation = ask(world, email=" New@Example.com ", team=world.teams["north"])

    token = invitation_token(invitation)
    assert invitation.email == "new@example.com"
    assert Invitation.objects.get(token_digest=token_digest(token)) == invitation
    assert token not in str(Event.objects.get().payload)
    (letter,) = mail.outbox
    assert letter.to == ["new@example.com"]
    assert f"/invitation/{token}/" in letter.body


@pytest.mark.parametrize(
    "email", ["", "nobody", "a@b", "a@b.ru\nBcc: c@d.ru", "anna@romashka.test", "ANNA@romashka.test"]
)
def test_a_bad_or_known_address_is_refused_and_nothing_is_sent(world: World, email: str) -> None:
    with pytest.raises(Refused):
        ask(world, email=email)

    assert not Invitation.objects.exists()
    assert mail.outbox == []
    assert types() == []


def test_the_same_address_is_not_invited_twice(world: World) -> None:
    ask(world)

    with pytest.raises(Refused):
        ask(world, email="NEW@example.com")
    assert len(mail.outbox) == 1


def test_who_is_not_confirmed_does_not_invite(world: World) -> None:
    world.admin.user = create_user(email="boss@example.com", name="Шеф", password="x")
    world.admin.save()

    with pytest.raises(Refused):
        ask(world)
    assert mail.outbox == []


@pytest.mark.parametrize("name", ["anna", "head", "director", "marketer", "service"])
def test_only_the_administrator_invites(world: World, name: str) -> None:
    with pytest.raises(Forbidden):
        invite(actor=world.members[name], email="new@example.com", role=world.roles["seller"])


def test_an_archived_team_takes_nobody(world: World) -> None:
    team = world.teams["south"]
    team.archived_at = timezone.now()

    with pytest.raises(Refused) as refusal:
        ask(world, team=team)
    assert refusal.value.field == "team"


def test_there_is_a_limit_to_waiting_invitations(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verbs, "MOST_OPEN", 1)
    ask(world)

    with pytest.raises(Refused):
        ask(world, email="another@example.com")


def test_accepting_makes_a_member_with_the_role_and_team(world: World) -> None:
    invitation = ask(world, team=world.teams["north"])

    member = accept_invitation(invitation, user=joining())

    assert (member.name, member.role, member.team) == (
        "Новый Человек",
        world.roles["seller"],
        world.teams["north"],
    )
    assert member.is_active
    assert types() == ["member.invited", "member.joined"]
    assert Event.objects.latest("pk").actor == member


def test_accepting_twice_is_accepting_once(world: World) -> None:
    invitation = ask(world)
    user = joining()

    assert accept_invitation(invitation, user=user) == accept_invitation(invitation, user=user)
    assert types() == ["member.invited", "member.joined"]


def test_the_link_does_not_serve_another_address(world: World) -> None:
    invitation = ask(world)

    with pytest.raises(Refused):
        accept_invitation(invitation, user=joining("thief@example.com"))
    assert Member.objects.count() == 9


@pytest.mark.parametrize("spoil", ["expired", "revoked", "used"])
def test_a_spent_invitation_lets_nobody_in(world: World, spoil: str) -> None:
    invitation = ask(world)
    now = timezone.now()
    changes: dict[str, Any] = {
        "expired": {"expires_at": now - dt.timedelta(seconds=1)},
        "revoked": {"revoked_at": now},
        "used": {"accepted_at": now},
    }[spoil]
    Invitation.objects.filter(pk=invitation.pk).update(**changes)

    with pytest.raises(Refused):
        accept_invitation(invitation, user=joining())
    assert Member.objects.count() == 9


def test_a_former_colleague_returns_to_the_same_place_in_history(world: World) -> None:
    deactivate_member(world.vera, actor=world.admin)
    invitation = invite(
        actor=world.admin, email=world.vera.user.email, role=world.roles["head"], team=world.teams["north"]
    )

    member = accept_invitation(invitation, user=world.vera.user)

    assert member.pk == world.vera.pk
    assert (member.status, member.role) == (MemberStatus.ACTIVE, world.roles["head"])
    assert Event.objects.latest("pk").payload["returned"] is True


def test_one_person_joins_a_second_company(world: World, stranger: World) -> None:
    with scope(stranger.workspace):
        invitation = invite(actor=stranger.admin, email=world.anna.user.email, role=stranger.roles["seller"])
        member = accept_invitation(invitation, user=world.anna.user)

    assert member.workspace == stranger.workspace
    assert Member.objects.get(user=world.anna.user) == world.anna


def test_sending_again_makes_a_new_link_and_the_old_one_dies(world: World) -> None:
    invitation = ask(world)
    old = invitation_token(invitation)
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now() - dt.timedelta(days=1))

    again = invite_again(invitation, actor=world.admin)

    assert again.is_open
    assert not Invitation.objects.filter(token_digest=token_digest(old)).exists()
    assert invitation_token(again) in mail.outbox[-1].body
    assert types()[-1] == "member.invited_again"


def test_an_answered_invitation_is_not_sent_again(world: World) -> None:
    invitation = ask(world)
    accept_invitation(invitation, user=joining())

    with pytest.raises(Refused):
        invite_again(invitation, actor=world.admin)
    with pytest.raises(Refused):
        revoke_invitation(invitation, actor=world.admin)
    assert len(mail.outbox) == 1


def test_revoking_twice_is_revoking_once(world: World) -> None:
    invitation = ask(world)

    revoke_invitation(invitation, actor=world.admin)
    revoke_invitation(invitation, actor=world.admin)

    assert types() == ["member.invited", "member.invitation_revoked"]


def test_undoing_an_invitation_kills_the_link_and_names_the_letter(world: World) -> None:
    invitation = ask(world)

    left = undo(Event.objects.get(), actor=world.admin)

    invitation.refresh_from_db()
    assert invitation.revoked_at is not None
    assert len(left) == 1
    assert "new@example.com" in left[0]


def test_an_invitation_of_another_company_cannot_name_a_role_of_ours(world: World, stranger: World) -> None:
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        invite(actor=world.admin, email="x@example.com", role=stranger.roles["seller"])
