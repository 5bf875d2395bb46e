"""Verbs: accounts and companies, members, teams."""

from voronka.workspaces.actions.accounts import create_user, create_workspace, edit_profile, edit_workspace
from voronka.workspaces.actions.invitations import accept_invitation, invite, invite_again, revoke_invitation
from voronka.workspaces.actions.members import deactivate_member, edit_member, mark_former, return_member
from voronka.workspaces.actions.teams import archive_team, create_team, edit_team, restore_team

__all__ = [
    "accept_invitation",
    "archive_team",
    "create_team",
    "create_user",
    "create_workspace",
    "deactivate_member",
    "edit_member",
    "edit_profile",
    "edit_team",
    "edit_workspace",
    "invite",
    "invite_again",
    "mark_former",
    "restore_team",
    "return_member",
    "revoke_invitation",
]
