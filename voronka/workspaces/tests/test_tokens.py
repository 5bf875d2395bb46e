"""Tokens of the API: what they let do, and when they stop."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from tests.world import World
from voronka.core.errors import Forbidden, Refused
from voronka.core.tenancy import scope
from voronka.journal.models import Event
from voronka.workspaces.actions import (
    count_use,
    create_token,
    deactivate_member,
    live_token,
    revoke_token,
)
from voronka.workspaces.models import ApiToken, Member
from voronka.workspaces.rights import DEFAULT_RIGHTS, Reach, RoleCode
from voronka.workspaces.scopes import Scope, covers, narrowed


def term(days: int = 30) -> dt.datetime:
    return timezone.now() + dt.timedelta(days=days)


def token_of(member: Member, **given) -> tuple[ApiToken, str]:
    values = {"name": "Сайт", "scopes": ["deals:read"], "expires_at": term(), **given}
    return create_token(actor=member, **values)


def test_a_token_is_found_by_its_secret_which_is_stored_nowhere(world: World) -> None:
    token, secret = token_of(world.anna)

    with scope(None):
        found = live_token(secret)

    assert found == token
    assert found.member.role == world.anna.role
    assert secret not in str(ApiToken.objects.values().get(pk=token.pk))
    event = Event.objects.get(type="token.created")
    assert event.actor == world.anna
    assert secret not in str(event.payload)


@pytest.mark.parametrize("secret", ["", "vrk_", "vrk_" + "x" * 43, "Сделка", "vrk_Я"])
def test_a_wrong_secret_finds_nothing(world: World, secret: str) -> None:
    token_of(world.anna)

    with scope(None):
        assert live_token(secret) is None


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " "}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["deals:burn"]}, "scopes"),
        ({"expires_at": timezone.now() - dt.timedelta(seconds=1)}, "expires_at"),
        ({"expires_at": timezone.now() + dt.timedelta(days=2000)}, "expires_at"),
        ({"reach": 0}, "reach"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(world: World, given: dict, field: str) -> None:
    with pytest.raises(Refused) as refusal:
        token_of(world.anna, **given)

    assert refusal.value.field == field
    assert not ApiToken.objects.exists()
    assert not Event.objects.filter(type="token.created").exists()


def test_tokens_are_not_made_without_end(world: World) -> None:
    for _number in range(20):
        token_of(world.anna)

    with pytest.raises(Refused):
        token_of(world.anna)


def test_a_revoked_token_opens_nothing(world: World) -> None:
    token, secret = token_of(world.anna)

    revoke_token(token, actor=world.anna)
    revoke_token(token, actor=world.anna)

    assert live_token(secret) is None
    assert Event.objects.filter(type="token.revoked").count() == 1


def test_an_expired_token_opens_nothing(world: World) -> None:
    token, secret = token_of(world.anna)

    ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now() - dt.timedelta(seconds=1))

    assert live_token(secret) is None


def test_the_token_of_one_who_left_opens_nothing(world: World) -> None:
    _token, secret = token_of(world.anna)

    deactivate_member(world.anna, actor=world.admin)

    assert live_token(secret) is None


def test_administrators_revoke_anybodys_and_others_only_their_own(world: World) -> None:
    token, secret = token_of(world.anna)

    with pytest.raises(Forbidden):
        revoke_token(token, actor=world.director)
    assert live_token(secret)

    revoke_token(token, actor=world.admin)
    assert live_token(secret) is None
    assert Event.objects.get(type="token.revoked").payload["member"] == world.anna.name


def test_uses_are_counted_within_a_window(world: World) -> None:
    token, _secret = token_of(world.anna)

    uses = [count_use(token) for _number in range(3)]

    assert [use.count for use in uses] == [1, 2, 3]
    assert all(1 <= use.seconds_left <= 60 for use in uses)
    ApiToken.objects.filter(pk=token.pk).update(window_at=timezone.now() - dt.timedelta(seconds=61))
    assert count_use(token).count == 1
    token.refresh_from_db()
    assert token.last_used_at is not None


def test_scopes_narrow_rights_and_never_widen_them() -> None:
    head, marketer = DEFAULT_RIGHTS[RoleCode.HEAD], DEFAULT_RIGHTS[RoleCode.MARKETER]

    assert narrowed(head, ["deals:read"], Reach.ALL) == {"deal": {"see": Reach.TEAM, "export": Reach.TEAM}}
    assert narrowed(head, ["deals:read"], Reach.OWN) == {"deal": {"see": Reach.OWN, "export": Reach.OWN}}
    assert narrowed(marketer, ["deals:write"], Reach.ALL) == {"deal": {"see": Reach.ALL}}
    assert narrowed(head, ["book:read", "members:read"], Reach.OWN) == {
        "book": {"see": Reach.ALL},
        "member": {"see": Reach.ALL},
    }
    seller = DEFAULT_RIGHTS[RoleCode.SELLER]
    assert "export" not in narrowed(seller, Scope.values, Reach.ALL)["deal"]


def test_writing_covers_reading() -> None:
    assert covers(["deals:write"], "deals:read")
    assert not covers(["deals:read"], "deals:write")
    assert not covers(["clients:write"], "deals:read")
