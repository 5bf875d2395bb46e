"""Teams: a tree with heads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from voronka.core import clock
from voronka.core.edits import merge, snapshot
from voronka.core.errors import Refused
from voronka.journal.actions import record
from voronka.workspaces.events import TeamArchived, TeamCreated, TeamEdited, TeamRestored
from voronka.workspaces.models import Member, MemberStatus, Team
from voronka.workspaces.rights import Action, Subject
from voronka.workspaces.rules import locked_workspace, require_text

EDITABLE = frozenset({"name", "parent", "head"})


@transaction.atomic
def create_team(*, actor: Member, name: str, parent: Team | None = None, head: Member | None = None) -> Team:
    """A new team, on top or under *parent*. Raises `Refused` for an empty name, an archived parent, a left head."""
    actor.require(Subject.MEMBER, Action.EDIT)
    _lock_tree(actor)
    name = require_text(name, Team, "name")
    team = Team(name=name, parent=_fresh(parent), head=head)
    _refuse_unfit(team)
    team.save()
    record(TeamCreated(team=team.pk, name=team.name), actor=actor, subjects=[("team", team.pk)])
    return team


@transaction.atomic
def edit_team(
    team: Team, *, actor: Member, changes: Mapping[str, Any], was: Mapping[str, Any] | None = None
) -> Team:
    """Rename (`name`), move (`parent`) or give another `head`.

    Raises `Refused` for a team moved into itself or below itself, `Conflict` for a lost race.
    """
    actor.require(Subject.MEMBER, Action.EDIT)
    if unknown := {name.removesuffix("_id") for name in changes} - EDITABLE:
        raise ValueError(f"not to be edited: {sorted(unknown)}")
    _lock_tree(actor)
    team = Team.objects.select_for_update().get(pk=team.pk)
    changes = dict(changes)
    if "name" in changes:
        changes["name"] = require_text(changes["name"], Team, "name")
    real = merge(team, changes, was)
    if not real:
        return team
    before = snapshot(team, real)
    if "parent_id" in real:
        refuse_cycle(team, real["parent_id"])
    for attname, value in real.items():
        setattr(team, attname, value)
    _refuse_unfit(team, fields=set(real))
    team.save(update_fields=list(real))
    record(
        TeamEdited(team=team.pk, name=team.name, before=before, after=snapshot(team, real)),
        actor=actor,
        subjects=[("team", team.pk)],
    )
    return team


@transaction.atomic
def archive_team(team: Team, *, actor: Member) -> Team:
    """Put an empty team away; a no-op if it is. Raises `Refused` while it has members or teams below it."""
    actor.require(Subject.MEMBER, Action.EDIT)
    _lock_tree(actor)
    team = Team.objects.select_for_update().get(pk=team.pk)
    if team.archived_at:
        return team
    if team.members.filter(status=MemberStatus.ACTIVE).exists():
        raise Refused(_("There are people in this team: move them to another one first."))
    if team.children.filter(archived_at=None).exists():
        raise Refused(_("There are teams below this one: move or archive them first."))
    team.archived_at = clock.now()
    team.save(update_fields=["archived_at"])
    record(TeamArchived(team=team.pk, name=team.name), actor=actor, subjects=[("team", team.pk)])
    return team


@transaction.atomic
def restore_team(team: Team, *, actor: Member) -> Team:
    """Bring an archived team back; a no-op if it is there. Raises `Refused` while the one above is archived."""
    actor.require(Subject.MEMBER, Action.EDIT)
    _lock_tree(actor)
    team = Team.objects.select_for_update(of=("self",)).select_related("parent").get(pk=team.pk)
    if team.archived_at is None:
        return team
    if team.parent and team.parent.archived_at:
        raise Refused(_("The team above it is archived: bring that one back first."))
    team.archived_at = None
    team.save(update_fields=["archived_at"])
    record(TeamRestored(team=team.pk, name=team.name), actor=actor, subjects=[("team", team.pk)])
    return team


def refuse_cycle(team: Team, parent_id: int | None) -> None:
    """Raise `Refused` if *parent_id* is *team* itself or lies below it."""
    parents = dict(Team.objects.values_list("pk", "parent_id"))
    above = parent_id
    while above is not None:
        if above == team.pk:
            raise Refused(_("A team cannot stand below itself."), field="parent")
        above = parents.get(above)


def _refuse_unfit(team: Team, fields: set[str] | None = None) -> None:
    """Look at the parent and the head of *team*, or only at those of the two that change."""
    if (fields is None or "parent_id" in fields) and team.parent and team.parent.archived_at:
        raise Refused(_("The team above is archived: choose another one."), field="parent")
    if (fields is None or "head_id" in fields) and team.head and not team.head.is_active:
        raise Refused(_("%(name)s does not work here any more.") % {"name": team.head.name}, field="head")


def _fresh(team: Team | None) -> Team | None:
    return Team.objects.get(pk=team.pk) if team else None


def _lock_tree(actor: Member) -> None:
    """Changes of the tree take turns: two moves at once could close a ring that neither of them sees."""
    locked_workspace(actor.workspace_id)
