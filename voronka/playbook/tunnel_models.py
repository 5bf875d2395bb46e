"""Tunnels: a stage or an ending of one funnel opens a deal in another."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.core.tenancy import Versioned, WorkspaceForeignKey, WorkspaceModel


class Trigger(models.TextChoices):
    """What opens the tunnel."""

    WON = "won", pgettext_lazy("tunnel", "the deal is won")
    LOST = "lost", pgettext_lazy("tunnel", "the deal is lost")
    STAGE = "stage", pgettext_lazy("tunnel", "the deal enters a stage")


class Wait(models.TextChoices):
    """In what the time before opening is counted."""

    DAYS = "days", pgettext_lazy("after", "days")
    MONTHS = "months", pgettext_lazy("after", "months")


class Tunnel(Versioned, WorkspaceModel):
    """When a deal of `funnel` comes to its trigger, a deal is opened in `target`. Put away, never deleted."""

    funnel = WorkspaceForeignKey("playbook.Funnel", on_delete=models.PROTECT, related_name="tunnels")
    trigger = models.CharField(_("When"), max_length=5, choices=Trigger.choices, default=Trigger.WON)
    # The stage that opens it, or (empty: any) the closing status.
    stage = WorkspaceForeignKey(
        "playbook.Stage", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closing = WorkspaceForeignKey(
        "playbook.ClosingStatus", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    target = WorkspaceForeignKey("playbook.Funnel", on_delete=models.PROTECT, related_name="tunnels_here")
    # Empty: the first stage.
    target_stage = WorkspaceForeignKey(
        "playbook.Stage", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    after = models.PositiveSmallIntegerField(pgettext_lazy("tunnel", "In"), default=0)
    wait = models.CharField(max_length=6, choices=Wait.choices, default=Wait.DAYS)
    # How the new deal is called; «{title}» stands for the name of the first one.
    title = models.CharField(_("Name of the new deal"), max_length=150, blank=True)
    # Who answers for it; empty: who answers for the first one.
    owner = WorkspaceForeignKey(
        "workspaces.Member", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    keeps_amount = models.BooleanField(_("With the same sum"), default=False)
    order = models.PositiveSmallIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["order", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(trigger="stage", stage__isnull=False, closing=None)
                | Q(trigger__in=["won", "lost"], stage=None),
                name="tunnel_has_its_place",
            )
        ]

    def __str__(self) -> str:
        return f"{self.funnel} → {self.target}"

    @property
    def is_unattended(self) -> bool:
        """Whether it may open deals with nobody having closed one before, or at once: such may not form a circle."""
        return self.trigger == Trigger.STAGE or not self.after
