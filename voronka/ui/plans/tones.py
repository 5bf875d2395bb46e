"""How the pace of a plan looks: one rule for the board, Today and the grid."""

from __future__ import annotations

from voronka.targets.queries import PlanFact


def tone_of(row: PlanFact) -> str:
    """Green on pace, amber up to a fifth behind, red further; quiet without a plan."""
    if row.pace is None:
        return "v-good" if row.plan is not None and row.gap is not None and row.gap <= 0 else "v-quiet"
    return "v-good" if row.pace >= 1 else "v-soon" if row.pace * 5 >= 4 else "v-bad"
