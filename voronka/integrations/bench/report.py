"""What a run of the bench says: a table for people, JSON for programs."""

from __future__ import annotations

import os
import platform
from typing import Any

from django.db import connection
from django.utils import timezone

from voronka.integrations.bench.measuring import Measure

Results = dict[int, dict[str, Measure]]

# Settings of the server without which its figures mean little.
_SETTINGS = (
    "server_version",
    "shared_buffers",
    "work_mem",
    "fsync",
    "synchronous_commit",
    "random_page_cost",
)


def machine() -> dict[str, Any]:
    """Where it was measured."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, current_setting(name) FROM unnest(%s::text[]) name", [list(_SETTINGS)])
        settings = dict(cursor.fetchall())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processors": os.cpu_count(),
        "memory_gb": round(memory / 2**30),
        "load": [round(value, 2) for value in os.getloadavg()],
        "python": platform.python_version(),
        "postgres": settings,
    }


def as_json(results: Results) -> dict[str, Any]:
    """`sizes` -> number of deals -> name -> p50, p95, per_second, queries, n, budget, holds; `growth`; `missed`."""
    return {
        "at": timezone.now().isoformat(timespec="seconds"),
        "machine": machine(),
        "sizes": {
            str(size): {name: _dump(one) for name, one in measures.items()}
            for size, measures in results.items()
        },
        "growth": growth(results),
        "missed": [
            {"deals": size, "what": name, "by": round(overrun(one), 2)}
            for size, measures in results.items()
            for name, one in measures.items()
            if one.holds is False
        ],
    }


def _dump(one: Measure) -> dict[str, Any]:
    return {
        "n": one.n,
        "p50": _round(one.p50),
        "p95": _round(one.p95),
        "per_second": _round(one.per_second),
        "queries": one.queries,
        "budget": one.budget,
        "holds": one.holds,
    }


def growth(results: Results) -> dict[str, float]:
    """How many times longer (by the median) a thing takes in the largest workspace than in the smallest."""
    if len(results) < 2:
        return {}
    small, large = results[min(results)], results[max(results)]
    return {name: round(large[name].value / small[name].value, 2) for name in large if name in small}


def overrun(one: Measure) -> float:
    """How many times over its budget it is (1.2: a fifth too slow)."""
    budget = one.budget or 1.0
    return budget / one.per_second if one.per_second is not None else (one.p95 or 0.0) / budget


def as_table(results: Results) -> list[str]:
    """Lines of a Markdown table: per size the median, p95 and queries, then growth and the budget."""
    grown = growth(results)
    sizes = sorted(results)
    heads = ["", *(f"{size:,}".replace(",", " ") for size in sizes), "growth", "budget", ""]
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    for name in results[sizes[-1]]:
        cells = [str(results[size].get(name, "")) for size in sizes]
        last = results[sizes[-1]][name]
        lines.append(
            "| "
            + " | ".join(
                [name, *cells, f"×{grown[name]:g}" if name in grown else "", _budget(last), _verdict(last)]
            )
            + " |"
        )
    return lines


def _budget(one: Measure) -> str:
    if one.budget is None:
        return ""
    return f"≥ {one.budget:.0f}/s" if one.per_second is not None else f"≤ {one.budget:.0f} ms"


def _verdict(one: Measure) -> str:
    if one.holds is None:
        return ""
    return "holds" if one.holds else f"missed, ×{overrun(one):.1f}"


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
