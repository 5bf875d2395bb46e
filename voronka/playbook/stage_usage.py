"""How many open deals stand in a stage: a question that goes up.

Rooms above register a counter; the book asks before it closes a stage.
"""

from __future__ import annotations

from collections.abc import Callable

from voronka.playbook.models import Stage

Counter = Callable[[Stage], int]
_counters: list[Counter] = []


def register(counter: Counter) -> Counter:
    """Let *counter* answer for its room. The same one twice counts once."""
    if counter not in _counters:
        _counters.append(counter)
    return counter


def open_deals(stage: Stage) -> int:
    """Open deals that stand in *stage* now."""
    return sum(counter(stage) for counter in _counters)
