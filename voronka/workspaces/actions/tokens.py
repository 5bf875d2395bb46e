"""Tokens of the API: made and revoked by people, found and counted by every request of a program."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction
from django.utils.translation import gettext as _

from voronka.core import clock
from voronka.core.errors import Forbidden, Refused
from voronka.journal.actions import record
from voronka.workspaces.events import TokenCreated, TokenRevoked
from voronka.workspaces.models import ApiToken, Member
from voronka.workspaces.rights import Action, Reach, Subject
from voronka.workspaces.rules import locked_workspace, require_text
from voronka.workspaces.scopes import Scope

# Says whose secret it is to whoever finds one in a repository or in a log.
MARK: Final = "vrk_"
SHOWN: Final = 12
LONGEST_TERM: Final = dt.timedelta(days=1100)
MOST_LIVE: Final = 20


@dataclass(frozen=True)
class Use:
    """What a request found of its limit: how many there were in this minute, and in how many seconds it ends."""

    count: int
    seconds_left: int


@transaction.atomic
def create_token(
    *, actor: Member, name: str, scopes: Iterable[str], expires_at: dt.datetime, reach: int = Reach.OWN
) -> tuple[ApiToken, str]:
    """A token of the actor's own and its secret, which is kept nowhere.

    Raises `Refused` for no name, no or unknown scopes, a term that is over or longer than three years, and for too
    many tokens. A reach beyond the member's own is not refused: rights are asked anew with every request.
    """
    name = require_text(name, ApiToken, "name")
    wanted = sorted(set(scopes))
    if not wanted or not set(wanted) <= set(Scope.values):
        raise Refused(_("Choose what the token is for."), field="scopes")
    if reach not in (Reach.OWN, Reach.TEAM, Reach.ALL):
        raise Refused(_("There is no such choice."), field="reach")
    locked_workspace(actor.workspace_id)
    now = clock.now()
    if not now < expires_at <= now + LONGEST_TERM:
        raise Refused(
            _("A token lives for three years at most, and not less than till now."), field="expires_at"
        )
    live = ApiToken.objects.filter(member=actor, revoked_at=None, expires_at__gt=now)
    if live.count() >= MOST_LIVE:
        raise Refused(_("You have too many tokens: revoke those that are out of use."))
    secret = MARK + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        member=actor,
        name=name,
        prefix=secret[:SHOWN],
        digest=secret_digest(secret),
        scopes=wanted,
        reach=int(reach),
        created_at=now,
        expires_at=expires_at,
    )
    record(
        TokenCreated(token.pk, name, token.prefix, wanted, int(reach), expires_at.isoformat()),
        actor=actor,
        subjects=[("member", actor.pk)],
        at=now,
    )
    return token, secret


@transaction.atomic
def revoke_token(token: ApiToken, *, actor: Member) -> ApiToken:
    """Make the token worthless from the next request on; a no-op if it is.

    One revokes one's own; who configures the company, anybody's. Raises `Forbidden`.
    """
    token = ApiToken.objects.select_for_update(of=("self",)).select_related("member").get(pk=token.pk)
    if token.member_id != actor.pk and not actor.may(Subject.WORKSPACE, Action.CONFIGURE):
        raise Forbidden(f"revoke token {token.pk}")
    if token.revoked_at is not None:
        return token
    token.revoked_at = clock.now()
    token.save(update_fields=["revoked_at"])
    record(
        TokenRevoked(token.pk, token.name, token.prefix, token.member.name),
        actor=actor,
        subjects=[("member", token.member_id)],
    )
    return token


def secret_digest(secret: str) -> str:
    """What is stored of a secret. It is random and long, so a plain digest cannot be guessed back."""
    return hashlib.sha256(secret.encode()).hexdigest()


def live_token(secret: str) -> ApiToken | None:
    """The token of this secret with its member, role and workspace; None for one that opens nothing (any more).

    Asked before any workspace is known: the secret says which one it is.
    """
    if not secret.startswith(MARK) or not secret.isascii():
        return None
    token: ApiToken | None = (
        ApiToken.objects.unscoped()
        .filter(digest=secret_digest(secret))
        .select_related("workspace", "member__role", "member__team", "member__user")
        .first()
    )
    if token is None or not token.is_live:
        return None
    user = token.member.user
    return token if token.member.is_active and user is not None and user.is_active else None


def count_use(token: ApiToken, *, seconds: int = 60) -> Use:
    """Count one more request of the token, in windows of *seconds* that every web process shares."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE workspaces_apitoken SET
                last_used_at = clock_timestamp(),
                window_count = CASE WHEN window_at > clock_timestamp() - %(term)s * interval '1 second'
                                    THEN window_count + 1 ELSE 1 END,
                window_at = CASE WHEN window_at > clock_timestamp() - %(term)s * interval '1 second'
                                 THEN window_at ELSE clock_timestamp() END
            WHERE id = %(id)s
            RETURNING window_count,
                greatest(1, ceil(%(term)s - extract(epoch FROM clock_timestamp() - window_at)))::int
            """,
            {"id": token.pk, "term": seconds},
        )
        row = cursor.fetchone()
    return Use(*row) if row else Use(1, seconds)
