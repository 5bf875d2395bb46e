"""Taking back what was done to roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.utils.translation import gettext as _

from voronka.core.errors import Refused
from voronka.workspaces.rights import Action, Subject

if TYPE_CHECKING:
    from voronka.journal.models import Event
    from voronka.workspaces.models import Member


def _begin(event: Event, actor: Member) -> Any:
    actor.require(Subject.WORKSPACE, Action.CONFIGURE)
    apps.get_model("workspaces", "Workspace").objects.select_for_update().get(pk=event.workspace_id or 0)
    return apps.get_model("workspaces", "Role").objects


def undo_created(event: Event, payload: Any, actor: Member) -> None:
    from voronka.workspaces.actions.roles import refuse_in_use

    role = _begin(event, actor).select_for_update().filter(pk=payload.role).first()
    if role is None:
        raise Refused(_("The role has been deleted since."))
    refuse_in_use(role)
    role.delete()


def undo_edited(event: Event, payload: Any, actor: Member) -> None:
    from voronka.workspaces.actions.members import keep_an_admin

    role = _begin(event, actor).select_for_update().filter(pk=payload.role).first()
    if role is None:
        raise Refused(_("The role has been deleted since."))
    for name, after in payload.after.items():
        if getattr(role, name) != after:
            raise Refused(_("This has been changed again since: the newer change stays."))
        setattr(role, name, payload.before[name])
    role.save(update_fields=list(payload.after))
    keep_an_admin()


def undo_deleted(event: Event, payload: Any, actor: Member) -> None:
    from voronka.workspaces.actions.members import keep_an_admin

    role = _begin(event, actor).create(pk=payload.role, **payload.kept)
    members = apps.get_model("workspaces", "Member").objects
    # Only those who have not been given another role meanwhile.
    members.filter(pk__in=payload.moved, role=payload.moved_to).update(role=role)
    keep_an_admin()
