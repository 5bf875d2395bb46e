"""`voronka backup FILE` and `voronka restore FILE`: the whole installation in one archive.

The archive is a tar with `about.json`, `database.dump` (pg_dump's custom format), `secret-key` and `files/`.
It holds everything people entrusted to the installation, so it is readable by its owner only.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from voronka.config.environment import Environment
from voronka.config.installation import connect, data_folder, database, libpq, say
from voronka.config.postgres import Server, place, tool
from voronka.config.texts import Fault
from voronka.config.texts import gettext as _

FORMAT = 1


def backup(env: Environment, arguments: list[str]) -> int:
    """Write the archive. It appears under its name only when it is whole."""
    parser = argparse.ArgumentParser(prog="voronka backup")
    parser.add_argument("file", type=Path)
    given = parser.parse_args(arguments)
    target: Path = given.file.absolute()
    data_folder(env)
    with ExitStack() as stack:
        url = stack.enter_context(database(env))
        try:
            fresh = Path(
                stack.enter_context(tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent))
            )
        except OSError as error:
            raise Fault(
                _("{file} cannot be written: {reason}.").format(file=target, reason=error.strerror or error)
            ) from error
        say(_("Saving the database…"))
        dump = fresh / "database.dump"
        _run_tool("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={dump}")
        say(_("Saving the files…"))
        about = {
            "format": FORMAT,
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "voronka": _version(),
        }
        (fresh / "about.json").write_text(json.dumps(about))
        whole = fresh / "archive"
        with tarfile.open(whole, "w") as archive:
            for path, name in (
                (fresh / "about.json", "about.json"),
                (dump, "database.dump"),
                (env.data / "secret-key", "secret-key"),
                (env.data / "files", "files"),
            ):
                if path.exists():
                    archive.add(path, name)
        whole.chmod(0o600)
        whole.replace(target)
    say(
        _("Saved: {file} ({megabytes} MB).").format(
            file=target, megabytes=f"{target.stat().st_size / 1e6:.1f}"
        )
    )
    return 0


def restore(env: Environment, arguments: list[str]) -> int:
    """Put an archive back. A database that holds something is replaced only with `--force`."""
    parser = argparse.ArgumentParser(prog="voronka restore")
    parser.add_argument("file", type=Path)
    parser.add_argument("--force", action="store_true", help=_("replace what is there"))
    given = parser.parse_args(arguments)
    data_folder(env)
    if not env.database_url and Server(place(env.data)).in_use():
        raise Fault(_("Voronka is running: stop it first."))
    with ExitStack() as stack:
        fresh = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=".restore-", dir=env.data)))
        _unpack(given.file, fresh)
        url = stack.enter_context(database(env))
        connection = stack.enter_context(connect(url, "DATABASE_URL"))
        if not given.force and _holds_something(connection):
            raise Fault(_("The database is not empty: add --force to replace what is there."))
        say(_("Restoring the database…"))
        _replace_database(connection, url, fresh / "database.dump")
        say(_("Restoring the files…"))
        _replace_files(env, fresh)
    say(_("Restored: {file}.").format(file=given.file))
    return 0


def _unpack(file: Path, folder: Path) -> None:
    try:
        with tarfile.open(file, "r") as archive:
            archive.extractall(folder, filter="data")
        about = json.loads((folder / "about.json").read_text())
        known = about["format"] <= FORMAT and (folder / "database.dump").exists()
    except (OSError, tarfile.TarError, ValueError, KeyError) as error:
        reason = getattr(error, "strerror", None) or _("not a backup of Voronka")
        raise Fault(_("{file} cannot be read: {reason}.").format(file=file, reason=reason)) from error
    if not known:
        raise Fault(_("{file} was made by a newer Voronka: update this one first.").format(file=file))


def _holds_something(connection: psycopg.Connection[Any]) -> bool:
    query = "SELECT 1 FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LIMIT 1"
    return connection.execute(query).fetchone() is not None


def _replace_database(connection: psycopg.Connection[Any], url: str, dump: Path) -> None:
    """Restore beside what is there and swap the schemas at the end: a failure leaves the old data whole."""
    old = f"before_restore_{int(time.time())}"
    with connection.transaction():
        # Extensions live in the schema and are named in the dump; they go and come back with it.
        connection.execute(f"ALTER SCHEMA public RENAME TO {old}")
        connection.execute("CREATE SCHEMA public")
        for (name,) in connection.execute(
            "SELECT extname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE nspname = %s",
            [old],
        ).fetchall():
            connection.execute(f'ALTER EXTENSION "{name}" SET SCHEMA public')
    try:
        _run_tool(
            *("pg_restore", url, "--no-owner", "--no-privileges", "--no-comments", "--exit-on-error"),
            *("--single-transaction", str(dump)),
        )
    except Fault:
        with connection.transaction():
            for (name,) in connection.execute(
                "SELECT extname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE nspname = 'public'"
            ).fetchall():
                connection.execute(f'ALTER EXTENSION "{name}" SET SCHEMA {old}')
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute(f"ALTER SCHEMA {old} RENAME TO public")
        raise
    connection.execute(f"DROP SCHEMA {old} CASCADE")
    connection.execute("ANALYZE")


def _replace_files(env: Environment, fresh: Path) -> None:
    files = env.data / "files"
    if files.exists():
        files.rename(fresh / "files-before")
    if (fresh / "files").exists():
        (fresh / "files").rename(files)
    if (fresh / "secret-key").exists():
        shutil.copyfile(fresh / "secret-key", fresh / "key")
        (fresh / "key").chmod(0o600)
        (fresh / "key").replace(env.data / "secret-key")


def _conninfo(url: str) -> str:
    # The password goes through the environment: the command line is visible to all.
    return psycopg.conninfo.make_conninfo(**{k: v for k, v in libpq(url).items() if k != "password"})


def _run_tool(name: str, url: str, *arguments: str) -> None:
    """Run a client program of the embedded PostgreSQL; it serves older servers too."""
    done = subprocess.run(
        [tool(name), f"--dbname={_conninfo(url)}", "--no-password", *arguments],
        env={**os.environ, "PGPASSWORD": str(libpq(url).get("password", ""))},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or ["?"]
        raise Fault(f"{name}: {lines[0]}")


def _version() -> str:
    from importlib.metadata import version

    return version("voronka")
