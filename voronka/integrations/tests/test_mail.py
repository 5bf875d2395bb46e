"""Letters: to a real mail server through the queue, or to a folder."""

from __future__ import annotations

import base64
import email
import json
import logging
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import replace
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMessage, get_connection
from django.db import connection, transaction

from voronka.config.environment import Environment
from voronka.config.mail import BadEmailUrl, mail_settings
from voronka.integrations.jobs import forget_letter, send_letter

QUEUE = "voronka.integrations.mail.backends.QueueBackend"
FOLDER = "voronka.integrations.mail.backends.FolderBackend"


class Server(socketserver.TCPServer):
    """A mail server that knows just enough SMTP to take letters, with or without a password."""

    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.taken: list[tuple[list[str], Message]] = []
        self.passwords: list[str] = []


class Conversation(socketserver.StreamRequestHandler):
    server: Server

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        recipients: list[str] = []
        self.say("220 ready")
        while line := self.rfile.readline().decode().strip():
            word = line.split(" ")[0].upper()
            if word == "EHLO":
                self.say("250-here")
                self.say("250 AUTH PLAIN")
            elif word == "AUTH":
                self.server.passwords.append(base64.b64decode(line.split(" ")[2]).decode().strip("\0"))
                self.say("235 welcome")
            elif word == "RCPT":
                recipients.append(line.split("<")[1].rstrip(">"))
                self.say("250 ok")
            elif word == "DATA":
                self.say("354 go on")
                lines = []
                while (text := self.rfile.readline()) != b".\r\n":
                    lines.append(text)
                self.server.taken.append((recipients, email.message_from_bytes(b"".join(lines))))
                self.say("250 taken")
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def environment(url: str, data: Path = Path("/nowhere")) -> Environment:
    return replace(Environment.read(), email_url=url, data=data)


def letter() -> EmailMessage:
    return EmailMessage(
        "Приглашение",
        "Здравствуйте!\nhttps://example.com/x",
        "Воронка <no-reply@example.com>",
        ["Анна <anna@example.com>"],
    )


def waiting() -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, args FROM procrastinate_jobs WHERE task_name = 'mail.send_letter' ORDER BY id"
        )
        return [{"id": pk, **json.loads(args)} for pk, args in cursor.fetchall()]


@pytest.mark.django_db
def test_a_letter_goes_through_the_queue_to_the_server(server: Server, settings: Any) -> None:
    port = server.server_address[1]
    for name, value in mail_settings(environment(f"smtp://voronka:p%40ss@127.0.0.1:{port}")).items():
        setattr(settings, name, value)

    assert get_connection(QUEUE).send_messages([letter()]) == 1
    (job,) = waiting()
    send_letter.func(
        type("Context", (), {"job": type("Job", (), {"id": job["id"]})})(),
        sender=job["sender"],
        recipients=job["recipients"],
        letter=job["letter"],
    )

    ((recipients, taken),) = server.taken
    assert recipients == ["anna@example.com"]
    assert str(email.header.make_header(email.header.decode_header(taken["Subject"]))) == "Приглашение"
    assert "https://example.com/x" in taken.get_payload(decode=True).decode()
    assert server.passwords == ["voronka\0p@ss"]
    # The letter's link must not lie about in the database.
    assert waiting()[0]["letter"] == ""


@pytest.mark.django_db
def test_what_is_rolled_back_is_not_sent() -> None:
    with transaction.atomic():
        get_connection(QUEUE).send_messages([letter()])
        transaction.set_rollback(True)

    assert waiting() == []


@pytest.mark.django_db
def test_a_letter_sent_already_is_not_sent_twice() -> None:
    # No server is there: an empty letter must not even look for one.
    send_letter.func(None, sender="a@b.ru", recipients=["c@d.ru"], letter="")
    forget_letter(None)


@pytest.mark.django_db
def test_a_dead_server_leaves_the_letter_for_the_next_attempt(settings: Any) -> None:
    for name, value in mail_settings(environment("smtp://127.0.0.1:1")).items():
        setattr(settings, name, value)

    get_connection(QUEUE).send_messages([letter()])
    (job,) = waiting()
    with pytest.raises(OSError, match="refused"):
        send_letter.func(None, sender="a@b.ru", recipients=["c@d.ru"], letter=job["letter"])

    assert waiting()[0]["letter"]
    assert send_letter.retry_strategy is not None


def test_without_a_server_letters_are_files_and_lines_of_the_log(
    tmp_path: Path, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    for name, value in mail_settings(environment("", tmp_path)).items():
        setattr(settings, name, value)

    with caplog.at_level(logging.INFO, "voronka.mail"):
        get_connection(FOLDER).send_messages([letter()])

    (file,) = (tmp_path / "mail").iterdir()
    text = file.read_text(encoding="utf-8")
    assert "To: Анна <anna@example.com>" in text
    assert "https://example.com/x" in text
    assert file.stat().st_mode & 0o077 == 0
    assert "https://example.com/x" in caplog.text


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example.com", {"EMAIL_PORT": 587, "EMAIL_USE_TLS": True, "EMAIL_USE_SSL": False}),
        ("smtp://mail.example.com:25", {"EMAIL_PORT": 25, "EMAIL_USE_TLS": False, "EMAIL_USE_SSL": False}),
        ("smtp+tls://mail.example.com:25", {"EMAIL_PORT": 25, "EMAIL_USE_TLS": True, "EMAIL_USE_SSL": False}),
        ("smtps://mail.example.com", {"EMAIL_PORT": 465, "EMAIL_USE_TLS": False, "EMAIL_USE_SSL": True}),
        (
            "smtp://me%40example.com:a%2Fb@mail.example.com:2525",
            {"EMAIL_HOST_USER": "me@example.com", "EMAIL_HOST_PASSWORD": "a/b", "EMAIL_PORT": 2525},
        ),
    ],
)
def test_the_address_of_the_server_is_read(url: str, expected: dict[str, Any]) -> None:
    found = mail_settings(environment(url))

    assert {name: found[name] for name in expected} == expected
    assert found["EMAIL_HOST"] == "mail.example.com"


@pytest.mark.parametrize(
    "url", ["mail.example.com", "http://x", "smtp://", "smtp://host:port", "smtp://host:99999"]
)
def test_a_bad_address_of_the_server_is_one_sentence(url: str) -> None:
    with pytest.raises(BadEmailUrl, match="VORONKA_EMAIL_URL"):
        mail_settings(environment(url))
