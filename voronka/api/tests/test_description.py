"""The description in the repository is the one of the interface."""

from __future__ import annotations

import re

from voronka.api.management.commands.openapi import SNAPSHOT, snapshot
from voronka.api.openapi import document
from voronka.api.service import operations
from voronka.api.urls import api
from voronka.workspaces.scopes import Scope

GUIDE = SNAPSHOT.parents[1] / "api.md"


def test_the_snapshot_is_up_to_date() -> None:
    assert SNAPSHOT.read_text(encoding="utf-8") == snapshot(), "run: voronka openapi"


def test_every_operation_needs_a_token_and_says_what_scope() -> None:
    known = {"", *Scope.values}

    for operation in operations(api):
        assert [guard.scope for guard in operation.auth_callbacks if guard.scope in known], operation.path
    for path, methods in document(api)["paths"].items():
        for method, described in methods.items():
            assert described["security"] == [{"Token": []}], f"{method} {path}"
            assert described["description"], f"{method} {path}"


def test_reading_asks_for_a_reading_scope_and_writing_for_a_writing_one() -> None:
    for methods in document(api)["paths"].values():
        for method, described in methods.items():
            scope = described.get("x-scope", "")
            assert scope.endswith(":read" if method == "get" else ":write") or not scope


def test_the_guide_speaks_of_addresses_that_are_there() -> None:
    paths = set(document(api)["paths"])

    named = set(
        re.findall(r"`(?:GET|POST|PATCH|DELETE) (/api/v1/[^`?\s]*)", GUIDE.read_text(encoding="utf-8"))
    )

    assert named
    assert {re.sub(r"\{\w+\}", "{}", path) for path in named} <= {
        re.sub(r"\{\w+\}", "{}", path) for path in paths
    }
