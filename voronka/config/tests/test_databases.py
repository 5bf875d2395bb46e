"""Addresses and settings are read, or refused with a sentence."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from voronka.config import installation, serve
from voronka.config.databases import BadDatabaseUrl, parse_database_url
from voronka.config.environment import Environment
from voronka.config.texts import Fault


def test_every_part_of_an_address_is_read() -> None:
    read = parse_database_url("postgres://us%40er:p%2Fw@db.example:6432/sales?sslmode=require")
    assert {key: read[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")} == {
        "NAME": "sales",
        "USER": "us@er",
        "PASSWORD": "p/w",
        "HOST": "db.example",
        "PORT": "6432",
    }
    assert read["OPTIONS"]["sslmode"] == "require"


def test_a_socket_folder_is_an_address_too() -> None:
    assert parse_database_url("postgresql://u:p@/name?host=%2Frun%2Fpg")["HOST"] == "/run/pg"


@pytest.mark.parametrize(
    "url",
    ["mysql://u@h/n", "h:5432/n", "n", "postgres://u@h", "postgres://u@h:port/n", "postgres://u@h:99999/n"],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(BadDatabaseUrl, match="DATABASE_URL"):
        parse_database_url(url)


def test_a_password_is_not_repeated_in_the_refusal() -> None:
    with pytest.raises(BadDatabaseUrl) as caught:
        parse_database_url("mysql://user:hidden@host/name")
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1", "80.5"])
def test_a_port_that_is_none_is_refused_by_its_name(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VORONKA_PORT", port)
    with pytest.raises(Fault, match="VORONKA_PORT"):
        Environment.read()


def test_the_environment_wins_over_the_dotenv_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("# a remark\nVORONKA_PORT=8101\nVORONKA_URL='https://crm.example/'\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VORONKA_PORT", "8102")
    # Set and taken away, so that what the file sets is forgotten after the test.
    monkeypatch.setenv("VORONKA_URL", "")
    monkeypatch.delenv("VORONKA_URL")
    env = Environment.read()
    assert (env.port, env.base_url) == (8102, "https://crm.example")


def test_a_server_that_is_not_there_is_told_in_one_sentence() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"postgres://u:hidden@127.0.0.1:{free.getsockname()[1]}/nothing"
        with pytest.raises(Fault) as caught:
            installation.connect(url, "DATABASE_URL")
    assert "DATABASE_URL" in str(caught.value)
    assert "hidden" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_database_that_is_not_there_is_named(settings: Any) -> None:
    given = settings.DATABASES["default"]
    url = f"postgres://{given['USER']}:{given['PASSWORD']}@:{given['PORT']}/no-such?host={given['HOST']}"
    with pytest.raises(Fault, match="no-such"):
        installation.connect(url.replace("@:/", "@/"), "DATABASE_URL")


def test_a_data_folder_that_cannot_be_written_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A file stands where the folder should be: root too can do nothing about that.
    (tmp_path / "data").write_text("")
    monkeypatch.setenv("VORONKA_DATA", str(tmp_path / "data"))
    with pytest.raises(Fault, match="VORONKA_DATA"):
        installation.data_folder(Environment.read())


def test_a_taken_port_is_refused_and_a_free_one_is_not() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        other.listen()
        with pytest.raises(Fault, match=str(port)):
            serve.check_port("127.0.0.1", port)
    serve.check_port("127.0.0.1", port)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(Fault, match="VORONKA_HOST"):
        serve.check_port("192.0.2.1", 8000)
