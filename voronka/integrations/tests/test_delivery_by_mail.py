"""A notice by letter: through the queue to a real mail server, and the log learns what the server said."""

from __future__ import annotations

import email
import json
from collections.abc import Iterator
from email.message import Message
from email.policy import default
from types import SimpleNamespace
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.db import connection

from tests.world import World
from voronka.desk.delivery.channels import BELL
from voronka.desk.delivery.models import Delivery
from voronka.desk.delivery.sending import deliver
from voronka.desk.delivery.wishes import choose_notices
from voronka.desk.notices import notify
from voronka.integrations.jobs import MOST_ATTEMPTS, send_letter


class Box:
    """What the mail server took; *answer* is what it says to a letter."""

    def __init__(self) -> None:
        self.letters: list[tuple[list[str], Message]] = []
        self.answer = "250 taken"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answer.startswith("2"):
            self.letters.append(
                (envelope.rcpt_tos, email.message_from_bytes(envelope.content, policy=default))
            )
        return self.answer


class Anywhere(Controller):
    """A server on a free port, which is known only when it listens."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def box(settings: Any) -> Iterator[Box]:
    """A mail server of its own, to which the queue sends."""
    taken = Box()
    server = Anywhere(taken, hostname="127.0.0.1", port=0)
    server.start()
    settings.EMAIL_BACKEND = "voronka.integrations.mail.backends.QueueBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = server.port
    settings.BASE_URL = "https://crm.example"
    yield taken
    server.stop()


def run_letters(attempts: int = 0) -> None:
    """What the worker does with the letters that wait in the queue."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, args FROM procrastinate_jobs WHERE task_name = 'mail.send_letter' ORDER BY id"
        )
        jobs = cursor.fetchall()
    for pk, args in jobs:
        send_letter.func(SimpleNamespace(job=SimpleNamespace(id=pk, attempts=attempts)), **json.loads(args))


@pytest.fixture
def told(world: World) -> None:
    choose_notices(
        actor=world.anna,
        wanted={BELL: ["deal"], "mail": ["deal"]},
        quiet=None,
        digest_at=None,
        most_letters=10,
    )
    notify(world.anna, kind="deal", text="Сделка «Стеллажи» ваша", key="event:1", url="deal:1")


def row() -> Delivery:
    return Delivery.objects.get(channel="mail")


def test_the_letter_arrives_and_the_log_says_so(world: World, box: Box, told: None) -> None:
    deliver()
    assert (row().state, box.letters) == ("handed", [])
    run_letters()

    ((recipients, letter),) = box.letters
    assert recipients == [world.anna.user.email]
    assert letter["Subject"] == "Сделка «Стеллажи» ваша"
    text = letter.get_body(("plain",)).get_content()
    html = letter.get_body(("html",)).get_content()
    link = f"https://crm.example/w/{world.slug}/notices/{row().notice_id}/"
    assert (link in text, f'href="{link}"' in html) == (True, True)
    assert letter["Message-ID"] == f"<mail-{world.workspace.pk}-{row().pk}@crm.example>"
    assert row().state == "sent"

    # The worker died before it could say that it was done; the letter is not sent a second time.
    run_letters()
    assert len(box.letters) == 1


def test_what_the_server_refuses_at_last_is_in_the_log(world: World, box: Box, told: None) -> None:
    box.answer = "554 no such mailbox"
    deliver()
    for attempts, state in ((0, "handed"), (MOST_ATTEMPTS, "failed")):
        with pytest.raises(OSError, match="no such mailbox"):
            run_letters(attempts)
        assert row().state == state
    assert "no such mailbox" in row().error


def test_what_is_rolled_back_sends_nothing(world: World, box: Box, told: None, monkeypatch: Any) -> None:
    monkeypatch.setattr("voronka.ui.notices.letters.render_to_string", lambda *_a: 1 / 0)
    deliver()
    run_letters()

    assert (box.letters, row().state, row().error) == ([], "waiting", "division by zero")
