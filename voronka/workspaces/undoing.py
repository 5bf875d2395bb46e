"""Taking back what was done to members and teams, and telling what was changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.utils.translation import gettext as _

from voronka.core import clock
from voronka.core.edits import restored, shown
from voronka.core.errors import Refused
from voronka.workspaces.rights import Action, Subject

if TYPE_CHECKING:
    from voronka.journal.models import Event
    from voronka.workspaces.models import Member

NO_TEAM = "—"


def _model(name: str) -> Any:
    return apps.get_model("workspaces", name)


def told_changes(payload: Any) -> str:
    """One line for every changed field: «Role: Seller → Head of sales»."""
    model = _model({"MemberEdited": "Member", "TeamEdited": "Team"}.get(type(payload).__name__, "Workspace"))
    lines = []
    for attname, after in payload.after.items():
        field = model._meta.get_field(attname)
        before = payload.before.get(attname)
        lines.append(
            f"{str(field.verbose_name).capitalize()}: {_told(field, before)} → {_told(field, after)}"
        )
    return "\n".join(lines)


def _told(field: Any, value: Any) -> str:
    if value in (None, ""):
        return "—"
    if field.is_relation:
        found = field.remote_field.model.objects.filter(pk=value).first()
        return str(found) if found else "—"
    # A row that is never saved lends its names of choices.
    return shown(field.model(**{field.attname: value}), field.name)


def told_teams(payload: Any) -> str:
    return f"{payload.before_name or NO_TEAM} → {payload.after_name or NO_TEAM}"


def invitation_letter(payload: Any) -> str:
    return _("The letter to %(email)s has been sent; its link no longer works.") % {"email": payload.email}


def _write_back(obj: Any, payload: Any) -> list[str]:
    """Put the *before* values back; raises `Refused` if one of the fields has been changed since."""
    fields = []
    for attname, after in payload.after.items():
        if getattr(obj, attname) != restored(obj, attname, after):
            raise Refused(_("This has been changed again since: the newer change stays."))
        setattr(obj, attname, restored(obj, attname, payload.before[attname]))
        fields.append(attname)
    obj.save(update_fields=fields)
    return fields


def undo_workspace(event: Event, payload: Any, actor: Member) -> None:
    actor.require(Subject.WORKSPACE, Action.CONFIGURE)
    workspace = _model("Workspace").objects.select_for_update().get(pk=event.workspace_id)
    _write_back(workspace, payload)


def undo_invitation(event: Event, payload: Any, actor: Member) -> None:
    actor.require(Subject.MEMBER, Action.CREATE)
    invitation = _model("Invitation").objects.select_for_update().get(pk=payload.invitation)
    if invitation.accepted_at:
        raise Refused(_("The invitation has been accepted already."))
    if invitation.revoked_at is None:
        invitation.revoked_at = clock.now()
        invitation.save(update_fields=["revoked_at"])


def undo_member(event: Event, payload: Any, actor: Member) -> None:
    from voronka.workspaces.actions.members import keep_an_admin

    actor.require(Subject.MEMBER, Action.EDIT)
    _model("Workspace").objects.select_for_update().get(pk=event.workspace_id)
    member = _model("Member").objects.select_for_update(of=("self",)).get(pk=payload.member)
    _write_back(member, payload)
    keep_an_admin()


def undo_leaving(event: Event, payload: Any, actor: Member) -> None:
    actor.require(Subject.MEMBER, Action.DELETE)
    member = _model("Member").objects.select_for_update(of=("self",)).get(pk=payload.member)
    if member.status != "former":
        raise Refused(_("This has been changed again since: the newer change stays."))
    member.status = "active"
    member.save(update_fields=["status"])
    # Only where nobody else was put in charge meanwhile.
    _model("Team").objects.filter(pk__in=payload.headed, head=None).update(head=member)


def undo_team_created(event: Event, payload: Any, actor: Member) -> None:
    actor.require(Subject.MEMBER, Action.EDIT)
    team = _model("Team").objects.select_for_update().get(pk=payload.team)
    if team.members.exists() or team.children.exists():
        raise Refused(_("The team is in use already: archive it instead."))
    team.archived_at = clock.now()
    team.save(update_fields=["archived_at"])


def undo_team_edited(event: Event, payload: Any, actor: Member) -> None:
    from voronka.workspaces.actions.teams import refuse_cycle

    actor.require(Subject.MEMBER, Action.EDIT)
    _model("Workspace").objects.select_for_update().get(pk=event.workspace_id)
    team = _model("Team").objects.select_for_update().get(pk=payload.team)
    if "parent_id" in payload.before:
        refuse_cycle(team, payload.before["parent_id"])
    _write_back(team, payload)


def undo_team_archived(event: Event, payload: Any, actor: Member) -> None:
    actor.require(Subject.MEMBER, Action.EDIT)
    _model("Team").objects.filter(pk=payload.team).update(archived_at=None)


def undo_team_restored(event: Event, payload: Any, actor: Member) -> None:
    actor.require(Subject.MEMBER, Action.EDIT)
    team = _model("Team").objects.select_for_update().get(pk=payload.team)
    if team.members.filter(status="active").exists():
        raise Refused(_("The team is in use already."))
    team.archived_at = clock.now()
    team.save(update_fields=["archived_at"])
