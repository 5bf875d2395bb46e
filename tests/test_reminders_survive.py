"""Reminders with a real worker that is killed (-9) in the middle: none is lost, none is shown twice."""

from __future__ import annotations

import asyncio
import datetime as dt
import email
import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from email.policy import default
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aiosmtpd.controller import Controller
from django.db import connection

from tests.world import World, make_company, make_member
from voronka.activities.models import Activity
from voronka.config import schedule
from voronka.core import clock
from voronka.desk.delivery.channels import BELL
from voronka.desk.delivery.models import Delivery, DeliveryState
from voronka.desk.delivery.wishes import choose_notices
from voronka.desk.models import Notice
from voronka.playbook.models import ActivityKind

MEMBERS, EACH = 24, 50
# The worker dies when the mail server has taken so many letters.
KILLED_AFTER = 6
# How many letters a worker has in hand at one moment.
IN_HAND = 4


class Box:
    """What the mail server took: each letter's own name, and the notices in it."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, list[str]]] = []
        self.enough = threading.Event()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        letter = email.message_from_bytes(envelope.content, policy=default)
        text = letter.get_body(("plain",)).get_content()
        self.letters.append((letter["Message-ID"], re.findall(r"/notices/(\d+)/", text)))
        if len(self.letters) >= KILLED_AFTER:
            self.enough.set()
        # Slow, as mail servers are: so that the worker is in the middle of it.
        await asyncio.sleep(0.05)
        return "250 taken"


class Anywhere(Controller):
    """A server on a free port, which is known only when it listens."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def box() -> Iterator[tuple[Box, int]]:
    taken = Box()
    server = Anywhere(taken, hostname="127.0.0.1", port=0)
    server.start()
    yield taken, server.port
    server.stop()


@pytest.fixture
def worker(box: tuple[Box, int], tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts `voronka worker` on this test's database, as another machine would."""
    given = connection.settings_dict
    person = ":".join(quote(given[key], safe="") for key in ("USER", "PASSWORD") if given[key])
    in_socket = given["HOST"].startswith("/")
    host = "" if in_socket else f"{given['HOST']}:{given['PORT']}" if given["PORT"] else given["HOST"]
    query = f"?host={quote(given['HOST'], safe='')}" if in_socket else ""
    environment = {
        **os.environ,
        "DATABASE_URL": f"postgres://{person}@{host}/{given['NAME']}{query}",
        "DATABASE_DIRECT_URL": "",
        "VORONKA_DATA": str(tmp_path / "data"),
        "VORONKA_EMAIL_URL": f"smtp://127.0.0.1:{box[1]}",
    }
    running: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        with (tmp_path / f"said-{len(running)}").open("wb") as said:
            command = [sys.executable, "-m", "voronka.config.cli", "worker"]
            running.append(subprocess.Popen(command, env=environment, stdout=said, stderr=said))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.wait()


def until(what: Callable[[], bool], *, seconds: float = 90) -> None:
    limit = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < limit, "it did not happen in time"
        time.sleep(0.05)


def a_minute_passes(number: int) -> None:
    """What the worker's clock does every minute."""
    for task in (schedule.remind, schedule.deliver):
        # One after the other, whoever works; the worker's own clock may ring in between.
        task.configure(queueing_lock=f"{task.name}:{number}", lock="test").defer(timestamp=number)


@pytest.mark.django_db(transaction=True)
def test_kill_9_loses_no_reminder_and_shows_none_twice(
    transactional_db: None, world: World, funnel: Any, box: tuple[Box, int], worker: Any
) -> None:
    company = make_company(world.anna)
    call = ActivityKind.objects.get(channel="call")
    now = clock.now()
    members = [make_member(world, f"seller{n}", "seller", "north", f"Продавец {n}") for n in range(MEMBERS)]
    for member in members:
        choose_notices(
            actor=member,
            wanted={BELL: ["reminder"], "mail": ["reminder"]},
            quiet=None,
            digest_at=None,
            most_letters=100,
        )
    Activity.objects.bulk_create(
        Activity(
            kind=call,
            channel="call",
            subject="Позвонить",
            due_at=now + dt.timedelta(minutes=n),
            remind_at=now - dt.timedelta(seconds=n),
            company=company,
            owner=member,
            team=member.team,
        )
        for member in members
        for n in range(EACH)
    )
    taken, _port = box

    a_minute_passes(1)
    first = worker()
    until(taken.enough.is_set)
    first.kill()
    first.wait()
    assert len(taken.letters) < MEMBERS, "it was to die in the middle"

    # Half a minute later the dead worker is known to be dead.
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
    schedule.requeue_stalled.configure(queueing_lock="test").defer(timestamp=2)
    a_minute_passes(2)
    worker()

    mail = Delivery.objects.filter(channel="mail")
    until(lambda: mail.filter(state=DeliveryState.SENT).count() == MEMBERS * EACH)

    assert Notice.objects.filter(kind="reminder").count() == MEMBERS * EACH
    assert set(Counter(Notice.objects.values_list("url", flat=True)).values()) == {1}
    assert Delivery.objects.filter(channel=BELL, state=DeliveryState.SENT).count() == MEMBERS * EACH
    # Every reminder stands in one letter. A letter that was just between the server's answer and the log may have come
    # twice, under one name, by which mail programs know it.
    letters = dict(taken.letters)
    found = Counter(pk for notices in letters.values() for pk in notices)
    assert (len(found), set(found.values())) == (MEMBERS * EACH, {1})
    assert len(taken.letters) - len(letters) <= IN_HAND
