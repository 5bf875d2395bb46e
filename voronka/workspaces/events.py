"""What happens to a company account, its members and teams."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_noop as N_

from voronka.journal.registry import event_type
from voronka.workspaces import undoing


@event_type("workspace.created", sentence=N_("Company account created: {name}"), icon="building-plus")
@dataclass(frozen=True)
class WorkspaceCreated:
    name: str
    slug: str


@event_type(
    "workspace.edited",
    sentence=N_("Company settings changed"),
    icon="settings",
    body=undoing.told_changes,
    undo=undoing.undo_workspace,
)
@dataclass(frozen=True)
class WorkspaceEdited:
    """*before* and *after* hold the changed fields only: field name -> value."""

    before: dict[str, Any]
    after: dict[str, Any]


@event_type(
    "member.invited",
    sentence=N_("Invited {email}"),
    icon="mail-forward",
    undo=undoing.undo_invitation,
    left_house=undoing.invitation_letter,
    personal=("email", "name"),
)
@dataclass(frozen=True)
class MemberInvited:
    invitation: int
    email: str
    name: str
    role: str


@event_type(
    "member.invited_again",
    sentence=N_("Invitation sent again to {email}"),
    icon="mail-forward",
    personal=("email",),
)
@dataclass(frozen=True)
class MemberInvitedAgain:
    invitation: int
    email: str


@event_type(
    "member.invitation_revoked",
    sentence=N_("Invitation of {email} revoked"),
    icon="mail-off",
    personal=("email",),
)
@dataclass(frozen=True)
class InvitationRevoked:
    invitation: int
    email: str


@event_type("member.joined", sentence=N_("{name} joined the company"), icon="user-plus", personal=("name",))
@dataclass(frozen=True)
class MemberJoined:
    """*returned*: a former member who came back."""

    member: int
    name: str
    returned: bool = False


@event_type(
    "member.edited",
    sentence=N_("{name}: details changed"),
    icon="user-edit",
    body=undoing.told_changes,
    undo=undoing.undo_member,
    personal=("name", "before", "after"),
)
@dataclass(frozen=True)
class MemberEdited:
    """Changed fields only; a role stands as `role_id`."""

    member: int
    name: str
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)


@event_type(
    "member.team_changed",
    sentence=N_("{name} moved to another team"),
    icon="users-group",
    body=undoing.told_teams,
    personal=("name",),
)
@dataclass(frozen=True)
class MemberTeamChanged:
    """Deals of the member follow to the new team; ids are None for "no team"."""

    member: int
    name: str
    team_before: int | None
    team_after: int | None
    before_name: str
    after_name: str


@event_type(
    "member.left",
    sentence=N_("{name} left the company"),
    icon="user-minus",
    undo=undoing.undo_leaving,
    personal=("name",),
)
@dataclass(frozen=True)
class MemberLeft:
    """*headed*: ids of the teams that lost their head with it."""

    member: int
    name: str
    headed: list[int] = field(default_factory=list)


@event_type(
    "member.former_noted", sentence=N_("Former colleague noted: {name}"), icon="user-off", personal=("name",)
)
@dataclass(frozen=True)
class FormerMemberNoted:
    member: int
    name: str


@event_type(
    "team.created", sentence=N_("Team created: {name}"), icon="users-plus", undo=undoing.undo_team_created
)
@dataclass(frozen=True)
class TeamCreated:
    team: int
    name: str


@event_type(
    "team.edited",
    sentence=N_("Team “{name}” changed"),
    icon="users-group",
    body=undoing.told_changes,
    undo=undoing.undo_team_edited,
)
@dataclass(frozen=True)
class TeamEdited:
    """Changed fields only: `name`, `parent_id`, `head_id`."""

    team: int
    name: str
    before: dict[str, Any]
    after: dict[str, Any]


@event_type(
    "team.archived", sentence=N_("Team “{name}” archived"), icon="archive", undo=undoing.undo_team_archived
)
@dataclass(frozen=True)
class TeamArchived:
    team: int
    name: str


@event_type(
    "team.restored",
    sentence=N_("Team “{name}” brought back"),
    icon="archive-off",
    undo=undoing.undo_team_restored,
)
@dataclass(frozen=True)
class TeamRestored:
    team: int
    name: str


@event_type("token.created", sentence=N_("API token created: {name} ({prefix}…)"), icon="key", webhook=False)
@dataclass(frozen=True)
class TokenCreated:
    """*reach* as in `rights.Reach`, *expires_at* in ISO form. The secret is nowhere."""

    token: int
    name: str
    prefix: str
    scopes: list[str]
    reach: int
    expires_at: str


@event_type(
    "token.revoked", sentence=N_("API token revoked: {name} ({prefix}…)"), icon="key-off", webhook=False
)
@dataclass(frozen=True)
class TokenRevoked:
    """*member* is the name of the one whose token it was."""

    token: int
    name: str
    prefix: str
    member: str
