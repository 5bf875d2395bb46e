"""Teams: a tree with heads, and who sees what through it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.world import World
from voronka.core.errors import Conflict, Forbidden, Refused
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.workspaces.actions import (
    archive_team,
    create_team,
    deactivate_member,
    edit_member,
    edit_team,
    restore_team,
)
from voronka.workspaces.models import Member, Team
from voronka.workspaces.queries import team_tree


def fresh(member: Member) -> Member:
    return Member.objects.get(pk=member.pk)


def types() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("type", flat=True))


def test_a_team_is_made_under_another_and_undone(world: World) -> None:
    team = create_team(actor=world.admin, name=" Восток ", parent=world.teams["north"], head=world.boris)

    assert (team.name, team.parent, team.head) == ("Восток", world.teams["north"], world.boris)
    assert team.pk in fresh(world.north_head).team_ids
    assert team.pk in fresh(world.boris).team_ids

    undo(Event.objects.get(), actor=world.admin)
    team.refresh_from_db()
    assert team.archived_at is not None


def test_a_team_in_use_is_not_undone(world: World) -> None:
    team = create_team(actor=world.admin, name="Восток")
    event = Event.objects.get()
    edit_member(world.anna, actor=world.admin, changes={"team": team})

    with pytest.raises(Refused):
        undo(event, actor=world.admin)


def test_a_team_moves_with_all_below_it(world: World) -> None:
    below = create_team(actor=world.admin, name="Внутри", parent=world.teams["south"])

    edit_team(world.teams["south"], actor=world.admin, changes={"parent": world.teams["north"]})

    assert {world.teams["south"].pk, below.pk} <= fresh(world.north_head).team_ids


@pytest.mark.parametrize("under", ["root", "north", "below"])
def test_a_team_does_not_stand_below_itself(world: World, under: str) -> None:
    below = create_team(actor=world.admin, name="Внутри", parent=world.teams["north"])
    parent = below if under == "below" else world.teams[under]

    with pytest.raises(Refused) as refusal:
        edit_team(world.teams["root"], actor=world.admin, changes={"parent": parent})

    assert refusal.value.field == "parent"
    assert Team.objects.get(pk=world.teams["root"].pk).parent is None


def test_undoing_a_move_does_not_close_a_ring(world: World) -> None:
    north, south = world.teams["north"], world.teams["south"]
    below = create_team(actor=world.admin, name="Внутри", parent=south)
    edit_team(below, actor=world.admin, changes={"parent": north})
    moved = Event.objects.latest("pk")
    edit_team(south, actor=world.admin, changes={"parent": below})

    with pytest.raises(Refused):
        undo(moved, actor=world.admin)
    assert Team.objects.get(pk=below.pk).parent == north


def test_a_new_head_sees_the_team_and_the_old_one_no_longer(world: World) -> None:
    edit_team(world.teams["south"], actor=world.admin, changes={"head": world.north_head})

    assert world.teams["south"].pk in fresh(world.north_head).team_ids

    edit_team(world.teams["south"], actor=world.admin, changes={"head": None})
    assert world.teams["south"].pk not in fresh(world.north_head).team_ids


def test_who_left_does_not_become_head(world: World) -> None:
    deactivate_member(world.vera, actor=world.admin)

    with pytest.raises(Refused) as refusal:
        edit_team(world.teams["south"], actor=world.admin, changes={"head": fresh(world.vera)})
    assert refusal.value.field == "head"


def test_the_later_of_two_editors_is_told(world: World) -> None:
    edit_team(world.teams["south"], actor=world.admin, changes={"name": "Первый"})

    with pytest.raises(Conflict):
        edit_team(world.teams["south"], actor=world.admin, changes={"name": "Второй"}, was={"name": "Юг"})


def test_an_empty_team_is_archived_and_brought_back(world: World) -> None:
    team = create_team(actor=world.admin, name="Пустой")

    archive_team(team, actor=world.admin)
    archive_team(team, actor=world.admin)
    assert team.pk not in [row.team.pk for row in team_tree()]

    restore_team(team, actor=world.admin)
    assert team.pk in [row.team.pk for row in team_tree()]
    assert types() == ["team.created", "team.archived", "team.restored"]


def test_a_team_with_people_or_teams_is_not_archived(world: World) -> None:
    for name in ("south", "root"):
        with pytest.raises(Refused):
            archive_team(world.teams[name], actor=world.admin)

    assert types() == []


def test_nothing_is_put_under_an_archived_team(world: World) -> None:
    gone = create_team(actor=world.admin, name="Пустой")
    archive_team(gone, actor=world.admin)

    with pytest.raises(Refused):
        create_team(actor=world.admin, name="Новый", parent=gone)
    with pytest.raises(Refused):
        edit_team(world.teams["south"], actor=world.admin, changes={"parent": gone})
    with pytest.raises(Refused):
        edit_member(world.anna, actor=world.admin, changes={"team": Team.objects.get(pk=gone.pk)})


@pytest.mark.parametrize("name", ["anna", "head", "director", "marketer", "service"])
def test_only_the_administrator_draws_the_tree(world: World, name: str) -> None:
    actor, team = world.members[name], world.teams["south"]

    for verb in (
        lambda: create_team(actor=actor, name="Новый"),
        lambda: edit_team(team, actor=actor, changes={"name": "Х"}),
        lambda: archive_team(team, actor=actor),
        lambda: restore_team(team, actor=actor),
    ):
        with pytest.raises(Forbidden):
            verb()


def test_the_tree_is_written_in_order_with_depths_and_people(world: World) -> None:
    create_team(actor=world.admin, name="Арктика", parent=world.teams["north"])

    assert [(row.team.name, row.depth, row.people) for row in team_tree()] == [
        ("Продажи", 0, 1),
        ("Север", 1, 3),
        ("Арктика", 2, 0),
        ("Юг", 1, 1),
    ]


def test_the_tree_costs_one_query_however_large(world: World) -> None:
    parent = None
    for number in range(20):
        parent = Team.objects.create(name=f"{number:02}", parent=parent)

    with CaptureQueriesContext(connection) as queries:
        rows = team_tree()

    assert len(rows) == 23
    assert len(queries) == 1
