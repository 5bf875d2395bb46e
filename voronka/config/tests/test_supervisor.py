"""The supervisor starts, restarts and stops real processes."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from voronka.config import supervisor
from voronka.config.supervisor import Part, Supervisor


def script(folder: Path, name: str, body: str) -> Part:
    """A part that notes each of its starts in `<name>.starts`."""
    head = f"import os, signal, sys, time\nopen({str(folder / name)!r} + '.starts', 'a').write(f'{{os.getpid()}}\\n')\n"
    file = folder / f"{name}.py"
    file.write_text(head + body)
    return Part(name, [sys.executable, str(file)])


def starts(folder: Path, name: str) -> list[int]:
    file = folder / f"{name}.starts"
    return [int(line) for line in file.read_text().splitlines()] if file.exists() else []


def run_until(parts: list[Part], done: Callable[[], bool]) -> float:
    """Run the parts until *done*, then send ourselves SIGTERM; how long the stop took, in seconds."""
    watched = Supervisor(parts, say=lambda message: None)
    asked: list[float] = []
    limit = time.monotonic() + 20

    def tick() -> None:
        if not asked and (done() or time.monotonic() > limit):
            asked.append(time.monotonic())
            os.kill(os.getpid(), signal.SIGTERM)

    watched.run(on_tick=tick)
    assert time.monotonic() < limit + 8, "what was waited for did not happen"
    return time.monotonic() - asked[0]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture(autouse=True)
def _in_the_main_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    assert threading.current_thread() is threading.main_thread()
    monkeypatch.setattr(supervisor, "FIRST_PAUSE", 0.05)


def test_a_part_that_dies_is_started_again(tmp_path: Path) -> None:
    dying = script(tmp_path, "dying", "sys.exit(3)")
    steady = script(tmp_path, "steady", "time.sleep(60)")
    run_until([dying, steady], lambda: len(starts(tmp_path, "dying")) >= 3)
    assert len(starts(tmp_path, "dying")) >= 3
    assert len(starts(tmp_path, "steady")) == 1


def test_the_pause_before_a_restart_grows(tmp_path: Path) -> None:
    dying = script(tmp_path, "dying", "sys.exit(3)")
    run_until([dying], lambda: len(starts(tmp_path, "dying")) >= 3)
    assert dying.pause > supervisor.FIRST_PAUSE * 2


def test_sigterm_stops_all_of_them(tmp_path: Path) -> None:
    parts = [script(tmp_path, name, "time.sleep(60)") for name in ("one", "two")]
    took = run_until(parts, lambda: all(starts(tmp_path, part.name) for part in parts))
    assert took < 3
    assert not any(alive(pid) for part in parts for pid in starts(tmp_path, part.name))


def test_one_that_does_not_listen_is_killed_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "GRACE_SECONDS", 0.3)
    body = (
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = os.fork()\n"
        f"if not child: open({str(tmp_path / 'child')!r} + '.starts', 'a').write(f'{{os.getpid()}}\\n')\n"
        "time.sleep(60)\n"
    )
    deaf = script(tmp_path, "deaf", body)
    took = run_until([deaf], lambda: bool(starts(tmp_path, "child")))
    assert took < 3
    pids = [*starts(tmp_path, "deaf"), *starts(tmp_path, "child")]
    limit = time.monotonic() + 3
    while any(map(running, pids)) and time.monotonic() < limit:
        time.sleep(0.02)
    assert not any(map(running, pids))


def running(pid: int) -> bool:
    """Alive and not merely waiting for somebody to collect it."""
    stat = Path(f"/proc/{pid}/stat")
    if not Path("/proc/self").exists():
        return alive(pid)
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
