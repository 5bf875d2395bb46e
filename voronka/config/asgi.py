"""What the web server runs: pages as WSGI in threads, the live stream asynchronously beside them."""

from __future__ import annotations

from typing import Any

from a2wsgi import WSGIMiddleware

from voronka.config.wsgi import application as wsgi  # first: it sets Django up

from voronka.config.live import Receive, Send, listens, live  # isort: skip

pages: Any = WSGIMiddleware(wsgi, workers=8)  # type: ignore[arg-type]
stream = live()


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Tell the two apart by their address."""
    answer = stream if scope["type"] == "http" and listens(scope["path"]) else pages
    await answer(scope, receive, send)
