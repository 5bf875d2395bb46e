"""Fixtures of all tests. The people are fixed (tests/world.py); each test has a database of its own transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from tests.plugins.database import django_db_setup  # noqa: F401 - takes the place of pytest-django's fixture
from tests.world import World, make_book, make_world
from voronka.core.tenancy import scope


@pytest.fixture(autouse=True)
def _quick_and_quiet(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def world(db: None) -> Iterator[World]:
    """The company «romashka», its scope entered."""
    made = make_world()
    with scope(made.workspace):
        yield made


@pytest.fixture
def stranger(db: None) -> World:
    """Another company with people of the same names; its scope is not entered."""
    return make_world("vasilek")


@pytest.fixture
def funnel(world: World) -> Any:
    """The world's funnel of five stages (with reasons, kinds, a segment, sources, a product)."""
    return make_book(world)


@pytest.fixture
def as_member() -> Callable[[Any], Client]:
    """`as_member(world.anna)` is a browser in which Anna has signed in; `.w("/deals/")` prefixes the workspace."""

    def sign_in(member: Any) -> Client:
        client = Client()
        client.force_login(member.user, backend="allauth.account.auth_backends.AuthenticationBackend")
        client.w = lambda path="/": f"/w/{member.workspace.slug}{path}"  # type: ignore[attr-defined]
        return client

    return sign_in
