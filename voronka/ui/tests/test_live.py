"""The live stream: who may listen, what is told, what is not missed."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.test import Client

from voronka.ui.live import Watcher, is_live, live
from voronka.ui.news import Happening, News


class Journal:
    """A journal in memory: `rows` can be added to at any time, in any order."""

    def __init__(self, rows: list[Happening]) -> None:
        self.rows = rows
        self.asked = 0

    async def fetch(self, low: int, workspaces: list[int], known: set[int]) -> list[Happening]:
        self.asked += 1
        if low < 0:
            return [Happening(max((row.id for row in self.rows), default=0), 0)]
        return [
            row
            for row in self.rows
            if row.id > low and row.workspace_id in workspaces and row.id not in known
        ]


async def told(queue: asyncio.Queue[News]) -> list[int] | None:
    """The ids of the members who acted, or None when nothing came."""
    try:
        return sorted((await asyncio.wait_for(queue.get(), 0.2)).by)
    except TimeoutError:
        return None


def test_listeners_hear_of_their_own_workspace_only() -> None:
    async def story() -> None:
        journal = Journal([Happening(1, 7, 70)])
        watcher = Watcher(journal.fetch, pause=0.01)
        async with watcher.listening(7) as seven, watcher.listening(8) as eight:
            assert await told(seven) is None, "what happened before one came is not news"
            journal.rows.append(Happening(2, 7, 71))
            assert await told(seven) == [71]
            assert await told(eight) is None
            assert await told(seven) is None, "told once"

    asyncio.run(story())


def test_event_committed_after_a_later_one_is_not_missed() -> None:
    async def story() -> None:
        journal = Journal([])
        watcher = Watcher(journal.fetch, pause=0.01)
        async with watcher.listening(7) as queue:
            await asyncio.sleep(0.03)
            journal.rows.append(Happening(12, 7, 1))
            assert await told(queue) == [1]
            journal.rows.append(Happening(11, 7, 2))
            assert await told(queue) == [2]

    asyncio.run(story())


def test_slow_listener_gets_one_message_about_everything() -> None:
    async def story() -> None:
        journal = Journal([])
        watcher = Watcher(journal.fetch, pause=0.01)
        async with watcher.listening(7) as queue:
            await asyncio.sleep(0.03)
            journal.rows.append(Happening(1, 7, 1))
            await asyncio.sleep(0.03)
            journal.rows.append(Happening(2, 7, 2))
            await asyncio.sleep(0.03)
            assert await told(queue) == [1, 2]
            assert await told(queue) is None

    asyncio.run(story())


def test_nobody_listening_asks_nothing() -> None:
    async def story() -> None:
        journal = Journal([])
        watcher = Watcher(journal.fetch, pause=0.01)
        async with watcher.listening(7):
            await asyncio.sleep(0.03)
        await asyncio.sleep(0.03)
        asked = journal.asked
        await asyncio.sleep(0.05)
        assert journal.asked == asked

    asyncio.run(story())


def scope_of(path: str, session: str = "") -> dict[str, Any]:
    cookie = f"{settings.SESSION_COOKIE_NAME}={session}".encode()
    return {"type": "http", "method": "GET", "path": path, "headers": [(b"cookie", cookie)]}


def test_only_the_live_path_is_live() -> None:
    assert is_live(scope_of("/w/romashka/live"))
    assert not is_live(scope_of("/w/romashka/deals/"))
    assert not is_live(scope_of("/w/romashka/x/live"))
    assert not is_live({"type": "websocket", "path": "/w/romashka/live"})


async def _answer(scope: dict[str, Any], journal: Journal) -> tuple[int, str]:
    """Status, and the text that came until the first news (or the end)."""
    watcher = Watcher(journal.fetch, pause=0.01)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await live(scope, receive, send, watcher=watcher)

    talk = ApplicationCommunicator(app, scope)
    await talk.send_input({"type": "http.request", "body": b""})
    status = (await talk.receive_output(5))["status"]
    text = (await talk.receive_output(5))["body"].decode()
    if status == 200:
        await asyncio.sleep(0.05)
        journal.rows.append(Happening(1, journal.workspace_id, 5))
        text += (await talk.receive_output(5))["body"].decode()
        await talk.send_input({"type": "http.disconnect"})
        await talk.wait(5)
    return status, text


@pytest.mark.django_db(transaction=True)
def test_member_hears_and_a_stranger_does_not(world: Any, stranger: Any, client: Client) -> None:
    client.force_login(world.anna.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    journal = Journal([])
    journal.workspace_id = world.workspace.pk

    own = async_to_sync(_answer)(scope_of(f"/w/{world.slug}/live", session), journal)
    other = async_to_sync(_answer)(scope_of(f"/w/{stranger.slug}/live", session), journal)
    nobody = async_to_sync(_answer)(scope_of(f"/w/{world.slug}/live"), journal)

    assert own[0] == 200
    assert json.loads(own[1].split("data: ")[1]) == {"by": [5], "kinds": ["*"], "on": []}
    assert other == (404, "")
    assert nobody == (404, "")
