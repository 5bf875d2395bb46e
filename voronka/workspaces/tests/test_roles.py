"""Roles of the company's own: made, changed, deleted, and never so that nobody manages the company."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.world import World
from voronka.core.errors import Conflict, Forbidden, Refused
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.workspaces import rights
from voronka.workspaces.actions import (
    create_role,
    deactivate_member,
    delete_role,
    edit_member,
    edit_role,
    invite,
)
from voronka.workspaces.models import Invitation, Member, Role
from voronka.workspaces.rights import DEFAULT_RIGHTS, GRANTABLE, Reach


def fresh(member: Member) -> Member:
    return Member.objects.select_related("role").get(pk=member.pk)


def changed(role: Role, subject: str, action: str, reach: int) -> dict[str, Any]:
    given = copy.deepcopy(role.rights)
    given.setdefault(subject, {})[action] = reach
    return {"rights": given}


def test_a_copy_has_the_rights_of_its_model_and_a_new_role_has_none(world: World) -> None:
    copied = create_role(actor=world.admin, name="Стажёр", copy_of=world.roles["seller"])
    assert copied.rights == DEFAULT_RIGHTS["seller"]
    assert not copied.is_standard
    bare = create_role(actor=world.admin, name="Гость")
    assert bare.rights == {}
    event = Event.objects.get(type="role.created", payload__role=copied.pk)
    assert event.payload["copy_of"] == world.roles["seller"].title
    undo(event, actor=world.admin)
    assert not Role.objects.filter(pk=copied.pk).exists()


@pytest.mark.parametrize("name", ["", "  ", "стажЁР", "Продавец"])
def test_a_role_needs_a_name_of_its_own(world: World, name: str) -> None:
    create_role(actor=world.admin, name="Стажер")
    world.roles["seller"].name = "Продавец"
    world.roles["seller"].save()
    with pytest.raises(Refused):
        create_role(actor=world.admin, name=name)
    assert Role.objects.count() == 7


def test_only_who_configures_the_company_changes_roles(world: World) -> None:
    role = create_role(actor=world.admin, name="Стажёр")
    for who in ("director", "head", "anna"):
        actor = getattr(world, who)
        for attempt in (
            lambda actor=actor: create_role(actor=actor, name="Ещё"),
            lambda actor=actor: edit_role(role, actor=actor, changes={"name": "Иначе"}),
            lambda actor=actor: delete_role(role, actor=actor),
        ):
            with pytest.raises(Forbidden):
                attempt()
    assert Role.objects.get(pk=role.pk).name == "Стажёр"


def test_a_changed_right_holds_at_once_and_is_taken_back(world: World) -> None:
    seller = world.roles["seller"]
    event = edit_role(seller, actor=world.admin, changes=changed(seller, "deal", "export", Reach.OWN))
    assert event is not None
    assert fresh(world.anna).reach("deal", "export") == Reach.OWN
    assert event.payload["before"] == {"rights": DEFAULT_RIGHTS["seller"]}
    undo(event, actor=world.admin)
    assert fresh(world.anna).reach("deal", "export") == Reach.NONE


def test_nothing_changed_is_no_event(world: World) -> None:
    seller = world.roles["seller"]
    assert edit_role(seller, actor=world.admin, changes={"rights": seller.rights, "name": ""}) is None
    assert not Event.objects.filter(type="role.edited").exists()


def test_nobody_edits_what_is_not_seen(world: World) -> None:
    seller = world.roles["seller"]
    with pytest.raises(Refused):
        edit_role(seller, actor=world.admin, changes=changed(seller, "deal", "edit", Reach.ALL))
    with pytest.raises(Refused):
        edit_role(seller, actor=world.admin, changes=changed(seller, "book", "see", Reach.OWN))
    assert Role.objects.get(pk=seller.pk).rights == DEFAULT_RIGHTS["seller"]


def test_two_who_edit_the_same_rights_do_not_overwrite_each_other(world: World) -> None:
    seller = world.roles["seller"]
    made_from = {"rights": copy.deepcopy(seller.rights)}
    edit_role(seller, actor=world.admin, changes=changed(seller, "deal", "export", Reach.OWN))
    with pytest.raises(Conflict):
        edit_role(
            seller, actor=world.admin, changes=changed(seller, "client", "export", Reach.OWN), was=made_from
        )
    assert edit_role(seller, actor=world.admin, changes={"name": "Менеджер"}, was=made_from) is not None


def test_hidden_fields_are_those_that_rooms_registered(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rights, "_hideable", dict(rights._hideable))
    rights.register_hideable("deal", ("margin", "Margin"), ("chance", "Chance"), computed=["chance"])
    seller = world.roles["seller"]
    given = {"deal": ["margin", "chance", "nonsense"], "client": []}
    edit_role(seller, actor=world.admin, changes={"hidden_fields": given, "readonly_fields": given})
    seller.refresh_from_db()
    assert seller.hidden_fields == {"deal": ["chance", "margin"]}
    assert seller.readonly_fields == {"deal": ["margin"]}


class TestTheLastAdministrator:
    def test_cannot_lose_the_right_by_a_change_of_the_role(self, world: World) -> None:
        admin = world.roles["admin"]
        for subject, action in (("workspace", "configure"), ("member", "edit")):
            with pytest.raises(Refused):
                edit_role(admin, actor=world.admin, changes=changed(admin, subject, action, 0))
        assert Role.objects.get(pk=admin.pk).rights == DEFAULT_RIGHTS["admin"]

    def test_cannot_be_moved_or_let_go(self, world: World) -> None:
        with pytest.raises(Refused):
            edit_member(world.admin, actor=world.admin, changes={"role": world.roles["seller"]})
        with pytest.raises(Refused):
            deactivate_member(world.admin, actor=world.admin)
        assert fresh(world.admin).role == world.roles["admin"]

    def test_may_go_when_somebody_with_an_own_role_manages(self, world: World) -> None:
        role = create_role(actor=world.admin, name="Владелец", copy_of=world.roles["admin"])
        edit_member(world.director, actor=world.admin, changes={"role": role})
        edit_member(world.admin, actor=world.admin, changes={"role": world.roles["seller"]})
        with pytest.raises(Refused):
            delete_role(role, actor=fresh(world.director), move_to=world.roles["seller"])
        assert fresh(world.director).role == role


class TestDeleting:
    def test_asks_for_another_role_for_its_people_and_comes_back_whole(self, world: World) -> None:
        role = create_role(actor=world.admin, name="Стажёр", copy_of=world.roles["seller"])
        edit_member(world.anna, actor=world.admin, changes={"role": role})
        with pytest.raises(Refused):
            delete_role(role, actor=world.admin)
        event = delete_role(role, actor=world.admin, move_to=world.roles["marketer"])
        assert fresh(world.anna).role == world.roles["marketer"]
        undo(event, actor=world.admin)
        back = fresh(world.anna).role
        assert (back.pk, back.name, back.rights) == (role.pk, "Стажёр", DEFAULT_RIGHTS["seller"])

    def test_a_standard_role_stays(self, world: World) -> None:
        with pytest.raises(Refused):
            delete_role(world.roles["service"], actor=world.admin, move_to=world.roles["seller"])

    def test_a_promised_role_stays(self, world: World) -> None:
        role = create_role(actor=world.admin, name="Стажёр")
        invite(actor=world.admin, email="new@x.test", role=role)
        with pytest.raises(Refused):
            delete_role(role, actor=world.admin)
        assert Invitation.objects.filter(role=role).exists()


def test_nobody_lifts_oneself_up(world: World) -> None:
    """Who manages members but not roles gives away no more than the own role has."""
    staff = create_role(actor=world.admin, name="Кадры", copy_of=world.roles["head"])
    given = copy.deepcopy(staff.rights)
    given["member"] = {"see": 3, "create": 3, "edit": 3}
    edit_role(staff, actor=world.admin, changes={"rights": given})
    edit_member(world.head, actor=world.admin, changes={"role": staff})
    boss = fresh(world.head)
    with pytest.raises(Forbidden):
        edit_member(boss, actor=boss, changes={"role": world.roles["admin"]})
    with pytest.raises(Forbidden):
        invite(actor=boss, email="friend@x.test", role=world.roles["director"])
    edit_member(world.vera, actor=boss, changes={"role": world.roles["seller"], "post": "Старшая"})
    assert fresh(world.vera).post == "Старшая"


def test_every_standard_right_can_be_chosen_in_the_matrix(world: World) -> None:
    offered = {
        (subject.value, action.value): set(map(int, reaches))
        for subject, actions in GRANTABLE.items()
        for action, reaches in actions.items()
    }
    for given in DEFAULT_RIGHTS.values():
        for subject, actions in given.items():
            for action, far in actions.items():
                # Nothing asks for "configure" of deals, clients and activities.
                if action == "configure" and subject in ("deal", "client", "activity"):
                    continue
                assert far in offered[subject, action], (subject, action)
