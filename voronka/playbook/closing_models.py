"""How deals end by the book: closing statuses, and when a loss needs a second key or a deal counts as dead."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.core.tenancy import Versioned, WorkspaceForeignKey, WorkspaceModel


class End(models.TextChoices):
    """Under which outcome a closing status stands."""

    WON = "won", pgettext_lazy("end of a funnel", "Won")
    LOST = "lost", pgettext_lazy("end of a funnel", "Lost")


class ClosingStatus(Versioned, WorkspaceModel):
    """A way in which deals of a funnel end («Оплачено», «Отложено»). Archived, never deleted: history refers to it."""

    funnel = WorkspaceForeignKey("playbook.Funnel", on_delete=models.PROTECT, related_name="closing_statuses")
    outcome = models.CharField(max_length=4, choices=End.choices)
    name = models.CharField(pgettext_lazy("of a thing", "Name"), max_length=100)
    # What it means, for who chooses.
    about = models.CharField(_("When it is chosen"), max_length=250, blank=True)
    order = models.PositiveSmallIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["outcome", "order", "id"]
        verbose_name_plural = "closing statuses"

    def __str__(self) -> str:
        return self.name


class ClosingRules(Versioned, WorkspaceModel):
    """Rules of endings: of one funnel, or (without one) of every funnel that has none of its own."""

    funnel = WorkspaceForeignKey(
        "playbook.Funnel", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    asks_won_reason = models.BooleanField(_("A reason for winning is required"), default=False)
    # A loss above this sum (in the workspace's currency), or after fewer contacts, is proposed to the head.
    confirm_above = models.DecimalField(
        _("The head confirms a loss above the sum"), max_digits=15, decimal_places=2, null=True, blank=True
    )
    confirm_attempts = models.PositiveSmallIntegerField(
        _("The head confirms a loss after fewer contacts than"), null=True, blank=True
    )
    # When an open deal counts as dead; empty: this rule is off. Calendar days.
    silent_days = models.PositiveSmallIntegerField(_("No contact for, days"), null=True, blank=True)
    planless_days = models.PositiveSmallIntegerField(_("Nothing planned for, days"), null=True, blank=True)
    outlasts = models.BooleanField(_("In work longer than 99 of 100 won deals"), default=False)

    class Meta:
        verbose_name_plural = "closing rules"
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "funnel"], name="closing_rules_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return str(self.funnel or "")
