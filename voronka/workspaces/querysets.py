"""Finding members."""

from __future__ import annotations

from typing import Any

from voronka.core.tenancy import WorkspaceQuerySet


class MemberQuerySet(WorkspaceQuerySet):
    """Members of a workspace."""

    def active(self) -> Any:
        return self.filter(status="active")

    def of_user(self, user: Any) -> Any:
        """Active memberships of a user; the only question asked across workspaces."""
        return self.filter(user=user, status="active").select_related("workspace", "role", "team")
