"""`voronka serve` as people start it: one real run, from the first line to the last."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest

VORONKA = [sys.executable, "-m", "voronka.config.cli"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(what: Callable[[], bool], *, seconds: float = 60) -> None:
    limit = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < limit, "it did not happen in time"
        time.sleep(0.05)


@pytest.fixture
def environment(tmp_path: Path, django_db_setup: None) -> dict[str, str]:
    """An installation whose database is this process's migrated copy."""
    from django.db import connection

    given = connection.settings_dict
    person = ":".join(quote(given[key], safe="") for key in ("USER", "PASSWORD") if given[key])
    socket_folder = given["HOST"].startswith("/")
    host = "" if socket_folder else f"{given['HOST']}:{given['PORT']}" if given["PORT"] else given["HOST"]
    query = f"?host={quote(given['HOST'], safe='')}" if socket_folder else ""
    return {
        **os.environ,
        "DATABASE_URL": f"postgres://{person}@{host}/{given['NAME']}{query}",
        "DATABASE_DIRECT_URL": "",
        "VORONKA_DATA": str(tmp_path / "data"),
        "VORONKA_PORT": str(free_port()),
        "VORONKA_WEB_WORKERS": "1",
    }


@pytest.fixture
def serving(environment: dict[str, str], tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A running `voronka serve`; what it says is in `said`."""
    with (tmp_path / "said").open("wb") as said:
        process = subprocess.Popen([*VORONKA, "serve"], env=environment, stdout=said, stderr=said)
    yield process
    process.kill()
    process.wait()


def status(port: str) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def part(process: subprocess.Popen[bytes], mark: str) -> psutil.Process | None:
    for child in psutil.Process(process.pid).children():
        with suppress(psutil.ZombieProcess, psutil.NoSuchProcess):
            if mark in child.cmdline():
                return child
    return None


def test_it_serves_restarts_what_dies_and_stops_within_seconds(
    serving: subprocess.Popen[bytes], environment: dict[str, str], tmp_path: Path
) -> None:
    port = environment["VORONKA_PORT"]
    until(lambda: serving.poll() is not None or status(port) != 0)
    assert serving.poll() is None, (tmp_path / "said").read_text()
    assert status(port) == 200
    until(lambda: f"http://localhost:{port}" in (tmp_path / "said").read_text())

    # A second one on the same port is told so in one sentence.
    second = subprocess.run([*VORONKA, "serve"], env=environment, capture_output=True, text=True, timeout=60)
    assert second.returncode == 1
    assert re.fullmatch(rf"voronka: .*{port}.*\n", second.stderr)

    # A part that is killed comes back.
    until(lambda: part(serving, "worker") is not None)
    worker = part(serving, "worker")
    assert worker is not None
    worker.kill()
    until(lambda: (again := part(serving, "worker")) is not None and again.pid != worker.pid)

    family = psutil.Process(serving.pid).children(recursive=True)
    began = time.monotonic()
    serving.send_signal(signal.SIGTERM)
    assert serving.wait(timeout=15) == 0
    assert time.monotonic() - began < 7
    assert not [
        process for process in family if process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    ]
    assert status(port) == 0


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("DATABASE_URL", "mysql://a@b/c"),
        ("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none"),
        ("VORONKA_PORT", "eighty"),
        ("VORONKA_DATA", "/proc/voronka"),
    ],
)
def test_a_wrong_setting_is_one_sentence_and_an_exit_code(
    environment: dict[str, str], setting: str, value: str
) -> None:
    done = subprocess.run(
        [*VORONKA, "serve"], env={**environment, setting: value}, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert re.fullmatch(r"voronka: [^\n]+\n", done.stderr)
