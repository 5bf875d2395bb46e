"""What the book says of endings: the closing statuses of a funnel, and the rules that hold for it."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from voronka.playbook.comparing import CRITERION, Shape, describe, named
from voronka.playbook.models import ClosingRules, ClosingStatus, Criterion
from voronka.playbook.snapshot import section

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


@section("closing")
def _statuses() -> list[dict[str, Any]]:
    statuses = ClosingStatus.objects.filter(archived_at=None, funnel__archived_at=None)
    criteria: dict[int | None, list[dict[str, Any]]] = {}
    for row in Criterion.objects.filter(closing__in=statuses, archived_at=None).order_by("order", "id"):
        criteria.setdefault(row.closing_id, []).append(
            {"id": row.pk, "kind": row.kind, "params": row.params, "strictness": row.strictness}
        )
    return [
        {
            "id": status.pk,
            "funnel": status.funnel_id,
            "outcome": status.outcome,
            "name": status.name,
            "about": status.about,
            "criteria": criteria.get(status.pk, []),
        }
        for status in statuses.order_by("funnel__order", "funnel", "-outcome", "order", "id")
    ]


@section("closing_rules")
def _rules() -> list[dict[str, Any]]:
    written = ClosingRules.objects.filter(Q(funnel=None) | Q(funnel__archived_at=None))
    return [
        {
            "id": rules.pk,
            "funnel": rules.funnel_id,
            "asks_won_reason": rules.asks_won_reason,
            "confirm_above": None if rules.confirm_above is None else str(rules.confirm_above),
            "confirm_attempts": rules.confirm_attempts,
            "silent_days": rules.silent_days,
            "planless_days": rules.planless_days,
            "outlasts": rules.outlasts,
        }
        for rules in written.order_by(F("funnel__order").asc(nulls_first=True), "funnel")
    ]


describe(
    "closing",
    Shape(
        gettext_lazy("Closing status"),
        {
            "name": pgettext_lazy("of a thing", "Name"),
            "about": gettext_lazy("When it is chosen"),
            "funnel": gettext_lazy("Funnel"),
        },
        {"criteria": CRITERION},
        show={"funnel": named("funnels")},
    ),
)
describe(
    "closing_rules",
    Shape(
        gettext_lazy("Rules of endings"),
        {
            "asks_won_reason": gettext_lazy("A reason for winning is required"),
            "confirm_above": gettext_lazy("The head confirms a loss above the sum"),
            "confirm_attempts": gettext_lazy("The head confirms a loss after fewer contacts than"),
            "silent_days": gettext_lazy("No contact for, days"),
            "planless_days": gettext_lazy("Nothing planned for, days"),
            "outlasts": gettext_lazy("In work longer than 99 of 100 won deals"),
        },
        name=lambda row, book: named("funnels")(row["funnel"], book) if row["funnel"] else _("all funnels"),
    ),
)
