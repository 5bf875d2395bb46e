"""Views that people save, the columns they choose, and the long work that they ask of lists."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from voronka.core.tenancy import WorkspaceForeignKey, WorkspaceModel


class SavedView(WorkspaceModel):
    """A filter with its order and columns under a name: one's own, or shared with everybody.

    `where` is the tree in its normal form (`conditions.Group.to_text`); a pinned view is a tab over the list.
    """

    subject = models.CharField(max_length=20)
    name = models.CharField(_("Name"), max_length=80)
    owner = WorkspaceForeignKey("workspaces.Member", on_delete=models.PROTECT, related_name="+")
    is_shared = models.BooleanField(default=False)
    is_pinned = models.BooleanField(default=True)
    where = models.TextField(blank=True)
    search = models.CharField(max_length=200, blank=True)
    sort = models.CharField(max_length=200, blank=True)
    columns = models.JSONField(default=list)
    widths = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["workspace", "subject", "id"], name="view_of_subject", condition=Q(deleted_at=None)
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def code(self) -> str:
        """How addresses name it, beside the views made in code."""
        return str(self.pk)


class FirstView(WorkspaceModel):
    """Which view a list opens with, for everybody of a role."""

    subject = models.CharField(max_length=20)
    role = WorkspaceForeignKey("workspaces.Role", on_delete=models.CASCADE, related_name="+")
    view = models.CharField(max_length=30)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "subject", "role"], name="first_view_once")
        ]

    def __str__(self) -> str:
        return f"{self.subject}: {self.view}"


class ListLayout(WorkspaceModel):
    """The columns that a member chose for a view, in their order, and their widths."""

    member = WorkspaceForeignKey("workspaces.Member", on_delete=models.CASCADE, related_name="+")
    subject = models.CharField(max_length=20)
    view = models.CharField(max_length=30)
    columns = models.JSONField(default=list)
    widths = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "member", "subject", "view"], name="layout_once")
        ]

    def __str__(self) -> str:
        return f"{self.subject}: {self.view}"


class JobKind(models.TextChoices):
    """What is asked of the list."""

    BULK = "bulk", _("bulk action")
    UNDO = "undo", _("taking a bulk action back")
    EXPORT = "export", _("export")


class JobStatus(models.TextChoices):
    """Where it stands."""

    QUEUED = "queued", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


class ListJob(WorkspaceModel):
    """A bulk action, its undoing, or an export: how far it is, what came of it, its file.

    `options` say what to do (ids, verb, parameters; or filter, order, columns); `result` has the counts
    (`changed`, `same`, `refused`) and up to a few hundred refusals as [id, name, sentence].
    """

    kind = models.CharField(max_length=10, choices=JobKind.choices)
    subject = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    member = WorkspaceForeignKey("workspaces.Member", on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=JobStatus.choices, default=JobStatus.QUEUED)
    options = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    event = WorkspaceForeignKey(
        "journal.Event", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    file_path = models.CharField(max_length=255, blank=True)
    file_name = models.CharField(max_length=150, blank=True)
    message = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["workspace", "member", "-id"], name="list_job_of_member")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_over(self) -> bool:
        return self.status in (JobStatus.DONE, JobStatus.FAILED)

    @property
    def refusals(self) -> list[Any]:
        return self.result.get("refusals", [])
