"""`voronka serve`: everything an installation runs, under one supervisor; `voronka worker`: background work alone."""

from __future__ import annotations

import argparse
import errno
import os
import socket
import subprocess
import sys
import time
from dataclasses import replace

from voronka.config.environment import Environment
from voronka.config.installation import connect, data_folder, database, say
from voronka.config.supervisor import Part, Supervisor
from voronka.config.texts import Fault
from voronka.config.texts import gettext as _

# Any number will do: it only has to be the same on every machine.
MIGRATION_LOCK = 774_001


def serve(env: Environment, arguments: list[str]) -> int:
    """Prepare the database and run the parts until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(prog="voronka serve")
    parser.add_argument("--demo", action="store_true", help=_("make a ready demo company if there is none"))
    parser.add_argument("--host", default=env.host)
    parser.add_argument("--port", type=int, default=env.port)
    given = parser.parse_args(arguments)
    env = replace(env, host=given.host, port=given.port)
    os.environ.update(VORONKA_HOST=given.host, VORONKA_PORT=str(given.port))
    data_folder(env)
    check_port(given.host, given.port)
    with database(env):
        prepared = subprocess.run([*_ourselves("prepare"), *(["--demo"] if given.demo else [])], check=False)
        if prepared.returncode != 0:
            return prepared.returncode
        check_port(given.host, given.port)
        supervisor = Supervisor(parts(env), say=say)
        supervisor.run(on_tick=_Announcement(env))
        say(_("Stopped."))
    return 0


def parts(env: Environment) -> list[Part]:
    """What runs: the web server and the worker, who also keeps the schedule."""
    web = [
        *(sys.executable, "-m", "granian", "voronka.config.asgi:application", "--interface", "asginl"),
        *("--host", env.host, "--port", str(env.port), "--workers", str(env.web_workers)),
        # Open live streams would hold SIGTERM for ever.
        *("--workers-kill-timeout", "3", "--respawn-failed-workers", "--log-level", "warning", "--no-ws"),
    ]
    return [Part("web", web), Part("worker", _ourselves("worker"))]


def _ourselves(command: str) -> list[str]:
    return [sys.executable, "-m", "voronka.config.cli", command]


def check_port(host: str, port: int) -> None:
    """Raises Fault if the port is taken or may not be used."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As the server does: a port that rests after the last run is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            # Servers that share ports (SO_REUSEPORT) are noticed only by listening.
            probe.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Fault(
                    _(
                        "Port {port} is taken: stop the program that holds it or choose another, VORONKA_PORT={other}."
                    ).format(port=port, other=port + 1 if port < 65535 else port - 1)
                ) from error
            raise Fault(
                _(
                    "The address {host}:{port} cannot be used ({reason}): see VORONKA_HOST and VORONKA_PORT."
                ).format(host=host, port=port, reason=error.strerror or error)
            ) from error


class _Announcement:
    """Says once that the pages are there."""

    def __init__(self, env: Environment) -> None:
        self.env = env
        self.done = False
        self.next_look = 0.0

    def __call__(self) -> None:
        if self.done or time.monotonic() < self.next_look:
            return
        self.next_look = time.monotonic() + 0.3
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.env.host, self.env.host)
        try:
            socket.create_connection((host, self.env.port), timeout=0.2).close()
        except OSError:
            return
        self.done = True
        say(_("Voronka is open at {url} (Ctrl-C stops it).").format(url=self.env.base_url))


def prepare(env: Environment, arguments: list[str]) -> int:
    """Bring the database up to date; with `--demo`, make the demo company and say how to sign in."""
    import django
    from django.core.management import CommandError, call_command

    with database(env):
        django.setup()
        from django.db import connection
        from django.db.migrations.executor import MigrationExecutor

        with connection.cursor() as cursor:
            # Several machines may start at once.
            cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
            try:
                executor = MigrationExecutor(connection)
                planned = executor.migration_plan(executor.loader.graph.leaf_nodes())
                if planned:
                    say(_("Preparing the database ({count} migrations)…").format(count=len(planned)))
                    call_command("migrate", interactive=False, verbosity=0)
                call_command("createcachetable", verbosity=0)
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])
        if "--demo" in arguments:
            try:
                call_command("demo", if_absent=True)
            except CommandError as error:
                raise Fault(str(error)) from error
    return 0


def worker(env: Environment, arguments: list[str]) -> int:
    """Do background work and keep the schedule until SIGTERM."""
    parser = argparse.ArgumentParser(prog="voronka worker")
    parser.add_argument("--concurrency", type=int, default=env.worker_concurrency)
    given = parser.parse_args(arguments)
    if env.database_direct_url and env.database_direct_url != env.database_url:
        # Behind a transaction pooler LISTEN is lost silently.
        connect(env.database_direct_url, "DATABASE_DIRECT_URL").close()
        os.environ["DATABASE_URL"] = env.database_direct_url
        env = replace(env, database_url=env.database_direct_url)
    with database(env):
        import django

        django.setup()
        from procrastinate.contrib.django import app

        # The worker listens by a connection of its own. What the jobs themselves defer goes by Django's, within their
        # transactions: by the worker's it would be seen, and done, before what it is about is committed.
        working = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]
        working.run_worker(concurrency=given.concurrency, shutdown_graceful_timeout=3)
    return 0
