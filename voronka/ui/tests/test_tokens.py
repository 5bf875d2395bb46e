"""The page of tokens: made and shown once, revoked, everybody's for administrators only."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.utils import timezone

from tests.world import World
from voronka.workspaces.actions import create_token, live_token
from voronka.workspaces.models import ApiToken, Member
from voronka.workspaces.rights import Reach

GIVEN = {"name": "Сайт", "scopes": ["deals:read", "deals:write"], "reach": "1", "term": "30"}


def make(member: Member, name: str) -> ApiToken:
    token, _secret = create_token(
        actor=member, name=name, scopes=["deals:read"], expires_at=timezone.now() + dt.timedelta(days=1)
    )
    return token


def test_the_secret_is_shown_once_and_works(world: World, as_member: Any) -> None:
    browser = as_member(world.anna)

    made = browser.post(browser.w("/settings/api/new/"), GIVEN, headers={"HX-Request": "true"})
    listed = browser.get(browser.w("/settings/api/"))

    secret = re.search(r"vrk_[\w-]{40,}", made.content.decode())[0]
    assert live_token(secret) == ApiToken.objects.get(member=world.anna)
    assert made.headers["Cache-Control"] == "no-store"
    assert secret not in listed.content.decode()
    assert "Сайт" in listed.content.decode()


def test_the_answer_with_the_secret_is_kept_nowhere(world: World, as_member: Any) -> None:
    from django.db import connection

    browser = as_member(world.anna)
    page = browser.get(browser.w("/settings/api/new/")).content.decode()
    once = re.search(r'name="once" value="([^"]+)"', page)[1]

    browser.post(browser.w("/settings/api/new/"), {**GIVEN, "once": once})

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM voronka_cache WHERE value LIKE '%%vrk_%%'")
        assert cursor.fetchone() == (0,)


def test_a_token_without_a_purpose_is_not_made(world: World, as_member: Any) -> None:
    browser = as_member(world.anna)

    answer = browser.post(browser.w("/settings/api/new/"), {**GIVEN, "scopes": []})

    assert answer.status_code == 422
    assert not ApiToken.objects.exists()


def test_one_sees_ones_own_and_an_administrator_everybodys(world: World, as_member: Any) -> None:
    make(world.anna, "Ключ Анны")
    make(world.admin, "Ключ Игоря")
    anna, admin = as_member(world.anna), as_member(world.admin)

    def shown(browser: Any, query: str = "") -> str:
        return browser.get(browser.w(f"/settings/api/{query}")).content.decode()

    assert "Ключ Игоря" not in shown(anna, "?view=all")
    assert "Ключ Анны" not in shown(admin)
    assert "Ключ Анны" in shown(admin, "?view=all")
    assert "Ключ Игоря" in shown(admin, "?view=all")


def test_revoking_is_for_ones_own_and_for_administrators(world: World, as_member: Any) -> None:
    first, second = make(world.anna, "Первый"), make(world.anna, "Второй")
    boris, anna, admin = as_member(world.boris), as_member(world.anna), as_member(world.admin)

    assert boris.post(boris.w(f"/settings/api/{first.pk}/revoke/")).status_code == 403
    assert anna.post(anna.w(f"/settings/api/{first.pk}/revoke/")).status_code == 302
    assert admin.post(admin.w(f"/settings/api/{second.pk}/revoke/")).status_code == 302
    assert not ApiToken.objects.filter(revoked_at=None).exists()
    assert "Отозванные" in anna.get(anna.w("/settings/api/")).content.decode()


def test_another_companys_token_is_not_there(world: World, stranger: World, as_member: Any) -> None:
    from voronka.core.tenancy import scope

    with scope(stranger.workspace):
        token = make(stranger.anna, "Чужой")
    admin = as_member(world.admin)

    assert admin.post(admin.w(f"/settings/api/{token.pk}/revoke/")).status_code == 404


def test_a_new_token_reaches_as_far_as_the_role_by_itself(world: World, as_member: Any) -> None:
    for member, reach in ((world.anna, Reach.OWN), (world.admin, Reach.ALL)):
        form = as_member(member).get(f"/w/{world.workspace.slug}/settings/api/new/").context["form"]
        assert form["reach"].value() == reach
