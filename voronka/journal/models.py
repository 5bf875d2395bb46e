"""The event log. Rows are written by `record()` only and never change, except to note that they were undone."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from voronka.core.tenancy import WorkspaceForeignKey, WorkspaceManager, WorkspaceModel
from voronka.journal.querysets import EventQuerySet


class Event(WorkspaceModel):
    """One thing that happened: who did what, when, with the typed payload of its declared type."""

    type = models.CharField(max_length=60)
    at = models.DateTimeField(default=timezone.now)
    actor = WorkspaceForeignKey("workspaces.Member", on_delete=models.PROTECT, null=True, related_name="+")
    payload = models.JSONField(default=dict)
    # The event whose consequence this one is; undoing that one undoes this one first.
    cause = WorkspaceForeignKey("self", on_delete=models.PROTECT, null=True, related_name="consequences")
    undone_by = WorkspaceForeignKey("self", on_delete=models.PROTECT, null=True, related_name="undid")

    objects: ClassVar[Any] = WorkspaceManager.of(EventQuerySet)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-id"], name="event_recent"),
            # Audit and the reports of one kind of event.
            models.Index(fields=["workspace", "type", "-id"], name="event_by_type"),
        ]

    def __str__(self) -> str:
        return f"{self.type} #{self.pk}"


class EventSubject(WorkspaceModel):
    """Whose feed an event belongs to: one row for every card that shows it."""

    event = WorkspaceForeignKey(Event, on_delete=models.CASCADE, related_name="subjects")
    kind = models.CharField(max_length=20)
    object_id = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "kind", "object_id", "event"], name="event_subject_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.object_id}"
