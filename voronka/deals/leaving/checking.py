"""Which criteria a deal has to pass on its way, and whether it may go without some of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext as _

from voronka.core.errors import Refused
from voronka.deals.leaving.models import Passage
from voronka.playbook.closing import criteria_of_status
from voronka.playbook.criteria import Unmet, may_override, unmet
from voronka.playbook.models import ClosingStatus, Criterion, Stage, StageTask, Strictness

if TYPE_CHECKING:
    from voronka.deals.models import Deal
    from voronka.journal.models import Event
    from voronka.workspaces.models import Member

# The kind that the room of activities declares for a task of the book; required tasks are asked by it.
TASK_DONE = "task_done"


class Unfinished(Refused):
    """Something that the book asks for is missing: `unmet` says what, `refuses` whether only a head may go on."""

    def __init__(self, found: list[Unmet]) -> None:
        self.unmet = found
        self.refuses = any(one.refuses for one in found)
        what = "; ".join(one.missing.text for one in found)
        if self.refuses:
            message = _("The stage does not let the deal go yet: %(what)s.") % {"what": what}
        else:
            message = _("Before the deal goes on: %(what)s.") % {"what": what}
        super().__init__(message)


@dataclass(frozen=True)
class Passing:
    """The criteria asked on one way, and what was missing of them."""

    asked: list[Criterion] = field(default_factory=list)
    missing: list[Unmet] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        """What was missing, in words, for the event."""
        return [one.missing.text for one in self.missing]

    def write(self, deal: Deal, event: Event, at: dt.datetime) -> None:
        """Keep how every criterion was passed, for the book's share of exceptions."""
        without = {one.criterion.pk for one in self.missing}
        Passage.objects.bulk_create(
            Passage(criterion=criterion, deal=deal, event=event, met=criterion.pk not in without, at=at)
            for criterion in self.asked
            if criterion.pk is not None
        )


def criteria_between(stage: Stage, target: Stage | None) -> list[Criterion]:
    """What is asked on the way from *stage* to *target* (None: to «Успех»): of every stage left or passed over.

    Going back asks nothing; going to another funnel asks what the present stage asks. Required tasks of the book are
    criteria too (unsaved ones, that warn).
    """
    if target is not None and target.funnel_id == stage.funnel_id and target.order <= stage.order:
        return []
    within = Q(stage__funnel=stage.funnel_id, stage__archived_at=None, archived_at=None)
    if target is not None and target.funnel_id != stage.funnel_id:
        within &= Q(stage=stage)
    else:
        within &= Q(stage__order__gte=stage.order)
        if target is not None:
            within &= Q(stage__order__lt=target.order)
    found = list(Criterion.objects.filter(within).select_related("stage"))
    found += [
        Criterion(
            stage=task.stage,
            order=0,
            kind=TASK_DONE,
            params={"task": str(task.pk)},
            strictness=Strictness.WARN,
        )
        for task in StageTask.objects.filter(within, required=True).select_related("stage")
    ]
    return sorted(found, key=lambda one: (one.stage.order, one.order, one.pk or 0))


def pass_on(
    deal: Deal,
    target: Stage | None,
    *,
    actor: Member,
    acknowledged: bool = False,
    override: str = "",
    closing: ClosingStatus | None = None,
) -> Passing:
    """Ask the criteria on the way of a locked deal to *target* (None: to «Успех», with the status *closing*).

    What warns lets go, and is told; what asks lets go when *acknowledged*; what refuses lets go only for a head who
    says why (*override*). Raises `Unfinished` otherwise.
    """
    asked = criteria_between(deal.stage, target) + criteria_of_status(closing)
    return _let_go(deal, asked, actor, acknowledged, override)


def pass_loss(
    deal: Deal,
    closing: ClosingStatus | None,
    *,
    actor: Member,
    acknowledged: bool = False,
    override: str = "",
) -> Passing:
    """Ask what a loss with the status *closing* needs; stages ask nothing of what is lost. As `pass_on`."""
    return _let_go(deal, criteria_of_status(closing), actor, acknowledged, override)


def _let_go(deal: Deal, asked: list[Criterion], actor: Member, acknowledged: bool, override: str) -> Passing:
    missing = unmet(deal, asked) if asked else []
    asks = [one for one in missing if one.criterion.strictness == Strictness.ASK]
    if any(one.refuses for one in missing):
        if not (override.strip() and may_override(actor)):
            raise Unfinished(missing)
    elif asks and not (acknowledged or override.strip()):
        raise Unfinished(missing)
    return Passing(asked, missing)
