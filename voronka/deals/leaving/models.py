"""What people have said and decided about exit criteria of a deal."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from voronka.core.tenancy import WorkspaceForeignKey, WorkspaceModel


class Tick(WorkspaceModel):
    """A line of a checklist that is ticked in a deal."""

    deal = WorkspaceForeignKey("deals.Deal", on_delete=models.CASCADE, related_name="ticks")
    criterion = WorkspaceForeignKey("playbook.Criterion", on_delete=models.PROTECT, related_name="+")
    line = models.CharField(max_length=200)
    member = WorkspaceForeignKey("workspaces.Member", on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "deal", "criterion", "line"], name="tick_once")
        ]

    def __str__(self) -> str:
        return self.line


class Approval(WorkspaceModel):
    """A seller asked the head to let a deal go on with this sum; open while nobody has decided."""

    deal = WorkspaceForeignKey("deals.Deal", on_delete=models.CASCADE, related_name="approvals")
    criterion = WorkspaceForeignKey("playbook.Criterion", on_delete=models.PROTECT, related_name="+")
    amount_base = models.DecimalField(max_digits=15, decimal_places=2, null=True)
    comment = models.TextField(blank=True)
    asked_by = WorkspaceForeignKey("workspaces.Member", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    decided_by = WorkspaceForeignKey(
        "workspaces.Member", on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    approved = models.BooleanField(null=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "deal", "criterion"],
                condition=Q(approved=None),
                name="approval_one_open",
            )
        ]
        indexes = [
            # The queue of heads.
            models.Index(fields=["workspace", "asked_at"], name="approval_open", condition=Q(approved=None)),
            models.Index(fields=["workspace", "deal"], name="approval_of_deal"),
        ]

    def __str__(self) -> str:
        return f"{self.deal_id}: {self.approved}"


class Passage(WorkspaceModel):
    """How a deal passed a criterion when it left the stage: met, or gone on without it."""

    criterion = WorkspaceForeignKey("playbook.Criterion", on_delete=models.PROTECT, related_name="+")
    deal = WorkspaceForeignKey("deals.Deal", on_delete=models.CASCADE, related_name="+")
    event = WorkspaceForeignKey("journal.Event", on_delete=models.PROTECT, related_name="+")
    met = models.BooleanField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "criterion", "at"], include=["met"], name="passage_share")
        ]

    def __str__(self) -> str:
        return f"{self.deal_id}: {self.met}"


class LimitsRun(WorkspaceModel):
    """The day through which heads have been told of limits: what passed while nobody was on watch is told later."""

    day = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace"], name="limits_run_once")]

    def __str__(self) -> str:
        return f"{self.day}"


class LimitTold(WorkspaceModel):
    """A head was told that a deal has stood on a stage for this share of its limit; when nobody reacts, the next head
    up is told."""

    deal = WorkspaceForeignKey("deals.Deal", on_delete=models.CASCADE, related_name="+")
    stage = WorkspaceForeignKey("playbook.Stage", on_delete=models.PROTECT, related_name="+")
    # Which stay on the stage is meant.
    stage_since = models.DateTimeField()
    share = models.PositiveSmallIntegerField()
    head = WorkspaceForeignKey("workspaces.Member", on_delete=models.CASCADE, related_name="+")
    told_at = models.DateTimeField(default=timezone.now)
    # Also when nothing had to be done: it is looked at once.
    escalated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "deal", "stage_since", "share", "head"], name="limit_told_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["workspace", "told_at"], name="limit_told_open", condition=Q(escalated_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.deal_id}: {self.share} %"
