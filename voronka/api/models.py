"""What the interface for programs remembers for itself: answers already given."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from voronka.core.tenancy import WorkspaceForeignKey, WorkspaceModel


class KeptAnswer(WorkspaceModel):
    """The answer to a request with an `Idempotency-Key`: the same request gets it again and does nothing twice."""

    token = WorkspaceForeignKey("workspaces.ApiToken", on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=100)
    # Of the method, the address and the body: another request under the same key is a mistake of the program.
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "token", "key"], name="kept_answer_once")]
        indexes = [models.Index(fields=["workspace", "created_at"], name="kept_answer_age")]

    def __str__(self) -> str:
        return self.key
