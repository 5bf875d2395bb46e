"""What every command needs before it starts: a data folder that can be written and a database that answers."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from voronka.config.databases import parse_database_url
from voronka.config.environment import Environment
from voronka.config.postgres import Server, place
from voronka.config.texts import Fault
from voronka.config.texts import gettext as _

OLDEST_POSTGRES = 15


def say(message: str) -> None:
    """Progress of a command, seen at once even through a pipe."""
    print(message, flush=True)


def data_folder(env: Environment) -> None:
    """Make the data folder. Raises Fault if it cannot be written."""
    try:
        env.data.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=env.data):
            pass
        for name in ("secret-key", "postgres.json"):
            if (env.data / name).exists() and not os.access(env.data / name, os.R_OK):
                raise PermissionError(13, name)
    except OSError as error:
        raise Fault(
            _(
                "The data folder {folder} cannot be written ({reason}): give it to this user or set VORONKA_DATA."
            ).format(folder=env.data, reason=error.strerror or error)
        ) from error


@contextmanager
def database(env: Environment, *, tell: Callable[[str], None] = say) -> Iterator[str]:
    """The database answers while the block runs; yields its address. Raises Fault if it does not."""
    if env.database_url:
        connect(env.database_url, "DATABASE_URL").close()
        yield env.database_url
        return
    data_folder(env)
    with Server(place(env.data), tell).used() as url:
        yield url


def connect(url: str, setting: str) -> psycopg.Connection[Any]:
    """A connection to *url* outside Django. Raises Fault that names the *setting* if there is none."""
    given = parse_database_url(url)
    where = f"{given['HOST'] or 'localhost'}:{given['PORT'] or 5432}/{given['NAME']}"
    try:
        connection = psycopg.connect(**libpq(url), connect_timeout=10, autocommit=True)
    except psycopg.Error as error:
        raise Fault(
            _("The database {where} ({setting}) does not answer: {reason}").format(
                where=where, setting=setting, reason=_reason(error)
            )
        ) from error
    if connection.info.server_version < OLDEST_POSTGRES * 10000:
        connection.close()
        raise Fault(
            _("The database {where} is PostgreSQL {has}; {oldest} or newer is needed.").format(
                where=where, has=connection.info.server_version // 10000, oldest=OLDEST_POSTGRES
            )
        )
    return connection


def libpq(url: str) -> dict[str, Any]:
    """The address as keyword arguments of libpq."""
    given = parse_database_url(url)
    options = {name: value for name, value in given["OPTIONS"].items() if name != "pool"}
    named = {
        "host": given["HOST"],
        "port": given["PORT"],
        "user": given["USER"],
        "password": given["PASSWORD"],
        "dbname": given["NAME"],
    }
    return {**{name: value for name, value in named.items() if value}, **options}


def _reason(error: psycopg.Error) -> str:
    """The telling last line of a connection error."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    telling = [line for line in lines if "failed:" in line or "FATAL" in line] or lines[:1] or [repr(error)]
    return telling[-1].rpartition("failed: ")[2]
