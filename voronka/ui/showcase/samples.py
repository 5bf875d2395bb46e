"""Sample content of the components page. No database: plain values only."""

from __future__ import annotations

from typing import Any


def samples() -> dict[str, Any]:
    """Context of `showcase/components.html`."""
    return {"room": "deals"}
