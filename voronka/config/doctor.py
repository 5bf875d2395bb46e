"""`voronka doctor`: is the installation as it should be; each problem comes with its remedy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from voronka.config.environment import Environment
from voronka.config.installation import connect, data_folder, database
from voronka.config.texts import Fault
from voronka.config.texts import gettext as _

EXTENSIONS = ("pg_trgm", "unaccent", "btree_gin", "btree_gist")
GB = 1024**3
LITTLE_DISK, NO_DISK = 2 * GB, GB // 4
PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Finding:
    """One thing looked at; a problem has a remedy."""

    what: str
    remedy: str = ""


def doctor(env: Environment, arguments: list[str]) -> int:
    """Print every finding; exit code 1 if there is a problem."""
    problems = 0
    for finding in examine(env):
        if finding.remedy:
            problems += 1
            print(f"✗ {finding.what}\n  → {finding.remedy}", flush=True)
        else:
            print(f"✓ {finding.what}", flush=True)
    print(
        _("Everything is as it should be.")
        if not problems
        else _("Problems: {count}.").format(count=problems)
    )
    return 1 if problems else 0


def examine(env: Environment) -> Iterator[Finding]:
    """Everything that is looked at, in order; what cannot be looked at after a problem is left out."""
    yield from _package()
    try:
        data_folder(env)
    except Fault as fault:
        yield Finding(_("Data folder {folder}").format(folder=env.data), str(fault))
        return
    yield Finding(_("Data folder {folder}").format(folder=env.data))
    yield _disk(env.data)
    with ExitStack() as stack:
        try:
            url = stack.enter_context(database(env, tell=lambda message: None))
            connection = stack.enter_context(connect(url, "DATABASE_URL"))
        except Fault as fault:
            yield Finding(_("Database"), str(fault))
            return
        version = str(connection.info.parameter_status("server_version")).split()[0]
        kind = _("PostgreSQL {version}").format(version=version)
        yield Finding(kind if env.database_url else _("Embedded {kind}").format(kind=kind))
        yield from examine_database(connection)
        yield from _direct(env)
        yield _migrations()


def _package() -> Iterator[Finding]:
    for path, what in (
        (PACKAGE / "ui" / "vendor" / "htmx.min.js", _("Browser packages")),
        (PACKAGE / "locale" / "ru" / "LC_MESSAGES" / "django.mo", _("Russian texts")),
    ):
        yield Finding(
            what,
            "" if path.exists() else _("They were not built: run make setup, or install the package anew."),
        )


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    what = _("Free on the disk: {gigabytes} GB").format(gigabytes=f"{free / GB:.1f}")
    if free < LITTLE_DISK:
        return Finding(
            what,
            _("Free some space: below {gigabytes} GB the database may stop.").format(
                gigabytes=LITTLE_DISK // GB
            ),
        )
    return Finding(what)


def examine_database(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    """Encoding, extensions, and what the locale does to Cyrillic. Changes nothing."""
    encoding = connection.info.parameter_status("server_encoding")
    yield Finding(
        _("Encoding {encoding}").format(encoding=encoding),
        ""
        if encoding == "UTF8"
        else _("Make the database anew: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0."),
    )
    # Extensions not installed yet are tried in a transaction that is taken back.
    with connection.transaction(force_rollback=True):
        trigrams = True
        for name in EXTENSIONS:
            remedy = _extension_remedy(connection, name)
            trigrams = trigrams and not (remedy and name == "pg_trgm")
            yield Finding(_("Extension {name}").format(name=name), remedy)
        yield from _cyrillic(connection, trigrams=trigrams)


def _extension_remedy(connection: psycopg.Connection[Any], name: str) -> str:
    known = connection.execute(
        "SELECT installed_version FROM pg_available_extensions WHERE name = %s", [name]
    ).fetchone()
    if known is None:
        return _("Install PostgreSQL's contrib package on the database server (postgresql-contrib).")
    if known[0] is None:
        try:
            with connection.transaction():
                connection.execute(f"CREATE EXTENSION {name}")
        except psycopg.errors.InsufficientPrivilege:
            return _("Let the database's owner run: CREATE EXTENSION {name};").format(name=name)
    return ""


def _cyrillic(connection: psycopg.Connection[Any], *, trigrams: bool) -> Iterator[Finding]:
    locale = _(
        "The locale of the database does not know Cyrillic: make it anew with "
        "CREATE DATABASE … TEMPLATE template0 LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LC_CTYPE 'C.UTF-8' "
        "(before PostgreSQL 17: LC_CTYPE 'C.UTF-8' or 'ru_RU.UTF-8')."
    )
    dictionary = _(
        "The Russian dictionary (snowball) is missing on the database server: install PostgreSQL whole."
    )
    looks = [
        (_("Small and capital letters: lower"), "SELECT lower('ЁЖИК') = 'ёжик'", locale),
        (_("Small and capital letters: ILIKE"), "SELECT 'Ромашка' ILIKE '%РОМ%'", locale),
        (
            _("Stemming of Russian words"),
            "SELECT to_tsvector('russian', 'сделками') @@ to_tsquery('russian', 'сделка')",
            dictionary,
        ),
    ]
    if trigrams:
        # With ctype C letters outside ASCII are no letters and give no trigrams.
        looks.append((_("Trigrams of Cyrillic"), "SELECT similarity('ромашка', 'ромашки') > 0.4", locale))
    for what, query, remedy in looks:
        try:
            with connection.transaction():
                row = connection.execute(query).fetchone()
        except psycopg.Error:
            row = None
        yield Finding(what, "" if row and row[0] else remedy)


def _direct(env: Environment) -> Iterator[Finding]:
    if not env.database_direct_url or env.database_direct_url == env.database_url:
        return
    what = _("Direct address for the worker (DATABASE_DIRECT_URL)")
    try:
        connect(env.database_direct_url, "DATABASE_DIRECT_URL").close()
    except Fault as fault:
        yield Finding(what, str(fault))
    else:
        yield Finding(what)


def _migrations() -> Finding:
    import django

    django.setup()
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    planned = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
    if planned:
        return Finding(
            _("Migrations to be applied: {count}").format(count=planned),
            _("Run voronka migrate (voronka serve does it too)."),
        )
    return Finding(_("Migrations are applied"))
