"""The pages of roles: what is saved is what was chosen, and it holds in sessions that are open already."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.test import Client

from tests.world import World
from voronka.journal.models import Event
from voronka.workspaces.actions import create_role, edit_member
from voronka.workspaces.models import Role
from voronka.workspaces.rights import DEFAULT_RIGHTS, GRANTABLE

SignIn = Callable[[Any], Client]


def form_of(role: Role, **other: int) -> dict[str, Any]:
    """The matrix as the browser sends it; `deal__export=1` for a changed cell."""
    data: dict[str, Any] = {
        f"{subject.value}.{action.value}": int(role.reach(subject, action))
        for subject, actions in GRANTABLE.items()
        for action in actions
    }
    data |= {name.replace("__", "."): value for name, value in other.items()}
    return data | {"half": "rights", "was": json.dumps({"rights": role.rights})}


def test_a_right_taken_away_is_gone_in_a_session_that_is_open(world: World, as_member: SignIn) -> None:
    anna, admin = as_member(world.anna), as_member(world.admin)
    assert anna.get(anna.w("/reports/")).status_code == 200
    seller = world.roles["seller"]
    page = admin.get(admin.w(f"/settings/roles/{seller.pk}/")).content.decode()
    assert 'name="deal.export"' in page
    answer = admin.post(
        admin.w(f"/settings/roles/{seller.pk}/edit/"),
        form_of(seller, deal__see=0, deal__create=0, deal__edit=0),
    )
    assert answer.status_code == 302
    assert anna.get(anna.w("/deals/table/")).status_code == 403
    seller.refresh_from_db()
    assert "deal" not in seller.rights
    assert seller.rights["client"] == DEFAULT_RIGHTS["seller"]["client"]


def test_a_form_left_alone_changes_nothing(world: World, as_member: SignIn) -> None:
    admin = as_member(world.admin)
    for role in world.roles.values():
        admin.post(admin.w(f"/settings/roles/{role.pk}/edit/"), form_of(role))
    assert not Event.objects.filter(type="role.edited").exists()


def test_the_preview_tells_of_the_form_and_saves_nothing(world: World, as_member: SignIn) -> None:
    admin, seller = as_member(world.admin), world.roles["seller"]
    url = admin.w(f"/settings/roles/{seller.pk}/preview/")
    plain = admin.post(url, form_of(seller), HTTP_HX_REQUEST="true").content.decode()
    wide = admin.post(url, form_of(seller, deal__see=3), HTTP_HX_REQUEST="true").content.decode()
    assert plain != wide
    seller.refresh_from_db()
    assert seller.rights == DEFAULT_RIGHTS["seller"]


def test_nonsense_in_the_form_is_a_sentence(world: World, as_member: SignIn) -> None:
    admin, seller = as_member(world.admin), world.roles["seller"]
    url = admin.w(f"/settings/roles/{seller.pk}/edit/")
    assert admin.post(url, form_of(seller, book__see=1)).status_code == 409
    assert admin.post(url, form_of(seller) | {"was": "[1"}).status_code == 302
    assert admin.post(url, {}).status_code == 302
    seller.refresh_from_db()
    assert seller.rights == {}


def test_a_role_without_any_right_can_sign_in_and_is_told_so(world: World, as_member: SignIn) -> None:
    guest = create_role(actor=world.admin, name="Гость")
    edit_member(world.anna, actor=world.admin, changes={"role": guest})
    anna = as_member(world.anna)
    page = anna.get(anna.w("/"), follow=True)
    assert page.status_code == 200
    assert world.admin.name in page.content.decode()
    for path in ("/settings/", "/settings/profile/", "/search/?q=а"):
        assert anna.get(anna.w(path), follow=True).status_code == 200, path
    for path in ("/deals/", "/clients/", "/reports/", "/settings/members/", "/book/", "/today/"):
        assert anna.get(anna.w(path)).status_code == 403, path


def test_a_deleted_role_gives_its_people_the_chosen_one(world: World, as_member: SignIn) -> None:
    admin = as_member(world.admin)
    made = admin.post(
        admin.w("/settings/roles/new/"), {"name": "Стажёр", "copy_of": world.roles["seller"].pk}
    )
    assert made.status_code == 302
    role = Role.objects.get(name="Стажёр")
    edit_member(world.vera, actor=world.admin, changes={"role": role})
    url = admin.w(f"/settings/roles/{role.pk}/delete/")
    assert admin.post(url, {}).status_code == 422
    assert admin.post(url, {"move_to": world.roles["service"].pk}).status_code == 302
    world.vera.refresh_from_db()
    assert world.vera.role == world.roles["service"]
