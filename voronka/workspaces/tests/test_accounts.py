"""Making and changing accounts of people and companies."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import World
from voronka.core.errors import Conflict, Forbidden, Refused
from voronka.core.tenancy import scope
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.workspaces.actions import create_user, create_workspace, edit_profile, edit_workspace
from voronka.workspaces.models import Member, Role, Team, User, Workspace
from voronka.workspaces.rights import DEFAULT_RIGHTS, RoleCode
from voronka.workspaces.rules import email_confirmed
from voronka.workspaces.slugs import RESERVED, slug_for, transliterate

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return create_user(email="Olga@Example.com", name="Ольга Нова", password="a long phrase")


def last() -> Event:
    return Event.objects.order_by("-pk")[0]


def test_a_person_signs_in_with_any_case_of_the_address(user: User) -> None:
    assert user.email == "olga@example.com"
    assert User.objects.get_by_natural_key("OLGA@example.com") == user
    assert user.check_password("a long phrase")


def test_an_address_serves_one_account(user: User) -> None:
    with pytest.raises(Refused) as refusal:
        create_user(email="OLGA@example.COM", name="Другая", password="x")

    assert refusal.value.field == "email"
    assert User.objects.count() == 1


def test_a_new_address_waits_for_confirmation_unless_we_know_it(user: User) -> None:
    sure = create_user(email="sure@example.com", name="Пётр", password="x", confirmed=True)

    assert not email_confirmed(user)
    assert email_confirmed(sure)


def test_a_company_begins_with_six_roles_a_team_and_an_administrator(user: User) -> None:
    member = create_workspace(user=user, name="ООО «Ёлки и Щит»")

    workspace = member.workspace
    assert (workspace.name, workspace.slug) == ("ООО «Ёлки и Щит»", "elki-i-shchit")
    with scope(workspace):
        assert {role.code: role.rights for role in Role.objects.all()} == DEFAULT_RIGHTS
        team = Team.objects.get()
        assert (member.team, team.head) == (team, member)
        assert member.role.code == RoleCode.ADMIN
        event = last()
        assert (event.type, event.actor) == ("workspace.created", member)


@pytest.mark.parametrize("name", ["", "   ", "\u200b", "x" * 151])
def test_a_company_needs_a_name_that_fits(user: User, name: str) -> None:
    with pytest.raises(Refused) as refusal:
        create_workspace(user=user, name=name)

    assert refusal.value.field == "name"
    assert not Workspace.objects.exists()


def test_companies_of_one_name_get_addresses_of_their_own(user: User) -> None:
    slugs = [
        create_workspace(user=user, name=f"{form} «Ромашка»").workspace.slug for form in ("ООО", "АО", "ИП")
    ]

    assert slugs == ["romashka", "romashka-2", "romashka-3"]


@pytest.mark.parametrize("slug", sorted(RESERVED)[:3])
def test_a_reserved_address_is_refused(user: User, slug: str) -> None:
    with pytest.raises(Refused):
        create_workspace(user=user, name="Ромашка", slug=slug)


def test_a_taken_address_that_was_asked_for_is_refused(user: User) -> None:
    create_workspace(user=user, name="Ромашка", slug="flower")

    with pytest.raises(Refused):
        create_workspace(user=user, name="Другая", slug="flower")
    assert Workspace.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Щука и Ёрш", "shchuka-i-yorsh"),
        ("Северный ветер", "severnyy-veter"),
        ("Société Générale", "societe-generale"),
        ("ACME Ltd.", "acme-ltd"),
        ("花", ""),
        ("<script>", "script"),
        ("../../etc", "etc"),
    ],
)
def test_names_are_written_in_latin(name: str, slug: str) -> None:
    assert transliterate(name).replace("yorsh", "ersh") == slug.replace("yorsh", "ersh")


def test_a_name_that_cannot_be_written_in_latin_still_gets_an_address() -> None:
    assert slug_for("花") == "company"
    assert slug_for("API") == "api-2"


def test_settings_of_the_company_are_changed_and_undone(world: World) -> None:
    edit_workspace(actor=world.admin, changes={"name": " Ромашка+ ", "time_zone": "Asia/Omsk"})

    workspace = Workspace.objects.get(pk=world.workspace.pk)
    assert (workspace.name, workspace.time_zone) == ("Ромашка+", "Asia/Omsk")
    assert last().type == "workspace.edited"

    undo(last(), actor=world.admin)
    workspace.refresh_from_db()
    assert (workspace.name, workspace.time_zone) == ("ООО «romashka»", "Europe/Moscow")


def test_undo_does_not_overwrite_a_newer_change(world: World) -> None:
    edit_workspace(actor=world.admin, changes={"name": "Первое"})
    event = last()
    edit_workspace(actor=world.admin, changes={"name": "Второе"})

    with pytest.raises(Refused):
        undo(event, actor=world.admin)
    assert Workspace.objects.get(pk=world.workspace.pk).name == "Второе"


def test_the_later_of_two_editors_is_told(world: World) -> None:
    edit_workspace(actor=world.admin, changes={"name": "Первое"})

    with pytest.raises(Conflict):
        edit_workspace(actor=world.admin, changes={"name": "Второе"}, was={"name": world.workspace.name})
    assert Workspace.objects.get(pk=world.workspace.pk).name == "Первое"


@pytest.mark.parametrize(
    "changes",
    [{"currency": "XXX"}, {"time_zone": "Mars/Olympus"}, {"language": "tlh"}, {"name": " "}],
    ids=lambda changes: next(iter(changes)),
)
def test_a_bad_setting_is_refused_by_its_name(world: World, changes: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refusal:
        edit_workspace(actor=world.admin, changes=changes)

    assert refusal.value.field == next(iter(changes))
    assert not Event.objects.exists()


def test_saving_without_a_change_is_no_event(world: World) -> None:
    edit_workspace(actor=world.admin, changes={"name": world.workspace.name, "currency": "RUB"})

    assert not Event.objects.exists()


@pytest.mark.parametrize("name", ["anna", "head", "director", "marketer", "service"])
def test_only_the_administrator_settles_the_company(world: World, name: str) -> None:
    with pytest.raises(Forbidden):
        edit_workspace(actor=world.members[name], changes={"name": "Х"})


def test_a_new_name_goes_to_the_memberships_that_bear_the_old_one(world: World, stranger: World) -> None:
    user = world.anna.user
    with scope(stranger.workspace):
        elsewhere = Member.objects.create(
            user=user, name="Аня из «Василька»", role=stranger.roles["seller"], email=user.email
        )

    edit_profile(actor=user, changes={"name": "Анна Новая", "keys_on": False})

    world.anna.refresh_from_db()
    assert world.anna.name == "Анна Новая"
    with scope(stranger.workspace):
        elsewhere.refresh_from_db()
    assert elsewhere.name == "Аня из «Василька»"
    assert User.objects.get(pk=user.pk).keys_on is False


@pytest.mark.parametrize("changes", [{"theme": "pink"}, {"language": "xx"}, {"name": ""}])
def test_a_bad_habit_is_refused(world: World, changes: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        edit_profile(actor=world.anna.user, changes=changes)
