"""What people propose and decide about the end of a deal."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from voronka.core.tenancy import WorkspaceForeignKey, WorkspaceModel


class Verdict(models.TextChoices):
    """What became of a proposed loss."""

    OPEN = "", pgettext_lazy("proposed loss", "waits for a decision")
    CONFIRMED = "confirmed", pgettext_lazy("proposed loss", "confirmed")
    RETURNED = "returned", pgettext_lazy("proposed loss", "returned to work")
    HANDED = "handed", pgettext_lazy("proposed loss", "handed over")
    WITHDRAWN = "withdrawn", pgettext_lazy("proposed loss", "withdrawn")


class LossProposal(WorkspaceModel):
    """A seller turned the first key of a loss; the deal stays open until a head turns the second."""

    deal = WorkspaceForeignKey("deals.Deal", on_delete=models.CASCADE, related_name="loss_proposals")
    reason = WorkspaceForeignKey("playbook.Reason", on_delete=models.PROTECT, related_name="+")
    closing = WorkspaceForeignKey(
        "playbook.ClosingStatus", on_delete=models.PROTECT, null=True, related_name="+"
    )
    comment = models.TextField(blank=True)
    # Why one key is not enough: "sum", "attempts".
    because = models.JSONField(default=list)
    asked_by = WorkspaceForeignKey("workspaces.Member", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    verdict = models.CharField(max_length=9, choices=Verdict.choices, blank=True, default=Verdict.OPEN)
    decided_by = WorkspaceForeignKey(
        "workspaces.Member", on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "deal"], condition=Q(verdict=""), name="loss_proposal_one_open"
            )
        ]
        indexes = [
            # The queue of heads.
            models.Index(
                fields=["workspace", "asked_at"], name="loss_proposal_open", condition=Q(verdict="")
            ),
            models.Index(fields=["workspace", "deal"], name="loss_proposal_of_deal"),
        ]

    def __str__(self) -> str:
        return f"{self.deal_id}: {self.verdict}"

    @property
    def is_open(self) -> bool:
        return self.verdict == Verdict.OPEN


class TunnelRun(WorkspaceModel):
    """A deal came to a tunnel: `target` is the deal that was opened, none while its day has not come.

    Both deals show it to each other. `problem` says why nothing could be opened.
    """

    source = WorkspaceForeignKey("deals.Deal", on_delete=models.CASCADE, related_name="tunnels_on")
    tunnel = WorkspaceForeignKey("playbook.Tunnel", on_delete=models.PROTECT, related_name="runs")
    target = WorkspaceForeignKey(
        "deals.Deal", on_delete=models.CASCADE, null=True, related_name="tunnels_back"
    )
    due_on = models.DateField()
    # What brought the deal to the tunnel; undone, it takes the plan back.
    event = WorkspaceForeignKey(
        "journal.Event", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    problem = models.CharField(max_length=250, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "source", "tunnel"], name="tunnel_run_once")
        ]
        indexes = [
            # What is to be opened today.
            models.Index(
                fields=["workspace", "due_on"], name="tunnel_run_due", condition=Q(target=None, problem="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} → {self.target_id}"


class Comeback(WorkspaceModel):
    """A lost deal that returns to work by itself on its day, as its reason says."""

    deal = WorkspaceForeignKey("deals.Deal", on_delete=models.CASCADE, related_name="comebacks")
    due_on = models.DateField()
    # Who goes on with it; empty: who had it.
    member = WorkspaceForeignKey("workspaces.Member", on_delete=models.PROTECT, null=True, related_name="+")
    event = WorkspaceForeignKey(
        "journal.Event", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "deal"], condition=Q(done_at=None), name="comeback_once"
            )
        ]
        indexes = [
            models.Index(fields=["workspace", "due_on"], name="comeback_due", condition=Q(done_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.deal_id}: {self.due_on}"
