"""The server that is measured: `voronka serve` itself, on a free port."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.core.management import CommandError

PATIENCE_SECONDS = 120


@contextmanager
def running_server() -> Iterator[str]:
    """A server of the same installation runs during the block; yields its address. Raises `CommandError`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "voronka.config.cli", "serve", "--host", "127.0.0.1", "--port", str(port)],
            env={
                **os.environ,
                "VORONKA_URL": "",
                "VORONKA_DEBUG": "",
                "VORONKA_LOG_LEVEL": "WARNING",
                # What is measured is how many it can take, not how many it lets in.
                "VORONKA_API_PER_MINUTE": "1000000",
            },
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            until = time.monotonic() + PATIENCE_SECONDS
            while not _listens(port):
                if process.poll() is not None or time.monotonic() > until:
                    log.seek(0)
                    raise CommandError(log.read().decode(errors="replace")[-2000:] or "serve did not start")
                time.sleep(0.2)
            yield f"http://127.0.0.1:{port}"
        finally:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            process.wait(30)


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.5):
        return True
    return False
