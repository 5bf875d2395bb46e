"""Keeps the parts of an installation running: starts them, restarts what dies, stops all of them quickly."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from voronka.config.texts import gettext as _

# How long a part may take to leave after SIGTERM before it is killed.
GRACE_SECONDS = 5.0
# A part that has run this long starts anew with the shortest pause.
STEADY_SECONDS = 60.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0


@dataclass
class Part:
    """One process of the installation and what is known of its life."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause: float = FIRST_PAUSE
    start_after: float = 0.0


class Supervisor:
    """Runs *parts* until SIGTERM or SIGINT; `run()` returns when all of them are gone."""

    def __init__(self, parts: Sequence[Part], *, say: Callable[[str], None]) -> None:
        self.parts = list(parts)
        self.say = say
        self.stopping = False

    def run(self, *, on_tick: Callable[[], None] | None = None) -> None:
        """Blocks. *on_tick* is called a few times a second."""
        before = {
            number: signal.signal(number, self._ask_to_stop) for number in (signal.SIGTERM, signal.SIGINT)
        }
        try:
            while not self.stopping:
                for part in self.parts:
                    self._look_after(part)
                if on_tick:
                    on_tick()
                time.sleep(0.1)
        finally:
            self._stop_all()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _ask_to_stop(self, number: int, frame: object) -> None:
        self.stopping = True

    def _look_after(self, part: Part) -> None:
        now = time.monotonic()
        if part.process is not None:
            code = part.process.poll()
            if code is None:
                return
            # What it started itself must not outlive it and hold the port.
            _signal_group(part.process.pid, signal.SIGKILL)
            part.process = None
            part.pause = (
                FIRST_PAUSE if now - part.started_at > STEADY_SECONDS else min(part.pause * 2, LONGEST_PAUSE)
            )
            part.start_after = now + part.pause
            self.say(
                _("{part} has stopped (code {code}) and starts again in {seconds} s.").format(
                    part=part.name, code=code, seconds=f"{part.pause:g}"
                )
            )
        if now < part.start_after or self.stopping:
            return
        part.started_at = now
        part.process = subprocess.Popen(
            part.command,
            env={**os.environ, **part.environment},
            stdin=subprocess.DEVNULL,
            # A group of its own: Ctrl-C reaches us alone, and we tell the parts in order.
            start_new_session=True,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )

    def _stop_all(self) -> None:
        running = [part.process for part in self.parts if part.process is not None]
        for process in running:
            _signal_group(process.pid, signal.SIGTERM, leader_only=True)
        limit = time.monotonic() + GRACE_SECONDS
        for process in running:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, limit - time.monotonic()))
            _signal_group(process.pid, signal.SIGKILL)
            process.wait()


def _signal_group(pid: int, number: signal.Signals, *, leader_only: bool = False) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if leader_only:
            os.kill(pid, number)
        else:
            os.killpg(pid, number)


def _die_with_parent() -> None:
    """Linux: the kernel sends SIGTERM to this process when the supervisor is killed."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
