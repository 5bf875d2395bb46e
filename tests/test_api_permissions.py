"""Every operation of the API × six roles × (own, team's, another's, another workspace's) thing.

The rows stand in `tests/permissions/api_table.py`; an operation without one fails here. Tokens have all scopes and the
whole reach: what holds is the member's role. What scopes and reach take away is held by voronka/api/tests.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.handlers.base import BaseHandler
from django.db import transaction
from django.test import RequestFactory
from django.utils import timezone

from tests.permissions.api_table import NO_FOREIGN, OPERATIONS, Op
from tests.permissions.cast import ACTORS, WHOSE, Cast, Things, make_cast
from tests.permissions.table import ROLES
from voronka.api.openapi import document
from voronka.api.urls import api
from voronka.core.tenancy import scope
from voronka.journal.models import Event
from voronka.workspaces.actions import create_token
from voronka.workspaces.rights import Reach
from voronka.workspaces.scopes import Scope

# Done, or a rule of the house against it; never 403, 404, 405 or 5xx.
LET_IN = {200, 201, 204, 409, 422}
ADDRESSES = {
    operation["operationId"]: (method.upper(), path)
    for path, methods in document(api)["paths"].items()
    for method, operation in methods.items()
}


class Stage:
    """Both workspaces and a token for every role; what a request writes is rolled back."""

    handler = BaseHandler()

    def __init__(self) -> None:
        self.cast, self.stranger = make_cast("romashka"), make_cast("vasilek")
        self.factory = RequestFactory()
        self.secrets = {role: self._token(name) for role, name in ACTORS.items()}

    def _token(self, name: str) -> str:
        with scope(self.cast.world.workspace):
            _token, secret = create_token(
                actor=self.cast.world.members[name],
                name="Таблица",
                scopes=Scope.values,
                reach=Reach.ALL,
                expires_at=timezone.now() + dt.timedelta(days=1),
            )
        return secret

    def ask(self, role: str, op: Op, things: Things, cast: Cast) -> tuple[int, bool]:
        """(status, whether anything was recorded)."""
        if self.handler._middleware_chain is None:
            self.handler.load_middleware()
        method, path = ADDRESSES[op.name]
        with scope(cast.world.workspace):
            address = path.format(**(op.ids(things, cast) if op.ids else {})) + op.query
            body = op.sent(things, cast)
        request = self.factory.generic(
            method,
            address,
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.secrets[role]}"},
        )
        with transaction.atomic():
            before = Event.objects.unscoped().count()
            response = self.handler.get_response(request)
            wrote = Event.objects.unscoped().count() > before
            transaction.set_rollback(True)
        return response.status_code, wrote


@pytest.fixture(scope="module")
def stage(django_db_setup: None, django_db_blocker: Any) -> Iterator[Stage]:
    with (
        pytest.MonkeyPatch.context() as patch,
        django_db_blocker.unblock(),
        scope(None),
        transaction.atomic(),
    ):
        patch.setattr("django.conf.settings.API_PER_MINUTE", 1_000_000)
        yield Stage()
        transaction.set_rollback(True)


def test_every_operation_stands_in_the_table() -> None:
    assert {op.name for op in OPERATIONS} == set(ADDRESSES)


@pytest.mark.parametrize("op", OPERATIONS, ids=lambda op: op.name)
def test_who_comes_in(stage: Stage, op: Op) -> None:
    wrong = []
    for role in ROLES:
        for whose in WHOSE if op.ids and not op.shared else ("own",):
            may = {"own": "o", "team": "t", "other": "a"}[whose] in op.may[role]
            status, wrote = stage.ask(role, op, stage.cast.of(role, whose), stage.cast)
            if (status not in LET_IN) if may else (status != 403 or wrote):
                wrong.append(f"{role}, {whose}: answered {status}, {'may' if may else 'may not'}")

    assert wrong == []


@pytest.mark.parametrize("op", [op for op in OPERATIONS if op.ids], ids=lambda op: op.name)
def test_another_workspace_does_not_exist(stage: Stage, op: Op) -> None:
    if op.name in NO_FOREIGN:
        pytest.skip("it names nothing of another workspace")
    wrong = []
    for role in ROLES:
        if not op.may[role]:
            continue
        status, wrote = stage.ask(role, op, stage.stranger.things["anna"], stage.stranger)
        if status != 404 or wrote:
            wrong.append(f"{role}: their thing answered {status}")

    assert wrong == []
