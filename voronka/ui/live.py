"""The live stream: tells open pages that something changed in their workspace, so that they refresh themselves.

`GET /w/<slug>/live` is a stream of server-sent events. It carries no data of the workspace, only who acted and which
cards within the member's reach are concerned (`voronka.ui.news`); the page asks for its own fragments again, if it
shows any of those, and gets what the member may see. One watcher per web process reads the
journal once a second while somebody listens: no NOTIFY (it would serialise commits) and no connection held, so
it works behind a transaction pooler too.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from http.cookies import SimpleCookie
from importlib import import_module
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.db import connection
from django.db.models import Max
from django.http import HttpRequest

from voronka.journal.models import Event
from voronka.ui.news import Happening, News, cards_of, told
from voronka.workspaces.factors import must_set_up
from voronka.workspaces.models import Member

# Events of these workspaces above an id, without those known already; below 0: the highest id there is.
Fetch = Callable[[int, list[int], set[int]], Awaitable[list[Happening]]]
Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]

POLL_SECONDS = 1.0
# A transaction may commit after others with higher event ids: look back this long.
LOOK_BACK_SECONDS = 10.0
MOST_AT_ONCE = 2000
HEARTBEAT_SECONDS = 20.0
# Then the browser connects again, and its rights are looked at again.
LONGEST_SECONDS = 300.0

_PATH = re.compile(r"^/w/(?P<slug>[-\w]+)/live$")


def is_live(scope: Message) -> bool:
    """Whether this ASGI request is for the live stream."""
    return scope["type"] == "http" and _PATH.match(scope["path"]) is not None


class Watcher:
    """Reads the journal for everybody who listens in this process."""

    def __init__(self, fetch: Fetch, *, pause: float = POLL_SECONDS) -> None:
        self._fetch = fetch
        self._pause = pause
        self._listeners: dict[int, set[asyncio.Queue[News]]] = {}
        self._task: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def listening(self, workspace_id: int) -> AsyncIterator[asyncio.Queue[News]]:
        """A queue that gets what happened in the workspace, as soon as it did."""
        # One waiting message is enough: later news are added to it.
        queue: asyncio.Queue[News] = asyncio.Queue(maxsize=1)
        self._listeners.setdefault(workspace_id, set()).add(queue)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._watch())
        try:
            yield queue
        finally:
            self._listeners[workspace_id].discard(queue)
            if not self._listeners[workspace_id]:
                del self._listeners[workspace_id]

    async def _watch(self) -> None:
        seen: set[int] = set()
        tops: deque[tuple[float, int]] = deque()  # when, the highest id known then
        low = -1
        while self._listeners:
            try:
                rows = await self._fetch(low, list(self._listeners), seen)
            except Exception:
                await asyncio.sleep(self._pause * 5)
                continue
            if low < 0:
                low = max((row.id for row in rows), default=0)
                await asyncio.sleep(self._pause)
                continue
            self._tell(rows)
            seen = {known for known in seen if known > low} | {row.id for row in rows}
            now = time.monotonic()
            tops.append((now, max(seen, default=low)))
            while tops and tops[0][0] < now - LOOK_BACK_SECONDS:
                low = max(low, tops.popleft()[1])
            if len(rows) >= MOST_AT_ONCE:
                low = max(seen)
            await asyncio.sleep(self._pause)

    def _tell(self, rows: Iterable[Happening]) -> None:
        news: dict[int, News] = {}
        for row in rows:
            news[row.workspace_id] = news.get(row.workspace_id, News()) | row.news
        for workspace_id, fresh in news.items():
            for queue in self._listeners.get(workspace_id, ()):
                queue.put_nowait(queue.get_nowait() | fresh if queue.full() else fresh)


def _read(low: int, workspaces: list[int], known: set[int]) -> list[Happening]:
    try:
        events = Event.objects.unscoped()
        if low < 0:
            return [Happening(events.aggregate(top=Max("id"))["top"] or 0, 0)]
        rows = events.filter(id__gt=low, workspace_id__in=workspaces).order_by("id")
        found = rows.values_list("id", "workspace_id", "actor_id", "type")[: MOST_AT_ONCE + len(known)]
        fresh = [row for row in found if row[0] not in known]
        cards = cards_of([row[0] for row in fresh]) if fresh else {}
        return [
            Happening(pk, workspace_id, actor_id, kind, tuple(cards.get(pk, ())))
            for pk, workspace_id, actor_id, kind in fresh
        ]
    finally:
        connection.close()


def _told(news: News, member: Member) -> dict[str, Any] | None:
    try:
        return told(news, member)
    finally:
        connection.close()


def _member(cookies: str, slug: str) -> Member | None:
    """The active member behind the session cookie, or None; nobody who has yet to set up a second factor."""
    try:
        morsel = SimpleCookie(cookies).get(settings.SESSION_COOKIE_NAME)
        if morsel is None:
            return None
        request = HttpRequest()
        request.session = import_module(settings.SESSION_ENGINE).SessionStore(morsel.value)
        user = get_user(request)
        if not user.is_authenticated:
            return None
        member = Member.objects.unscoped().of_user(user).filter(workspace__slug=slug).first()
        return None if member is None or must_set_up(member) else member
    finally:
        connection.close()


_watcher = Watcher(sync_to_async(_read, thread_sensitive=False))


async def live(scope: Message, receive: Receive, send: Send, *, watcher: Watcher = _watcher) -> None:
    """ASGI application of `/w/<slug>/live`: 404 for whoever is not a member, else the stream."""
    found = _PATH.match(scope["path"])
    cookies = next((value for name, value in scope["headers"] if name == b"cookie"), b"").decode("latin-1")
    member = await sync_to_async(_member, thread_sensitive=False)(cookies, found["slug"] if found else "")
    if member is None:
        # Not 200: the browser's EventSource gives up and does not knock again.
        await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})
        return
    headers = [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    gone = asyncio.create_task(_until_gone(receive))
    try:
        async with watcher.listening(int(member.workspace_id or 0)) as queue:
            await _stream(queue, gone, send, member)
    finally:
        gone.cancel()


async def _stream(queue: asyncio.Queue[News], gone: asyncio.Task[None], send: Send, member: Member) -> None:
    await _say(send, "retry: 4000\n\n")
    until = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < until:
        news = asyncio.create_task(queue.get())
        done, _pending = await asyncio.wait(
            {news, gone}, timeout=HEARTBEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        if news in done:
            message = await sync_to_async(_told, thread_sensitive=False)(news.result(), member)
            if message is not None:
                await _say(send, f"event: changed\ndata: {json.dumps(message)}\n\n")
            continue
        news.cancel()
        if gone in done:
            return
        await _say(send, ": still here\n\n")
    await send({"type": "http.response.body", "body": b""})


async def _say(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
