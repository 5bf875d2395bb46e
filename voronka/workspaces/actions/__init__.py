"""Verbs: accounts and companies, members, roles, teams, tokens of the API."""

from voronka.workspaces.actions.accounts import create_user, create_workspace, edit_profile, edit_workspace
from voronka.workspaces.actions.invitations import accept_invitation, invite, invite_again, revoke_invitation
from voronka.workspaces.actions.members import deactivate_member, edit_member, mark_former, return_member
from voronka.workspaces.actions.roles import create_role, delete_role, edit_role
from voronka.workspaces.actions.teams import archive_team, create_team, edit_team, restore_team
from voronka.workspaces.actions.tokens import count_use, create_token, live_token, revoke_token

__all__ = [
    "accept_invitation",
    "archive_team",
    "count_use",
    "create_role",
    "create_team",
    "create_token",
    "create_user",
    "create_workspace",
    "deactivate_member",
    "delete_role",
    "edit_member",
    "edit_profile",
    "edit_role",
    "edit_team",
    "edit_workspace",
    "invite",
    "invite_again",
    "live_token",
    "mark_former",
    "restore_team",
    "return_member",
    "revoke_invitation",
    "revoke_token",
]
