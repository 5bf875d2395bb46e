"""What stands around every request: tokens, limits, errors, languages."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from tests.world import World, make_company
from voronka.api.tests.calling import Program
from voronka.core.tenancy import scope
from voronka.deals.actions import create_deal
from voronka.deals.models import Deal
from voronka.workspaces.actions import deactivate_member, revoke_token
from voronka.workspaces.models import ApiToken
from voronka.workspaces.rights import Reach

PROBLEM = "application/problem+json"


def test_a_program_learns_who_it_is(world: World) -> None:
    told = Program.of(world.anna, "deals:read", reach=Reach.OWN).get("/me/").json()

    assert told["member"]["name"] == world.anna.name
    assert told["workspace"]["slug"] == "romashka"
    assert told["token"]["scopes"] == ["deals:read"]
    assert told["token"]["reach"] == "own"


@pytest.mark.parametrize("secret", ["", "vrk_wrong", "Сделка".encode().decode("latin-1")])
def test_nobody_comes_in_without_a_live_token(world: World, secret: str) -> None:
    answer = Program(secret).get("/me/")

    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == PROBLEM
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["type"] == "urn:voronka:problem:no-token"


def test_revoked_expired_and_orphaned_tokens_end_at_once(world: World) -> None:
    revoked, expired, left = (Program.of(world.anna) for _number in range(3))
    for program in (revoked, expired, left):
        assert program.get("/me/").status_code == 200

    revoke_token(revoked.token, actor=world.anna)
    ApiToken.objects.filter(pk=expired.token.pk).update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert revoked.get("/me/").status_code == expired.get("/me/").status_code == 401
    assert left.get("/me/").status_code == 200
    deactivate_member(world.anna, actor=world.admin)
    assert left.get("/me/").status_code == 401


def test_signing_in_with_a_browser_is_no_token(world: World, as_member: Any) -> None:
    assert as_member(world.admin).get("/api/v1/me/").status_code == 401


def test_a_token_of_another_company_does_not_see_ours(world: World, stranger: World) -> None:
    company = make_company(world.anna)

    assert Program.of(stranger.admin).get(f"/companies/{company.pk}/").status_code == 404
    assert Program.of(stranger.admin).get("/companies/").json()["items"] == []


def test_a_scope_that_is_missing_is_told_and_nothing_happens(world: World, funnel: Any) -> None:
    program = Program.of(world.admin, "deals:read")

    answer = program.post("/deals/", {"title": "Сделка", "funnel": funnel.pk})

    assert answer.status_code == 403
    assert answer.json()["type"] == "urn:voronka:problem:no-scope"
    assert "deals:write" in answer.json()["detail"]
    assert not Deal.objects.exists()
    assert program.get("/deals/").status_code == 200
    assert program.get("/companies/").status_code == 403


def test_a_token_reaches_no_further_than_it_was_given(world: World, funnel: Any) -> None:
    own = create_deal(actor=world.north_head, title="Своя", funnel=funnel)
    annas = create_deal(actor=world.anna, title="Анны", funnel=funnel)
    veras = create_deal(actor=world.vera, title="Веры", funnel=funnel)

    def seen(reach: int) -> set[int]:
        items = Program.of(world.north_head, "deals:read", reach=reach).get("/deals/").json()["items"]
        return {item["id"] for item in items}

    assert seen(Reach.OWN) == {own.pk}
    assert seen(Reach.TEAM) == seen(Reach.ALL) == {own.pk, annas.pk}
    assert veras.pk not in seen(Reach.ALL)


def test_search_finds_only_what_the_scopes_let_see(world: World, funnel: Any) -> None:
    from voronka.clients.actions import create_company

    create_company(actor=world.anna, name="Стеллажные системы")
    create_deal(actor=world.anna, title="Стеллажи", funnel=funnel)

    def kinds(*scopes: str) -> set[str]:
        return {
            hit["kind"] for hit in Program.of(world.anna, *scopes).get("/search/?q=стеллаж").json()["items"]
        }

    assert kinds("deals:read", "clients:read") == {"deal", "company"}
    assert kinds("clients:read") == {"company"}
    assert kinds("book:read") == set()


def test_the_limit_is_told_and_held_for_each_token(world: World, settings: Any) -> None:
    settings.API_PER_MINUTE = 3
    program, other = Program.of(world.anna), Program.of(world.anna)

    answers = [program.get("/me/") for _number in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert answers[0].headers["RateLimit-Limit"] == "3"
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 60
    assert answers[3].headers["Content-Type"] == PROBLEM
    assert other.get("/me/").status_code == 200
    ApiToken.objects.filter(pk=program.token.pk).update(window_at=timezone.now() - dt.timedelta(minutes=2))
    assert program.get("/me/").status_code == 200


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/nothing/", 404),
        ("GET", "/api/", 404),
        ("GET", "/api/v2/deals/", 404),
        ("GET", "/deals/999999/", 404),
        ("GET", "/deals/abc/", 422),
        ("GET", "/deals/99999999999999999999/", 422),
        ("PUT", "/deals/", 405),
        ("DELETE", "/me/", 405),
        ("GET", "/deals/?q=%00", 400),
    ],
)
def test_every_error_is_a_problem_in_json(world: World, method: str, address: str, status: int) -> None:
    answer = Program.of(world.admin).ask(method, address)

    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == PROBLEM
    told = answer.json()
    assert told["status"] == status
    assert told["detail"]
    assert told["request_id"] == answer.headers["X-Request-Id"]


def test_a_wrong_method_names_the_right_ones(world: World) -> None:
    assert Program.of(world.admin).ask("PUT", "/deals/").headers["Allow"]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"title": NaN}', "application/json", 400),
        (b'{"title": "\\ud800"}', "application/json", 400),
        (b'{"title": "a\\u0000b"}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[]", "application/json", 422),
        (b"null", "application/json", 422),
        (b"title=x", "application/x-www-form-urlencoded", 415),
        (b'{"title": "' + b"x" * 1_100_000 + b'"}', "application/json", 413),
    ],
)
def test_a_body_that_cannot_be_read_is_told(world: World, body: bytes, kind: str, status: int) -> None:
    answer = Program.of(world.admin).post("/deals/", body, Content_Type=kind)

    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == PROBLEM


def test_what_breaks_on_our_side_is_told_calmly(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from voronka.api.rooms import search

    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr(search, "search", broken)

    answer = Program.of(world.anna).get("/search/?q=стеллаж", X_Request_Id="abc-1")

    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == PROBLEM
    assert answer.json()["request_id"] == answer.headers["X-Request-Id"] == "abc-1"
    assert "secret" not in answer.content.decode()


def test_sentences_are_in_the_asked_language(world: World) -> None:
    program = Program.of(world.anna)

    russian, english = (program.get("/deals/999999/", Accept_Language=code).json() for code in ("ru", "en"))

    assert russian["detail"] == "Здесь такого нет."
    assert english["detail"] == "There is no such thing."


def test_a_forged_request_id_is_replaced(world: World) -> None:
    answer = Program.of(world.anna).get("/me/", X_Request_Id="a b<script>")

    assert len(answer.headers["X-Request-Id"]) == 32


def test_answers_are_not_kept_by_anybody_on_the_way(world: World) -> None:
    assert Program.of(world.anna).get("/me/").headers["Cache-Control"] == "no-store"


def test_the_description_is_open_to_anybody_and_says_nothing_about_anybody(db: None) -> None:
    with scope(None):
        answer = Program("").get("/openapi.json")

    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.1")
