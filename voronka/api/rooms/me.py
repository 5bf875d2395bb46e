"""Who the token is."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from ninja import Router, Schema

from voronka.api.access import ApiRequest, needs
from voronka.api.rooms.members import MemberOut, member_out
from voronka.workspaces.rights import Reach

router = Router()


class WorkspaceOut(Schema):
    slug: str
    name: str
    currency: str
    time_zone: str
    language: str


class TokenOut(Schema):
    name: str
    prefix: str
    scopes: list[str]
    reach: str
    expires_at: dt.datetime
    per_minute: int


class MeOut(Schema):
    """The member in whose name the token acts, the company, and what the token may."""

    member: MemberOut
    workspace: WorkspaceOut
    token: TokenOut


@router.get("/me/", response=MeOut, **needs())
def who_am_i(request: ApiRequest) -> dict[str, Any]:
    """The member, the company and the token."""
    token, workspace = request.token, request.token.workspace
    return {
        "member": member_out(request.member),
        "workspace": {
            name: getattr(workspace, name) for name in ("slug", "name", "currency", "time_zone", "language")
        },
        "token": {
            "name": token.name,
            "prefix": token.prefix,
            "scopes": token.scopes,
            "reach": Reach(token.reach).name.lower(),
            "expires_at": token.expires_at,
            "per_minute": settings.API_PER_MINUTE,
        },
    }
