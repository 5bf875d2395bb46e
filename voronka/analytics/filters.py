"""The part of the deal filter that reports understand, and its choices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from voronka.deals.filters import DealFilter

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

# Stage, outcome, dates and sums a report reads from the history, so they are not its filter.
REPORT_FIELDS = (
    "funnel",
    "owner",
    "team",
    "segment",
    "product_group",
    "source",
    "region",
    "industry",
)


def report_filter(params: Mapping[str, Any], member: Member | None = None) -> DealFilter:
    """The conditions of a report from a query string; whatever else it holds is ignored."""
    return DealFilter.from_params(params, member).only(REPORT_FIELDS)
