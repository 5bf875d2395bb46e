"""A program that works over the API: one connection that is kept, and a token."""

from __future__ import annotations

import datetime as dt
import http.client
import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from voronka.core import clock
from voronka.integrations.bench.browser import Unexpected
from voronka.workspaces.actions import create_token, revoke_token
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Reach

SCOPES = ("deals:write", "clients:read")


@dataclass
class Program:
    """Somebody's program at *base* with the secret of a token."""

    base: str
    secret: str

    def __post_init__(self) -> None:
        parts = urlsplit(self.base)
        self.connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=120)

    def post(self, path: str, body: dict[str, Any], key: str) -> None:
        """Send *body* under an idempotency key, as programs should. Raises `Unexpected` for anything but 201."""
        headers = {
            "Authorization": f"Bearer {self.secret}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }
        self.connection.request("POST", path, json.dumps(body), headers)
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status != 201:
            raise Unexpected(f"POST {path}: {answer.status} {content[:200]!r}")


def creates(base: str, actor: Member, bodies: Sequence[dict[str, Any]], clients: int) -> float:
    """Seconds in which *clients* programs of *actor*, each with a token of its own, post all of *bodies* each."""
    made = [
        create_token(
            actor=actor,
            name=f"bench {number}",
            scopes=SCOPES,
            reach=Reach.ALL,
            expires_at=clock.now() + dt.timedelta(days=1),
        )
        for number in range(clients)
    ]
    problems: list[BaseException] = []

    def work(secret: str) -> None:
        program = Program(base, secret)
        try:
            for number, body in enumerate(bodies):
                program.post("/api/v1/deals/", body, f"bench-{number}")
        except Exception as problem:
            problems.append(problem)

    try:
        threads = [threading.Thread(target=work, args=(secret,)) for _token, secret in made]
        begun = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - begun
    finally:
        for token, _secret in made:
            revoke_token(token, actor=actor)
    if problems:
        raise problems[0]
    return seconds
