"""Every address × six roles × (own, team's, another's, another workspace's) thing: who comes in, who does not.

The rows stand in `tests/permissions/table.py`; an address without one fails here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.db import transaction
from django.test import Client, RequestFactory
from django.urls import URLPattern, get_resolver, reverse

from tests.permissions.cast import ACTORS, WHOSE, Cast, Things, make_cast
from tests.permissions.table import ALL, NO_OWN_ROWS, OUTSIDE, ROLES, TABLE, Row
from tests.world import make_member
from voronka.core.tenancy import scope
from voronka.journal.models import Event
from voronka.workspaces.models import Role

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
# Let in: done, shown, sent on, or a sentence about what was typed. Never 403, 404, 405 or 5xx.
LET_IN = {200, 204, 302, 400, 409, 422}


class Visitor:
    """Asks through the whole stack of middleware, without the test client's copies of every template context:
    there are thousands of requests."""

    handler = BaseHandler()

    def __init__(self, member: Any = None) -> None:
        self.factory = RequestFactory()
        if member is not None:
            browser = Client()
            browser.force_login(member.user, backend=BACKEND)
            name = settings.SESSION_COOKIE_NAME
            self.factory.cookies[name] = browser.cookies[name].value

    def ask(self, method: str, address: str, data: dict[str, Any] | None = None) -> Any:
        if self.handler._middleware_chain is None:
            self.handler.load_middleware()
        factory = self.factory
        request = factory.get(address) if method == "G" else factory.post(address, data or {})
        request._dont_enforce_csrf_checks = True
        response = self.handler.get_response(request)
        # The files of downloads; `close()` would also end the connection that everything is rolled back in.
        for close in response._resource_closers:
            close()
        return response


class Stage:
    """Both workspaces, built once, and a visitor for every role. What a request writes is rolled back."""

    def __init__(self) -> None:
        self.cast = make_cast("romashka")
        self.stranger = make_cast("vasilek")
        members = self.cast.world.members
        self.visitors = {role: Visitor(members[name]) for role, name in ACTORS.items()}
        self.anonymous = Visitor()
        with scope(self.cast.world.workspace):
            bare = Role.objects.create(code="own-bare", name="Без прав", rights={})
            guest = make_member(self.cast.world, "guest", "seller", "north", "Гость Без Прав")
            guest.role = bare
            guest.save()
        self.guest = Visitor(guest)

    def address(self, row: Row, things: Things, cast: Cast, slug: str = "") -> str:
        with scope(cast.world.workspace):
            args = row.args(things, cast) if row.args else ()
        return reverse(row.name, args=[slug or cast.world.slug, *args]) + row.query

    def ask(self, visitor: Visitor, method: str, address: str, data: dict[str, Any]) -> tuple[int, bool]:
        """(status, whether anything was recorded); everything is rolled back afterwards."""
        with transaction.atomic():
            before = Event.objects.unscoped().count()
            response = visitor.ask(method, address, data)
            wrote = Event.objects.unscoped().count() > before
            transaction.set_rollback(True)
        return response.status_code, wrote


@pytest.fixture(scope="module")
def stage(django_db_setup: None, django_db_blocker: Any) -> Iterator[Stage]:
    with django_db_blocker.unblock(), scope(None), transaction.atomic():
        yield Stage()
        transaction.set_rollback(True)


def rows() -> list[Any]:
    return [pytest.param(row, id=f"{row.name}-{row.methods}") for row in TABLE]


def patterns(resolver: Any = None) -> Iterator[URLPattern]:
    """Addresses of pages; those of the interface for programs have a table of their own (test_api_permissions)."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            yield pattern
        elif pattern.app_name == "ninja":
            continue
        else:
            yield from patterns(pattern)


def test_every_address_stands_in_the_table() -> None:
    named = {pattern.name for pattern in patterns()}
    known = {row.name for row in TABLE} | OUTSIDE

    assert None not in named, "an address without a name"
    assert named - known == set(), "addresses without a row in tests/permissions/table.py"
    assert known - named == set(), "rows without an address"


def test_every_view_inside_a_workspace_says_what_it_needs() -> None:
    """`workspace_view` is the one door: a view without it would ask for no right at all."""
    bare = [p.name for p in patterns() if p.name not in OUTSIDE and not hasattr(p.callback, "needs")]

    assert bare == []


@pytest.mark.parametrize("row", rows())
def test_who_comes_in(stage: Stage, row: Row) -> None:
    wrong = []
    for role in ROLES:
        for whose in WHOSE if row.is_owned else ("own",):
            things = stage.cast.of(role, whose)
            address = stage.address(row, things, stage.cast)
            with scope(stage.cast.world.workspace):
                data = row.data(things, stage.cast)
            may = {"own": "o", "team": "t", "other": "a"}[whose] in row.may[role]
            for method in row.methods:
                status, wrote = stage.ask(stage.visitors[role], method, address, data)
                if (status not in LET_IN) if may else (status != 403 or wrote):
                    wrong.append(
                        f"{role}, {whose}: {method} answered {status}, {'may' if may else 'may not'}"
                    )

    assert wrong == []


@pytest.mark.parametrize("row", rows())
def test_a_role_without_any_right_breaks_nothing_and_changes_nothing(stage: Stage, row: Row) -> None:
    """What is open to every member stays open; the rest is 403, never an error, and nothing is written."""
    things = stage.cast.of("seller", "team")
    address = stage.address(row, things, stage.cast)
    with scope(stage.cast.world.workspace):
        data = row.data(things, stage.cast)
    for method in row.methods:
        status, wrote = stage.ask(stage.guest, method, address, data)
        assert status in LET_IN | {403, 404}, (method, status)
        assert not wrote or row.may == ALL, (method, status)


@pytest.mark.parametrize("row", rows())
def test_another_workspace_does_not_exist(stage: Stage, row: Row) -> None:
    theirs = stage.stranger.things["anna"]
    wrong = []
    for role in ROLES:
        for method in row.methods:
            status, wrote = stage.ask(
                stage.visitors[role], method, stage.address(row, theirs, stage.stranger), {}
            )
            if status != 404 or wrote:
                wrong.append(f"{role}: {method} in their workspace answered {status}")
            if row.args is None or row.name in NO_OWN_ROWS or not row.may[role]:
                continue
            address = stage.address(row, theirs, stage.stranger, slug="romashka")
            status, wrote = stage.ask(stage.visitors[role], method, address, {})
            if status != 404 or wrote:
                wrong.append(f"{role}: {method} of their thing in our workspace answered {status}")

    assert wrong == []


@pytest.mark.parametrize("row", rows())
def test_nobody_comes_in_without_signing_in(stage: Stage, row: Row) -> None:
    address = stage.address(row, stage.cast.things["anna"], stage.cast)

    for method in row.methods:
        with transaction.atomic():
            response = stage.anonymous.ask(method, address)
            transaction.set_rollback(True)
        assert response.status_code == 302
        assert response.headers["Location"].startswith("/accounts/login/")
