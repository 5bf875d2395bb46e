"""Members: role, team, leaving, coming back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import World
from voronka.core.errors import Conflict, Forbidden, Refused
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.workspaces.actions import deactivate_member, edit_member, mark_former, return_member
from voronka.workspaces.models import Member, MemberStatus, Team


def types() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("type", flat=True))


def test_details_are_changed_and_undone(world: World) -> None:
    edit_member(
        world.anna, actor=world.admin, changes={"post": "Старший продавец", "role": world.roles["head"]}
    )

    world.anna.refresh_from_db()
    assert (world.anna.post, world.anna.role) == ("Старший продавец", world.roles["head"])
    assert types() == ["member.edited"]

    undo(Event.objects.get(), actor=world.admin)
    world.anna.refresh_from_db()
    assert (world.anna.post, world.anna.role) == ("", world.roles["seller"])


def test_a_new_team_is_an_event_of_its_own(world: World) -> None:
    edit_member(
        world.anna, actor=world.admin, changes={"team": world.teams["south"], "phone": "+7 900 000-00-00"}
    )

    assert types() == ["member.edited", "member.team_changed"]
    payload = Event.objects.latest("pk").payload
    assert (payload["team_before"], payload["team_after"]) == (
        world.teams["north"].pk,
        world.teams["south"].pk,
    )
    assert (payload["before_name"], payload["after_name"]) == ("Север", "Юг")


def test_a_team_may_be_taken_away(world: World) -> None:
    edit_member(world.anna, actor=world.admin, changes={"team": None})

    world.anna.refresh_from_db()
    assert world.anna.team is None


def test_nothing_changed_is_nothing_recorded(world: World) -> None:
    edit_member(world.anna, actor=world.admin, changes={"name": world.anna.name, "team": world.anna.team})

    assert types() == []


def test_the_later_of_two_editors_is_told(world: World) -> None:
    edit_member(world.anna, actor=world.admin, changes={"post": "Первое"}, was={"post": ""})

    with pytest.raises(Conflict):
        edit_member(world.anna, actor=world.admin, changes={"post": "Второе"}, was={"post": ""})
    world.anna.refresh_from_db()
    assert world.anna.post == "Первое"


@pytest.mark.parametrize(
    "changes", [{"name": " "}, {"name": "я" * 151}, {"post": "x" * 101}, {"phone": "1" * 41}]
)
def test_a_value_that_does_not_fit_is_refused(world: World, changes: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refusal:
        edit_member(world.anna, actor=world.admin, changes=changes)

    assert refusal.value.field in changes
    assert types() == []


@pytest.mark.parametrize("field", ["user", "email", "status", "workspace", "id"])
def test_other_fields_are_out_of_reach(world: World, field: str) -> None:
    with pytest.raises(ValueError, match=field):
        edit_member(world.anna, actor=world.admin, changes={field: 1})


@pytest.mark.parametrize("name", ["anna", "head", "director", "marketer", "service"])
def test_only_the_administrator_manages_members(world: World, name: str) -> None:
    actor = world.members[name]

    for verb in (
        lambda: edit_member(world.boris, actor=actor, changes={"role": world.roles["admin"]}),
        lambda: deactivate_member(world.boris, actor=actor),
        lambda: return_member(world.boris, actor=actor),
    ):
        with pytest.raises(Forbidden):
            verb()


def test_the_last_administrator_stays_one(world: World) -> None:
    with pytest.raises(Refused):
        edit_member(world.admin, actor=world.admin, changes={"role": world.roles["seller"]})
    with pytest.raises(Refused):
        deactivate_member(world.admin, actor=world.admin)

    world.admin.refresh_from_db()
    assert (world.admin.role, world.admin.is_active) == (world.roles["admin"], True)
    assert types() == []


def test_one_of_two_administrators_may_go(world: World) -> None:
    edit_member(world.director, actor=world.admin, changes={"role": world.roles["admin"]})

    deactivate_member(world.admin, actor=Member.objects.get(pk=world.director.pk))

    world.admin.refresh_from_db()
    assert not world.admin.is_active


def test_an_administrator_who_cannot_sign_in_does_not_count(world: World) -> None:
    former = mark_former("Бывший Админ", actor=world.admin)
    Member.objects.filter(pk=former.pk).update(role=world.roles["admin"], status=MemberStatus.ACTIVE)

    with pytest.raises(Refused):
        deactivate_member(world.admin, actor=world.admin)


def test_undoing_an_edit_keeps_an_administrator_too(world: World) -> None:
    edit_member(world.director, actor=world.admin, changes={"role": world.roles["admin"]})
    promoted = Event.objects.latest("pk")
    director = Member.objects.get(pk=world.director.pk)
    deactivate_member(world.admin, actor=director)

    with pytest.raises(Refused):
        undo(promoted, actor=director)


def test_leaving_closes_the_door_and_frees_the_headed_teams(world: World) -> None:
    deactivate_member(world.north_head, actor=world.admin)

    world.north_head.refresh_from_db()
    assert world.north_head.status == MemberStatus.FORMER
    assert not Member.objects.of_user(world.north_head.user).exists()
    assert Team.objects.get(pk=world.teams["north"].pk).head is None
    assert Event.objects.get().payload["headed"] == [world.teams["north"].pk]


def test_leaving_is_undone_with_the_headed_teams(world: World) -> None:
    deactivate_member(world.north_head, actor=world.admin)

    undo(Event.objects.get(), actor=world.admin)

    world.north_head.refresh_from_db()
    assert world.north_head.is_active
    assert Team.objects.get(pk=world.teams["north"].pk).head == world.north_head


def test_undoing_a_leaving_does_not_push_a_new_head_out(world: World) -> None:
    deactivate_member(world.north_head, actor=world.admin)
    event = Event.objects.get()
    Team.objects.filter(pk=world.teams["north"].pk).update(head=world.head)

    undo(event, actor=world.admin)

    assert Team.objects.get(pk=world.teams["north"].pk).head == world.head


def test_leaving_twice_is_leaving_once(world: World) -> None:
    deactivate_member(world.anna, actor=world.admin)
    deactivate_member(world.anna, actor=world.admin)

    assert types() == ["member.left"]


def test_a_former_colleague_is_let_in_again(world: World) -> None:
    deactivate_member(world.anna, actor=world.admin)

    return_member(world.anna, actor=world.admin)

    world.anna.refresh_from_db()
    assert world.anna.is_active
    assert types() == ["member.left", "member.joined"]


def test_a_name_without_an_account_is_to_be_invited(world: World) -> None:
    former = mark_former("Пётр Старый", actor=world.admin)

    with pytest.raises(Refused):
        return_member(former, actor=world.admin)


def test_a_former_name_is_noted_once(world: World) -> None:
    first = mark_former("Пётр  Алёхин", actor=world.head)
    second = mark_former("петр алехин", actor=world.head)

    assert first == second
    assert (first.status, first.user) == (MemberStatus.FORMER, None)
    assert types() == ["member.former_noted"]


def test_a_former_name_from_a_file_may_be_anything(world: World) -> None:
    assert len(mark_former("я" * 5000, actor=world.head).name) == 150
    with pytest.raises(Refused):
        mark_former(" \x00 ", actor=world.head)


@pytest.mark.parametrize("name", ["anna", "head", "director"])
def test_undoing_needs_the_right_of_doing(world: World, name: str) -> None:
    edit_member(world.boris, actor=world.admin, changes={"post": "Старший"})
    deactivate_member(world.vera, actor=world.admin)

    for event in Event.objects.all():
        with pytest.raises(Forbidden):
            undo(event, actor=world.members[name])
    world.vera.refresh_from_db()
    assert not world.vera.is_active
