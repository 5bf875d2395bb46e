"""Where the data lives: `DATABASE_URL`, else the PostgreSQL that `voronka serve` runs itself."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from voronka.config.environment import Environment
from voronka.config.texts import Fault
from voronka.config.texts import gettext as _


class BadDatabaseUrl(Fault):
    """`DATABASE_URL` cannot be read; the message says what is wrong with it."""


def parse_database_url(url: str) -> dict[str, Any]:
    """Turn `postgres://user:password@host:port/name?option=value` into Django's settings.

    Raises `BadDatabaseUrl` for another scheme or a missing database name.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise BadDatabaseUrl(
            _("DATABASE_URL: postgres://user:password@host:5432/name is expected, not “{given}”.").format(
                given=f"{parts.scheme}://…" if parts.scheme else "…"
            )
        )
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise BadDatabaseUrl(
            _("DATABASE_URL: the name of the database is missing (postgres://user:password@host:5432/NAME).")
        )
    try:
        port = parts.port
    except ValueError as error:
        raise BadDatabaseUrl(_("DATABASE_URL: the port is not a number from 1 to 65535.")) from error
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port or ""),
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 8, "timeout": 10}, **options},
    }


def databases(env: Environment) -> dict[str, Any]:
    """Django's DATABASES for *env*; without an address, the embedded server's own."""
    if env.database_url:
        return {"default": parse_database_url(env.database_url)}
    from voronka.config.postgres import embedded_url

    return {"default": parse_database_url(embedded_url(env))}
