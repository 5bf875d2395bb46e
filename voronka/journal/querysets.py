"""Reading the log."""

from __future__ import annotations

from typing import Any

from voronka.core.tenancy import WorkspaceQuerySet


class EventQuerySet(WorkspaceQuerySet):
    """Events, newest first where a feed is asked for."""

    def feed_of(self, kind: str, object_id: int) -> Any:
        """The feed of one card, newest first; page it by `id__lt`."""
        return (
            self.filter(subjects__kind=kind, subjects__object_id=object_id)
            .select_related("actor")
            .order_by("-id")
        )
