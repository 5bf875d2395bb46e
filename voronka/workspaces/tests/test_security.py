"""Second factors as companies see them: told in each journal, required by some."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command

from tests.world import World
from voronka.core.errors import Forbidden, Refused
from voronka.core.tenancy import scope
from voronka.journal.models import Event
from voronka.workspaces.actions import deactivate_member, edit_profile
from voronka.workspaces.actions.own import edit_own_details
from voronka.workspaces.actions.security import (
    note_email,
    note_password,
    note_sessions_ended,
    require_second_factor,
    reset_factors,
)
from voronka.workspaces.factors import has_second_factor, kinds_of, must_set_up
from voronka.workspaces.models import Member, User, Workspace


def types() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("type", flat=True))


def give_factor(member: Any, kind: str = "totp") -> Authenticator:
    return Authenticator.objects.create(user=member.user, type=kind, data={"secret": "x", "name": "Ключ"})


def also_in(stranger: World, user: User) -> Member:
    """Make *user* a seller of the other company too."""
    with scope(stranger.workspace):
        return Member.objects.create(
            user=user, name=user.name, email=user.email, role=stranger.roles["seller"]
        )


def test_a_change_is_told_in_each_of_the_companies(world: World, stranger: World) -> None:
    there = also_in(stranger, world.anna.user)

    note_password(world.anna.user)

    event = Event.objects.get()
    assert (event.type, event.actor) == ("member.password_changed", world.anna)
    with scope(stranger.workspace):
        assert Event.objects.get().actor == there


def test_a_company_one_has_left_is_told_nothing(world: World) -> None:
    deactivate_member(world.anna, actor=world.admin)

    note_password(world.anna.user)

    assert types() == ["member.left"]


def test_a_new_address_is_taken_over_by_the_memberships(world: World) -> None:
    user = world.anna.user
    was, user.email = user.email, "new@romashka.test"
    user.save()

    note_email(user)
    note_email(user)

    world.anna.refresh_from_db()
    assert world.anna.email == "new@romashka.test"
    assert Event.objects.get().payload["was"] == was


def test_nobody_signed_out_is_no_event(world: World) -> None:
    note_sessions_ended(world.anna.user, 0)
    note_sessions_ended(world.anna.user, 2)

    assert Event.objects.get().payload["count"] == 2


def test_a_second_factor_is_required_by_who_has_one(world: World) -> None:
    give_factor(world.admin)

    for _ in range(2):
        require_second_factor(actor=world.admin, on=True)

    assert Workspace.objects.get(pk=world.workspace.pk).second_factor_required
    assert types() == ["workspace.factor_required"]
    require_second_factor(actor=world.admin, on=False)
    assert types()[-1] == "workspace.factor_optional"


@pytest.mark.parametrize("kind", [None, "recovery_codes"])
def test_one_does_not_lock_out_oneself(world: World, kind: str | None) -> None:
    if kind:
        give_factor(world.admin, kind)

    with pytest.raises(Refused):
        require_second_factor(actor=world.admin, on=True)

    assert not Workspace.objects.get(pk=world.workspace.pk).second_factor_required
    assert types() == []


def test_a_seller_requires_nothing(world: World) -> None:
    give_factor(world.anna)

    with pytest.raises(Forbidden):
        require_second_factor(actor=world.anna, on=True)


def test_who_is_kept_out(world: World) -> None:
    give_factor(world.boris, "webauthn")
    assert not must_set_up(world.anna)

    for member in (world.anna, world.boris):
        member.workspace.second_factor_required = True

    assert must_set_up(world.anna)
    assert not must_set_up(world.boris)
    anna, boris = world.anna.user.pk, world.boris.user.pk
    assert kinds_of([anna, boris]) == {boris: {"webauthn"}}


def test_the_operator_takes_lost_factors_away(world: World) -> None:
    give_factor(world.anna)
    give_factor(world.anna, "recovery_codes")

    assert reset_factors(world.anna.user) == 1
    assert reset_factors(world.anna.user) == 0

    assert not has_second_factor(world.anna.user)
    assert not Authenticator.objects.exists()
    assert types() == ["member.factors_reset"]


# Oneself


def test_a_member_changes_the_own_post_and_phone(world: World) -> None:
    for _ in range(2):
        edit_own_details(actor=world.anna, changes={"post": " Старший продавец ", "phone": "+7 900"})

    world.anna.refresh_from_db()
    assert (world.anna.post, world.anna.phone) == ("Старший продавец", "+7 900")
    assert types() == ["member.edited"]


def test_a_role_is_not_ones_own_to_change(world: World) -> None:
    with pytest.raises(ValueError, match="role"):
        edit_own_details(actor=world.anna, changes={"role": world.roles["admin"]})
    with pytest.raises(Refused):
        edit_own_details(actor=world.anna, changes={"post": "я" * 101})

    assert types() == []


def test_a_time_zone_is_one_that_exists(world: World) -> None:
    edit_profile(actor=world.anna.user, changes={"time_zone": "Asia/Omsk"})
    with pytest.raises(Refused):
        edit_profile(actor=world.anna.user, changes={"time_zone": "Mars/Olympus"})

    assert User.objects.get(pk=world.anna.user_id).time_zone == "Asia/Omsk"


def test_the_command_says_and_takes_away(world: World, capsys: Any) -> None:
    give_factor(world.anna)

    call_command("second_factor", world.anna.user.email)
    assert capsys.readouterr().out.startswith("1 ")
    call_command("second_factor", world.anna.user.email, "--off")

    assert not has_second_factor(world.anna.user)
    with pytest.raises(CommandError, match="nobody@example"):
        call_command("second_factor", "nobody@example.com")
