"""What the web server runs: pages as WSGI in threads, the live stream asynchronously beside them."""

from __future__ import annotations

from typing import Any

from a2wsgi import WSGIMiddleware

from voronka.config.wsgi import application as wsgi  # first: it sets Django up

from voronka.ui.live import Receive, Send, is_live, live  # isort: skip

pages: Any = WSGIMiddleware(wsgi, workers=8)  # type: ignore[arg-type]


def escaped(query: bytes) -> bytes:
    """*query* with every byte that is no ASCII percent-encoded."""
    return b"".join(b"%%%02X" % byte if byte > 127 else bytes((byte,)) for byte in query)


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Tell the two apart by their address."""
    if is_live(scope):
        await live(scope, receive, send)
        return

    if not scope["query_string"].isascii():
        # Typed by hand or by a careless program; WSGI wants what a browser would have sent.
        scope = {**scope, "query_string": escaped(scope["query_string"])}

    async def received() -> dict[str, Any]:
        # Granian answers with a future; a2wsgi hands it to asyncio, which takes nothing but a coroutine.
        return await receive()

    await pages(scope, received, send)
