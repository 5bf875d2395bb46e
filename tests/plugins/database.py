"""Where tests have their database.

Without `DATABASE_URL` an embedded PostgreSQL of their own runs under `build/test`, made for speed and not for
keeping. The schema is migrated once into a template, which is kept until a migration changes; each run and each
xdist worker gets a copy, which takes a fraction of a second.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[2]
# Any number will do: workers queue here while one of them makes the template.
TEMPLATE_LOCK = 774_002

# Nothing of a test run has to survive a crash.
CARELESS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "256MB",
}

_running = ExitStack()


def _own_server() -> None:
    """Start the embedded server before Django reads its settings. Workers of xdist inherit the address."""
    os.environ.setdefault("VORONKA_DATA", str(ROOT / "build" / "test"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "voronka.config.settings")
    if os.environ.get("DATABASE_URL"):
        return
    from voronka.config.environment import Environment
    from voronka.config.installation import data_folder
    from voronka.config.postgres import Server, place

    env = Environment.read()
    if env.database_url:
        return
    data_folder(env)
    server = Server(place(env.data), lambda message: None, CARELESS)
    os.environ["DATABASE_URL"] = _running.enter_context(server.used())


_own_server()


def pytest_unconfigure(config: pytest.Config) -> None:
    _running.close()


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """A database of this process, copied from the template. Takes the place of pytest-django's own."""
    from django.db import connection

    settings = connection.settings_dict
    original = settings["NAME"]
    base = f"test_{original}"
    copy = f"{base}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
    with django_db_blocker.unblock(), psycopg.connect(**_maintenance(settings), autocommit=True) as admin:
        admin.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", [TEMPLATE_LOCK, base])
        template = _template(admin, base)
        admin.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        admin.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", [TEMPLATE_LOCK, base])
        _switch(connection, copy)
        yield
        _switch(connection, original)
        admin.execute(f'DROP DATABASE "{copy}" WITH (FORCE)')


def _template(admin: psycopg.Connection[Any], base: str) -> str:
    """The name of the migrated template; made if the migrations have changed, the older ones dropped."""
    from django.core.management import call_command
    from django.db import connection

    prefix = f"{base}_template_"
    template = prefix + _migrations_digest()
    known = admin.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix]
    ).fetchall()
    if (template,) in known:
        return template
    for (name,) in known:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    # It gets its name when it is whole.
    fresh = f"{base}_fresh"
    admin.execute(f'DROP DATABASE IF EXISTS "{fresh}" WITH (FORCE)')
    admin.execute(f'CREATE DATABASE "{fresh}"')
    _switch(connection, fresh)
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    _switch(connection, fresh)
    admin.execute(f'ALTER DATABASE "{fresh}" RENAME TO "{template}"')
    return template


def _migrations_digest() -> str:
    """Changes whenever any app's migrations do."""
    from django.apps import apps

    digest = hashlib.sha256()
    for app in sorted(apps.get_app_configs(), key=lambda app: app.label):
        for file in sorted(Path(app.path, "migrations").rglob("*.py")):
            digest.update(f"{app.label}/{file.name}".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _switch(connection: Any, name: str) -> None:
    """Point Django's connection at another database; nothing stays open to the former."""
    connection.close()
    connection.close_pool()
    connection.settings_dict["NAME"] = name


def _maintenance(settings: dict[str, Any]) -> dict[str, Any]:
    options = {key: value for key, value in settings["OPTIONS"].items() if key not in {"pool"}}
    named = {
        "host": settings["HOST"],
        "port": settings["PORT"],
        "user": settings["USER"],
        "password": settings["PASSWORD"],
    }
    return {**{key: value for key, value in named.items() if value}, **options, "dbname": "postgres"}
