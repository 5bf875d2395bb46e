"""Background work on deals."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from voronka.core.jobs import workspace_job
from voronka.deals.many import BATCH, recount
from voronka.deals.models import Deal, DealState
from voronka.playbook.actions.funnels import mark_recounted
from voronka.playbook.models import Funnel


def control() -> None:
    """Heads hear of deals that stand on a stage for as long as the book says, and the next heads up when nobody has
    reacted (`config/schedule.py`).
    """
    from voronka.deals.leaving.limits import escalate, tell_of_limits

    tell_of_limits()
    escalate()


def open_due() -> int:
    """Deals that the book opens, or brings back, on their day (`config/schedule.py`)."""
    from voronka.deals.closing.comebacks import come_back_due
    from voronka.deals.closing.tunnels import open_due as open_them

    return open_them() + come_back_due()


@workspace_job("deals.recount_funnel")
def recount_funnel(funnel_id: int) -> int:
    """Count depths and visits of all deals that were ever in the funnel anew, in short transactions.

    After a reorder or a merge of its stages. Bears a second run: it then finds no difference. Returns how many
    differed.
    """
    differed = 0
    last = 0
    ever = DealState.objects.filter(funnel=funnel_id, void=False)
    while True:
        ids = list(
            ever.filter(deal__gt=last)
            .order_by("deal_id")
            .values_list("deal_id", flat=True)
            .distinct()[:BATCH]
        )
        if not ids:
            break
        with transaction.atomic():
            list(Deal.objects.filter(pk__in=ids).select_for_update().order_by("pk").values_list("pk"))
            differed += recount(ids)
        last = ids[-1]
    mark_recounted(Funnel.objects.get(pk=funnel_id), at=timezone.now())
    return differed
