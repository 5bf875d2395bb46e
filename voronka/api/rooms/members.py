"""Colleagues and teams, to be read."""

from __future__ import annotations

from typing import Any

from ninja import Query, Router, Schema
from pydantic import Field

from voronka.api.access import ApiRequest, found, needs
from voronka.api.paging import Order, page
from voronka.api.shapes import Asked, Id, Listed, Ref, ref
from voronka.workspaces.models import Member, MemberStatus, Team

router = Router()


class MemberOut(Schema):
    """A colleague; the former ones stay, since history belongs to somebody."""

    id: int
    name: str
    email: str
    post: str
    role: str
    team: Ref | None
    status: str


class TeamOut(Schema):
    """A department; `parent` is the id of the one above."""

    id: int
    name: str
    parent: int | None
    head: Ref | None
    archived: bool


class MembersAsked(Asked):
    former: bool = Field(False, description="those who left instead of those who work here")


def member_out(row: Member) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "email": row.email,
        "post": row.post,
        "role": row.role.code,
        "team": ref(row.team),
        "status": row.status,
    }


@router.get("/members/", response=Listed[MemberOut], **needs("members:read"))
def list_members(request: ApiRequest, asked: Query[MembersAsked]) -> dict[str, Any]:
    """Colleagues by name."""
    request.member.require("member", "see")
    status = MemberStatus.FORMER if asked.former else MemberStatus.ACTIVE
    rows = Member.objects.filter(status=status).select_related("role", "team")
    paged = page(rows, {"name": Order("name")}, "name", asked.cursor, asked.limit)
    return {"items": [member_out(row) for row in paged.rows], "next": paged.next}


@router.get("/members/{member_id}/", response=MemberOut, **needs("members:read"))
def get_member(request: ApiRequest, member_id: Id) -> dict[str, Any]:
    """One colleague."""
    request.member.require("member", "see")
    return member_out(found(Member.objects.select_related("role", "team"), member_id))


@router.get("/teams/", response=list[TeamOut], **needs("members:read"))
def list_teams(request: ApiRequest) -> list[dict[str, Any]]:
    """All teams, archived ones too."""
    request.member.require("member", "see")
    return [
        {
            "id": team.pk,
            "name": team.name,
            "parent": team.parent_id,
            "head": ref(team.head),
            "archived": team.archived_at is not None,
        }
        for team in Team.objects.select_related("head").order_by("name", "pk")
    ]
