"""What can happen to roles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_noop as N_

from voronka.journal.registry import event_type
from voronka.workspaces import role_undoing as undoing
from voronka.workspaces.role_words import name_of, told_role


@event_type(
    "role.created",
    sentence=N_("Role created: {name}"),
    icon="shield-plus",
    undo=undoing.undo_created,
    webhook=False,
)
@dataclass(frozen=True)
class RoleCreated:
    """*copy_of* names the role whose rights it took over, if any."""

    role: int
    name: str
    copy_of: str = ""


@event_type(
    "role.edited",
    sentence=N_("Role “{title}” changed"),
    icon="shield-cog",
    describe=lambda p: {"title": name_of(p.name, p.code)},
    body=told_role,
    undo=undoing.undo_edited,
    webhook=False,
)
@dataclass(frozen=True)
class RoleEdited:
    """Changed columns only: `name`, `rights`, `hidden_fields`, `readonly_fields`, each whole."""

    role: int
    code: str
    name: str
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)


@event_type(
    "role.deleted",
    sentence=N_("Role deleted: {name}"),
    icon="shield-x",
    undo=undoing.undo_deleted,
    webhook=False,
)
@dataclass(frozen=True)
class RoleDeleted:
    """*kept* holds the columns of the row; the members *moved* have the role *moved_to* since."""

    role: int
    name: str
    kept: dict[str, Any]
    moved: list[int] = field(default_factory=list)
    moved_to: int | None = None
