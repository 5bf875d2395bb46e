"""Members: their role, team and details; leaving and coming back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.db import transaction
from django.utils.translation import gettext as _

from voronka.core.edits import merge, snapshot
from voronka.core.errors import Forbidden, Refused
from voronka.core.text import clean, fold
from voronka.journal.actions import record
from voronka.workspaces.events import (
    FormerMemberNoted,
    MemberEdited,
    MemberJoined,
    MemberLeft,
    MemberTeamChanged,
)
from voronka.workspaces.leaving import open_things
from voronka.workspaces.models import Member, MemberStatus, Role, Team
from voronka.workspaces.rights import Action, RoleCode, Subject
from voronka.workspaces.rules import fitting_text, locked_workspace, require_text

EDITABLE = frozenset({"name", "post", "phone", "role", "team"})


@transaction.atomic
def edit_member(
    member: Member, *, actor: Member, changes: Mapping[str, Any], was: Mapping[str, Any] | None = None
) -> Member:
    """Change `name`, `post`, `phone`, `role`, `team` of a member.

    A new team is an event of its own (`member.team_changed`), which the member's open deals follow. Raises
    `Refused` when the company would be left without an administrator, `Conflict` for a lost race, `Forbidden` for a
    role that can do more than the actor's own.
    """
    actor.require(Subject.MEMBER, Action.EDIT)
    if unknown := {name.removesuffix("_id") for name in changes} - EDITABLE:
        raise ValueError(f"not to be edited: {sorted(unknown)}")
    member = _locked(member)
    real = merge(member, _cleaned(changes), was)
    if "role_id" in real:
        refuse_more_than_own(actor, Role.objects.get(pk=real["role_id"]))
    team_before = member.team
    details = {name: value for name, value in real.items() if name != "team_id"}
    before = snapshot(member, details)
    for attname, value in real.items():
        setattr(member, attname, value)
    if "team_id" in real and member.team and member.team.archived_at:
        raise Refused(_("The team is archived: choose another one."), field="team")
    if real:
        member.save(update_fields=list(real))
    if "role_id" in real:
        keep_an_admin()
    if details:
        record(
            MemberEdited(member=member.pk, name=member.name, before=before, after=snapshot(member, details)),
            actor=actor,
            subjects=[("member", member.pk)],
        )
    if "team_id" in real:
        record(
            MemberTeamChanged(
                member=member.pk,
                name=member.name,
                team_before=team_before.pk if team_before else None,
                team_after=member.team_id,
                before_name=team_before.name if team_before else "",
                after_name=member.team.name if member.team else "",
            ),
            actor=actor,
            subjects=[("member", member.pk)],
        )
    return member


def _cleaned(changes: Mapping[str, Any]) -> dict[str, Any]:
    cleaned = dict(changes)
    if "name" in cleaned:
        cleaned["name"] = require_text(cleaned["name"], Member, "name")
    for name in ("post", "phone"):
        if name in cleaned:
            cleaned[name] = fitting_text(cleaned[name], Member, name)
    return cleaned


@transaction.atomic
def deactivate_member(member: Member, *, actor: Member, leave_open: bool = False) -> Member:
    """The member leaves: no way in from now on, the name stays with the history, headed teams lose their head.

    A no-op if the member has left already. Raises `Refused` for the last administrator, and while something open is
    in the member's name, unless it is to stay there (*leave_open*); `activities.leaving.let_go` hands it over.
    """
    actor.require(Subject.MEMBER, Action.DELETE)
    member = _locked(member)
    if member.status == MemberStatus.FORMER:
        return member
    if not leave_open and (things := open_things(member)):
        raise Refused(
            _("%(name)s still has: %(what)s. Hand them over, or say that they stay.")
            % {"name": member.name, "what": ", ".join(words for _n, words in things.values())}
        )
    headed = list(Team.objects.filter(head=member).values_list("pk", flat=True))
    Team.objects.filter(pk__in=headed).update(head=None)
    member.status = MemberStatus.FORMER
    member.save(update_fields=["status"])
    keep_an_admin()
    _end_sessions(member)
    record(
        MemberLeft(member=member.pk, name=member.name, headed=headed),
        actor=actor,
        subjects=[("member", member.pk)],
    )
    return member


@transaction.atomic
def return_member(member: Member, *, actor: Member) -> Member:
    """Let a former member in again, with the role and team of before; a no-op for a present one.

    Raises `Refused` for a name without an account (from an import): such a person is to be invited.
    """
    actor.require(Subject.MEMBER, Action.CREATE)
    member = _locked(member)
    if member.status == MemberStatus.ACTIVE:
        return member
    if member.user_id is None:
        raise Refused(_("%(name)s has no account here: send an invitation instead.") % {"name": member.name})
    member.status = MemberStatus.ACTIVE
    fields = ["status"]
    if member.team and member.team.archived_at:
        member.team = None
        fields.append("team")
    member.save(update_fields=fields)
    record(
        MemberJoined(member=member.pk, name=member.name, returned=True),
        actor=actor,
        subjects=[("member", member.pk)],
    )
    return member


@transaction.atomic
def mark_former(name: str, *, actor: Member) -> Member:
    """The former colleague of that name, noted if unknown: imported deals belong to somebody.

    Names are compared folded; a name longer than the column is cut, as files bring anything.
    """
    name = clean(name, Member._meta.get_field("name").max_length)
    if not name:
        raise Refused(_("Fill in this field."), field="name")
    locked_workspace(actor.workspace_id)
    wanted = fold(name)
    for known in Member.objects.filter(status=MemberStatus.FORMER):
        if fold(known.name) == wanted:
            return known
    role = Role.objects.get(code=RoleCode.SELLER)
    member = Member.objects.create(name=name, role=role, status=MemberStatus.FORMER)
    record(FormerMemberNoted(member=member.pk, name=name), actor=actor, subjects=[("member", member.pk)])
    return member


def _end_sessions(member: Member) -> None:
    """Sign the person out everywhere, unless there is another company to work in: this one is closed at any rate."""
    if member.user_id is None or Member.objects.unscoped().of_user(member.user).exists():
        return
    sessions = apps.get_model("usersessions", "UserSession").objects.filter(user_id=member.user_id)
    keys = list(sessions.values_list("session_key", flat=True))
    apps.get_model("sessions", "Session").objects.filter(session_key__in=keys).delete()
    sessions.delete()


def keep_an_admin() -> None:
    """Raise `Refused` if nobody is left who can manage the company (the workspace's row must be locked)."""
    able = Role.objects.filter(rights__workspace__configure__gt=0, rights__member__edit__gt=0)
    admins = Member.objects.filter(
        status=MemberStatus.ACTIVE, user__isnull=False, user__is_active=True, role__in=able
    )
    if not admins.exists():
        raise Refused(_("The company needs at least one administrator: make somebody else one first."))


def refuse_more_than_own(actor: Member, role: Role) -> None:
    """Raise `Forbidden` when *role* can do more than *actor*, who does not manage roles: nobody lifts oneself up."""
    if actor.may(Subject.WORKSPACE, Action.CONFIGURE):
        return
    for subject, actions in role.rights.items():
        for action, far in actions.items():
            if int(far) > actor.reach(subject, action):
                raise Forbidden(f"give away {action} {subject}")
    for subject in ("deal", "client", "activity", "product"):
        hidden = set(role.hidden_fields.get(subject, ()))
        if not actor.hidden_fields(subject) <= hidden:
            raise Forbidden(f"give away hidden fields of {subject}")


def _locked(member: Member) -> Member:
    """The member, fresh; the workspace's row is locked first, so that changes of staff take turns."""
    locked_workspace(member.workspace_id)
    return (
        Member.objects.select_for_update(of=("self",))
        .select_related("role", "team", "user")
        .get(pk=member.pk)
    )
