"""Interfaces for programs, as they describe themselves: the one registers its description, the pages show it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

Describe = Callable[[], dict[str, Any]]

_described: list[Describe] = []


def register_description(describe: Describe) -> None:
    """Make the OpenAPI document known; it is built when it is first asked for."""
    _described[:] = [describe]
    description.cache_clear()


@lru_cache(maxsize=1)
def description() -> dict[str, Any]:
    """The OpenAPI document of this installation as a JSON value; it does not change while the process lives."""
    return _described[0]()
