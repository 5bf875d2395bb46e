"""What people decide about numbers."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from voronka.core.tenancy import Versioned, WorkspaceForeignKey, WorkspaceManager, WorkspaceModel
from voronka.targets.querysets import SalesPlanQuerySet


class Measure(models.TextChoices):
    """What a plan is set in."""

    WON_SUM = "won_sum", _("Won sum")


class SalesPlan(Versioned, WorkspaceModel):
    """A seller's target for a month, in the workspace's currency."""

    member = WorkspaceForeignKey("workspaces.Member", on_delete=models.CASCADE, related_name="plans")
    month = models.DateField(help_text="first day of the month")
    measure = models.CharField(max_length=12, choices=Measure.choices, default=Measure.WON_SUM)
    amount = models.DecimalField(max_digits=15, decimal_places=2)

    objects: ClassVar[Any] = WorkspaceManager.of(SalesPlanQuerySet)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "member", "measure", "month"], name="plan_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="plan_month_first_day"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="plan_amount_positive"),
        ]
        indexes = [models.Index(fields=["workspace", "measure", "month"], name="plan_by_month")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}: {self.amount}"


class PostedBack(WorkspaceModel):
    """A correction that a head let count in the month of the closing instead of its own.

    The correction is known by its deal and moment: states of a deal may be written anew, those two stay.
    """

    deal = WorkspaceForeignKey("deals.Deal", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(help_text="when the sum was changed")
    member = WorkspaceForeignKey("workspaces.Member", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "deal", "at"], name="posted_back_once")]

    def __str__(self) -> str:
        return f"{self.deal_id}: {self.at:%Y-%m-%d}"
