"""A company that requires a second factor keeps programs out too, until the token's owner has one."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator

from tests.world import World
from voronka.api.tests.calling import Program
from voronka.workspaces.models import Workspace

pytestmark = pytest.mark.django_db


def test_a_token_of_who_has_no_second_factor_opens_nothing(world: World) -> None:
    program = Program.of(world.anna)
    assert program.get("/me/").status_code == 200
    Workspace.objects.filter(pk=world.workspace.pk).update(second_factor_required=True)

    answer = program.get("/me/")

    assert answer.status_code == 403
    assert answer.json()["type"] == "urn:voronka:problem:no-second-factor"
    Authenticator.objects.create(user=world.anna.user, type="totp", data={"secret": "x"})
    assert program.get("/me/").status_code == 200
