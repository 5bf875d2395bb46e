"""What differs between two books, ready for a template."""

from __future__ import annotations

from typing import Any

from voronka.playbook.comparing import Change


def grouped(changes: list[Change]) -> list[dict[str, Any]]:
    """Changes under the place they are about: `where` (a line) and its `changes`."""
    found: dict[tuple[str, ...], list[Change]] = {}
    for change in changes:
        found.setdefault(change.where, []).append(change)
    return [{"where": " → ".join(where), "changes": rows} for where, rows in found.items()]
