"""A backup holds everything, and restoring it brings exactly that back."""

from __future__ import annotations

import os
import shutil
import stat
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from voronka.config.backup import backup, restore
from voronka.config.environment import Environment
from voronka.config.postgres import Server, place
from voronka.config.texts import Fault


@pytest.fixture
def env() -> Iterator[Environment]:
    """An installation of its own, with an embedded server."""
    folder = Path(tempfile.mkdtemp(prefix="voronka-test-", dir="/tmp"))
    folder.chmod(0o755)
    yield replace(Environment.read(), data=folder, database_url="", database_direct_url="")
    shutil.rmtree(folder)


def run(env: Environment, *statements: str) -> list[tuple[object, ...]]:
    server = Server(place(env.data), lambda message: None)
    rows: list[tuple[object, ...]] = []
    with server.used() as url, psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            cursor = connection.execute(statement)
            rows = cursor.fetchall() if cursor.description else []
    return rows


def fill(env: Environment) -> None:
    run(
        env,
        "CREATE EXTENSION pg_trgm",
        "CREATE TABLE company (id bigint PRIMARY KEY, name text)",
        "CREATE INDEX ON company USING gin (name gin_trgm_ops)",
        "INSERT INTO company VALUES (1, 'Ромашка'), (2, 'ООО «Ёлка»')",
    )
    (env.data / "files" / "1").mkdir(parents=True)
    (env.data / "files" / "1" / "Договор.txt").write_text("подписан")
    (env.data / "secret-key").write_text("the key")


NAMES = "SELECT name FROM company ORDER BY id"


def test_what_was_saved_comes_back_even_twice(env: Environment, tmp_path: Path) -> None:
    fill(env)
    archive = tmp_path / "copy.tar"
    assert backup(env, [str(archive)]) == 0
    for _ in range(2):
        run(
            env,
            "UPDATE company SET name = 'spoilt'",
            "DROP TABLE IF EXISTS later",
            "CREATE TABLE later (id int)",
        )
        (env.data / "files" / "1" / "Договор.txt").write_text("spoilt")
        (env.data / "files" / "later").write_text("")
        (env.data / "secret-key").write_text("another")
        assert restore(env, [str(archive), "--force"]) == 0
        assert run(env, NAMES) == [("Ромашка",), ("ООО «Ёлка»",)]
        assert run(env, "SELECT to_regclass('later')") == [(None,)]
        assert run(env, "SELECT similarity('ромашка', 'ромашки') > 0.4") == [(True,)]
        assert [p.name for p in (env.data / "files").rglob("*") if p.is_file()] == ["Договор.txt"]
        assert (env.data / "files" / "1" / "Договор.txt").read_text() == "подписан"
        assert (env.data / "secret-key").read_text() == "the key"
        # A backup of what was restored is as good as the first.
        assert backup(env, [str(archive)]) == 0


def test_it_goes_into_a_new_installation(env: Environment, tmp_path: Path) -> None:
    fill(env)
    backup(env, [str(tmp_path / "copy.tar")])
    folder = Path(tempfile.mkdtemp(prefix="voronka-test-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        fresh = replace(env, data=folder)
        assert restore(fresh, [str(tmp_path / "copy.tar")]) == 0
        assert run(fresh, NAMES) == [("Ромашка",), ("ООО «Ёлка»",)]
    finally:
        shutil.rmtree(folder)


def test_a_database_that_holds_something_is_not_replaced_unasked(env: Environment, tmp_path: Path) -> None:
    fill(env)
    backup(env, [str(tmp_path / "copy.tar")])
    run(env, "UPDATE company SET name = 'newer'")
    with pytest.raises(Fault, match="--force"):
        restore(env, [str(tmp_path / "copy.tar")])
    assert run(env, NAMES) == [("newer",), ("newer",)]


def test_a_spoilt_archive_changes_nothing(env: Environment, tmp_path: Path) -> None:
    fill(env)
    (tmp_path / "broken.dump").write_bytes(b"PGDMP and then nothing good")
    (tmp_path / "about.json").write_text('{"format": 1}')
    archive = tmp_path / "copy.tar"
    with tarfile.open(archive, "w") as tar:
        tar.add(tmp_path / "about.json", "about.json")
        tar.add(tmp_path / "broken.dump", "database.dump")
    with pytest.raises(Fault, match="pg_restore"):
        restore(env, [str(archive), "--force"])
    assert run(env, NAMES) == [("Ромашка",), ("ООО «Ёлка»",)]
    assert run(env, "SELECT similarity('ромашка', 'ромашки') > 0.4") == [(True,)]
    assert (env.data / "files" / "1" / "Договор.txt").read_text() == "подписан"


@pytest.mark.parametrize("content", [b"", b"not a tar", None])
def test_what_is_no_backup_is_refused(env: Environment, tmp_path: Path, content: bytes | None) -> None:
    archive = tmp_path / "copy.tar"
    if content is not None:
        archive.write_bytes(content)
    with pytest.raises(Fault, match=r"copy\.tar"):
        restore(env, [str(archive)])


def test_a_running_installation_is_not_restored(env: Environment, tmp_path: Path) -> None:
    fill(env)
    backup(env, [str(tmp_path / "copy.tar")])
    with Server(place(env.data), lambda message: None).used(), pytest.raises(Fault):
        restore(env, [str(tmp_path / "copy.tar"), "--force"])


def test_the_archive_is_for_its_owner_only(env: Environment, tmp_path: Path) -> None:
    fill(env)
    backup(env, [str(tmp_path / "copy.tar")])
    assert stat.S_IMODE((tmp_path / "copy.tar").stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["copy.tar"]
