"""Stages that let a deal go on by itself when nothing is missing any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voronka.core.errors import Forbidden, Refused
from voronka.deals.leaving.checking import criteria_between
from voronka.deals.models import Deal
from voronka.journal.actions import is_undoing
from voronka.playbook.criteria import unmet
from voronka.playbook.models import Stage

if TYPE_CHECKING:
    from voronka.workspaces.models import Member


def go_on_if_ready(deal_id: int, actor: Member | None) -> None:
    """Move the deal to the next stage, as *actor*, if its stage says so and every criterion is met.

    Called as a consequence of whatever may have met the last one. A stage without criteria lets nothing go by itself;
    a member who may not move the deal leaves it where it is.
    """
    from voronka.deals.actions import move_deal

    if actor is None or is_undoing():
        return
    # Asked after every edit, and few stages say so: the deal is read only where one does.
    ready = Deal.objects.filter(pk=deal_id, outcome="open", stage__moves_itself=True)
    if not ready.exists():
        return
    deal = ready.select_related("stage", "funnel", "company").order_by().first()
    if deal is None:
        return
    behind = Stage.objects.filter(funnel=deal.funnel_id, archived_at=None, order__gt=deal.stage.order)
    target = behind.select_related("funnel").order_by("order", "id").first()
    asked = criteria_between(deal.stage, target) if target else []
    if target is None or not asked or unmet(deal, asked):
        return
    try:
        move_deal(deal, actor=actor, stage=target, expected_stage_id=deal.stage_id)
    except (Refused, Forbidden):
        return
