"""What the book says of endings: the closing statuses of a funnel, and the rules that hold for it."""

from __future__ import annotations

from voronka.playbook.models import ClosingRules, ClosingStatus, Criterion

# What holds until the company writes rules of its own: nothing needs a second key, and no deal is forgotten.
SILENT_DAYS = 30
PLANLESS_DAYS = 14


def statuses_of(funnel_id: int, outcome: str) -> list[ClosingStatus]:
    """The statuses in use under this outcome, in order: the first one is meant where nobody chooses."""
    return list(
        ClosingStatus.objects.filter(funnel=funnel_id, outcome=outcome, archived_at=None).order_by(
            "order", "id"
        )
    )


def criteria_of_status(status: ClosingStatus | None) -> list[Criterion]:
    """What is asked of a deal that closes so, in order."""
    if status is None:
        return []
    return list(Criterion.objects.filter(closing=status, archived_at=None).order_by("order", "id"))


def usual_rules() -> ClosingRules:
    """Rules of a company that has written none."""
    return ClosingRules(silent_days=SILENT_DAYS, planless_days=PLANLESS_DAYS, outlasts=True)


def rules_by_funnel() -> dict[int | None, ClosingRules]:
    """Every rule that was written, by funnel; under None what holds where a funnel has none of its own."""
    found = {rules.funnel_id: rules for rules in ClosingRules.objects.all()}
    return {None: usual_rules(), **found}


def rules_for(funnel_id: int) -> ClosingRules:
    """The rules that hold in the funnel."""
    rules = rules_by_funnel()
    return rules.get(funnel_id) or rules[None]
