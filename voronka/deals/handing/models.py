"""What a new owner is told of a deal, and whether it was accepted."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from voronka.core.tenancy import WorkspaceForeignKey, WorkspaceModel


class HandOver(WorkspaceModel):
    """The sheet with which a deal went to another owner; open until it is accepted or the deal goes on."""

    deal = WorkspaceForeignKey("deals.Deal", on_delete=models.CASCADE, related_name="hand_overs")
    from_member = WorkspaceForeignKey(
        "workspaces.Member", on_delete=models.PROTECT, null=True, related_name="+"
    )
    to_member = WorkspaceForeignKey("workspaces.Member", on_delete=models.PROTECT, related_name="+")
    given_by = WorkspaceForeignKey("workspaces.Member", on_delete=models.PROTECT, related_name="+")
    promises = models.TextField(_("What was promised"), blank=True)
    next_step = models.TextField(_("Next step"), blank=True)
    people = models.TextField(_("People"), blank=True)
    risks = models.TextField(_("Risks"), blank=True)
    money = models.TextField(_("Money"), blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    accepted_at = models.DateTimeField(null=True, blank=True)
    # The deal went to somebody else before it was accepted.
    passed_on = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "deal"],
                condition=Q(accepted_at=None, passed_on=False),
                name="hand_over_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.deal_id} to {self.to_member_id}"
