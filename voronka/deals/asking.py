"""The plain filter of deals as a tree of conditions: what a list shows of addresses that reports and chips made."""

from __future__ import annotations

from voronka.deals.choices import Outcome
from voronka.deals.filters import NOT_GIVEN, NOT_GIVEN_CODE, DealFilter
from voronka.desk.lists.conditions import NOTHING, Condition, Group

# Fields of the filter -> fields of the list.
_ONE_OF = {
    "funnel": "funnel",
    "stage": "stage",
    "owner": "owner",
    "team": "team",
    "segment": "segment",
    "product_group": "product_group",
    "source": "source",
    "region": "region",
    "industry": "industry",
    "company": "company",
    "outcome": "outcome",
    "reason": "reason",
    "closed_owner": "closed_owner",
    "kind": "kind",
    "priority": "priority",
    "interest": "interest",
}
_RANGES = {"opened": "opened_at", "closed": "closed_at", "expected": "expected_close", "amount": "amount"}
_FLAGS = ("no_next_step", "overdue_step", "no_amount", "no_expected", "overdue_close")


def conditions_of(query: DealFilter) -> Group:
    """The same question as a tree; `q` and `where` of the filter stay outside."""
    items: list[Condition] = []
    for name, field in _ONE_OF.items():
        value = getattr(query, name)
        values = value if isinstance(value, tuple) else (value,) if value else ()
        if values:
            items.append(
                Condition(
                    field,
                    "in",
                    tuple(NOTHING if one in (NOT_GIVEN, NOT_GIVEN_CODE) else str(one) for one in values),
                )
            )
    for name, field in _RANGES.items():
        first, last = getattr(query, f"{name}_from"), getattr(query, f"{name}_to")
        if first is not None or last is not None:
            ends = tuple("" if end is None else str(end) for end in (first, last))
            items.append(Condition(field, "between", ends))
    items += [Condition(name, "yes") for name in _FLAGS if getattr(query, name)]
    return Group("and", tuple(items))


def with_open_ones(where: Group) -> Group:
    """Open deals when no outcome is asked, nor when they were closed: what lists of deals have always meant."""
    if where.speaks_of("outcome") or where.speaks_of("closed_at"):
        return where
    return where.also(Condition("outcome", "in", (Outcome.OPEN.value,)))
